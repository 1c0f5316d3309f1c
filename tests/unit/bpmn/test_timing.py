"""When cycles come round: the laws of `following`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.model.timing import Timer, cycle_of, due_of, following, reschedule, schedule
from engine.errors import ExpressionRefused

moments = st.integers(0, 18_000 * 86_400).map(
    lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
lengths = st.sampled_from(["PT1S", "PT7M", "PT1H", "P1D", "P1W", "P10D", "P1M", "P1Y", "P1M2D"])


@given(due=moments, every=lengths, late=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_the_next_time_is_the_first_after_both(due: datetime, every: str, late: timedelta) -> None:
    now = due + late
    upcoming, gone = following(due, every, now)
    assert upcoming > now
    assert gone >= 1
    again, more = following(upcoming, every, upcoming)
    assert again > upcoming
    assert more == 1


@given(due=moments, late=st.integers(0, 400))
def test_exact_intervals_keep_their_grid(due: datetime, late: int) -> None:
    upcoming, gone = following(due, "PT7M", due + timedelta(minutes=late))
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


def test_months_that_went_by_while_nothing_ran_do_not_move_the_day() -> None:
    notes = schedule(Timer("timeCycle", "R/P1M"), "R/P1M", datetime(2026, 1, 31, 12, 0, tzinfo=UTC))
    assert reschedule(notes, datetime(2026, 5, 1, tzinfo=UTC))
    assert due_of(notes) == datetime(2026, 5, 31, 12, 0, tzinfo=UTC)


def test_a_cycle_of_months_that_was_stored_without_its_day_goes_on_from_where_it_is() -> None:
    notes: dict[str, Any] = {"due": "2026-02-28T12:00:00+00:00", "every": "P1M", "left": -1}
    assert reschedule(notes, datetime(2026, 3, 1, tzinfo=UTC))
    assert due_of(notes) == datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
