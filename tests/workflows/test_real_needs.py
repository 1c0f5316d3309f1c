"""Requirement statements that people have really written go through the import, and on every way that a need can go.

`COMITY_DATA_NEEDS` names the file: columns ProjectID, RequirementText and class, cells quoted with '.
"""

import csv
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from engine.views import CaseDetail, CaseFilter, CaseRef, CaseRow, Cursor
from forms.catalog import MarshmallowForms
from tests.webapp.cli.command import Said, run
from tests.workflows.stage import raised
from webapp.demo.walk import SetClock, Walk

FILE = os.environ.get("COMITY_DATA_NEEDS", "")
pytestmark = pytest.mark.skipif(not FILE, reason="COMITY_DATA_NEEDS names no file of requirement statements")

OPTIONS = (
    *("--process", "capture_need_on_behalf", "--as", "sam", "--quote", "'", "--column", "statement=RequirementText"),
    *("--compute", "title=substring(RequirementText, 1, 80)", "--set", "organisation=northwind-rail"),
    *("--set", "originator=ines", "--set", "channel=file"),
)
EACH = 10
"""cases that go each way"""

RESTATED = {
    "requirement_title": "What the system shall do",
    "requirement_text": "The system shall do what the statement says, measured as the criteria say.",
    "acceptance_criteria": "It is measured for a month",
    "requirement_class": "functional",
    "priority": "medium",
    "affected_services": ["SVC-0001"],
    "justification": "strong",
    "business_justification": "It saves an hour a day.",
    "business_objective": "OBJ-0001",
    "technical_feasibility": "yes",
}
NO_REASON = {"justification": "none", "business_justification": None}
ANSWERED = {"technical_feasibility": "yes", "guidance_text": "It has been done before."}
QUESTION = {"feasibility_group": "feasibility_architecture", "question": "Can it be done?", "needed_by": {"in": "P8D"}}
SATISFIED = {"requirement_number": {"record": "stakeholder_requirements"}, "progress": "satisfied", "note": "Done."}


def restate(**other: Any) -> Mapping[str, Any]:
    return {"complete": "Task_RestateNeed", "by": "anna", "values": {**RESTATED, **other}}


def confirm(qualification: str, **reason: str) -> Mapping[str, Any]:
    values = {"qualification": qualification, **reason}
    return {"complete": "Task_ConfirmQualification", "by": "ben", "values": values}


def respond(response: str, **reason: str) -> Mapping[str, Any]:
    return {"complete": "Task_ReadInterpretation", "by": "ines", "values": {"response": response, **reason}}


READ = {"complete": "Task_ReadDecision", "by": "ines", "values": {"decision_read": True}}


@dataclass(frozen=True)
class Way:
    """What people do, and how case, records and log stand afterwards."""

    steps: Sequence[Mapping[str, Any]]
    outcome: str | None
    open: Sequence[str]
    statuses: Mapping[str, str]
    done: Sequence[tuple[str, str]]


WAYS: Mapping[str, Way] = {
    "accepted": Way(
        [
            restate(),
            confirm("qualified"),
            respond("accept"),
            {"start": {"process": "report_progress", "by": "farid", "values": SATISFIED}},
        ],
        "Requirement satisfied",
        [],
        {"stakeholder_needs": "satisfied", "stakeholder_requirements": "satisfied"},
        [("Task_RestateNeed", "anna"), ("Task_ConfirmQualification", "ben"), ("Task_ReadInterpretation", "ines")],
    ),
    "disqualified for business reasons": Way(
        [restate(**NO_REASON), confirm("disqualified_business", decision_reason="Nobody says what for."), READ],
        "Need disqualified",
        [],
        {"stakeholder_needs": "disqualified", "stakeholder_needs_disqualified": "disqualified"},
        [("Task_RestateNeed", "anna"), ("Task_ConfirmQualification", "ben"), ("Task_ReadDecision", "ines")],
    ),
    "disqualified for technical reasons": Way(
        [
            restate(technical_feasibility="no"),
            confirm("disqualified_technical", decision_reason="There is no such thing yet."),
            READ,
        ],
        "Need disqualified",
        [],
        {"stakeholder_needs": "disqualified", "stakeholder_needs_disqualified": "disqualified"},
        [("Task_RestateNeed", "anna"), ("Task_ConfirmQualification", "ben"), ("Task_ReadDecision", "ines")],
    ),
    "feasibility asked and answered": Way(
        [
            restate(technical_feasibility="unknown"),
            confirm("feasibility_needed"),
            {"complete": "Task_RequestFeasibility", "by": "anna", "values": QUESTION},
            {"complete": "Task_GiveGuidance", "by": "grace", "values": ANSWERED},
        ],
        None,
        ["Task_RestateNeed"],
        {"feasibility_requests": "answered", "feasibility_guidance": "given"},
        [
            ("Task_RestateNeed", "anna"),
            ("Task_ConfirmQualification", "ben"),
            ("Task_RequestFeasibility", "anna"),
            ("Task_GiveGuidance", "grace"),
        ],
    ),
    "sent back": Way(
        [restate(), confirm("qualified"), respond("send_back", response_reason="That is not what I said.")],
        None,
        ["Task_RestateNeed"],
        {"stakeholder_needs": "sent back", "stakeholder_requirements": "sent back"},
        [("Task_RestateNeed", "anna"), ("Task_ConfirmQualification", "ben"), ("Task_ReadInterpretation", "ines")],
    ),
}


@dataclass(frozen=True)
class Imported:
    """What one run of the command made of the file."""

    url: str
    folder: Path
    said: Said
    seconds: float

    def again(self) -> Said:
        return run(self.url, "import", FILE, *OPTIONS, folder=self.folder)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    folder = tmp_path_factory.mktemp("needs")
    url = f"sqlite:///{folder}/needs.sqlite"
    raised(url).engine.close()
    began = time.perf_counter()
    said = run(url, "import", FILE, *OPTIONS, "--refusals", folder / "refused.csv", folder=folder)
    return Imported(url, folder, said, time.perf_counter() - began)


@pytest.fixture(scope="module")
def engine(imported: Imported) -> Iterator[ProcessEngine]:
    found = ProcessEngine(imported.url, MarshmallowForms(), SetClock(datetime.now(UTC)))
    yield found
    found.close()


def parsed() -> list[list[str]]:
    """Return the rows below the header as Python's own reader gives them."""
    with Path(FILE).open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, quotechar="'"))[1:]


def cases(engine: ProcessEngine) -> list[CaseRow]:
    """Return the imported cases, oldest first."""
    wanted = CaseFilter(process_key="capture_need_on_behalf")
    found: list[CaseRow] = []
    after: Cursor | None = None
    while True:
        page = engine.history.cases(ENGINE, filter=wanted, after=after, limit=200)
        found += page.rows
        after = page.next
        if after is None:
            return sorted(found, key=lambda row: row.number)


def test_every_row_is_a_case_or_a_refusal(
    imported: Imported, engine: ProcessEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = parsed()
    with (imported.folder / "refused.csv").open(encoding="utf-8", newline="") as stream:
        refused = list(csv.reader(stream))[1:]
    assert (len(rows), len(refused)) == (625, 1)
    assert len(cases(engine)) + len(refused) == len(rows)
    assert imported.said.out == "625 rows: 624 taken, 1 refused.\n"
    assert [row[0] for row in refused] == [str(number) for number, row in enumerate(rows, 1) if len(row) != 3]
    with capsys.disabled():
        rate = len(rows) / imported.seconds
        sys.stdout.write(f"\nimport: {len(rows)} rows in {imported.seconds:.1f} s, {rate:.0f} a second with start-up\n")


def test_the_texts_arrive_as_they_stand(engine: ProcessEngine) -> None:
    found: Counter[str] = Counter()
    after: Cursor | None = None
    while True:
        page = engine.registers.page("stakeholder_needs", ENGINE, after=after, limit=200)
        found.update(engine.registers.body("stakeholder_needs", row.id, 1, ENGINE)["statement"] for row in page.rows)
        after = page.next
        if after is None:
            break
    assert found == Counter(row[1] for row in parsed() if len(row) == 3)


def test_a_second_run_adds_none(imported: Imported, engine: ProcessEngine) -> None:
    before = [row.id for row in cases(engine)]
    assert imported.again().out == "625 rows: 624 already, 1 refused.\n"
    assert [row.id for row in cases(engine)] == before


@pytest.mark.parametrize("name", WAYS)
def test_ten_needs_go_each_way(engine: ProcessEngine, name: str) -> None:
    way, first = WAYS[name], list(WAYS).index(name) * EACH
    chosen = cases(engine)[first : first + EACH]
    assert len(chosen) == EACH
    for row in chosen:
        check(engine, way, walked(engine, way, row))
    log = [row.as_dict() for row in engine.history.export_log(ENGINE, process_key="capture_need_on_behalf")]
    for row in chosen:
        done = [each for each in log if each["case"] == row.number and each["kind"] == "activity.completed"]
        people = [(each["element_id"], each["actor"]) for each in done if each["element_kind"] == "userTask"]
        assert people == list(way.done)
        assert all(each["duration_seconds"] is not None for each in done if each["element_kind"] == "userTask")


def walked(engine: ProcessEngine, way: Way, row: CaseRow) -> CaseDetail:
    clock = engine.clock
    assert isinstance(clock, SetClock)
    walk = Walk(engine, clock, clock.now)
    walk.case = CaseRef(row.id, row.number, row.title, row.status)
    for step in way.steps:
        walk.step(step)
    return walk.detail()


def check(engine: ProcessEngine, way: Way, case: CaseDetail) -> None:
    assert case.failures == ()
    assert (case.status, case.outcome) == ("completed" if way.outcome else "active", way.outcome)
    assert [task.element_id for task in case.tasks] == list(way.open)
    newest = {use.ref.register: use for use in case.records}
    for register, status in way.statuses.items():
        assert engine.registers.record(register, newest[register].ref.id, ENGINE).status == status, register
