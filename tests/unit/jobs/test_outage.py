"""Threads that share an outage say once that it began and once that it is over, whichever of them is late."""

import logging
import time

import pytest

from engine.errors import DatabaseUnavailable, StorageFull
from engine.jobs.outage import Outage

AWAY, FULL = DatabaseUnavailable("no route"), StorageFull("no room")


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="engine.scheduler")
    return caplog


def said(log: pytest.LogCaptureFixture) -> list[str]:
    """Return what has been logged, a word for each line."""
    return ["away" if "cannot use" in line else "back" for line in log.messages]


def test_the_begin_and_the_end_are_said_once_and_pauses_grow(log: pytest.LogCaptureFixture) -> None:
    outage = Outage()
    pauses = [outage.goes_on(AWAY, time.monotonic()) for _ in range(7)]
    assert pauses == [0.5, 1, 2, 4, 8, 15, 15]
    outage.is_over(time.monotonic(), wrote=False)
    outage.is_over(time.monotonic(), wrote=True)
    assert said(log) == ["away", "back"]
    assert "after 7 tries" in log.text
    assert outage.goes_on(AWAY, time.monotonic()) == 0.5


def test_a_turn_from_before_the_outage_does_not_end_it(log: pytest.LogCaptureFixture) -> None:
    outage, before = Outage(), time.monotonic()
    outage.goes_on(AWAY, time.monotonic())
    outage.is_over(before, wrote=True)
    assert outage.goes_on(AWAY, time.monotonic()) == 1
    assert said(log) == ["away"]


def test_a_turn_that_failed_before_the_end_begins_no_other_outage(log: pytest.LogCaptureFixture) -> None:
    outage = Outage()
    outage.goes_on(AWAY, time.monotonic())
    late = time.monotonic()
    outage.is_over(time.monotonic(), wrote=False)
    assert outage.goes_on(AWAY, late) == 0.5
    outage.is_over(time.monotonic(), wrote=True)
    assert said(log) == ["away", "back"]


def test_threads_that_fail_together_lengthen_the_same_outage(log: pytest.LogCaptureFixture) -> None:
    outage, together = Outage(), time.monotonic()
    assert [outage.goes_on(AWAY, together) for _ in range(3)] == [0.5, 1, 2]
    assert said(log) == ["away"]


def test_a_full_database_has_room_when_something_was_written(log: pytest.LogCaptureFixture) -> None:
    outage = Outage()
    outage.goes_on(FULL, time.monotonic())
    outage.is_over(time.monotonic(), wrote=False)
    assert said(log) == ["away"]
    outage.is_over(time.monotonic(), wrote=True)
    assert said(log) == ["away", "back"]
