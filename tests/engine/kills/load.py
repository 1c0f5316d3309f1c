"""Owns the load of the kill tests: a process that counts its own steps in its data, and the programs that work on it.

Each program acknowledges a step, in a file and on the disk, only after the engine has said that it is done.
"""

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from engine.errors import ConcurrentUpdate
from engine.operations import Operation, Operations
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from engine.views import WorklistFilter
from forms.catalog import MarshmallowForms
from tests.bpmn_models import (
    call,
    catch,
    end,
    flow,
    flows,
    gateway,
    into,
    message,
    out,
    process,
    reads,
    receive_task,
    service_task,
    signal,
    signal_event,
    start,
    store,
    timer,
    user_task,
    writes,
)
from tests.engine.stage import ANN, STARTERS, form

ROUNDS: Final = 3
MOST_OPEN: Final = 40
LEASES_PASS: Final = timedelta(minutes=2)

Role = Callable[[ProcessEngine, "Acknowledged", random.Random], None]


def _counting(identity: str, variable: str) -> str:
    """A call that adds one to a variable: a step that happens twice counts twice."""
    return call(identity, "nothing", into(variable, variable) + out(f"{variable} + 1", variable, expression=True))


COUNTED: Final = {"asked": ROUNDS, "fired": 1, "called": 1, "told": 1, "heard": 1}
"""How often each kind of step happens to a case."""

_NUMBERS = [{"type": "number", "key": key, "label": key} for key in COUNTED]
_REGISTERS = b"""
registers:
  - {key: orders, name: Orders, variable: order, prefix: O, form: order, title: reference,
     statuses: [final], readers: [staff], maintainers: [staff]}
"""
FILES: Final = {
    "order.form": form("order", "reference", *_NUMBERS),
    "registers.yaml": _REGISTERS,
    "nothing.bpmn": process("nothing", start(), end(), flows("s", "e"), **STARTERS),
    "work.bpmn": process(
        "work",
        start("s", inner=writes("first"), form="order"),
        gateway("split", "parallel"),
        gateway("again"),
        user_task("ask", candidateGroups="analysts"),
        _counting("asks", "asked"),
        gateway("enough", default="on"),
        catch("wait", timer("Duration", "PT1S")),
        _counting("fires", "fired"),
        receive_task("hear", "m", {"correlationKey": "reference"}),
        _counting("tells", "told"),
        service_task("order", "order"),
        _counting("calls", "called"),
        catch("listen", signal_event("n")),
        _counting("hears", "heard"),
        gateway("join", "parallel"),
        user_task("last", inner=reads("second") + writes("second"), candidateGroups="analysts"),
        end(),
        store("first", "orders"),
        store("second", "orders"),
        flows("s", "split", "again", "ask", "asks", "enough"),
        flow("enough", "again", f"asked < {ROUNDS}"),
        flow("enough", "join", identity="on"),
        flows("split", "wait", "fires", "join"),
        flows("split", "order", "calls", "join"),
        flows("split", "listen", "hears", "join"),
        flows("split", "hear", "tells", "join"),
        flows("join", "last", "e"),
        around=message("m", "told") + signal("n", "news"),
        **STARTERS,
    ),
}


class Acknowledged:
    """The file of acknowledgements: a line that is in it stays in it, whatever is killed."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, kind: str, identity: str) -> None:
        os.write(self._file, f"{kind} {identity}\n".encode())
        os.fsync(self._file)


def opened(url: str, ahead: timedelta = timedelta()) -> ProcessEngine:
    """Return an engine whose clock is `ahead`."""
    order = Operation("order", "Order", "Does nothing, outside of a step.", lambda _: {})
    return ProcessEngine(url, MarshmallowForms(), lambda: datetime.now(UTC) + ahead, Operations([order]))


def start_cases(engine: ProcessEngine, told: Acknowledged, chance: random.Random) -> None:
    """Start cases, as long as not too many are open."""
    while True:
        if _open(engine) >= MOST_OPEN:
            time.sleep(0.05)
            continue
        values = {"reference": f"{chance.getrandbits(64):x}", **dict.fromkeys(COUNTED, 0)}
        told.note("start", engine.runtime.start("work", values, actor=ANN).id)


def _open(engine: ProcessEngine) -> int:
    with engine.database.read() as connection:
        found: int = connection.exec_driver_sql(
            "select count(*) from process_instance where status = 'active'"
        ).scalar_one()
    return found


def complete_tasks(engine: ProcessEngine, told: Acknowledged, chance: random.Random) -> None:
    """Complete whatever stands in the worklist."""
    while True:
        rows = engine.tasks.worklist(ANN, filter=WorklistFilter(), limit=20).rows
        if not rows:
            time.sleep(0.02)
            continue
        task = chance.choice(rows)
        try:
            engine.tasks.complete(task.id, {}, actor=ANN)
        except ConcurrentUpdate:
            continue
        told.note("complete", task.id)


def send_messages(engine: ProcessEngine, told: Acknowledged, chance: random.Random) -> None:
    """Send each case the message that it waits for; one that is not acknowledged may be sent again."""
    sent: set[str] = set()
    while True:
        with engine.database.read() as connection:
            waiting = "select correlation_key from subscription where kind = 'message'"
            keys = connection.exec_driver_sql(waiting).scalars().all()
        fresh = sorted(set(keys) - sent)
        if not fresh:
            time.sleep(0.05)
            continue
        key = chance.choice(fresh)
        told.note("message", engine.runtime.send_message("told", key, {}, actor=ENGINE).message_id)
        sent.add(key)


def throw_signals(engine: ProcessEngine, told: Acknowledged, chance: random.Random) -> None:
    """Throw the signal that cases wait for, now and then."""
    del told
    while True:
        time.sleep(chance.uniform(0.1, 0.5))
        engine.runtime.throw_signal("news", actor=ENGINE)


def run_due(engine: ProcessEngine, told: Acknowledged, chance: random.Random) -> None:
    """Do what a scheduler does."""
    del told, chance
    scheduler = engine.scheduler(cap_seconds=0.1)
    scheduler.start()
    while True:
        time.sleep(1)


ROLES: Final[dict[str, Role]] = {
    "starter": start_cases,
    "clerk": complete_tasks,
    "other clerk": complete_tasks,
    "messenger": send_messages,
    "thrower": throw_signals,
    "scheduler": run_due,
    "other scheduler": run_due,
}
