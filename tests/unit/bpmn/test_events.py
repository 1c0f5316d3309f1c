"""Start and end events, termination and errors."""

from datetime import timedelta

from tests.bpmn_cases import Running
from tests.bpmn_models import (
    boundary,
    end,
    error,
    error_event,
    flow,
    flows,
    gateway,
    one,
    process,
    script,
    start,
    sub_process,
    throw,
    user_task,
)

HOUR = timedelta(hours=1)
TERMINATE = "<bpmn:terminateEventDefinition/>"


def test_a_case_ends_with_the_name_of_its_end_event() -> None:
    case = Running(process("p", start(), user_task("a"), end("e", "All done"), flows("s", "a", "e"))).start()
    assert (case.step.finished, case.step.outcome) == (False, None)
    case.do("a")
    assert (case.step.finished, case.step.outcome, case.open) == (True, "All done", [])
    assert case.log == [("a", "completed"), ("e", "completed")]
    assert case.step.activities[-1].outcome == "All done"


def test_an_end_event_without_a_name_gives_its_id() -> None:
    assert Running(process("p", start(), end("bye"), flow("s", "bye"))).start().step.outcome == "bye"


def test_a_terminate_end_event_cancels_what_is_left() -> None:
    content = process(
        "p",
        start(),
        gateway("g", "parallel"),
        user_task("a"),
        user_task("b"),
        end("stop", "Stopped", TERMINATE),
        end("e"),
        flows("s", "g", "a", "stop"),
        flows("g", "b", "e"),
    )
    case = Running(content).start().do("a")
    assert (case.step.finished, case.step.outcome) == (True, "Stopped")
    assert ("b", "cancelled") in case.log


def test_after_a_terminate_end_event_nothing_ready_runs_any_more() -> None:
    """SpiffWorkflow runs tasks that were ready when their process was terminated."""
    content = process(
        "p",
        start(),
        gateway("g", "parallel"),
        end("stop", "", TERMINATE),
        script("late", "late = True"),
        end("e"),
        flow("s", "g"),
        flow("g", "stop"),
        flows("g", "late", "e"),
    )
    case = Running(content).start()
    assert case.step.finished
    assert "late" not in case.data


def test_a_terminate_end_event_in_a_sub_process_ends_the_sub_process_only() -> None:
    inner = (
        start("is"),
        gateway("ig", "parallel"),
        user_task("x"),
        user_task("y"),
        end("stop", "", TERMINATE),
        end("ie"),
        flows("is", "ig", "x", "stop"),
        flows("ig", "y", "ie"),
    )
    content = process("p", start(), sub_process("sub", *inner), user_task("b"), end(), flows("s", "sub", "b", "e"))
    case = Running(content).start().do("x")
    assert case.open == ["b"]
    assert ("y", "cancelled") in case.log


def in_sub(definition: str, *catching: str, around: str) -> bytes:
    inner = sub_process("sub", start("is"), user_task("x"), end("ie", "Wrong", definition), flows("is", "x", "ie"))
    handlers = "".join(
        user_task(f"h{number}") + flow(f"b{number}", f"h{number}") + flow(f"h{number}", "e")
        for number in range(len(catching))
    )
    events = "".join(boundary(f"b{number}", "sub", each) for number, each in enumerate(catching))
    return process(
        "p",
        start(),
        inner,
        events,
        handlers,
        user_task("fine"),
        end("e", "End"),
        flows("s", "sub", "fine", "e"),
        around=around,
    )


ERRORS = error("E1", "42") + error("E2", "43")


def test_an_error_is_caught_by_the_event_for_its_code() -> None:
    case = Running(
        in_sub(error_event("E1"), error_event("E2"), error_event(), error_event("E1"), around=ERRORS)
    ).start()
    assert case.do("x").open == ["h2"]
    assert case.log == [
        ("x", "completed"),
        ("ie", "completed"),
        ("sub", "cancelled"),
        ("b2", "completed"),
        ("h2", "started"),
    ]


def test_an_error_is_caught_by_an_event_for_any() -> None:
    assert Running(in_sub(error_event("E1"), error_event("E2"), error_event(), around=ERRORS)).start().do("x").open == [
        "h1"
    ]


def test_an_error_that_nobody_catches_ends_the_case() -> None:
    case = Running(in_sub(error_event("E1"), error_event("E2"), around=ERRORS)).start().do("x")
    assert (case.step.finished, case.step.outcome, case.open) == (True, "Wrong", [])


def test_a_throw_event_without_a_message_passes() -> None:
    case = Running(one(throw("t"))).start()
    assert case.log[1:] == [("t", "completed"), ("z", "started")]
    assert case.step.outgoing == ()
