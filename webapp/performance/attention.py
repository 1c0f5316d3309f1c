"""Owns where to look first: the few steps at which a process loses most, each in one sentence; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.types.counting import counted
from engine.views.performance import ElementFigures
from webapp.performance.amounts import length

MOST = 2
"""How many steps are named for a kind of loss: more would be another table."""


_WAIT_FOR_OTHERS = frozenset({"receiveTask", "intermediateCatchEvent", "serviceTask", "eventBasedGateway"})


@dataclass(frozen=True, slots=True)
class Hint:
    """A step that stands out: what is lost there, and the figure of the heat map that shows it."""

    loss: str
    figure: str
    process_key: str
    step: str
    words: str


def hints(found: Sequence[ElementFigures]) -> list[Hint]:
    """Return the steps at which most waiting time, failures and repeats come together, the most first."""
    tasks = [each for each in found if each.kind == "userTask"]
    claimed = [each for each in tasks if each.waiting_seconds is not None]
    never = [each for each in tasks if each.waiting_seconds is None]
    others = [each for each in found if each.kind in _WAIT_FOR_OTHERS]
    waiting = [
        *_most(claimed, "Waits most", "waiting", _waited, _waiting_words),
        *_most(never, "Waits most", "elapsed", _took, _open_words)[:1],
        *_most(others, "Waits for others", "elapsed", _took, _others_words)[:1],
    ]
    return [
        *waiting,
        *_most(found, "Takes most work", "working", _worked, _working_words)[:1],
        *_most(found, "Fails", "failures", lambda each: each.failures, lambda each: _times(each.failures)),
        *_most(found, "Is done again", "rework", lambda each: each.repeats, lambda each: _times(each.repeats)),
    ]


def _took(found: ElementFigures) -> float:
    return (found.elapsed_seconds or 0) * found.count


def _open_words(found: ElementFigures) -> str:
    return f"{length(found.elapsed_seconds or 0)} until it is done, never claimed, {_times(found.count)}"


def _others_words(found: ElementFigures) -> str:
    return f"{length(found.elapsed_seconds or 0)} for a message, a time or a machine, {_times(found.count)}"


def _waited(found: ElementFigures) -> float:
    return (found.waiting_seconds or 0) * found.count


def _worked(found: ElementFigures) -> float:
    return (found.working_seconds or 0) * found.count


def _waiting_words(found: ElementFigures) -> str:
    return f"{length(found.waiting_seconds or 0)} until somebody claims it, {_times(found.count)}"


def _working_words(found: ElementFigures) -> str:
    return f"{length(found.working_seconds or 0)} from claim to completion, {_times(found.count)}"


def _times(count: int) -> str:
    return counted(count, "time")


def _most(
    found: Sequence[ElementFigures],
    loss: str,
    figure: str,
    size: Callable[[ElementFigures], float],
    words: Callable[[ElementFigures], str],
) -> list[Hint]:
    worst = sorted((each for each in found if size(each) > 0), key=size, reverse=True)[:MOST]
    return [Hint(loss, figure, each.process_key, each.name or each.element_id, words(each)) for each in worst]
