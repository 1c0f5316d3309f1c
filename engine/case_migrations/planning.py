"""Owns the plan between two versions as people read it, and what would become of the cases; it writes nothing."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from engine.bpmn.case.context import StepContext
from engine.bpmn.migrating import MigrationPlan, Place, migrate, standing
from engine.bpmn.specs.user_task import UserTask
from engine.definitions import Definition, Definitions
from engine.errors import CannotMove, ComityError, InputRefused, StepFailed
from engine.operations import Operation
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow
from engine.registers.access import RegisterAccess
from engine.steps.migration import Plans
from engine.steps.migration_jobs import reason
from engine.steps.running import running
from engine.types import Actor
from engine.views import CaseRef
from engine.views.case_migrations import MigrationPlace, MigrationPreview, Standing

MOST_CHECKED: Final = 500
MOST_SECONDS: Final = 3.0
SHOWN: Final = 10

_RUNNING: Final = (
    select(
        sql.INSTANCE.c.id,
        sql.INSTANCE.c.number,
        sql.INSTANCE.c.title,
        sql.INSTANCE.c.status,
        sql.INSTANCE.c.definitions,
    )
    .where(sql.INSTANCE.c.definition_id == bindparam("definition"), sql.INSTANCE.c.status == "active")
    .order_by(sql.INSTANCE.c.started_at, sql.INSTANCE.c.number)
)
_STATE: Final = select(sql.INSTANCE.c.state, sql.INSTANCE.c.definitions, sql.INSTANCE.c.status).where(
    sql.INSTANCE.c.id == bindparam("instance")
)
_NEWEST: Final = (
    select(sql.INSTANCE.c.definitions)
    .where(sql.INSTANCE.c.definition_id == bindparam("definition"), sql.INSTANCE.c.status == "active")
    .order_by(sql.INSTANCE.c.started_at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Move:
    """From which version to which, by what mapping."""

    source: Definition
    target: Definition
    mapping: Mapping[str, str]


class Planning:
    """Works plans out over the caller's connection."""

    def __init__(self, definitions: Definitions, plans: Plans, operations: Mapping[str, Operation]) -> None:
        self._definitions, self._plans, self._operations = definitions, plans, operations

    def plan(
        self, connection: Connection, move: Move, on: Sequence[str] | None = None
    ) -> tuple[MigrationPlan, list[Definition], list[Definition]]:
        """Return the plan, and the definitions that a case runs on before and after.

        `on` are the ids of those before; None: of the case that started last, else those that a new case would get.
        Raises `InputRefused` for a mapping that names elements which are not there.
        """
        if on is None:
            on = connection.execute(_NEWEST, {"definition": move.source.id}).scalar_one_or_none()
        if on is None:
            old = list(self._definitions.with_called(connection, move.source))
        else:
            old = [self._definitions.get(connection, each) for each in on]
        new = list(self._definitions.with_called(connection, move.target))
        here, there = (self._definitions.executable(connection, [each.id for each in some]) for some in (old, new))
        plan = self._plans.between(here, there, move.mapping)
        if plan.mistakes:
            raise InputRefused({"mapping": plan.mistakes})
        return plan, old, new

    def cases(self, connection: Connection, move: Move) -> list[CaseRef]:
        """Return the running cases that are to move, the oldest first."""
        rows = connection.execute(_RUNNING, {"definition": move.source.id}).all()
        there = self._there(connection, move)
        return [CaseRef(*row[:4]) for row in rows if list(row.definitions) != there]

    def is_there(self, connection: Connection, move: Move, on: Sequence[str]) -> bool:
        """Return whether a case on the definitions `on` is where the move would bring it."""
        return list(on) == self._there(connection, move)

    def _there(self, connection: Connection, move: Move) -> list[str]:
        return [each.id for each in self._definitions.with_called(connection, move.target)]

    def preview(
        self, connection: Connection, move: Move, cases: Sequence[CaseRef], actor: Actor, now: datetime
    ) -> MigrationPreview:
        """Return what would become of `cases`; it stops after `MOST_CHECKED` of them, or `MOST_SECONDS`."""
        access = RegisterAccess(connection)
        context = StepContext(now=now, actor=actor, records=access, operations=self._operations)
        until = time.monotonic() + MOST_SECONDS
        checked, movable, refused = 0, [], []
        why: Counter[str] = Counter()
        tokens: Counter[Place] = Counter()
        for case in cases[:MOST_CHECKED]:
            row = connection.execute(_STATE, {"instance": case.id}).one()
            try:
                problem = self._problem(connection, move, row, context, tokens)
            except ComityError as error:
                problem = reason(error) if isinstance(error, StepFailed) else str(error)
            checked += 1
            if problem is None:
                movable.append(case)
            else:
                refused.append((case, problem))
                why[problem] += 1
            if time.monotonic() > until:
                break
        return MigrationPreview(
            total=len(cases),
            checked=checked,
            movable=len(movable),
            standing=tuple(
                Standing(mapped_as(move.source.key, place), place.name, place.kind, count, place.target_name)
                for place, count in tokens.most_common()
            ),
            reasons=tuple(why.most_common(SHOWN)),
            sample=tuple(movable[:SHOWN]),
            refused=tuple(refused[:SHOWN]),
        )

    def _problem(
        self, connection: Connection, move: Move, row: AnyRow, context: StepContext, tokens: Counter[Place]
    ) -> str | None:
        found, _, _ = self.plan(connection, move, row.definitions)
        with running():
            tokens.update(standing(found, row.state, context))
            try:
                migrate(found, row.state, context)
            except CannotMove as refusal:
                return str(refusal)
        return None


def places(
    move: Move, plan: MigrationPlan, old: Sequence[Definition], new: Sequence[Definition]
) -> Iterator[MigrationPlace]:
    """Yield the places of a plan as people read them; a form that has changed is said too."""
    before, after = ({each.key: each for each in some} for some in (old, new))
    for place in plan.places:
        identity = mapped_as(move.source.key, place)
        notes = list(place.notes)
        if place.target_id is not None and place.process_key in after:
            notes += _form_notes(plan, place, before[place.process_key], after[place.process_key])
        yield MigrationPlace(
            id=identity,
            process_key=place.process_key,
            name=place.name,
            kind=place.kind,
            scope=place.scope,
            target_id=place.target_id,
            target_name=place.target_name,
            blocks=place.blocks,
            dropped=place.dropped,
            notes=tuple(notes),
            choices=place.choices,
            mapped=move.mapping.get(identity),
        )


def mapped_as(root: str, place: Place) -> str:
    """Return how a mapping names a place."""
    return place.element_id if place.process_key == root else f"{place.process_key}/{place.element_id}"


def _form_notes(plan: MigrationPlan, place: Place, old: Definition, new: Definition) -> Iterator[str]:
    for spec in plan.source.scopes.values():
        element = spec.element(place.element_id) if spec.process_key == place.process_key else None
        if isinstance(element, UserTask) and element.form is not None:
            pin = ("form", element.form)
            if pin in old.pins and pin in new.pins and old.pins[pin] != new.pins[pin]:
                yield f"Its form {element.form!r} has changed."
