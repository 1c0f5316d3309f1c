"""A process that changes hands: its new owners mend, assign and cancel what the former ones began; so may these."""

import pytest

from engine.errors import NotFound, NotPermitted, StepFailed
from engine.types import ENGINE, Actor
from engine.views import CaseRef
from tests.bpmn_models import end, flow, flows, gateway, process, start, user_task
from tests.engine.stage import ADA, ANN, BEN, CARL, OLGA, OWEN, OWNER, STARTERS, Stage

NINA = Actor("nina", "Nina New", frozenset({"process_owner", "staff"}), frozenset({"new_owners"}), "home")
SIDE = Actor("side", "Sid Elsewhere", frozenset({"process_owner", "staff"}), frozenset({"others"}), "home")


def _model(owner: str) -> bytes:
    """Return a process whose task leads on only with the answer `yes`."""
    return process(
        "p",
        start(),
        user_task("ask", "Ask", candidateGroups="analysts"),
        gateway("g"),
        end(),
        flows("s", "ask", "g"),
        flow("g", "e", 'answer = "yes"'),
        properties={**OWNER, "ownerGroup": owner},
        **STARTERS,
    )


@pytest.fixture
def handed(stage: Stage) -> tuple[Stage, CaseRef]:
    """A case that stands on a version of the former owners, in a process that has new ones."""
    for person in (ANN, BEN):
        stage.engine.identity.create_user(person.user_id, person.name, actor=ENGINE, roles=["staff"])
    stage.deploy(p__bpmn=_model("owners"))
    case = stage.start()
    stage.deploy(p__bpmn=_model("new_owners"))
    return stage, case


@pytest.mark.parametrize("owner", [NINA, OWEN], ids=["new", "former"])
def test_owners_cancel(handed: tuple[Stage, CaseRef], owner: Actor) -> None:
    stage, case = handed
    assert stage.engine.history.case(case.id, owner).may_cancel
    stage.engine.runtime.cancel(case.id, "enough", actor=owner)
    assert stage.engine.history.case(case.id, ENGINE).status == "cancelled"


@pytest.mark.parametrize("owner", [NINA, OWEN], ids=["new", "former"])
def test_owners_assign(handed: tuple[Stage, CaseRef], owner: Actor) -> None:
    stage, _ = handed
    task = stage.task().id
    stage.engine.tasks.claim(task, actor=ANN)
    assert stage.engine.tasks.get(task, owner).may_assign
    stage.engine.tasks.assign(task, "ben", actor=owner)
    assert stage.engine.tasks.get(task, BEN).may_complete


@pytest.mark.parametrize("owner", [NINA, OWEN], ids=["new", "former"])
def test_owners_read_why_a_step_failed_and_have_it_done_again(handed: tuple[Stage, CaseRef], owner: Actor) -> None:
    stage, case = handed
    with pytest.raises(StepFailed):
        stage.complete(stage.task().id)
    (failure,) = stage.engine.history.case(case.id, owner).failures
    assert "reason" in next(each for each in stage.engine.history.timeline(case.id, owner) if _failed(each)).detail
    with pytest.raises(StepFailed):
        stage.engine.management.retry(failure.id, actor=owner)


def _failed(entry: object) -> bool:
    return getattr(entry, "kind", "") == "failure.recorded"


def test_nobody_else_does(handed: tuple[Stage, CaseRef]) -> None:
    stage, case = handed
    detail = stage.engine.history.case(case.id, ANN)
    assert (detail.may_cancel, stage.engine.tasks.get(stage.task().id, ANN).may_assign) == (False, False)
    with pytest.raises(NotPermitted):
        stage.engine.runtime.cancel(case.id, "enough", actor=ANN)
    for person in (SIDE, CARL, ADA):
        with pytest.raises(NotFound):
            stage.engine.runtime.cancel(case.id, "enough", actor=person)


def test_the_exported_log_says_why_a_step_failed_to_those_who_mend_it(handed: tuple[Stage, CaseRef]) -> None:
    stage, case = handed
    with pytest.raises(StepFailed):
        stage.complete(stage.task().id)
    stage.engine.runtime.comment(case.id, "internal", "staff", actor=ANN)
    stage.engine.runtime.comment(case.id, "hello", "everyone", actor=ANN)
    for person, reads, comments in (
        (NINA, True, 2),
        (OWEN, True, 2),
        (ENGINE, True, 2),
        (ANN, False, 2),
        (OLGA, False, 1),
    ):
        rows = [row.as_dict() for row in stage.engine.history.export_log(person)]
        (failed,) = [row["detail"] for row in rows if row["kind"] == "failure.recorded"]
        assert ("reason" in failed, failed["attempt"]) == (reads, 1)
        assert sum(row["kind"] == "task.commented" for row in rows) == comments
