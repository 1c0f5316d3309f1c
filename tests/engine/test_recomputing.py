"""Figures come to be by themselves: of cases that have none, and anew where a deployment changed the measures."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from engine import managed
from engine.measuring import chunks, computing, day_figures, days, recomputing
from engine.metrics.periods import Period
from engine.metrics.process import EventPattern, ManagedProcess, OwnMeasure
from engine.persistence import schema
from engine.persistence.database import Database
from engine.persistence.models import Base, CaseSummary
from engine.types import ENGINE
from engine.views.performance import FigureFilter, Performance
from tests.engine.stage import OLGA, OWEN, Stage, at_once, one_task
from tests.engine.test_cost import counted

ASKED = OwnMeasure("asked", "Asked", "count", of=EventPattern(element="ask"))
EVENTS = OwnMeasure("events", "Events", "count", of=EventPattern(kind="case.completed"))
WISHES = ManagedProcess("wishes", "Wishes", owner_group="owners", cases=("p",), measures=(ASKED,))
CHANGED = replace(WISHES, measures=(replace(ASKED, of=EventPattern(element="nothing")), EVENTS))
PARTS = ("case_summary", "case_activity", "case_label", "case_value")


@pytest.fixture(autouse=True)
def _two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recomputing, "CHUNK", 2)


@pytest.fixture
def five(stage: Stage) -> Stage:
    """Five cases that ended on the first day, one that runs; it is the third day."""
    stage.deploy_one_task()
    publish(stage, WISHES)
    for _ in range(5):
        stage.start()
        stage.do("ask", answer="x")
    stage.start()
    stage.clock.pass_by(days=2)
    return stage


def publish(stage: Stage, process: ManagedProcess) -> None:
    with stage.engine.database.write() as connection:
        managed.store(connection, [process], stage.clock())


def lose(stage: Stage) -> None:
    """Take away all figures, as if the cases had ended before there were any."""
    with stage.engine.database.write() as connection:
        for name in (*PARTS[::-1], "summed_day", "daily_figure", "packed_month"):
            connection.execute(Base.metadata.tables[name].delete())


def figures(stage: Stage) -> dict[str, list[tuple[object, ...]]]:
    with stage.engine.database.read() as connection:
        return {
            name: [tuple(row) for row in connection.execute(sa.select(found).order_by(*found.primary_key))]
            for name in PARTS
            for found in [Base.metadata.tables[name]]
        }


def values(stage: Stage) -> set[tuple[str, float, int]]:
    """Return the values of own measures: key, value, in how many cases."""
    rows = stage.rows("SELECT measure, value, count(*) FROM case_value GROUP BY measure, value")
    return {(row[0], row[1], row[2]) for row in rows}


def compute(stage: Stage) -> int:
    """Compute whatever is to be; return in how many turns."""
    turns = 0
    while stage.engine.management.compute_figures():
        turns += 1
        assert turns < 100
    return turns


def performance(stage: Stage, key: str = "wishes") -> Performance:
    wanted = FigureFilter(Period.of_days(30, stage.clock().date()))
    return stage.engine.performance.performance(key, OWEN, wanted)


def number(stage: Stage, statistic: str) -> float | None:
    statistics = [each for measure in performance(stage).measures for each in measure.statistics]
    (found,) = [each.value for each in statistics if each.key == statistic]
    return found


def test_cases_without_figures_get_them(five: Stage) -> None:
    before = figures(five)
    lose(five)
    assert compute(five) == 4, "two, two, one, and the end"
    assert figures(five) == before
    assert five.count("figures_due") == 0


def test_pages_say_how_many_are_to_come(five: Stage) -> None:
    assert performance(five).computing == 0
    lose(five)
    left = []
    while five.engine.management.compute_figures():
        (line,) = five.engine.performance.processes(OWEN)
        left.append((performance(five).computing, line.computing))
    assert left == [(3, 3), (1, 1), (0, 0), (0, 0)]


def test_when_nothing_is_to_be_computed_it_costs_nothing(five: Stage) -> None:
    assert compute(five) == 0
    with counted(five) as counts:
        assert not five.engine.management.compute_figures()
    assert counts["statements"] == 0
    five.clock.pass_by(seconds=15)
    with counted(five) as counts:
        assert not five.engine.management.compute_figures()
    assert (counts["statements"], counts["writes"]) == (1, 0)
    five.clock.pass_by(hours=6)
    with counted(five) as counts:
        assert not five.engine.management.compute_figures()
    assert (counts["statements"], counts["writes"]) == (2, 0)


def test_lost_figures_are_found_now_and_then(five: Stage) -> None:
    compute(five)
    lose(five)
    assert compute(five) == 0
    five.clock.pass_by(hours=6)
    assert compute(five) == 4
    assert five.count("case_summary") == 5


def test_a_case_whose_log_does_not_tell_its_end_is_tried_no_more(five: Stage) -> None:
    lose(five)
    with five.engine.database.write() as connection:
        connection.execute(sa.text("DELETE FROM activity_event WHERE kind = 'case.completed'"))
    assert compute(five) == 0
    assert (five.count("figures_due"), performance(five).computing) == (0, 0)


def test_cases_with_figures_are_left_alone_where_others_have_none(five: Stage) -> None:
    with five.engine.database.write() as connection:
        connection.execute(sa.update(CaseSummary).values(cycle_seconds=77))
        (lost, *_) = connection.execute(sa.select(CaseSummary.instance_id)).scalars()
        for name in PARTS:
            gone = Base.metadata.tables[name]
            connection.execute(gone.delete().where(gone.c.instance_id == lost))
    assert compute(five) == 2
    seconds = five.rows("SELECT cycle_seconds FROM case_summary ORDER BY cycle_seconds")
    assert [row[0] for row in seconds] == [0, 77, 77, 77, 77]


def test_a_changed_measure_is_computed_anew(five: Stage) -> None:
    five.engine.management.sum_days()
    assert (values(five), number(five, "asked")) == ({("asked", 1, 5)}, 5)
    publish(five, CHANGED)
    assert performance(five).computing == 5
    assert compute(five) == 0, "a case that ends just now may have read the old definition"
    five.clock.pass_by(seconds=15)
    assert compute(five) == 4
    assert values(five) == {("asked", 0, 5), ("events", 1, 5)}
    assert (number(five, "asked"), number(five, "events"), performance(five).computing) == (0, 5, 0)
    assert five.engine.management.sum_days() == 1
    assert (number(five, "asked"), number(five, "events")) == (0, 5)


def test_a_definition_that_a_process_gives_up_is_computed_as_its_own(five: Stage) -> None:
    five.deploy(q__bpmn=one_task("q"))
    publish(five, replace(WISHES, cases=("q",)))
    five.clock.pass_by(seconds=15)
    assert compute(five) == 4
    assert values(five) == set()
    assert five.count("case_summary") == 5


@pytest.mark.parametrize(
    "same",
    [
        replace(WISHES, name="Other", feedback="How?", owner_group="others"),
        replace(WISHES, measures=(replace(ASKED, name="Asked for", unit="times", better="lower"),)),
        replace(WISHES, measures=(ASKED, OwnMeasure("r", "R", "ratio", numerator="asked", denominator="completed"))),
    ],
    ids=["names", "words", "ratio"],
)
def test_what_changes_no_figure_computes_nothing(five: Stage, same: ManagedProcess) -> None:
    publish(five, same)
    assert five.count("figures_due") == 0


def test_send_backs_are_computed_anew(five: Stage) -> None:
    publish(five, replace(WISHES, send_backs=("x",)))
    assert five.count("figures_due") == 1


def test_who_stops_in_the_middle_goes_on_there(five: Stage) -> None:
    publish(five, CHANGED)
    five.clock.pass_by(seconds=15)
    assert five.engine.management.compute_figures()
    assert values(five) == {("asked", 1, 3), ("asked", 0, 2), ("events", 1, 2)}
    another = five.another()
    assert compute(another) == 3
    assert values(five) == {("asked", 0, 5), ("events", 1, 5)}


def test_a_chunk_that_fails_is_written_not_at_all(five: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(five, CHANGED)
    five.clock.pass_by(seconds=15)
    before = figures(five)

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(chunks, "_write_parts", fail)
        with pytest.raises(RuntimeError):
            five.engine.management.compute_figures()
    assert figures(five) == before
    assert compute(five) == 4


def test_a_deployment_meanwhile_begins_anew(five: Stage) -> None:
    publish(five, CHANGED)
    five.clock.pass_by(seconds=15)
    assert five.engine.management.compute_figures()
    publish(five, WISHES)
    assert performance(five).computing == 5
    five.clock.pass_by(seconds=15)
    assert compute(five) == 4
    assert values(five) == {("asked", 1, 5)}


def test_a_deployment_between_reading_and_writing_wins(five: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even for the first cases, where the mark stands at the beginning both before and after."""
    publish(five, CHANGED)
    five.clock.pass_by(seconds=15)
    computed = recomputing._computed

    def then_deployed(*arguments: object) -> object:
        found = computed(*arguments)  # type: ignore[arg-type]  # as given
        monkeypatch.setattr(recomputing, "_computed", computed)
        publish(five, WISHES)
        return found

    monkeypatch.setattr(recomputing, "_computed", then_deployed)
    assert five.engine.management.compute_figures()
    assert values(five) == {("asked", 1, 5)}, "nothing by the definition that is gone"
    five.clock.pass_by(seconds=15)
    assert compute(five) == 4
    assert values(five) == {("asked", 1, 5)}


def test_a_case_that_ends_meanwhile_writes_its_own(five: Stage) -> None:
    publish(five, CHANGED)
    five.do("ask", answer="x")
    assert values(five) == {("asked", 1, 5), ("asked", 0, 1), ("events", 1, 1)}
    five.clock.pass_by(seconds=15)
    compute(five)
    assert values(five) == {("asked", 0, 6), ("events", 1, 6)}


def test_rebuilding_does_it_at_once(five: Stage) -> None:
    publish(five, CHANGED)
    assert five.engine.management.rebuild_figures("wishes").cases == 5
    assert (five.count("figures_due"), values(five)) == (0, {("asked", 0, 5), ("events", 1, 5)})


def test_rebuilding_leaves_what_was_asked_for_meanwhile(five: Stage) -> None:
    publish(five, CHANGED)
    five.engine.management.rebuild_figures("wishes", lambda _: publish(five, WISHES))
    assert five.count("figures_due") == 1
    five.clock.pass_by(seconds=15)
    compute(five)
    assert values(five) == {("asked", 1, 5)}


def test_days_are_summed_up_when_their_figures_are_there(five: Stage) -> None:
    publish(five, CHANGED)
    assert five.engine.management.sum_days() == 0
    five.clock.pass_by(seconds=15)
    compute(five)
    assert five.engine.management.sum_days() == 1


def test_a_day_read_before_the_change_is_not_summed_up(five: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    read = day_figures.day_sums

    def then_changed(*arguments: object) -> object:
        found = read(*arguments)  # type: ignore[arg-type]  # as given
        publish(five, CHANGED)
        return found

    monkeypatch.setattr(days, "day_sums", then_changed)
    assert five.engine.management.sum_days() == 0
    assert (five.count("summed_day"), five.count("daily_figure")) == (0, 0)


def test_a_day_read_while_its_figures_are_computed_is_not_summed_up(
    five: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its turn came late: the days to sum up were looked for before the change, and the computing ends meanwhile."""
    publish(five, CHANGED)
    five.clock.pass_by(seconds=15)
    read = day_figures.day_sums

    def then_computed(*arguments: object) -> object:
        found = read(*arguments)  # type: ignore[arg-type]  # as given
        compute(five)
        return found

    monkeypatch.setattr(days, "day_sums", then_computed)
    days.sum_day(five.engine.database, "p", five.clock().date() - timedelta(days=2))
    monkeypatch.setattr(days, "day_sums", read)
    compute(five)
    five.engine.management.sum_days()
    assert (number(five, "asked"), number(five, "events")) == (0, 5)


@pytest.mark.parametrize("lost", [True, False])
def test_two_processes_at_once(five: Stage, lost: bool) -> None:
    expected = {("asked", 1.0, 5)} if lost else {("asked", 0.0, 5), ("events", 1.0, 5)}
    stages = [five, *(five.another() for _ in range(3))]
    for _ in range(3):
        if lost:
            lose(five)
        else:
            publish(five, CHANGED)
        five.clock.pass_by(hours=6)
        outcomes = at_once(*(partial(compute, each) for each in stages))
        assert [outcome.error for outcome in outcomes] == [None] * 4
        assert (values(five), five.count("case_summary"), five.count("figures_due")) == (expected, 5, 0)
        if not lost:
            publish(five, WISHES)


def test_computing_while_deployments_cases_and_sums_go_on(five: Stage) -> None:
    others = [five.another() for _ in range(3)]

    def deploy() -> None:
        for _ in range(4):
            publish(others[0], WISHES)
            publish(others[0], CHANGED)
            five.clock.pass_by(seconds=20)

    def work() -> None:
        for _ in range(4):
            others[1].start()
            others[1].complete(others[1].tasks()[0].id, answer="x")

    def add_up() -> None:
        for _ in range(6):
            others[2].engine.management.sum_days()

    outcomes = at_once(deploy, work, add_up, partial(compute, five))
    assert [outcome.error for outcome in outcomes] == [None] * 4
    five.clock.pass_by(days=2)
    compute(five)
    ended = five.value("SELECT count(*) FROM process_instance WHERE status <> 'active'")
    assert values(five) == {("asked", 0, ended), ("events", 1, ended)}
    five.engine.management.sum_days()
    assert (number(five, "events"), number(five, "completed")) == (ended, ended)


def test_an_answer_that_comes_meanwhile_is_kept(five: Stage) -> None:
    publish(five, replace(CHANGED, feedback="How?"))
    five.clock.pass_by(seconds=15)
    (case,) = five.rows("SELECT min(instance_id) FROM case_summary")[0]
    five_too = five.another()
    outcomes = at_once(partial(compute, five), partial(five_too.engine.feedback.give, case, 4, None, actor=OLGA))
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert five.value("SELECT feedback FROM case_summary WHERE instance_id = :case", case=case) == 4


def test_the_scheduler_computes(five: Stage) -> None:
    lose(five)
    scheduler = five.engine.scheduler(cap_seconds=0.05)
    scheduler.start()
    give_up = time.monotonic() + 20
    while five.count("summed_day") < 1 and time.monotonic() < give_up:
        time.sleep(0.02)
    scheduler.stop()
    assert (five.count("case_summary"), five.count("summed_day")) == (5, 1)


def test_a_deployment_says_how_many(five: Stage) -> None:
    said = """process:
  key: wishes
  name: Wishes
  owner_group: owners
  cases: [p]
  measures:
    - {key: asked, name: Asked, kind: count, of: {element: ask, outcome: x}}
"""
    files = {"process.yaml": said.encode()}
    assert five.engine.repository.deploy(files, name="t", actor=OWEN).computing == 5
    assert five.engine.repository.deploy(files, name="t", actor=OWEN).computing == 0


@pytest.fixture
def old(tmp_path: Path, database: str) -> Iterator[str]:
    """The URL of a database with the tables of the first version, all empty."""
    if database.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'old.sqlite'}"
        return
    name = f"comity_old_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(database, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield sa.make_url(database).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


def test_a_database_of_the_first_version_gets_its_figures(stage: Stage, old: str) -> None:
    """What ended there is counted, what runs there goes on."""
    stage.deploy_one_task()
    for minutes in (10, 20, 30):
        stage.start()
        stage.clock.pass_by(minutes=minutes)
        stage.do("ask", answer="x")
    stage.engine.runtime.cancel(stage.start().id, "Not wanted", actor=OWEN)
    running = stage.start()
    stage.clock.pass_by(days=2)
    expected = figures(stage)
    before = Database(old)
    with before.write() as connection:
        command.upgrade(schema.config(connection), "0001")
    _copy(stage.engine.database, before)
    before.close()
    new = Stage(old, stage.clock)
    new.engine.migrate()
    key = partial(performance, new, "p")
    assert (key().computing, new.count("case_summary")) == (4, 0)
    scheduler = new.engine.scheduler(cap_seconds=0.05)
    scheduler.start()
    give_up = time.monotonic() + 20
    while new.count("summed_day") < 1 and time.monotonic() < give_up:
        time.sleep(0.02)
    scheduler.stop()
    assert figures(new) == expected
    assert new.count("figures_due") == 0
    new.do("ask", answer="x")
    assert new.engine.history.case(running.id, ENGINE).status == "completed"
    counts = {each.key: each.statistics[0].value for each in key().measures if each.kind == "volumes"}
    assert (counts["completed"], counts["cancelled"], counts["open"], key().computing) == (4, 1, 0, 0)
    new.close()


def test_a_database_with_sums_of_days_gets_packed_months(five: Stage, old: str) -> None:
    """All its days are summed up anew; until then they are counted from the rows of cases, and nothing is missing."""
    five.engine.management.sum_days()
    expected = performance(five)
    before = Database(old)
    with before.write() as connection:
        command.upgrade(schema.config(connection), "0008")
    _copy(five.engine.database, before)
    before.close()
    new = Stage(old, five.clock)
    assert new.count("summed_day") == 1
    new.engine.migrate()
    assert new.count("summed_day") == 0
    assert performance(new).measures == expected.measures
    assert new.engine.management.sum_days() == 1
    assert new.count("packed_month") == 1
    assert performance(new).measures == expected.measures
    assert number(new, "asked") == 5
    new.close()


def _copy(source: Database, target: Database) -> None:
    """Write the rows of every table that `target` has, with the columns that it has."""
    with source.read() as reading, target.write() as writing:
        there = sa.inspect(writing)
        for table in Base.metadata.sorted_tables:
            if not there.has_table(table.name):
                continue
            names = {column["name"] for column in there.get_columns(table.name)}
            known = [column for column in table.c if column.name in names]
            rows = reading.execute(sa.select(*known)).mappings().all()
            if rows:
                # Not into the table as the models have it now: that would fill columns which are not there yet.
                old = sa.table(table.name, *(sa.column(column.name, column.type) for column in known))
                writing.execute(sa.insert(old), [dict(row) for row in rows])
        if writing.dialect.name == "postgresql":
            last = "(SELECT max(id) FROM activity_event)"
            writing.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('activity_event', 'id'), {last})"))


def test_a_case_ends_whatever_is_measured_of_it(five: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ArithmeticError("a measure that nobody has tried")

    with monkeypatch.context() as faulty:
        faulty.setattr(computing, "summarise", fails)
        five.do("ask", answer="x")
        assert five.engine.management.rebuild_figures().cases == 0
    statuses = {row.status for row in five.rows("SELECT status FROM process_instance")}
    assert statuses == {"completed"}
    assert len(five.rows("SELECT 1 FROM case_summary")) == 5
    recomputing.mark_missing(five.engine.database)
    while five.engine.management.compute_figures():
        pass
    assert len(five.rows("SELECT 1 FROM case_summary")) == 6
