"""What cases write is checked with the form that types the register: a misfit fails the step and names the place."""

import pytest

from engine.errors import StepFailed
from engine.types import ENGINE
from tests.bpmn_models import end, flows, process, start, store, writes
from tests.engine.registers.world import NEED_FIELDS, deploy, deploy_capture, need
from tests.engine.stage import ANN, OWNER, STARTERS, Stage, form


def _fails(stage: Stage, body: str, *words: str, **properties: str) -> None:
    """Have the task `write` lay `body` over a need, and expect the failure to say all of `words`."""
    deploy_capture(stage, body=f"={body}", **properties)
    case = stage.start("capture", title="One")
    task = stage.task()
    with pytest.raises(StepFailed) as caught:
        stage.complete(task.id)
    assert caught.value.element_id == "write"
    for word in ("Needs", "N-0001", *words):
        assert word in str(caught.value)
    assert stage.task().id == task.id
    (failure,) = stage.rows("select element_id, reason from failure where instance_id = :id", id=case.id)
    assert (failure.element_id, failure.reason) == ("write", caught.value.reason)
    assert stage.value("select count(*) from record_version where register = 'needs'") == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{cost: "much"}', ("cost: Enter a number",)),
        ("{cost: [1]}", ("cost:",)),
        ('{kind: "huge"}', ("kind: 'huge'",)),
        ("{title: 5}", ("title: Enter text",)),
        ('{title: "' + "x" * 31 + '"}', ("title:", "30")),
        ('{colour: "red"}', ("colour:", "no such field")),
        ('{cost: "x", colour: "red"}', ("cost:", "colour:")),
        ('{status: "final"}', ("status:", "no such field")),
    ],
)
def test_a_value_that_does_not_fit_fails_the_step(registers: Stage, body: str, words: tuple[str, ...]) -> None:
    _fails(registers, body, *words)


def test_a_status_that_the_register_does_not_have_fails_the_step(registers: Stage) -> None:
    _fails(registers, '{title: "One"}', "'lost'", status='=if 1 = 1 then "lost" else "new"')


def test_what_is_missing_is_not_missed(registers: Stage) -> None:
    deploy_capture(registers, body="={title: null, cost: 3}", status="new")
    registers.start("capture", title="One")
    registers.do("write")
    detail = registers.engine.registers.record("needs", "N-0001", ANN)
    assert (detail.body, detail.status) == ({"cost": 3}, "new")


def test_values_are_kept_as_the_form_types_them(registers: Stage) -> None:
    deploy_capture(registers, body='={cost: "7.50", kind: "big"}')
    registers.start("capture", title="One")
    registers.do("write")
    assert registers.engine.registers.body("needs", "N-0001", 1, ANN) == {"title": "One", "cost": 7.5, "kind": "big"}


def test_values_that_nobody_hands_in_may_be_written_by_a_case(registers: Stage) -> None:
    computed = {"type": "expression", "key": "double", "expression": "=cost * 2", "computeOn": "change"}
    deploy(registers, *NEED_FIELDS[:3], *NEED_FIELDS[5:], computed)
    deploy_capture(registers, body='={stamp: "S", seal: "T", double: 4}')
    registers.start("capture", title="One")
    registers.do("write")
    body = registers.engine.registers.body("needs", "N-0001", 1, ANN)
    assert body == {"title": "One", "stamp": "S", "seal": "T", "double": 4}


def test_a_step_that_failed_goes_on_once_the_form_is_mended(registers: Stage) -> None:
    _fails(registers, '{cost: "much"}')
    deploy(registers, "title", "cost")
    (failure,) = registers.engine.management.failures(ENGINE).rows
    registers.engine.management.retry(failure.id, actor=ENGINE)
    assert registers.engine.registers.body("needs", "N-0001", 1, ANN) == {"title": "One", "cost": "much"}


def test_a_form_that_has_changed_does_not_hold_up_what_was_written_before(registers: Stage) -> None:
    deploy(registers, "title", "cost", "old")
    deploy_capture(registers, body='={old: "x", cost: "much"}')
    registers.start("capture", title="One")
    registers.do("write")
    deploy(registers)
    ref = need(registers, "made by form")
    assert ref.id == "N-0002"
    registers.engine.registers.save("needs", "N-0001", {"title": "Two", "cost": 3}, base=1, actor=ENGINE)
    body = registers.engine.registers.body("needs", "N-0001", 2, ANN)
    assert body == {"title": "Two", "cost": 3, "old": "x"}


def test_a_case_that_cannot_write_its_first_record_does_not_begin(registers: Stage) -> None:
    begun = start("s", inner=writes("store"), form="wide")
    model = process("p", begun, end(), store("store", "needs"), flows("s", "e"), properties=OWNER, **STARTERS)
    registers.deploy(p__bpmn=model, wide__form=form("wide", "title"))
    with pytest.raises(StepFailed, match="title: Enter at most 30 characters"):
        registers.start("p", title="x" * 31)
    assert registers.value("select count(*) from process_instance") == 0
    assert registers.start("p", title="x").number == "C-000001"
    assert registers.value("select id from record where register = 'needs'") == "N-0001"
