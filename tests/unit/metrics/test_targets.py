"""Targets: what people write is read, written again, and judges a figure by the same rule whatever its unit."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.errors import InputRefused
from engine.metrics.process import ManagedProcess, OwnMeasure
from engine.metrics.registry import StatisticDefinition, statistics_of
from engine.metrics.targets import Target, judge, parse

OWN = (
    OwnMeasure("value", "Value", "field", unit="EUR", better="higher"),
    OwnMeasure("accepted", "Accepted", "ratio", unit="%", better="higher"),
    OwnMeasure("questions", "Questions", "count"),
    OwnMeasure("ratio", "Ratio", "ratio", better="lower"),
    OwnMeasure("reply", "Reply", "duration", better="lower"),
)
STATISTICS = statistics_of(ManagedProcess("p", "P", measures=OWN))
DAY = 86_400.0


@pytest.mark.parametrize(
    ("key", "text", "direction", "value"),
    [
        ("cycle_time.p85", "at most 5 days", "at most", 5 * DAY),
        ("cycle_time.p85", "5 days", "at most", 5 * DAY),
        ("cycle_time.median", "<= 36 h", "at most", 1.5 * DAY),
        ("cycle_time.median", "<=36h", "at most", 1.5 * DAY),
        ("cycle_time.median", "Within 1 day 12 hours", "at most", 1.5 * DAY),
        ("cycle_time.median", "under 2 weeks", "under", 14 * DAY),
        ("cycle_time.mean", "1.5 d", "at most", 1.5 * DAY),
        ("effort", "at most 2 h", "at most", 120.0),
        ("effort", "90 min", "at most", 90.0),
        ("first_time_right", "at least 90 %", "at least", 0.9),
        ("first_time_right", "90%", "at least", 0.9),
        ("first_time_right", "90 per cent", "at least", 0.9),
        ("failures", "5 %", "at most", 0.05),
        ("feedback", ">=4", "at least", 4.0),
        ("feedback", "at least 4 points", "at least", 4.0),
        ("feedback", "at least 4.5 of 5", "at least", 4.5),
        ("feedback", "4/5", "at least", 4.0),
        ("open", "fewer than 20 cases", "under", 20.0),
        ("started", "over 100", "over", 100.0),
        ("hand_overs", "at most 2", "at most", 2.0),
        ("people", "no more than 12 people", "at most", 12.0),
        ("value.mean", "at least 1000 EUR", "at least", 1000.0),
        ("value.mean", "-5", "at least", -5.0),
        ("accepted", "80 %", "at least", 0.8),
        ("questions", "at most 40", "at most", 40.0),
        ("ratio", "1.2", "at most", 1.2),
        ("reply.median", "4 hours", "at most", 14_400.0),
    ],
)
def test_what_people_write_is_read(key: str, text: str, direction: str, value: float) -> None:
    target = parse(text, STATISTICS[key])
    assert (target.statistic, target.direction) == (key, direction)
    assert target.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("cycle_time.p85", "90 %", "is measured in days or hours: write such as 'at most 5 days', not '90 %'."),
        ("cycle_time.p85", "5", "'at most 5 days'"),
        ("cycle_time.p85", "-5 days", "'at most 5 days'"),
        ("cycle_time.p85", "at most five days", "'at most 5 days'"),
        ("cycle_time.p85", "5 days or so", "'at most 5 days'"),
        ("cycle_time.p85", "", "'at most 5 days'"),
        ("cycle_time.p85", "at most", "'at most 5 days'"),
        ("cycle_time.p85", "at most 5 days 3", "'at most 5 days'"),
        ("cycle_time.p85", "at mostly 5 days", "'at most 5 days'"),
        ("cycle_time.p85", "9" * 200 + " days", "'at most 5 days'"),
        ("first_time_right", "0.9", "'at least 90 %'"),
        ("first_time_right", "120 %", "from 0 to 100 %"),
        ("first_time_right", "5 days", "'at least 90 %'"),
        ("feedback", "90 %", "points from 1 to 5"),
        ("feedback", "6", "points from 1 to 5"),
        ("open", "5 days", "is a number of cases"),
        ("started", "100", "say which way, such as 'at most 100 cases' or 'at least 100 cases'"),
        ("value.mean", "5 USD", "20 EUR"),
        ("open", "at most -3", "is a number of cases"),
        ("open", "nan", "is a number of cases"),
    ],
)
def test_what_fits_not_is_refused_with_what_to_write(key: str, text: str, said: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        parse(text, STATISTICS[key])
    (sentence,) = refusal.value.messages["target"]
    assert said in sentence
    assert STATISTICS[key].name in sentence


@given(text=st.text(max_size=60), key=st.sampled_from(sorted(STATISTICS)))
def test_any_text_is_read_or_refused(text: str, key: str) -> None:
    try:
        target = parse(text, STATISTICS[key])
    except InputRefused:
        return
    assert parse(str(target), STATISTICS[key]) == target


def _amounts(statistic: StatisticDefinition) -> st.SearchStrategy[str]:
    whole = st.decimals(0, 1000, places=3, allow_nan=False)
    if statistic.unit in ("seconds", "minutes"):
        return st.builds("{} {}".format, whole, st.sampled_from(["s", "min", "hours", "days", "weeks"]))
    if statistic.unit == "share":
        return st.decimals(0, 100, places=3, allow_nan=False).map("{} %".format)
    if statistic.unit == "score":
        return st.decimals(1, 5, places=3, allow_nan=False).map(str)
    return whole.map(str)


@given(data=st.data(), key=st.sampled_from(sorted(STATISTICS)))
def test_a_target_that_is_written_is_read_as_the_same(data: st.DataObject, key: str) -> None:
    beginning = data.draw(st.sampled_from(["at most", "at least", "under", "over", "<=", ">=", "<", ">"]))
    target = parse(f"{beginning} {data.draw(_amounts(STATISTICS[key]))}", STATISTICS[key])
    assert parse(str(target), STATISTICS[key]) == target


_ORDER = {"red": 0, "amber": 1, "green": 2}


@given(
    limit=st.floats(0, 1),
    direction=st.sampled_from(["at most", "at least", "under", "over"]),
    values=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    unit=st.sampled_from(["seconds", "share", "cases"]),
)
def test_a_better_figure_never_has_a_worse_light(
    limit: float, direction: str, values: tuple[float, float], unit: str
) -> None:
    target = Target("x", unit, direction, limit)  # type: ignore[arg-type]
    low, high = sorted(values)
    worse, better = (low, high) if direction in ("at least", "over") else (high, low)
    assert _ORDER[judge(worse, 10, target)[0]] <= _ORDER[judge(better, 10, target)[0]]


@given(limit=st.floats(0, 1), direction=st.sampled_from(["at most", "at least"]))
def test_a_light_is_red_exactly_when_the_target_is_missed(limit: float, direction: str) -> None:
    target = Target("x", "share", direction, limit)  # type: ignore[arg-type]
    assert judge(limit, 10, target)[0] != "red"
    best = 1.0 if direction == "at least" else 0.0
    assert judge(best, 10, target)[0] == "green"  # the best there can be is good enough, whatever the target
    beyond = limit - 0.01 if direction == "at least" else limit + 0.01
    assume(0 <= beyond <= 1)
    assert judge(beyond, 10, target)[0] == "red"


def test_lights() -> None:
    target = parse("at most 5 days", STATISTICS["cycle_time.p85"])
    assert judge(6.2 * DAY, 10, target) == ("red", "6.2 days; the target is at most 5 days.")
    assert judge(4.8 * DAY, 10, target) == ("amber", "Only just met: 4.8 days; the target is at most 5 days.")
    assert judge(4.4 * DAY, 10, target)[0] == "green"
    assert judge(6.2 * DAY, 4, target)[0] == "grey"
    assert judge(None, 10, target) == ("grey", "Not recorded; the target is at most 5 days.")
    assert judge(6.2 * DAY, 10, None) == ("none", "")
    # A count of cases is no sample of them.
    assert judge(2, None, parse("at least 10", STATISTICS["started"]))[0] == "red"
