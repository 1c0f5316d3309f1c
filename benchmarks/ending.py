"""Prints what the end of a case costs, with and without its figures, beside a completion in the middle of a case.

    python benchmarks/ending.py [--database sqlite:///FILE | postgresql://...] [--cases 60]

Cases of eight user tasks, each claimed before; medians of CPU time and wall time, the most statements. The database has
to be empty; the default is a new SQLite file that is deleted afterwards.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.bench.model import STAGES, files
from engine.process_engine import ProcessEngine
from engine.types import ENGINE, Actor, Json
from engine.unit_of_work import unit as unit_of_work
from engine.unit_of_work.saving import save_figures
from forms.catalog import MarshmallowForms

ANN = Actor("ann", "Ann", frozenset({"staff"}), frozenset({"analysts"}))
FIELDS: Mapping[str, Json] = {"rework": False, "comment": "fine", "kind": "a", "level": 3, "day": "2026-12-01"}


class Cost:
    """What completions have cost: CPU and wall time in milliseconds, statements."""

    def __init__(self) -> None:
        self.cpu: list[float] = []
        self.wall: list[float] = []
        self.statements = 0

    def __str__(self) -> str:
        return f"CPU {median(self.cpu):5.2f} ms   wall {median(self.wall):6.2f} ms   {self.statements} statements"


@contextmanager
def measured(engine: ProcessEngine, cost: Cost) -> Iterator[None]:
    """Add to `cost` what the block takes."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(engine.database.engine, "before_cursor_execute", counted)
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    cost.cpu.append((time.process_time() - cpu) * 1000)
    cost.wall.append((time.perf_counter() - wall) * 1000)
    event.remove(engine.database.engine, "before_cursor_execute", counted)
    cost.statements = max(cost.statements, count)


def run(engine: ProcessEngine, cases: int) -> tuple[Cost, Cost]:
    """Take so many cases from start to end; return the costs of going on and of ending."""
    going_on, ending = Cost(), Cost()
    for _ in range(cases):
        case = engine.runtime.start("stages", {"note": "A note."}, actor=ANN)
        for stage in range(STAGES):
            (task,) = engine.history.case(case.id, ENGINE).tasks
            engine.tasks.claim(task.id, actor=ANN)
            with measured(engine, ending if stage == STAGES - 1 else going_on):
                engine.tasks.complete(task.id, FIELDS, actor=ANN)
    return going_on, ending


def main() -> None:
    """Measure without figures and with them, twice in turn, after a few cases to warm up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database")
    parser.add_argument("--cases", type=int, default=60)
    given = parser.parse_args()

    def nothing(*_: Any) -> None:
        """Write no figures."""

    with tempfile.TemporaryDirectory() as folder:
        engine = ProcessEngine(given.database or f"sqlite:///{folder}/ending.sqlite", MarshmallowForms())
        try:
            engine.migrate()
            engine.repository.deploy(files(), name="benchmark", actor=ENGINE)
            run(engine, 10)
            for save in (nothing, save_figures) * 2:
                vars(unit_of_work)["save_figures"] = save
                going_on, ending = run(engine, given.cases)
                print(f"{'without' if save is nothing else 'with'} figures")
                print(f"  going on   {going_on}\n  ending     {ending}")
        finally:
            engine.close()


if __name__ == "__main__":
    main()
