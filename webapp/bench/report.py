"""Owns the report of `comity bench`: a table of costs, and the ratios that count. It measures nothing."""

from collections.abc import Iterator
from statistics import median
from typing import Final

from engine.bench.meter import Variant, quartiles
from webapp.bench.run import SHORT, Bench

MOST: Final = 1.5
"""A step may cost so many times its yardstick."""

FLAT: Final = 1.1
"""A completion in a long case may cost so many times one in a short case."""

_HEAD: Final = f"{'':<42}{'CPU ms':>9}{'quartiles':>17}{'wall ms':>9}{'quartiles':>17}{'statements':>12}{'commits':>9}"


def lines(bench: Bench) -> Iterator[str]:
    """Yield the lines of the report; times are medians in milliseconds."""
    yield _HEAD
    yield from map(_row, bench.variants)
    yield ""
    yield f"{'ratios':<42}{'CPU':>9}{'wall':>9}"
    yield _ratio("completion / yardstick", bench.completion, bench.yardstick, most=MOST)
    yield _ratio("completion / yardstick, the case not read", bench.completion, bench.unread, most=MOST)
    yield _ratio(f"{bench.late.name} / after {SHORT}", bench.late, bench.early, most=FLAT)
    yield _ratio(
        "completion through HTTP / (yardstick + POST)", bench.handed_in, bench.yardstick, bench.post, most=MOST
    )
    yield _ratio("start / yardstick", bench.start, bench.yardstick_start, most=MOST)
    yield _ratio("start / yardstick, nothing read", bench.start, bench.start_unread, most=MOST)
    yield _ratio(
        "start through HTTP / (yardstick + POST)", bench.asked_for, bench.yardstick_start, bench.post, most=MOST
    )
    yield _ratio("completion / in memory", bench.completion, bench.memory)
    yield _ratio("JSON round trip / completion", bench.stock, bench.completion)
    yield ""
    yield _script(bench)
    yield f"state of a case: {bench.state_bytes:,} bytes"
    rows = bench.rows()
    named = ", ".join(f"{count} {name}" for name, count in rows.items())
    yield f"rows of a case of eight tasks that has ended: {sum(rows.values())} ({named})"


def _row(variant: Variant) -> str:
    counts = f"{variant.statements or '':>12}{variant.commits or '':>9}"
    return f"{variant.name:<42}{_spread(variant.cpu)}{_spread(variant.wall)}{counts}".rstrip()


def _spread(values: list[float]) -> str:
    low, high = quartiles(values)
    return f"{median(values):>9.3f}{f'{low:.3f}-{high:.3f}':>17}"


def _ratio(name: str, variant: Variant, *others: Variant, most: float | None = None) -> str:
    cpu = median(variant.cpu) / sum(median(each.cpu) for each in others)
    wall = median(variant.wall) / sum(median(each.wall) for each in others)
    verdict = "" if most is None else f"   at most {most}: {'met' if cpu <= most else 'missed'}"
    return f"{name:<42}{cpu:>9.2f}{wall:>9.2f}{verdict}"


def _script(bench: Bench) -> str:
    here = median(bench.scripted.cpu) - median(bench.completion.cpu)
    said = "of its worker the system tells nothing"
    if bench.scripted.workers:
        said = f"{sum(bench.scripted.workers) / len(bench.scripted.workers):.3f} ms in its worker"
    return f"a script task: {here:.3f} ms of CPU here and {said}"
