"""Owns what a send task, throw event or end event puts into a message; it delivers nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from engine import feel
from engine.bpmn.case.token import Token
from engine.bpmn.specs.triggers import correlation_key
from engine.errors import StepFailed
from engine.types import OutgoingMessage

if TYPE_CHECKING:
    from engine.bpmn.specs.element import Element


@dataclass(frozen=True, slots=True)
class Sending:
    """A message to send. Without `destination` it stays in the product; records in the payload go with their bodies."""

    name: str
    destination: feel.Expression | None = None
    key: feel.Expression | None = None
    payload: feel.Expression | None = None
    live: feel.Expression | None = None
    """how long it is kept inside while nobody waits for it"""

    @property
    def interface(self) -> str:
        """Return the interface that is invoked."""
        return f"message:{self.name}"

    def send(self, element: "Element", token: Token) -> None:
        """Add the message to what the step sends. Raises `StepFailed`."""
        case = token.scope.case
        destination = None if self.destination is None else element.value(self.destination, token)
        if self.destination is not None and (not isinstance(destination, str) or not destination):
            raise StepFailed(f"The destination {self.destination.source!r} gives {destination!r}; a text is needed.")
        payload = {} if self.payload is None else element.value(self.payload, token)
        case.outgoing.append(
            OutgoingMessage(
                name=self.name,
                correlation_key=None if self.key is None else correlation_key(element, token, self.key),
                payload=case.records.resolved(payload),
                destination=destination,
                element_id=element.name,
                process_key=element.process_key,
                task_id=str(token.id),
                expires_at=self._expires_at(element, token),
            )
        )

    def _expires_at(self, element: "Element", token: Token) -> datetime | None:
        if self.live is None:
            return None
        now = token.scope.case.context.now
        value = element.value(self.live, token)
        found = feel.to_instant(value, now)
        if found <= now or (isinstance(value, str) and not value.startswith("P")):
            raise StepFailed(f"timeToLive {self.live.source!r} gives {value!r}; a duration such as P7D is needed.")
        return found
