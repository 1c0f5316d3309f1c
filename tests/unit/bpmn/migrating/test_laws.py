"""What holds for every move between any two versions: no token is lost, nothing hangs, nothing changes by itself."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import migrating
from engine.bpmn.case import codec
from engine.bpmn.migrating.moving import belongs_to_another
from engine.errors import CannotMove
from tests.bpmn_cases import Running
from tests.unit.bpmn.everything import BUILT, everything
from tests.unit.bpmn.migrating.drawn import Drawing, ids, model
from tests.unit.bpmn.test_laws import walk

CHANCE = st.randoms(use_true_random=False)
ENOUGH = 200
"""More steps than any case of these models needs."""


def some_way(case: Running, chance: random.Random, steps: int) -> Running:
    """Do `steps` things that can be done in `case`, whatever they are, or as many as there are."""
    for _ in range(steps):
        step = case.step
        can = [(case.complete, (each.task_id,)) for each in step.open_tasks]
        can += [(_fire, (case, each.task_id)) for each in step.timers]  # type: ignore[misc]  # alike enough
        can += [(case.receive, (each.message_name,)) for each in step.subscriptions]  # type: ignore[misc]
        if not can:
            break
        do, what = chance.choice(can)
        do(*what)
    return case


def _fire(case: Running, task: str) -> Running:
    case.now = max(case.now, next(each.due_at for each in case.step.timers if each.task_id == task))
    return case.fire(task)


def standing(case: Running) -> Counter[tuple[str, str]]:
    """Count the tokens of a case by element and id, without those that wait on behalf of others."""
    tokens = codec.decode(case.step.state, case.executable, case.context).tokens()
    return Counter((token.element.name, str(token.id)) for token in tokens if not belongs_to_another(token))


@settings(max_examples=60)
@given(st.data(), st.fixed_dictionaries(dict.fromkeys("abcd", st.booleans())))
def test_a_move_to_the_same_version_changes_nothing(choose: st.DataObject, ways: dict[str, bool]) -> None:
    plan = migrating.plan(BUILT, everything())
    assert plan.blocked == ()
    case = Running(BUILT)
    case.start(items=[1, 2], reminders=0, **ways)
    for _ in range(10):
        walk(case, choose, 1)
        if case.step.finished:
            break
        step = migrating.migrate(plan, case.step.state, case.context)
        assert step.state == case.step.state
        assert (step.open_tasks, step.timers, step.subscriptions) == (
            case.step.open_tasks,
            case.step.timers,
            case.step.subscriptions,
        )
        assert step.activities == ()


@settings(max_examples=150, deadline=None)
@given(CHANCE, st.integers(0, 6), st.booleans())
def test_a_move_and_the_way_back_leave_the_case_as_it_was(chance: random.Random, steps: int, way: bool) -> None:
    block = Drawing(chance).block()
    here, there = Running(model(block)), Running(model(block, "_other"))
    names = {each: f"{each}_other" for each in ids(block)}
    some_way(here.start(way=way), chance, steps)
    if here.step.finished:
        return
    out = migrating.plan(here.executable, there.executable, names)
    assert out.mistakes == ()
    away = migrating.migrate(out, here.step.state, here.context)
    assert {each.task_id: each.element_id for each in away.open_tasks} == {
        each.task_id: names[each.element_id] for each in here.step.open_tasks
    }
    back = migrating.plan(there.executable, here.executable, {new: old for old, new in names.items()})
    assert migrating.migrate(back, away.state, here.context).state == here.step.state


@settings(max_examples=400, deadline=None)
@given(CHANCE, st.integers(0, 6), st.booleans())
def test_a_case_moves_whole_or_not_at_all_and_can_be_completed_then(
    chance: random.Random, steps: int, way: bool
) -> None:
    block = Drawing(chance).block()
    case = some_way(Running(model(block)).start(way=way), chance, steps)
    if case.step.finished:
        return
    before, state = standing(case), case.step.state
    there = Running(model(Drawing(chance, "z").changed(block), hours=chance.choice((2, 3))))
    there.now = case.now
    plan = migrating.plan(case.executable, there.executable)
    try:
        there.step = migrating.migrate(plan, state, case.context)
    except CannotMove:
        assert case.step.state == state
        return
    after = standing(there)
    kept = {place: count for place, count in before.items() if place in after}
    moved_on = {place[0] for place in before.keys() - after.keys()}
    assert all(after[place] == count for place, count in kept.items())
    # What stands there no more has gone on at a join whose other branches are gone.
    assert all(name.endswith("j") for name in moved_on)
    some_way(there, chance, ENOUGH)
    assert there.step.finished
