"""Owns when cases that answer each other come to an end: how many steps may follow by messages and signals alone.

Each message or signal of a case says how many such steps led to it. It begins anew with what a person, a timer, an
operation or a message from outside sets off.
"""

from datetime import datetime
from typing import Final

from engine.errors import StepFailed

LONGEST: Final = 10_000
"""The most steps that follow one from the other by messages and signals of cases."""


def hops(
    said: int, retried_by: str | None, *, sent_at: datetime | None = None, roused_at: datetime | None = None
) -> int | None:
    """Return how many steps led to one that a message or signal sets off which has `said` so.

    None when it begins anew: nothing of a case led to it, or the person `retried_by` tries it again. 0 when it was sent
    (at `sent_at`) before something else let the case that takes it go on (at `roused_at`): it has waited for that.
    """
    if said == 0 or retried_by is not None:
        return None
    return 0 if sent_at is not None and roused_at is not None and roused_at > sent_at else said


def refused(found: int | None, element_id: str) -> StepFailed | None:
    """Return why an element may not take what so many steps led to, None when it may."""
    if found is None or found <= LONGEST:
        return None
    return StepFailed(
        f"{LONGEST} steps have followed one another by messages and signals of cases, and nothing else has happened in "
        "between: do the cases answer each other without end? Try it again by hand to go on all the same; the count "
        "then begins anew.",
        element_id,
    )
