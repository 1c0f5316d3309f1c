"""Owns what a step sees of the registers: stored versions, and those it has written itself; it stores nothing.

A case reads what its processes name in data stores, for that is what rights were judged by when they were deployed: a
reference is data, which any expression, script or form could have made up.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine.bpmn.case.context import RecordAccess
from engine.errors import StepFailed
from engine.types import Json, RecordRef, RecordWrite

_REFERENCE = ("register", "id", "version")


class Record(Mapping[str, Any]):
    """A record version as expressions see it: loaded when a field is first asked for.

    It iterates over the reference's own parts, so that a record that leaves an expression is kept as a reference.
    """

    __slots__ = ("_body", "_records", "ref")

    def __init__(self, ref: RecordRef, records: "StepRecords") -> None:
        self.ref, self._records = ref, records
        self._body: Mapping[str, Json] | None = None

    def __getitem__(self, name: str) -> Any:
        if name == "number":
            return self.ref.id
        if name == "version":
            return self.ref.version
        if self._body is None:
            self._body = self._records.body(self.ref)
        if name in self._body:
            return self._body[name]
        if name in _REFERENCE:
            return getattr(self.ref, name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_REFERENCE)

    def __len__(self) -> int:
        return len(_REFERENCE)

    def items(self) -> Any:
        """Return the parts of the reference."""
        return self.ref.as_json().items()

    def values(self) -> Any:
        """Return the values of the reference."""
        return self.ref.as_json().values()


class StepRecords:
    """The registers during one step: a version that the step has written is answered from the step.

    `named` are the keys of the registers that the processes of the case name: it reads no others.
    """

    def __init__(self, access: RecordAccess, named: Collection[str]) -> None:
        self._access, self._named = access, named
        self._bodies: dict[RecordRef, Mapping[str, Json]] = {}
        self._newest: dict[tuple[str, str], RecordRef] = {}
        self._singletons: dict[str, RecordRef] = {}
        self.writes: list[RecordWrite] = []

    def body(self, ref: RecordRef) -> Mapping[str, Json]:
        """Return the fields of that version with `number`, `version` and `status`.

        Raises `StepFailed` for a register that no process of the case names.
        """
        self.must_name(ref.register)
        found = self._bodies.get(ref)
        if found is None:
            found = self._bodies[ref] = self._access.body(ref)
        return found

    def must_name(self, register: str) -> None:
        """Raise `StepFailed` unless a process of the case names `register` in a data store."""
        if register not in self._named:
            raise StepFailed(
                f"the case may not read the register {register!r}, which none of its processes names: "
                "join a data store for it to an activity of the model"
            )

    def current(self, ref: RecordRef) -> RecordRef:
        """Return the newest version of the record that `ref` names a version of."""
        written = self._newest.get((ref.register, ref.id))
        return written or self._access.current(ref.register, ref.id) or ref

    def readable(self, held: RecordRef) -> RecordRef:
        """Return the version that the case reads while it holds `held`: what it has written itself in any case."""
        written = self._newest.get((held.register, held.id))
        return written or self._access.readable(held) or held

    def moves_case(self, held: RecordRef) -> bool:
        """Say whether the whole case moves when it reads a newer version than `held`: not to what it wrote itself."""
        return (held.register, held.id) not in self._newest and self._access.moves_cases(held.register)

    def base(self, held: RecordRef) -> RecordRef:
        """Return the version that an element writes upon which has not read the record anew."""
        return self._newest.get((held.register, held.id)) or self._access.base(held)

    def singleton(self, register: str) -> RecordRef | None:
        """Return the record of a register that holds one, or None."""
        return self._singletons.get(register) or self._access.singleton(register)

    def next_version(self, register: str, base: RecordRef | None) -> RecordRef:
        """Return the reference that a write on `base` (None: a new record) is to make."""
        if base is None:
            return RecordRef(register, self._access.new_id(register), 1)
        return RecordRef(register, base.id, base.version + 1)

    def write(self, write: RecordWrite, *, singleton: bool) -> None:
        """Remember a version, so that the rest of the step sees it."""
        before = self.body(write.base) if write.base is not None else {}
        self._bodies[write.ref] = {
            **before,
            **write.body,
            "number": write.ref.id,
            "version": write.ref.version,
            "status": write.status if write.status is not None else before.get("status"),
        }
        self._newest[write.register, write.ref.id] = write.ref
        if singleton:
            self._singletons[write.register] = write.ref
        self.writes.append(write)

    def seen(self, value: Json) -> Any:
        """Return a value of case data as expressions see it: references, however deep, become records."""
        if isinstance(value, dict):
            ref = RecordRef.from_json(value)
            if ref is not None:
                return Record(ref, self)
            parts = {name: self.seen(part) for name, part in value.items()}
            return parts if any(parts[name] is not part for name, part in value.items()) else value
        if isinstance(value, list):
            items = [self.seen(item) for item in value]
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        return value

    def resolved(self, value: Json) -> Json:
        """Return `value` with the references in it, however deep, replaced by the bodies they name.

        Raises `StepFailed` for one into a register that no process of the case names.
        """
        if isinstance(value, dict):
            ref = RecordRef.from_json(value)
            if ref is not None:
                return dict(self.body(ref))
            return {name: self.resolved(part) for name, part in value.items()}
        return [self.resolved(item) for item in value] if isinstance(value, list) else value
