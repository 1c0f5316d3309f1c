"""Prints how long the figures of a process take at a million events, and the same from the log.

Usage: python benchmarks/figures.py [--cases 50000] [--database URL] [--rounds 7] [--kept]

The cases are those of figures_data.py. The database has to be empty (with `--kept`: filled by this program before);
the default is a new SQLite file that is deleted afterwards. Filling it takes minutes. Times are lower quartiles of the
rounds, after one that is not counted: of CPU here, of that of PostgreSQL's process that serves it (0 unless it runs on
the same Linux), and of the wall.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sqlalchemy as sa

from benchmarks.figures_data import CASES, END, KEYS, ORGANISATIONS, PROCESS, SERVICES, prepared
from engine import managed
from engine.measuring.rows import LOG_COLUMNS
from engine.metrics.log_facts import EndedCase, LogEvent
from engine.metrics.periods import Period
from engine.metrics.summary import summarise
from engine.metrics.sums import Sums
from engine.persistence import models
from engine.persistence.statements import EVENT
from engine.process_engine import ProcessEngine
from engine.types import Actor
from engine.views.performance import FigureFilter
from forms.catalog import MarshmallowForms

OWNER = Actor("owen", "Owen", frozenset({"process_owner"}), frozenset({"owners"}))
TARGETS = {"cycle_time.p85": "at most 30 days", "first_time_right": "at least 60 %", "to_judgement.median": "2 days"}
LAST = END.date() - timedelta(days=1)


def main() -> None:
    """Fill a database, unless it is, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--database")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--kept", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{folder}/figures.sqlite"
        if not given.kept:
            fill(url, given.cases)
        engine = ProcessEngine(url, MarshmallowForms(), lambda: END)
        try:
            measure(engine, given.rounds)
        finally:
            engine.close()


def fill(url: str, cases: int) -> None:
    """Fill an empty database with cases, their figures and sums."""
    engine = prepared(url, cases)
    _govern(engine)
    _analyse(engine)
    engine.management.rebuild_figures()
    _analyse(engine)
    engine.management.sum_days()
    _analyse(engine)
    engine.close()


def _govern(engine: ProcessEngine) -> None:
    """Give the process a framework with targets, as a case would have written it."""
    body = {"targets": [{"measure": key, "target": text} for key, text in TARGETS.items()]}
    with engine.database.write() as connection:
        managed.store(connection, [replace(PROCESS, framework="frameworks")], END)
        deployment = connection.execute(sa.select(models.Resource.id).limit(1)).scalar_one()
        register = {"key": "frameworks", "name": "Frameworks", "definition": {}, "form_resource_id": deployment}
        record = {"register": "frameworks", "version": 1, "status": None, "created_at": END}
        connection.execute(sa.insert(models.Register), {**register, "changed_at": END})
        connection.execute(
            sa.insert(models.Record), {**record, "id": "F-1", "title": "F", "changed_at": END, "text": ""}
        )
        connection.execute(
            sa.insert(models.RecordVersion), {**record, "record_id": "F-1", "body": body, "created_by": "owen"}
        )


def _analyse(engine: ProcessEngine) -> None:
    """Let PostgreSQL look at the tables, as it does by itself in time; SQLite never does."""
    if engine.database.dialect == "postgresql":
        with engine.database.write() as connection:
            connection.execute(sa.text("ANALYZE"))


def measure(engine: ProcessEngine, rounds: int) -> None:
    """Print each page's time, its statements, and what reading the log takes for one period."""
    service = engine.performance
    month, year = (FigureFilter(Period.of_days(days, LAST)) for days in (30, 365))
    run_on = FigureFilter(Period.of_days(30, END.date()))
    earlier = FigureFilter(Period.of_days(30, LAST - timedelta(days=180)))
    asked: dict[str, Callable[[], Any]] = {
        "overview": lambda: service.processes(OWNER),
        "30 days and eleven before": lambda: service.performance(PROCESS.key, OWNER, month),
        "30 days up to now": lambda: service.performance(PROCESS.key, OWNER, run_on),
        "30 days half a year ago": lambda: service.performance(PROCESS.key, OWNER, earlier),
        "365 days and what is before": lambda: service.performance(PROCESS.key, OWNER, year),
        "heat map, 30 days": lambda: service.heat_map(PROCESS.key, OWNER, month),
        "heat map, 365 days": lambda: service.heat_map(PROCESS.key, OWNER, year),
        "cases behind, 365 days": lambda: service.cases_behind(PROCESS.key, "cycle_time.p85", OWNER, year),
        "the last to end, 365 days": lambda: service.cases_behind(PROCESS.key, "completed", OWNER, year),
    }
    filters: dict[str, dict[str, Any]] = {
        "version": {"version": 1},
        "service": {"service": SERVICES[3]},
        "organisation": {"organisation": ORGANISATIONS[7]},
        "priority": {"priority": "high"},
        "group": {"group": "clerks"},
        "group and priority": {"group": "clerks", "priority": "normal"},
    }
    for name, facts in filters.items():
        for period in (month, year):
            wanted = FigureFilter(period.period, **facts)
            label = f"by {name}, {period.period.days} days"
            asked[label] = lambda wanted=wanted: service.performance(PROCESS.key, OWNER, wanted)  # type: ignore[misc]
    for name in ("priority", "group"):
        wanted = FigureFilter(year.period, **filters[name])
        asked[f"heat map by {name}, 365 days"] = lambda wanted=wanted: service.heat_map(PROCESS.key, OWNER, wanted)  # type: ignore[misc]
        asked[f"cases behind by {name}, 365 days"] = lambda wanted=wanted: service.cases_behind(  # type: ignore[misc]
            PROCESS.key, "cycle_time.p85", OWNER, wanted
        )
    print(f"{'':<36}{'CPU ms':>8}{'server':>8}{'wall ms':>9}{'statements':>12}")
    server = _server(engine)
    for name, ask in asked.items():
        print(f"{name:<36}{_taken(ask, rounds, server)}{_statements(engine, ask):>12}", flush=True)
    print(f"{'30 days from the log':<36}{_taken(lambda: from_log(engine, LAST), 1, server)}")


def from_log(engine: ProcessEngine, last: date) -> Sums:
    """Return the sums of the cases that ended in 30 days, as they would be found without rows: from their events."""
    period = Period.of_days(30, last)
    ended = sa.select(EVENT.c.instance_id).where(
        EVENT.c.definition_key.in_(KEYS),
        EVENT.c.at >= period.start,
        EVENT.c.at < period.end,
        EVENT.c.kind.in_(("case.completed", "case.cancelled")),
    )
    found = Sums()
    log = sa.select(EVENT.c.definition_key, *LOG_COLUMNS).where(EVENT.c.instance_id.in_(ended))
    with engine.database.read() as connection:
        rows = connection.execute(log.order_by(EVENT.c.instance_id, EVENT.c.id)).all()
    for instance, events in groupby(rows, key=lambda row: row.instance_id):
        own = list(events)
        case = EndedCase(instance, own[0].definition_key, 1, None, 50, None, {})
        found.add_case(summarise(case, cast(list[LogEvent], own), PROCESS, lambda _: None))
    return found


def _server(engine: ProcessEngine) -> Path | None:
    """Return where Linux tells the CPU time of the process that serves the engine's one connection, if it does."""
    if engine.database.dialect != "postgresql":
        return None
    with engine.database.read() as connection:
        number = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    told = Path(f"/proc/{number}/schedstat")
    return told if told.exists() else None


def _taken(ask: Callable[[], Any], rounds: int, server: Path | None) -> str:
    taken = []
    for _ in range(rounds + 1):
        before = _clocks(server)
        ask()
        taken.append([after - begun for after, begun in zip(_clocks(server), before, strict=True)])
    cpu, served, wall = (sorted(each)[rounds // 4] * 1000 for each in zip(*taken[1:], strict=True))
    return f"{cpu:>8.0f}{served:>8.0f}{wall:>9.0f}"


def _clocks(server: Path | None) -> tuple[float, float, float]:
    served = int(server.read_text(encoding="ascii").split()[0]) / 1e9 if server else 0.0
    return time.process_time(), served, time.perf_counter()


def _statements(engine: ProcessEngine, ask: Callable[[], Any]) -> int:
    seen: list[str] = []
    sa.event.listen(engine.database.engine, "before_cursor_execute", note := lambda *facts: seen.append(facts[2]))
    ask()
    sa.event.remove(engine.database.engine, "before_cursor_execute", note)
    return len(seen)


if __name__ == "__main__":
    main()
