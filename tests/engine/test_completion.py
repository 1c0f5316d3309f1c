"""A user task is completed once, by somebody whose task it is; whoever comes second is told who was first."""

import pytest

from engine.errors import InputRefused, NotFound, NotPermitted, TaskClaimed, TaskNotOpen
from tests.bpmn_models import end, flows, gateway, process, start, user_task
from tests.engine.stage import ANN, BEN, CARL, OLGA, OTTO, OWEN, STARTERS, Stage, at_once, form


def test_a_case_runs_from_start_to_end(stage: Stage) -> None:
    stage.deploy_one_task()
    case = stage.start()
    assert (case.number, case.status) == ("C-000001", "active")
    task = stage.task()
    assert (task.name, task.case.number, task.groups) == ("Ask", "C-000001", ("analysts",))
    stage.clock.pass_by(hours=2)
    done = stage.engine.tasks.complete(task.id, {"answer": "42"}, actor=ANN, effort_minutes=15, channel="call")
    assert done.finished
    assert done.case.status == "completed"
    assert stage.tasks() == ()
    detail = stage.engine.history.case(case.id, OLGA)
    assert (detail.status, detail.tasks, detail.ended_at) == ("completed", (), stage.clock.now)


def test_two_who_complete_the_same_task_at_once_give_one_completion(stage: Stage) -> None:
    stage.deploy_one_task()
    for _ in range(5):
        stage.start()
        task = stage.task()
        outcomes = at_once(
            *(lambda a=actor, t=task.id: stage.complete(t, a, answer="x") for actor in (ANN, BEN, ANN, BEN))
        )
        errors = [each.error for each in outcomes if each.error is not None]
        assert len(errors) == 3
        for error in errors:
            assert isinstance(error, TaskNotOpen)
            assert (error.by in ("ann", "ben"), error.at) == (True, stage.clock.now)
    assert stage.value("select count(*) from activity_event where kind = 'case.completed'") == 5


def test_a_second_completion_says_who_and_when(stage: Stage) -> None:
    stage.deploy_one_task()
    stage.start()
    task = stage.task()
    stage.complete(task.id, ANN)
    with pytest.raises(TaskNotOpen, match=r"already completed by ann at 2026-03-02 08:00 UTC"):
        stage.complete(task.id, BEN)


def test_a_claimed_task_is_for_its_assignee_only(stage: Stage) -> None:
    stage.deploy_one_task()
    stage.start()
    task = stage.task()
    stage.engine.tasks.claim(task.id, actor=ANN)
    with pytest.raises(TaskClaimed, match="claimed by ann since 2026-03-02 08:00") as caught:
        stage.complete(task.id, BEN)
    assert caught.value.by == "ann"
    assert stage.complete(task.id, ANN).finished


def test_nobody_completes_a_task_that_was_not_offered_to_them(stage: Stage) -> None:
    stage.deploy_one_task()
    stage.start()
    task = stage.task()
    for stranger in (CARL, OTTO):
        with pytest.raises(NotFound):
            stage.complete(task.id, stranger)
        with pytest.raises(NotFound):
            stage.engine.tasks.get(task.id, stranger)
    with pytest.raises(NotPermitted):
        stage.complete(task.id, OWEN)
    assert stage.task().id == task.id


def test_a_completion_redone_because_another_branch_moved_on_loses_nothing(stage: Stage) -> None:
    tasks = [f"t{number}" for number in range(6)]
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            gateway("split", "parallel"),
            *(user_task(each, each, candidateGroups="analysts") for each in tasks),
            gateway("join", "parallel"),
            end(),
            flows("s", "split"),
            *(flows("split", each, "join") for each in tasks),
            flows("join", "e"),
            **STARTERS,
        )
    )
    case = stage.start()
    found = stage.tasks()
    assert len(found) == 6
    outcomes = at_once(*(lambda row=row: stage.complete(row.id) for row in found))
    assert [each.error for each in outcomes] == [None] * 6
    assert stage.engine.history.case(case.id, OLGA).status == "completed"
    assert stage.kinds(case.id).count("case.completed") == 1


def test_only_fields_of_the_form_are_taken(stage: Stage) -> None:
    stage.deploy_one_task()
    stage.start()
    task = stage.task()
    with pytest.raises(InputRefused) as caught:
        stage.complete(task.id, answer="x", other="y")
    assert set(caught.value.messages) == {"other"}
    with pytest.raises(InputRefused):
        stage.engine.tasks.complete(task.id, {"answer": "x"}, actor=ANN, effort_minutes=-1)
    with pytest.raises(InputRefused) as caught:
        stage.engine.tasks.complete(task.id, {"other": "y"}, actor=ANN, effort_minutes=-1, channel="x" * 256)
    assert set(caught.value.messages) == {"other", "effort_minutes", "channel"}
    assert stage.task().id == task.id


def test_values_may_be_read_when_the_form_is_known(stage: Stage) -> None:
    stage.deploy_one_task()
    stage.start()
    task = stage.task()
    given: list[bytes | None] = []

    def wrong(content: bytes | None) -> dict[str, str]:
        raise InputRefused({"answer": ["Illegible."]})

    def right(content: bytes | None) -> dict[str, str]:
        given.append(content)
        return {"answer": "42"}

    with pytest.raises(InputRefused, match="Illegible"):
        stage.engine.tasks.complete(task.id, wrong, actor=ANN)
    with pytest.raises(NotFound):
        stage.engine.tasks.complete(task.id, right, actor=OTTO)
    assert given == []
    done = stage.engine.tasks.complete(task.id, right, actor=ANN)
    assert (done.name, done.finished, given) == ("Ask", True, [form("f", "answer")])


def test_a_task_without_a_form_takes_no_values(stage: Stage) -> None:
    model = process("p", start(), user_task("a", candidateGroups="analysts"), end(), flows("s", "a", "e"), **STARTERS)
    stage.deploy(p__bpmn=model)
    stage.start()
    with pytest.raises(InputRefused, match="no form"):
        stage.do("a", answer="x")
    assert stage.do("a").finished
