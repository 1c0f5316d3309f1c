"""What a step leaves due is done at once by the scheduler of the same process, a timer when it is due: nobody polls.

The schedulers here would look by themselves only once in a minute.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.operations import Operation, OperationCall
from engine.persistence.alarm import Due, leaves_due
from engine.types import ENGINE
from tests.bpmn_models import (
    catch,
    end,
    flows,
    message,
    message_event,
    process,
    send_task,
    service_task,
    signal_event,
    start,
    throw,
    timer,
)
from tests.engine import framework
from tests.engine.stage import ANN, OWEN, OWNER, STARTERS, Clock, Stage
from tests.engine.test_signals import NEWS, listener, thrower

SOON = 30.0
"""Seconds within which everything here happens on a machine that is busy; a poll would take a minute."""


class RealClock(Clock):
    """The time as it is."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


class Calls:
    """An operation that fails as often as `failing` says."""

    def __init__(self) -> None:
        self.failing, self.made = 0, 0

    def run(self, call: OperationCall) -> dict[str, Any]:
        del call
        self.made += 1
        if self.made <= self.failing:
            raise ConnectionError("not now")
        return {}


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def stage(database: str, calls: Calls) -> Iterator[Stage]:
    made = Stage(database, RealClock(), [Operation("call", "Call", "Calls.", calls.run)])
    yield made
    made.close()


@contextmanager
def scheduled(stage: Stage) -> Iterator[None]:
    """Run a scheduler that has looked once, and sleeps."""
    scheduler = stage.engine.scheduler(cap_seconds=60)
    scheduler.start()
    try:
        time.sleep(0.5)
        yield
    finally:
        scheduler.stop()


def soon(condition: Callable[[], Any]) -> None:
    until = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < until, "nobody was woken"
        time.sleep(0.01)


def completed(stage: Stage, key: str) -> int:
    found: int = stage.value(
        "SELECT count(*) FROM process_instance WHERE definition_key = :key AND status = 'completed'", key=key
    )
    return found


def waiting(key: str, definition: str) -> bytes:
    return process(key, start(), catch("c", definition), end(), flows("s", "c", "e"), properties=OWNER, **STARTERS)


def test_a_signal_of_a_step_is_taken_at_once(stage: Stage) -> None:
    stage.deploy(p__bpmn=listener(), t__bpmn=thrower())
    with scheduled(stage):
        stage.start()
        stage.start("t", ANN)
        soon(stage.tasks)


def test_a_signal_of_a_person_is_taken_and_starts_cases_at_once(stage: Stage) -> None:
    begun = process(
        "q", start(inner=signal_event("n")), end(), flows("s", "e"), around=NEWS, properties=OWNER, **STARTERS
    )
    stage.deploy(p__bpmn=listener(), q__bpmn=begun)
    stage.start()
    with scheduled(stage):
        stage.engine.runtime.throw_signal("news", actor=ANN)
        soon(stage.tasks)
        soon(lambda: completed(stage, "q"))


def test_signals_that_follow_one_another_are_taken_at_once(stage: Stage) -> None:
    """The step of the scheduler itself leaves something due."""
    relay = process(
        "r", start(), catch("c", signal_event("n")), throw("t", signal_event("m")), end(), flows("s", "c", "t", "e"),
        around=NEWS + NEWS.replace('"n"', '"m"').replace('"news"', '"more"'), properties=OWNER, **STARTERS,
    )  # fmt: skip
    last = process(
        "l", start(), catch("c", signal_event("m")), end(), flows("s", "c", "e"),
        around=NEWS.replace('"n"', '"m"').replace('"news"', '"more"'), properties=OWNER, **STARTERS,
    )  # fmt: skip
    stage.deploy(r__bpmn=relay, l__bpmn=last)
    stage.start("r")
    stage.start("l")
    with scheduled(stage):
        stage.engine.runtime.throw_signal("news", actor=ANN)
        soon(lambda: completed(stage, "l"))


def test_an_operation_is_called_at_once_and_again_when_it_is_time(stage: Stage, calls: Calls) -> None:
    calls.failing = 1
    again = "<camunda:failedJobRetryTimeCycle>R1/PT1S</camunda:failedJobRetryTimeCycle>"
    task = service_task("t", "call", "", {}, again)
    stage.deploy(
        p__bpmn=process("p", start(), task, end(), flows("s", "t", "e"), properties=OWNER, **STARTERS),
    )
    with scheduled(stage):
        began = time.monotonic()
        stage.start()
        soon(lambda: calls.made == 1)
        soon(lambda: completed(stage, "p"))
        assert time.monotonic() - began >= 1


def test_a_timer_fires_when_it_is_due(stage: Stage) -> None:
    stage.deploy(p__bpmn=waiting("p", timer("Duration", "PT1S")))
    with scheduled(stage):
        began = time.monotonic()
        stage.start()
        soon(lambda: completed(stage, "p"))
        assert time.monotonic() - began >= 1


def test_a_deployed_timer_starts_a_case_when_it_is_due(stage: Stage) -> None:
    timed = process("p", start(inner=timer("Cycle", "R1/PT1S")), end(), flows("s", "e"), properties=OWNER, **STARTERS)
    with scheduled(stage):
        stage.deploy(p__bpmn=timed)
        soon(lambda: completed(stage, "p"))


def test_running_cases_take_a_framework_over_at_once(stage: Stage) -> None:
    framework.deploy(stage)
    stage.start()
    with scheduled(stage):
        framework.change(stage)
        soon(lambda: stage.count("activity_event") and not stage.value("SELECT count(*) FROM job WHERE kind = 'adopt'"))


def test_cases_move_to_another_version_at_once(stage: Stage) -> None:
    definition = process(
        "p", start(), catch("c", message_event("m")), end(), flows("s", "c", "e"), around=message("m", "go"),
        properties=OWNER, **STARTERS,
    )  # fmt: skip
    stage.deploy(p__bpmn=definition)
    stage.start()
    stage.deploy(p__bpmn=definition.replace(b'name="go"', b'name="gone"'))
    old, new = (row.id for row in stage.rows("SELECT id FROM process_definition ORDER BY version"))
    with scheduled(stage):
        stage.engine.case_migrations.start(old, new, "newer", actor=OWEN)
        soon(lambda: stage.value("SELECT definition_id FROM process_instance") == new)


def test_messages_that_follow_for_long_go_on_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.steps.inbox.MOST_FOLLOWING", 1)
    told = message("a", "a") + message("b", "b")
    stage.deploy(
        p__bpmn=process("p", start(), send_task("x", "a"), end(), flows("s", "x", "e"), around=told, **STARTERS),
        q__bpmn=process(
            "q", start(inner=message_event("a")), send_task("x", "b"), end(), flows("s", "x", "e"), around=told,
            **STARTERS,
        ),
        r__bpmn=process("r", start(inner=message_event("b")), end(), flows("s", "e"), around=told, **STARTERS),
    )  # fmt: skip
    with scheduled(stage):
        stage.start(actor=ENGINE)
        soon(lambda: completed(stage, "r"))


# --- the alarm ------------------------------------------------------------------------------------------------------


@pytest.fixture
def rung(stage: Stage) -> list[Due]:
    """What the alarm tells."""
    told: list[Due] = []
    stage.engine.database.alarm.listen(told.append)
    return told


def test_a_step_that_leaves_nothing_due_wakes_nobody(stage: Stage, rung: list[Due]) -> None:
    stage.deploy_one_task()
    stage.start()
    stage.do("ask", answer="x")
    assert rung == []


def test_a_timer_for_later_lets_the_scheduler_sleep(stage: Stage) -> None:
    stage.deploy(p__bpmn=waiting("p", timer("Duration", "PT1H")))
    looks: list[int] = []
    run_due = stage.engine.management.run_due

    def looking(*args: Any, **kwargs: Any) -> int:
        looks.append(1)
        return run_due(*args, **kwargs)

    stage.engine.management.run_due = looking  # type: ignore[method-assign]
    with scheduled(stage):
        before = 0
        while before != len(looks):  # until it sleeps
            before = len(looks)
            time.sleep(0.5)
        stage.start()
        time.sleep(0.5)
        assert len(looks) == before


def test_what_is_rolled_back_wakes_nobody_then_or_later(stage: Stage, rung: list[Due]) -> None:
    database = stage.engine.database
    with pytest.raises(ZeroDivisionError), database.write() as connection:  # noqa: PT012 - what is noted first counts
        leaves_due(connection, stage.clock())
        raise ZeroDivisionError
    for _ in range(3):
        with database.write():
            pass
    assert rung == []


def test_a_listener_that_fails_harms_neither_the_step_nor_the_other_listeners(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(due: Due) -> None:
        raise ValueError(due)

    told: list[Due] = []
    for listener_ in (fail, told.append):
        stage.engine.database.alarm.listen(listener_)
    now = stage.clock()
    with stage.engine.database.write() as connection:
        leaves_due(connection, now)
    assert told == [{"job": now}]
    assert "what is due could not be told" in caplog.text


def test_the_earliest_moment_is_told_after_the_commit_for_each_kind_of_work(stage: Stage, rung: list[Due]) -> None:
    first, later = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    with stage.engine.database.write() as connection:
        leaves_due(connection, later)
        leaves_due(connection, first)
        leaves_due(connection, later)
        leaves_due(connection, later, "call")
        assert rung == []
    assert rung == [{"job": first, "call": later}]


def test_many_steps_at_once_wake_it_as_often_as_it_can_take_turns(stage: Stage) -> None:
    """Nothing is lost when it is woken while it is at work."""
    stage.deploy(p__bpmn=listener(), t__bpmn=thrower())
    with scheduled(stage):
        for _ in range(5):
            stage.start()
        threads = [threading.Thread(target=stage.start, args=("t", ANN)) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        soon(lambda: len(stage.tasks()) == 5 and stage.count("job") == 0)
