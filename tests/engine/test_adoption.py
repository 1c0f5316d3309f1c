"""New versions of a framework in cases that run: timers, dates and worklists move, once, and nothing is lost."""

import subprocess
import sys
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from engine import events
from engine.errors import DatabaseUnavailable, NotPermitted, StepFailed
from engine.persistence.models import UserTask
from engine.types import ENGINE
from engine.views import CaseRef
from tests.bpmn_models import end, flows, process, reads, start, store, user_task, writes
from tests.engine.framework import FIRST, FORM, REGISTERS, change, deploy, settle
from tests.engine.stage import ADA, ANN, MORNING, OWEN, STARTERS, Stage, at_once
from tests.engine.test_timers import PROCESS, ROOT


def days(count: float) -> datetime:
    return MORNING + timedelta(days=count)


def timers(stage: Stage, case: CaseRef) -> list[datetime | None]:
    return [wait.due_at for wait in stage.engine.history.case(case.id, ENGINE).waits]


def told(stage: Stage, case: CaseRef) -> list[Any]:
    found = stage.engine.history.timeline(case.id, ENGINE)
    return [entry.detail for entry in found if entry.kind == events.FRAMEWORK_ADOPTED]


def jobs(stage: Stage) -> int:
    count: int = stage.value("select count(*) from job where kind = 'adopt'")
    return count


def test_a_running_timer_moves_when_the_version_is_taken_over(stage: Stage) -> None:
    deploy(stage)
    case = stage.start()
    stage.clock.pass_by(days=1)
    change(stage, remind="P2D")
    assert jobs(stage) == 1
    assert timers(stage, case) == [days(5)], "not yet"
    assert stage.engine.management.run_due() == 1
    assert timers(stage, case) == [days(2)]
    assert jobs(stage) == 0
    (row,) = stage.engine.history.cases(ENGINE).rows
    assert row.changed_at == days(0), "a version taken over is no news of the case"
    (detail,) = told(stage, case)
    assert (detail["register"], detail["id"], detail["from"], detail["to"]) == ("rules", "R-0001", 1, 2)
    moved = {"element": "remind", "name": "remind", "what": "timer"}
    assert detail["moved"] == [{**moved, "from": days(5).isoformat(), "to": days(2).isoformat()}]
    assert (detail["more"], detail["unmoved"]) == (0, [])
    stage.clock.pass_by(days=1)
    assert settle(stage) == 1
    assert sorted(row.element_id for row in stage.tasks()) == ["ask", "reminder"]
    assert stage.count("job") == 0


def test_with_keep_it_stays(stage: Stage) -> None:
    deploy(stage)
    case = stage.start()
    change(stage, "keep", remind="P2D")
    assert (jobs(stage), settle(stage), timers(stage, case)) == (0, 0, [days(5)])
    change(stage, remind="P3D")
    settle(stage)
    assert timers(stage, case) == [days(3)]
    assert [(each["from"], each["to"]) for each in told(stage, case)] == [(1, 3)]
    change(stage, "keep", remind="P1D")
    settle(stage)
    assert timers(stage, case) == [days(3)]


def test_a_time_that_is_past_by_now_comes_with_the_next_run(stage: Stage) -> None:
    deploy(stage)
    stage.start()
    stage.clock.pass_by(days=4)
    change(stage, remind="P2D")
    settle(stage)
    assert sorted(row.element_id for row in stage.tasks()) == ["ask", "reminder"]


def test_dates_move_in_the_task_and_in_every_worklist(stage: Stage) -> None:
    deploy(stage)
    stage.start()
    first = stage.task()
    stage.start()
    other = next(row for row in stage.tasks() if row.id != first.id)
    stage.engine.tasks.claim(first.id, actor=ANN)
    change(stage, due="P4D", look="P2D")
    settle(stage)
    assert {row.due_at for row in stage.tasks()} == {days(4)}
    assert {row.id for row in stage.tasks()} == {first.id, other.id}
    assert stage.rows("select distinct due_at from worklist") == stage.rows("select distinct due_at from user_task")
    detail = stage.engine.tasks.get(first.id, ANN)
    assert (detail.due_at, detail.follow_up_at) == (days(4), days(2))
    assert detail.assignee is not None
    with stage.engine.database.read() as connection:
        read = connection.execute(select(UserTask.reads).where(UserTask.id == first.id)).scalar_one()
    assert read == [{"register": "rules", "id": "R-0001", "version": 2}]
    stage.clock.pass_by(days=5)
    assert stage.engine.tasks.get(other.id, ANN).overdue


def test_a_called_process_takes_over_too(stage: Stage) -> None:
    deploy(stage)
    case = stage.start("outer")
    change(stage, remind="P2D", due="P3D")
    assert settle(stage) == 1
    assert timers(stage, case) == [days(2)]
    assert stage.task().due_at == days(3)


def test_many_cases_take_over_each_for_itself(stage: Stage) -> None:
    deploy(stage)
    cases = []
    for _ in range(5):
        cases.append(stage.start())
        stage.clock.pass_by(hours=1)
    done = stage.start()
    stage.complete(max(stage.tasks(), key=lambda row: row.case.number).id)
    stage.complete(stage.task("then").id)
    assert stage.engine.history.case(done.id, ENGINE).status == "completed"
    change(stage, remind="P2D")
    assert settle(stage) == 5
    assert [timers(stage, case) for case in cases] == [[days(2) + timedelta(hours=n)] for n in range(5)]
    assert told(stage, done) == []


def test_a_case_that_has_not_read_it_yet_is_left_alone(stage: Stage) -> None:
    deploy(stage)
    stage.deploy(
        late__bpmn=process(
            "late",
            store("st", "rules"),
            start(),
            user_task("first", candidateGroups="analysts"),
            user_task("ask", inner=reads("st"), candidateGroups="analysts"),
            end(),
            flows("s", "first", "ask", "e"),
            **STARTERS,
        )
    )
    case = stage.start("late")
    change(stage)
    assert jobs(stage) == 1
    assert stage.engine.management.run_due() == 0
    assert jobs(stage) == 0
    assert told(stage, case) == []
    assert stage.value("select revision from process_instance") == 1


def test_two_versions_before_the_first_was_taken_over_are_one_step(stage: Stage) -> None:
    deploy(stage)
    case = stage.start()
    change(stage, remind="P2D")
    change(stage, remind="P3D")
    assert jobs(stage) == 1
    assert settle(stage) == 1
    assert [(each["from"], each["to"]) for each in told(stage, case)] == [(1, 3)]
    assert timers(stage, case) == [days(3)]


def test_a_needless_job_is_dropped(stage: Stage) -> None:
    deploy(stage)
    case = stage.start()
    change(stage)
    stage.complete(stage.task().id)
    assert [read.ref.version for read in stage.engine.tasks.get(stage.task().id, ANN).reads] == [2]
    change(stage)
    stage.engine.runtime.cancel(case.id, "enough", actor=ENGINE)
    assert jobs(stage) == 1
    assert settle(stage) == 0
    assert stage.count("job") == 0
    assert stage.count("failure") == 0


def test_a_version_that_breaks_an_expression_is_a_failure_and_harms_no_case(stage: Stage) -> None:
    deploy(stage)
    case = stage.start()
    other = stage.start()
    change(stage, remind="soon")
    settle(stage)
    failures = stage.engine.management.failures(OWEN).rows
    assert [(each.kind, each.element_id, each.attempts) for each in failures] == [("adopt", "remind", 1)] * 2
    assert timers(stage, case) == [days(5)]
    mine = next(each for each in failures if each.case.id == case.id)
    assert mine.retry_at == stage.clock.now + timedelta(minutes=1)
    with pytest.raises(StepFailed):
        stage.engine.management.retry(mine.id, actor=OWEN)
    with pytest.raises(NotPermitted):
        stage.engine.management.retry(mine.id, actor=ADA)
    change(stage, remind="P2D")
    assert stage.engine.management.retry(mine.id, actor=OWEN).id == case.id
    assert timers(stage, case) == [days(2)]
    assert settle(stage) == 1
    assert timers(stage, other) == [days(2)]
    assert stage.engine.management.failures(OWEN).rows == ()
    assert stage.value("select sum(failures) from process_instance") == 0
    assert [each["to"] for each in told(stage, case)] == [3]
    assert stage.kinds(case.id)[-1] == events.FAILURE_RESOLVED


def test_another_step_does_not_settle_a_take_over_that_failed(stage: Stage) -> None:
    deploy(stage)
    case = stage.start()
    change(stage, remind="soon")
    settle(stage)
    task = stage.task()
    stage.engine.tasks.claim(task.id, actor=ANN)
    stage.complete(task.id)
    (failure,) = stage.engine.management.failures(OWEN).rows
    assert stage.engine.management.retry(failure.id, actor=OWEN).id == case.id
    stage.clock.pass_by(minutes=2)
    settle(stage)
    assert (stage.count("job"), stage.engine.management.failures(OWEN).rows) == (0, ())


def test_a_failed_take_over_is_settled_with_the_case(stage: Stage) -> None:
    deploy(stage)
    case = stage.start()
    change(stage, remind="soon")
    settle(stage)
    stage.engine.runtime.cancel(case.id, "enough", actor=ENGINE)
    stage.clock.pass_by(hours=2)
    settle(stage)
    assert (stage.count("job"), stage.engine.management.failures(OWEN).rows) == (0, ())


def test_several_schedulers_let_each_case_take_over_once(stage: Stage) -> None:
    deploy(stage)
    cases = [stage.start() for _ in range(12)]
    change(stage, remind="P2D")
    others = [stage.another() for _ in range(3)]
    outcomes = at_once(*(each.engine.management.run_due for each in (stage, *others)))
    assert [each.error for each in outcomes] == [None] * 4
    assert sum(each.result for each in outcomes) == 12
    assert [len(told(stage, case)) for case in cases] == [1] * 12
    assert {tuple(timers(stage, case)) for case in cases} == {(days(2),)}
    assert jobs(stage) == 0


def test_a_take_over_and_a_completion_at_once_agree(stage: Stage) -> None:
    deploy(stage)
    for number in range(5):
        case = stage.start()
        task = stage.task("ask")
        change(stage, remind=f"P{number + 2}D")
        adopted, done = at_once(stage.engine.management.run_due, partial(stage.complete, task.id))
        assert (adopted.error, done.error) == (None, None)
        settle(stage)
        assert timers(stage, case) == []
        assert [read.ref.version for read in stage.engine.tasks.get(stage.task("then").id, ANN).reads] == [number + 2]
        stage.complete(stage.task("then").id)
        assert len(told(stage, case)) <= 1
    assert (stage.count("job"), stage.count("failure"), stage.tasks()) == (0, 0, ())


def test_a_take_over_and_the_timer_at_once_agree(stage: Stage) -> None:
    deploy(stage)
    other = stage.another()
    for number in range(5):
        case = stage.start()
        began = stage.clock.now
        stage.clock.pass_by(days=5)
        with stage.engine.database.write() as connection:
            connection.exec_driver_sql("update job set leased_until = null")
        change(stage, remind="P9D", title=str(number))
        outcomes = at_once(stage.engine.management.run_due, other.engine.management.run_due)
        assert [each.error for each in outcomes] == [None, None]
        settle(stage)
        reminders = [row for row in stage.tasks() if row.element_id == "reminder"]
        assert len(told(stage, case)) == 1
        fired = timers(stage, case) == []
        assert len(reminders) == fired
        assert fired or timers(stage, case) == [began + timedelta(days=9)]
        stage.engine.runtime.cancel(case.id, "next", actor=ENGINE)
        change(stage, title="back")
    assert (settle(stage), stage.count("job"), stage.count("failure")) == (0, 0, 0)


def test_a_claim_and_a_take_over_at_once_leave_one_due_date(stage: Stage) -> None:
    deploy(stage)
    stage.start()
    task = stage.task()
    for number in range(6):
        change(stage, due=f"P{number + 2}D")
        act = stage.engine.tasks.claim if number % 2 == 0 else stage.engine.tasks.release
        adopted, done = at_once(stage.engine.management.run_due, partial(act, task.id, actor=ANN))
        assert (adopted.error, done.error) == (None, None)
        assert stage.rows("select distinct due_at from worklist") == stage.rows("select due_at from user_task")
        assert stage.engine.tasks.get(task.id, ANN).due_at == days(number + 2)


def test_versions_and_take_overs_at_once_end_with_the_last_version(stage: Stage) -> None:
    deploy(stage)
    cases = [stage.start() for _ in range(3)]
    other = stage.another()
    for number in range(4):
        outcomes = at_once(
            partial(change, stage, remind=f"P{number + 2}D"),
            stage.engine.management.run_due,
            other.engine.management.run_due,
        )
        assert [each.error for each in outcomes] == [None] * 3
    settle(stage)
    assert {tuple(timers(stage, case)) for case in cases} == {(days(5),)}
    assert {told(stage, case)[-1]["to"] for case in cases} == {5}
    assert (jobs(stage), stage.count("failure")) == (0, 0)


def test_a_case_that_starts_while_the_version_is_written_does_not_stay_behind(stage: Stage) -> None:
    deploy(stage)
    for number in range(6):
        started, changed = at_once(stage.start, partial(change, stage, remind=f"P{number + 2}D"))
        assert (started.error, changed.error) == (None, None)
        began = stage.clock.now
        settle(stage)
        assert timers(stage, started.result) == [began + timedelta(days=number + 2)]
        stage.clock.pass_by(hours=1)


def test_what_is_due_before_the_version_came_has_come_before(stage: Stage) -> None:
    """The server was away: at five days the reminder was due, on the sixth its time was changed."""
    deploy(stage)
    case = stage.start()
    stage.clock.pass_by(days=6)
    change(stage, remind="P9D")
    stage.clock.pass_by(days=1)
    settle(stage)
    assert sorted(row.element_id for row in stage.tasks()) == ["ask", "reminder"]
    late = stage.start()
    stage.clock.pass_by(days=8)
    change(stage, remind="P20D")
    stage.clock.pass_by(days=3)
    settle(stage)
    assert timers(stage, late) == [stage.clock.now + timedelta(days=9)]
    assert len(told(stage, case)) == 2


def test_a_process_that_was_killed_in_between_loses_nothing(stage: Stage) -> None:
    deploy(stage)
    case = stage.start()
    change(stage, remind="P2D")
    taken, _ = stage.engine.management._due._take(10)
    assert [job.kind for job in taken] == ["adopt"]
    other = stage.another()
    assert other.engine.management.run_due() == 0
    stage.clock.pass_by(minutes=3)
    assert other.engine.management.run_due() == 1
    assert timers(stage, case) == [days(2)]


def test_who_lost_the_lease_to_a_newer_version_does_not_drop_its_job(stage: Stage) -> None:
    deploy(stage)
    case = stage.start()
    change(stage)
    due = stage.engine.management._due
    (job,), until = due._take(10)
    change(stage)
    assert stage.value("select leased_until from job where kind = 'adopt'") is None
    stage.engine.runtime.cancel(case.id, "so that nothing is to be done", actor=ENGINE)
    assert due._one(job, until) is False
    assert jobs(stage) == 1, "it is another job now"


def test_a_database_that_is_away_keeps_the_job(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(stage)
    stage.start()
    change(stage)

    def away(*_: object) -> bool:
        raise DatabaseUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(stage.engine.management._due._steps, "adopt", away)
        with pytest.raises(DatabaseUnavailable):
            stage.engine.management.run_due()
    stage.clock.pass_by(minutes=3)
    assert settle(stage) == 1


def test_a_case_that_writes_the_framework_lets_the_others_take_it_over(stage: Stage) -> None:
    deploy(stage)
    case = stage.start()
    stage.deploy(
        w__bpmn=process(
            "w",
            store("st", "rules"),
            start(),
            user_task("write", inner=reads("st") + writes("st"), candidateGroups="analysts", formRef="rules"),
            end(),
            flows("s", "write", "e"),
            **STARTERS,
        ),
        registers__yaml=REGISTERS,
        rules__form=FORM,
    )
    stage.start("w")
    keeping = {**FIRST, "remind": "P2D", "rc": "keep"}
    stage.complete(stage.task("write").id, **keeping)
    assert jobs(stage) == 0
    stage.start("w")
    stage.complete(stage.task("write").id, **{**keeping, "rc": "take_over"})
    assert jobs(stage) == 1
    settle(stage)
    assert timers(stage, case) == [days(2)]


def test_two_processes_let_each_case_take_over_once(stage: Stage) -> None:
    deploy(stage)
    cases = [stage.start() for _ in range(30)]
    change(stage, remind="P2D")
    command = [sys.executable, "-c", PROCESS, stage.url, stage.clock.now.isoformat()]
    runs = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    answers = [run.communicate("go\n", timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sum(map(int, answers)) == 30
    assert [len(told(stage, case)) for case in cases] == [1] * 30
    assert jobs(stage) == 0
