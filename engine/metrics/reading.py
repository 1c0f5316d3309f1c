"""Owns reading a `process.yaml` into a managed process; it asks nothing about what else exists.

The grammar is that of the values in engine.metrics.process, under a top-level `process:`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, ParamSpec, TypeVar, get_args

from engine import yaml_files
from engine.events import KINDS
from engine.metrics.process import EventPattern, ManagedProcess, OwnKind, OwnMeasure, ReportDefinition
from engine.types import Finding
from engine.yaml_files import Entry, Node, Refused

RULE: Final = "process-definition"
TAKEN: Final = "measures"
"""No key of a process: under this name stands what all measures mean."""
KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
MOST: Final[Mapping[str, int]] = {"cases": 200, "send_backs": 50, "measures": 50, "reports": 20}
"""How many entries a list may have."""
LONGEST: Final[Mapping[str, int]] = {"feedback": 300, "definition": 1000, "unit": 40}
"""Characters of a text; any other may have 200."""

_PATH: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_INTERFACE: Final = re.compile(r"(message|signal|decision|process|operation):.+")
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "count": ("of",),
    "duration": ("since", "until"),
    "ratio": ("numerator", "denominator"),
    "field": ("field",),
}
_PROCESS: Final = tuple(each.name for each in fields(ManagedProcess) if each.name != "managed")
_MEASURE: Final = tuple(each.name for each in fields(OwnMeasure))
_PATTERN: Final = tuple(each.name for each in fields(EventPattern))
_REPORT: Final = tuple(each.name for each in fields(ReportDefinition))

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says: the process (None with findings), what is wrong, and the line of each place.

    A place is a path such as `framework`, `cases`, `measures.rounds.of` or `reports.needs.records`.
    """

    process: ManagedProcess | None
    findings: list[Finding] = field(default_factory=list)
    lines: Mapping[str, int] = field(default_factory=dict)

    def line(self, place: str) -> int | None:
        """Return the line of a place, else of what is around it, else None."""
        while place and place not in self.lines:
            place = place.rpartition(".")[0]
        return self.lines.get(place)


def read(content: bytes, file: str) -> Reading:
    """Return what `content` (YAML, UTF-8) says of a managed process.

    Any content gives an answer: what cannot be read is a finding with file, line and remedy, never a trace.
    """
    reader = _Reader(file)
    process = reader.attempt(reader.process, content)
    return Reading(None if reader.findings else process, reader.findings, reader.lines)


class _Reader:
    """One reading of one file: keeps the findings and the lines, so that several mistakes are told at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.lines: dict[str, int] = {}

    def attempt(self, make: Callable[P, T], *args: P.args, **named: P.kwargs) -> T | None:
        """Return what `make` gives, or None after a finding."""
        try:
            return make(*args, **named)
        except Refused as refused:
            self.findings.append(refused.finding(self.file, RULE))
            return None

    def process(self, content: bytes) -> ManagedProcess | None:
        root = yaml_files.root(content)
        top = {} if root is None else yaml_files.members(root, "The file", ("process",))
        if not top:
            raise Refused("The file is empty.", "Begin it with `process:` and its properties.")
        entries = yaml_files.members(top["process"].value, "The process", _PROCESS)
        line = top["process"].line
        self.lines.update({name: entry.line for name, entry in entries.items()})
        yaml_files.missing(entries, ("key", "name", "cases"), "The process", line)
        values = self._texts(entries, ("cases", "send_backs", "measures", "reports"))
        for name in ("cases", "send_backs"):
            if name in entries:
                values[name] = self.attempt(_distinct, entries[name], name) or ()
        values["measures"] = self._parts(entries, "measures", self._measure)
        values["reports"] = self._parts(entries, "reports", self._report)
        if not values.get("key") or not values.get("name"):
            return None  # there is a finding on it
        self.attempt(_usable_key, values["key"], entries["key"].line)
        if values["key"] == TAKEN:
            self.attempt(_refuse_taken, entries["key"].line)
        return ManagedProcess(**values)

    def _texts(self, entries: Mapping[str, Entry], others: tuple[str, ...]) -> dict[str, Any]:
        found = {name: self.attempt(_text, entries[name], name) for name in entries if name not in others}
        return {name: text for name, text in found.items() if text is not None}

    def _parts(self, entries: Mapping[str, Entry], name: str, read_one: Callable[[Node], T]) -> tuple[T, ...]:
        if name not in entries:
            return ()
        nodes = yaml_files.items(entries[name].value)
        if nodes is None or len(nodes) > MOST[name]:
            raise Refused(f"{name} is not a list of at most {MOST[name]}.", "Write `- key: ...`.", entries[name].line)
        return tuple(part for node in nodes if (part := self.attempt(read_one, node)) is not None)

    def _measure(self, node: Node) -> OwnMeasure:
        entries = yaml_files.members(node, "A measure", _MEASURE)
        values = self._keyed("measures", node, entries, ("key", "name", "kind"), _NEEDS["count"] + _NEEDS["duration"])
        kind, line = values["kind"], entries["kind"].line
        if kind not in get_args(OwnKind):
            raise Refused(f"The kind {kind!r} is unknown.", f"Use one of: {', '.join(_NEEDS)}.", line)
        yaml_files.missing(entries, _NEEDS[kind], f"The {kind} measure {values['key']!r}", line)
        for name in (name for needs in _NEEDS.values() for name in needs if name not in _NEEDS[kind]):
            if name in entries:
                raise Refused(f"A {kind} measure takes no {name!r}.", "Remove it.", entries[name].line)
        if values.get("better", "lower") not in ("lower", "higher"):
            raise Refused(f"better is {values['better']!r}.", "Write lower or higher.", entries["better"].line)
        if kind == "duration" and "unit" in entries:
            raise Refused("A duration needs no unit: pages choose it.", "Remove `unit`.", entries["unit"].line)
        if kind == "field" and not _PATH.fullmatch(values["field"]):
            remedy = "Write names with dots between them, such as `need.estimate`."
            raise Refused(f"The field {values['field']!r} is no path.", remedy, entries["field"].line)
        patterns: dict[str, Any] = {
            name: _pattern(entries[name], name) for name in ("of", "since", "until") if name in entries
        }
        return OwnMeasure(**values, **patterns)

    def _report(self, node: Node) -> ReportDefinition:
        entries = yaml_files.members(node, "A report", _REPORT)
        values = self._keyed("reports", node, entries, ("key", "name", "records"))
        if ("service" in values) != ("services" in values):
            remedy = "Give `service` (a field) together with `services` (the register that names them), or neither."
            raise Refused(
                "A report has `service` without `services`, or the other way round.", remedy, entries["key"].line
            )
        return ReportDefinition(**values)

    def _keyed(
        self,
        where: str,
        node: Node,
        entries: Mapping[str, Entry],
        needed: tuple[str, ...],
        others: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """Return the texts of a part with a key of its own, and note the lines of what it says."""
        line = yaml_files.line_of(node)
        yaml_files.missing(entries, needed, "A measure" if where == "measures" else "A report", line)
        values = {name: _text(entry, name) for name, entry in entries.items() if name not in others}
        key = values["key"]
        _usable_key(key, entries["key"].line)
        if f"{where}.{key}" in self.lines:
            raise Refused(f"Two {where} have the key {key!r}.", "Give each its own.", entries["key"].line)
        self.lines[f"{where}.{key}"] = line
        self.lines.update({f"{where}.{key}.{name}": entry.line for name, entry in entries.items()})
        return values


def _pattern(entry: Entry, name: str) -> EventPattern:
    entries = yaml_files.members(entry.value, f"`{name}`", _PATTERN)
    if not entries:
        raise Refused(
            f"`{name}` says nothing.", "Name at least a kind, an element, an outcome or an interface.", entry.line
        )
    values = {part: _text(found, part) for part, found in entries.items()}
    if values.get("kind", "activity.completed") not in KINDS:
        kinds = ", ".join(sorted(KINDS))
        raise Refused(f"No event has the kind {values['kind']!r}.", f"Use one of: {kinds}.", entries["kind"].line)
    if "interface" in values and not _INTERFACE.fullmatch(values["interface"]):
        remedy = "Write message:NAME, signal:NAME, decision:KEY, process:KEY or operation:NAME."
        raise Refused(f"{values['interface']!r} is no interface.", remedy, entries["interface"].line)
    return EventPattern(**values)


def _distinct(entry: Entry, name: str) -> tuple[str, ...]:
    found = tuple(text.strip() for text in yaml_files.words(entry, name))
    if len(found) > MOST[name] or len(set(found)) < len(found) or not all(0 < len(text) <= 200 for text in found):
        remedy = f"Write at most {MOST[name]} different words."
        raise Refused(f"{name} has an entry that is empty, too long or there twice.", remedy, entry.line)
    if name == "cases" and not found:
        raise Refused("cases is empty.", "Name the process definitions whose cases are its work.", entry.line)
    return found


def _text(entry: Entry, name: str) -> str:
    text, longest = yaml_files.word(entry, name), LONGEST.get(name, 200)
    if len(text) > longest:
        raise Refused(f"{name} has {len(text)} characters; {longest} is the limit.", "Shorten it.", entry.line)
    return " ".join(text.split())


def _usable_key(key: str, line: int) -> None:
    if not KEY.fullmatch(key):
        raise Refused(f"The key {key!r} is not usable.", "Use lower-case letters, digits and _, a letter first.", line)


def _refuse_taken(line: int) -> None:
    raise Refused(f"The key {TAKEN!r} is taken by the definitions of measures.", "Choose another one.", line)
