"""Owns the texts of `camunda:failedJobRetryTimeCycle`: when a call that failed is tried again."""

import re
from datetime import UTC, datetime
from typing import Final

from engine import feel
from engine.bpmn.model.extensions import extension_elements
from engine.bpmn.model.xml import Element, camunda, text_of
from engine.errors import ExpressionRefused

DEFAULT: Final = (60.0, 600.0, 3600.0)
"""After 1 minute, 10 minutes and 1 hour, in seconds."""

MOST: Final = 100
"""Most tries that a model may ask for."""

_CYCLE: Final = re.compile(r"R(\d{1,9})/([^,]+)")
_SOME_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)


class NotRetries(ValueError):
    """A text says no retries; the text says why."""


def element_of(node: Element) -> Element | None:
    """Return the element that says when a failed call is tried again, None where there is none."""
    return next((each for each in extension_elements(node) if each.tag == camunda("failedJobRetryTimeCycle")), None)


def of(node: Element) -> tuple[float, ...]:
    """Return the seconds after which a failed call at `node` is tried again, one by one. Raises `NotRetries`."""
    element = element_of(node)
    return DEFAULT if element is None or not text_of(element) else seconds(text_of(element))


def seconds(text: str) -> tuple[float, ...]:
    """Return the waits of `R3/PT10M` (three times, 10 minutes before each) or `PT1M,PT10M`. Raises `NotRetries`."""
    cycle = _CYCLE.fullmatch(text.strip())
    if cycle is not None:
        times, wait = int(cycle[1]), _wait(cycle[2])
        waits = (wait,) * min(times, MOST + 1)
    else:
        waits = tuple(_wait(part) for part in text.split(","))
    if len(waits) > MOST:
        raise NotRetries(f"a failed call may be tried again {MOST} times at most")
    return waits


def _wait(text: str) -> float:
    part = text.strip()
    try:
        wait = (feel.to_instant(part, _SOME_DAY) - _SOME_DAY).total_seconds() if part.startswith("P") else 0.0
    except (ExpressionRefused, ValueError, OverflowError):
        wait = 0.0
    if wait <= 0:
        raise NotRetries(f"{part[:80]!r} is no duration such as PT10M")
    return wait
