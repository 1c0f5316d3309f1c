"""The twenty faults of SpiffWorkflow 3.2.0 that are kept away from cases, by their numbers in docs/spiffworkflow.md.

Each test fails on SpiffWorkflow as it is, or without what `engine.bpmn` does instead.
"""

import re
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import decisions
from engine.bpmn import interpreter
from engine.bpmn.case import codec
from engine.bpmn.case.case import _SCRIPT_ENGINE
from engine.errors import ComityError, DefinitionRefused, ExpressionRefused, StepFailed, TaskNotOpen
from engine.types import Finding
from tests.bpmn_cases import NOW, Running, source
from tests.bpmn_models import (
    boundary,
    catch,
    element,
    end,
    error,
    error_event,
    event_sub_process,
    flow,
    flows,
    gateway,
    link,
    message,
    multi_instance,
    one,
    process,
    receive_task,
    rule,
    script,
    signal,
    signal_event,
    start,
    sub_process,
    throw,
    timer,
    user_task,
    with_event,
)
from tests.unit.bpmn.everything import BUILT
from tests.unit.decisions.making import decision, model, only, table
from tests.unit.lint.models import findings_in

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "spiffworkflow.md"
HOUR = timedelta(hours=1)


def refusals(content: bytes) -> list[Finding]:
    """Return the errors that the lint finds; each that names an element has to say its line."""
    found = [each for each in findings_in(content) if each.severity == "error"]
    assert all(each.line for each in found if each.element_id), found
    return found


def refused(content: bytes, element_id: str) -> Finding:
    """Return the error at an element, which also keeps the model from being built."""
    (found, *_) = [each for each in refusals(content) if each.element_id == element_id]
    assert found.line
    assert found.remedy
    return found


def work(*parts: str, around: str = "") -> bytes:
    return process("p", *parts, around=around, candidateStarterGroups="staff", properties={"ownerGroup": "owners"})


# --- running ----------------------------------------------------------------------------------------------------------


def test_fault_01_a_loop_goes_on_behind_the_thousandth_level() -> None:
    case = Running(
        process(
            "p", start(), gateway("m"), user_task("a"), gateway("x", default="out"), end(),
            flows("s", "m", "a", "x"), flow("x", "m", "more"), flow("x", "e", identity="out"),
        )
    ).start()  # fmt: skip
    sizes = set()
    for _ in range(1_200):
        assert case.open == ["a"]
        case.do("a", more=True)
        sizes.add(len(case.step.state))
    assert max(sizes) - min(sizes) < 10
    assert case.do("a", more=False).step.finished


def test_fault_02_a_run_changes_nothing_of_what_it_runs_on() -> None:
    def looks() -> list[dict[str, Any]]:
        specs = [BUILT.root, *BUILT.scopes.values()]
        parts = [part for spec in specs for part in (spec, *spec.task_specs.values())]
        return [
            {name: list(value) if isinstance(value, list) else value for name, value in vars(part).items()}
            for part in parts
        ]

    before = looks()
    for items in ([1, 2], ["x"], []):
        case = Running(BUILT).start(reminders=0, items=items, a=True, b=True, c=True, d=True)
        case.wait(HOUR).wait(3 * HOUR)
        while case.open:
            case.do(case.open[0], more=False)
    assert looks() == before


def test_fault_03_data_may_have_any_names() -> None:
    case = Running(one(user_task("a"))).start(typename="task", data={"typename": "x", "_type": [1]})
    case.do("a", typename="again")
    assert case.data == {"typename": "again", "data": {"typename": "x", "_type": [1]}}


def test_fault_04_old_states_with_sub_processes_are_read() -> None:
    state = (HERE / "states" / "version-1.state").read_bytes()
    case = codec.decode(state, BUILT, Running(BUILT).context)
    assert len(list(case.scopes())) > 2
    assert len(list(case.tokens())) > 4


def test_fault_05_parallel_branches_that_add_to_a_list_both_count() -> None:
    content = process(
        "p", start(), gateway("g", "parallel"), user_task("a"), user_task("b"), gateway("j", "parallel"), end(),
        flows("s", "g", "a", "j", "e"), flows("g", "b", "j"),
    )  # fmt: skip
    case = Running(content).start(log=["s"]).do("a", log=["s", "x"]).do("b", log=["s", "y"])
    assert case.data["log"] == ["s", "x", "y"]


@pytest.mark.parametrize("order", [("PT1H", "PT9H"), ("PT9H", "PT1H")])
def test_fault_06_each_timer_at_an_event_based_gateway_has_its_own_time(order: tuple[str, str]) -> None:
    first, second = order
    content = process(
        "p", start(), gateway("g", "eventBased"), end(), user_task("a"), user_task("b"), flow("s", "g"),
        catch("one", timer("Duration", first)), catch("two", timer("Duration", second)),
        flows("g", "one", "a", "e"), flows("g", "two", "b", "e"),
    )  # fmt: skip
    case = Running(content).start().wait(HOUR)
    assert case.open == ["a" if first == "PT1H" else "b"]


def test_fault_07_event_sub_processes_interrupt_or_not_and_keep_nothing_open() -> None:
    def content(definition: str, *, interrupting: bool) -> bytes:
        inner = (user_task("h"), end("he"), flows("on_start", "h", "he"))
        return process(
            "p", start(), user_task("a"), end(), flows("s", "a", "e"),
            event_sub_process("on", definition, *inner, interrupting=interrupting),
            around=error("E", "1"),
        )  # fmt: skip

    late = timer("Duration", "PT1H")
    assert Running(content(late, interrupting=True)).start().wait(HOUR).open == ["h"]
    assert sorted(Running(content(late, interrupting=False)).start().wait(HOUR).open) == ["a", "h"]
    assert Running(content(error_event("E"), interrupting=True)).start().open == ["a"], "it does not run at once"
    assert Running(content(late, interrupting=True)).start().do("a").step.finished, "a pending timer keeps nothing open"


def test_fault_08_what_is_drawn_runs_or_is_refused() -> None:
    chosen = process(
        "p", start(), user_task("a"), user_task("b"), end(), flows("s", "a"), flow("a", "b", "go"),
        flow("a", "e", "not(go)"), flow("b", "e"),
    )  # fmt: skip
    assert Running(chosen).start().do("a", go=True).open == ["b"]
    assert Running(chosen).start().do("a", go=False).step.finished
    linked = process("p", start(), throw("o", link("l")), catch("i", link("l")), user_task("a"), end(),
                     flows("s", "o"), flows("i", "a", "e"))  # fmt: skip
    assert Running(linked).start().open == ["a"]
    thrown = process(
        "p", start(), gateway("g", "parallel"), catch("w", signal_event("S")), user_task("a"), user_task("heard"),
        end("e", "", signal_event("S")), end("e2"), flows("s", "g", "a", "e"), flows("g", "w", "heard", "e2"),
        around=signal("S", "s"),
    )  # fmt: skip
    assert Running(thrown).start().do("a").open == ["heard"]
    inside = start("is") + user_task("x") + end("ie") + flows("is", "x", "ie")
    for kind, identity in (("adHocSubProcess", "t"), ("transaction", "t")):
        found = refused(work(start(), element(kind, "t", "", inside), end(), flows("s", "t", "e")), identity)
        assert kind in found.message or "sub-process" in found.message
    compensation = throw("t", "<bpmn:compensateEventDefinition/>")
    refused(work(start(), compensation, end(), flows("s", "t", "e")), "t")


def test_fault_09_no_attribute_of_camunda_is_passed_over() -> None:
    task = user_task(
        "a", assignee="ann", candidateGroups="staff", dueDate="P1D", formRef="f",
        inner='<bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="x">${1 + 1}'
        "</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements>",
    )  # fmt: skip
    case = Running(one(task)).start()
    found = case.task("a")
    assert (found.assignee, found.candidate_groups, found.form_key) == ("ann", ("staff",), "f")
    assert found.due_at == NOW + timedelta(days=1)
    assert case.sees("a")["x"] == 2
    listens = '<bpmn:extensionElements><camunda:taskListener event="create" class="X"/></bpmn:extensionElements>'
    refused(work(start(), user_task("a", inner=listens), end(), flows("s", "a", "e")), "a")
    outside = element("serviceTask", "t", attributes='camunda:type="external" camunda:topic="x"')
    refused(work(start(), outside, end(), flows("s", "t", "e")), "t")


def test_fault_10_expressions_and_durations_are_translated_or_refused_before_they_run() -> None:
    content = process(
        "p", start(), gateway("x", default="no"), user_task("yes"), catch("wait", timer("Duration", "PT1H")), end(),
        flows("s", "x"), flow("x", "yes", "${amount > 10 && kind == 'a'}"), flow("x", "wait", identity="no"),
        flow("yes", "e"), flow("wait", "e"),
    )  # fmt: skip
    assert Running(content).start(amount=11, kind="a").open == ["yes"]
    waiting = Running(content).start(amount=1, kind="a")
    assert [each.due_at for each in waiting.step.timers] == [NOW + HOUR]
    for condition in ("${execution.getVariable('x')}", "${a >", "${#foo}"):
        wrong = work(
            start(), gateway("x", default="n"), end(), end("e2"), flow("s", "x"), flow("x", "e", condition),
            flow("x", "e2", identity="n"),
        )  # fmt: skip
        assert refusals(wrong), condition


@pytest.mark.parametrize(
    "content",
    [
        work(start(), user_task("a"), end(), flows("s", "a", "nowhere")),
        work(start(), boundary("b", "nobody", timer("Duration", "PT1H")), end(), flows("s", "e")),
        work(start(), receive_task("r", "no_message"), end(), flows("s", "r", "e")),
        work(start(), catch("c", timer("Duration", "1 +")), end(), flows("s", "c", "e")),
        work(start(), element("callActivity", "c"), end(), flows("s", "c", "e")),
        work(start(), element("unknownThing", "c"), end(), flows("s", "c", "e")),
        work(*(sub_process(f"n{depth}") for depth in range(3)), start(), end(), flows("s", "e")),
    ],
)
def test_fault_11_findings_have_lines_and_nothing_else_escapes(content: bytes) -> None:
    found = refusals(content)
    assert found
    assert all(each.line for each in found)
    with pytest.raises(DefinitionRefused):
        Running(content)


@pytest.mark.parametrize("identity", ["Start", "End", "Root", "root", "completed"])
def test_fault_12_no_id_means_more_than_itself(identity: str) -> None:
    for begin, task in ((identity, "a"), ("s", identity)):
        content = work(start(begin), user_task(task, candidateGroups="staff"), end("e"), flows(begin, task, "e"))
        try:
            case = Running(content).start()
        except DefinitionRefused:
            assert refusals(content)
            continue
        assert case.open == [task]
        assert case.do(task).step.finished


def test_fault_13_what_is_over_is_not_run_again() -> None:
    case = Running(with_event(timer("Duration", "PT1H"), interrupting=True)).start()
    task = case.task("a").task_id
    case.do("a")
    with pytest.raises(TaskNotOpen):
        case.complete(task)
    case = Running(with_event(timer("Duration", "PT1H"), interrupting=True)).start()
    task = case.task("a").task_id
    case.wait(HOUR)
    assert case.open == ["late"]
    with pytest.raises(TaskNotOpen):
        case.complete(task)


# --- decisions --------------------------------------------------------------------------------------------------------


def test_fault_14_hit_policies_and_result_variables() -> None:
    def points(policy: str, aggregation: str | None = None) -> Any:
        rules = [("< 10", "1"), ("> 5", "2")]
        return only(decision(table(["n"], ["p"], rules, policy, aggregation))).evaluate({"n": 7}, now=NOW).value

    assert points("FIRST") == 1
    assert points("RULE ORDER") == [1, 2]
    assert points("COLLECT", "SUM") == 3
    with pytest.raises(StepFailed, match="UNIQUE"):
        points("UNIQUE")
    five = only(decision(table(["n"], ["p"], [("-", "5")]), identity="d"))
    assert Running(source(one(rule("r", "d", "mine")), decisions={"d": five})).start(n=1).data["mine"] == 5


@pytest.mark.parametrize(
    ("cell", "value", "matches"),
    [
        ("[1..5]", 3, True), ("[1..5]", 6, False), ('"a","b"', "b", True), ('"a","b"', "c", False),
        ('not("a")', "b", True), ('not("a")', "a", False), ("true", True, True),
        ('date("2026-01-01")', "2026-01-01", True),
    ],
)  # fmt: skip
def test_fault_15_cells_are_unary_tests(cell: str, value: Any, matches: bool) -> None:
    kind = "date" if "date" in cell else None
    inputs: list[Any] = [("n", kind)] if kind else ["n"]
    found = only(decision(table(inputs, ["p"], [(cell, "1")]))).evaluate({"n": value}, now=NOW)
    assert found.value == (1 if matches else None)


def test_fault_15_a_cell_of_thousands_of_signs_hangs_nothing() -> None:
    began = time.monotonic()
    for sign in ("?", "(", "-", "not("):
        found, findings = decisions.parse(model(decision(table(["n"], ["p"], [(sign * 16_000, "1")]))), "d.dmn")
        if found is None or findings:
            continue
        with suppress(ComityError):
            next(iter(found.decisions.values())).evaluate({"n": 1}, now=NOW)
    assert time.monotonic() - began < 5


# --- steps and events -------------------------------------------------------------------------------------------------


def test_fault_16_a_step_says_all_that_it_changed() -> None:
    case = Running(one(user_task("a", inner=multi_instance(cardinality="2")))).start().do("a")
    assert ("a", "completed") in case.log
    case.do("a")
    assert case.log == [("a", "completed"), ("z", "started")]
    cycle = Running(with_event(timer("Cycle", "R/PT1H"), interrupting=False)).start()
    armed = cycle.step.timers[0].due_at
    cycle.wait(HOUR)
    assert cycle.step.timers[0].due_at == armed + HOUR
    assert ("b", "completed") in cycle.log


def test_fault_17_a_message_for_nobody_is_an_answer_and_what_was_sent_stays_to_be_read() -> None:
    case = Running(one(receive_task("r", "m"), around=message("m", "told"))).start()
    waiting = case.step.subscriptions[0].task_id
    case.receive("told")
    assert case.open == ["z"]
    for nobody in (waiting, "no id"):
        with pytest.raises(TaskNotOpen):
            interpreter.deliver(case.executable, case.step.state, nobody, None, case.context)
    sends = Running(one(element("sendTask", "t", attributes='messageRef="m"'), around=message("m", "told"))).start()
    assert [each.name for each in sends.step.outgoing] == ["told"]
    assert [each.name for each in sends.step.outgoing] == ["told"]


def test_fault_18_overdue_cycles_occur_once_and_dates_are_dates() -> None:
    case = Running(with_event(timer("Cycle", "R/PT1H"), interrupting=False)).start().wait(10 * HOUR)
    assert case.open.count("late") == 1
    every_morning = Running(with_event(timer("Cycle", "0 0 9 * * ?"), interrupting=False)).start()
    assert [each.due_at.hour for each in every_morning.step.timers] == [9]
    with pytest.raises((StepFailed, DefinitionRefused, ExpressionRefused), match="date"):
        Running(with_event(timer("Date", "P1D"), interrupting=True)).start()


def test_fault_19_a_script_that_fails_is_a_failure_or_caught() -> None:
    broken = script("t", "x = 1\ny = x / n")
    with pytest.raises(StepFailed) as caught:
        Running(one(broken)).start(n=0)
    assert (caught.value.element_id, caught.value.line) == ("t", 2)
    content = process(
        "p", start(), broken, boundary("b", "t", error_event()), user_task("mend"), end(), end("e2"),
        flows("s", "t", "e"), flows("b", "mend", "e2"),
    )  # fmt: skip
    assert Running(content).start(n=0).open == ["mend"]


@pytest.mark.parametrize(
    "attack",
    [
        "a = open('/etc/passwd').read()",
        "import os\na = os.popen('id').read()",
        "a = ().__class__.__base__.__subclasses__()",
        "while True:\n    pass",
        "a = 'x' * 10**10",
        "a = eval(\"__import__('os').environ\")",
    ],
)
def test_fault_20_scripts_and_expressions_reach_nothing(attack: str) -> None:
    case = Running(one(script("t", attack)))
    with pytest.raises(ComityError):
        case.start()
    for refused_here in (_SCRIPT_ENGINE.environment.evaluate, _SCRIPT_ENGINE.environment.execute):
        with pytest.raises(StepFailed, match=r"Python|sandbox"):
            refused_here("1 + 1", {})


# --- the page ---------------------------------------------------------------------------------------------------------


def test_every_fault_is_on_the_page_with_its_test() -> None:
    rows = dict(re.findall(r"^\| (\d+) \|.*\| `(test_fault_\d\d_\w+)` \|$", PAGE.read_text(), re.MULTILINE))
    assert [int(number) for number in rows] == list(range(1, 21))
    assert all(f"test_fault_{int(number):02}_" in name and name in globals() for number, name in rows.items())
