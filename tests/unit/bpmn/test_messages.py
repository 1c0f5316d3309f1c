"""Messages: waited for and sent."""

from datetime import timedelta

import pytest

from engine.errors import StepFailed, TaskNotOpen
from tests.bpmn_cases import NOW, Running
from tests.bpmn_models import (
    boundary,
    catch,
    element,
    end,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    one,
    process,
    receive_task,
    send_task,
    start,
    throw,
    user_task,
    with_event,
)

ANSWER = message("m", "answer")


def test_a_receive_task_waits_for_its_message() -> None:
    properties = {"correlationKey": "number", "resultVariable": "reply"}
    content = process(
        "p",
        start(),
        receive_task("r", "m", properties),
        user_task("a"),
        end(),
        flows("s", "r", "a", "e"),
        around=ANSWER,
    )
    case = Running(content).start(number="R-7")
    [waits] = case.step.subscriptions
    assert (waits.message_name, waits.correlation_key, waits.element_id) == ("answer", "R-7", "r")
    assert ("r", "started") in case.log
    case.receive("answer", {"yes": True}, "R-7")
    assert case.data["reply"] == {"yes": True}
    assert case.log[0] == ("r", "completed")
    assert case.step.activities[0].interface == "message:answer"
    with pytest.raises(TaskNotOpen):
        case.complete(waits.task_id)


def test_a_message_is_delivered_once() -> None:
    content = process(
        "p", start(), catch("c", message_event("m")), user_task("a"), end(), flows("s", "c", "a", "e"), around=ANSWER
    )
    case = Running(content).start()
    first = case.step.subscriptions[0]
    case.receive("answer")
    case.step = case.step.__class__(
        **{**{name: getattr(case.step, name) for name in case.step.__slots__}, "subscriptions": (first,)}
    )
    with pytest.raises(TaskNotOpen):
        case.receive("answer")


def test_a_correlation_key_that_comes_to_nothing_fails_the_step() -> None:
    content = process(
        "p", start(), receive_task("r", "m", {"correlationKey": "number"}), end(), flows("s", "r", "e"), around=ANSWER
    )
    with pytest.raises(StepFailed, match="correlation key") as caught:
        Running(content).start()
    assert caught.value.element_id == "r"


def test_a_correlation_key_is_what_it_was_when_the_event_began_to_wait() -> None:
    content = process(
        "p",
        start(),
        gateway("g", "parallel"),
        user_task("a"),
        boundary("b", "a", message_event("M"), interrupting=False, properties={"correlationKey": "order"}),
        user_task("o"),
        end(),
        flows("s", "g", "a", "e"),
        flows("g", "o", "e"),
        flows("b", "e"),
        around=message("M", "paid"),
    )
    case = Running(content).start(order=1).do("o", order=2)
    assert [each.correlation_key for each in case.receive("paid", key="1").step.subscriptions] == ["1"]


def test_a_boundary_message_that_does_not_interrupt_comes_again() -> None:
    properties = {"resultVariable": "news"}
    case = Running(with_event(message_event("m"), interrupting=False, around=ANSWER, properties=properties)).start()
    case.receive("answer", 1).receive("answer", 2)
    assert case.open.count("late") == 2
    assert case.data["news"] == 2


def test_an_interrupting_boundary_message_cancels() -> None:
    case = Running(with_event(message_event("m"), interrupting=True, around=ANSWER)).start().receive("answer")
    assert case.open == ["late"]
    assert case.step.subscriptions == ()


def test_messages_are_sent_with_key_payload_and_destination() -> None:
    sent = {"destination": "portfolio", "correlationKey": "number", "payload": "{title: title, by: actor}"}
    content = process(
        "p",
        start(),
        send_task("st", "m", sent),
        throw("th", message_event("m"), {"destination": '= "to-" + number'}),
        end("e", "", message_event("m"), {}),
        flows("s", "st", "th", "e"),
        around=message("m", "decided"),
    )
    case = Running(content).start(number="R-1", title="T")
    first, second, third = case.step.outgoing
    assert (first.name, first.correlation_key, first.destination) == ("decided", "R-1", "portfolio")
    assert first.payload == {"title": "T", "by": None}
    assert (second.destination, second.correlation_key, second.payload) == ("to-R-1", None, {})
    assert (third.destination, third.element_id) == (None, "e")
    assert [change.interface for change in case.step.activities] == [None] + ["message:decided"] * 3


def test_a_payload_cannot_refer_to_records() -> None:
    properties = {"resultVariable": "reply"}
    content = one(receive_task("r", "m", properties), around=ANSWER)
    case = Running(content).start()
    with pytest.raises(StepFailed, match="reference"):
        case.receive("answer", {"a": [{"register": "secret", "id": "S-1", "version": 1}]})


def test_each_instance_may_wait_for_a_message_of_its_own() -> None:
    task = element(
        "receiveTask",
        "r",
        inner=multi_instance(collection="items", item="item"),
        attributes='messageRef="m"',
        properties={"correlationKey": "item", "resultVariable": "reply"},
    )
    case = Running(one(task, around=ANSWER)).start(items=["a", "b"])
    assert [each.correlation_key for each in case.step.subscriptions] == ["a", "b"]
    case.receive("answer", 2, "b").receive("answer", 1, "a")
    assert case.open == ["z"]
    assert case.data["reply"] == 1
    assert len(case.step.warnings) == 1, "the second answer overwrote the first: name a list to keep both"


def test_a_message_says_how_long_it_lives() -> None:
    def case(live: str) -> Running:
        return Running(one(send_task("x", "m", {"timeToLive": live}), around=ANSWER))

    assert case("P7D").start().step.outgoing[0].expires_at == NOW + timedelta(days=7)
    assert case('=duration("PT1H")').start().step.outgoing[0].expires_at == NOW + timedelta(hours=1)
    assert Running(one(send_task("x", "m"), around=ANSWER)).start().step.outgoing[0].expires_at is None
    for wrong in ("2030-01-01T00:00:00Z", '=duration("-PT1H")', "=soon"):
        with pytest.raises(StepFailed) as caught:
            case(wrong).start()
        assert caught.value.element_id == "x"
