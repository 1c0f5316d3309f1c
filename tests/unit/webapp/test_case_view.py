"""In which order the history of a case is told."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine import events
from engine.views import Person, TimelineEntry
from webapp.case_view import by_activity

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KINDS = (events.ACTIVITY_COMPLETED, events.RECORD_WRITTEN, events.TASK_CLAIMED, events.CASE_COMPLETED)


def entry(kind: str, task_id: str | None, minute: int = 0) -> TimelineEntry:
    facts = (None, None, None, None, None, None, None, None, False, None)
    return TimelineEntry(NOON + timedelta(minutes=minute), kind, Person("anna", "Anna"), "p", task_id, *facts, {})


def test_a_record_stands_after_the_activity_that_wrote_it() -> None:
    first, second, last = (entry(events.ACTIVITY_COMPLETED, name) for name in ("a", "b", "c"))
    by_b, by_a, by_nobody = (entry(events.RECORD_WRITTEN, name) for name in ("b", "a", None))
    told = by_activity([first, second, last, by_b, by_a, by_nobody])
    assert told == [first, by_a, second, by_b, last, by_nobody]


def test_a_record_that_a_later_step_writes_stays_where_it_is() -> None:
    done, written = entry(events.ACTIVITY_COMPLETED, "a"), entry(events.RECORD_WRITTEN, "a", minute=5)
    claimed = entry(events.TASK_CLAIMED, "b", minute=1)
    assert by_activity([done, claimed, written]) == [done, claimed, written]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["a", "b", None]), st.integers(0, 2))))
def test_nothing_is_lost_and_time_does_not_go_back(drawn: list[tuple[str, str | None, int]]) -> None:
    timeline = [entry(*each) for each in sorted(drawn, key=lambda each: each[2])]
    told = by_activity(timeline)
    assert sorted(map(id, told)) == sorted(map(id, timeline))
    assert [each.at for each in told] == [each.at for each in timeline]
