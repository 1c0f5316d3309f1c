"""What the history of a case says: whole sentences, with names."""

from datetime import UTC, datetime

import pytest

from engine import events
from engine.types import Json
from engine.views import Person, TimelineEntry
from webapp.telling import event_line


def entry(kind: str, name: str | None = None, given_to: Person | None = None, **detail: Json) -> TimelineEntry:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    nothing = (None,) * 5
    return TimelineEntry(
        at, kind, Person("petra", "Petra Owner"), "p", None, None, name, None, *nothing, False, None, detail, given_to
    )


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (entry(events.CASE_STARTED), "<strong>Petra Owner</strong> started the case"),
        (entry(events.CASE_CANCELLED, reason="Too late"), "<strong>Petra Owner</strong> cancelled the case: Too late"),
        (entry(events.TASK_CLAIMED, "Check"), "<strong>Petra Owner</strong> claimed Check"),
        (
            entry(events.TASK_ASSIGNED, "Check", Person("ben", "Ben Desk"), to="ben"),
            "<strong>Petra Owner</strong> assigned Check to Ben Desk",
        ),
    ],
    ids=["started", "cancelled", "claimed", "assigned"],
)
def test_a_line_is_a_sentence_without_odd_spaces(told: TimelineEntry, line: str) -> None:
    assert str(event_line(told)) == line
