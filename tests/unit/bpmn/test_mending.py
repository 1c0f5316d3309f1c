"""What an operator does to a case: variables, moves, skips; what would harm the case is refused and changes nothing."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import mending
from engine.bpmn.case import codec
from engine.bpmn.case.case import Case
from engine.bpmn.reading.executable import Executable
from engine.errors import NotMendable, StepFailed, TaskNotOpen
from engine.types import Json, MessageSubscription
from engine.types.by_hand import Place, Standing
from engine.types.step import Step
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    end,
    event_sub_process,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    process,
    receive_task,
    script,
    start,
    sub_process,
    timer,
    user_task,
    writes,
)
from tests.unit.bpmn.eventful import BUILT as EVENTFUL_BUILT
from tests.unit.bpmn.everything import BUILT

TWO = process("p", start(), user_task("a"), user_task("b"), end(), flows("s", "a", "b", "e"))
FORK = process(
    "p",
    start(),
    gateway("fork", "parallel"),
    user_task("a"),
    user_task("a2"),
    user_task("b"),
    gateway("join", "parallel"),
    user_task("after"),
    end(),
    flows("s", "fork", "a", "a2", "join", "after", "e"),
    flows("fork", "b", "join"),
)


def look(case: Running) -> Standing:
    return mending.look(case.executable, case.step.state, case.context)


def place(case: Running, element: str) -> Place:
    return next(each for each in look(case).places if each.element_id == element)


def kept(case: Running, step: Step) -> Running:
    case.step = step
    case.registers.keep(step)
    return case


def moved(case: Running, element: str, target: str) -> Running:
    return kept(
        case, mending.move(case.executable, case.step.state, place(case, element).task_id, target, case.context)
    )


def skipped(case: Running, element: str, **outputs: Json) -> Running:
    task = place(case, element).task_id
    return kept(case, mending.skip(case.executable, case.step.state, task, outputs, case.context))


def changed(case: Running, task_id: str | None = None, removed: Sequence[str] = (), **values: Json) -> Running:
    step = mending.change(case.executable, case.step.state, task_id, values, removed, case.context)
    return kept(case, step)


def refused(match: str, act: Callable[[], Any]) -> NotMendable:
    with pytest.raises(NotMendable, match=match) as caught:
        act()
    assert caught.value.remedy in str(caught.value)
    return caught.value


# --- variables --------------------------------------------------------------------------------------------------------


def test_variables_are_set_and_removed() -> None:
    case = Running(TWO).start(n=1, old=True, same={"a": [1]})
    changed(case, removed=["old", "never"], n=2, fresh=[1, {"a": None}], same={"a": [1]})
    assert case.data == {"n": 2, "fresh": [1, {"a": None}], "same": {"a": [1]}}
    mended = case.step.mended
    assert mended is not None
    assert (mended.what, mended.task_id) == ("change", None)
    told = {each.name: (each.before, each.after) for each in mended.changes}
    assert told == {"old": ((True,), ()), "n": ((1,), (2,)), "fresh": ((), ([1, {"a": None}],))}
    assert case.log == []


def test_one_is_not_true_and_null_is_a_value() -> None:
    case = Running(TWO).start(n=1, m=None)
    changed(case, n=True, m=0)
    assert [type(value) for value in case.data.values()] == [bool, int]
    assert changed(case, n=None).data["n"] is None


def test_a_change_of_nothing_is_refused() -> None:
    case = Running(TWO).start(n=1)
    refused("already", lambda: changed(case, removed=["m"], n=1))


def test_a_form_that_was_open_does_not_undo_the_change() -> None:
    case = Running(TWO).start(n=1)
    changed(case, n=2)
    case.do("a", n=1)
    assert case.data == {"n": 2}
    (warning,) = case.step.warnings
    assert "kept" in warning


def test_a_called_process_and_an_instance_have_their_own() -> None:
    called = process("q", start("qs"), user_task("x"), end("qe"), flows("qs", "x", "qe"))
    each = user_task("i", inner=multi_instance(collection="=[10, 20]", item="item"), properties={"resultVariable": "r"})
    content = process(
        "p",
        start(),
        gateway("g", "parallel"),
        call("c", "q"),
        each,
        gateway("j", "parallel"),
        end(),
        flows("s", "g", "c", "j", "e"),
        flows("g", "i", "j"),
    )
    case = Running(source(content), source(called, "q")).start(n=1)
    layers = {layer.name: layer for layer in look(case).layers}
    assert sorted(layers) == ["The case", "c", "i (1)", "i (2)"]
    assert layers["i (2)"].variables == {"loopCounter": 1, "item": 20}
    changed(case, layers["c"].task_id, n=5)
    assert (case.data, case.sees("x")) == ({"n": 1}, {"n": 5})
    changed(case, layers["i (2)"].task_id, item=21, own=True)
    case.do("i", done=1).do("i", done=2).do("x")
    assert case.data == {"n": 5, "r": [{"done": 1}, {"own": True, "done": 2}]}


def test_what_is_no_data_is_refused() -> None:
    case = Running(TWO).start()
    with pytest.raises(StepFailed, match="not a number"):
        changed(case, n=float("nan"))
    with pytest.raises(TaskNotOpen):
        changed(case, "00000000000000000000000000000000", n=1)
    with pytest.raises(TaskNotOpen):
        changed(case, "not an id", n=1)


# --- moves ------------------------------------------------------------------------------------------------------------


def test_a_token_goes_on_and_back() -> None:
    case = Running(TWO).start()
    moved(case, "a", "b")
    assert (case.open, case.log) == (["b"], [("a", "cancelled"), ("b", "started")])
    mended = case.step.mended
    assert mended is not None
    assert (mended.what, mended.element_id, mended.target_id) == ("move", "a", "b")
    moved(case, "b", "a")
    moved(case, "a", "a")
    assert case.log == [("a", "cancelled"), ("a", "started")], "an activity may begin again where it stands"
    assert case.do("a").do("b").step.finished


def test_a_token_may_be_moved_to_an_end() -> None:
    assert moved(Running(TWO).start(), "a", "e").step.finished


def test_what_belongs_to_the_token_goes_with_it() -> None:
    content = process(
        "p",
        start(),
        sub_process("sub", start("is"), user_task("x"), end("ie"), flows("is", "x", "ie")),
        boundary("late", "sub", timer("Duration", "PT1H")),
        boundary("note", "sub", message_event("m"), interrupting=False),
        user_task("b"),
        end(),
        end("e2"),
        end("e3"),
        flows("s", "sub", "b", "e"),
        flows("late", "e2"),
        flows("note", "e3"),
        around=message("m", "go"),
    )
    case = Running(content).start()
    assert {target.element_id for target in place(case, "x").targets} == {"x", "ie"}
    moved(case, "sub", "b")
    assert (case.open, case.step.timers, case.step.subscriptions) == (["b"], (), ())
    assert ("x", "cancelled") in case.log
    assert case.do("b").step.finished


@pytest.mark.parametrize("target", ["s", "late", "join", "inner", "nowhere", "timer", "msg"])
def test_some_elements_cannot_be_entered(target: str) -> None:
    content = process(
        "p",
        start(),
        gateway("fork", "parallel"),
        user_task("a"),
        boundary("late", "a", timer("Duration", "PT1H"), interrupting=False),
        user_task("b"),
        gateway("join", "parallel"),
        sub_process("sub", start("is"), user_task("inner"), end("ie"), flows("is", "inner", "ie")),
        gateway("race", "eventBased"),
        catch("timer", timer("Duration", "PT1H")),
        receive_task("msg", "m"),
        end(),
        end("e2"),
        end("e3"),
        flows("s", "fork", "a", "join", "sub", "race", "timer", "e"),
        flows("race", "msg", "e2"),
        flows("fork", "b", "join"),
        flows("late", "e3"),
        around=message("m", "go"),
    )
    case = Running(content).start()
    state = case.step.state
    refused("flow|race|no element", lambda: moved(case, "a", target))
    assert case.step.state == state
    assert target not in {each.element_id for each in place(case, "a").targets}


def test_a_join_keeps_its_count() -> None:
    case = Running(FORK).start()
    for element, target in (("a", "after"), ("a", "e"), ("a", "b"), ("b", "fork"), ("b", "a")):
        refused("could never get to its end", lambda element=element, target=target: moved(case, element, target))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
    assert [target.element_id for target in place(case, "a").targets] == ["a", "a2"]
    moved(case, "a", "a2").do("b")
    assert "counts on" in (place(case, "join").stays or "")
    refused("counts on", lambda: moved(case, "join", "after"))
    refused("nothing that can be skipped", lambda: skipped(case, "join"))
    assert case.do("a2").do("after").step.finished


def test_where_it_could_not_end_before_it_may_be_moved() -> None:
    """A case that is lost already needs more than one move."""
    content = process(
        "p",
        start(),
        gateway("x", default="d"),
        user_task("a"),
        user_task("b"),
        gateway("join", "parallel"),
        end(),
        flow("s", "x"),
        flow("x", "a", "way = 1"),
        flow("x", "b", identity="d"),
        flows("a", "join", "e"),
        flows("b", "join"),
    )
    case = Running(content).start()
    moved(case, "b", "a")
    assert moved(case, "a", "e").step.finished


def test_a_terminate_end_event_is_a_way_out_of_a_join() -> None:
    content = process(
        "p",
        start(),
        gateway("fork", "parallel"),
        user_task("a"),
        user_task("b"),
        gateway("join", "parallel"),
        user_task("after"),
        end("stop", inner="<bpmn:terminateEventDefinition />"),
        flows("s", "fork", "a", "join", "after", "stop"),
        flows("fork", "b", "join"),
    )
    case = Running(content).start()
    assert moved(case, "a", "after").open == ["after", "b"] or case.open == ["b", "after"]
    assert case.do("after").step.finished


def test_an_event_in_a_race_an_instance_and_a_boundary_event_stay() -> None:
    content = process(
        "p",
        start(),
        gateway("fork", "parallel"),
        gateway("race", "eventBased"),
        catch("t", timer("Duration", "PT1H")),
        receive_task("m1", "m"),
        user_task("i", inner=multi_instance(cardinality="2")),
        boundary("late", "i", timer("Duration", "PT1H")),
        end("e"),
        end("e2"),
        end("e3"),
        end("e4"),
        flows("s", "fork", "race", "t", "e"),
        flows("race", "m1", "e2"),
        flows("fork", "i", "e3"),
        flows("late", "e4"),
        around=message("m", "go"),
    )
    case = Running(content).start()
    late = next(each.task_id for each in case.step.timers if each.element_id == "late")
    assert all(each.task_id != late for each in look(case).places), "it is told by its activity"
    with pytest.raises(NotMendable, match="belongs to 'i'"):
        mending.move(case.executable, case.step.state, late, "e", case.context)
    with pytest.raises(NotMendable, match="belongs to an activity"):
        mending.skip(case.executable, case.step.state, late, {}, case.context)
    refused("race at 'race'", lambda: moved(case, "t", "e"))
    refused("one of its events", lambda: skipped(case, "race"))
    one, two = (task.task_id for task in case.step.open_tasks)
    with pytest.raises(NotMendable, match="several instances"):
        mending.move(case.executable, case.step.state, one, "e3", case.context)
    assert two in {each.task_id for each in look(case).places}
    moved(case, "race", "e")
    moved(case, "i", "e3")
    assert case.step.finished


def test_a_target_that_fails_changes_nothing() -> None:
    content = process("p", start(), user_task("a"), script("x", "y = 1 / n"), end(), flows("s", "a", "x", "e"))
    case = Running(content).start(n=0)
    state = case.step.state
    with pytest.raises(StepFailed, match="ZeroDivisionError"):
        moved(case, "a", "x")
    assert case.step.state == state
    assert moved(changed(case, n=1), "a", "x").step.finished


def test_many_long_branches_are_judged_all_the_same() -> None:
    """There are 13 to the 8th states: they are not tried in every order."""
    branches = [[f"t{branch}_{step}" for step in range(12)] for branch in range(8)]
    content = process(
        "p",
        start(),
        gateway("fork", "parallel"),
        gateway("join", "parallel"),
        user_task("after"),
        end(),
        flows("s", "fork"),
        flows("join", "after", "e"),
        *(user_task(name) for names in branches for name in names),
        *(flows("fork", *names, "join") for names in branches),
    )
    case = Running(content).start()
    for names, found in zip(branches, look(case).places, strict=True):
        assert [target.element_id for target in found.targets] == names


def test_a_loop_may_be_left_and_entered() -> None:
    content = process(
        "p",
        start(),
        gateway("m"),
        user_task("a"),
        gateway("x", default="d"),
        user_task("b"),
        end(),
        flows("s", "m", "a", "x"),
        flow("x", "m", "again = true"),
        flow("x", "b", identity="d"),
        flows("b", "e"),
    )
    case = Running(content).start()
    assert [each.element_id for each in place(case, "a").targets] == ["m", "a", "x", "b", "e"]
    assert moved(moved(case, "a", "b"), "b", "m").open == ["a"]


def test_what_starts_an_event_sub_process_stays_and_what_runs_in_it_can_be_skipped() -> None:
    handler = event_sub_process(
        "handler", timer("Duration", "PT1H"), user_task("h"), end("he"), flows("handler_start", "h", "he")
    )
    content = process("p", start(), user_task("a"), user_task("b"), end(), flows("s", "a", "b", "e"), handler)
    case = Running(content).start()
    assert [each.element_id for each in look(case).places] == ["a"]
    (listening,) = case.step.timers
    for act in (mending.move, mending.skip):
        with pytest.raises(NotMendable):
            act(case.executable, case.step.state, listening.task_id, "b" if act is mending.move else {}, case.context)  # type: ignore[arg-type]  # each gets its own
    assert "handler" not in {each.element_id for each in place(case, "a").targets}
    assert moved(case, "a", "b").step.timers == (listening,)
    case.wait(timedelta(hours=1))
    assert case.open == ["h"], "it interrupts"
    assert "No flow leads to" in (place(case, "handler").stays or "")
    assert skipped(case, "handler").step.finished


# --- skips ------------------------------------------------------------------------------------------------------------


def test_a_task_is_skipped_with_what_it_would_have_brought() -> None:
    content = process(
        "p",
        start(),
        user_task("a"),
        gateway("x"),
        user_task("b"),
        end(),
        end("e2"),
        flows("s", "a", "x"),
        flow("x", "b", "ok = true"),
        flow("x", "e2", "ok = false"),
        flows("b", "e"),
    )
    case = Running(content).start()
    with pytest.raises(StepFailed, match="No condition holds"):
        skipped(case, "a")
    skipped(case, "a", ok=True)
    assert case.open == ["b"]
    mended = case.step.mended
    assert mended is not None
    assert (mended.what, mended.element_id, mended.kind) == ("skip", "a", "userTask")
    assert [each.name for each in mended.changes] == ["ok"]


def test_a_skipped_task_writes_no_record_and_is_no_rework_when_it_comes_again() -> None:
    from tests.bpmn_cases import register  # noqa: PLC0415 - used here only
    from tests.bpmn_models import store  # noqa: PLC0415

    content = process(
        "p",
        store("st", "need"),
        start(),
        gateway("m"),
        user_task("a", inner=writes("st")),
        gateway("x", default="d"),
        end(),
        flows("s", "m", "a", "x"),
        flow("x", "m", "again = true"),
        flow("x", "e", identity="d"),
    )
    case = Running(source(content, registers={"need": register("need", "title")})).start()
    skipped(case, "a", again=True, title="x")
    assert not case.step.writes
    assert [each.rework for each in case.step.activities if each.element_id == "a" and each.state == "started"] == [
        False
    ]
    case.do("a")
    assert len(case.step.writes) == 1
    assert [each.rework for each in case.step.activities if each.state == "started"] == [True]


def test_an_instance_a_whole_activity_a_sub_process_and_a_call_are_skipped() -> None:
    called = process("q", start("qs"), user_task("x"), end("qe"), flows("qs", "x", "qe"))
    each = user_task(
        "i", inner=multi_instance(cardinality="3", sequential=True), properties={"resultVariable": "results"}
    )
    content = process(
        "p",
        start(),
        each,
        call("c", "q"),
        sub_process("sub", start("is"), user_task("y"), end("ie"), flows("is", "y", "ie")),
        end(),
        flows("s", "i", "c", "sub", "e"),
    )
    case = Running(source(content), source(called, "q")).start()
    instance = case.step.open_tasks[0].task_id
    kept(case, mending.skip(case.executable, case.step.state, instance, {"n": 7}, case.context))
    assert case.open == ["i"]
    whole = next(one for one in look(case).places if one.element_id == "i" and one.task_id != case.task("i").task_id)
    kept(case, mending.skip(case.executable, case.step.state, whole.task_id, {"results": []}, case.context))
    assert (case.data, case.open) == ({"results": []}, ["x"])
    skipped(case, "c", found=1)
    assert (case.data, case.open) == ({"results": [], "found": 1}, ["y"])
    assert ("x", "cancelled") in case.log
    assert skipped(case, "sub").step.finished


def test_a_timer_is_not_waited_for_and_an_event_wins_its_race() -> None:
    content = process(
        "p",
        start(),
        catch("t", timer("Duration", "P9D")),
        gateway("race", "eventBased"),
        catch("t2", timer("Duration", "PT1H")),
        receive_task("m1", "m"),
        end("e", "Late"),
        end("e2", "Told"),
        flows("s", "t", "race", "t2", "e"),
        flows("race", "m1", "e2"),
        around=message("m", "go"),
    )
    case = Running(content).start()
    skipped(case, "t")
    skipped(case, "m1", told=True)
    assert (case.step.finished, case.step.outcome, case.data) == (True, "Told", {"told": True})


# --- laws -------------------------------------------------------------------------------------------------------------


def tokens(case: Running) -> dict[Any, tuple[Any, ...]]:
    decoded: Case = codec.decode(case.step.state, case.executable, case.context)
    return {
        each.id: (each.element.name, each.state, each.flow, each.owner, repr(each.data), repr(each.notes))
        for each in decoded.tokens()
    }


def finish(case: Running) -> None:
    """Do whatever can be done until the case is over: it must get there."""
    for _ in range(60):
        step = case.step
        if step.finished:
            return
        if step.open_tasks:
            case.complete(step.open_tasks[0].task_id, more=False, title="z")
        elif step.timers:
            case.now = max(case.now, step.timers[0].due_at)
            case.fire(step.timers[0].task_id)
        elif not step.subscriptions:
            changed(case, title="y" if case.data.get("title") == "z" else "z")  # what waits is a condition
        else:
            take(case, step.subscriptions[0])
    raise AssertionError("the case did not end")


def take(case: Running, waits: MessageSubscription) -> None:
    """Let what waits have what it waits for."""
    if waits.kind == "signal":
        case.signal(waits.message_name)
    else:
        case.receive(waits.message_name, {"n": 1}, waits.correlation_key)


def go_on(case: Running, choose: st.DataObject) -> None:
    """Do something that can be done."""
    step = case.step
    index = choose.draw(st.integers(0, 20))
    if step.open_tasks and index % 3:
        task = step.open_tasks[index % len(step.open_tasks)]
        case.complete(task.task_id, title=choose.draw(st.sampled_from("xyz")), more=choose.draw(st.booleans()))
    elif step.timers and index % 2:
        case.now = max(case.now, step.timers[0].due_at)
        case.fire(step.timers[0].task_id)
    elif step.subscriptions:
        take(case, step.subscriptions[index % len(step.subscriptions)])


@pytest.mark.parametrize("model", [BUILT, EVENTFUL_BUILT], ids=["everything", "eventful"])
@settings(max_examples=25)
@given(st.data(), st.fixed_dictionaries(dict.fromkeys("abcd", st.booleans())))
def test_whatever_an_owner_does_the_case_stays_whole(
    model: Executable, choose: st.DataObject, ways: dict[str, bool]
) -> None:
    names = [element.name for scope in model.scopes.values() for element in scope.elements()]
    case = Running(model)
    case.start(items=[1, 2], reminders=0, **ways)
    for _ in range(6):
        if choose.draw(st.booleans()):
            go_on(case, choose)
        if case.step.finished:
            return
        before, state, data = tokens(case), case.step.state, case.data
        token = str(list(before)[choose.draw(st.integers(0, len(before) - 1))])
        act = choose.draw(st.sampled_from(["change", "move", "skip"]))
        try:
            if act == "change":
                changed(case, extra=choose.draw(st.integers()))
            elif act == "move":
                target = choose.draw(st.sampled_from(names))
                kept(case, mending.move(model, state, token, target, case.context))
            else:
                kept(case, mending.skip(model, state, token, {}, case.context))
        except (NotMendable, StepFailed):
            assert case.step.state == state
            continue
        after = tokens(case)
        assert codec.encode(codec.decode(case.step.state, model, case.context)) == case.step.state
        if act == "change":
            assert (before, {**data, "extra": case.data["extra"]}) == (after, case.data)
        else:
            assert token not in set(map(str, after))
            gone = {name for name, *_ in (before[each] for each in before.keys() - after.keys())}
            for each in before.keys() & after.keys():
                assert (before[each][0], before[each][2]) == (after[each][0], after[each][2]), "nothing else moved"
            assert gone, "the token is gone, and only what belonged to it or met it"
        if not case.step.finished:
            look(case)
    finish(case)
