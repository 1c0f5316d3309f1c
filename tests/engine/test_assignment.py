"""Who has a task: claim, release and assign, each won by one."""

from functools import partial

import pytest
from sqlalchemy import insert

from engine.errors import InputRefused, NotFound, NotPermitted, TaskClaimed, TaskNotOpen
from engine.persistence.models import RoleAssignment, User
from engine.types import ENGINE, Actor
from tests.engine.stage import ANN, BEN, CARL, OLGA, OWEN, PEOPLE, Stage, at_once

OWEN_AS_ANALYST = Actor("owen", "Owen", OWEN.roles, frozenset({"owners", "analysts"}), "home")


def _with_accounts(stage: Stage) -> None:
    for person in PEOPLE:
        with stage.engine.database.write() as connection:
            connection.execute(
                insert(User).values(
                    id=person.user_id,
                    name=person.name,
                    organisation_id=person.organisation_id,
                    active=person is not CARL,
                    created_at=stage.clock.now,
                )
            )
            for role in person.roles:
                connection.execute(insert(RoleAssignment).values(user_id=person.user_id, role=role))


def test_one_of_several_claims_wins(stage: Stage) -> None:
    stage.deploy_one_task()
    for _ in range(5):
        stage.start()
        task = stage.task()
        outcomes = at_once(
            *(partial(stage.engine.tasks.claim, task.id, actor=actor) for actor in (ANN, BEN, OWEN_AS_ANALYST))
        )
        errors = [each.error for each in outcomes if each.error]
        assert len(errors) == 2
        assert all(isinstance(error, TaskClaimed) for error in errors)
        (holder,) = {str(error.by) for error in errors if isinstance(error, TaskClaimed)}
        actor = {"ann": ANN, "ben": BEN, "owen": OWEN_AS_ANALYST}[holder]
        assert [row.id for row in stage.tasks(actor, scope="mine")] == [task.id]
        stage.complete(task.id, actor)


def test_a_claimed_task_leaves_the_lists_of_the_others_and_a_release_brings_it_back(stage: Stage) -> None:
    stage.deploy_one_task()
    stage.start()
    task = stage.task()
    stage.engine.tasks.claim(task.id, actor=ANN)
    stage.engine.tasks.claim(task.id, actor=ANN)
    assert stage.tasks(BEN) == ()
    assert [row.assignee.name for row in stage.tasks(BEN, scope="others") if row.assignee] == ["ann"]
    assert stage.tasks(ANN, scope="others") == ()
    detail = stage.engine.tasks.get(task.id, BEN)
    assert (detail.may_complete, detail.may_claim, detail.hindrance) == (False, False, "ann has this task.")
    with pytest.raises(TaskClaimed):
        stage.engine.tasks.release(task.id, actor=BEN)
    stage.engine.tasks.release(task.id, actor=ANN)
    assert stage.task(actor=BEN).assignee is None
    assert stage.tasks(BEN, scope="others") == ()
    assert stage.kinds(task.case.id)[-2:] == ["task.claimed", "task.released"]


def test_working_time_counts_from_the_claim(stage: Stage) -> None:
    stage.deploy_one_task()
    case = stage.start()
    stage.clock.pass_by(hours=3)
    task = stage.task()
    stage.engine.tasks.claim(task.id, actor=ANN)
    stage.clock.pass_by(minutes=30)
    stage.complete(task.id)
    (done,) = [
        e for e in stage.engine.history.timeline(case.id, OLGA) if e.task_id == task.id and e.kind.endswith("completed")
    ]
    assert (done.duration_seconds, done.working_seconds, done.actor.id) == (3.5 * 3600, 1800, "ann")


def test_a_claim_and_a_completion_at_once_agree(stage: Stage) -> None:
    stage.deploy_one_task()
    for _ in range(5):
        stage.start()
        task = stage.task()
        claim, completion = at_once(
            partial(stage.engine.tasks.claim, task.id, actor=BEN), partial(stage.complete, task.id, ANN)
        )
        if completion.error is None:
            assert isinstance(claim.error, TaskNotOpen | type(None))
            assert stage.count("worklist") == 0
        else:
            assert isinstance(completion.error, TaskClaimed)
            assert claim.error is None
            stage.complete(task.id, BEN)


def test_owners_assign_and_the_assignee_hands_on(stage: Stage) -> None:
    _with_accounts(stage)
    stage.deploy_one_task()
    stage.start()
    task = stage.task()
    with pytest.raises(NotPermitted):
        stage.engine.tasks.assign(task.id, "ben", actor=ANN)
    stage.engine.tasks.assign(task.id, "olga", actor=OWEN)
    assert [row.id for row in stage.tasks(OLGA)] == [task.id]
    with pytest.raises(InputRefused, match="signs in as 'carl'"):
        stage.engine.tasks.assign(task.id, "carl", actor=OLGA)
    stage.engine.tasks.assign(task.id, "ben", actor=OLGA)
    assert stage.tasks(OLGA) == ()
    assert stage.task(actor=BEN).id == task.id
    assert stage.complete(task.id, BEN).finished
    with pytest.raises(TaskNotOpen):
        stage.engine.tasks.assign(task.id, "ann", actor=OWEN)


def test_an_assignment_does_not_change_whom_a_task_is_offered_to(stage: Stage) -> None:
    _with_accounts(stage)
    stage.deploy_one_task()
    stage.start()
    task = stage.task()
    stage.engine.tasks.assign(task.id, "olga", actor=OWEN)
    stage.engine.tasks.assign(task.id, "ben", actor=OWEN)
    stage.engine.tasks.release(task.id, actor=BEN)
    assert stage.tasks(OLGA) == ()
    assert [each.id for each in (stage.task(actor=ANN), stage.task(actor=BEN))] == [task.id, task.id]
    with pytest.raises(NotPermitted):
        stage.engine.tasks.claim(task.id, actor=OLGA)


@pytest.mark.parametrize("user", ["otto", "ada", "unheard-of"])
def test_customers_of_others_and_accounts_that_only_administer_get_no_task(stage: Stage, user: str) -> None:
    _with_accounts(stage)
    stage.deploy_one_task()
    stage.start(actor=OLGA)
    task = stage.task()
    with pytest.raises(InputRefused, match=f"signs in as '{user}'"):
        stage.engine.tasks.assign(task.id, user, actor=OWEN)
    assert stage.task().assignee is None


def test_a_task_for_one_person_cannot_be_released_into_nothing(stage: Stage) -> None:
    stage.deploy_one_task(assignee="=initiator.id", candidateGroups="")
    stage.start(actor=OLGA)
    task = stage.task(actor=OLGA)
    with pytest.raises(NotPermitted):
        stage.engine.tasks.release(task.id, actor=OLGA)
    with pytest.raises(NotFound):
        stage.engine.tasks.claim(task.id, actor=CARL)
    assert stage.task(actor=OLGA).id == task.id


def test_a_task_that_names_nobody_is_offered_to_the_owners(stage: Stage) -> None:
    stage.deploy_one_task(candidateGroups="")
    stage.start()
    assert stage.task(actor=OWEN).groups == ("owners",)
    assert ENGINE.user_id == stage.value("select actor from activity_event where kind = 'activity.started'")
