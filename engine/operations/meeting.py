"""Owns what an operation is told beside its inputs, and how it reports what the model should deal with."""

from dataclasses import dataclass
from datetime import datetime

from engine.errors import ComityError


@dataclass(frozen=True, slots=True)
class OperationCall:
    """The circumstances of one call of an operation that has an effect outside.

    `key` is the same for every try of the same piece of work, and another one for any other: give it to the other
    system as idempotency key, or look there whether the work is done. `case_number` is the case as people know it,
    `now` (aware) what the engine's clock says, `attempt` counts the tries from 1 (0 where it is not known).
    """

    key: str
    case_number: str
    now: datetime
    attempt: int = 0


class OperationError(ComityError):
    """Something that the model should deal with: it becomes the BPMN error `code` at the service task.

    `message` is for people; it says what is wrong, and holds no secrets. Anything else that an operation raises is a
    fault, which is tried again and then waits for a person.
    """

    def __init__(self, code: str, message: str) -> None:
        if not code.strip():
            raise ValueError("An operation's error needs a code.")
        self.code, self.message = code, message
        super().__init__(message)
