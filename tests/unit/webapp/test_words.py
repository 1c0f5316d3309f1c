"""How things are said."""

import pytest

from engine.views import Turn
from webapp.names import turn
from webapp.words import awaited


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Wait for progress reports", "progress reports"),
        ("Waits for the workshop", "the workshop"),
        ("Receive status updates", "status updates"),
        ("Await approval", "approval"),
        ("Answer of the workshop", None),
        ("Wait for", None),
        ("Waiter called", None),
    ],
)
def test_a_step_that_is_named_as_a_wait_says_for_what(name: str, words: str | None) -> None:
    assert awaited(name) == words


def test_a_message_that_is_waited_for_is_not_said_twice() -> None:
    assert turn(Turn("message", "Wait for progress reports")) == "progress reports"
    assert turn(Turn("message", "Answer of the workshop")) == "Answer of the workshop (a message)"
