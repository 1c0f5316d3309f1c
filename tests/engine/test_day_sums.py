"""Days are summed up when they are over: once, by one of several processes, and again when a case changed."""

import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from engine.errors import NotFound
from engine.measuring import day_figures, days, rebuilding
from engine.metrics.packed import Packed
from engine.metrics.periods import Period
from engine.persistence.models import Base, CaseSummary, PackedMonth, SummedDay
from engine.views.performance import FigureFilter
from tests.bpmn_models import catch, end, flows, process, start, timer
from tests.engine.stage import ANN, MORNING, OWEN, STARTERS, Clock, Stage, at_once
from tests.engine.test_cost import counted

DAY = MORNING.date()


@pytest.fixture
def two_days(stage: Stage) -> Stage:
    """Two cases that ended on the first day, one that ended on the second; it is the third, in the morning."""
    stage.deploy_one_task()
    for ends in (2, 1):
        for _ in range(ends):
            stage.start()
            stage.do("ask", answer="x")
        stage.clock.pass_by(days=1)
    return stage


def sums(stage: Stage, name: str = "cases") -> dict[tuple[date, str], int]:
    with stage.engine.database.read() as connection:
        figure = Base.metadata.tables["daily_figure"]
        rows = connection.execute(sa.select(figure).where(figure.c.name == name))
        return {(row.day, row.label): row._mapping["count"] for row in rows}


def test_days_are_summed_up_one_at_a_time(two_days: Stage) -> None:
    management = two_days.engine.management
    assert [management.sum_day() for _ in range(3)] == [True, True, False]
    assert sums(two_days) == {(DAY, "completed"): 2, (DAY + timedelta(days=1), "completed"): 1}
    assert two_days.count("summed_day") == 2


def test_a_day_has_to_be_over_for_an_hour(stage: Stage) -> None:
    stage.deploy_one_task()
    stage.clock.now = MORNING.replace(hour=23, minute=59)
    stage.start()
    stage.do("ask", answer="x")
    stage.clock.pass_by(minutes=60)
    assert stage.engine.management.sum_days() == 0
    stage.clock.pass_by(minutes=1)
    assert stage.engine.management.sum_days() == 1
    assert stage.engine.management.sum_days() == 0


def test_when_nothing_is_to_do_it_costs_nothing(two_days: Stage) -> None:
    management = two_days.engine.management
    while management.sum_day():
        pass
    with counted(two_days) as counts:
        assert not management.sum_day()
    assert counts["statements"] == 0
    two_days.clock.pass_by(minutes=10)
    with counted(two_days) as counts:
        assert not management.sum_day()
    assert (counts["statements"], counts["writes"]) == (1, 0)


def test_the_scheduler_sums_up_after_what_is_due(two_days: Stage) -> None:
    scheduler = two_days.engine.scheduler(cap_seconds=0.05)
    scheduler.start()
    give_up = time.monotonic() + 20
    while two_days.count("summed_day") < 2 and time.monotonic() < give_up:
        time.sleep(0.02)
    scheduler.stop()
    assert two_days.count("summed_day") == 2


def test_a_due_timer_does_not_wait_for_sums(two_days: Stage) -> None:
    model = process("t", start(), catch("wait", timer("Duration", "PT1H")), end(), flows("s", "wait", "e"), **STARTERS)
    two_days.deploy(t__bpmn=model)
    two_days.start("t")
    two_days.clock.pass_by(hours=2)
    scheduler = two_days.engine.scheduler()
    turns = []
    for _ in range(4):
        did = scheduler._turn()
        turns.append((did, two_days.count("job"), two_days.count("summed_day")))
    assert turns == [(True, 0, 0), (True, 0, 1), (True, 0, 2), (False, 0, 2)]


def test_several_processes_sum_a_day_up_once(two_days: Stage) -> None:
    engines = [two_days.engine, *(two_days.another().engine for _ in range(3))]
    outcomes = at_once(*(partial(each.management.sum_days) for each in engines))
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert sum(outcome.result for outcome in outcomes) == 2
    assert sums(two_days) == {(DAY, "completed"): 2, (DAY + timedelta(days=1), "completed"): 1}


def test_a_case_that_changes_meanwhile_is_not_missed(two_days: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer comes between the reading of the day and the writing of its sums."""
    read = day_figures.day_sums

    def slowly(*arguments: object) -> object:
        found = read(*arguments)  # type: ignore[arg-type]  # as given
        monkeypatch.setattr(days, "day_sums", read)
        _answer(two_days, 4)
        return found

    monkeypatch.setattr(days, "day_sums", slowly)
    assert two_days.engine.management.sum_days() == 1
    assert two_days.count("summed_day") == 1
    assert two_days.engine.management.sum_days() == 1
    assert sums(two_days, "feedback") == {(DAY, "4"): 2}


def test_answers_that_come_while_days_are_summed_up(two_days: Stage) -> None:
    others = two_days.another()
    for score in (1, 2, 3, 4, 5):
        outcomes = at_once(partial(_answer, two_days, score), partial(others.engine.management.sum_days))
        assert [outcome.error for outcome in outcomes] == [None, None]
        two_days.engine.management.sum_days()
        assert sums(two_days, "feedback") == {(DAY, str(score)): 2}


def _answer(stage: Stage, score: int) -> None:
    """Change the cases of the first day as an answer does: first their rows, then the mark."""
    with stage.engine.database.write() as connection:
        connection.execute(sa.update(CaseSummary).where(CaseSummary.ended_on == DAY).values(feedback=score))
        connection.execute(sa.delete(SummedDay).where(SummedDay.day == DAY))


def test_a_case_that_ends_on_a_day_of_the_past_takes_the_mark_away(two_days: Stage) -> None:
    two_days.engine.management.sum_days()
    two_days.clock.now = MORNING
    two_days.start()
    two_days.do("ask", answer="x")
    two_days.clock.pass_by(days=3)
    assert two_days.engine.management.sum_days() == 1
    assert sums(two_days)[DAY, "completed"] == 3


def test_rebuilding_one_process_leaves_the_others(two_days: Stage) -> None:
    two_days.engine.management.sum_days()
    with pytest.raises(NotFound):
        two_days.engine.management.rebuild_figures("nothing")
    assert two_days.count("summed_day") == 2
    told: list[int] = []
    done = two_days.engine.management.rebuild_figures("p", told.append)
    assert (done.cases, done.days, told) == (3, 2, [3])
    assert two_days.count("summed_day") == 0


def test_rebuilding_in_several_processes_while_cases_end(two_days: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "CHUNK", 1)  # more chunks to get mixed up
    for _ in range(4):
        two_days.start()
    tasks = [task.id for task in two_days.tasks()]

    def complete() -> None:
        for task in tasks:
            two_days.complete(task, ANN, answer="x")

    others = [two_days.another().engine.management for _ in range(2)]
    outcomes = at_once(complete, *(each.rebuild_figures for each in others))
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert two_days.count("case_summary") == 7
    assert two_days.value("SELECT count(*) FROM case_label WHERE kind = 'person'") == 7
    before = two_days.rows("SELECT * FROM case_activity ORDER BY instance_id, element_id")
    two_days.engine.management.rebuild_figures()
    assert two_days.rows("SELECT * FROM case_activity ORDER BY instance_id, element_id") == before


def test_a_case_whose_end_the_log_does_not_tell_is_left_out(two_days: Stage) -> None:
    with two_days.engine.database.write() as connection:
        connection.execute(
            sa.text("DELETE FROM activity_event WHERE instance_id = (SELECT min(id) FROM process_instance)")
        )
    done = two_days.engine.management.rebuild_figures()
    assert (done.cases, done.skipped) == (2, 1)


def test_threads_of_one_engine_may_sum_up_together(two_days: Stage) -> None:
    seen = threading.Barrier(2)

    def work() -> int:
        seen.wait()
        return sum(two_days.engine.management.sum_day() for _ in range(4))

    outcomes = at_once(work, work)
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert two_days.count("summed_day") == 2


def packed(stage: Stage) -> dict[date, int]:
    """Return how many cases are packed of each day."""
    with stage.engine.database.read() as connection:
        months = connection.execute(sa.select(PackedMonth.cases, PackedMonth.content)).all()
    decoded = [Packed.decode(month.content) for month in months]
    assert [each.count for each in decoded] == [month.cases for month in months]
    return {day: count for each in decoded for day, count in each.days.items()}


def test_days_of_a_month_are_packed_by_several_processes_at_once(stage: Stage) -> None:
    stage.deploy_one_task()
    for number in range(8):
        for _ in range(1 + number % 2):
            stage.start()
            stage.do("ask", answer="x")
        stage.clock.pass_by(days=1)
    expected = {MORNING.date() + timedelta(days=number): 1 + number % 2 for number in range(8)}
    engines = [stage.engine, *(stage.another().engine for _ in range(3))]
    for _ in range(3):
        outcomes = at_once(*(partial(each.management.sum_days) for each in engines))
        assert [outcome.error for outcome in outcomes] == [None] * 4
        assert sum(outcome.result for outcome in outcomes) == 8
        assert packed(stage) == expected
        stage.engine.management.rebuild_figures()


def test_a_day_that_is_summed_up_again_is_packed_again(two_days: Stage) -> None:
    two_days.engine.management.sum_days()
    two_days.clock.now = MORNING
    two_days.start()
    two_days.do("ask", answer="x")
    two_days.clock.pass_by(days=3)
    assert packed(two_days) == {DAY: 2, DAY + timedelta(days=1): 1}
    two_days.engine.management.sum_days()
    assert packed(two_days) == {DAY: 3, DAY + timedelta(days=1): 1}


def test_days_of_two_months_are_packed_apart(two_days: Stage) -> None:
    two_days.clock.pass_by(days=31)
    two_days.start()
    two_days.do("ask", answer="x")
    two_days.clock.pass_by(days=2)
    two_days.engine.management.sum_days()
    assert two_days.count("packed_month") == 2
    assert sum(packed(two_days).values()) == 4


@pytest.mark.parametrize("content", [b"", b"\xc1", Packed().encode()])
@pytest.mark.parametrize("process", [None, "p"])
def test_rebuilding_makes_packed_months_anew(two_days: Stage, content: bytes, process: str | None) -> None:
    """Whatever became of a month, such as by a disk that failed: it is not what the next days are put into."""
    wanted = FigureFilter(Period(DAY, DAY + timedelta(days=1)))
    management, service = two_days.engine.management, two_days.engine.performance
    before = service.performance("p", OWEN, wanted)
    management.sum_days()
    with two_days.engine.database.write() as connection:
        connection.execute(sa.update(PackedMonth).values(content=content))
    management.rebuild_figures(process)
    assert service.performance("p", OWEN, wanted).measures == before.measures
    management.sum_days()
    assert packed(two_days) == {DAY: 2, DAY + timedelta(days=1): 1}
    assert service.performance("p", OWEN, wanted).measures == before.measures


def test_months_are_made_anew_while_days_are_packed(two_days: Stage) -> None:
    """No day keeps its mark whose cases are not in the month that is there in the end."""
    engines = [two_days.another().engine for _ in range(3)]
    for _ in range(6):
        two_days.engine.management.sum_days()
        outcomes = at_once(
            two_days.engine.management.rebuild_figures, *(partial(each.management.sum_days) for each in engines)
        )
        assert [outcome.error for outcome in outcomes] == [None] * 4
        marked = {date.fromisoformat(str(row[0])) for row in two_days.rows("SELECT day FROM summed_day")}
        assert marked <= packed(two_days).keys()
        two_days.engine.management.sum_days()
        assert packed(two_days) == {DAY: 2, DAY + timedelta(days=1): 1}


@pytest.fixture
def behind(two_days: Stage) -> Iterator[Stage]:
    """Another host, whose clock is two days behind: it is the first day still."""
    made = Stage(two_days.url, Clock(MORNING + timedelta(hours=1)))
    yield made
    made.close()


def test_a_case_that_ends_while_its_day_is_summed_up_is_not_missed(
    two_days: Stage, behind: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day's cases have been read; a case more is written, but not committed before the sums could be."""
    behind.start()
    read, written = day_figures.day_sums, threading.Event()
    ending = threading.Thread(target=partial(behind.do, "ask", answer="x"))

    def before_commit(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("write"):
            written.set()
            time.sleep(0.3)

    def slowly(*arguments: object) -> object:
        found = read(*arguments)  # type: ignore[arg-type]  # as given
        if ending.ident is None:
            ending.start()
            assert written.wait(10)
        return found

    sa.event.listen(behind.engine.database.engine, "commit", before_commit)
    monkeypatch.setattr(days, "day_sums", slowly)
    two_days.engine.management.sum_days()
    ending.join(30)
    two_days.engine.management.sum_days()
    assert sums(two_days)[DAY, "completed"] == 3
