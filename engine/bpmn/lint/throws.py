"""Owns the answer which errors and escalations can come out of an activity or a process; it judges no catcher."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from engine.bpmn.model.document import Document, all_flow_nodes, event_definitions, is_executable
from engine.bpmn.model.xml import Element, name_of

TECHNICAL: Final = {
    "scriptTask": "SCRIPT_FAILED",
    "businessRuleTask": "DECISION_FAILED",
    "serviceTask": "OPERATION_FAILED",
}
"""The code as which a failure of such a task can be caught."""

_MAX_RELATIVES = 20


@dataclass(slots=True)
class Thrown:
    """Kinds and codes that can come out; `failures` are the codes of failing tasks, which an event for any misses.

    `complete` is False when others may come that the upload does not show.
    """

    codes: set[tuple[str, str | None]] = field(default_factory=set)
    failures: set[str] = field(default_factory=set)
    complete: bool = True

    def fits(self, kind: str, code: str | None) -> bool:
        """Say whether something can come that an event for `kind` and `code` (None: any) catches."""
        if not self.complete or (code is None and any(each == kind for each, _ in self.codes)):
            return True
        return code is not None and ((kind, code) in self.codes or (kind == "error" and code in self.failures))


class Throws:
    """What is thrown in the processes of one upload."""

    def __init__(self, models: Mapping[str, Document]) -> None:
        self._by_key: dict[str, tuple[Document, Element]] = {}
        for document in models.values():
            for process in document.processes:
                if is_executable(process):
                    self._by_key.setdefault(process.get("id") or "", (document, process))

    @cached_property
    def called(self) -> frozenset[str]:
        """Return the keys of the processes that are called from within the upload."""
        return frozenset(
            (node.get("calledElement") or "").strip()
            for _, process in self._by_key.values()
            for node in all_flow_nodes(process)
            if name_of(node) == "callActivity"
        )

    def within(self, document: Document, part: Element, without: Element | None = None) -> Thrown:
        """Return what can come out of `part`, called processes included; `without` is left out."""
        found, waiting, visited = Thrown(), [(document, part)], {part}
        left_out = set() if without is None else set(all_flow_nodes(without))
        while waiting:
            for called in self._add(*waiting.pop(), left_out, found):
                if called not in self._by_key or len(visited) > _MAX_RELATIVES:
                    found.complete = False
                elif self._by_key[called][1] not in visited:
                    visited.add(self._by_key[called][1])
                    waiting.append(self._by_key[called])
        return found

    def _add(self, document: Document, part: Element, left_out: set[Element], found: Thrown) -> list[str]:
        """Add what `part` throws by itself, and return the processes that it calls."""
        called = []
        for node in all_flow_nodes(part):
            kind = "" if node in left_out else name_of(node)
            if kind in ("endEvent", "intermediateThrowEvent"):
                found.codes.update(filter(None, map(document.thrown, event_definitions(node))))
            elif kind == "callActivity":
                called.append((node.get("calledElement") or "").strip())
            elif kind in TECHNICAL:
                found.failures.add(TECHNICAL[kind])
                found.complete &= kind != "serviceTask"
        return called
