"""What a register is, as a `registers.yaml` file beside the models says it.

This module reads text and touches no database.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from engine import yaml_files
from engine.types import Finding, Json
from engine.yaml_files import Node, Refused

KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,7}")
_RULE = "register-definition"


@dataclass(frozen=True, slots=True)
class RegisterDefinition:
    """A register. Field names are those of `registers.yaml`; docs/modelling.md explains each."""

    key: str
    name: str
    variable: str
    form: str
    title: str
    prefix: str | None = None
    singular: str = ""
    organisation: str | None = None
    originator: str | None = None
    identifier: str | None = None
    statuses: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    maintainers: tuple[str, ...] = ()
    owner_group: str | None = None
    model_readers: tuple[str, ...] = ()
    model_writers: tuple[str, ...] = ()
    singleton: bool = False
    organisations: bool = False
    running_cases: str | None = None
    withdrawn: str | None = None
    closed: tuple[str, ...] = ()
    supported: bool = False

    def as_json(self) -> dict[str, Json]:
        """Return the form in which the definition is stored."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Json]) -> "RegisterDefinition":
        """Return the definition that `as_json` stored."""
        facts: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()
        }
        return cls(**facts)

    def number(self, count: int) -> str:
        """Return the number of the `count`-th record as people read it, such as `N-0001`."""
        return f"{self.prefix}-{count:04d}"


def parse(content: bytes, file: str) -> tuple[list[RegisterDefinition], list[Finding]]:
    """Return the registers that `content` (YAML, UTF-8) defines, and what is wrong with it.

    Any content gives an answer: what cannot be read is a finding with file, line and remedy, never a trace.
    """
    findings: list[Finding] = []
    registers: list[RegisterDefinition] = []
    try:
        for node in _register_nodes(content):
            try:
                registers.append(_register(node))
            except Refused as refused:
                findings.append(refused.finding(file, _RULE))
    except Refused as refused:
        findings.append(refused.finding(file, _RULE))
    for fact in ("key", "variable", "prefix"):
        findings += _twice(file, fact, registers)
    return registers, findings


def _twice(file: str, fact: str, registers: list[RegisterDefinition]) -> Iterator[Finding]:
    seen: set[str] = set()
    for register in registers:
        value = getattr(register, fact)
        if value is not None and value in seen:
            yield Finding(
                file, _RULE, f"Two registers have the {fact} {value!r}.", f"Give each register its own {fact}."
            )
        seen.add(value)


def _register_nodes(content: bytes) -> list[Node]:
    root = yaml_files.root(content)
    try:
        entries = {} if root is None else yaml_files.members(root, "The file", ("registers",))
    except Refused:
        entries = {}
    nodes = yaml_files.items(entries["registers"].value) if entries else None
    if nodes is None:
        raise Refused(
            "The file has no list `registers`.", "Begin it with `registers:` and one entry for each register."
        )
    return nodes


def _register(node: Node) -> RegisterDefinition:
    line = yaml_files.line_of(node)
    known = [field.name for field in fields(RegisterDefinition)]
    entries = yaml_files.members(node, "A register", known)
    values: dict[str, Any] = {name: _value(name, entry) for name, entry in entries.items()}
    yaml_files.missing(values, ("key", "name", "variable", "form", "title"), "The register", line)
    for name in ("key", "variable"):
        if not KEY.fullmatch(values[name]):
            raise Refused(
                f"The {name} {values[name]!r} is not usable.",
                "Use lower-case letters, digits and _, a letter first.",
                line,
            )
    if (values.get("prefix") is None) == (values.get("identifier") is None):
        raise Refused("A register needs either a prefix or an identifier.", "Give exactly one of the two.", line)
    if values.get("prefix") is not None and not PREFIX.fullmatch(values["prefix"]):
        raise Refused(f"The prefix {values['prefix']!r} is not usable.", "Use one to eight capitals or digits.", line)
    _check_statuses(values, entries)
    for name in ("model_readers", "model_writers"):
        if values.get(name) and not values.get("owner_group"):
            raise Refused(
                f"{name} is for a register that has an owner group.",
                "Add owner_group: else whoever's models use the register would own it with you.",
                entries[name].line,
            )
    if values.get("running_cases") and not values.get("singleton"):
        raise Refused(
            "running_cases is for a register with one record, such as a framework.",
            "Add `singleton: true`, or leave running_cases out.",
            entries["running_cases"].line,
        )
    values.setdefault("singular", values["name"])
    return RegisterDefinition(**values)


def _check_statuses(values: dict[str, Any], entries: Mapping[str, yaml_files.Entry]) -> None:
    """Refuse a status that `withdrawn` or `closed` names and `statuses` does not list."""
    listed = values.get("statuses", ())
    for name, named in (("withdrawn", values.get("withdrawn", ())), ("closed", values.get("closed", ()))):
        for status in (named,) if isinstance(named, str) else named:
            if status not in listed:
                raise Refused(
                    f"{name} names the status {status!r}, which is none of the register's statuses.",
                    "Correct it, or add it to statuses.",
                    entries[name].line,
                )


def _value(name: str, entry: yaml_files.Entry) -> str | bool | tuple[str, ...]:
    if name in ("statuses", "readers", "maintainers", "model_readers", "model_writers", "closed"):
        return yaml_files.words(entry, name)
    return (
        yaml_files.truth(entry, name)
        if name in ("singleton", "organisations", "supported")
        else yaml_files.word(entry, name)
    )
