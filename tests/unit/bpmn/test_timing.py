"""When cycles come round: the laws of `following`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.model.timing import TIMERS, Timer, TimerKind, cycle_of, due_of, following, reschedule, schedule
from engine.errors import ExpressionRefused

moments = st.integers(0, 18_000 * 86_400).map(
    lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
lengths = st.sampled_from(["PT1S", "PT7M", "PT1H", "P1D", "P1W", "P10D", "P1M", "P1Y", "P1M2D"])


@given(due=moments, every=lengths, late=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_the_next_time_is_the_first_after_both(due: datetime, every: str, late: timedelta) -> None:
    now = due + late
    upcoming, gone = following(due, every, now)
    assert upcoming is not None
    assert upcoming > now
    assert gone >= 1
    again, more = following(upcoming, every, upcoming)
    assert again is not None
    assert again > upcoming
    assert more == 1


@given(due=moments, late=st.integers(0, 400))
def test_exact_intervals_keep_their_grid(due: datetime, late: int) -> None:
    upcoming, gone = following(due, "PT7M", due + timedelta(minutes=late))
    assert upcoming is not None
    assert (upcoming - due) == gone * timedelta(minutes=7)
    assert gone == late // 7 + 1


@given(times=st.integers(1, 20), waits=st.lists(st.integers(0, 50), min_size=30, max_size=30))
def test_a_cycle_comes_no_more_often_than_it_says(times: int, waits: list[int]) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    cycle = cycle_of(f"R{times}/PT10M", now)
    notes: dict[str, Any] = {"due": cycle.first.isoformat(), "every": cycle.every, "left": cycle.left}
    occurred, going = 0, True
    for wait in waits:
        now += timedelta(minutes=wait)
        while going and datetime.fromisoformat(notes["due"]) <= now:
            occurred += 1
            going = reschedule(notes, now)
    assert occurred <= times


@pytest.mark.parametrize("every", ["PT0S", "P0M", "-P1M"])
def test_an_interval_that_does_not_go_on_ends_in_a_refusal_not_in_a_loop(every: str) -> None:
    now = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
    with pytest.raises(ExpressionRefused):
        following(now - timedelta(hours=1), every, now)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("R/P1M", ["02-28", "03-31", "04-30", "05-31"]),
        ("R/2026-01-30T12:00:00Z/P1M", ["01-30", "02-28", "03-30", "04-30"]),
        ("R/2026-02-28T12:00:00Z/P1M", ["02-28", "03-28", "04-28", "05-28"]),
        ("R/P1M1D", ["03-01", "04-02", "05-03", "06-04"]),
    ],
)
def test_what_begins_at_the_end_of_a_month_comes_at_the_end_of_months(text: str, days: list[str]) -> None:
    notes = schedule(Timer("timeCycle", text), text, datetime(2026, 1, 31, 12, 0, tzinfo=UTC))
    found = []
    for _ in days:
        due = due_of(notes)
        assert due is not None
        found.append(f"{due:%m-%d}")
        assert reschedule(notes, due)
    assert found == days


EDGES = (
    datetime.min.replace(tzinfo=UTC),
    datetime(2026, 3, 2, 8, tzinfo=UTC),
    datetime(9999, 12, 1, tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
)
ZONES = (None, "Europe/Vienna", "Pacific/Kiritimati", "America/New_York", "Australia/Lord_Howe")
durations = st.one_of(
    st.sampled_from(("P9999Y", "P7973Y", "P5000Y", "P83333M", "P3652058D", "P99999W", "PT315537897599S", "P1Y1DT1S")),
    st.builds("P{}{}".format, st.integers(0, 10**10), st.sampled_from("YMWD")),
    st.builds("{}P{}Y{}M{}DT{}H".format, st.sampled_from(("", "-")), *[st.integers(0, 9999)] * 4),
    st.builds("PT{}S".format, st.floats(0, 1e12, allow_nan=False).map(lambda number: f"{number:.7f}")),
)
dates = st.one_of(
    st.sampled_from(("0000-01-01", "10000-01-01", "2026-02-30", "0001-01-01", "9999-12-31", "9999-12-31T24:00:00Z")),
    st.builds(
        "{}T{}{}".format,
        st.sampled_from(("0001-01-01", "9999-12-31", "2026-03-29", "2026-10-25")),
        st.sampled_from(("00:00:00", "02:30:00", "23:59:59", "23:59:59.9999999")),
        st.sampled_from(("", "Z", "+14:00", "-14:00", "+23:59", "@Asia/Tokyo", "@America/New_York")),
    ),
)
fields = st.sampled_from(("*", "0", "59", "*/7", "0-5", "0,30", "?", "L", "LW", "1W", "31", "30", "29", "MON#5", "SUN"))
crons = st.one_of(
    st.sampled_from(("0 0 30 2 *", "0 0 0 30 2 ?", "0 0 29 2 *", "0 0 0 29 2 ?", "0 0 31 4,6,9,11 *", "59 23 31 12 *")),
    st.lists(fields, min_size=5, max_size=6).map(" ".join),
)
cycles = st.one_of(
    durations,
    crons,
    st.builds("R{}/{}".format, st.sampled_from(("", "1", "3", "999999999")), durations),
    st.builds("R{}/{}/{}".format, st.sampled_from(("", "1", "3", "999999999")), dates, durations),
)
texts = st.one_of(
    st.tuples(st.just("timeDuration"), durations),
    st.tuples(st.just("timeDate"), dates),
    st.tuples(st.just("timeCycle"), cycles),
    st.tuples(st.sampled_from(TIMERS), st.one_of(durations, dates, cycles)),
)


@given(
    text=texts,
    now=st.one_of(st.sampled_from(EDGES), st.datetimes(timezones=st.just(UTC))),
    late=st.timedeltas(timedelta(0), timedelta(days=150_000)),
    zone=st.sampled_from(ZONES),
)
def test_a_timer_gives_times_or_is_refused_and_a_cycle_ends_with_the_calendar(
    text: tuple[TimerKind, str], now: datetime, late: timedelta, zone: str | None
) -> None:
    kind, source = text
    try:
        notes = schedule(Timer(kind, source, zone=zone), source, now)
    except ExpressionRefused:
        return
    for _ in range(3):
        due = due_of(notes)
        assert due is not None
        came = datetime.max.replace(tzinfo=UTC) - due < late
        if not reschedule(notes, datetime.max.replace(tzinfo=UTC) if came else due + late):
            return
        after = due_of(notes)
        assert after is not None
        assert after > due


@pytest.mark.parametrize(
    "text", ["R/P5000Y", "R/P1800000D", "R/P4000Y1000D", "R/9999-12-31T23:59:00Z/PT1M", "59 23 31 12 *"]
)
def test_a_cycle_whose_next_time_is_beyond_the_calendar_comes_no_more(text: str) -> None:
    notes = schedule(Timer("timeCycle", text), text, datetime(2026, 1, 1, tzinfo=UTC))
    due = due_of(notes)
    assert due is not None
    assert not reschedule(notes, max(due, datetime(9999, 12, 31, 23, 59, tzinfo=UTC)))
    assert due_of(notes) == due


def test_a_cycle_that_is_over_does_not_ask_for_a_time_that_there_is_not() -> None:
    notes = schedule(Timer("timeCycle", "R1/P5000Y"), "R1/P5000Y", datetime(2026, 1, 1, tzinfo=UTC))
    assert not reschedule(notes, datetime(7026, 1, 1, tzinfo=UTC))


def test_months_that_went_by_while_nothing_ran_do_not_move_the_day() -> None:
    notes = schedule(Timer("timeCycle", "R/P1M"), "R/P1M", datetime(2026, 1, 31, 12, 0, tzinfo=UTC))
    assert reschedule(notes, datetime(2026, 5, 1, tzinfo=UTC))
    assert due_of(notes) == datetime(2026, 5, 31, 12, 0, tzinfo=UTC)


def test_a_cycle_of_months_that_was_stored_without_its_day_goes_on_from_where_it_is() -> None:
    notes: dict[str, Any] = {"due": "2026-02-28T12:00:00+00:00", "every": "P1M", "left": -1}
    assert reschedule(notes, datetime(2026, 3, 1, tzinfo=UTC))
    assert due_of(notes) == datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
