"""What the performance service says of cases whose figures are known."""

from datetime import date, timedelta

import pytest

from engine.errors import InputRefused, NotFound
from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess, OwnMeasure
from engine.metrics.registry import measures_of
from engine.views import Cursor
from engine.views.performance import FigureFilter, Performance, Statistic
from tests.engine.figures.cases import DAY, Case, Tables, at, lasting
from tests.engine.stage import ADA, ANN, MORNING, OWEN, Stage

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
NOW = MORNING.replace(month=4, day=1)


@pytest.fixture
def tables(stage: Stage) -> Tables:
    stage.clock.now = NOW
    found = Tables(stage.engine.database)
    found.definition("p")
    return found


def figures(stage: Stage, key: str = "p", **wanted: object) -> Performance:
    return stage.engine.performance.performance(key, OWEN, FigureFilter(MARCH, **wanted))  # type: ignore[arg-type]


def statistic(found: Performance, key: str) -> Statistic:
    return next(each for measure in found.measures for each in measure.statistics if each.key == key)


def test_the_figures_of_ten_cases(stage: Stage, tables: Tables) -> None:
    ended = at(date(2026, 3, 10))
    tables.cases(*(lasting(ended, days * DAY, hand_overs=days % 2) for days in range(1, 11)))
    found = figures(stage)
    assert statistic(found, "completed").value == 10
    assert statistic(found, "cycle_time.median").value == 5 * DAY
    assert statistic(found, "cycle_time.p85").value == 9 * DAY
    assert statistic(found, "cycle_time.mean").value == 5.5 * DAY
    assert not statistic(found, "cycle_time.median").approximate
    assert statistic(found, "hand_overs").value == 0.5
    assert statistic(found, "effort").value is None
    assert statistic(found, "effort").why == "Nobody entered effort in this period."
    assert statistic(found, "first_time_right").value == 1


def test_who_may_see_what(stage: Stage, tables: Tables) -> None:
    tables.definition("theirs", owners="others")
    service = stage.engine.performance
    assert [line.key for line in service.processes(OWEN)] == ["p"]
    assert [line.key for line in service.processes(ADA)] == ["p", "theirs"]
    assert service.processes(ANN) == []
    assert figures(stage).may_see_cases
    assert not service.performance("p", ADA, FigureFilter(MARCH)).may_see_cases
    for actor, key in ((OWEN, "theirs"), (ANN, "p"), (OWEN, "nothing")):
        with pytest.raises(NotFound):
            service.performance(key, actor, FigureFilter(MARCH))


def test_open_cases_at_the_end_of_each_period(stage: Stage, tables: Tables) -> None:
    tables.cases(
        Case(started=at(date(2026, 2, 1)), ended=at(date(2026, 2, 20))),
        Case(started=at(date(2026, 2, 1)), ended=at(date(2026, 3, 20))),
        Case(started=at(date(2026, 2, 1)), ended=None),
        Case(started=at(date(2026, 3, 28)), ended=None),
        Case(started=at(date(2026, 3, 28)), ended=at(date(2026, 4, 1), 1)),
    )
    found = figures(stage)
    volume = statistic(found, "open")
    assert (volume.value, volume.before) == (3, 2)
    assert statistic(found, "started").value == 2
    assert [(band.from_days, band.count) for band in found.backlog] == [(0, 2), (7, 0), (30, 1), (90, 0)]
    march = MARCH.first
    (trend,) = [measure.trend for measure in found.measures if measure.key == "open"]
    assert trend == ((march - timedelta(days=31), 2), (march, 3))


def test_an_empty_process_has_no_figures_but_counts_of_none(stage: Stage, tables: Tables) -> None:
    found = figures(stage)
    for measure in found.measures:
        for each in measure.statistics:
            assert each.value in (None, 0.0)
            assert each.value == 0 or each.why
            assert each.light == "none"
    (line,) = stage.engine.performance.processes(OWEN)
    assert (line.open, line.started, line.completed, line.light) == (0, 0, 0, "none")


def test_a_managed_process_takes_its_definitions_together(stage: Stage, tables: Tables) -> None:
    tables.definition("q")
    tables.managed(ManagedProcess("a21", "Requirements", owner_group="owners", cases=("p", "q")))
    tables.cases(Case(key="p"), Case(key="q"))
    assert statistic(figures(stage, "a21"), "completed").value == 2
    assert [line.key for line in stage.engine.performance.processes(OWEN)] == ["a21"]
    with pytest.raises(NotFound):
        figures(stage, "p")


def test_the_heat_map_knows_called_models(stage: Stage, tables: Tables) -> None:
    element = {"lane": None, "line": 1, "event": None, "parent": None, "attached_to": None}
    ask = {"id": "ask", "name": "Ask", "kind": "userTask", **element}
    tables.definition("called", elements=[{"id": "inner", "name": "", "kind": "userTask", **element}])
    calls = [{"element_id": "c", "key": "called", "binding": "latest"}]
    tables.definition("caller", elements=[ask, {**ask, "id": "never"}], calls=calls)
    tables.cases(
        Case(key="caller", elements={"ask": (2, 1, 1, 100.0, 40.0, 60.0), "gone": (1, 0, 0, 5.0, None, None)}),
        Case(key="caller", elements={"ask": (1, 0, 0, 50.0, None, None)}),
    )
    ask_figures, gone = stage.engine.performance.heat_map("caller", OWEN, FigureFilter(MARCH))
    assert (ask_figures.name, ask_figures.count, ask_figures.repeats, ask_figures.failures) == ("Ask", 3, 1, 1)
    assert (ask_figures.elapsed_seconds, ask_figures.waiting_seconds, ask_figures.working_seconds) == (50, 20, 30)
    assert (gone.name, gone.element_id, gone.waiting_seconds) == ("gone", "gone", None)
    assert {each[1] for each in figures(stage, "caller").definitions} == {"Caller", "Called"}


def behind(stage: Stage, measure: str, label: str | None = None, key: str = "p") -> list[tuple[str, float | None]]:
    """Return all cases behind a figure with their values, read two at a time."""
    found: list[tuple[str, float | None]] = []
    after = None
    while True:
        page = stage.engine.performance.cases_behind(
            key, measure, OWEN, FigureFilter(MARCH), after, label=label, limit=2
        )
        assert len(page.rows) <= 2
        found += [(row.instance_id, row.value) for row in page.rows]
        if page.next is None:
            return found
        after = Cursor.parse(str(page.next))


def test_the_cases_behind_a_figure_come_page_by_page(stage: Stage, tables: Tables) -> None:
    ended = at(date(2026, 3, 10))
    tables.cases(*(lasting(ended, days * DAY, id=f"c{days}") for days in (3, 1, 2, 2, 5)[:3]))
    tables.cases(
        lasting(ended, 2 * DAY, id="tie", feedback=1, labels={("person", "ann"): 3, ("interface", "message:a_b"): 2}),
        lasting(ended, 9 * DAY, id="bad", status="cancelled", failures=2, repeats=1, priority=90),
        lasting(at(date(2026, 2, 10)), 9 * DAY, id="earlier"),
        Case(id="runs", started=at(date(2026, 3, 30)), ended=None),
    )
    assert behind(stage, "cycle_time.p85") == [
        ("bad", 9 * DAY), ("c3", 3 * DAY), ("c2", 2 * DAY), ("tie", 2 * DAY), ("c1", DAY),
    ]  # fmt: skip
    assert behind(stage, "cycle_time", "high") == [("bad", 9 * DAY)]
    assert {case for case, _ in behind(stage, "completed")} == {"c1", "c2", "c3", "tie"}
    assert behind(stage, "cancelled") == [("bad", None)]
    assert behind(stage, "open") == [("runs", 1.625 * DAY)]
    assert [case for case, _ in behind(stage, "started")] == ["runs", "c1", "c2", "tie", "c3", "bad"]
    assert behind(stage, "failures.total") == [("bad", 2)]
    assert behind(stage, "people", "ann") == [("tie", 3)]
    assert behind(stage, "messages") == behind(stage, "messages", "message:a_b") == [("tie", 2)]
    assert behind(stage, "messages", "message:axb") == behind(stage, "operations") == []
    assert behind(stage, "feedback", "1") == [("tie", 1)]
    assert behind(stage, "feedback", "none") == []
    assert behind(stage, "first_time_right")[0][1] == 1
    assert behind(stage, "priorities")[0] == ("bad", 90)
    with pytest.raises(NotFound):
        behind(stage, "nothing")


@pytest.mark.parametrize("unseen", [0, 1, 7, 8, 9, 30])
def test_cases_that_may_not_be_seen_leave_no_gap(stage: Stage, tables: Tables, unseen: int) -> None:
    """Of a definition that has got other owners: its cases count, and are in no list, however many come first."""
    tables.definition("q", owners="others")
    tables.managed(ManagedProcess("a21", "Requirements", owner_group="owners", cases=("p", "q")))
    ended = at(date(2026, 3, 20))
    tables.cases(
        *(lasting(ended, DAY + place, id=f"p{place:02}", feedback=1) for place in range(5)),
        *(lasting(ended, 9 * DAY, key="q", id=f"q{place:02}", feedback=1) for place in range(unseen)),
    )
    assert statistic(figures(stage, "a21"), "completed").value == 5 + unseen
    assert [case for case, _ in behind(stage, "cycle_time", key="a21")] == ["p04", "p03", "p02", "p01", "p00"]
    assert [case for case, _ in behind(stage, "feedback", key="a21")] == ["p00", "p01", "p02", "p03", "p04"]
    assert len(behind(stage, "completed", key="a21")) == 5


def test_every_measure_has_cases_behind_it_or_none(stage: Stage, tables: Tables) -> None:
    measures = (
        OwnMeasure("rounds", "Rounds", "count"),
        OwnMeasure("value", "Value", "field", unit="EUR"),
        OwnMeasure("each", "Each", "ratio", numerator="value", denominator="completed"),
        OwnMeasure("per", "Per", "ratio", numerator="completed", denominator="value"),
    )
    process = ManagedProcess("p", "P", owner_group="owners", cases=("p",), measures=measures)
    tables.managed(process)
    tables.cases(Case(id="one", values={"rounds": 3, "value": 7.5}))
    for measure in measures_of(process):
        for each in measure.statistics:
            assert behind(stage, each.key) == behind(stage, measure.key)
    assert behind(stage, "value.mean") == behind(stage, "each") == [("one", 7.5)]
    assert behind(stage, "per") == [("one", None)]


def test_a_count_has_no_cases_behind_it_that_have_none(stage: Stage, tables: Tables) -> None:
    tables.managed(ManagedProcess("p", "P", owner_group="owners", cases=("p",), measures=_ROUNDS))
    tables.cases(Case(id="none", values={"rounds": 0, "value": 0}), Case(id="three", values={"rounds": 3}))
    assert behind(stage, "rounds") == behind(stage, "rounds.mean") == behind(stage, "per") == [("three", 3)]
    assert behind(stage, "value") == [("none", 0)]


_ROUNDS = (
    OwnMeasure("rounds", "Rounds", "count"),
    OwnMeasure("value", "Value", "field", unit="EUR"),
    OwnMeasure("per", "Rounds for each case", "ratio", numerator="rounds", denominator="completed"),
)


def test_cases_are_for_owners_only(stage: Stage, tables: Tables) -> None:
    for actor in (ADA, ANN):
        with pytest.raises(NotFound):
            stage.engine.performance.cases_behind("p", "completed", actor, FigureFilter(MARCH))


def test_a_damaged_place_in_a_list_is_refused(stage: Stage, tables: Tables) -> None:
    for values in (("x", "id"), ("1e999", "id"), ("1",), (1, "id"), ("nan", "id"), ("1.0", 3)):
        with pytest.raises(InputRefused):
            stage.engine.performance.cases_behind("p", "cycle_time", OWEN, FigureFilter(MARCH), Cursor(values))
