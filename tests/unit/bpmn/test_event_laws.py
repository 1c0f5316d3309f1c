"""What holds for every step of a case in which all kinds of events may occur, whatever is done in which order."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import interpreter, mending, migrating
from engine.bpmn.case import codec
from engine.bpmn.specs.event_subprocess import EventSubProcess, Listener
from engine.errors import NotMendable, StepFailed, TaskNotOpen
from tests.bpmn_cases import Running
from tests.unit.bpmn.eventful import BUILT, eventful
from tests.unit.bpmn.test_laws import picture


def act(case: Running, choose: st.DataObject) -> bool:
    """Do one thing that can be done; say whether there was one."""
    step = case.step
    can: list[tuple[str, Any]] = [("do", each) for each in step.open_tasks]
    can += [("fire", each) for each in step.timers]
    can += [("take", each) for each in step.subscriptions]
    if not can:
        return False
    what, each = choose.draw(st.sampled_from(can))
    if what == "do":
        case.complete(each.task_id, title=choose.draw(st.sampled_from("wxyz")), counted=choose.draw(st.integers(0, 1)))
    elif what == "fire":
        case.now = max(case.now, each.due_at)
        case.fire(each.task_id)
    else:
        take = interpreter.signal if each.kind == "signal" else interpreter.deliver
        case.step = take(case.executable, step.state, each.task_id, {"n": 1}, case.context)
    return True


@settings(max_examples=50)
@given(st.data())
def test_any_walk_through_events_gives_states_that_last_and_ends_whole(choose: st.DataObject) -> None:
    before, case = picture(BUILT), Running(BUILT)
    case.start(title="w", counted=1)
    for _ in range(25):
        if not act(case, choose):
            break
        step, state = case.step, case.step.state
        restored = codec.decode(state, BUILT, case.context)
        assert codec.encode(restored) == state
        assert codec.encode(codec.decode(state, eventful(), case.context)) == state
        assert step.finished == restored.completed == (not restored.live)
        if step.finished:
            assert (step.open_tasks, step.timers, step.subscriptions) == ((), (), ())
            break
        for scope in restored.scopes():
            assert any(not token.element.listens for token in scope.live.values()), "listeners keep no scope open"
            handling = [token for token in scope.live.values() if isinstance(token.element, EventSubProcess)]
            if any(token.element.interrupts for token in handling):
                assert list(scope.live.values()) == handling, "nothing else is left in an interrupted scope"
                assert len(handling) == 1
            listening = [token.element.name for token in scope.live.values() if isinstance(token.element, Listener)]
            assert len(listening) == len(set(listening)), "one listener for each event sub-process"
    else:
        assert case.step.open_tasks or case.step.timers or case.step.subscriptions
    assert picture(BUILT) == before


@settings(max_examples=30)
@given(st.data())
def test_what_is_gone_cannot_be_taken_any_more(choose: st.DataObject) -> None:
    case = Running(BUILT)
    case.start(title="w", counted=1)
    for _ in range(10):
        waited = {each.task_id: each for each in case.step.subscriptions}
        if not act(case, choose):
            break
        for task_id in waited.keys() - {each.task_id for each in case.step.subscriptions}:
            try:
                interpreter.deliver(BUILT, case.step.state, task_id, None, case.context)
            except TaskNotOpen:
                continue
            raise AssertionError("a message was taken by what is gone")


@settings(max_examples=30)
@given(st.data())
def test_a_move_to_the_same_version_leaves_every_listener_where_it_is(choose: st.DataObject) -> None:
    plan, case = migrating.plan(BUILT, eventful()), Running(BUILT)
    assert plan.blocked == ()
    case.start(title="w", counted=1)
    for _ in range(10):
        if not act(case, choose) or case.step.finished:
            break
        moved = migrating.migrate(plan, case.step.state, case.context)
        assert (moved.state, moved.activities) == (case.step.state, ())


@settings(max_examples=40)
@given(st.data())
def test_whatever_an_operator_does_no_case_is_left_with_listeners_only(choose: st.DataObject) -> None:
    names = [element.name for scope in BUILT.scopes.values() for element in scope.elements()]
    case = Running(BUILT)
    case.start(title="w", counted=1)
    for _ in range(choose.draw(st.integers(0, 5))):
        if not act(case, choose) or case.step.finished:
            return
    state = case.step.state
    tokens = list(codec.decode(state, BUILT, case.context).tokens())
    token = choose.draw(st.sampled_from(tokens))
    try:
        if choose.draw(st.booleans()):
            case.step = mending.move(BUILT, state, str(token.id), choose.draw(st.sampled_from(names)), case.context)
        else:
            case.step = mending.skip(BUILT, state, str(token.id), {}, case.context)
    except (NotMendable, StepFailed):
        return
    assert not isinstance(token.element, Listener)
    for _ in range(20):
        if case.step.finished:
            break
        scopes = codec.decode(case.step.state, BUILT, case.context).scopes()
        assert all(any(not each.element.listens for each in scope.live.values()) for scope in scopes)
        if not act(case, choose):
            break
