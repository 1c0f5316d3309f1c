"""Owns the border of the interpreter: whatever keeps a step from running leaves it as `StepFailed`."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import BudgetSpent, ExpressionRefused, NotFound, StateRefused, StepFailed


@contextmanager
def running() -> Iterator[None]:
    """Turn the errors of a step that cannot run into `StepFailed`; refusals and conflicts pass as they are."""
    try:
        yield
    except (BudgetSpent, ExpressionRefused, NotFound, StateRefused) as error:
        raise StepFailed(str(error)) from error
