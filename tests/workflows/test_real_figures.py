"""The figures of imported and walked real needs, against a count made here from the exported log and nothing else.

`COMITY_DATA_NEEDS` names the file, as for test_real_needs.py. The count knows none of the product's code: it reads CSV.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean, median
from typing import Any

import pytest

from engine.metrics.periods import Period
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from engine.views import CaseRef
from engine.views.performance import FigureFilter, MeasureFigures, Performance, Statistic
from forms.catalog import MarshmallowForms
from tests.webapp.cli.command import run
from tests.workflows.stage import raised
from tests.workflows.test_real_needs import FILE, OPTIONS, SATISFIED, WAYS, cases, confirm, respond, restate
from webapp.demo.walk import SetClock, Walk

pytestmark = pytest.mark.skipif(not FILE, reason="COMITY_DATA_NEEDS names no file of requirement statements")

CASES = frozenset(("capture_customer_need", "capture_need_on_behalf", "capture_infrastructure_need"))
"""the processes whose cases are the work of A21"""

SENT_BACK_ONCE = (
    restate(),
    confirm("qualified"),
    respond("send_back", response_reason="That is not what I said."),
    restate(),
    confirm("qualified"),
    respond("accept"),
    {"start": {"process": "report_progress", "by": "farid", "values": SATISFIED}},
)
WALKED: Sequence[Sequence[Mapping[str, Any]]] = (*(way.steps for way in WAYS.values()), SENT_BACK_ONCE)
EACH = 8


@dataclass
class Counted:
    """One case as its lines of the exported log tell it."""

    started: datetime
    ended: datetime | None = None
    outcome: str | None = None
    completed: bool = False
    lines: list[dict[str, str]] = field(default_factory=list)

    @property
    def work(self) -> list[dict[str, str]]:
        """Return the user tasks that were completed, in order."""
        return [
            line for line in self.lines if line["kind"] == "activity.completed" and line["element_kind"] == "userTask"
        ]

    def spans(self) -> dict[str, float]:
        """Return the seconds of working, waiting and idling: for each stretch between two lines, what was the case."""
        spans = {"working": 0.0, "waiting": 0.0, "idle": 0.0}
        opened: set[str] = set()
        claimed: set[str] = set()
        before = self.started
        for line in self.lines:
            now = datetime.fromisoformat(line["at"])
            spans["working" if claimed else "waiting" if opened else "idle"] += (now - before).total_seconds()
            before = now
            task = line["task_id"]
            if line["kind"] == "activity.started" and line["element_kind"] == "userTask":
                opened.add(task)
            elif line["kind"] in ("activity.completed", "activity.cancelled"):
                opened.discard(task)
                claimed.discard(task)
            elif line["kind"] in ("task.claimed", "task.assigned"):
                claimed.add(task)
            elif line["kind"] == "task.released":
                claimed.discard(task)
        return spans


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("figures")
    made = f"sqlite:///{folder}/needs.sqlite"
    raised(made).engine.close()
    run(made, "import", FILE, *OPTIONS, folder=folder)
    return made


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[ProcessEngine]:
    clock = SetClock(datetime.now(UTC))
    found = ProcessEngine(url, MarshmallowForms(), clock)
    rows = cases(found)
    for number, row in enumerate(rows[: len(WALKED) * EACH]):
        walk = Walk(found, clock, clock.now)
        walk.case = CaseRef(row.id, row.number, row.title, row.status)
        for position, step in enumerate(WALKED[number % len(WALKED)]):
            clock.now += timedelta(minutes=3 * number + 11)
            if "complete" in step and (number + position) % 3 == 0:
                walk.step({"claim": step["complete"], "by": step["by"]})
                clock.now += timedelta(minutes=number + 7)
            walk.step({**step, "effort": 5 + position} if "complete" in step and number % 2 else step)
    yield found
    found.close()


@pytest.fixture(scope="module")
def counted(engine: ProcessEngine, url: str, tmp_path_factory: pytest.TempPathFactory) -> list[Counted]:
    file = tmp_path_factory.mktemp("log") / "log.csv"
    run(url, "log", "--output", file, folder=file.parent)
    return count(file)


@pytest.fixture(scope="module")
def told(engine: ProcessEngine) -> Performance:
    now = engine.clock().date()
    return engine.performance.performance("a21", ENGINE, FigureFilter(Period.of_days(400, now)))


def count(file: Path) -> list[Counted]:
    """Return the cases of the work of A21 in the exported log."""
    found: dict[str, Counted] = {}
    with file.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            if line["definition_key"] not in CASES:
                continue
            at = datetime.fromisoformat(line["at"])
            if line["kind"] == "case.started":
                found[line["case"]] = Counted(at)
            case = found[line["case"]]
            case.lines.append(line)
            if line["kind"] in ("case.completed", "case.cancelled"):
                case.ended, case.outcome, case.completed = at, line["outcome"], line["kind"] == "case.completed"
    return list(found.values())


def measure(told: Performance, key: str) -> MeasureFigures:
    return next(each for each in told.measures if each.key == key)


def value(told: Performance, key: str) -> Statistic:
    return next(each for found in told.measures for each in found.statistics if each.key == key)


def ended(counted: Sequence[Counted]) -> list[Counted]:
    return [case for case in counted if case.ended is not None]


def test_there_is_something_to_count(counted: list[Counted]) -> None:
    assert len(counted) == 624
    assert len(ended(counted)) == 4 * EACH  # accepted, twice disqualified, and accepted after it was sent back


def test_volumes(told: Performance, counted: list[Counted]) -> None:
    assert value(told, "started").value == len(counted)
    assert value(told, "completed").value == len(ended(counted))
    assert value(told, "open").value == len(counted) - len(ended(counted))
    assert value(told, "withdrawn").value == value(told, "cancelled").value == 0


@pytest.mark.parametrize(
    ("key", "share"), [("working_time", "working"), ("waiting_time", "waiting"), ("idle_time", "idle")]
)
def test_what_time_went_into(told: Performance, counted: list[Counted], key: str, share: str) -> None:
    spans = [case.spans()[share] for case in ended(counted)]
    assert value(told, f"{key}.mean").value == pytest.approx(fmean(spans), abs=1e-3)
    assert value(told, f"{key}.mean").cases == len(spans)


def test_cycle_time(told: Performance, counted: list[Counted]) -> None:
    times = sorted((case.ended - case.started).total_seconds() for case in ended(counted) if case.ended)
    assert value(told, "cycle_time.mean").value == pytest.approx(fmean(times), abs=1e-3)
    statistic = value(told, "cycle_time.median")
    assert statistic.value is not None
    assert times[0] <= statistic.value <= times[-1]
    assert statistic.value == pytest.approx(median(times), rel=0.05)


def test_outcomes(told: Performance, counted: list[Counted]) -> None:
    parts = {part.label: part.count for part in measure(told, "outcomes").parts}
    assert parts == Counter(case.outcome for case in ended(counted))


def test_rework(told: Performance, counted: list[Counted]) -> None:
    sent_back = [sum(line["outcome"] == "send_back" for line in case.work) for case in ended(counted)]
    assert sum(sent_back) == EACH
    assert value(told, "send_backs.total").value == sum(sent_back)
    assert value(told, "send_backs").value == pytest.approx(sum(map(bool, sent_back)) / len(sent_back))
    again = [
        len(
            {
                line["task_id"]
                for line in case.lines
                if line["rework"] == "True" and line["element_kind"].endswith(("Task", "subProcess", "callActivity"))
            }
        )
        for case in ended(counted)
    ]
    assert value(told, "repeats.total").value == sum(again)
    right = sum(not back and not repeated for back, repeated in zip(sent_back, again, strict=True))
    assert value(told, "first_time_right").value == pytest.approx(right / len(again))
    assert value(told, "failures.total").value == 0


def test_who_worked(told: Performance, counted: list[Counted]) -> None:
    tasks = Counter(line["actor"] for case in ended(counted) for line in case.work)
    assert {part.label: part.total for part in measure(told, "people").parts} == tasks
    changes = [
        sum(first["actor"] != second["actor"] for first, second in zip(case.work, case.work[1:], strict=False))
        for case in ended(counted)
    ]
    assert value(told, "hand_overs").value == pytest.approx(fmean(changes))
    effort = [sum(int(line["effort_minutes"] or 0) for line in case.work) for case in ended(counted)]
    recorded = [minutes for minutes in effort if minutes]
    assert 0 < len(recorded) < len(effort)
    assert value(told, "effort").value == pytest.approx(fmean(recorded))
    assert value(told, "effort").cases == len(recorded)


@pytest.mark.parametrize(
    ("key", "kinds", "prefix"),
    [
        ("decisions", ("activity.completed",), "decision:"),
        ("calls", ("activity.completed",), "process:"),
        ("messages", ("message.sent", "message.received"), "message:"),
    ],
)
def test_interfaces(told: Performance, counted: list[Counted], key: str, kinds: tuple[str, ...], prefix: str) -> None:
    used = Counter(
        line["interface"]
        for case in ended(counted)
        for line in case.lines
        if line["kind"] in kinds and line["interface"].startswith(prefix)
    )
    assert value(told, key).value == sum(used.values())
    assert {part.label.removeprefix(prefix): part.total for part in measure(told, key).parts} == {
        name.removeprefix(prefix): times for name, times in used.items()
    }


def test_nobody_has_been_asked_yet(told: Performance) -> None:
    assert value(told, "feedback").value is None
