"""Messages: to the one who waits, or kept until somebody does; never twice, never to the wrong one."""

from datetime import timedelta
from functools import partial

import pytest

from engine.errors import AmbiguousMessage, InputRefused, NotFound, NotPermitted
from engine.steps.inbox import Inbox, Outcome
from engine.types import ENGINE
from engine.views import Turn
from tests.bpmn_models import (
    definitions,
    end,
    flows,
    message,
    process,
    process_part,
    receive_task,
    send_task,
    start,
    user_task,
)
from tests.engine.stage import ANN, BEN, OLGA, STARTERS, Stage, at_once, form

NUMBER = {"type": "textfield", "key": "number", "label": "Number"}
STATUS = {"type": "textfield", "key": "status", "label": "Status", "validate": {"required": True}}


def _receiver(*, form_key: str | None = None, before: str = "") -> bytes:
    properties = {"correlationKey": "number", "resultVariable": "answer", **({"form": form_key} if form_key else {})}
    first = user_task("first", candidateGroups="analysts") if before else ""
    path = ("s", "first", "wait", "e") if before else ("s", "wait", "e")
    return process(
        "p",
        start(form="n"),
        first,
        receive_task("wait", "m", properties),
        end(),
        flows(*path),
        around=message("m", "answer"),
        **STARTERS,
    )


def _deploy(stage: Stage, **kwargs: object) -> None:
    stage.deploy(
        p__bpmn=_receiver(**kwargs),  # type: ignore[arg-type]  # the keywords of the factory
        n__form=form("n", NUMBER),
        a__form=form("a", STATUS),
    )


def test_a_message_goes_to_the_case_with_its_key(stage: Stage) -> None:
    _deploy(stage)
    one, two = stage.start(number="1"), stage.start(number="2")
    delivery = stage.engine.runtime.send_message("answer", "2", {"any": "thing"}, actor=ENGINE)
    assert (delivery.state, delivery.case.id if delivery.case else None) == ("delivered", two.id)
    assert stage.engine.history.case(one.id, OLGA).status == "active"
    assert stage.engine.history.case(two.id, OLGA).status == "completed"
    received = [e for e in stage.engine.history.timeline(two.id, OLGA) if e.kind == "message.received"]
    assert [(e.interface, e.detail) for e in received] == [("message:answer", {"message": delivery.message_id})]
    assert stage.count("subscription") == 1


def test_who_sends_a_message_learns_nothing_of_a_case_they_may_not_see(stage: Stage) -> None:
    _deploy(stage)
    case = stage.start(number="1")
    with pytest.raises(NotFound):
        stage.engine.history.case(case.id, ANN)
    delivery = stage.engine.runtime.send_message("answer", "1", {}, actor=ANN)
    assert (delivery.state, delivery.case) == ("delivered", None)
    assert stage.value("select received_from from inbox_message where id = :id", id=delivery.message_id) == "ann"


def test_a_list_says_which_step_waits_for_a_message(stage: Stage) -> None:
    named = _receiver().replace(b'id="wait"', b'id="wait" name="Hear from them"')
    stage.deploy(p__bpmn=named, n__form=form("n", NUMBER))
    case = stage.start(number="1")
    (row,) = stage.engine.history.cases(ENGINE).rows
    assert row.waiting_for == (Turn("message", "Hear from them"),)
    (wait,) = stage.engine.history.case(case.id, ENGINE).waits
    assert (wait.name, wait.message_name) == ("Hear from them", "answer")


def test_an_early_message_waits_for_its_case(stage: Stage) -> None:
    _deploy(stage, before="yes")
    stage.start(number="7")
    early = stage.engine.runtime.send_message("answer", "7", {"a": 1}, actor=ANN)
    assert early.state == "waiting"
    assert early.expires_at == stage.clock.now + timedelta(days=30)
    assert stage.do("first").finished is False
    (case,) = stage.engine.history.cases(ENGINE).rows
    assert case.status == "completed"
    assert stage.value("select state from inbox_message") == "delivered"


def test_the_oldest_of_several_waiting_messages_is_delivered(stage: Stage) -> None:
    _deploy(stage)
    for number in range(2):
        stage.engine.runtime.send_message("answer", "7", {"number": number}, actor=ANN)
        stage.clock.pass_by(minutes=1)
    stage.start(number="7")
    assert [row.state for row in stage.rows("select state from inbox_message order by received_at")] == [
        "delivered",
        "waiting",
    ]


def test_a_message_that_nobody_waits_for_in_time_expires(stage: Stage) -> None:
    _deploy(stage)
    stage.engine.runtime.send_message("answer", "7", {}, actor=ANN)
    stage.clock.pass_by(days=30)
    stage.engine.management.run_due()
    assert stage.value("select state from inbox_message") == "expired"
    stage.start(number="7")
    assert stage.engine.management.run_due() == 0
    assert stage.value("select count(*) from process_instance where status = 'active'") == 1


@pytest.mark.parametrize(("kept", "late"), [(timedelta(hours=1), 1), (timedelta(hours=1), 5), (timedelta(), 0)])
def test_a_message_that_is_too_old_reaches_nobody_who_begins_to_wait(stage: Stage, kept: timedelta, late: int) -> None:
    _deploy(stage, before="yes")
    stage.start(number="7")
    stage.engine.runtime.send_message("answer", "7", {"a": 1}, actor=ANN, time_to_live=kept)
    stage.clock.pass_by(hours=late, seconds=1 if late == 0 else 0)
    assert stage.do("first").finished is False
    # Whether or not the scheduler has had a turn since it was too old.
    assert stage.value("select status from process_instance") == "active"
    stage.clock.pass_by(minutes=1)
    assert stage.engine.management.run_due() == 0
    assert stage.value("select state from inbox_message") == "expired"
    fresh = stage.engine.runtime.send_message("answer", "7", {"a": 2}, actor=ANN, time_to_live=timedelta())
    assert (fresh.state, stage.value("select status from process_instance")) == ("delivered", "completed")


def test_a_message_that_came_in_time_is_delivered_however_late(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _deploy(stage)
    stage.start(number="7")
    with monkeypatch.context() as crashing:
        crashing.setattr("engine.steps.inbox.Inbox.deliver", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            stage.engine.runtime.send_message("answer", "7", {}, actor=ANN, time_to_live=timedelta())
    stage.clock.pass_by(days=2)
    assert stage.engine.management.run_due() == 1
    assert stage.value("select state from inbox_message") == "delivered"


def test_a_message_that_is_being_delivered_does_not_expire(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler has its turn between the writing of a message that is not kept and its delivery."""
    _deploy(stage)
    stage.start(number="7")
    deliver = Inbox.deliver

    def after_a_turn(inbox: Inbox, message_id: str) -> Outcome:
        inbox.expire()
        return deliver(inbox, message_id)

    monkeypatch.setattr(Inbox, "deliver", after_a_turn)
    sent = stage.engine.runtime.send_message("answer", "7", {}, actor=ANN, time_to_live=timedelta())
    assert (sent.state, stage.value("select status from process_instance")) == ("delivered", "completed")


def test_a_message_on_its_way_to_one_whose_clock_is_ahead_does_not_expire(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host on which a case began to wait is some seconds ahead of the one that receives a message not kept."""
    _deploy(stage)
    stage.clock.pass_by(seconds=30)
    stage.start(number="7")
    stage.clock.pass_by(seconds=-30)
    deliver = Inbox.deliver

    def after_a_turn(inbox: Inbox, message_id: str) -> Outcome:
        inbox.expire()
        return deliver(inbox, message_id)

    monkeypatch.setattr(Inbox, "deliver", after_a_turn)
    sent = stage.engine.runtime.send_message("answer", "7", {}, actor=ANN, time_to_live=timedelta())
    assert (sent.state, stage.value("select status from process_instance")) == ("delivered", "completed")


def test_more_messages_than_a_turn_delivers_do_not_expire_meanwhile(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _deploy(stage)
    with monkeypatch.context() as crashing:
        crashing.setattr(Inbox, "deliver", lambda *_: 1 / 0)
        for number in "123":
            stage.start(number=number)
            with pytest.raises(ZeroDivisionError):
                stage.engine.runtime.send_message("answer", number, {}, actor=ANN, time_to_live=timedelta())
    stage.engine.runtime.send_message("answer", "nobody", {}, actor=ANN, time_to_live=timedelta())
    stage.clock.pass_by(days=2)
    assert [stage.engine.management.run_due(limit=1) for _ in range(4)] == [1, 1, 1, 0]
    states = [row.state for row in stage.rows("select state from inbox_message order by received_at, correlation_key")]
    assert sorted(states) == ["delivered", "delivered", "delivered", "expired"]


def test_who_waited_in_time_gets_a_message_whoever_begins_to_wait_when_it_is_too_old(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            receive_task("wait", "m"),
            end(),
            flows("s", "wait", "e"),
            around=message("m", "answer"),
            **STARTERS,
        )
    )
    in_time = stage.start()
    with monkeypatch.context() as crashing:
        crashing.setattr(Inbox, "deliver", lambda *_: 1 / 0)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                stage.engine.runtime.send_message("answer", None, {}, actor=ANN, time_to_live=timedelta(hours=1))
    stage.clock.pass_by(hours=2)
    stage.start()
    assert stage.engine.management.run_due() == 1
    assert stage.value("select id from process_instance where status = 'completed'") == in_time.id
    states = [row.state for row in stage.rows("select state from inbox_message order by state")]
    assert states == ["delivered", "expired"]


def test_a_message_that_came_in_time_for_several_expires(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a crash left it: nobody can say to whom it is, and it must not cost every turn from now on."""
    _deploy(stage)
    stage.start(number="7")
    with monkeypatch.context() as crashing:
        crashing.setattr(Inbox, "deliver", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            stage.engine.runtime.send_message("answer", "7", {}, actor=ANN, time_to_live=timedelta(hours=1))
        crashing.setattr(Inbox, "follow_up", lambda *_: None)
        stage.start(number="7")
    stage.clock.pass_by(minutes=59)
    assert stage.engine.management.run_due() == 0
    assert stage.value("select state from inbox_message") == "waiting"
    stage.clock.pass_by(minutes=1)
    assert stage.engine.management.run_due() == 0
    assert stage.value("select state from inbox_message") == "expired"


def test_what_nobody_could_receive_is_refused(stage: Stage) -> None:
    _deploy(stage, form_key="a")
    stage.start(number="7")
    for name, key, payload in (
        ("unknown", "7", {}),
        ("answer", "7", {}),
        ("answer", "7", {"status": 3}),
        ("answer", "7", ["status"]),
        ("answer", "8", {"statuses": "x"}),
    ):
        with pytest.raises(InputRefused):
            stage.engine.runtime.send_message(name, key, payload, actor=ANN)
    with pytest.raises(NotPermitted):
        stage.engine.runtime.send_message("answer", "7", {"status": "x"}, actor=OLGA)
    assert stage.count("inbox_message") == 0
    assert stage.engine.runtime.send_message("answer", "7", {"status": "x"}, actor=ANN).state == "delivered"


def test_an_ambiguous_message_is_refused(stage: Stage) -> None:
    _deploy(stage)
    stage.start(number="7")
    stage.start(number="7")
    with pytest.raises(AmbiguousMessage, match=r"or more than one place in a case, waits .* 'answer' with the key '7'"):
        stage.engine.runtime.send_message("answer", "7", {}, actor=ANN)
    assert stage.count("inbox_message") == 0


def test_two_messages_for_one_wait_deliver_one(stage: Stage) -> None:
    _deploy(stage)
    for round_number in range(5):
        key = str(round_number)
        case = stage.start(number=key)
        outcomes = at_once(
            *(
                partial(stage.engine.runtime.send_message, "answer", key, {}, actor=actor)
                for actor in (ANN, BEN, ENGINE)
            )
        )
        assert [each.error for each in outcomes] == [None] * 3
        assert sorted(each.result.state for each in outcomes) == ["delivered", "waiting", "waiting"]
        assert stage.engine.history.case(case.id, OLGA).status == "completed"
    assert stage.value("select count(*) from activity_event where kind = 'message.received'") == 5


def test_a_message_that_arrives_as_the_case_begins_to_wait_is_not_lost(stage: Stage) -> None:
    _deploy(stage, before="yes")
    for round_number in range(8):
        key = str(round_number)
        case = stage.start(number=key)
        task = stage.task("first")
        outcomes = at_once(
            partial(stage.complete, task.id),
            partial(stage.engine.runtime.send_message, "answer", key, {}, actor=BEN),
        )
        assert [each.error for each in outcomes] == [None, None]
        assert stage.engine.history.case(case.id, OLGA).status == "completed"
    assert stage.value("select count(*) from activity_event where kind = 'message.received'") == 8


def _sender_and_receiver(destination: str | None = None) -> bytes:
    properties = {"correlationKey": "number", "payload": '{status: "done"}'}
    if destination is not None:
        properties["destination"] = destination
    return definitions(
        message("m", "answer"),
        process_part(
            "sender",
            start(form="n"),
            send_task("tell", "m", properties),
            end(),
            flows("s", "tell", "e"),
            **STARTERS,
        ),
        process_part(
            "receiver",
            start("s2", form="n"),
            receive_task("wait", "m", {"correlationKey": "number", "form": "a", "resultVariable": "answer"}),
            user_task("go_on", candidateGroups="analysts"),
            end("e2"),
            flows("s2", "wait", "go_on", "e2"),
            **STARTERS,
        ),
    )


def test_cases_send_each_other_messages(stage: Stage) -> None:
    stage.deploy(p__bpmn=_sender_and_receiver(), n__form=form("n", NUMBER), a__form=form("a", STATUS))
    waiting = stage.start("receiver", number="5")
    sender = stage.start("sender", number="5")
    assert stage.task("go_on").case.id == waiting.id
    assert "message.sent" in stage.kinds(sender.id)
    stage.start("sender", number="6")
    late = stage.start("receiver", number="6")
    assert late.id in {row.case.id for row in stage.tasks()}


def test_a_crash_between_sending_and_delivering_is_repaired(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.deploy(p__bpmn=_sender_and_receiver(), n__form=form("n", NUMBER), a__form=form("a", STATUS))
    waiting = stage.start("receiver", number="5")
    monkeypatch.setattr("engine.steps.inbox.Inbox.follow_up", lambda *_: None)
    stage.start("sender", number="5")
    assert stage.tasks() == ()
    monkeypatch.undo()
    assert stage.engine.management.run_due() == 1
    assert stage.task("go_on").case.id == waiting.id
    assert stage.engine.management.run_due() == 0


def test_messages_for_others_stand_in_the_outbox_until_handed_over(stage: Stage) -> None:
    stage.deploy(p__bpmn=_sender_and_receiver("portfolio"), n__form=form("n", NUMBER), a__form=form("a", STATUS))
    case = stage.start("sender", number="5")
    (row,) = stage.engine.management.outbox(ENGINE).rows
    assert (row.name, row.destination, row.correlation_key, row.case.id) == ("answer", "portfolio", "5", case.id)
    assert row.payload == {"status": "done"}
    outcomes = at_once(*(lambda: stage.engine.management.hand_over(row.id, actor=ENGINE) for _ in range(3)))
    assert sum(each.error is None for each in outcomes) == 1
    assert stage.engine.management.outbox(ENGINE).rows == ()
    (handed,) = stage.engine.management.outbox(ENGINE, state="handed over").rows
    assert handed.handed_over_at == stage.clock.now


def test_what_no_database_could_hold_is_refused(stage: Stage) -> None:
    _deploy(stage)
    stage.start(number="7")
    for name, key, payload in (
        ("answer", "7", {"a": "x\0"}),
        ("answer", "7", {"a": "\ud800"}),
        ("answer", "7", float("nan")),
        ("answer", "7" * 256, {}),
        ("a" * 256, "7", {}),
    ):
        with pytest.raises(InputRefused):
            stage.engine.runtime.send_message(name, key, payload, actor=ANN)
    assert stage.count("inbox_message") == 0
    case = stage.engine.history.cases(ENGINE).rows[0]
    for text in ("x\0y", "\ud800"):
        if stage.engine.database.dialect == "postgresql" or text != "x\0y":
            with pytest.raises(InputRefused):
                stage.engine.runtime.comment(case.id, text, "everyone", actor=OLGA)
            with pytest.raises(InputRefused):
                stage.tasks(text=text)
