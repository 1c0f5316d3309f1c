"""The law of daily sums and packed months: they say what the rows of cases say, whichever days are summed up."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.figures.ended import Ended
from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess, OwnMeasure
from engine.views.performance import ElementFigures, FigureFilter, MeasureFigures, Performance
from tests.engine.figures.cases import Case, Tables
from tests.engine.stage import OWEN, Stage

FIRST = date(2026, 2, 23)
LAST = FIRST + timedelta(days=11)
NOW = datetime(2026, 4, 1, tzinfo=UTC)
MEASURES = (
    OwnMeasure("amount", "Amount", "field"),
    OwnMeasure("rounds", "Rounds", "count"),
    OwnMeasure("wait", "Wait", "duration"),
    OwnMeasure("rate", "Rate", "ratio", numerator="amount", denominator="rounds"),
)


def _few(*names: str, most: int = 3) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(st.sampled_from(names), st.integers(1, most), max_size=3)


def _labels(found: tuple[dict[str, int], ...]) -> dict[tuple[str, str], int]:
    kinds = ("person", "group", "interface", "service")
    return {(kind, name): count for kind, names in zip(kinds, found, strict=True) for name, count in names.items()}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case that ended on one of twelve days, of two months."""
    moment = datetime.combine(FIRST + timedelta(days=draw(st.integers(0, 11))), time(draw(st.integers(0, 23))), UTC)
    elements = st.tuples(
        st.integers(0, 3),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 10**6).map(float),
        *([st.integers(0, 10**6).map(float)] * 2),
    )
    amounts = st.integers(0, 10**6).map(float)
    values = {
        "amount": st.integers(-(10**6), 10**6).map(float),
        "rounds": st.integers(0, 9).map(float),
        "wait": amounts,
    }
    return Case(
        started=moment - timedelta(seconds=draw(st.one_of(st.just(0), st.integers(1, 10**7)))),
        ended=moment,
        status=draw(st.sampled_from(["completed", "completed", "cancelled", "withdrawn"])),
        outcome=draw(st.sampled_from(["Accepted", "Refused", None])),
        version=draw(st.integers(1, 2)),
        priority=draw(st.integers(0, 100)),
        organisation=draw(st.sampled_from(["acme", "other", None])),
        effort=draw(st.one_of(st.none(), st.integers(0, 600))),
        hand_overs=draw(st.integers(0, 3)),
        failures=draw(st.integers(0, 1)),
        repeats=draw(st.integers(0, 2)),
        send_backs=draw(st.integers(0, 2)),
        feedback=draw(st.one_of(st.none(), st.integers(1, 5))),
        labels=draw(
            st.tuples(
                _few("ann", "ben"),
                _few("analysts", "clerks", most=9),
                _few("message:m", "decision:d", "process:p", most=100),
                _few("S-1", "S-2", most=1),
            ).map(_labels)
        ),
        values={name: draw(value) for name, value in values.items() if draw(st.booleans())},
        elements={
            name: facts if facts[0] else (0, *facts[1:3], 0.0, None, None)  # times are those of completed executions
            for name, facts in draw(st.dictionaries(st.sampled_from(["ask", "check"]), elements, max_size=2)).items()
        },
    )


FILTER = st.one_of(
    st.tuples(st.just("version"), st.integers(1, 2)),
    st.tuples(st.just("priority"), st.sampled_from(["low", "normal", "high"])),
    st.tuples(st.just("organisation"), st.just("acme")),
    st.tuples(st.just("service"), st.sampled_from(["S-1", "S-3"])),
    st.tuples(st.just("group"), st.sampled_from(["analysts", "clerks"])),
)


# Without shrinking: each example fills a database.
@settings(
    max_examples=25,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    found=st.lists(cases(), max_size=25),
    days=st.sets(st.integers(0, 11)),
    facts=st.one_of(st.just({}), st.lists(FILTER, max_size=3).map(dict)),
    length=st.integers(1, 12),
    many=st.booleans(),
)
def test_sums_say_what_rows_say(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    found: list[Case],
    days: set[int],
    facts: dict[str, Any],
    length: int,
    *,
    many: bool,
) -> None:
    stage.clock.now = NOW
    tables = Tables(stage.engine.database)
    number = stage.count("managed_process")
    summed, rows = f"s{number}", f"r{number}"
    copies = {key: [replace(case, key=key, id=f"{key}{at}") for at, case in enumerate(found)] for key in (summed, rows)}
    for key, own in copies.items():
        tables.definition(key)
        tables.definition(key, version=2)
        said: Any = {"cases": (key,), "measures": MEASURES, "feedback": "Well?", "send_backs": ("again",)}
        tables.managed(ManagedProcess(f"m{key}", "M", owner_group="owners", **said))
        tables.cases(*own)
    tables.sum_up(copies[summed], ((summed, FIRST + timedelta(days=day)) for day in days))
    monkeypatch.setattr(Ended, "most_cases", 0 if many else 1000)
    wanted = FigureFilter(Period.of_days(length, LAST), **facts)
    service = stage.engine.performance
    one, other = (service.performance(f"m{key}", OWEN, wanted) for key in (summed, rows))
    assert_same(one, other, exact=not (days and many))
    heat = (service.heat_map(f"m{key}", OWEN, wanted) for key in (summed, rows))
    assert_same_elements(*heat)


def assert_same(one: Performance, other: Performance, *, exact: bool) -> None:
    for mine, yours in zip(one.measures, other.measures, strict=True):
        for each, same in zip(mine.statistics, yours.statistics, strict=True):
            near = each.approximate
            assert not near or not exact
            assert _near(each.value, same.value, near), each
            assert (each.cases, each.why) == (same.cases, same.why)
        assert [(part.label, part.count, part.total) for part in mine.parts] == [
            (part.label, part.count, part.total) for part in yours.parts
        ]
        for (day, value), (same_day, same_value) in zip(mine.trend, yours.trend, strict=True):
            assert day == same_day
            assert _near(value, same_value, bucketed(mine) and not exact), mine
    assert one.backlog == other.backlog


def assert_same_elements(one: Iterable[ElementFigures], other: Iterable[ElementFigures]) -> None:
    def facts(found: Iterable[ElementFigures]) -> Mapping[str, Any]:
        return {
            each.element_id: (
                each.count, each.repeats, each.failures,
                *(None if mean is None else pytest.approx(mean)
                  for mean in (each.elapsed_seconds, each.waiting_seconds, each.working_seconds)),
            )
            for each in found
        }  # fmt: skip

    assert facts(one) == facts(other)


def bucketed(measure: MeasureFigures) -> bool:
    """Return whether the first statistic of a measure is a percentile."""
    return measure.statistics[0].key.endswith(".median")


def _near(one: float | None, other: float | None, near: bool) -> bool:
    if one is None or other is None:
        return one is other
    return one == pytest.approx(other, rel=0.05 if near else 1e-9, abs=1e-6)
