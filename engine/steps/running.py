"""Owns the border of the interpreter: whatever keeps a step from running leaves it as `StepFailed`."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import BudgetSpent, ExpressionRefused, NotFound, StateRefused, StepFailed

log = logging.getLogger(__name__)


@contextmanager
def running() -> Iterator[None]:
    """Turn the errors of a step that cannot run into `StepFailed`; refusals and conflicts pass as they are."""
    try:
        yield
    except (BudgetSpent, ExpressionRefused, NotFound, StateRefused) as error:
        raise StepFailed(str(error)) from error


def unexpected(error: Exception) -> StepFailed:
    """Return the failure that an error of the program itself becomes.

    The log has its trace under the same reference.
    """
    reference = uuid.uuid4().hex[:12]
    log.error("an automatic step failed unexpectedly (reference %s)", reference, exc_info=error)
    return StepFailed(f"an unexpected error; the server's log has it under the reference {reference}")
