"""Calls of pure operations: what they return and raise, and what becomes of those that take too long."""

import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.errors import StepFailed
from engine.operations import Input, Operation, OperationError
from engine.operations import pure as pure_calls
from engine.operations.pure import MOST_LEFT, call_pure


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pure_calls, "SECONDS", 0.05)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a hanging operation waits for; opened at the end, so that no thread is left."""
    made = threading.Event()
    yield made
    made.set()


def pure(run: Callable[..., Any], name: str = "x", *inputs: Input) -> Operation:
    return Operation(name, "X", "Does x.", run, inputs, pure=True)


def hanging(gate: threading.Event, name: str) -> Operation:
    return pure(lambda: {"ended": gate.wait(30)}, name)


def in_time(seconds: float, action: Callable[[], Any]) -> None:
    began = time.monotonic()
    action()
    assert time.monotonic() - began < seconds


def test_it_gives_what_the_function_gives() -> None:
    twice = pure(lambda n: {"n": 2 * n}, "twice", Input("n", "number", "N."))
    assert call_pure(twice, {"n": 4}) == {"n": 8}


def test_it_raises_what_the_function_raises() -> None:
    def refuse() -> None:
        raise OperationError("NO", "Not so.")

    with pytest.raises(OperationError, match="Not so"):
        call_pure(pure(refuse), {})


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
def test_it_cannot_end_the_program(error: type[BaseException]) -> None:
    def leave() -> None:
        raise error

    with pytest.raises(StepFailed, match=f"ended with {error.__name__}"):
        call_pure(pure(leave), {})


def test_it_sees_the_context_of_its_caller() -> None:
    variable = contextvars.ContextVar("variable", default="none")
    variable.set("the caller's")
    assert call_pure(pure(lambda: {"seen": variable.get()}), {}) == {"seen": "the caller's"}


def test_one_that_hangs_is_not_waited_for_and_soon_called_no_more(gate: threading.Event) -> None:
    operation = hanging(gate, "hangs")
    for _ in range(MOST_LEFT):
        with pytest.raises(StepFailed, match=r"longer than 0\.05 seconds"):
            in_time(5, lambda: call_pure(operation, {}))
    before = threading.active_count()
    for _ in range(5):
        with pytest.raises(StepFailed, match=f"is not called: {MOST_LEFT} calls of it"):
            call_pure(operation, {})
    assert threading.active_count() == before
    assert call_pure(pure(lambda: {"others": "go on"}, "another"), {}) == {"others": "go on"}
    assert call_pure(pure(lambda: {"of": "another engine"}, "hangs"), {}) == {"of": "another engine"}


def test_it_is_called_again_when_the_calls_have_ended(gate: threading.Event) -> None:
    operation = hanging(gate, "slow")
    for _ in range(MOST_LEFT):
        with pytest.raises(StepFailed):
            call_pure(operation, {})
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "comity-pure-slow":
            thread.join(10)
    assert call_pure(operation, {}) == {"ended": True}


def test_who_calls_at_the_same_time_is_not_held_up_either(gate: threading.Event) -> None:
    operation = hanging(gate, "crowded")
    failed: list[str] = []

    def call() -> None:
        try:
            call_pure(operation, {})
        except StepFailed as error:
            failed.append(error.reason)

    threads = [threading.Thread(target=call) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(failed) == 10
