"""Steps that cannot run: the case stays where it was, a record says why, and retry does the same again."""

import logging
from datetime import timedelta

import pytest

from engine.bpmn import interpreter
from engine.errors import ConcurrentUpdate, NotFound, NotPermitted, StepFailed
from engine.types import ENGINE
from tests.bpmn_models import (
    boundary,
    catch,
    end,
    flow,
    flows,
    gateway,
    message,
    process,
    receive_task,
    script,
    start,
    timer,
    user_task,
)
from tests.engine.stage import ADA, ANN, BEN, OLGA, OWEN, OWNER, STARTERS, Stage, form

DIVIDE = "result = 100 / divisor"
NUMBER = {"type": "number", "key": "divisor", "label": "Divisor"}


def _divides(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            user_task("ask", "Ask", candidateGroups="analysts", formRef="d"),
            script("divide", DIVIDE),
            end(),
            flows("s", "ask", "divide", "e"),
            properties=OWNER,
            **STARTERS,
        ),
        d__form=form("d", NUMBER),
    )


def test_a_completion_that_cannot_go_on_is_kept_as_a_failure(stage: Stage) -> None:
    _divides(stage)
    case = stage.start()
    task = stage.task()
    before = stage.value("select state from process_instance")
    with pytest.raises(StepFailed) as caught:
        stage.engine.tasks.complete(task.id, {"divisor": 0}, actor=ANN, effort_minutes=5)
    assert bytes(stage.value("select state from process_instance")) == bytes(before)
    assert stage.task().id == task.id
    (failure,) = stage.engine.management.failures(ADA).rows
    assert (failure.id, failure.kind, failure.attempts, failure.element_id) == (
        caught.value.failure_id,
        "complete",
        1,
        "divide",
    )
    assert failure.retry_at is None
    assert stage.kinds(case.id)[-1] == "failure.recorded"
    with pytest.raises(StepFailed):
        stage.engine.management.retry(failure.id, actor=OWEN)
    (failure,) = stage.engine.management.failures(OWEN).rows
    assert (failure.attempts, stage.engine.history.case(case.id, OWEN).failures[0].id) == (2, failure.id)
    assert stage.engine.history.cases(ENGINE).rows[0].failures == 1


def test_a_later_completion_settles_the_failure(stage: Stage) -> None:
    _divides(stage)
    case = stage.start()
    task = stage.task()
    with pytest.raises(StepFailed):
        stage.complete(task.id, ANN, divisor=0)
    assert stage.complete(task.id, BEN, divisor=4).finished
    assert stage.engine.management.failures(ADA).rows == ()
    (failure,) = stage.engine.management.failures(ADA, state="resolved").rows
    assert failure.resolved_by is not None
    assert (failure.resolved_by.id, stage.engine.history.cases(ENGINE).rows[0].failures) == ("ben", 0)
    assert "failure.resolved" in stage.kinds(case.id)
    with pytest.raises(ConcurrentUpdate):
        stage.engine.management.retry(failure.id, actor=OWEN)


def test_a_retry_does_what_was_asked_in_the_name_of_who_asked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _divides(stage)
    case = stage.start()
    task = stage.task()

    def broken(*_: object, **__: object) -> None:
        raise StepFailed("the service is away", "divide", "divide")

    with monkeypatch.context() as patch:
        patch.setattr(interpreter, "complete", broken)
        with pytest.raises(StepFailed):
            stage.engine.tasks.complete(task.id, {"divisor": 5}, actor=ANN, effort_minutes=7, channel="call")
    (failure,) = stage.engine.management.failures(ADA).rows
    for stranger, error in ((BEN, NotFound), (OLGA, NotFound), (ADA, NotPermitted)):
        with pytest.raises(error):
            stage.engine.management.retry(failure.id, actor=stranger)
    assert stage.engine.management.retry(failure.id, actor=OWEN).status == "completed"
    (done,) = [
        e
        for e in stage.engine.history.timeline(case.id, ENGINE)
        if e.task_id == task.id and e.kind == "activity.completed"
    ]
    assert (done.actor.id, done.effort_minutes, done.channel) == ("ann", 7, "call")
    (failure,) = stage.engine.management.failures(ADA, state="resolved").rows
    assert failure.resolved_by is not None
    assert failure.resolved_by.id == "owen"


def _late(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(form="d"),
            catch("wait", timer("Duration", "PT1H")),
            script("divide", DIVIDE),
            end(),
            flows("s", "wait", "divide", "e"),
            properties=OWNER,
            **STARTERS,
        ),
        d__form=form("d", NUMBER),
    )


def test_a_timer_that_fails_is_tried_again_and_then_waits_for_a_person(stage: Stage) -> None:
    _late(stage)
    stage.start(divisor=0)
    due = stage.clock.now + timedelta(hours=1)
    for attempt, pause in enumerate((timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)), start=1):
        stage.clock.now = due
        assert stage.engine.management.run_due() == 1
        (failure,) = stage.engine.management.failures(ADA).rows
        due += pause
        assert (failure.attempts, failure.kind, failure.retry_at) == (attempt, "timer", due)
        assert stage.engine.management.run_due() == 0
    stage.clock.now = due
    assert stage.engine.management.run_due() == 1
    (failure,) = stage.engine.management.failures(ADA).rows
    assert (failure.attempts, failure.retry_at, stage.value("select state from job")) == (4, None, "failed")
    stage.clock.pass_by(days=9)
    assert stage.engine.management.run_due() == 0
    with pytest.raises(StepFailed):
        stage.engine.management.retry(failure.id, actor=OWEN)


def test_one_timer_that_fails_does_not_hold_up_another_of_the_case(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(form="d"),
            user_task("ask", "Ask", candidateGroups="analysts"),
            boundary("bad", "ask", timer("Duration", "PT1H"), interrupting=False),
            boundary("good", "ask", timer("Duration", "PT1H"), interrupting=False),
            script("divide", DIVIDE),
            user_task("remind", "Remind", candidateGroups="analysts"),
            end(),
            end("e2"),
            end("e3"),
            flows("s", "ask", "e"),
            flows("bad", "divide", "e2"),
            flows("good", "remind", "e3"),
            **STARTERS,
        ),
        d__form=form("d", NUMBER),
    )
    stage.start(divisor=0)
    stage.clock.pass_by(hours=1)
    stage.engine.management.run_due()
    assert sorted(row.element_id for row in stage.tasks()) == ["ask", "remind"]
    assert len(stage.engine.management.failures(ADA).rows) == 1
    stage.do("ask")
    assert stage.engine.management.failures(ADA).rows == ()


def test_an_unexpected_error_of_a_timer_is_a_failure_with_a_reference(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _late(stage)
    stage.start(divisor=1)
    stage.clock.pass_by(hours=1)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret")

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(interpreter, "fire", broken)
        stage.engine.management.run_due()
    (failure,) = stage.engine.management.failures(ADA).rows
    reference = failure.reason.rsplit(" ", 1)[1]
    assert "secret" not in failure.reason
    assert reference in caplog.text
    stage.clock.pass_by(minutes=1)
    assert stage.engine.management.run_due() == 1
    assert stage.engine.history.cases(ENGINE).rows[0].status == "completed"
    assert stage.engine.management.failures(ADA).rows == ()


def test_a_message_whose_step_fails_is_kept_and_delivered_by_the_retry(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            receive_task("wait", "m", {"resultVariable": "divisor"}),
            end(),
            flows("s", "wait", "e"),
            around=message("m", "go"),
            properties=OWNER,
            **STARTERS,
        )
    )
    case = stage.start()

    def broken(*_: object) -> None:
        raise StepFailed("the service is away", "wait", "wait")

    with monkeypatch.context() as patch:
        patch.setattr(interpreter, "deliver", broken)
        delivery = stage.engine.runtime.send_message("go", None, 1, actor=ANN)
    assert (delivery.state, delivery.case) == ("failed", None)
    (failure,) = stage.engine.management.failures(ADA).rows
    assert (failure.kind, failure.retry_at) == ("message", stage.clock.now + timedelta(minutes=1))
    stage.clock.pass_by(minutes=1)
    assert stage.engine.management.run_due() == 1
    assert stage.engine.history.case(case.id, OLGA).status == "completed"
    assert stage.engine.management.failures(ADA).rows == ()
    assert stage.value("select state from inbox_message") == "delivered"
    assert stage.count("job") == 0


def test_an_endless_loop_is_a_failure_and_the_case_can_be_cancelled(stage: Stage) -> None:
    stage.deploy(p__bpmn=_endless())
    case = stage.start()
    with pytest.raises(StepFailed):
        stage.do("ask")
    with pytest.raises(NotPermitted):
        stage.engine.runtime.cancel(case.id, "stuck", actor=ANN)
    stage.engine.runtime.cancel(case.id, "stuck", actor=OWEN)
    detail = stage.engine.history.case(case.id, OWEN)
    assert (detail.status, [each.state for each in detail.failures]) == ("cancelled", ["resolved"])
    assert stage.tasks() == ()
    with pytest.raises(ConcurrentUpdate):
        stage.engine.runtime.cancel(case.id, "again", actor=OWEN)


def _endless() -> bytes:
    return process(
        "p",
        start(),
        user_task("ask", "Ask", candidateGroups="analysts"),
        gateway("merge"),
        gateway("split", default="split_merge"),
        end(),
        flows("s", "ask", "merge", "split"),
        flow("split", "merge"),
        flow("split", "e", "=done = true"),
        properties=OWNER,
        **STARTERS,
    )
