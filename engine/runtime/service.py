"""Owns the RuntimeService: starting, reaching, cancelling, commenting on and following cases.

Steps are made elsewhere.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from engine import events, policy
from engine.definitions import Definition, Definitions
from engine.errors import ComityError, InputRefused, NotFound, NotPermitted
from engine.forms_protocol import Answers, FormCatalog
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.database import AnyRow, Database
from engine.persistence.models import Comment, Follower
from engine.recorder import Cause, event_row
from engine.registers.access import RegisterAccess
from engine.registers.options import ActorOptions
from engine.runtime.handing_in import handed_in_before, must_be_identity
from engine.runtime.receiving import Receiving
from engine.steps.cancellation import CancelCase
from engine.steps.service import Steps
from engine.steps.start import INITIATOR, Beginning
from engine.types import Actor, Json
from engine.unit_of_work.unit import Effect
from engine.views import CaseRef, Delivery, SignalReach

BUSINESS_KEY: Final = "businessKey"
"""The variable that holds the key by which who started a case knows it, where one was given."""

MAX_COMMENT: Final = 10_000
_PROVIDERS: Final = frozenset(("staff", "process_owner"))
_FOLLOWER: Final = sql.table(Follower)
_CASE: Final = sql.INSTANCE.c
_VISIBLE: Final = (_CASE.id, _CASE.definition_id, _CASE.originator, _CASE.started_by)


class RuntimeService:
    """Cases that run."""

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
        self._receiving = Receiving(database, definitions, forms, steps, clock)

    def start(
        self,
        key: str,
        values: Answers,
        *,
        actor: Actor,
        channel: str | None = None,
        definition_id: str | None = None,
        also: Effect | None = None,
        identity: str | None = None,
        business_key: str | None = None,
    ) -> CaseRef:
        """Start a case of `key` with the `values` of its start form, on `definition_id` or the newest version.

        `values` may be a function that reads them once the form is known, so that nobody has to look it up before.
        `also` writes in the same transaction, given the id of the case. `identity` (32 hexadecimal digits) becomes
        that id: when the actor has started a case under it before, that case is returned, and nothing is started.
        A `business_key`, by which the caller knows the case, stands in its data as `businessKey`.
        Raises `NotFound`, `InputRefused`, and `StepFailed` when the first step cannot run: then nothing is kept.
        """
        starter = {"id": actor.user_id, "name": actor.name, "organisation": actor.organisation_id}
        named = {} if business_key is None else {BUSINESS_KEY: business_key}

        def choose(connection: Connection) -> Beginning:
            root = self._startable(connection, key, definition_id, actor)
            accepted = self._accept(connection, root, values, actor, self._clock())
            return root, {**named, **accepted, INITIATOR: starter}

        if identity is not None:
            must_be_identity(identity)
        try:
            saved = self._steps.start_chosen(choose, Cause("start", actor, channel=channel), also, identity)
        except (IntegrityError, ComityError):
            # Handed in before, or twice at once: the rows of the other one are in the way of this one's.
            with self._database.read() as connection:
                if identity is not None and (before := handed_in_before(connection, identity, key, actor)):
                    return before
            raise
        status: Literal["completed", "active"] = "completed" if saved.step.finished else "active"
        return CaseRef(saved.case.id, saved.case.number, saved.case.title, status)

    def check_start(self, key: str, values: Mapping[str, Json], *, actor: Actor) -> None:
        """Raise what `start` would raise for these values before its first step; nothing is written."""
        with self._database.read() as connection:
            root = self._startable(connection, key, None, actor)
            self._accept(connection, root, values, actor, self._clock())

    def send_message(
        self,
        name: str,
        correlation_key: str | None,
        payload: Json,
        *,
        actor: Actor,
        time_to_live: timedelta | None = None,
    ) -> Delivery:
        """Deliver a message to the case that waits for it, or start one with it, or keep it until one waits.

        It is kept for `time_to_live`, None: 30 days. Raises `InputRefused` for a name that no process knows, a payload
        that the receiver's form refuses or a time that is none, `AmbiguousMessage` when several cases wait,
        `NotPermitted` for people who do not work here.
        """
        return self._receiving.message(name, correlation_key, payload, actor, time_to_live)

    def throw_signal(self, name: str, payload: Json = None, *, actor: Actor) -> SignalReach:
        """Throw a signal to all that wait for it right now, and return how many those are.

        Each takes it in a step of its own, soon. Raises `InputRefused` for a name that no process knows and for what
        is no data, `NotPermitted` for people who do not work here.
        """
        return self._receiving.signal(name, payload, actor)

    def cancel(self, instance_id: str, reason: str, *, actor: Actor) -> None:
        """End a case before its end. The owners of the process may do that.

        Raises `NotFound`, `NotPermitted`, `InputRefused` without a reason, `ConcurrentUpdate` when it has ended.
        """
        if not reason.strip():
            raise InputRefused({"reason": ["Say why the case is cancelled."]})
        with self._database.read() as connection:
            self._visible(connection, instance_id, actor)
            if not policy.owns_case(connection, actor, instance_id):
                raise NotPermitted("Only the owners of the process may cancel a case.")
        self._steps.cancel(CancelCase(instance_id, reason.strip(), actor))

    def withdraw(self, instance_id: str, reason: str, *, actor: Actor) -> None:
        """End a case that its originator, or who started it, does not want any more, if its process lets them.

        Records that it has written become withdrawn where their register has a status for that. Raises as `cancel`.
        """
        if not reason.strip():
            raise InputRefused({"reason": ["Say why the case is withdrawn."]})
        with self._database.read() as connection:
            row = self._visible(connection, instance_id, actor)
            facts = self._definitions.get(connection, row.definition_id).facts
            if not facts.withdrawable:
                raise NotPermitted("Cases of this process cannot be withdrawn. Ask the owners of the process.")
            if not policy.may_withdraw(actor, row.originator, row.started_by):
                raise NotPermitted("Only the originator of a case, or who started it, may withdraw it.")
        self._steps.cancel(CancelCase(instance_id, reason.strip(), actor, withdrawn=True))

    def comment(
        self,
        instance_id: str,
        text: str,
        audience: Literal["everyone", "staff"],
        *,
        actor: Actor,
        task_id: str | None = None,
    ) -> str:
        """Add a remark to a case and return its id. Remarks for staff may be made by those who work here only.

        Raises `NotFound`, `InputRefused` for an empty or too long text, `NotPermitted`.
        """
        words = text.strip()
        if not words or len(words) > MAX_COMMENT:
            raise InputRefused({"text": [f"Enter 1 to {MAX_COMMENT} characters."]})
        if audience not in ("everyone", "staff"):
            raise InputRefused({"audience": ["Choose everyone or staff."]})
        if audience == "staff" and not (policy.is_engine(actor) or actor.roles & _PROVIDERS):
            raise NotPermitted("Remarks for staff only are for staff.")
        now, comment_id = self._clock(), uuid.uuid4().hex
        with self._database.read() as connection:
            row = self._visible(connection, instance_id, actor)
            if task_id is not None:
                task = store.load_task(connection, task_id)
                if task is None or task.id != instance_id:
                    raise NotFound("task", task_id)
            loaded = store.load_case(connection, row.id)
            if loaded is None:
                raise NotFound("case", instance_id)
            case = self._steps.work.case(connection, loaded)
        values = {
            "id": comment_id,
            "instance_id": instance_id,
            "task_id": task_id,
            "author": actor.user_id,
            "at": now,
            "text": words,
            "audience": audience,
        }
        detail = {"comment": comment_id, "audience": audience}
        event = event_row(case, events.TASK_COMMENTED, actor.user_id, now, task_id=task_id, detail=detail)
        with self._database.write() as connection:
            connection.execute(insert(Comment), values)
            store.add(connection, sql.NEW_EVENTS, [event])
        return comment_id

    def follow(self, instance_id: str, *, actor: Actor) -> None:
        """Let the actor see every change of status of a case; doing it twice changes nothing. Raises `NotFound`."""
        with self._database.read() as connection:
            self._visible(connection, instance_id, actor)
        new = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        values = {"instance_id": instance_id, "user_id": actor.user_id, "since": self._clock()}
        with self._database.write() as connection:
            connection.execute(new(_FOLLOWER).values(**values).on_conflict_do_nothing())

    def unfollow(self, instance_id: str, *, actor: Actor) -> None:
        """Undo `follow`; raise `NotFound`."""
        with self._database.read() as connection:
            self._visible(connection, instance_id, actor)
        with self._database.write() as connection:
            connection.execute(
                delete(_FOLLOWER).where(_FOLLOWER.c.instance_id == instance_id, _FOLLOWER.c.user_id == actor.user_id)
            )

    def _startable(self, connection: Connection, key: str, definition_id: str | None, actor: Actor) -> Definition:
        latest = self._definitions.latest(connection, key)
        root = latest if definition_id is None else self._definitions.get(connection, definition_id)
        if root.key != key:
            raise NotFound("process", key)
        for facts in (root.facts, latest.facts):  # who may not start it any more cannot start an older version either
            if not (facts.startable and policy.may_start(actor, facts.starter_groups, facts.starter_users)):
                raise NotFound("process", key)
        return root

    def _accept(
        self, connection: Connection, root: Definition, answers: Answers, actor: Actor, now: datetime
    ) -> Mapping[str, Json]:
        form = root.facts.start_form
        content = None if form is None else self._definitions.form(connection, root.id, form)
        values = answers(content) if callable(answers) else answers
        if content is None:
            if values:
                raise InputRefused({name: ["This process starts without a form."] for name in values})
            return {}
        access = RegisterAccess(connection)
        options = ActorOptions(self._database, actor, access)
        return self._forms.validate(content, values, now=now, context={}, options=options)

    def _visible(self, connection: Connection, instance_id: str, actor: Actor) -> AnyRow:
        found = select(*_VISIBLE).where(_CASE.id == instance_id, policy.cases_visible(actor))
        row = connection.execute(found).one_or_none()
        if row is None:
            raise NotFound("case", instance_id)
        return row
