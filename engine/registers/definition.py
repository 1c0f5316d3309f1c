"""What a register is, as a `registers.yaml` file beside the models says it.

This module reads text and touches no database.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import yaml

from engine.types import Finding, Json

MAX_BYTES = 200_000
KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
MAX_DEPTH = 12
PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,7}")

_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)


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
    singleton: bool = False
    organisations: bool = False

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


class _Refused(Exception):
    """The file cannot be used: message, remedy and line (from 1, None for the whole file)."""

    def __init__(self, message: str, remedy: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message, self.remedy, self.line = message, remedy, line


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
            except _Refused as refused:
                findings.append(_finding(file, refused))
    except _Refused as refused:
        findings.append(_finding(file, refused))
    for fact in ("key", "variable", "prefix"):
        findings += _twice(file, fact, registers)
    return registers, findings


def _finding(file: str, refused: _Refused) -> Finding:
    return Finding(file, "register-definition", refused.message, refused.remedy, refused.line)


def _twice(file: str, fact: str, registers: list[RegisterDefinition]) -> Iterator[Finding]:
    seen: set[str] = set()
    for register in registers:
        value = getattr(register, fact)
        if value is not None and value in seen:
            yield _finding(
                file, _Refused(f"Two registers have the {fact} {value!r}.", f"Give each register its own {fact}.")
            )
        seen.add(value)


def _register_nodes(content: bytes) -> list[yaml.Node]:
    if len(content) > MAX_BYTES:
        raise _Refused(f"The file has {len(content)} bytes; {MAX_BYTES} is the limit.", "Split it.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Refused(f"The file is not UTF-8 text (byte {error.start + 1}).", "Save it as UTF-8.") from None
    try:
        _refuse_tricks(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it cannot be read"
        raise _Refused(f"The file is not YAML: {reason}.", "Mend the line.", mark.line + 1 if mark else None) from None
    entries = {key.value: value for key, value in root.value} if isinstance(root, yaml.MappingNode) else {}
    if set(entries) != {"registers"} or not isinstance(entries["registers"], yaml.SequenceNode):
        raise _Refused(
            "The file has no list `registers`.", "Begin it with `registers:` and one entry for each register."
        )
    return list(entries["registers"].value)


def _refuse_tricks(text: str) -> None:
    """Refuse aliases, which can make a small file huge, and deep nesting, which costs time; stop at the first."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
            raise _Refused("The file uses YAML anchors or aliases.", "Write each value out.", token.start_mark.line + 1)
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > MAX_DEPTH:
            raise _Refused("The file is nested too deeply.", "A registers file needs three levels.")


def _register(node: yaml.Node) -> RegisterDefinition:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise _Refused(
            "An entry of `registers` is not a set of `name: value` lines.", "Write `- key: ...` and so on.", line
        )
    known = {field.name: field for field in fields(RegisterDefinition)}
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        at = key_node.start_mark.line + 1
        name = key_node.value
        if name not in known:
            raise _Refused(f"A register has no property {name!r}.", f"Use one of: {', '.join(known)}.", at)
        values[name] = _value(name, value_node, at)
    missing = [name for name in ("key", "name", "variable", "form", "title") if not values.get(name)]
    if missing:
        raise _Refused(f"The register lacks {', '.join(missing)}.", "Add what is missing.", line)
    for name in ("key", "variable"):
        if not KEY.fullmatch(values[name]):
            raise _Refused(
                f"The {name} {values[name]!r} is not usable.",
                "Use lower-case letters, digits and _, a letter first.",
                line,
            )
    if (values.get("prefix") is None) == (values.get("identifier") is None):
        raise _Refused("A register needs either a prefix or an identifier.", "Give exactly one of the two.", line)
    if values.get("prefix") is not None and not PREFIX.fullmatch(values["prefix"]):
        raise _Refused(f"The prefix {values['prefix']!r} is not usable.", "Use one to eight capitals or digits.", line)
    values.setdefault("singular", values["name"])
    return RegisterDefinition(**values)


def _value(name: str, node: yaml.Node, line: int) -> str | bool | tuple[str, ...]:
    if name in ("statuses", "readers", "maintainers"):
        if not isinstance(node, yaml.SequenceNode) or not all(isinstance(item, yaml.ScalarNode) for item in node.value):
            raise _Refused(f"{name} is not a list of words.", f"Write `{name}: [one, two]`.", line)
        return tuple(str(item.value) for item in node.value)
    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        raise _Refused(f"{name} is not a plain value.", f"Write `{name}: value`.", line)
    if name in ("singleton", "organisations"):
        if node.value not in ("true", "false"):
            raise _Refused(f"{name} is {node.value!r}.", "Write true or false.", line)
        return bool(node.value == "true")
    return str(node.value).strip()
