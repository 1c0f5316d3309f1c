"""Errors and escalations: who catches them, what is interrupted, what the catcher learns."""

import pytest

from engine import decisions
from engine.bpmn.reading.executable import build
from engine.errors import BudgetSpent, DefinitionRefused, StepFailed
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    boundary,
    call,
    element,
    end,
    error,
    error_event,
    escalation,
    escalation_event,
    event_sub_process,
    flow,
    flows,
    gateway,
    multi_instance,
    process,
    rule,
    script,
    start,
    sub_process,
    throw,
    user_task,
)

AROUND = (
    error("E1", "42")
    + error("E2", "43")
    + error("Script", "SCRIPT_FAILED")
    + error("Decision", "DECISION_FAILED")
    + escalation("N1", "late")
    + escalation("N2", "loud")
)
WHO = {"errorCodeVariable": "code", "errorMessageVariable": "why"}
BROKEN = script("x", "done = 1\nquotient = 1 / n")


def handler(identity: str, definition: str, *, interrupting: bool = True) -> str:
    """An event sub-process with one user task, named after it."""
    return event_sub_process(
        identity,
        definition,
        user_task(f"{identity}_task"),
        end(f"{identity}_end"),
        flows(f"{identity}_start", f"{identity}_task", f"{identity}_end"),
        interrupting=interrupting,
    )


def with_task(task: str, *parts: str) -> bytes:
    """The process: user task `a`, then `task` (`x`), then user task `z`."""
    return process(
        "p", start(), user_task("a"), task, user_task("z"), end(), flows("s", "a", "x", "z", "e"), *parts, around=AROUND
    )


def caught(on: str, definition: str, *, interrupting: bool = True) -> str:
    """A boundary event `b` on the activity `on`, and the task `h` behind it."""
    return boundary("b", on, definition, interrupting=interrupting) + user_task("h") + end("he") + flows("b", "h", "he")


# --- failures of automatic tasks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("definition", [error_event(**WHO), error_event("Script", **WHO)])
def test_a_failing_script_is_caught_on_its_task(definition: str) -> None:
    case = Running(with_task(BROKEN, caught("x", definition))).start().do("a", n=0)
    assert case.open == ["h"]
    assert case.log == [("a", "completed"), ("x", "cancelled"), ("b", "completed"), ("h", "started")]
    assert case.data["code"] == "SCRIPT_FAILED"
    assert "ZeroDivisionError" in case.data["why"]
    assert "done" not in case.data, "what a failing script wrote does not remain"
    assert Running(with_task(BROKEN, caught("x", definition))).start().do("a", n=1).open == ["z"]


def test_a_failing_script_without_an_event_for_it_fails_the_step() -> None:
    for other in (
        "",
        caught("x", error_event("E1")),
        caught("a2", error_event()) + script("a2", "y = 1") + flow("a2", "e"),
    ):
        case = Running(with_task(BROKEN, other)).start()
        with pytest.raises(StepFailed, match="ZeroDivisionError"):
            case.do("a", n=0)


def test_around_a_failing_script_only_an_event_for_its_code_catches() -> None:
    def inside(definition: str) -> Running:
        sub = sub_process("x", start("is"), script("s1", "q = 1 / n"), end("ie"), flows("is", "s1", "ie"))
        return Running(with_task(sub, caught("x", definition))).start()

    case = inside(error_event("Script")).do("a", n=0)
    assert case.open == ["h"]
    assert ("s1", "cancelled") in case.log
    assert ("x", "cancelled") in case.log
    with pytest.raises(StepFailed, match="ZeroDivisionError"):
        inside(error_event()).do("a", n=0)


def test_a_failing_decision_is_caught() -> None:
    table = (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        b'<decision id="grade" name="Grade"><decisionTable id="t" hitPolicy="UNIQUE"><input id="i">'
        b'<inputExpression id="ie"><text>n</text></inputExpression></input><output id="o" name="grade"/>'
        b'<rule id="r1"><inputEntry id="e1"><text>1</text></inputEntry>'
        b'<outputEntry id="o1"><text>1</text></outputEntry></rule>'
        b'<rule id="r2"><inputEntry id="e2"><text>&lt; 5</text></inputEntry>'
        b'<outputEntry id="o2"><text>2</text></outputEntry></rule></decisionTable></decision></definitions>'
    )
    model, _ = decisions.parse(table, "grade.dmn")
    assert model is not None
    content = with_task(rule("x", "grade", "grade"), caught("x", error_event("Decision", **WHO)))
    case = Running(source(content, decisions=model.decisions)).start().do("a", n=1)
    assert (case.open, case.data["code"]) == (["h"], "DECISION_FAILED")
    assert "grade" not in case.data


def test_a_failing_instance_interrupts_the_whole_activity() -> None:
    many = script("x", "q = 1 / item", multi_instance(collection="items", item="item"))
    case = Running(with_task(many, caught("x", error_event()))).start().do("a", items=[2, 0, 1])
    assert case.open == ["h"]
    assert "q" not in case.data or case.data["q"] == 0.5
    inner = (start("is"), user_task("t"), script("s1", "q = 1 / item"), end("ie"), flows("is", "t", "s1", "ie"))
    sub = sub_process("x", multi_instance(collection="items", item="item"), *inner)
    case = Running(with_task(sub, caught("x", error_event("Script")))).start().do("a", items=[0, 1])
    assert case.open == ["t", "t"]
    assert case.do("t").open == ["h"]


def test_the_budget_of_a_step_is_no_error_of_the_model() -> None:
    content = with_task(script("x", "y = 1"), caught("x", error_event()), flow("z", "x"))
    case = Running(content).start()
    case.limits = {"max_tasks": 1}
    with pytest.raises(BudgetSpent):
        case.do("a")


@pytest.mark.parametrize("definition", [error_event(), escalation_event()])
def test_a_task_of_a_person_throws_nothing(definition: str) -> None:
    content = with_task(user_task("x"), caught("x", definition))
    with pytest.raises(DefinitionRefused, match=r"A userTask throws no (error|escalation)\."):
        build([source(content)])


# --- who catches ------------------------------------------------------------------------------------------------------


def thrown(kind: str, *inside: str, around: str = "", end_definition: str = "") -> Running:
    """A sub-process `x` in which the task `t` leads to an end that throws."""
    definition = end_definition or (error_event("E1") if kind == "error" else escalation_event("N1"))
    sub = sub_process(
        "x", start("is"), user_task("t"), end("ie", "Thrown", definition), flows("is", "t", "ie"), *inside
    )
    return Running(with_task(sub, around)).start().do("a")


def test_an_event_sub_process_catches_before_a_boundary_event() -> None:
    case = thrown("error", handler("inner", error_event("E1")), around=caught("x", error_event("E1"))).do("t")
    assert case.open == ["inner_task"]
    assert case.log == [
        ("t", "completed"),
        ("ie", "completed"),
        ("inner", "started"),
        ("inner_start", "completed"),
        ("inner_task", "started"),
    ]
    assert case.do("inner_task").open == ["z"], "the sub-process is completed when its handling is"


def test_the_code_comes_before_any_in_each_scope_and_a_nearer_scope_before_a_farther_one() -> None:
    both = (handler("any", error_event()), handler("code", error_event("E1")))
    assert thrown("error", *both).do("t").open == ["code_task"]
    assert thrown("error", both[0], around=caught("x", error_event("E1"))).do("t").open == ["any_task"]
    assert thrown("error", handler("other", error_event("E2")), around=caught("x", error_event())).do("t").open == ["h"]
    case = thrown("error", around=handler("outer", error_event("E1")))
    assert case.do("t").open == ["outer_task"]
    assert case.log[:3] == [("t", "completed"), ("ie", "completed"), ("x", "cancelled")]


def test_what_an_event_sub_process_throws_is_not_caught_by_itself() -> None:
    again = event_sub_process(
        "again", error_event(), end("again_end", "Worse", error_event("E1")), flow("again_start", "again_end")
    )
    assert thrown("error", again, around=caught("x", error_event("E1"))).do("t").open == ["h"]
    case = thrown("error", again).do("t")
    assert (case.step.finished, case.step.outcome) == (True, "Worse")


def test_after_an_interruption_nothing_else_in_the_scope_catches() -> None:
    again = event_sub_process(
        "again", error_event("E2"), end("again_end", "Worse", error_event("E1")), flow("again_start", "again_end")
    )
    case = thrown(
        "error",
        again,
        handler("beside", error_event("E1")),
        around=caught("x", error_event("E1")),
        end_definition=error_event("E2"),
    ).do("t")
    assert case.open == ["h"]


def test_the_catcher_learns_code_and_message() -> None:
    named = '<bpmn:error id="E9" name="Not found" errorCode="404" camunda:errorMessage="No such customer"/>'
    sub = sub_process("x", start("is"), end("ie", "", error_event("E9")), flow("is", "ie"))
    parts = (start(), sub, caught("x", error_event(**WHO)), end(), flows("s", "x", "e"))
    assert Running(process("p", *parts, around=named)).start().data == {"code": "404", "why": "No such customer"}
    plain = named.replace(' camunda:errorMessage="No such customer"', "")
    assert Running(process("p", *parts, around=plain)).start().data == {"code": "404", "why": "Not found"}
    parts = (start(), sub.replace(' errorRef="E9"', ""), *parts[2:])
    assert Running(process("p", *parts)).start().data == {"code": None, "why": None}


def test_an_error_that_an_operation_throws_looks_for_its_catcher_from_the_task() -> None:
    """`throw_error` at a task, as a service task does it."""
    from engine.bpmn import interpreter  # noqa: PLC0415
    from engine.bpmn.case import codec  # noqa: PLC0415
    from engine.bpmn.specs.catching import throw_error  # noqa: PLC0415

    content = with_task(script("x", "y = 1"), handler("outer", error_event("E1", **WHO)))
    running = Running(content).start()
    case = codec.decode(running.step.state, running.executable, running.context)
    token = next(case.tokens())
    assert not throw_error(token, "43", "Nobody waits for it.")
    assert token.live
    assert throw_error(token, "42", "It is gone.")
    running.step = interpreter.step_of(case)
    assert running.open == ["outer_task"]
    assert (running.data["code"], running.data["why"]) == ("42", "It is gone.")
    assert ("a", "cancelled") in running.log


# --- escalations ------------------------------------------------------------------------------------------------------


def test_an_escalation_is_told_and_the_work_goes_on() -> None:
    definition = escalation_event("N1", escalationCodeVariable="code")
    sub = sub_process(
        "x",
        start("is"),
        user_task("t"),
        throw("up", escalation_event("N1")),
        user_task("u"),
        end("ie"),
        flows("is", "t", "up", "u", "ie"),
    )
    case = Running(with_task(sub, caught("x", definition, interrupting=False))).start().do("a").do("t")
    assert sorted(case.open) == ["h", "u"]
    assert case.data["code"] == "late"
    assert [each for each in case.log if each[0] in ("up", "b")] == [("up", "completed"), ("b", "completed")]
    assert case.do("u").do("z").open == ["h"]


def test_an_interrupting_escalation_ends_its_activity_and_what_threw_it_does_not_go_on() -> None:
    sub = sub_process(
        "x",
        start("is"),
        user_task("t"),
        throw("up", escalation_event("N1")),
        user_task("u"),
        end("ie"),
        flows("is", "t", "up", "u", "ie"),
    )
    case = Running(with_task(sub, caught("x", escalation_event()))).start().do("a").do("t")
    assert case.open == ["h"]
    assert case.log == [
        ("t", "completed"),
        ("up", "completed"),
        ("x", "cancelled"),
        ("b", "completed"),
        ("h", "started"),
    ]


def test_an_escalation_end_event_ends_its_branch_only() -> None:
    case = thrown("escalation", around=caught("x", escalation_event("N1"), interrupting=False)).do("t")
    assert sorted(case.open) == ["h", "z"]
    assert case.step.warnings == ()


def test_an_escalation_starts_an_event_sub_process() -> None:
    case = thrown("escalation", handler("care", escalation_event("N1"), interrupting=False)).do("t")
    assert case.open == ["care_task"], "the sub-process waits for it"
    assert case.do("care_task").open == ["z"]
    assert thrown("escalation", handler("care", escalation_event("N1"))).do("t").open == ["care_task"]


def test_an_escalation_that_nobody_catches_is_a_warning() -> None:
    case = thrown("escalation", around=caught("x", escalation_event("N2"))).do("t")
    assert case.open == ["z"]
    assert case.step.warnings == ("'Thrown' threw the escalation 'late' that no event around it catches.",)


def test_an_escalation_leaves_a_called_process() -> None:
    called = process(
        "q",
        start("qs"),
        throw("up", escalation_event("N1")),
        user_task("deep"),
        end("qe"),
        flows("qs", "up", "deep", "qe"),
        around=AROUND,
    )
    around = call("x", "q")
    case = (
        Running(with_task(around, caught("x", escalation_event("N1"), interrupting=False)), source(called, "q"))
        .start()
        .do("a")
    )
    assert sorted(case.open) == ["deep", "h"]


def test_an_error_and_an_escalation_of_one_code_are_two_things() -> None:
    case = thrown("error", around=caught("x", escalation_event()))
    assert case.do("t").step.finished


def test_an_escalation_in_an_instance_interrupts_all_of_them() -> None:
    inner = (start("is"), user_task("t"), end("ie", "", escalation_event("N1")), flows("is", "t", "ie"))
    sub = sub_process("x", multi_instance(cardinality="3"), *inner)
    case = Running(with_task(sub, caught("x", escalation_event()))).start().do("a").do("t")
    assert case.open == ["h"]
    case = Running(with_task(sub, caught("x", escalation_event(), interrupting=False))).start().do("a").do("t")
    assert sorted(case.open) == ["h", "t", "t"]


def test_an_interrupted_branch_beside_the_throw_is_cancelled_too() -> None:
    sub = sub_process(
        "x",
        start("is"),
        gateway("g", "parallel"),
        user_task("t"),
        user_task("u"),
        end("ie", "", error_event("E1")),
        end("ue"),
        flows("is", "g", "t", "ie"),
        flows("g", "u", "ue"),
        handler("inner", error_event("E1")),
    )
    case = Running(with_task(sub)).start().do("a").do("t")
    assert case.open == ["inner_task"]
    assert ("u", "cancelled") in case.log


def test_an_error_without_a_solid_line_is_refused() -> None:
    for parts in (caught("x", error_event(), interrupting=False), handler("h2", error_event(), interrupting=False)):
        with pytest.raises(DefinitionRefused, match="always interrupts"):
            build([source(with_task(script("x", "y = 1"), parts))])
    with pytest.raises(DefinitionRefused, match="no escalation 'gone'"):
        build([source(with_task(element("intermediateThrowEvent", "x", inner=escalation_event("gone"))))])
