"""The usual processes of docs/coming-from-camunda.md, drawn as it says, from their start to their end."""

from datetime import timedelta

import pytest

from engine import decisions
from engine.operations import Failed, Input, OperationCall, OperationError, Output, operation
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    boundary,
    catch,
    condition,
    end,
    error,
    error_event,
    escalation,
    escalation_event,
    event_sub_process,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    parameters,
    process,
    rule,
    script,
    send_task,
    service_task,
    start,
    sub_process,
    timer,
    user_task,
)

DAY = timedelta(days=1)
GROUPS = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
    b'<decision id="approvers" name="approvers"><variable name="approvers" typeRef="string"/>'
    b'<literalExpression><text>if amount > 1000 then "board" else "sales"</text></literalExpression></decision>'
    b"</definitions>"
)


@operation(
    "book",
    title="Book",
    help="Books.",
    inputs=[Input("what", "text", "What.")],
    outputs=[Output("id", "text", "Its number.")],
)
def book(call: OperationCall, what: str) -> dict[str, str]:
    raise NotImplementedError  # whoever calls it is no business of the interpreter


WHOSE, MANAGER = [Input("of", "text", "Whose.")], [Output("manager", "text", "Who leads them.")]


@operation("managers", title="Manager", help="Knows who leads whom.", inputs=WHOSE, outputs=MANAGER, pure=True)
def manager(of: str) -> dict[str, str]:
    if of == "engine":
        return {"manager": "mia"}
    raise OperationError("NOBODY", "Nobody leads them.")


@pytest.mark.parametrize(("amount", "group"), [(10, "sales"), (5000, "board")])
def test_approval_of_an_invoice(amount: int, group: str) -> None:
    model, _ = decisions.parse(GROUPS, "d.dmn")
    assert model is not None
    content = process(
        "p",
        start(),
        rule("r", "approvers", "group"),
        user_task("approve", candidateGroups="${group}", dueDate="P7D"),
        gateway("k", default="k_no"),
        service_task("archive", "book", what="invoice"),
        end("paid", "Paid"),
        end("no", "Declined"),
        flows("s", "r", "approve", "k"),
        flow("k", "archive", "${approved}"),
        flow("k", "no", identity="k_no"),
        flows("archive", "paid"),
    )
    case = Running(source(content, decisions=model.decisions), operations=[book]).start(amount=amount)
    assert case.task("approve").candidate_groups == (group,)
    case.do("approve", approved=True).finish("archive", id="4711")
    assert case.step.outcome == "Paid"


def test_onboarding() -> None:
    case = Running(
        process(
            "p",
            start(),
            script("list", 'items = ["laptop", "badge"] + (["vpn"] if department == "it" else [])'),
            user_task("todo", inner=multi_instance(collection="items", item="item"), candidateGroups="${department}"),
            boundary("late", "todo", timer("Cycle", "R/P1D"), interrupting=False),
            service_task("remind", "book", what="mail"),
            end("reminded"),
            end("e", "Onboarded"),
            flows("s", "list", "todo", "e"),
            flows("late", "remind", "reminded"),
        ),
        operations=[book],
    ).start(department="it")
    assert [case.sees("todo")["item"], *case.open] == ["laptop", "todo", "todo", "todo"]
    case.wait(DAY).finish("remind", id="1")
    case.do("todo").do("todo").do("todo")
    assert (case.step.finished, case.step.outcome) == (True, "Onboarded")


def test_escalation_of_incidents() -> None:
    case = Running(
        process(
            "p",
            start(),
            sub_process(
                "x",
                start("xs"),
                user_task("first"),
                gateway("k", default="k_up"),
                end("solved"),
                end("up", inner=escalation_event("N")),
                flows("xs", "first", "k"),
                flow("k", "solved", "${solved}"),
                flow("k", "up", identity="k_up"),
            ),
            boundary("late", "x", timer("Duration", "${sla}")),
            boundary("raised", "x", escalation_event("N")),
            gateway("m"),
            user_task("second"),
            end("e", "Solved"),
            flows("s", "x", "e"),
            flows("late", "m", "second", "e"),
            flow("raised", "m"),
            around=escalation("N", "second"),
        )
    )
    assert case.start(sla="PT4H").do("first", solved=True).step.outcome == "Solved"
    assert case.start(sla="PT4H").do("first", solved=False).open == ["second"]
    assert case.start(sla="PT4H").wait(timedelta(hours=4)).open == ["second"]


def test_order_and_payment() -> None:
    case = Running(
        process(
            "p",
            start(inner=message_event("M"), properties={"resultVariable": "order"}),
            send_task("ask", "A", {"correlationKey": "order.number"}),
            gateway("g", "eventBased"),
            catch("paid", message_event("P"), properties={"correlationKey": "order.number"}),
            catch("late", timer("Duration", "P7D")),
            end("e", "Shipped"),
            end("c", "Cancelled"),
            flows("s", "ask", "g", "paid", "e"),
            flows("g", "late", "c"),
            around=message("M", "ordered") + message("A", "pay") + message("P", "paid"),
        )
    )
    case.begin("s", {"number": 4711})
    assert [(sent.name, sent.correlation_key) for sent in case.step.outgoing] == [("pay", "4711")]
    assert case.receive("paid", key="4711").step.outcome == "Shipped"
    assert case.begin("s", {"number": 4711}).wait(7 * DAY).step.outcome == "Cancelled"


def test_calls_of_other_systems() -> None:
    case = Running(
        process(
            "p",
            start(),
            service_task("call", "book", what="hotel"),
            boundary("b", "call", error_event("F", errorMessageVariable="why")),
            user_task("repair"),
            end(),
            flows("s", "call", "e"),
            flows("b", "repair", "e"),
            around=error("F", "OPERATION_FAILED"),
        ),
        operations=[book],
    ).start()
    case.finish("call", Failed("No answer."))
    assert case.open == ["repair"]
    assert "No answer." in str(case.data["why"])


def test_claims() -> None:
    case = Running(
        process(
            "p",
            start(),
            user_task("assess"),
            end("e", "Settled"),
            flows("s", "assess", "e"),
            event_sub_process(
                "d",
                message_event("M"),
                user_task("look"),
                end("de"),
                flows("d_start", "look", "de"),
                interrupting=False,
            ),
            event_sub_process(
                "f",
                condition("${fraud == true}"),
                user_task("inquire"),
                end("fe", "Fraud"),
                flows("f_start", "inquire", "fe"),
            ),
            around=message("M", "document"),
        )
    ).start()
    case.receive("document").receive("document")
    assert sorted(case.open) == ["assess", "look", "look"]
    case.do("look", fraud=True)
    assert case.open == ["inquire"]
    assert case.do("inquire").step.outcome == "Fraud"


def test_holiday() -> None:
    case = Running(
        process(
            "p",
            start(),
            service_task("ask", "managers", extension=parameters({"of": "${initiator.id}"}, {"manager": "${manager}"})),
            user_task("approve", assignee="${manager}"),
            end(),
            flows("s", "ask", "approve", "e"),
        ),
        operations=[manager],
    ).start(initiator={"id": "engine", "name": "Engine", "organisation": None})
    assert case.task("approve").assignee == "mia"


def test_saga() -> None:
    case = Running(
        process(
            "p",
            start(),
            sub_process(
                "trip",
                start("xs"),
                service_task("hotel", "book", properties={"resultVariable": "hotel_booked"}, what="hotel"),
                service_task("flight", "book", properties={"resultVariable": "flight_booked"}, what="flight"),
                end("xe"),
                flows("xs", "hotel", "flight", "xe"),
            ),
            boundary("b", "trip", error_event("F")),
            gateway("k", "inclusive", default="k_n"),
            service_task("no_hotel", "book", what="cancel hotel"),
            service_task("no_flight", "book", what="cancel flight"),
            end("n", "Not booked"),
            end("e", "Booked"),
            flows("s", "trip", "e"),
            flow("b", "k"),
            flow("k", "no_hotel", "hotel_booked != null"),
            flow("k", "no_flight", "flight_booked != null"),
            flow("k", "n", identity="k_n"),
            flow("no_hotel", "n"),
            flow("no_flight", "n"),
            around=error("F", "OPERATION_FAILED"),
        ),
        operations=[book],
    )
    case.start().finish("hotel", id="1").finish("flight", Failed("Full."))
    assert [each.element_id for each in case.step.operations] == ["no_hotel"]
    assert case.finish("no_hotel", id="1").step.outcome == "Not booked"
    assert case.start().finish("hotel", Failed("Full.")).step.outcome == "Not booked"
    assert case.start().finish("hotel", id="1").finish("flight", id="2").step.outcome == "Booked"


def test_work_as_it_comes() -> None:
    case = Running(
        process(
            "p",
            start(),
            gateway("m"),
            user_task("next"),
            gateway("k", "inclusive", default="k_e"),
            user_task("phone"),
            user_task("visit"),
            gateway("j", "inclusive"),
            end(),
            flows("s", "m", "next", "k"),
            flow("k", "phone", 'list contains(what, "phone")'),
            flow("k", "visit", 'list contains(what, "visit")'),
            flow("k", "e", identity="k_e"),
            flow("phone", "j"),
            flow("visit", "j"),
            flow("j", "m"),
        )
    ).start()
    assert sorted(case.do("next", what=["phone", "visit"]).open) == ["phone", "visit"]
    assert case.do("visit").open == ["phone"]
    assert case.do("phone").open == ["next"]
    assert case.do("next", what=["visit"]).open == ["visit"]
    assert case.do("visit").do("next", what=[]).step.finished
