"""Owns what data associations with registers do when an element becomes ready and when it is completed.

Case data hold references; bodies stay in the registers. Writes are effects: they happen if the step is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine import feel
from engine.bpmn.case.merging import ABSENT, same
from engine.bpmn.case.token import Token
from engine.bpmn.case.variables import Variables
from engine.bpmn.catalog import RegisterFacts
from engine.errors import StepFailed
from engine.json_data import told
from engine.types import Json, RecordRead, RecordRef, RecordWrite

if TYPE_CHECKING:
    from engine.bpmn.specs.element import Element


@dataclass(frozen=True, slots=True)
class Write:
    """An association to a register, with its element's properties `REGISTER.status`, `.when`, `.body`, `.new`."""

    register: RegisterFacts
    status: feel.Expression | None = None
    when: feel.Expression | None = None
    body: feel.Expression | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class Registers:
    """The registers that one element reads and writes. `compared` is a variable whose record is read as well."""

    element: "Element"
    reads: Sequence[RegisterFacts] = ()
    writes: Sequence[Write] = ()
    compared: str | None = None

    def bind(self, token: Token) -> None:
        """Move the case's references of the registers read to the newest versions; bind those that hold one record.

        A register that has one record may let the case keep an older version, but not where it writes the next one.
        """
        variables, records = Variables(token), token.scope.case.records
        bound: list[Json] = []
        for register in self.reads:
            ref = reference(variables, register)
            newest: RecordRef | None
            if ref is None:
                newest = records.singleton(register.key) if register.singleton else None
            else:
                newest = self._newest(token, register, ref)
            if newest is None:
                continue
            if newest != ref:
                variables.bind(register.variable, newest.as_json())
            bound.append(newest.as_json())
        if self.compared is not None and (ref := RecordRef.from_json(variables.get(self.compared))) is not None:
            records.must_name(ref.register)
            newest = records.current(ref)
            if newest != ref:
                variables.bind(self.compared, newest.as_json())
            if newest.as_json() not in bound:
                bound.append(newest.as_json())
        if bound:
            token.notes["reads"] = bound

    def _newest(self, token: Token, register: RegisterFacts, ref: RecordRef) -> RecordRef:
        records = token.scope.case.records
        if not register.singleton:
            return records.current(ref)
        readable = records.readable(ref)
        _take_over(token, ref, readable)
        return records.current(ref) if self.reads_newest(register.key) else readable

    def reads_newest(self, register: str) -> bool:
        """Say whether the newest version is read though cases may keep an older one: of what is written or compared."""
        return self.compared is not None or any(write.register.key == register for write in self.writes)

    def show(self, token: Token, shown: Sequence[RecordRef]) -> None:
        """Take those of `shown` that were bound as what a person has read: the case's references move to them."""
        variables = Variables(token)
        read: list[Json] = []
        held = [(register.variable, reference(variables, register)) for register in self.reads]
        if self.compared is not None:
            held.append((self.compared, RecordRef.from_json(variables.get(self.compared))))
        for variable, ref in held:
            for seen in shown:
                if ref is not None and (seen.register, seen.id) == (ref.register, ref.id):
                    if seen.as_json() not in read:
                        read.append(seen.as_json())
                    if seen != ref:
                        _take_over(token, ref, seen)
                        variables.bind(variable, seen.as_json())
        token.notes["reads"] = read

    def complete(self, token: Token) -> None:
        """Note what was read and write what is to be written. Raises `StepFailed`."""
        case, element = token.scope.case, self.element
        seen = tuple(ref for ref in map(RecordRef.from_json, token.notes.get("reads", ())) if ref is not None)
        case.reads.extend(RecordRead(ref, element.name, element.process_key, str(token.id)) for ref in seen)
        for write in self.writes:
            self._write(token, write, seen)

    def _write(self, token: Token, write: Write, sources: tuple[RecordRef, ...]) -> None:
        case, element, register = token.scope.case, self.element, write.register
        if write.when is not None and not element.decides(write.when, token, f"{register.key}.when"):
            return
        variables = Variables(token)
        base = None if write.new else reference(variables, register)
        if register.singleton and base is None:
            base = case.records.singleton(register.key)
        elif register.singleton and base is not None and all(read.key != register.key for read in self.reads):
            base = case.records.base(base)
        status = None if write.status is None else element.value(write.status, token)
        if status is not None and not isinstance(status, str):
            raise StepFailed(f"{register.key}.status gives {told(status)}, no status.")
        ref = case.records.next_version(register.key, base)
        case.records.write(
            RecordWrite(
                register=register.key,
                ref=ref,
                base=base,
                body=self._body(token, write, base),
                status=status,
                element_id=element.name,
                process_key=element.process_key,
                task_id=str(token.id),
                # The version before is the base; a record is no source of itself.
                sources=tuple(seen for seen in sources if (seen.register, seen.id) != (ref.register, ref.id)),
            ),
            singleton=register.singleton,
        )
        variables.bind(register.variable, ref.as_json())

    def _body(self, token: Token, write: Write, base: RecordRef | None) -> dict[str, Json]:
        """Return the fields that change: those among the case's variables, above them what `REGISTER.body` gives."""
        variables, register = Variables(token), write.register
        found = {name: variables.get(name, ABSENT) for name in register.fields}
        body = {name: value for name, value in found.items() if value is not ABSENT}
        if write.body is not None:
            over = self.element.value(write.body, token)
            if not isinstance(over, dict):
                raise StepFailed(f"{register.key}.body gives {told(over)}, no context of fields.")
            body.update(over)
        before = token.scope.case.records.body(base) if base is not None else {}
        return {name: value for name, value in body.items() if not same(before.get(name, ABSENT), value)}


def _take_over(token: Token, held: RecordRef, read: RecordRef) -> None:
    """Let the whole case move to a version that it reads, where the register says so: its times move with it."""
    case = token.scope.case
    if read.version > held.version and case.records.moves_case(held):
        case.take_over(read)


def reference(variables: Variables, register: RegisterFacts) -> RecordRef | None:
    """Return the reference of `register` that the case holds, or None."""
    ref = RecordRef.from_json(variables.get(register.variable))
    return ref if ref is not None and ref.register == register.key else None
