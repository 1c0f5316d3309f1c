"""Owns the MendingService: what the owners of a process do to a case by hand; it runs no BPMN itself."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from engine import policy
from engine.bpmn import mending
from engine.bpmn.case.context import StepContext
from engine.cases.page import CasePage
from engine.cases.references import must_be_known, references
from engine.errors import InputRefused, NotFound, NotPermitted, StateRefused
from engine.json_data import NotData, checked
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.database import AnyRow, Database
from engine.persistence.models import Failure, ProcessInstance
from engine.steps.mending import MendCase
from engine.steps.service import Steps
from engine.types import Actor, Json
from engine.types.by_hand import Standing
from engine.unit_of_work.unit import Loaded, Saved
from engine.views import CaseRef
from engine.views.mending import HandedIn, MendingView

LONGEST_REASON: Final = 500
_FAILURE: Final = sql.table(Failure)


class MendingService:
    """Mending cases: the owners of their processes may, each time with a reason; nobody else."""

    def __init__(self, database: Database, steps: Steps, clock: Callable[[], datetime]) -> None:
        self._database, self._steps, self._clock = database, steps, clock

    def find(self, number: str, actor: Actor) -> str:
        """Return the id of the case with this number; raise `NotFound` for one that the actor may not see."""
        found = select(ProcessInstance.id).where(ProcessInstance.number == number, policy.cases_visible(actor))
        with self._database.read() as connection:
            case_id: str | None = connection.execute(found).scalar_one_or_none()
        if case_id is None:
            raise NotFound("case", number)
        return case_id

    def look(self, case_id: str, actor: Actor) -> MendingView:
        """Return where a case stands, what may be done there, and its variables. Raises `NotFound`, `NotPermitted`."""
        with self._database.read() as connection:
            row = self._owned(connection, case_id, actor)
            detail = CasePage(connection, self._steps.work.definitions, actor, self._clock()).detail(row)
            unreadable, standing = None, Standing((), ())
            if row.status == "active":
                try:
                    standing = self._standing(connection, row, actor)
                except StateRefused as refused:
                    unreadable = str(refused)
            handed_in = connection.execute(
                select(_FAILURE.c.id, _FAILURE.c.request, sql.TASK.c.name)
                .join(sql.TASK, sql.TASK.c.id == _FAILURE.c.task_id)
                .where(_FAILURE.c.instance_id == case_id, _FAILURE.c.kind == "complete", _FAILURE.c.state == "open")
                .order_by(_FAILURE.c.created_at, _FAILURE.c.id)
            ).all()
        return MendingView(
            CaseRef(row.id, row.number, row.title, detail.status),
            row.revision,
            standing.places,
            standing.layers,
            tuple(each for each in detail.failures if each.state == "open"),
            tuple(HandedIn(each.id, each.name, each.request["values"]) for each in handed_in),
            detail.models,
            unreadable,
        )

    def change_variables(
        self,
        case_id: str,
        values: Mapping[str, Json],
        *,
        reason: str,
        actor: Actor,
        removed: Collection[str] = (),
        scope: str | None = None,
        revision: int | None = None,
    ) -> CaseRef:
        """Set variables to JSON values, and remove others: of the case, or those that the token `scope` has to itself.

        `revision` is that of the case as it was looked at, None: whatever it is. Raises `NotFound`, `NotPermitted`,
        `InputRefused` (no reason, no data, a reference to a record that is not there or not the actor's to see),
        `ConcurrentUpdate` when the case has moved on or ended, `NotMendable`, and `StepFailed` when what follows
        cannot run: then nothing has changed.
        """
        accepted = _accepted(values)
        if both := sorted(set(accepted) & set(removed)):
            raise InputRefused({name: ["Set it or remove it, not both."] for name in both})
        return self._mend(
            case_id,
            reason,
            actor,
            lambda *case: mending.change(case[0], case[1], scope, accepted, removed, case[2]),
            brought=accepted,
            seen=revision,
        )

    def move_token(
        self, case_id: str, task_id: str, target: str, *, reason: str, actor: Actor, revision: int | None = None
    ) -> CaseRef:
        """Cancel the token `task_id` with what belongs to it, and enter the element `target` of its scope anew.

        Raises as `change_variables`, and `TaskNotOpen` for a token that is gone.
        """
        return self._mend(
            case_id,
            reason,
            actor,
            lambda *case: mending.move(case[0], case[1], task_id, target, case[2]),
            task_id=task_id,
            seen=revision,
        )

    def skip(
        self,
        case_id: str,
        task_id: str,
        outputs: Mapping[str, Json],
        *,
        reason: str,
        actor: Actor,
        revision: int | None = None,
    ) -> CaseRef:
        """Let an activity, or an event that is waited for, go on without being done; `outputs` are set for it.

        Raises as `move_token`.
        """
        accepted = _accepted(outputs)
        return self._mend(
            case_id,
            reason,
            actor,
            lambda *case: mending.skip(case[0], case[1], task_id, accepted, case[2]),
            task_id=task_id,
            brought=accepted,
            seen=revision,
        )

    def _mend(
        self,
        case_id: str,
        reason: str,
        actor: Actor,
        act: mending.Act,
        *,
        task_id: str | None = None,
        brought: Mapping[str, Json] | None = None,
        seen: int | None = None,
    ) -> CaseRef:
        words = reason.strip()
        if not words or len(words) > LONGEST_REASON:
            raise InputRefused({"reason": [f"Say in 1 to {LONGEST_REASON} characters why."]})
        with self._database.read() as connection:
            self._owned(connection, case_id, actor)

        def check(connection: Connection, loaded: Loaded, context: StepContext) -> None:
            if brought and any(references(value) for value in brought.values()):
                standing = mending.look(loaded.executable, loaded.state, context)
                held = {ref for layer in standing.layers for ref in references(layer.variables)}
                must_be_known(connection, brought, held, actor)

        saved = self._steps.mend(MendCase(case_id, words, actor, act, check, task_id, seen))
        return _case(saved)

    def _standing(self, connection: Connection, row: AnyRow, actor: Actor) -> Standing:
        loaded = self._steps.work.loaded(connection, row)
        return mending.look(loaded.executable, loaded.state, StepContext(self._clock(), actor, loaded.access))

    def _owned(self, connection: Connection, case_id: str, actor: Actor) -> AnyRow:
        """Return the case; admins know of it when it has failures, but may not mend it."""
        failed = select(Failure.id).where(Failure.instance_id == ProcessInstance.id)
        seen = policy.cases_visible(actor)
        if "admin" in actor.roles:
            seen |= failed.exists()
        found = select(ProcessInstance.id).where(ProcessInstance.id == case_id, seen)
        row = store.load_case(connection, case_id) if connection.execute(found).first() is not None else None
        if row is None:
            raise NotFound("case", case_id)
        if not policy.owns_case(connection, actor, case_id):
            raise NotPermitted("Only the owners of the process may mend its cases.")
        return row


def _accepted(values: Mapping[str, Json]) -> dict[str, Json]:
    """Return the values as case data; raise `InputRefused` with a sentence for each variable that cannot be one."""
    found: dict[str, Json] = {}
    wrong: dict[str, list[str]] = {}
    for name, value in values.items():
        if not name.strip():
            raise InputRefused({"variables": ["A variable has no name. Give each a name."]})
        try:
            found[name] = checked(value, name)
        except NotData as error:
            wrong[name] = [str(error)]
    if wrong:
        raise InputRefused(wrong, "These values cannot be kept.")
    return found


def _case(saved: Saved) -> CaseRef:
    return CaseRef(saved.case.id, saved.case.number, saved.case.title, "completed" if saved.step.finished else "active")
