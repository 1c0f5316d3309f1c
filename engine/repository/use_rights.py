"""Owns what models may use that is not their deployer's: registers, called processes, messages; it writes nothing.

Who deploys a model decides what it shows to whom, and what it does. So it may use what its deployer may change, what
its owners have opened to the models of others, and what the version before used in the same way already: rights are
judged when a use is deployed, not again with every version. While a case runs, nothing but what its models name is read
(`engine.bpmn.case.records`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine import policy
from engine.bpmn.model.facts import ProcessFacts
from engine.registers.definition import RegisterDefinition
from engine.repository.rights import may_call, users_of
from engine.repository.shelf import Shelf, UploadCatalog
from engine.repository.upload import File, Upload
from engine.types import Actor, Finding, Severity

RULES: Final[Mapping[str, Severity]] = {
    "register-of-others": "error",
    "process-of-others": "error",
    "message-of-others": "error",
    "latest-of-others": "error",
}
"""The rules of this module, with their usual severity."""


def use_findings(upload: Upload, catalog: UploadCatalog, shelf: Shelf, actor: Actor) -> Iterator[Finding]:
    """Yield what the models of an upload use that belongs to others than `actor`."""
    if policy.is_engine(actor):
        return
    for facts, file in upload.processes.values():
        row = shelf.definitions.get(facts.key)
        before = ProcessFacts.from_json(row.facts) if row is not None else ProcessFacts(facts.key, "", "")
        meant = {named: register["key"] for named, register in row.registers.items()} if row is not None else {}
        check = _Check(facts, before, meant, file, shelf, actor)
        yield from check.registers(catalog)
        yield from check.calls()
        yield from check.messages()
        yield from check.latest()


class _Check:
    """The check of one process.

    `before` is what its newest version says of itself, `meant` the keys of the registers that this one uses, by what it
    calls them: the same word may mean another register by now.
    """

    def __init__(
        self,
        facts: ProcessFacts,
        before: ProcessFacts,
        meant: Mapping[str, str],
        file: File,
        shelf: Shelf,
        actor: Actor,
    ) -> None:
        self._facts, self._before, self._meant = facts, before, meant
        self._file, self._shelf, self._actor = file, shelf, actor

    def registers(self, catalog: UploadCatalog) -> Iterator[Finding]:
        stood = {(self._meant.get(use.register), use.direction) for use in self._before.registers}
        told = set()
        for use in self._facts.registers:
            key = self._key(catalog, use.register)
            definition = self._shelf.registers.get(key)
            wanted = (key, use.direction)
            if definition is None or wanted in stood or wanted in told:
                continue
            if not _opened(self._shelf, self._actor, definition, written=use.direction == "write"):
                told.add(wanted)
                option = "model_writers" if use.direction == "write" else "model_readers"
                yield self._finding(
                    "register-of-others",
                    use.element_id,
                    f"It {use.direction}s the register {definition.name!r}, which belongs to others.",
                    f"Ask {_owners(self._shelf, definition)} to publish the model, or to name one of your groups in "
                    f"{option} of the register.",
                )

    def calls(self) -> Iterator[Finding]:
        stood = {called.key for called in self._before.calls}
        for called in self._facts.calls:
            row = self._shelf.definitions.get(called.key)
            if row is not None and called.key not in stood and not may_call(self._actor, row):
                yield self._finding(
                    "process-of-others",
                    called.element_id,
                    f"It calls the process {row.name!r}, which belongs to the group {row.owner_group}.",
                    "Ask them to publish the model, or to name one of your groups in the property callers of theirs.",
                )

    def messages(self) -> Iterator[Finding]:
        mine, others = {each.name for each in self._before.receives}, {}
        for row in self._shelf.definitions.values():
            names = {each.name for each in ProcessFacts.from_json(row.facts).receives}
            if policy.may_deploy(self._actor, row.owner_group):
                mine |= names
            else:
                others.update(dict.fromkeys(names, row))
        for received in self._facts.receives:
            if received.name in others and received.name not in mine:
                row = others[received.name]
                yield self._finding(
                    "message-of-others",
                    received.element_id,
                    f"It waits for the message {received.name!r}, which the process {row.name!r} of the group "
                    f"{row.owner_group} waits for.",
                    "Give the message another name, or ask them to publish the model.",
                )

    def latest(self) -> Iterator[Finding]:
        for kind, stood, wanted in (
            ("form", self._before.latest_forms, self._facts.latest_forms),
            ("decision", self._before.latest_decisions, self._facts.latest_decisions),
        ):
            for key in wanted:
                others = [] if key in stood else [row.name for row in self._others_with(kind, key)]
                if others:
                    yield self._finding(
                        "latest-of-others",
                        None,
                        f"It takes the {kind} {key!r} as it is now, which is used by {', '.join(sorted(others))}: they "
                        "could not change it any more.",
                        "Bind it to the deployment instead.",
                    )

    def _others_with(self, kind: str, key: str) -> Iterator[Any]:
        for row in self._shelf.definitions.values():
            facts = ProcessFacts.from_json(row.facts)
            used = facts.forms if kind == "form" else facts.decisions
            if key in used and not policy.may_deploy(self._actor, row.owner_group):
                yield row

    def _key(self, catalog: UploadCatalog, key_or_name: str) -> str:
        found = catalog.register(key_or_name)
        return key_or_name if found is None else found.key

    def _finding(self, rule: str, element_id: str | None, message: str, remedy: str) -> Finding:
        element = None if element_id is None else self._facts.element(element_id)
        line, name = (self._facts.line, None) if element is None else (element.line, element.name or None)
        return Finding(self._file.name, rule, message, remedy, line, element_id, name)


def _opened(shelf: Shelf, actor: Actor, definition: RegisterDefinition, *, written: bool) -> bool:
    """Return whether models of the actor's may use a register: what may be written may be read."""
    groups = {*definition.model_writers, *(() if written else definition.model_readers)}
    if policy.maintains_register(actor, definition.maintainers) or not (actor.groups | actor.roles).isdisjoint(groups):
        return True
    if definition.owner_group is not None:
        return policy.may_deploy(actor, definition.owner_group)
    users = users_of(shelf, definition.key)
    if not users:
        return not definition.maintainers
    return all(policy.may_deploy(actor, row.owner_group) for row in users)


def _owners(shelf: Shelf, definition: RegisterDefinition) -> str:
    if definition.owner_group is not None:
        return f"the group {definition.owner_group}"
    groups = {row.owner_group for row in users_of(shelf, definition.key) if row.owner_group} or definition.maintainers
    return f"the owners of its processes ({', '.join(sorted(groups))})" if groups else "an administrator"
