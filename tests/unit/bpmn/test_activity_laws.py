"""Laws of operations, parameters, loops and data objects: whatever happens in which order, a case stays whole."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.case.codec import decode, encode
from engine.errors import StepFailed
from engine.operations import Done, Failed, Input, Operation, Outcome, Output, Raised
from tests.bpmn_cases import Running
from tests.bpmn_models import (
    boundary,
    catch,
    data_object,
    end,
    error,
    error_event,
    flows,
    gateway,
    link,
    multi_instance,
    parameters,
    process,
    reads,
    script,
    service_task,
    standard_loop,
    start,
    sub_process,
    throw,
    user_task,
    writes,
)

ORDER = Operation(
    "order",
    "Order",
    "Orders a thing.",
    lambda call, what: None,  # noqa: ARG005 - never called here
    [Input("what", "text", "What.")],
    [Output("number", "text", "The order's number.")],
)
LOCAL = {"what", "thing", "loopCounter", "draft", "number"}
MODEL = process(
    "p",
    start(),
    gateway("split", "parallel"),
    service_task(
        "orders",
        "order",
        multi_instance(collection="things", item="thing"),
        {"resultVariable": "ordered"},
        parameters({"what": "=thing"}, {"bought": "=number"}),
    ),
    boundary("refused", "orders", error_event("R")),
    script("noted", "refusals = refusals + 1"),
    sub_process(
        "work",
        standard_loop("not(ready)", maximum="4"),
        data_object("d", "Draft"),
        start("is"),
        user_task("write", inner=writes("d")),
        user_task("check", inner=reads("d")),
        end("ie"),
        flows("is", "write", "check", "ie"),
    ),
    throw("far", link("joined")),
    service_task("one", "order", extension=parameters({"what": "=ask"}, {"last": "=number"})),
    catch("near", link("joined")),
    gateway("join", "parallel"),
    end(),
    flows("s", "split", "orders", "join", "e"),
    flows("split", "work", "one", "far"),
    flows("near", "join"),
    flows("refused", "noted", "join"),
    around=error("R", "REFUSED"),
)

ACTIONS = st.lists(
    st.tuples(st.sampled_from(["done", "done", "done", "refused", "failed", "task", "task"]), st.integers(0, 5)),
    max_size=30,
)


def act(case: Running, action: str, number: int) -> None:
    """Do what `action` says to the `number`-th thing that waits, if there is one."""
    if action == "task":
        if case.open:
            task = case.step.open_tasks[number % len(case.open)]
            brought: dict[str, dict[str, Any]] = {"write": {"draft": f"v{number}"}, "check": {"ready": number > 1}}
            case.complete(task.task_id, **brought[task.element_id])
        return
    if not case.step.operations:
        return
    pending = case.step.operations[number % len(case.step.operations)]
    outcome: dict[str, Outcome] = {
        "done": Done({"number": f"O-{number}"}),
        "refused": Raised("REFUSED", "No."),
        "failed": Failed("Away."),
    }
    before = case.step
    try:
        case.finish(pending.element_id, outcome[action])
    except StepFailed:
        assert case.step is before


@settings(max_examples=60)
@given(st.integers(0, 3), ACTIONS)
def test_whatever_happens_a_case_stays_whole(things: int, actions: list[tuple[str, int]]) -> None:
    case = Running(MODEL, operations=[ORDER]).start(
        things=[f"thing {number}" for number in range(things)], refusals=0, ready=False, ask="more"
    )
    for action, number in actions:
        if case.step.finished:
            break
        act(case, action, number)
        assert not LOCAL & case.data.keys()
        assert case.data["refusals"] <= 1
        waiting = [each.task_id for each in case.step.operations]
        assert len(set(waiting)) == len(waiting)
        assert set(waiting).isdisjoint(task.task_id for task in case.step.open_tasks)
        if not case.step.finished:
            assert encode(decode(case.step.state, case.executable, case.context)) == case.step.state
    if case.step.finished:
        assert case.data["last"].startswith("O-")
        assert ("ordered" in case.data) == (case.data["refusals"] == 0)
        assert all(set(each) == {"bought"} for each in case.data.get("ordered", []))
