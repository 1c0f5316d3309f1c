"""Owns the step that ends a case before its end: cancelled by an owner, or withdrawn by who handed it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, exists, select, update

from engine.bpmn import interpreter
from engine.bpmn.case.context import StepContext
from engine.errors import CaseEnded, NotFound, StepFailed
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.persistence.models import RecordVersion
from engine.recorder import Cause
from engine.registers import catalog
from engine.registers.definition import RegisterDefinition
from engine.steps.running import running
from engine.types import WITHDRAWN, Actor, RecordRef, RecordWrite
from engine.types.step import Step
from engine.unit_of_work.unit import Loaded

_VERSION: Final = sql.table(RecordVersion)
_MADE: Final = (
    select(sql.RECORD.c.register, sql.RECORD.c.id, sql.RECORD.c.version, sql.RECORD.c.status)
    .where(
        exists().where(
            _VERSION.c.instance_id == bindparam("instance"),
            _VERSION.c.version == 1,  # what was there before, such as a framework, is not given up with the case
            _VERSION.c.register == sql.RECORD.c.register,
            _VERSION.c.record_id == sql.RECORD.c.id,
        ),
        sql.RECORD.c.register.in_(bindparam("registers", expanding=True)),
    )
    .order_by(sql.RECORD.c.register, sql.RECORD.c.id)
)
_WITHDRAW_MESSAGES: Final = (
    update(sql.OUTBOX)
    .where(sql.OUTBOX.c.instance_id == bindparam("of_case"), sql.OUTBOX.c.state == "pending")
    .values(state="withdrawn")
)


@dataclass(frozen=True, slots=True)
class CancelCase:
    """Cancel a case for a `reason` that people read; `withdrawn`: by who handed it in."""

    instance_id: str
    reason: str
    actor: Actor
    shown: Sequence[RecordRef] = ()
    withdrawn: bool = False

    def load(self, connection: Connection) -> AnyRow:
        """Return the case; raise `CaseEnded` when it has ended already."""
        row = store.load_case(connection, self.instance_id)
        if row is None:
            raise NotFound("case", self.instance_id)
        if row.status != "active":
            raise CaseEnded(row.number, row.status, row.changed_at)
        return row

    def cause(self, loaded: Loaded) -> Cause:
        """Return the cancellation as the log keeps it."""
        del loaded
        return Cause("cancel", self.actor, reason=self.reason, withdrawn=self.withdrawn)

    def advance(self, connection: Connection, loaded: Loaded, context: StepContext) -> Step:
        """Return the last step of the case; one that cannot be read, or whose title fails, ends without.

        Records that the case has made get the status that their register names for withdrawn ones, unless they are
        closed already.
        """
        try:
            with running():
                step = interpreter.cancel(loaded.executable, loaded.state, context)
        except StepFailed as failed:
            # There has to be a way out of every case: the recorder knows from the row what was open.
            step = Step(loaded.state, finished=False, outcome=None, variables=loaded.variables, warnings=(str(failed),))
        writes = (*step.writes, *withdrawals(connection, loaded.case.id, loaded.case.definition_key))
        return replace(step, writes=writes, outcome=WITHDRAWN if self.withdrawn else step.outcome)

    def settle(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """Withdraw the messages of the case that nobody has handed over yet."""
        del now
        connection.execute(_WITHDRAW_MESSAGES, {"of_case": loaded.case.id})


def withdrawals(connection: Connection, instance_id: str, process_key: str) -> list[RecordWrite]:
    """Return the versions by which the records that a case has made become withdrawn."""
    registers: Mapping[str, RegisterDefinition] = {
        key: found for key, found in catalog.load(connection).items() if found.withdrawn is not None
    }
    if not registers:
        return []
    rows = connection.execute(_MADE, {"instance": instance_id, "registers": sorted(registers)}).all()
    return [
        _withdrawal(RecordRef(row.register, row.id, row.version), registers[row.register].withdrawn, process_key)
        for row in rows
        if row.status not in {registers[row.register].withdrawn, *registers[row.register].closed}
    ]


def _withdrawal(newest: RecordRef, status: str | None, process_key: str) -> RecordWrite:
    return RecordWrite(
        newest.register, replace(newest, version=newest.version + 1), newest, {}, status, "", process_key, ""
    )
