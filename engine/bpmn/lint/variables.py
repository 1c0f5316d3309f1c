"""Owns the answer whether a name is known to be set by nothing where it is read; it finds no reads itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from engine.bpmn.catalog import Catalog
from engine.bpmn.lint import vendor
from engine.bpmn.lint.layers import COUNTS, Layers, View
from engine.bpmn.lint.meant import MAX_NAMES
from engine.bpmn.lint.sets import add_script, sets_of
from engine.bpmn.model.document import Document, all_flow_nodes, is_executable, mappings, process_of
from engine.bpmn.model.extensions import attribute
from engine.bpmn.model.scripts import MAX_TEXT, Script
from engine.bpmn.model.start_facts import starts_of
from engine.bpmn.model.xml import CAMUNDA, Element, name_of

_OF_EVERY_CASE: Final = ("initiator", "businessKey")
_FOREIGN: Final = (vendor.ENGINES.keys() | vendor.CAMUNDA_LIKE) - {CAMUNDA}
_MAX_NAMES: Final = 2_000
_MAX_RELATIVES: Final = 20


@dataclass(slots=True)
class _Own:
    """What one process sets by itself, and the processes from which it gets all variables (`shares`)."""

    layers: Layers
    complete: bool = True
    shares: list[Element] = field(default_factory=list)


@dataclass(slots=True)
class Known:
    """The names of a process, of what it calls and of what calls it, each with the one element that sets it.

    `complete` is False when there may be others, which cannot be known.
    """

    names: dict[str, Element | None]
    complete: bool


class Variables:
    """The names that the processes of one upload set."""

    def __init__(self, models: Mapping[str, Document], catalog: Catalog) -> None:
        self._catalog = catalog
        self._own: dict[Element, _Own] = {}
        self._known: dict[Element, Known] = {}
        self._home: dict[Element, Document] = {}
        self._by_key: dict[str, Element] = {}
        self._callers: dict[str, list[Element]] = {}
        self._left = dict.fromkeys(models.values(), MAX_TEXT)
        for document in models.values():
            for process in document.processes:
                if is_executable(process):
                    self._home[process] = document
                    self._by_key.setdefault(process.get("id") or "", process)
                    for node in all_flow_nodes(process):
                        if name_of(node) == "callActivity":
                            self._callers.setdefault((node.get("calledElement") or "").strip(), []).append(node)

    def unset(
        self, name: str, owner: Element, view: View, besides: Element | None = None, *, filled: bool = False
    ) -> bool:
        """Say whether `name` is known to be set by nothing where `owner` (a process, node or flow) reads it.

        `besides` is an element whose own setting does not count, `filled` asks for a data object with a value.
        """
        process = process_of(owner)
        if view == "called":
            called = self.called(owner)
            return called is not None and self._lacks(called, name, None)
        if process is None or process not in self._home:
            return False
        node: Element | None = owner
        if name_of(owner) == "sequenceFlow":
            node = self._home[process].resolve(owner.get("sourceRef"))
        if node is not None and node is not process:
            seen = self.own(process).layers.shows(name, node, view, besides, filled=filled)
            if seen is not None:
                return self.known(process).complete and not seen
        return self._lacks(process, name, besides)

    def seen(self, owner: Element, view: View) -> set[str]:
        """Return the names that may be read where `owner` stands, from that `view`; none where there are too many."""
        process = self.called(owner) if view == "called" else process_of(owner)
        if process is None or process not in self._home:
            return set()
        names = self.known(process).names.keys() | COUNTS
        if view != "called":
            names |= set(self.own(process).layers.all_names())
        if len(names) > MAX_NAMES:
            return set()  # what may be read is asked name by name, for each finding anew
        return {name for name in names if not self.unset(name, owner, view)}

    def called(self, call: Element) -> Element | None:
        """Return the process of the upload that a call activity calls, None when it is none of them."""
        return self._by_key.get((call.get("calledElement") or "").strip())

    def owners(self, name: str, owner: Element) -> list[Element]:
        """Return the activities of the process around `owner` that have `name` for themselves."""
        process = process_of(owner)
        return [] if process not in self._home else list(self.own(process).layers.owners(name))

    def known(self, process: Element) -> Known:
        """Return the names of `process` itself, with what it shares with others."""
        if process not in self._known:
            self._known[process] = self._find(process)
        return self._known[process]

    def _lacks(self, process: Element, name: str, besides: Element | None) -> bool:
        known = self.known(process)
        return known.complete and (name not in known.names or (besides is not None and known.names[name] is besides))

    def _find(self, process: Element) -> Known:
        first = self.own(process)
        found, visited, waiting = Known(dict(first.layers.names), first.complete), {process}, list(first.shares)
        while waiting and found.complete:
            other = waiting.pop()
            if other not in visited:
                visited.add(other)
                own = self.own(other)
                found.complete = own.complete and len(visited) <= _MAX_RELATIVES
                found.names |= dict.fromkeys(own.layers.all_names())
                waiting.extend(own.shares)
        return found

    def own(self, process: Element) -> _Own:
        """Return what `process`, one of the upload, sets by itself."""
        if process not in self._own:
            document = self._home[process]
            found = self._own[process] = _Own(Layers(document, process))
            # What a model says in the language of another engine is not read: it may set anything.
            found.complete = not _FOREIGN & set(document.root.nsmap.values())
            self._add_callers(process, found)
            count = 0
            for node in all_flow_nodes(process):
                count += self._add_node(document, node, found)
                if count > _MAX_NAMES:
                    found.complete = False
                    break
        return self._own[process]

    def _add_callers(self, process: Element, found: _Own) -> None:
        key = process.get("id") or ""
        calls, given = self._callers.get(key, []), self._catalog.begun_with(key)
        started = bool(given) or self._is_started(process)
        if key in self._called_elsewhere or not (calls or started):
            found.complete = False  # whatever calls it is not part of this upload
        if started:
            found.layers.names.update(dict.fromkeys((*_OF_EVERY_CASE, *given)))
        for call in calls:
            incoming = [mapping for direction, mapping in mappings(call) if direction == "in"]
            for mapping in incoming:
                if target := (mapping.get("target") or "").strip():
                    found.layers.names[target] = None
            caller = process_of(call)
            if caller is not None and (not mappings(call) or _everything(incoming)):
                found.shares.append(caller)

    def _is_started(self, process: Element) -> bool:
        listed = attribute(process, "candidateStarterGroups") or attribute(process, "candidateStarterUsers")
        return bool(listed) or any(True for _ in starts_of(self._home[process], process))

    @cached_property
    def _called_elsewhere(self) -> frozenset[str]:
        """The keys of the processes that deployed ones call, which are not part of the upload."""
        others = (facts for facts in self._catalog.deployed_processes() if facts.key not in self._by_key)
        return frozenset(call.key for facts in others for call in facts.calls)

    def _add_node(self, document: Document, node: Element, found: _Own) -> int:
        sets = sets_of(self._catalog, document, node)
        if name_of(node) == "scriptTask":
            script = Script.of(node) if self._left[document] > 0 else None
            self._left[document] -= 0 if script is None else len(script.source)
            add_script(sets, script)
        found.complete &= sets.complete
        for name in sets.inside:
            found.layers.put(name, node, inside=True)
        for name in sets.around:
            found.layers.put(name, node, inside=False)
        for name in sets.brings:
            found.layers.put(name, node, inside=True, brought=True)
        if name_of(node) == "callActivity":
            outgoing = [mapping for direction, mapping in mappings(node) if direction == "out"]
            if not mappings(node) or _everything(outgoing):
                called = self.called(node)
                found.complete &= called is not None
                found.shares.extend(() if called is None else (called,))
        return len(sets.inside) + len(sets.around) + len(sets.brings)


def _everything(maps: list[Element]) -> bool:
    return any(mapping.get("variables") for mapping in maps)
