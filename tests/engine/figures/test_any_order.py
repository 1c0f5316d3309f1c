"""Whatever happens in whatever order, pages say what the rows of cases say, and rebuilt what the log says."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine import managed
from engine.errors import ComityError
from engine.figures import assembly, elements
from engine.figures.ended import Ended
from engine.figures.processes import Processes
from engine.figures.scope import Scope
from engine.metrics.periods import Period
from engine.persistence.models import Base, SummedDay
from engine.types import Actor
from engine.views.performance import ElementFigures, FigureFilter, Performance
from tests.engine import figures_walk
from tests.engine.figures.test_sums import assert_same, assert_same_elements
from tests.engine.stage import OLGA, OWEN, Stage

OTHER = replace(
    figures_walk.PROCESS,
    send_backs=("check",),
    measures=(*figures_walk.PROCESS.measures[1:], replace(figures_walk.PROCESS.measures[0], key="more")),
)
FIGURES = ("case_value", "case_label", "case_activity", "case_summary", "summed_day", "daily_figure", "packed_month")


@pytest.mark.parametrize("seed", range(2))
def test_pages_say_what_rows_and_log_say(stage: Stage, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test is to be repeated
    stages = [stage, stage.another()]
    figures_walk.deploy(stage)
    stage.clock.pass_by(days=26)  # the month ends soon
    begun, seen = stage.clock.now.date(), 0
    for _ in range(10):
        stage.clock.pass_by(days=1)
        for _ in range(6):
            dice.choice(HAPPENING)(dice.choice(stages), dice)
        for exact in (True, False):
            monkeypatch.setattr(Ended, "most_cases", 10_000 if exact else 0)
            wanted = _any_filter(dice, Period(begun, stage.clock.now.date() + timedelta(days=1)))
            seen += _compared(stage, wanted, exact=exact)
    assert seen > 20
    monkeypatch.setattr(Ended, "most_cases", 10_000)
    stage.clock.pass_by(seconds=15)  # what was published is being computed by then
    while stage.engine.management.compute_figures():
        pass
    stage.engine.management.sum_days()
    filters = [_any_filter(dice, Period(begun, stage.clock.now.date())) for _ in range(6)]
    assert stage.count("packed_month") > 1
    kept = _pages(stage, filters)
    with stage.engine.database.write() as connection:
        for name in FIGURES:
            services = sa.text("DELETE FROM case_label WHERE kind <> 'service'")
            connection.execute(services if name == "case_label" else Base.metadata.tables[name].delete())
    stage.engine.management.rebuild_figures()
    rebuilt = _pages(stage, filters)
    stage.engine.management.sum_days()
    packed = _pages(stage, filters)
    for one, other, before in zip(rebuilt, packed, kept, strict=True):
        assert_same(one, before, exact=True)
        assert_same(other, before, exact=True)


def _pages(stage: Stage, filters: Sequence[FigureFilter]) -> list[Performance]:
    return [stage.engine.performance.performance("walk", OWEN, each) for each in filters]


def _walk(stage: Stage, dice: random.Random) -> None:
    figures_walk.walk(stage, dice.randrange(10**6), steps=dice.randrange(25))


def _walk_in_the_past(stage: Stage, dice: random.Random) -> None:
    """As if a clock went wrong."""
    now = stage.clock.now
    stage.clock.now = now - timedelta(days=dice.randrange(4))
    figures_walk.walk(stage, dice.randrange(10**6), steps=3)
    stage.clock.now = now


def _answer(stage: Stage, dice: random.Random) -> None:
    if (case := _any_case(stage, dice, "completed")) is not None:
        with suppress(ComityError):
            stage.engine.feedback.give(case[0], dice.randint(1, 5), None, actor=case[1])


def _withdraw(stage: Stage, dice: random.Random) -> None:
    if (case := _any_case(stage, dice, "active")) is not None:
        with suppress(ComityError):
            stage.engine.runtime.withdraw(case[0], "Not needed", actor=case[1])


def _publish(stage: Stage, dice: random.Random) -> None:
    with stage.engine.database.write() as connection:
        managed.store(connection, [dice.choice((OTHER, figures_walk.PROCESS))], stage.clock.now)


HAPPENING: Sequence[Callable[[Stage, random.Random], Any]] = (
    *[_walk] * 5,
    *[_withdraw] * 2,
    _walk_in_the_past,
    _answer,
    _publish,
    lambda stage, _: figures_walk.deploy(stage, withdrawal="true"),
    *[lambda stage, dice: stage.clock.pass_by(days=dice.randrange(5), hours=dice.randrange(24))] * 4,
    lambda stage, _: stage.engine.management.sum_day(),
    lambda stage, _: stage.engine.management.sum_days(),
    lambda stage, _: stage.engine.management.compute_figures(),
    lambda stage, dice: stage.engine.management.rebuild_figures(dice.choice((None, "walk", "p"))),
)


def _any_case(stage: Stage, dice: random.Random, status: str) -> tuple[str, Actor] | None:
    """Return a case with who handed it in."""
    query = "SELECT id, originator FROM process_instance WHERE status = :status ORDER BY number"
    found = stage.rows(query, status=status)
    if not found:
        return None
    case, originator = dice.choice(found)
    return case, replace(OLGA, user_id=originator or OLGA.user_id)


def _any_filter(dice: random.Random, whole: Period) -> FigureFilter:
    """Return any filter, of a third of them none, for any days of `whole`."""
    first, last = sorted(whole.first + timedelta(days=dice.randrange(whole.days)) for _ in range(2))
    facts: dict[str, tuple[Any, ...]] = {
        "version": (1, 2),
        "service": ("S-1", "S-2"),
        "organisation": ("acme", "other"),
        "priority": ("low", "normal", "high"),
        "group": ("analysts", "clerks"),
    }
    chosen = dice.sample(sorted(facts), dice.choice((0, 1, 1, 2)))
    return FigureFilter(Period(first, last), **{name: dice.choice(facts[name]) for name in chosen})


def _compared(stage: Stage, wanted: FigureFilter, *, exact: bool) -> int:
    """Compare a page and its heat map with what the rows say; return how many cases ended."""
    with stage.engine.database.read() as connection:
        found, heat = _looked(stage, connection, wanted)
    with stage.engine.database.write() as connection:
        connection.execute(sa.delete(SummedDay))
        rows, heat_of_rows = _looked(stage, connection, wanted)
        connection.rollback()
    assert_same(found, rows, exact=exact)
    assert_same_elements(heat, heat_of_rows)
    ended = [each for each in found.measures if each.key in ("completed", "withdrawn", "cancelled")]
    return sum(int(each.statistics[0].value or 0) for each in ended)


def _looked(stage: Stage, connection: sa.Connection, wanted: FigureFilter) -> tuple[Performance, list[ElementFigures]]:
    processes = Processes(connection, stage.engine.performance._definitions)
    process = processes.by_key["walk"]
    scope = Scope(process.cases, wanted, processes.ids(process.cases, wanted.version))
    return (
        assembly.performance(connection, processes, process, wanted, stage.clock.now),
        elements.elements(connection, scope, processes.definitions(process.cases)),
    )
