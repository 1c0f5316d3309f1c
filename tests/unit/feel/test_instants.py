"""Moments and durations for timers and due dates."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.errors import ExpressionRefused
from engine.feel import duration, duration_parts, parse, to_instant
from engine.feel.values import Months

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00+02:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("2026-07-01T10:00:00@Europe/Berlin", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-03-01T10:00:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("PT30M", NOW + timedelta(minutes=30)),
        ("P1M", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        ("P1Y1M2DT3H", datetime(2027, 3, 2, 15, tzinfo=UTC)),
        ("P2W", NOW + timedelta(weeks=2)),
        (" P1D ", NOW + timedelta(days=1)),
        ("-P1D", NOW - timedelta(days=1)),
        (timedelta(hours=2), NOW + timedelta(hours=2)),
        (Months(1), datetime(2026, 2, 28, 12, tzinfo=UTC)),
        (date(2026, 5, 1), datetime(2026, 5, 1, tzinfo=UTC)),
        (datetime(2026, 5, 1, 1, tzinfo=timezone(timedelta(hours=1))), datetime(2026, 5, 1, tzinfo=UTC)),
    ],
)
def test_moment(value: Any, expected: datetime) -> None:
    moment = to_instant(value, NOW)
    assert moment == expected
    assert moment.tzinfo is UTC


def test_local_times_are_those_of_the_time_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert to_instant("2026-07-01T10:00:00", NOW, berlin) == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert to_instant("2026-07-01", NOW, berlin) == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_values_of_expressions_are_understood() -> None:
    assert to_instant(parse('now() + duration("PT1H")').value({}, now=NOW), NOW) == NOW + timedelta(hours=1)
    assert to_instant(parse('now() + duration("PT1H")').evaluate({}, now=NOW), NOW) == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    "value", ["tomorrow", "", "P", "PT", "P1", "PT1", None, 5, True, [], "2026-13-01", "P9999Y", "-P9999Y", "P1W2D"]
)
def test_what_gives_no_moment_is_refused(value: Any) -> None:
    with pytest.raises(ExpressionRefused):
        to_instant(value, NOW)


def test_now_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_instant("PT1H", datetime(2026, 1, 1))  # noqa: DTZ001 - the point


def test_durations() -> None:
    assert duration("PT90M") == timedelta(minutes=90)
    assert duration("P1Y") == Months(12)
    assert duration_parts("P1Y2M3DT4H") == (14, timedelta(days=3, hours=4))
    assert duration_parts("-P1M1D") == (-1, timedelta(days=-1))
    with pytest.raises(ExpressionRefused, match="fixed length"):
        duration("P1M1D")
    with pytest.raises(ExpressionRefused, match="ISO 8601"):
        duration("one hour")
