"""What a case tells its originator: nothing of records that are not theirs to see, nothing of why a step failed."""

import pytest

from engine import events
from engine.errors import NotFound, StepFailed
from engine.types import ENGINE
from tests.bpmn_models import end, flows, process, script, start, store, user_task, writes
from tests.engine.stage import ADA, ANN, OLGA, OWEN, OWNER, STARTERS, Stage, form

REGISTERS = b"""
registers:
  - {key: needs, name: Needs, variable: need, prefix: N, form: need, title: title, originator: by, readers: [staff]}
  - {key: opinions, name: Opinions, variable: opinion, prefix: OP, form: opinion, title: text, readers: [staff]}
"""


def _judged(stage: Stage) -> str:
    """Return the id of a case of Olga's with a need of hers, and an opinion about it that only staff may read."""
    stage.deploy(
        p__bpmn=process(
            "p",
            start("s", inner=writes("one"), form="need"),
            user_task("judge", inner=writes("two"), candidateGroups="analysts", formRef="opinion"),
            user_task("go_on", candidateGroups="analysts"),
            end(),
            store("one", "needs"),
            store("two", "opinions"),
            flows("s", "judge", "go_on", "e"),
            properties=OWNER,
            **STARTERS,
        ),
        registers__yaml=REGISTERS,
        need__form=form("need", "title", "by"),
        opinion__form=form("opinion", "text"),
    )
    case = stage.start(title="A pen", by="olga")
    stage.do("judge", text="They only want to please their boss")
    return case.id


def test_records_of_a_case_are_shown_to_those_who_may_see_them(stage: Stage) -> None:
    case_id = _judged(stage)
    with pytest.raises(NotFound):
        stage.engine.registers.record("opinions", "OP-0001", OLGA)
    for actor in (ANN, OWEN, ENGINE):
        assert len(stage.engine.history.case(case_id, actor).records) == 2
    assert [use.title for use in stage.engine.history.case(case_id, OLGA).records] == ["A pen"]


def test_why_a_step_failed_is_told_to_owners_and_admins_only(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            user_task("ask", "Ask", candidateGroups="analysts"),
            script("reckon", "total = 1 / 0"),
            end(),
            flows("s", "ask", "reckon", "e"),
            properties=OWNER,
            **STARTERS,
        ),
    )
    case = stage.start()
    with pytest.raises(StepFailed):
        stage.do("ask")
    for actor, told in ((OLGA, False), (ANN, False), (OWEN, True), (ENGINE, True)):
        (failed,) = [e for e in stage.engine.history.timeline(case.id, actor) if e.kind == events.FAILURE_RECORDED]
        assert ("reason" in failed.detail) is told, actor.name
    assert stage.engine.management.failures(ADA).rows[0].reason


def test_what_a_task_works_with_is_shown_to_those_who_work_here(stage: Stage) -> None:
    case_id = _judged(stage)
    task_id = stage.task("go_on").id
    assert stage.engine.tasks.get(task_id, ANN).context["text"] == "They only want to please their boss"
    seen = stage.engine.tasks.get(task_id, OLGA)
    assert (seen.case.id, seen.may_complete) == (case_id, False)
    assert (seen.form, dict(seen.values), dict(seen.context), seen.reads) == (None, {}, {}, ())
