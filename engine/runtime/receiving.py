"""Owns what people and programs outside of cases send: messages for one receiver, signals for all that wait."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from engine import policy, start_events
from engine.cases.references import references
from engine.definitions import Definitions
from engine.errors import InputRefused, NotPermitted
from engine.forms_protocol import FormCatalog
from engine.json_data import NotData, checked
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.database import AnyRow, Database
from engine.persistence.models import ProcessDefinition
from engine.recorder import INBOX_DAYS
from engine.registers.options import ActorOptions
from engine.steps.inbox import match
from engine.steps.message import LONGEST_KEY, PayloadCheck, must_fit
from engine.steps.service import Steps
from engine.types import Actor, Json
from engine.unit_of_work import signals
from engine.views import CaseRef, Delivery, SignalReach

LONGEST_TIME: Final = timedelta(days=3660)
_SENDERS: Final = frozenset(("staff", "process_owner"))
_DEFINITION: Final = sql.table(ProcessDefinition)
_NEWEST_FIRST: Final = select(_DEFINITION.c.id).order_by(_DEFINITION.c.version.desc(), _DEFINITION.c.id)


class Receiving:
    """Takes messages and signals in. Its methods are those of the RuntimeService."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        forms: FormCatalog,
        steps: Steps,
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._definitions, self._forms = database, definitions, forms
        self._steps, self._clock = steps, clock

    def message(
        self, name: str, correlation_key: str | None, payload: Json, actor: Actor, time_to_live: timedelta | None
    ) -> Delivery:
        """Deliver a message, or start a case with it, or keep it; see `RuntimeService.send_message`."""
        _may_send(actor)
        must_fit(name, correlation_key)
        payload = _data(payload)
        kept = timedelta(days=INBOX_DAYS) if time_to_live is None else time_to_live
        if not timedelta() <= kept <= LONGEST_TIME:
            raise InputRefused({"time_to_live": ["Give a time between none and ten years."]})
        now = self._clock()
        check = PayloadCheck(self._definitions, self._forms, ActorOptions(self._database, actor))
        with self._database.read() as connection:
            self._check(connection, check, name, match(connection, name, correlation_key), payload, now)
        message = {
            "id": uuid.uuid4().hex,
            "name": name,
            "correlation_key": correlation_key,
            "payload": payload,
            "received_at": now,
            "received_from": actor.user_id,
            "expires_at": now + kept,
            "state": "waiting",
            "sender_id": None,
            "instance_id": None,
        }
        with self._database.write() as connection:
            store.add(connection, sql.NEW_INBOX, [message])
        outcome = self._steps.inbox.deliver(str(message["id"]))
        if outcome.saved is not None:
            self._steps.inbox.follow_up(outcome.saved)
        state = "waiting" if outcome.state == "expired" else outcome.state
        case = None if outcome.instance_id is None else self._case(outcome.instance_id, actor)
        until = outcome.expires_at if state == "waiting" else None
        return Delivery(str(message["id"]), state, case, until, started=outcome.started)

    def signal(self, name: str, payload: Json, actor: Actor) -> SignalReach:
        """Throw a signal; see `RuntimeService.throw_signal`."""
        _may_send(actor)
        if not name or len(name) > LONGEST_KEY:
            raise InputRefused({"name": [f"Enter 1 to {LONGEST_KEY} characters."]})
        payload = _data(payload)
        with self._database.read() as connection:
            if not self._known(connection, name):
                raise InputRefused({"name": [f"No process that is deployed knows a signal named {name!r}."]})
        now, origin = self._clock(), uuid.uuid4().hex
        with self._database.write() as connection:
            reached = signals.throw(connection, name, payload, origin, now, by=actor.user_id)
        return SignalReach(*reached)

    def _known(self, connection: Connection, name: str) -> bool:
        found = connection.execute(_NEWEST_FIRST).scalars()
        return any(name in self._definitions.get(connection, each).facts.signals for each in found)

    def _check(
        self,
        connection: Connection,
        check: PayloadCheck,
        name: str,
        waiting: AnyRow | None,
        payload: Json,
        now: datetime,
    ) -> None:
        """Refuse what nobody could ever receive.

        While nobody waits, it is for the start event to judge, else for the newest process that knows the name.
        """
        if waiting is not None:
            row = store.load_case(connection, waiting.instance_id)
            if row is not None:
                case = self._steps.work.case(connection, row)
                check.accept(connection, case.definition_ids[waiting.process_key], waiting.element_id, payload, now)
                return
        start = start_events.by_message(connection, name)
        if start is not None:
            check.accept(connection, start.definition_id, start.element_id, payload, now)
            return
        for definition_id in connection.execute(_NEWEST_FIRST).scalars():
            for received in self._definitions.get(connection, definition_id).facts.receives:
                if received.name == name and not received.starts:
                    check.accept(connection, definition_id, received.element_id, payload, now)
                    return
        raise InputRefused({"name": [f"No process that is deployed waits for a message named {name!r}."]})

    def _case(self, instance_id: str, actor: Actor) -> CaseRef | None:
        """Return the case if the actor may see it: who sends a message need not, and learns nothing of it by that."""
        columns = (sql.INSTANCE.c.id, sql.INSTANCE.c.number, sql.INSTANCE.c.title, sql.INSTANCE.c.status)
        found = select(*columns).where(sql.INSTANCE.c.id == instance_id, policy.cases_visible(actor))
        with self._database.read() as connection:
            row = connection.execute(found).one_or_none()
        return None if row is None else CaseRef(*row)


def _may_send(actor: Actor) -> None:
    if not (policy.is_engine(actor) or actor.roles & _SENDERS):
        raise NotPermitted("Only staff may send messages and signals to cases.")


def _data(payload: Json) -> Json:
    try:
        found: Json = checked({"payload": payload})["payload"]
    except NotData as error:
        raise InputRefused({"payload": [str(error)]}) from error
    if references(found):
        # No receiver would take it: each would fail, for its owners to look at.
        raise InputRefused({"payload": ["It holds a reference to a record. Send the fields themselves."]})
    return found
