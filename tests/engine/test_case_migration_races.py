"""Moves of cases beside other steps: nothing is lost, nothing happens twice, with several schedulers too."""

from functools import partial

from engine.errors import ConcurrentUpdate, InputRefused
from engine.types import ENGINE
from tests.engine.stage import ANN, BEN, OWEN, Stage, at_once
from tests.engine.test_case_migrations import ask, counts, deploy

ROUNDS = 5


def versions(stage: Stage) -> tuple[str, str]:
    """Deploy two versions; a case that has done the first task cannot move to the second."""
    one = deploy(stage, ask(), ask("more", "More"))
    return one, deploy(stage, ask(name="Asked"), ask("other", "Other"))


def test_a_move_and_a_completion_at_once_agree(stage: Stage) -> None:
    one, two = versions(stage)
    moves = stage.engine.case_migrations
    for _ in range(ROUNDS):
        case = stage.engine.runtime.start("p", {}, actor=ANN, definition_id=one)
        (task,) = [row for row in stage.tasks() if row.case.id == case.id]
        begun, done = at_once(
            partial(moves.start, one, two, "Why", actor=OWEN, case_id=case.id),
            partial(stage.complete, task.id, answer="x"),
        )
        assert done.error is None, "the form is the same: the completion is redone on whichever version it finds"
        assert begun.error is None
        (open_task,) = [row for row in stage.tasks() if row.case.id == case.id]
        version = stage.engine.history.case(case.id, ENGINE).models[0].version
        if counts(stage, begun.result)[1]:
            assert (version, open_task.element_id) == (2, "other")
        else:
            assert (version, open_task.element_id) == (1, "more")
            assert counts(stage, begun.result) == (1, 0, 1, 0)
        assert [kind for kind in stage.kinds(case.id) if kind == "case.migrated"] == ["case.migrated"] * (version - 1)
        stage.engine.runtime.cancel(case.id, "Done with it", actor=OWEN)


def test_two_moves_of_one_case_at_once_move_it_once(stage: Stage) -> None:
    one, two = versions(stage)
    moves, others = stage.engine.case_migrations, stage.another().engine.case_migrations
    for _ in range(ROUNDS):
        case = stage.engine.runtime.start("p", {}, actor=ANN, definition_id=one)
        outcomes = at_once(
            partial(moves.start, one, two, "Why", actor=OWEN, case_id=case.id),
            partial(others.start, one, two, "Because", actor=OWEN, case_id=case.id),
        )
        assert all(each.error is None or isinstance(each.error, ConcurrentUpdate) for each in outcomes)
        moved = [counts(stage, each.result)[1] for each in outcomes if each.error is None]
        assert sum(moved) == 1
        assert stage.kinds(case.id).count("case.migrated") == 1
        assert stage.count("job") == 0


def test_several_schedulers_move_each_case_once(stage: Stage) -> None:
    one, two = versions(stage)
    cases = [stage.engine.runtime.start("p", {}, actor=ANN, definition_id=one) for _ in range(24)]
    for case in cases[:4]:
        (task,) = [row for row in stage.tasks() if row.case.id == case.id]
        stage.complete(task.id, answer="x")
    others = [stage, stage.another(), stage.another()]
    identity = stage.engine.case_migrations.start(one, two, "Why", actor=OWEN)
    outcomes = at_once(*(each.engine.management.run_due for each in others))
    assert [each.error for each in outcomes] == [None] * 3
    stage.engine.management.run_due()
    assert counts(stage, identity) == (24, 20, 4, 0)
    assert stage.count("case_migration_refusal") == 4
    assert stage.value("select count(*) from activity_event where kind = 'case.migrated'") == 20


def test_a_claim_and_a_move_at_once_leave_the_task_with_who_claimed_it(stage: Stage) -> None:
    one = deploy(stage, ask())
    two = deploy(stage, ask(name="Asked", candidateGroups="analysts, clerks"))
    moves = stage.engine.case_migrations
    for _ in range(ROUNDS):
        case = stage.engine.runtime.start("p", {}, actor=ANN, definition_id=one)
        (task,) = [row for row in stage.tasks() if row.case.id == case.id]
        begun, claimed = at_once(
            partial(moves.start, one, two, "Why", actor=OWEN, case_id=case.id),
            partial(stage.engine.tasks.claim, task.id, actor=BEN),
        )
        assert begun.error is None
        assert claimed.error is None
        listed = {row.principal for row in stage.rows("select principal from worklist where task_id = :t", t=task.id)}
        assert listed == {"user:ben", "claimed:group:analysts", "claimed:group:clerks"}
        assert stage.value("select assignee from user_task where id = :t", t=task.id) == "ben"
        stage.complete(task.id, BEN, answer="x")


def test_a_move_and_a_cancellation_at_once_agree(stage: Stage) -> None:
    one, two = versions(stage)
    for _ in range(ROUNDS):
        case = stage.engine.runtime.start("p", {}, actor=ANN, definition_id=one)
        begun, ended = at_once(
            partial(stage.engine.case_migrations.start, one, two, "Why", actor=OWEN, case_id=case.id),
            partial(stage.engine.runtime.cancel, case.id, "Needless", actor=OWEN),
        )
        assert ended.error is None
        assert begun.error is None or isinstance(begun.error, ConcurrentUpdate | InputRefused)
        assert stage.engine.history.case(case.id, ENGINE).status == "cancelled"
        assert stage.count("job") == 0
        assert stage.tasks() == ()
