"""Cron texts: when they come, whatever the clock on the wall does, and which are refused."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.model import cron
from engine.bpmn.model.timing import FOREVER, Timer, cycle_of, due_of, reschedule, schedule
from engine.errors import ExpressionRefused

ZONES = (None, "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
MINUTES = st.sampled_from(("0", "30", "*/15", "7,37", "*"))
HOURS = st.sampled_from(("2", "*", "1-3", "0,12", "*/2", "23"))
DAYS = st.sampled_from(("*", "1", "L", "29", "*/10"))
WEEKDAYS = st.sampled_from(("*", "SUN", "MON-FRI", "SAT#2"))
FIVE = st.tuples(MINUTES, HOURS, DAYS, st.sampled_from(("*", "3,10", "2")), WEEKDAYS).map(" ".join)
ONE_KIND = FIVE.filter(lambda text: "*" in (text.split()[2], text.split()[4]))
TEXTS = FIVE | st.tuples(st.sampled_from(("0", "20", "*/10")), ONE_KIND).map(" ".join)


def following(spelt: str, after: datetime, zone: str | None) -> datetime:
    """Return the next time; there is one."""
    found = cron.following(spelt, after, zone)
    assert found is not None
    return found


@given(TEXTS, MOMENTS, st.sampled_from(ZONES))
def test_times_only_go_forward_and_none_is_left_out(text: str, now: datetime, zone: str | None) -> None:
    spelt = cron.checked(text)
    found = following(spelt, now, zone)
    assert found > now
    assert found.tzinfo is UTC
    for share in (0.25, 0.5, 0.99):
        # Whoever looks again in between finds the same time.
        assert following(spelt, now + (found - now) * share, zone) == found
    assert following(spelt, found, zone) > found


@given(st.sampled_from(("30 2 * * *", "0 30 2 * * *", "15 30 2 * * *")), MOMENTS, st.sampled_from(ZONES))
def test_a_daily_time_comes_once_on_every_day(text: str, now: datetime, zone: str | None) -> None:
    spelt = cron.checked(text)
    days = []
    for _ in range(5):
        now = following(spelt, now, zone)
        days.append(now.astimezone(ZoneInfo(zone or "UTC")).date())
    skipped = 1 if zone == "Pacific/Apia" else 0  # there, a whole day was left out once
    assert all(1 <= (after - before).days <= 1 + skipped for before, after in pairwise(days))


def _local(text: str, now: datetime, count: int) -> list[str]:
    found = []
    for _ in range(count):
        now = following(cron.checked(text), now, "Europe/Vienna")
        found.append(now.astimezone(ZoneInfo("Europe/Vienna")).strftime("%d %H:%M:%S %z"))
    return found


def test_a_time_that_the_clock_skips_comes_right_after_the_gap() -> None:
    eve = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert _local("30 2 * * *", eve, 2) == ["29 03:00:00 +0200", "30 02:30:00 +0200"]
    assert _local("0 30 2 * * *", eve, 2) == ["29 03:00:00 +0200", "30 02:30:00 +0200"]


def test_a_time_that_the_clock_shows_twice_comes_once() -> None:
    eve = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert _local("30 2 * * *", eve, 2) == ["25 02:30:00 +0200", "26 02:30:00 +0100"]
    second_round = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert _local("30 2 * * *", second_round, 1) == ["26 02:30:00 +0100"]


def test_an_interval_of_minutes_goes_on_through_the_change() -> None:
    assert _local("*/30 * * * *", datetime(2026, 10, 24, 23, 45, tzinfo=UTC), 5) == [
        "25 02:00:00 +0200",
        "25 02:30:00 +0200",
        "25 02:00:00 +0100",
        "25 02:30:00 +0100",
        "25 03:00:00 +0100",
    ]


def test_camundas_spelling_with_seconds() -> None:
    friday = datetime(2026, 3, 6, 12, tzinfo=UTC)
    assert following(cron.checked("0 0 9 ? * MON-FRI"), friday, None) == datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert following(cron.checked("0 0 9 * * mon"), friday, None) == datetime(2026, 3, 9, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0 9 13 * FRI", [6, 13, 20]),
        ("0 9 */2 * MON", [9, 23]),
        ("0 9 * * MON#1", [2]),
        ("0 0 9 ? * MON#1", [2]),
        ("0 0 9 L * ?", [31]),
    ],
)
def test_both_kinds_of_day(text: str, days: list[int]) -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for day in days:
        moment = following(cron.checked(text), moment, None)
        assert moment == datetime(2026, 3, day, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("99 * * * *", "Bad minute"),
        ("0 0 30 2 *", "Bad day"),
        ("0 0 9 ? * 2-6", "by name"),
        ("0 0 9 13 * FRI", "MON#1 for the first Monday"),
        ("0 0 9 */2 * MON", "either the day of the month or"),
        ("0 0 9 1 1 ? 2027", "no field for years"),
        ("0 0 * * FRY", "Bad day-of-week"),
        ("0 " * 120, "200 characters"),
    ],
)
def test_texts_that_are_refused(text: str, why: str) -> None:
    with pytest.raises(ExpressionRefused, match=why):
        cron.checked(text)


@pytest.mark.parametrize("text", ["R3/PT1H", "PT1H", "if a then b else c", "x + y", "a b c d e", "0 9 * * + 1"])
def test_what_is_no_cron_text(text: str) -> None:
    assert not cron.is_cron(text)


@given(st.text(max_size=60))
def test_any_text_is_a_cycle_or_refused(text: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with suppress(ExpressionRefused):
        assert cycle_of(text, now).first > now or not cron.is_cron(text)


def test_a_time_zone_that_is_none_is_refused() -> None:
    for name in ("Europe/Atlantis", "../etc/passwd", "", "\0"):
        with pytest.raises(ExpressionRefused, match="no time zone"):
            cron.zone_named(name)


def test_a_cron_timer_goes_on_without_end_and_missed_times_are_one() -> None:
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    notes = schedule(Timer("timeCycle", "0 9 * * *", zone="Europe/Vienna"), "0 9 * * *", now)
    assert notes == {"due": "2026-03-03T08:00:00+00:00", "every": "0 9 * * *", "left": FOREVER, "zone": "Europe/Vienna"}
    assert reschedule(notes, now + timedelta(days=10))
    assert due_of(notes) == datetime(2026, 3, 13, 8, tzinfo=UTC)
