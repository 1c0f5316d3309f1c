"""Prints what the completion of a user task costs, at each level of the product.

    python benchmarks/step.py [--database sqlite:///FILE | postgresql://...] [--rounds 300]

Everything is measured in one run, on the same model and the same kilobyte of data, after a hundred completions:
SpiffWorkflow in memory with pruned history, the interpreter with its stored state, the engine on a database, and the
web application. Figures hold as ratios to the first line. Times are the best of five runs.
"""
# ruff: noqa: SLF001 - SpiffWorkflow has no public way to cut its history off

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import html
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.camunda.parser import CamundaParser
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import event

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.stages import files, model
from engine.bpmn import interpreter
from engine.bpmn.context import ProcessSource, StepContext
from engine.bpmn.executable import build
from engine.process_engine import ProcessEngine
from engine.types import ENGINE, Actor, Json, RecordRef, Step
from forms.catalog import MarshmallowForms
from webapp import Config, create_app
from webapp.passwords import hash_password

WARM = 100
BEST_OF = 5
PASSWORD = "made up for the benchmark"  # noqa: S105 - of an account that lives as long as the run
NOTE = "A kilobyte of text that the case carries along. " * 21
FIELDS: Mapping[str, Json] = {"rework": True, "comment": "fine", "kind": "a", "level": 3, "day": "2026-12-01"}
ANN = Actor("ann", "Ann", frozenset({"staff"}), frozenset({"analysts"}))


class Bare:
    """SpiffWorkflow as it comes, in memory, with its finished history cut off after every step."""

    def __init__(self) -> None:
        parser = CamundaParser()
        parser.add_bpmn_str(model('"PT48H"'))
        self.workflow = BpmnWorkflow(parser.get_spec("stages"), parser.get_subprocess_specs("stages"))
        self.workflow.task_tree.data.update({"note": NOTE})
        self.workflow.do_engine_steps()

    def complete(self) -> None:
        """Complete the task that waits."""
        task = self.workflow.get_next_task(state=TaskState.READY, manual=True)
        task.set_data(**FIELDS)
        task.run()
        self.workflow.do_engine_steps()
        self._prune()

    def _prune(self) -> None:
        """Hang the last finished task above everything that is unfinished under the root, and drop what is between."""
        tasks, root = self.workflow.tasks, self.workflow.task_tree
        live = set()
        for task in list(tasks.values()):
            above = task if task.has_state(TaskState.NOT_FINISHED_MASK) else None
            while above is not None and above.id not in live:
                live.add(above.id)
                above = tasks.get(above._parent)
        current = root
        while True:
            below = [tasks[child] for child in current._children if child in live]
            if len(below) != 1 or not below[0].has_state(TaskState.FINISHED_MASK):
                break
            current = below[0]
        if current is root or current._parent == root.id:
            return
        keep, left = {root.id}, [current]
        while left:
            task = left.pop()
            keep.add(task.id)
            left += [tasks[child] for child in task._children]
        for identity in [each for each in tasks if each not in keep]:
            del tasks[identity]
        root._children, current._parent = [current.id], root.id


class _NoRegisters:
    """Registers without records."""

    def body(self, ref: RecordRef) -> Mapping[str, Json]:
        """Refuse: there is nothing to read."""
        raise KeyError(ref)

    def current(self, register: str, record_id: str) -> RecordRef | None:
        """Return nothing."""
        del register, record_id
        nothing: RecordRef | None = None
        return nothing

    def singleton(self, register: str) -> RecordRef | None:
        """Return nothing."""
        del register
        nothing: RecordRef | None = None
        return nothing

    def readable(self, held: RecordRef) -> RecordRef | None:
        """Return what is held."""
        return held

    def moves_cases(self, register: str) -> bool:
        """Say no."""
        return register == ""

    def base(self, held: RecordRef) -> RecordRef:
        """Return what is held."""
        return held

    def new_id(self, register: str) -> str:
        """Return any number."""
        return register


class Interpreter:
    """The interpreter of the engine: stored state in, stored state out, no database."""

    def __init__(self) -> None:
        self.executable = build([ProcessSource("stages", "stages:1", "stages.bpmn", model("PT48H"))])
        self.step: Step = interpreter.start(self.executable, {"note": NOTE}, self._context())

    def complete(self) -> None:
        """Complete the task that waits."""
        task = self.step.open_tasks[0].task_id
        self.step = interpreter.complete(self.executable, self.step.state, task, FIELDS, self._context())

    def _context(self) -> StepContext:
        return StepContext(datetime.now(UTC), ENGINE, _NoRegisters())


class Stored:
    """The engine on a database."""

    def __init__(self, url: str) -> None:
        self.engine = ProcessEngine(url, MarshmallowForms())
        self.engine.migrate()
        self.engine.repository.deploy(files(), name="benchmark", actor=ENGINE)
        self.start()
        self.task = self.engine.tasks.worklist(ANN).rows[0].id

    def start(self) -> None:
        """Start a case."""
        self.engine.runtime.start("stages", {"note": NOTE}, actor=ANN)

    def newest(self) -> str:
        """Return the id of the task of the case that was started last."""
        (task,) = self.engine.history.case(self.engine.history.cases(ENGINE, limit=1).rows[0].id, ENGINE).tasks
        return task.id

    def complete(self) -> None:
        """Complete the task that waits."""
        done = self.engine.tasks.complete(self.task, FIELDS, actor=ANN)
        self.task = done.next_tasks[0][0]


class Web:
    """The web application: a signed-in person sends the form of a task."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        engine = stored.engine
        if not engine.identity.users(ENGINE):
            engine.identity.create_group("analysts", "Analysts", actor=ENGINE)
            engine.identity.create_user(
                "ann", "Ann", actor=ENGINE, roles=["staff"], groups=["analysts"], password_hash=hash_password(PASSWORD)
            )
        config = Config(database_url=str(engine.database.writer.url), secret_key=PASSWORD)
        self.client = create_app(config, engine).test_client()
        self._sign_in()
        self.fields = self._form(self.client.get(f"/tasks/{stored.task}").text, f"/tasks/{stored.task}")

    def complete(self) -> None:
        """Send the form of the task that waits."""
        answer = self.client.post(f"/tasks/{self.stored.task}", data=self.fields)
        if answer.status_code != 303:
            raise RuntimeError(f"{answer.status_code}: {answer.text[:2000]}")
        self.stored.task = answer.location.rsplit("/", 1)[1]

    def page(self) -> None:
        """Open the page of the task that waits."""
        self.client.get(f"/tasks/{self.stored.task}")

    def worklist(self) -> None:
        """Open the worklist."""
        self.client.get("/tasks")

    def _sign_in(self) -> None:
        fields = self._form(self.client.get("/sign-in").text, "/sign-in")
        self.client.post("/sign-in", data={**fields, "name": "ann", "password": PASSWORD})

    def _form(self, page: str, action: str) -> dict[str, str]:
        """Return what a browser would send of the form, with the answers of the benchmark."""
        found: Any = html.fromstring(page).xpath(f"//form[@action='{action}']")
        form = found[0]
        fields = {name: str(value) for name, value in form.fields.items() if value is not None}
        for field in form.xpath(".//*[@name]"):
            for key, answer in FIELDS.items():
                if re.search(rf"(^|[._-]){key}$", field.get("name")):
                    fields[field.get("name")] = field.get("value", "true") if answer is True else str(answer)
        return fields


@dataclass(frozen=True)
class Cost:
    """Milliseconds for one call: of the processor, and by the clock on the wall."""

    cpu: float
    wall: float


def cost(action: Callable[[], None], rounds: int) -> Cost:
    """Return the least cost of `action` among a few runs of `rounds` calls each."""
    found: list[Cost] = []
    for _ in range(BEST_OF):
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(rounds):
            action()
        found.append(Cost((time.process_time() - cpu) / rounds * 1e3, (time.perf_counter() - wall) / rounds * 1e3))
    return Cost(min(each.cpu for each in found), min(each.wall for each in found))


@contextmanager
def counted(engine: ProcessEngine) -> Iterator[dict[str, int]]:
    """Count statements and writing commits."""
    counts = {"statements": 0, "commits": 0}

    def statement(*_: Any) -> None:
        counts["statements"] += 1

    def commit(connection: Any) -> None:
        counts["commits"] += bool(connection.get_execution_options().get("write"))

    target = engine.database.engine
    event.listen(target, "before_cursor_execute", statement)
    event.listen(target, "commit", commit)
    yield counts
    event.remove(target, "before_cursor_execute", statement)
    event.remove(target, "commit", commit)


def _row(name: str, found: Cost, bare: Cost, counts: Mapping[str, int] | None = None) -> None:
    extra = f"{counts['statements']:>11}{counts['commits']:>9}" if counts else " " * 20
    print(f"{name:<44}{found.cpu:>9.3f}{found.wall:>9.3f}{found.cpu / bare.cpu:>8.1f}{extra}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", help="the URL of an empty database; default: SQLite in a new file")
    parser.add_argument("--rounds", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{folder}/benchmark.sqlite"
        bare, own, stored = Bare(), Interpreter(), Stored(url)
        for each in (bare, own, stored):
            for _ in range(WARM):
                each.complete()
        print(
            f"{'completion of a user task':<44}{'CPU ms':>9}{'wall ms':>9}{'ratio':>8}{'statements':>11}{'commits':>9}"
        )
        base = cost(bare.complete, options.rounds)
        _row("SpiffWorkflow in memory, history pruned", base, base)
        _row("interpreter, state decoded and encoded", cost(own.complete, options.rounds), base)
        with counted(stored.engine) as counts:
            stored.complete()
        _row(f"engine on {stored.engine.database.dialect}", cost(stored.complete, options.rounds), base, counts)
        web = Web(stored)
        web.complete()
        with counted(stored.engine) as counts:
            web.complete()
        _row("through HTTP, form and session checked", cost(web.complete, options.rounds), base, counts)
        stored.start()
        stored.task = stored.newest()
        found = base
        for name, action in (
            ("task page", web.page),
            ("worklist page", web.worklist),
            ("start of a case", stored.start),
        ):
            with counted(stored.engine) as counts:
                action()
            found = cost(action, options.rounds // 3)
            _row(f"for comparison: {name}", found, base, counts)
        print(f"state of the case: {len(own.step.state)} bytes; cases started: {1000 / found.wall:.0f} a second")
        stored.engine.close()


if __name__ == "__main__":
    main()
