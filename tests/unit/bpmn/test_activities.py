"""Tasks, sub-processes, called processes and multi-instance activities."""

from datetime import timedelta
from xml.sax.saxutils import quoteattr

import pytest

from engine import decisions
from engine.errors import StepFailed, TaskNotOpen
from tests.bpmn_cases import NOW, Running, source
from tests.bpmn_models import (
    boundary,
    call,
    definitions,
    element,
    end,
    error,
    error_event,
    flow,
    flows,
    gateway,
    into,
    lanes,
    message,
    multi_instance,
    out,
    process,
    process_part,
    rule,
    script,
    send_task,
    start,
    sub_process,
    timer,
    user_task,
)


def one(task: str, *, around: str = "") -> bytes:
    """A process with one activity, then the user task `z`."""
    identity = task.split('id="', 1)[1].split('"', 1)[0]
    return process("p", start(), task, user_task("z"), end(), flows("s", identity, "z", "e"), around=around)


def test_a_user_task_has_what_the_model_says() -> None:
    task = user_task(
        "a",
        "Look at it",
        "<bpmn:documentation>Read it twice.</bpmn:documentation>",
        assignee="${boss}",
        candidateUsers="ann, bob",
        candidateGroups='staff, ${team}, =["x"]',
        dueDate="P3D",
        followUpDate="=start",
        priority="70",
        formRef="need",
    )
    content = process("p", lanes(Business_analyst="a"), start(), task, end(), flows("s", "a", "e"))
    found = Running(content).start(boss="eve", team="hosting", start="2026-02-01").task("a")
    assert (found.name, found.form_key, found.assignee) == ("Look at it", "need", "eve")
    assert (found.candidate_users, found.candidate_groups) == (("ann", "bob"), ("staff", "hosting", "x"))
    assert found.due_at == NOW + timedelta(days=3)
    assert found.follow_up_at is not None
    assert found.follow_up_at.isoformat() == "2026-02-01T00:00:00+00:00"
    assert (found.priority, found.lane, found.documentation) == (70, "Business analyst", "Read it twice.")


def test_what_a_user_task_has_is_worked_out_once() -> None:
    case = Running(
        process(
            "p",
            start(),
            user_task("a", assignee="${boss}", dueDate="P3D"),
            user_task("b"),
            end(),
            flow("s", "a"),
            flow("s", "b"),
            flows("a", "e"),
            flows("b", "e"),
        )
    ).start(boss="eve")
    case.now += timedelta(days=1)
    case.do("b", boss="joe")
    assert (case.task("a").assignee, case.task("a").due_at) == ("eve", NOW + timedelta(days=3))


@pytest.mark.parametrize(
    ("name", "value"), [("priority", '="high"'), ("dueDate", "soon"), ("assignee", "=1"), ("candidateGroups", "=[1]")]
)
def test_an_attribute_of_the_wrong_kind_fails_the_step(name: str, value: str) -> None:
    task = user_task("a").replace('id="a"', f'id="a" camunda:{name}={quoteattr(value)}')
    with pytest.raises(StepFailed) as caught:
        Running(one(task)).start()
    assert caught.value.element_id == "a"


def test_a_task_is_completed_once() -> None:
    case = Running(one(user_task("a"))).start()
    task = case.task("a").task_id
    case.complete(task)
    for identity in (task, "no id", "0" * 32):
        with pytest.raises(TaskNotOpen):
            case.complete(identity)


def test_the_outcome_of_a_user_task_is_logged() -> None:
    content = one(user_task("a", properties={"outcome": 'if ok then "accepted" else null'}))
    assert Running(content).start().do("a", ok=True).step.activities[0].outcome == "accepted"
    assert Running(content).start().do("a", ok=False).step.activities[0].outcome is None


def test_an_activity_entered_again_is_rework_except_instances() -> None:
    content = process(
        "p",
        start(),
        gateway("m"),
        user_task("a"),
        user_task("mi", inner=multi_instance(cardinality="2")),
        gateway("x", default="d"),
        end(),
        flows("s", "m", "a", "mi", "x"),
        flow("x", "m", "again = true"),
        flow("x", "e", identity="d"),
    )
    case = Running(content).start()
    assert [change.rework for change in case.step.activities] == [False, False, False]
    case.do("a").do("mi").do("mi", again=True)
    assert [(change.element_id, change.rework) for change in case.step.activities][-1] == ("a", True)
    case.do("a")
    assert [(change.element_id, change.rework) for change in case.step.activities] == [
        ("a", True),
        ("mi", False),
        ("mi", False),
    ]


def test_a_manual_task_passes_and_is_logged() -> None:
    case = Running(one(element("manualTask", "m", "Shake hands"))).start()
    assert ("m", "completed") in case.log
    assert case.open == ["z"]


def test_a_script_sets_the_names_that_it_assigns() -> None:
    case = Running(one(script("x", "total = 0\nfor i in items:\n    total += i['n']\nlast = i"))).start(
        items=[{"n": 1}, {"n": 2}], other=1
    )
    assert case.data == {"items": [{"n": 1}, {"n": 2}], "other": 1, "total": 3, "i": {"n": 2}, "last": {"n": 2}}


def test_a_script_that_fails_names_element_and_line() -> None:
    with pytest.raises(StepFailed, match="NameError") as caught:
        Running(one(script("x", "a = 1\nb = amont"))).start()
    assert (caught.value.element_id, caught.value.line) == ("x", 2)


DMN = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">
<decision id="grade" name="grade"><decisionTable hitPolicy="UNIQUE"><input id="i"><inputExpression id="ie" typeRef="number">
<text>n</text></inputExpression></input><output id="o" name="out" typeRef="string"/>
<rule id="r1"><inputEntry id="i1"><text>&lt; 5</text></inputEntry><outputEntry id="o1"><text>"low"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="i2"><text>&gt;= 5</text></inputEntry><outputEntry id="o2"><text>"high"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def test_a_business_rule_task_asks_its_decision() -> None:
    model, _ = decisions.parse(DMN, "d.dmn")
    assert model is not None
    content = source(one(rule("r", "grade", "grade")), decisions=model.decisions)
    case = Running(content).start(n=7)
    assert case.data["grade"] == "high"
    assert "decision:grade" in [change.interface for change in case.step.activities]


def test_a_sub_process_shares_the_variables_around_it() -> None:
    content = one(sub_process("sub", start("is"), user_task("x"), end("ie"), flows("is", "x", "ie"), name="Work"))
    case = Running(content).start(a=1)
    assert case.sees("x") == {"a": 1}
    assert case.log == [("s", "completed"), ("sub", "started"), ("is", "completed"), ("x", "started")]
    case.do("x", b=2)
    assert case.data == {"a": 1, "b": 2}
    assert case.log == [("x", "completed"), ("ie", "completed"), ("sub", "completed"), ("z", "started")]


def test_a_timer_on_a_sub_process_cancels_all_within() -> None:
    inner = sub_process("inner", start("iis"), user_task("y"), end("iie"), flows("iis", "y", "iie"))
    outer = sub_process("sub", start("is"), inner, end("ie"), flows("is", "inner", "ie"))
    content = process(
        "p",
        start(),
        outer,
        boundary("b", "sub", timer("Duration", "PT1H")),
        user_task("z"),
        end(),
        flows("s", "sub", "e"),
        flows("b", "z", "e"),
    )
    case = Running(content).start().wait(timedelta(hours=1))
    assert case.open == ["z"]
    assert [each for each in case.log if each[1] == "cancelled"] == [
        (name, "cancelled") for name in ("sub", "inner", "y")
    ]


CALLED = process("q", start("qs"), user_task("x"), end("qe"), flows("qs", "x", "qe"))


def test_a_called_process_has_variables_of_its_own() -> None:
    mappings = into("a", "given") + into("a * 2", "twice").replace("source=", "sourceExpression=")
    content = one(call("c", "q", mappings + out("r", "result") + out("r + given", "sum", expression=True)))
    case = Running(content, source(CALLED, "q")).start(a=5, secret=1)
    assert case.sees("x") == {"given": 5, "twice": 10}
    assert case.step.open_tasks[0].process_key == "q"
    assert ("c", "started") in case.log
    case.do("x", r=7, other=1)
    assert case.data == {"a": 5, "secret": 1, "result": 7, "sum": 12}
    assert "process:q" in [change.interface for change in case.step.activities]


def test_without_mappings_all_variables_go_in_and_come_out() -> None:
    case = Running(one(call("c", "q")), source(CALLED, "q")).start(a=5)
    assert case.sees("x") == {"a": 5}
    assert case.do("x", b=1).data == {"a": 5, "b": 1}


def test_only_what_is_mapped_out_comes_out() -> None:
    case = Running(one(call("c", "q", into("a", "a"))), source(CALLED, "q")).start(a=5).do("x", b=1)
    assert case.data == {"a": 5}


def test_a_process_that_calls_itself_without_end_is_stopped() -> None:
    content = process("p", start(), call("c", "p"), end(), flows("s", "c", "e"))
    with pytest.raises(StepFailed, match="50 levels"):
        Running(content).start()


def test_a_process_may_call_itself() -> None:
    content = process(
        "p",
        start(),
        user_task("a"),
        gateway("g", default="d"),
        call("c", "p", into("n", "n")),
        end(),
        flows("s", "a", "g"),
        flow("g", "c", "n > 0"),
        flow("g", "e", identity="d"),
        flow("c", "e"),
    )
    case = Running(content).start()
    case.do("a", n=1)
    assert (case.open, case.sees("a")) == (["a"], {"n": 1})
    assert case.do("a", n=0).step.finished


def test_an_error_in_a_called_process_is_caught_on_the_call() -> None:
    called = process(
        "q",
        start("qs"),
        user_task("x"),
        end("qe", "", error_event("E")),
        flows("qs", "x", "qe"),
        around=error("E", "42"),
    )
    content = process(
        "p",
        start(),
        call("c", "q"),
        boundary("b", "c", error_event("F")),
        user_task("fine"),
        user_task("h"),
        end(),
        flows("s", "c", "fine", "e"),
        flows("b", "h", "e"),
        around=error("F", "42"),
    )
    assert Running(content, source(called, "q")).start().do("x").open == ["h"]


def test_a_file_may_hold_pools_that_do_not_run() -> None:
    pools = (
        '<bpmn:collaboration id="c"><bpmn:participant id="p1" name="Us" processRef="p"/><bpmn:participant id="p2" name="Them"/>'
        '<bpmn:messageFlow id="mf" sourceRef="p2" targetRef="p1"/></bpmn:collaboration>'
    )
    content = definitions(pools, process_part("p", start(), user_task("a"), end(), flows("s", "a", "e")))
    assert Running(content).start().do("a").step.finished


# --- multi-instance -----------------------------------------------------------------------------------------------------


def test_parallel_instances_have_their_item_and_their_own_answers() -> None:
    loop = multi_instance(collection="people", item="person")
    content = one(user_task("a", inner=loop, properties={"resultVariable": "answers"}, assignee="${person}"))
    case = Running(content).start(people=["ann", "bob", "eve"])
    assert [task.assignee for task in case.step.open_tasks] == ["ann", "bob", "eve"]
    assert case.sees("a") == {"people": ["ann", "bob", "eve"], "person": "ann", "loopCounter": 0}
    last = case.step.open_tasks[2].task_id
    case.complete(last, ok=False)
    case.do("a", ok=True).do("a", ok=True)
    assert case.open == ["z"]
    assert case.data["answers"] == [{"ok": True}, {"ok": True}, {"ok": False}]
    assert set(case.data) == {"people", "answers"}


def test_sequential_instances_come_one_after_the_other() -> None:
    content = one(
        user_task("a", inner=multi_instance(collection="people", item="person", sequential=True), assignee="${person}")
    )
    case = Running(content).start(people=["ann", "bob"])
    assert [task.assignee for task in case.step.open_tasks] == ["ann"]
    case.do("a", people=[])
    assert [task.assignee for task in case.step.open_tasks] == ["bob"], "the collection was read at the start"
    assert case.do("a").open == ["z"]


def test_the_completion_condition_ends_the_rest() -> None:
    condition = "nrOfCompletedInstances >= 2 and ok = true"
    content = one(
        user_task("a", inner=multi_instance(cardinality="4", condition=condition), properties={"resultVariable": "all"})
    )
    case = Running(content).start().do("a", ok=True).do("a", ok=False)
    assert case.open.count("a") == 2
    case.do("a", ok=True)
    assert case.open == ["z"]
    assert ("a", "cancelled") in case.log
    assert case.data["all"] == [{"ok": True}, {"ok": False}, {"ok": True}, None]


def test_a_cardinality_counts_and_nothing_to_do_passes() -> None:
    content = one(user_task("a", inner=multi_instance(cardinality="n")))
    assert Running(content).start(n=3).open == ["a"] * 3
    assert Running(content).start(n=0).open == ["z"]
    for wrong in (-1, 1.5, "x", None, True):
        with pytest.raises(StepFailed, match="cardinality"):
            Running(content).start(n=wrong)


def test_a_collection_that_is_no_list_fails() -> None:
    with pytest.raises(StepFailed, match="no list"):
        Running(one(user_task("a", inner=multi_instance(collection="people", item="x")))).start()


def test_instances_without_a_result_variable_bring_into_the_case_by_the_merge_rule() -> None:
    content = one(user_task("a", inner=multi_instance(cardinality="2")))
    case = Running(content).start(log=["start"])
    case.do("a", log=["start", "x"], note="one").do("a", log=["start", "y"], note="two")
    assert case.data["log"] == ["start", "x", "y"]
    assert case.data["note"] == "two"
    assert case.step.warnings == ("'a' overwrote a change that a parallel branch had made to 'note'.",)


def test_sub_processes_and_calls_may_be_multi_instance() -> None:
    inner = (
        multi_instance(collection="items", item="item")
        + start("is")
        + user_task("x")
        + end("ie")
        + flows("is", "x", "ie")
    )
    content = one(sub_process("sub", inner, properties={"resultVariable": "done"}))
    case = Running(content).start(items=[10, 20])
    first, second = case.step.open_tasks
    case.complete(second.task_id, note="b")
    assert case.sees("x") == {"items": [10, 20], "item": 10, "loopCounter": 0}
    assert case.complete(first.task_id, note="a").data["done"] == [{"note": "a"}, {"note": "b"}]
    called = one(
        call("c", "q", into("item", "n") + out("r", "r"), inner=multi_instance(collection="items", item="item"))
    )
    case = Running(called, source(CALLED, "q")).start(items=[1, 2])
    assert [case.sees("x"), len(case.step.open_tasks)] == [{"n": 1}, 2]
    assert case.do("x", r=5).do("x", r=5).data == {"items": [1, 2], "r": 5}


def test_a_message_may_be_sent_for_each_item() -> None:
    task = send_task(
        "st", "m", {"payload": "item", "correlationKey": "loopCounter"}, multi_instance(collection="items", item="item")
    )
    case = Running(one(task, around=message("m", "told"))).start(items=["a", "b"])
    assert [(each.payload, each.correlation_key) for each in case.step.outgoing] == [("a", "0"), ("b", "1")]


def test_a_timer_on_a_multi_instance_activity_cancels_every_instance() -> None:
    content = process(
        "p",
        start(),
        user_task("a", inner=multi_instance(cardinality="2")),
        boundary("b", "a", timer("Duration", "PT1H")),
        user_task("z"),
        end(),
        flows("s", "a", "e"),
        flows("b", "z", "e"),
    )
    case = Running(content).start()
    case.do("a").wait(timedelta(hours=1))
    assert (case.open, case.step.timers) == (["z"], ())


def test_an_error_in_one_instance_ends_all() -> None:
    inner = (
        multi_instance(cardinality="2")
        + start("is")
        + user_task("x")
        + end("ie", "", error_event("E"))
        + flows("is", "x", "ie")
    )
    content = process(
        "p",
        start(),
        sub_process("sub", inner),
        boundary("b", "sub", error_event("E")),
        user_task("z"),
        end(),
        flows("s", "sub", "e"),
        flows("b", "z", "e"),
        around=error("E", "1"),
    )
    assert Running(content).start().do("x").open == ["z"]


def test_one_build_serves_collections_of_different_kinds() -> None:
    """SpiffWorkflow's Camunda parser rewrites the spec for the next instance."""
    content = one(user_task("a", inner=multi_instance(collection="items", item="item")))
    built = Running(content).executable
    assert len(Running(built).start(items=[1, 2]).open) == 2
    assert len(Running(built).start(items=[]).open) == 1
    assert len(Running(built).start(items=["x"] * 5).open) == 5
