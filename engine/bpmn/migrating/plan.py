"""Owns the plan of a move: where each token of one version would stand in another, what blocks it, what changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.bpmn.migrating.fitting import may_hold, misfit
from engine.bpmn.migrating.notes import notes_on
from engine.bpmn.migrating.ways import Ways, flows_into
from engine.bpmn.reading.executable import Executable
from engine.bpmn.specs.activity import Activity
from engine.bpmn.specs.boundary import BoundaryEvent
from engine.bpmn.specs.element import Element, Flow
from engine.bpmn.specs.gateways import EventBasedGateway, Join
from engine.bpmn.specs.process import ProcessSpec
from engine.bpmn.specs.subprocesses import CallActivity, SubProcess

Key = tuple[str, str]
"""An element: the name of its scope and its id. What starts an event sub-process is in two scopes under one id."""


@dataclass(frozen=True, slots=True)
class Place:
    """An element at which tokens of the old version can stand, and where they would stand in the new one.

    `blocks` says why they cannot (None: they can); with `dropped` that keeps no case from moving: the event is taken
    away from what it belongs to. `notes` say what changes for a case that waits here. `choices` are the elements of the
    new version (id and label) that would fit.
    """

    process_key: str
    element_id: str
    name: str
    kind: str
    scope: str | None
    """the sub-process in which it stands, by its label"""
    target_id: str | None
    target_name: str | None
    blocks: str | None = None
    dropped: bool = False
    notes: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """How cases of `source` move to `target`. `places` are in the order of the models; the rest is for `migrate`.

    `images` are the elements of the target by those of the source that they stand for, `misfits` why there is none,
    `names` their ids, by process and id. `armed` are the boundary events that are new on an activity, `raced` the
    flows that are new at an event-based gateway, `listened` the new starts of event sub-processes in a scope; `flows`
    are those into a join by those of the source, `scopes` the target's scopes by the names of the source's.
    """

    source: Executable
    target: Executable
    places: tuple[Place, ...]
    mistakes: tuple[str, ...]
    """what is wrong with the mapping that was asked for"""
    images: Mapping[Key, Element]
    misfits: Mapping[Key, str]
    names: Mapping[tuple[str, str], str]
    armed: Mapping[Key, Sequence[BoundaryEvent]]
    raced: Mapping[Key, Sequence[Flow]]
    listened: Mapping[str, Sequence[Element]]
    flows: Mapping[Key, Mapping[str, str]]
    scopes: Mapping[str, ProcessSpec]
    before: Ways = field(default_factory=Ways)
    after: Ways = field(default_factory=Ways)

    @property
    def blocked(self) -> tuple[Place, ...]:
        """Return the places that keep a case from moving when it has a token there."""
        return tuple(place for place in self.places if place.blocks is not None and not place.dropped)


def plan(source: Executable, target: Executable, mapping: Mapping[str, str] | None = None) -> MigrationPlan:
    """Return how cases of `source` move to `target`: by ids, but as `mapping` (old id: new id) says.

    An element of a called process is named `PROCESS/ID` in `mapping`; the new id is one of the same process.
    """
    return _Planner(source, target, mapping or {}).plan()


class _Planner:
    """Finds the images of a source's elements, outer scopes first."""

    def __init__(self, source: Executable, target: Executable, mapping: Mapping[str, str]) -> None:
        self.source, self.target = source, target
        self.images: dict[Key, Element] = {}
        self.misfits: dict[Key, str] = {}
        self.scopes: dict[str, ProcessSpec] = {}
        self.names: dict[tuple[str, str], str] = {}
        self.there: dict[tuple[str, str], list[tuple[Element, ProcessSpec]]] = {}
        for spec in target.scopes.values():
            for element in spec.elements():
                self.there.setdefault((spec.process_key, element.name), []).append((element, spec))
        self.hosts = _hosts(source) | _hosts(target)
        self.mistakes: list[str] = []
        self.asked = dict(self._asked(mapping))

    def plan(self) -> MigrationPlan:
        """Return the plan."""
        for name, spec in self.source.scopes.items():
            if spec.is_process and name in self.target.scopes:
                self.scopes[name] = self.target.scopes[name]
            for element in spec.elements():
                if id(element) not in self.hosts:
                    self._match(spec, element)
        for spec in self.source.scopes.values():
            for element in spec.elements():
                if id(element) in self.hosts:  # once that is known to which they belong
                    self._match(spec, element)
        armed, raced = dict(self._armed()), dict(self._raced())
        return MigrationPlan(
            self.source,
            self.target,
            tuple(self._places(armed, raced)),
            tuple(self.mistakes),
            self.images,
            self.misfits,
            self.names,
            armed,
            raced,
            dict(self._listened()),
            dict(self._flows()),
            self.scopes,
        )

    def _asked(self, mapping: Mapping[str, str]) -> Iterator[tuple[tuple[str, str], str]]:
        for old, new in mapping.items():
            process, _, element = old.rpartition("/")
            key = (process or self.source.key, element)
            if all(spec.process_key != key[0] or spec.element(element) is None for spec in self.source.scopes.values()):
                self.mistakes.append(f"There is no element {old!r} in the version from which cases move.")
            elif (key[0], new) not in self.there:
                self.mistakes.append(f"There is no element {new!r} in the version to which cases move.")
            else:
                yield key, new

    def _match(self, spec: ProcessSpec, element: Element) -> None:
        key = (spec.name, element.name)
        wanted = self.asked.get((spec.process_key, element.name), element.name)
        candidates = self.there.get((spec.process_key, wanted), [])
        mine = self.scopes.get(spec.name)
        found = next((each for each in candidates if each[1] is mine), candidates[0] if candidates else None)
        why = self._why_not(spec, element, found)
        if why is not None or found is None:
            self.misfits[key] = why or ""
            return
        self.images[key] = found[0]
        self.names[spec.process_key, element.name] = found[0].name
        if isinstance(element, SubProcess) and not isinstance(element, CallActivity):
            self.scopes[element.inner.name] = found[0].inner

    def _why_not(self, spec: ProcessSpec, element: Element, found: tuple[Element, ProcessSpec] | None) -> str | None:
        if spec.process_key not in self.target.scopes:
            return f"the other version does not call {spec.process_key!r}"
        if found is None:
            return "the other version has no such element"
        if spec.name not in self.scopes:
            return "the sub-process around it has no place in the other version"
        if found[1] is not self.scopes[spec.name]:
            return "it stands in another sub-process, or outside of one, in the other version"
        return misfit(element, found[0]) or self._belongs(spec, element, found[0])

    def _belongs(self, spec: ProcessSpec, element: Element, found: Element) -> str | None:
        """Say why an event that belongs to an activity or a gateway does not belong to the same one in the target."""
        mine, theirs = self.hosts.get(id(element)), self.hosts.get(id(found))
        if mine is None and theirs is None:
            return None
        host = None if mine is None else self.images.get((spec.name, mine.name))
        if mine is None and isinstance(theirs, EventBasedGateway):
            return "it follows an event-based gateway in the other version"
        if host is None or host is not theirs:
            return "what it belongs to is another element in the other version"
        return None

    def _armed(self) -> Iterator[tuple[Key, Sequence[BoundaryEvent]]]:
        for key, image in self.images.items():
            old = self.source.scopes[key[0]].element(key[1])
            if isinstance(old, Activity) and isinstance(image, Activity):
                known = [self.images.get((key[0], event.name)) for event in old.boundaries]
                yield key, [event for event in image.boundaries if event not in known]

    def _raced(self) -> Iterator[tuple[Key, Sequence[Flow]]]:
        for key, image in self.images.items():
            old = self.source.scopes[key[0]].element(key[1])
            if isinstance(old, EventBasedGateway):
                known = [self.images.get((key[0], event.name)) for event in old.following()]
                yield key, [flow for flow in image.flows if flow.target not in known]

    def _listened(self) -> Iterator[tuple[str, Sequence[Element]]]:
        for name, there in self.scopes.items():
            known = [self.images.get((name, listener.name)) for listener in self.source.scopes[name].listeners]
            yield name, [listener for listener in there.listeners if listener not in known]

    def _flows(self) -> Iterator[tuple[Key, Mapping[str, str]]]:
        for (name, identity), image in self.images.items():
            spec = self.source.scopes[name]
            join = spec.element(identity)
            if isinstance(join, Join):
                here = {key[1]: each for key, each in self.images.items() if key[0] == name}
                yield (name, identity), flows_into(spec, join, self.scopes[name], image, here)

    def _places(
        self, armed: Mapping[Key, Sequence[BoundaryEvent]], raced: Mapping[Key, Sequence[Flow]]
    ) -> Iterator[Place]:
        for spec in self.source.scopes.values():
            for element in spec.elements():
                if not may_hold(element):
                    continue
                key = (spec.name, element.name)
                image = self.images.get(key)
                added = [event.label for event in armed.get(key, ())] + [
                    flow.target.label for flow in raced.get(key, ())
                ]
                yield Place(
                    process_key=spec.process_key,
                    element_id=element.name,
                    name=element.label,
                    kind=element.kind,
                    scope=_scope_label(self.source, spec),
                    target_id=None if image is None else image.name,
                    target_name=None if image is None else image.label,
                    blocks=self.misfits.get(key),
                    dropped=image is None and (id(element) in self.hosts or element.listens),
                    notes=() if image is None else tuple(notes_on(element, image, added)),
                    choices=tuple(self._choices(spec, element)),
                )

    def _choices(self, spec: ProcessSpec, element: Element) -> Iterator[tuple[str, str]]:
        there = self.scopes.get(spec.name)
        if there is None:
            return
        for found in there.elements():
            if may_hold(found) and self._why_not(spec, element, (found, there)) is None:
                yield found.name, found.label


def _hosts(executable: Executable) -> dict[int, Element]:
    """Return to which activity or event-based gateway an event belongs, by the identity of its spec."""
    found: dict[int, Element] = {}
    for spec in executable.scopes.values():
        for element in spec.elements():
            if isinstance(element, Activity):
                found |= {id(event): element for event in element.boundaries}
            if isinstance(element, EventBasedGateway):
                found |= {id(event): element for event in element.following()}
    return found


def _scope_label(executable: Executable, spec: ProcessSpec) -> str | None:
    if spec.is_process:
        return None
    name = spec.name.partition("/")[2]
    for each in executable.scopes.values():
        found = each.element(name) if each.process_key == spec.process_key else None
        if found is not None:
            return str(found.label)
    return str(name)
