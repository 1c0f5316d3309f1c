"""Owns the measuring: variants take turns, so that a machine which is busy for a while is so for all of them."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from sqlalchemy import Engine, event

_PROCESSES: Final = Path("/proc")


def nothing() -> None:
    """Prepare nothing."""


@dataclass(slots=True)
class Variant:
    """Something to measure: `run` is timed, `prepare` comes before it and is not.

    It has its turn in every `every`-th round. `with_workers` says that other processes work for it.
    """

    name: str
    run: Callable[[], object]
    prepare: Callable[[], object] = nothing
    every: int = 1
    with_workers: bool = False
    cpu: list[float] = field(default_factory=list)
    """milliseconds of this process's CPU time, one entry for each run"""
    wall: list[float] = field(default_factory=list)
    """milliseconds by the clock"""
    workers: list[float] = field(default_factory=list)
    """milliseconds of CPU time of the worker processes, empty where the system does not tell"""
    statements: int | None = None
    commits: int | None = None
    """of writing transactions"""

    def forget(self) -> None:
        """Forget what was measured so far."""
        for samples in (self.cpu, self.wall, self.workers):
            samples.clear()


def measure(variants: Sequence[Variant], rounds: int) -> None:
    """Let the variants take turns for so many rounds; each round begins with another one."""
    for index in range(rounds):
        first = index % len(variants)
        for variant in (*variants[first:], *variants[:first]):
            if index % variant.every == 0:
                _once(variant)


def count(variant: Variant, engine: Engine) -> None:
    """Note how many statements and writing commits one run of the variant makes on `engine`."""
    variant.prepare()
    with counted(engine) as counts:
        variant.run()
    variant.statements, variant.commits = counts["statements"], counts["commits"]


@contextmanager
def counted(engine: Engine) -> Iterator[dict[str, int]]:
    """Count `statements` and `commits` of writing transactions on `engine` within the block."""
    counts = {"statements": 0, "commits": 0}

    def statement(*_: Any) -> None:
        counts["statements"] += 1

    def commit(connection: Any) -> None:
        counts["commits"] += bool(connection.get_execution_options().get("write"))

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield counts
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def worker_seconds() -> float | None:
    """Return the CPU time that living child processes of this one have used, None where the system does not tell.

    The operating system adds up children that have ended only, and the workers of scripts live on.
    """
    total, own = 0.0, os.getpid()
    try:
        processes = [each for each in _PROCESSES.iterdir() if each.name.isdigit()]
    except OSError:
        return None
    if not processes:
        return None
    for process in processes:
        try:
            parent = int((process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            if parent == own:
                total += _threads_seconds(process)
        except (OSError, ValueError, IndexError):
            continue  # it has just ended
    return total


def _threads_seconds(process: Path) -> float:
    """Return what the threads of a process have used: `schedstat` counts nanoseconds, `stat` hundredths of a second."""
    threads = (process / "task").iterdir()
    return sum(int((each / "schedstat").read_text(encoding="ascii").split()[0]) for each in threads) / 1e9


def _once(variant: Variant) -> None:
    variant.prepare()
    before = worker_seconds() if variant.with_workers else None
    cpu, wall = time.process_time(), time.perf_counter()
    variant.run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    variant.cpu.append(cpu * 1e3)
    variant.wall.append(wall * 1e3)
    after = worker_seconds() if variant.with_workers else None
    if before is not None and after is not None:
        variant.workers.append((after - before) * 1e3)


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """Return the first and the third quartile of at least one value."""
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high
