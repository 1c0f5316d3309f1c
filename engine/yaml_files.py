"""Owns reading the YAML files that lie beside models: safely, and with the line of everything; it knows no grammar.

No value is interpreted: a scalar is its text. Whatever cannot be read raises `Refused`, which becomes a finding.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import yaml

from engine.types import Finding

MAX_BYTES: Final = 200_000
MAX_DEPTH: Final = 12

Node: TypeAlias = yaml.Node

_OPENING: Final = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING: Final = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)


class Refused(Exception):
    """The file cannot be used: message, remedy and line (from 1, None for the whole file)."""

    def __init__(self, message: str, remedy: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message, self.remedy, self.line = message, remedy, line

    def finding(self, file: str, rule: str) -> Finding:
        """Return it as a finding of `rule` in `file`."""
        return Finding(file, rule, self.message, self.remedy, self.line)


@dataclass(frozen=True, slots=True)
class Entry:
    """One `name: value` of a mapping; `line` is that of its name."""

    value: Node
    line: int


def root(content: bytes) -> Node | None:
    """Return the node of the whole file, None for an empty one.

    Raises `Refused`: more than 200,000 bytes, no UTF-8, no YAML, anchors, deep nesting, characters no text has.
    """
    if len(content) > MAX_BYTES:
        raise Refused(f"The file has {len(content)} bytes; {MAX_BYTES} is the limit.", "Split it.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"The file is not UTF-8 text (byte {error.start + 1}).", "Save it as UTF-8.") from None
    try:
        _refuse_tricks(text)
        found: Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it cannot be read"
        raise Refused(f"The file is not YAML: {reason}.", "Mend the line.", mark.line + 1 if mark else None) from None
    except (ValueError, OverflowError):  # the reader lets these through: "\UFFFFFFFF", %YAML 1.999...
        raise Refused("The file is not YAML: a number in it is too large.", "Take it out.") from None
    return found


def _refuse_tricks(text: str) -> None:
    """Refuse aliases, which can make a small file huge, and deep nesting, which costs time; stop at the first."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        line = token.start_mark.line + 1
        if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
            raise Refused("The file uses YAML anchors or aliases.", "Write each value out.", line)
        if isinstance(token, yaml.ScalarToken) and any(_unusable(character) for character in token.value):
            raise Refused("A text has a character that cannot be stored.", "Take it out.", line)
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > MAX_DEPTH:
            raise Refused("The file is nested too deeply.", "Such a file needs a few levels.")


def _unusable(character: str) -> bool:
    return character == "\0" or "\ud800" <= character <= "\udfff"


def line_of(node: Node) -> int:
    """Return the line on which a node begins, from 1."""
    line: int = node.start_mark.line + 1
    return line


def members(node: Node, what: str, known: Collection[str]) -> dict[str, Entry]:
    """Return the entries of a mapping by name; `what` is how messages call it, such as `A register`.

    Raises `Refused` for something else, a name that is not `known`, and one that stands there twice.
    """
    if not isinstance(node, yaml.MappingNode):
        raise Refused(f"{what} is not a set of `name: value` lines.", "Write `key: ...` and so on.", line_of(node))
    found: dict[str, Entry] = {}
    for name_node, value in node.value:
        line = line_of(name_node)
        name = name_node.value if isinstance(name_node, yaml.ScalarNode) else "(a list or mapping)"
        if name not in known:
            raise Refused(f"{what} has no property {name!r}.", f"Use one of: {', '.join(known)}.", line)
        if name in found:
            raise Refused(f"{what} has {name!r} twice.", "Keep one.", line)
        found[name] = Entry(value, line)
    return found


def items(node: Node) -> list[Node] | None:
    """Return the nodes of a list, None for something else."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else None


def words(entry: Entry, name: str) -> tuple[str, ...]:
    """Return the texts of a list of plain values; raise `Refused` for something else."""
    nodes = items(entry.value)
    texts = [_text(node) for node in nodes or ()]
    if nodes is None or None in texts:
        raise Refused(f"{name} is not a list of words.", f"Write `{name}: [one, two]`.", entry.line)
    return tuple(text for text in texts if text is not None)


def word(entry: Entry, name: str) -> str:
    """Return the text of a plain value without space around it; raise `Refused` for something else or nothing."""
    text = (_text(entry.value) or "").strip()
    if not text:
        raise Refused(f"{name} is not a plain value.", f"Write `{name}: value`.", entry.line)
    return text


def truth(entry: Entry, name: str) -> bool:
    """Return whether a plain value is `true`; raise `Refused` unless it is `true` or `false`."""
    text = word(entry, name)
    if text not in ("true", "false"):
        raise Refused(f"{name} is {text!r}.", "Write true or false.", entry.line)
    return text == "true"


def missing(found: Mapping[str, object], needed: Collection[str], what: str, line: int) -> None:
    """Raise `Refused` when one of the `needed` names is not among what was found in `what`."""
    absent = [name for name in needed if not found.get(name)]
    if absent:
        raise Refused(f"{what} lacks {', '.join(absent)}.", "Add what is missing.", line)


def _text(node: Node) -> str | None:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None
