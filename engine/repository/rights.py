"""Owns the question whether somebody may deploy what a plan would change; it plans and writes nothing."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from engine import policy
from engine.bpmn.model.facts import ProcessFacts
from engine.errors import NotPermitted
from engine.metrics.process import ManagedProcess
from engine.registers.definition import RegisterDefinition
from engine.repository.shelf import Shelf
from engine.types import Actor

_NAMES: Final = {"form": "form", "dmn": "decision"}


def must_own(
    shelf: Shelf,
    actor: Actor,
    *,
    processes: Iterable[ProcessFacts],
    registers: Iterable[RegisterDefinition],
    managed: Iterable[ManagedProcess],
    files: Iterable[tuple[str, str]],
) -> None:
    """Raise `NotPermitted` unless `actor` may change these processes, registers and files (by kind and key).

    A process belongs to its owner group. A register belongs to its owner group as well; one that names none, and a form
    or decision that processes take as it is now, belong to the owners of all processes that use them; a register that
    no process has ever used, to its maintainers. What others' models may use is another question
    (`engine.repository.use_rights`). A managed process
    belongs to its owner group, one that names none to the owners of its cases; what it newly names as its cases has to
    belong to the actor too, for its owners see the figures of those cases, and registers that it newly names have to be
    the actor's to read.
    """
    for facts in processes:
        known = shelf.definitions.get(facts.key)
        if not policy.may_deploy(actor, known.owner_group if known else None):
            owner = f"the group {known.owner_group}" if known is not None and known.owner_group else "process owners"
            raise NotPermitted(f"The process {facts.name!r} belongs to {owner}: you may not deploy it.")
    if not policy.may_deploy(actor, None):
        raise NotPermitted("Only process owners may deploy.")
    for definition in registers:
        known_register = shelf.registers.get(definition.key)
        if known_register is None:
            continue
        _must_own_register(shelf, actor, known_register)
    for process in managed:
        _must_own_managed(shelf, actor, process)
    for kind, key in files:
        if kind == "process" and key in shelf.managed:
            # Other words of the same meaning are shown on the page of the process as well.
            _must_own_managed(shelf, actor, shelf.managed[key])
        elif (kind, key) in shelf.resources:
            users = [row for row in shelf.definitions.values() if key in _taken_as_now(row, kind)]
            _must_own_all(actor, users, f"{_NAMES.get(kind, kind)} {key!r}")


def users_of(shelf: Shelf, register: str) -> list[Any]:
    """Return the newest versions of the processes that use a register; where none does, of those that ever did."""
    users = [row for row in shelf.definitions.values() if register in _registers_of(row)]
    return users or [shelf.definitions[key] for key in sorted(shelf.register_users.get(register, ()))]


def _must_own_register(shelf: Shelf, actor: Actor, known: RegisterDefinition) -> None:
    if known.owner_group is not None:
        if not policy.may_deploy(actor, known.owner_group):
            raise NotPermitted(f"The register {known.name!r} belongs to the group {known.owner_group}: ask them.")
        return
    users = users_of(shelf, known.key)
    _must_own_all(actor, users, f"register {known.name!r}")
    if not users and known.maintainers and not policy.maintains_register(actor, known.maintainers):
        maintainers = ", ".join(known.maintainers)
        raise NotPermitted(f"The register {known.name!r} is for its maintainers to change: {maintainers}.")


def _must_own_managed(shelf: Shelf, actor: Actor, process: ManagedProcess) -> None:
    known = shelf.managed.get(process.key)
    if known is not None and not policy.may_deploy(actor, known.owner_group):
        raise NotPermitted(f"The managed process {known.name!r} belongs to the group {known.owner_group}: ask them.")
    before = set(known.cases if known is not None else ())
    # Where nobody is named, it belongs to the owners of what it names: of what it named, too.
    named = known is not None and known.owner_group is not None
    claimed = set(process.cases) - before if named else set(process.cases) | before
    rows = [row for key, row in shelf.definitions.items() if key in claimed]
    others = sorted(row.name for row in rows if not policy.may_deploy(actor, row.owner_group))
    if others:
        names = ", ".join(others)
        raise NotPermitted(f"{process.name!r} names cases of {names} as its work, which others own: ask them.")
    for key in {process.establish, process.evaluate} - _called(known):
        row = shelf.definitions.get(str(key))
        if row is not None and not may_call(actor, row):
            raise NotPermitted(f"{process.name!r} has cases of {row.name!r} begun, which others own: ask them.")
    for key in sorted(_registers_named(process) - (_registers_named(known) if known is not None else set())):
        definition = shelf.registers.get(key)
        if definition is not None and not _may_read(shelf, actor, definition):
            raise NotPermitted(f"{process.name!r} names the register {definition.name!r}, which you may not read.")


def may_call(actor: Actor, row: Any) -> bool:
    """Return whether models and managed processes of the actor's may have cases of this version begun."""
    callers = ProcessFacts.from_json(row.facts).callers
    return policy.may_deploy(actor, row.owner_group) or not (actor.groups | actor.roles).isdisjoint(callers)


def _called(process: ManagedProcess | None) -> set[str | None]:
    return {None} if process is None else {process.establish, process.evaluate, None}


def _registers_named(process: ManagedProcess) -> set[str]:
    reports = (key for each in process.reports for key in (each.records, each.follow, each.services, each.issued))
    return {key for key in (process.framework, *reports) if key is not None}


def _may_read(shelf: Shelf, actor: Actor, definition: RegisterDefinition) -> bool:
    """Return whether the actor sees all records of a register, as its reader or as an owner of what uses it."""
    if policy.reads_register(actor, definition.readers, definition.maintainers):
        return True
    if definition.owner_group is not None:
        return policy.owns(actor, definition.owner_group)
    return any(policy.owns(actor, row.owner_group) for row in users_of(shelf, definition.key))


def _must_own_all(actor: Actor, users: Sequence[Any], what: str) -> None:
    others = sorted(row.name for row in users if not policy.may_deploy(actor, row.owner_group))
    if others:
        raise NotPermitted(f"The {what} is used by {', '.join(others)}, which others own: ask them.")


def _registers_of(row: Any) -> set[str]:
    return {facts["key"] for facts in row.registers.values()}


def _taken_as_now(row: Any, kind: str) -> frozenset[str]:
    facts = ProcessFacts.from_json(row.facts)
    if kind == "form":
        return frozenset(facts.latest_forms)
    return frozenset(facts.latest_decisions) if kind == "dmn" else frozenset()
