"""Calls of operations that last longer than their lease, in real processes by real clocks; and processes that end.

The lease is shortened, and nothing else: a call of five seconds is to one of a second what one of minutes is to 30.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.operations import Operation
from tests.bpmn_models import end, flows, process, service_task, start
from tests.engine.stage import OWNER, STARTERS, Stage

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to kill and to stop with"),
]

ROOT = Path(__file__).parents[2]
LEASE = 3.0
MODEL = process("p", start(), service_task("t", "order"), end(), flows("s", "t", "e"), properties=OWNER, **STARTERS)
PROGRAM = """
import os, sys, time
from datetime import timedelta
from engine.jobs import operations as calls
from engine.operations import Operation, Operations
from engine.process_engine import ProcessEngine
from forms.catalog import MarshmallowForms

url, notes, hold, lease = sys.argv[1:]
calls.LEASE, calls.RENEW_SECONDS = timedelta(seconds=float(lease)), float(lease) / 6
file = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def note(what, key):
    os.write(file, f"{what} {key} {os.getpid()} {time.time()}\\n".encode())

def order(call):
    note("began", call.key)
    while os.path.exists(hold):
        time.sleep(0.02)
    note("ended", call.key)
    return {}

order = Operation("order", "Order", "Orders things.", order)
engine = ProcessEngine(url, MarshmallowForms(), operations=Operations([order]))
scheduler = engine.scheduler(cap_seconds=0.1)
scheduler.start()
print("ready", flush=True)
sys.stdin.read()
scheduler.stop(timeout=1)
print("stopped", flush=True)
"""
HANGS = """
import sys, threading
from engine.errors import StepFailed
from engine.operations import Operation, Operations
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from forms.catalog import MarshmallowForms

order = Operation("order", "Order", "Never ends.", lambda: threading.Event().wait(), pure=True)
engine = ProcessEngine(sys.argv[1], MarshmallowForms(), operations=Operations([order]))
for _ in range(4):
    try:
        engine.runtime.start("p", {}, actor=ENGINE)
    except StepFailed as failed:
        print(failed.reason, flush=True)
"""


class Note(NamedTuple):
    """What a call wrote down: `began` or `ended`, its key, in which process, when."""

    what: str
    key: str
    process: int
    at: float


class Yard:
    """Processes that call the operation, which lasts as long as a file is there."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self._notes, self._hold = stage, folder / "notes", folder / "hold"
        self._hold.touch()
        self.running: dict[int, subprocess.Popen[str]] = {}

    def begin(self, number: int) -> list[int]:
        """Start processes, and return their ids when all of them look for work."""
        command = [sys.executable, "-c", PROGRAM, self.stage.url, str(self._notes), str(self._hold), str(LEASE)]
        for _ in range(number):
            begun = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.running[begun.pid] = begun
        for begun in self.running.values():
            assert begun.stdout is not None
            assert begun.stdout.readline() == "ready\n"
        return [*self.running]

    def release(self) -> None:
        """Let all calls end."""
        self._hold.unlink()

    def notes(self, what: str) -> list[Note]:
        if not self._notes.exists():
            return []
        found = (line.split() for line in self._notes.read_text().splitlines())
        return [Note(kind, key, int(pid), float(at)) for kind, key, pid, at in found if kind == what]

    def close(self) -> None:
        for each in self.running.values():
            each.kill()
            each.communicate()


@pytest.fixture
def yard(database: str, tmp_path: Path) -> Iterator[Yard]:
    stage = Stage(database, operations=[Operation("order", "Order", "Orders things.", lambda _: {})])
    stage.deploy(p__bpmn=MODEL)
    made = Yard(stage, tmp_path)
    yield made
    made.close()
    stage.close()


def until(condition: Callable[[], object], seconds: float = 120) -> None:
    late = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < late
        time.sleep(0.02)


def completed(stage: Stage) -> int:
    found: int = stage.value("SELECT count(*) FROM activity_event WHERE kind = 'case.completed'")
    return found


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Let a process stand still, as one does whose machine sleeps."""
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)


def test_a_call_that_lasts_longer_than_its_lease_is_made_once(yard: Yard) -> None:
    yard.begin(2)
    yard.stage.start()
    until(lambda: yard.notes("began"))
    leases = set()
    late = time.monotonic() + 3 * LEASE
    while time.monotonic() < late:
        leases.add(yard.stage.value("SELECT leased_until FROM job"))
        time.sleep(0.1)
    yard.release()
    until(lambda: completed(yard.stage))
    assert len(yard.notes("began")) == len(yard.notes("ended")) == 1
    assert len(leases) > 3, "it was renewed again and again"
    assert yard.stage.count("failure") == 0


def test_the_call_of_a_killed_process_is_made_by_another_after_the_lease(yard: Yard) -> None:
    pids = set(yard.begin(2))
    yard.stage.start()
    until(lambda: yard.notes("began"))
    (first,) = yard.notes("began")
    time.sleep(LEASE)  # it has been renewed meanwhile
    yard.running[first.process].kill()
    killed_at = time.time()
    yard.release()
    until(lambda: completed(yard.stage))
    _, second = yard.notes("began")
    assert {second.process} == pids - {first.process}
    assert second.key == first.key, "the other system can tell"
    assert second.at - killed_at > LEASE / 3, "not before the lease has run out"
    assert len(yard.notes("ended")) == 1
    assert completed(yard.stage) == 1


def test_what_a_process_brings_that_stood_still_for_too_long_counts_for_nothing(yard: Yard) -> None:
    yard.begin(2)
    yard.stage.start()
    until(lambda: yard.notes("began"))
    (first,) = yard.notes("began")
    with stopped(first.process):
        until(lambda: len(yard.notes("began")) == 2)
        yard.release()
        until(lambda: completed(yard.stage))
    until(lambda: len(yard.notes("ended")) == 2)
    time.sleep(1)
    assert completed(yard.stage) == 1
    assert yard.stage.count("failure") == 0


def test_a_call_that_never_ends_keeps_no_program_from_ending(yard: Yard) -> None:
    (pid,) = yard.begin(1)
    yard.stage.start()
    until(lambda: yard.notes("began"))
    told, _ = yard.running[pid].communicate(timeout=120)
    assert told == "stopped\n"
    assert yard.running[pid].returncode == 0
    assert yard.notes("ended") == []


def test_a_pure_operation_that_never_ends_keeps_no_program_from_ending(yard: Yard) -> None:
    """Nor does it take one more thread each time that a case meets it."""
    run = subprocess.run(
        [sys.executable, "-c", HANGS, yard.stage.url], cwd=ROOT, capture_output=True, text=True, timeout=180, check=True
    )
    said = run.stdout.splitlines()
    assert [("longer than 1 seconds" in each, "is not called" in each) for each in said] == [
        (True, False),
        (True, False),
        (False, True),
        (False, True),
    ]
    assert yard.stage.count("process_instance") == 0
