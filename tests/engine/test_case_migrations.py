"""Moves of running cases to another version: who may, what stays, what is refused, what the log says."""

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import ConcurrentUpdate, InputRefused, NotFound, NotPermitted, TaskNotOpen
from engine.jobs.due import MOST_MOVES
from engine.types import ENGINE
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    end,
    flows,
    message,
    message_event,
    process,
    signal,
    signal_event,
    start,
    timer,
    user_task,
)
from tests.engine.stage import ADA, ANN, BEN, CARL, MORNING, OLGA, OWEN, OWNER, STARTERS, Stage, form, one_task
from tests.engine.test_cost import STATEMENTS, counted


def deploy(stage: Stage, *elements: str, key: str = "p", around: str = "", names: str = "", **facts: Any) -> str:
    """Deploy a version of a process whose elements follow one another, and return its id."""
    path = names.split() or [each.split('id="', 1)[1].split('"', 1)[0] for each in elements]
    model = process(
        key,
        start(),
        *elements,
        end(),
        flows("s", *path, "e"),
        around=around,
        **{"properties": OWNER, **STARTERS, **facts},
    )
    content = {f"{key}.bpmn": model, "f.form": form("f", "answer"), "g.form": form("g", "other")}
    done = stage.engine.repository.deploy(content, name="test", actor=ENGINE)
    return done.deployed[0].id


def ask(identity: str = "ask", name: str = "Ask", **facts: Any) -> str:
    return user_task(identity, name, **{"candidateGroups": "analysts", "formRef": "f", **facts})


def move(stage: Stage, before: str, after: str, **options: Any) -> str:
    """Start a move of all cases, let the scheduler do it, and return its id."""
    moves = stage.engine.case_migrations
    identity = moves.start(before, after, "A better form", actor=OWEN, **options)
    while stage.engine.management.run_due():
        pass
    assert moves.progress(identity, actor=OWEN).done
    return identity


def counts(stage: Stage, identity: str) -> tuple[int, int, int, int]:
    row = stage.engine.case_migrations.progress(identity, actor=OWEN)
    return row.total, row.moved, row.refused, row.needless


def test_cases_move_with_their_tasks(stage: Stage) -> None:
    one = deploy(stage, ask())
    cases = [stage.start() for _ in range(3)]
    mine = stage.tasks()[0]
    stage.engine.tasks.claim(mine.id, actor=ANN)
    two = deploy(stage, ask(name="Ask again", formRef="g"), ask("more", "More"))
    identity = move(stage, one, two)
    assert counts(stage, identity) == (3, 3, 0, 0)
    assert {row.definition_id for row in stage.rows("select definition_id from process_instance")} == {two}
    assert {row.definition_id for row in stage.rows("select definition_id from user_task")} == {two}
    rows = {row.id: row for row in stage.tasks()}
    assert {row.name for row in rows.values()} == {"Ask again"}
    assignee = rows[mine.id].assignee
    assert assignee is not None
    assert assignee.id == "ann"
    assert stage.tasks(text="ask again")
    with pytest.raises(InputRefused):
        stage.complete(mine.id, answer="x")
    stage.complete(mine.id, other="x")
    assert stage.count("job") == 0
    for case in cases:
        detail = stage.engine.history.case(case.id, OLGA)
        assert detail.models[0].version == 2
        (told,) = [each for each in stage.engine.history.timeline(case.id, ENGINE) if each.kind == "case.migrated"]
        assert told.actor is not None
        assert told.actor.id == "owen"
        assert (told.detail["from"], told.detail["to"], told.detail["reason"]) == (1, 2, "A better form")
        assert told.detail["migration"] == identity


def test_a_case_that_cannot_move_stays_as_it_is_and_says_why(stage: Stage) -> None:
    one = deploy(stage, ask(), ask("more", "More"))
    first, second = stage.start(), stage.start()
    (task,) = [row for row in stage.tasks() if row.case.id == first.id]
    stage.complete(task.id, answer="x")
    two = deploy(stage, ask())
    before = stage.rows("select state, variables, waits, revision from process_instance where id = :id", id=first.id)
    identity = move(stage, one, two)
    assert counts(stage, identity) == (2, 1, 1, 0)
    (refusal,) = stage.engine.case_migrations.refusals(identity, actor=OWEN).rows
    assert (refusal.case.id, refusal.reason) == (first.id, "“More”: the other version has no such element.")
    assert before == stage.rows(
        "select state, variables, waits, revision from process_instance where id = :id", id=first.id
    )
    assert stage.engine.history.case(second.id, OWEN).models[0].version == 2
    assert stage.do("more", answer="y").case.status == "completed"


def test_what_a_preview_says_is_what_happens(stage: Stage) -> None:
    one = deploy(stage, ask(), ask("more", "More"))
    for number in range(4):
        case = stage.start()
        if number % 2:
            (task,) = [row for row in stage.tasks() if row.case.id == case.id]
            stage.complete(task.id, answer="x")
    two = deploy(stage, ask("asked", "Asked"))
    moves = stage.engine.case_migrations
    seen = moves.preview(one, two, actor=OWEN)
    assert (seen.total, seen.checked, seen.movable) == (4, 4, 0)
    seen = moves.preview(one, two, actor=OWEN, mapping={"ask": "asked"})
    assert (seen.total, seen.checked, seen.movable) == (4, 4, 2)
    assert [(each.id, each.tokens, each.target_name) for each in seen.standing] == [
        ("ask", 2, "Asked"),
        ("more", 2, None),
    ]
    assert seen.reasons == (("“More”: the other version has no such element.", 2),)
    assert [case.number for case in seen.sample] == ["C-000001", "C-000003"]
    assert [case.number for case, _ in seen.refused] == ["C-000002", "C-000004"]
    assert counts(stage, move(stage, one, two, mapping={"ask": "asked"})) == (4, 2, 2, 0)
    assert sorted(row.element_id for row in stage.tasks()) == ["asked", "asked", "more", "more"]


def test_one_case_moves_at_once(stage: Stage) -> None:
    one = deploy(stage, ask())
    first, second = stage.start(), stage.start()
    two = deploy(stage, ask(name="Asked"))
    moves = stage.engine.case_migrations
    identity = moves.start(one, two, "Just this one", actor=OWEN, case_id=first.id)
    assert counts(stage, identity) == (1, 1, 0, 0)
    assert stage.engine.history.case(second.id, OWEN).models[0].version == 1
    with pytest.raises(ConcurrentUpdate, match="another version"):
        moves.start(one, two, "Again", actor=OWEN, case_id=first.id)
    stage.clock.pass_by(minutes=1)
    back = moves.start(two, one, "And back", actor=OWEN, case_id=first.id)
    assert counts(stage, back) == (1, 1, 0, 0)
    assert [row.id for row in moves.past("p", actor=OWEN).rows] == [back, identity]


def test_cases_that_end_or_move_meanwhile_are_no_error(stage: Stage) -> None:
    one = deploy(stage, ask())
    first, second, _ = stage.start(), stage.start(), stage.start()
    two = deploy(stage, ask(name="Asked"))
    moves = stage.engine.case_migrations
    identity = moves.start(one, two, "All", actor=OWEN)
    assert moves.progress(identity, actor=OWEN).waiting == 3
    moves.start(one, two, "One", actor=OWEN, case_id=first.id)
    stage.engine.runtime.cancel(second.id, "Needless", actor=OWEN)
    stage.engine.management.run_due()
    assert counts(stage, identity) == (3, 1, 0, 2)
    assert stage.count("job") == 0


def test_owners_move_cases_and_nobody_else(stage: Stage) -> None:
    one = deploy(stage, ask())
    case = stage.start()
    two = deploy(stage, ask(name="Asked"))
    moves = stage.engine.case_migrations
    for actor, error in ((ANN, NotPermitted), (ADA, NotPermitted), (OLGA, NotFound)):
        for attempt in (
            lambda who: moves.plan(one, two, actor=who),
            lambda who: moves.preview(one, two, actor=who),
            lambda who: moves.start(one, two, "x", actor=who),
            lambda who: moves.start(one, two, "x", actor=who, case_id=case.id),
            lambda who: moves.past("p", actor=who),
        ):
            with pytest.raises(error):
                attempt(actor)
        assert not moves.may_move("p", actor=actor)
    identity = moves.start(one, two, "x", actor=OWEN)
    with pytest.raises(NotPermitted):
        moves.progress(identity, actor=ANN)
    with pytest.raises(NotFound):
        moves.refusals(identity, actor=OLGA)
    assert moves.may_move("p", actor=OWEN)


def test_what_cannot_be_asked_for_is_refused(stage: Stage) -> None:
    one = deploy(stage, ask())
    two = deploy(stage, ask(name="Asked"))
    other = deploy(stage, ask(), key="q")
    moves = stage.engine.case_migrations
    with pytest.raises(InputRefused, match="another process"):
        moves.plan(one, other, actor=OWEN)
    with pytest.raises(InputRefused, match="another version"):
        moves.plan(one, one, actor=OWEN)
    with pytest.raises(InputRefused, match="no element 'x'"):
        moves.plan(one, two, actor=OWEN, mapping={"x": "ask"})
    with pytest.raises(InputRefused, match="no element 'x'"):
        moves.start(one, two, "Why", actor=OWEN, mapping={"x": "ask"})
    with pytest.raises(InputRefused, match="No case runs on version 1"):
        moves.start(one, two, "Why", actor=OWEN)
    with pytest.raises(InputRefused, match="why"):
        moves.start(one, two, "  ", actor=OWEN)
    with pytest.raises(NotFound):
        moves.progress("0" * 32, actor=OWEN)
    with pytest.raises(NotFound):
        moves.plan("0" * 32, two, actor=OWEN)


def test_times_and_messages_follow_the_model(stage: Stage) -> None:
    one = deploy(stage, catch("w", timer("Duration", "PT3H")), ask())
    stage.start()
    stage.clock.pass_by(hours=1)
    two = deploy(stage, catch("pause", timer("Duration", "PT5H")), ask())
    move(stage, one, two, mapping={"w": "pause"})
    (job,) = stage.rows("select element_id, name from job")
    assert tuple(job) == ("pause", "pause")
    assert stage.engine.management.next_due() == MORNING + timedelta(hours=5)
    stage.clock.pass_by(hours=4)
    stage.engine.management.run_due()
    assert [row.element_id for row in stage.tasks()] == ["ask"]


def test_events_that_the_new_version_does_not_have_are_waited_for_no_more(stage: Stage) -> None:
    note = message("m", "note") + signal("g", "alarm")
    late, told = boundary("late", "ask", timer("Duration", "PT3H")), boundary("told", "ask", message_event("m"))
    heard = boundary("heard", "ask", signal_event("g"))
    ends = "".join(end(f"e_{each}") + flows(each, f"e_{each}") for each in ("late", "told", "heard"))
    one = deploy(stage, ask(), late + told + heard + ends, around=note, names="ask")
    case = stage.start()
    assert (stage.count("job"), stage.count("subscription")) == (1, 2)
    two = deploy(stage, ask())
    move(stage, one, two)
    assert (stage.count("job"), stage.count("subscription")) == (0, 0)
    (row,) = stage.rows("select waits from process_instance where id = :id", id=case.id)
    text = str(row.waits).replace('"', "'")
    assert "'timers': {}" in text
    assert "'subscriptions': {}" in text
    assert stage.engine.management.next_due() is None
    stage.clock.pass_by(hours=4)
    assert stage.engine.management.run_due() == 0
    assert stage.do("ask", answer="x").case.status == "completed"


def test_a_message_that_was_early_for_the_new_version_is_delivered(stage: Stage) -> None:
    both = message("m", "note") + message("h", "hint")
    one = deploy(stage, catch("w", message_event("m")), ask(), around=both)
    case = stage.start()
    two = deploy(stage, catch("w", message_event("h")), ask(), around=both)
    stage.engine.runtime.send_message("hint", None, {}, actor=OWEN)
    assert stage.tasks() == ()
    move(stage, one, two)
    assert stage.task("ask").case.id == case.id


def test_tasks_are_offered_to_those_of_the_new_version(stage: Stage) -> None:
    one = deploy(stage, ask())
    for _ in range(2):
        stage.start()
    kept, offered = stage.tasks()
    stage.engine.tasks.claim(kept.id, actor=ANN)
    two = deploy(stage, ask(candidateGroups="clerks"))
    move(stage, one, two)
    assert [row.id for row in stage.tasks(ANN)] == [kept.id]
    assert [row.id for row in stage.tasks(CARL)] == [offered.id]
    assert stage.tasks(BEN) == ()
    with pytest.raises((NotFound, NotPermitted)):
        stage.engine.tasks.claim(offered.id, actor=BEN)
    stage.engine.tasks.claim(offered.id, actor=CARL)
    stage.engine.tasks.release(kept.id, actor=ANN)
    assert {row.id for row in stage.tasks(CARL)} == {kept.id, offered.id}


def test_a_called_process_comes_along(stage: Stage) -> None:
    def called(*names: str) -> None:
        deploy(stage, *(ask(name) for name in names), key="q")

    called("x")
    one = deploy(stage, call("c", "q"))
    case = stage.start()
    called("x", "y")
    two = deploy(stage, call("c", "q"), ask())
    assert stage.engine.case_migrations.plan(one, two, actor=OWEN).called == (("q", 1, 2),)
    move(stage, one, two)
    models = stage.engine.history.case(case.id, OWEN).models
    assert [each.version for each in models] == [2, 2]
    stage.do("x", answer="1")
    stage.do("y", answer="1")
    stage.do("ask", answer="1")
    assert stage.engine.history.case(case.id, OWEN).status == "completed"


def test_cases_move_to_the_newest_called_process_without_a_new_version_of_their_own(stage: Stage) -> None:
    deploy(stage, ask("x"), key="q")
    one = deploy(stage, call("c", "q"))
    case = stage.start()
    deploy(stage, ask("x"), ask("y"), key="q")
    newer = stage.start()
    moves = stage.engine.case_migrations
    assert [each.number for each in moves.preview(one, one, actor=OWEN).sample] == [case.number]
    assert counts(stage, move(stage, one, one)) == (1, 1, 0, 0)
    for each in (case, newer):
        assert [model.version for model in stage.engine.history.case(each.id, OWEN).models] == [1, 2]
    (told,) = [each for each in stage.engine.history.timeline(case.id, ENGINE) if each.kind == "case.migrated"]
    assert told.detail["called"] == [{"key": "q", "from": 1, "to": 2}]
    with pytest.raises(InputRefused, match="could move there"):
        moves.start(one, one, "Again", actor=OWEN)
    with pytest.raises(ConcurrentUpdate):
        moves.start(one, one, "Again", actor=OWEN, case_id=case.id)


def test_the_figures_of_a_case_belong_to_the_version_at_its_end(stage: Stage) -> None:
    one = deploy(stage, ask())
    case = stage.start()
    two = deploy(stage, ask(name="Asked"))
    move(stage, one, two)
    stage.do("ask", answer="x")
    assert stage.value("select definition_version from case_summary where instance_id = :id", id=case.id) == 2
    stage.engine.management.rebuild_figures()
    assert stage.value("select definition_version from case_summary where instance_id = :id", id=case.id) == 2


def test_a_page_that_was_opened_before_the_move_completes_the_task_after_it(stage: Stage) -> None:
    one = deploy(stage, ask())
    stage.start()
    task = stage.task()
    move(stage, one, deploy(stage, ask(name="Asked")))
    stage.complete(task.id, answer="x")
    with pytest.raises(TaskNotOpen):
        stage.complete(task.id, answer="x")


def test_the_plan_says_when_a_form_has_changed(stage: Stage) -> None:
    stage.deploy_one_task()
    stage.deploy(p__bpmn=one_task(priority="9"), f__form=form("f", "answer", "more"))
    two, one = stage.engine.repository.versions("p", ENGINE)
    (place,) = stage.engine.case_migrations.plan(one.id, two.id, actor=OWEN).places
    assert "Its form 'f' has changed." in place.notes


def test_what_a_move_costs(stage: Stage) -> None:
    """No more statements than a completion may have, and one commit for each case; few for the start of them all."""
    one = deploy(stage, ask())
    for _ in range(12):
        stage.start()
    two = deploy(stage, ask(name="Asked"))
    with counted(stage) as counts_of:
        stage.engine.case_migrations.start(one, two, "Why", actor=OWEN)
    assert counts_of["statements"] <= 20
    assert counts_of["writes"] == 1
    stage.engine.management.run_due(2)
    with counted(stage) as counts_of:
        assert stage.engine.management.run_due(10) == 10
    assert counts_of["statements"] <= 10 * STATEMENTS
    assert counts_of["writes"] <= 10 + 2, "the moves, and the lease of their jobs"


def test_a_signal_that_was_thrown_before_a_move_is_taken_if_it_is_still_waited_for(stage: Stage) -> None:
    alarm, bell = (signal("S", name) for name in ("alarm", "bell"))
    heard = {"resultVariable": "heard"}
    one = deploy(stage, catch("c", signal_event("S"), properties=heard), ask(), around=alarm)
    same, other = stage.start(), stage.start()
    stage.engine.runtime.throw_signal("alarm", "fire", actor=ANN)
    moves = stage.engine.case_migrations
    two = deploy(stage, catch("c", signal_event("S"), "Heard", properties=heard), ask(), around=alarm)
    moves.start(one, two, "A name", actor=OWEN, case_id=same.id)
    three = deploy(stage, catch("c", signal_event("S"), properties=heard), ask(), around=bell)
    moves.start(one, three, "Another signal", actor=OWEN, case_id=other.id)
    while stage.engine.management.run_due():
        pass
    assert [row.case.id for row in stage.tasks()] == [same.id], "the bell has not rung"
    assert stage.count("job") == 0
    assert stage.count("failure") == 0
    stage.engine.runtime.throw_signal("bell", actor=ANN)
    stage.engine.management.run_due()
    assert {row.case.id for row in stage.tasks()} == {same.id, other.id}


def test_timers_do_not_wait_for_all_the_moves_that_were_asked_for_before(stage: Stage) -> None:
    one = deploy(stage, ask())
    for _ in range(MOST_MOVES + 5):
        stage.start()
    deploy(stage, catch("c", timer("Duration", "PT1H")), key="q")
    waits = stage.start("q")
    two = deploy(stage, ask(name="Asked"))
    identity = stage.engine.case_migrations.start(one, two, "Many", actor=OWEN)
    stage.clock.pass_by(hours=1)
    stage.engine.management.run_due(MOST_MOVES)
    ended = stage.rows("select id from process_instance where status = 'completed'")
    assert [row.id for row in ended] == [waits.id], "it was due after the moves"
    assert counts(stage, identity)[1] == MOST_MOVES
    assert stage.engine.management.run_due() == 5
    assert stage.engine.case_migrations.progress(identity, actor=OWEN).done


def test_moves_that_are_refused_are_work_done(stage: Stage) -> None:
    one = deploy(stage, ask())
    for _ in range(MOST_MOVES + 5):
        stage.start()
    two = deploy(stage, ask("other"))
    identity = stage.engine.case_migrations.start(one, two, "Many", actor=OWEN)
    assert [stage.engine.management.run_due() for _ in range(3)] == [MOST_MOVES, 5, 0]
    assert counts(stage, identity) == (MOST_MOVES + 5, 0, MOST_MOVES + 5, 0)


def test_a_case_of_another_process_is_not_found(stage: Stage) -> None:
    """Whoever owns one process learns nothing of the cases of others."""
    one = deploy(stage, ask())
    deploy(stage, ask(), key="q", properties={"ownerGroup": "clerks"})
    stage.start()
    other = stage.start("q")
    two = deploy(stage, ask(name="Asked"))
    for look in (stage.engine.case_migrations.preview, stage.engine.case_migrations.start):
        reason = ("A name",) if look == stage.engine.case_migrations.start else ()
        with pytest.raises(NotFound) as caught:
            look(one, two, *reason, actor=OWEN, case_id=other.id)
        assert other.number not in str(caught.value)
