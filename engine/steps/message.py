"""Owns the step that delivers a message of the inbox to the one event that waits for it: once, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from engine.bpmn import interpreter
from engine.bpmn.case.context import StepContext
from engine.definitions import Definitions
from engine.errors import InputRefused, StepFailed
from engine.forms_protocol import FormCatalog, OptionSource
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.recorder import Cause
from engine.steps import exchanges
from engine.steps.overtaken import Overtaken
from engine.steps.running import running
from engine.types import Actor, Json, RecordRef
from engine.types.step import Step
from engine.unit_of_work.unit import Loaded

LONGEST_KEY: Final = 255


@dataclass(frozen=True, slots=True)
class PayloadCheck:
    """Checks payloads with the form of the receiving element."""

    definitions: Definitions
    forms: FormCatalog
    options: OptionSource

    def accept(self, connection: Connection, definition_id: str, element_id: str, payload: Json, now: datetime) -> Json:
        """Return the payload as the element's form accepts it; raise `InputRefused`.

        Without a form anything is accepted.
        """
        facts = self.definitions.get(connection, definition_id).facts
        form = next((each.form for each in facts.receives if each.element_id == element_id), None)
        if form is None:
            return payload
        if not isinstance(payload, dict):
            raise InputRefused(
                {"payload": ["Send an object with the fields of the form, not a single value or a list."]}
            )
        content = self.definitions.form(connection, definition_id, form)
        return self.forms.validate(content, payload, now=now, context={}, options=self.options)


@dataclass(frozen=True, slots=True)
class DeliverMessage:
    """Deliver an inbox message to the event `task_id` of a case."""

    message_id: str
    name: str
    key: str | None
    payload: Json
    instance_id: str
    task_id: str
    process_key: str
    element_id: str
    actor: Actor
    check: PayloadCheck
    sent_at: datetime
    hops: int = 0
    retried_by: str | None = None
    shown: Sequence[RecordRef] = ()

    def load(self, connection: Connection) -> AnyRow:
        """Return the case; raise `Overtaken` when it does not wait for the message any more."""
        row = store.load_case(connection, self.instance_id)
        if row is None or row.status != "active":
            raise Overtaken
        name, key = row.waits["subscriptions"].get(self.task_id, (None, None))
        if name != self.name or key not in (None, self.key):
            raise Overtaken  # a move to another version may let the event wait for another message
        return row

    def cause(self, loaded: Loaded) -> Cause:
        """Return the message as the log keeps it."""
        return Cause(
            "message",
            self.actor,
            self.task_id,
            message_id=self.message_id,
            message_name=self.name,
            hops=self._hops(loaded),
            retried_by=self.retried_by,
        )

    def advance(self, connection: Connection, loaded: Loaded, context: StepContext) -> Step:
        """Return the step that the message leads to; `StepFailed` for one without end, or that its form refuses."""
        if endless := exchanges.refused(self._hops(loaded), self.element_id):
            raise endless
        definition_id = loaded.case.definition_ids[self.process_key]
        try:
            payload = self.check.accept(connection, definition_id, self.element_id, self.payload, context.now)
        except InputRefused as refused:
            raise StepFailed(
                f"the message {self.name!r} does not fit its form: {refused}", self.element_id
            ) from refused
        with running():
            return interpreter.deliver(loaded.executable, loaded.state, self.task_id, payload, context)

    def _hops(self, loaded: Loaded) -> int | None:
        return exchanges.hops(self.hops, self.retried_by, sent_at=self.sent_at, roused_at=loaded.row.roused_at)

    def settle(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """Take the message out of the inbox; raise `Overtaken` when somebody else delivered it."""
        del now
        taken = connection.execute(sql.TAKE_MESSAGE, {"message": self.message_id, "instance": loaded.case.id})
        if taken.rowcount != 1:
            raise Overtaken


def must_fit(name: str, correlation_key: str | None) -> None:
    """Raise `InputRefused` for a name or key of a message that is too long to be kept."""
    for field, text in (("name", name), ("correlation_key", correlation_key or "")):
        if len(text) > LONGEST_KEY:
            raise InputRefused({field: [f"Enter at most {LONGEST_KEY} characters."]})
