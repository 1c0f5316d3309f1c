"""Failures whose step has become needless: they are settled, nothing tries them for ever, none holds others up."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.bpmn import interpreter
from engine.errors import StepFailed, TaskNotOpen
from engine.persistence import statements as sql
from engine.persistence import store
from engine.types import ENGINE
from tests.bpmn_models import (
    boundary,
    catch,
    definitions,
    end,
    flows,
    message,
    process,
    process_part,
    receive_task,
    script,
    send_task,
    start,
    timer,
    user_task,
)
from tests.engine.stage import ADA, ANN, OWEN, OWNER, STARTERS, Stage, form, one_task

NUMBER = {"type": "textfield", "key": "number", "label": "Number"}


def _nothing_is_left_to_do(stage: Stage) -> None:
    """A job that stays due would have the scheduler turn without a pause."""
    stage.engine.management.run_due()
    assert stage.engine.management.next_due() is None
    assert stage.engine.management.failures(ADA).rows == ()


def test_a_failed_message_that_nobody_waits_for_any_more_is_tried_no_more(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(form="n"),
            receive_task("wait", "m", {"correlationKey": "number", "resultVariable": "answer"}),
            boundary("late", "wait", timer("Duration", "PT30S")),
            script("divide", "result = 100 / answer['divisor']"),
            user_task("second", "Second", candidateGroups="analysts"),
            end(),
            end("e2"),
            flows("s", "wait", "divide", "e"),
            flows("late", "second", "e2"),
            around=message("m", "answer"),
            properties=OWNER,
            **STARTERS,
        ),
        n__form=form("n", NUMBER),
    )
    case = stage.start(number="7")
    assert stage.engine.runtime.send_message("answer", "7", {"divisor": 0}, actor=ANN).state == "failed"
    stage.clock.pass_by(seconds=40)
    assert stage.engine.management.run_due() == 1
    stage.clock.pass_by(minutes=1)
    _nothing_is_left_to_do(stage)
    assert stage.value("select state from inbox_message") == "waiting"
    assert stage.engine.history.case(case.id, ENGINE).status == "active"


def _two_waiting(stage: Stage) -> tuple[str, str]:
    stage.deploy(
        p__bpmn=definitions(
            message("m", "answer"),
            process_part(
                "sender",
                start(form="n"),
                send_task("tell", "m", {"correlationKey": "number", "payload": "{}"}),
                end(),
                flows("s", "tell", "e"),
                properties=OWNER,
                **STARTERS,
            ),
            process_part(
                "receiver",
                start("s2", form="n"),
                receive_task("wait", "m", {"correlationKey": "number", "resultVariable": "answer"}),
                end("e2"),
                flows("s2", "wait", "e2"),
                properties=OWNER,
                **STARTERS,
            ),
        ),
        n__form=form("n", NUMBER),
    )
    return stage.start("receiver", number="5").id, stage.start("receiver", number="5").id


@pytest.mark.parametrize("by_hand", [False, True])
def test_an_ambiguous_message_settles_its_failure_when_it_is_delivered(stage: Stage, by_hand: bool) -> None:
    one, two = _two_waiting(stage)
    sender = stage.start("sender", number="5")
    (failure,) = stage.engine.management.failures(ADA).rows
    assert (failure.case.id, failure.kind) == (sender.id, "message")
    stage.engine.runtime.cancel(one, "not needed", actor=OWEN)
    if by_hand:
        stage.engine.management.retry(failure.id, actor=OWEN)
    else:
        stage.clock.pass_by(minutes=1)
        assert stage.engine.management.run_due() == 1
    assert stage.engine.history.case(two, ENGINE).status == "completed"
    stage.clock.pass_by(minutes=1)
    _nothing_is_left_to_do(stage)


def _late(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            catch("wait", timer("Duration", "PT1H")),
            user_task("ask", "Ask", candidateGroups="analysts"),
            end(),
            flows("s", "wait", "ask", "e"),
            properties=OWNER,
            **STARTERS,
        ),
    )


def test_a_timer_that_fails_while_its_case_is_cancelled_leaves_no_failure(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _late(stage)
    case = stage.start()

    def meanwhile_cancelled(*_: Any, **__: Any) -> None:
        stage.engine.runtime.cancel(case.id, "not needed", actor=OWEN)
        raise StepFailed("no way on", "wait", "wait")

    stage.clock.pass_by(hours=2)
    monkeypatch.setattr(interpreter, "fire", meanwhile_cancelled)
    stage.engine.management.run_due()
    _nothing_is_left_to_do(stage)
    assert stage.engine.history.cases(ENGINE).rows[0].failures == 0


def test_a_completion_that_fails_while_its_case_is_cancelled_says_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.deploy(p__bpmn=one_task(), f__form=form("f", "answer"))
    case = stage.start()
    task = stage.task()

    def meanwhile_cancelled(*_: Any, **__: Any) -> None:
        stage.engine.runtime.cancel(case.id, "not needed", actor=OWEN)
        raise StepFailed("no way on", "ask", "Ask")

    monkeypatch.setattr(interpreter, "complete", meanwhile_cancelled)
    with pytest.raises(TaskNotOpen):
        stage.complete(task.id)
    _nothing_is_left_to_do(stage)


def test_one_case_that_cannot_even_be_read_does_not_hold_up_the_others(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    _late(stage)
    broken = stage.start()
    stage.clock.pass_by(seconds=1)
    sound = stage.start()
    with stage.engine.database.write() as connection:
        connection.execute(
            sa.text("update process_instance set waits = :waits where id = :id"), {"waits": "{}", "id": broken.id}
        )
    stage.clock.pass_by(hours=2)
    assert stage.engine.management.run_due() == 1
    assert [row.case.id for row in stage.tasks()] == [sound.id]
    assert "went wrong" in caplog.text
    later = stage.engine.management.next_due()
    assert later is None, "it is left alone for a while, or the scheduler would turn without a pause"
    stage.clock.pass_by(minutes=3)
    assert stage.engine.management.next_due() == stage.clock.now - timedelta(hours=1, minutes=3, seconds=1)


def test_a_case_whose_state_cannot_be_read_can_still_be_cancelled(stage: Stage) -> None:
    stage.deploy(p__bpmn=one_task(), f__form=form("f", "answer"))
    case = stage.start()
    task = stage.task()
    with stage.engine.database.write() as connection:
        connection.execute(sa.text("update process_instance set state = :state"), {"state": b"of another time"})
    with pytest.raises(StepFailed):
        stage.complete(task.id)
    stage.engine.runtime.cancel(case.id, "cannot be read", actor=OWEN)
    assert stage.engine.history.cases(ENGINE).rows[0].status == "cancelled"
    assert stage.tasks() == ()
    assert stage.value("select state from user_task") == "cancelled"
    assert stage.kinds(case.id)[-2:] == ["case.cancelled", "failure.resolved"]
    _nothing_is_left_to_do(stage)


def test_messages_that_two_cases_wait_for_do_not_crowd_out_the_others(stage: Stage) -> None:
    one, two = _two_waiting(stage)
    early = {
        "id": "early",
        "name": "answer",
        "correlation_key": "5",
        "payload": {},
        "received_at": stage.clock.now,
        "received_from": "ann",
        "expires_at": stage.clock.now + timedelta(days=30),
        "state": "waiting",
        "sender_id": None,
        "instance_id": None,
    }
    with stage.engine.database.write() as connection:
        store.add(connection, sql.NEW_INBOX, [early, {**early, "id": "late", "correlation_key": "6"}])
    alone = stage.start("receiver", number="7")
    with stage.engine.database.write() as connection:
        connection.execute(sa.text("update inbox_message set correlation_key = '7' where id = 'late'"))
    assert stage.engine.management.run_due(limit=1) == 1
    assert stage.engine.history.case(alone.id, ENGINE).status == "completed"
    stage.engine.runtime.cancel(one, "not needed", actor=OWEN)
    assert stage.engine.management.run_due(limit=1) == 1
    assert stage.engine.history.case(two, ENGINE).status == "completed"
