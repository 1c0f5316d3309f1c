"""Owns the move of one case: every token to its place in the other version, or none at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from engine.bpmn import interpreter
from engine.bpmn.case.case import Case
from engine.bpmn.case.codec import content_of, decode, packed
from engine.bpmn.case.context import StepContext
from engine.bpmn.case.scope import Scope
from engine.bpmn.case.token import Token
from engine.bpmn.migrating.adjusting import Adjusting
from engine.bpmn.migrating.plan import MigrationPlan, Place
from engine.bpmn.reading.executable import Executable
from engine.bpmn.specs.element import Element
from engine.bpmn.specs.gateways import Join, ParallelGateway
from engine.bpmn.specs.subprocesses import CallActivity
from engine.errors import CannotMove
from engine.types.step import Step

_ID, _ELEMENT, _FLOW = 0, 1, 3
"""Where these stand in a stored token, see engine.bpmn.case.codec."""


def migrate(plan: MigrationPlan, state: bytes, context: StepContext) -> Step:
    """Return the step by which a case moves as `plan` says: each token to its place, ids and data as they were.

    Raises `CannotMove` with a sentence for each token that has no place, `StepFailed` for what cannot be worked out
    with the new version, `BudgetSpent`, `StateRefused`.
    """
    old = decode(state, plan.source, context)
    found = _Places(plan)
    for scope in old.scopes():
        found.look(scope)
    if found.problems:
        raise CannotMove(found.problems)
    case = decode(_rewritten(state, old, found), plan.target, context)
    adjusting = Adjusting(plan, old, case)
    adjusting.all()
    _must_not_starve(plan, old, case)
    for scope in list(case.scopes()):
        for join in {
            token.element: None for token in scope.live.values() if isinstance(token.element, ParallelGateway)
        }:
            while join.pass_on(scope):
                pass
    moved = replace(adjusting.moved(), dropped=tuple(each.element.label for each in found.dropped.values()))
    # The events that the other version does not have are nowhere in the case any more: all that waited is compared.
    return replace(interpreter.step_of(case), migrated=moved, touched=None)


def standing(plan: MigrationPlan, state: bytes, context: StepContext) -> list[Place]:
    """Return the place of `plan` for each token of a case that stands for itself. Raises `StateRefused`."""
    places = {(place.process_key, place.element_id): place for place in plan.places}
    tokens = [token for token in decode(state, plan.source, context).tokens() if not belongs_to_another(token)]
    at = [(token.element.process_key, token.element.name) for token in tokens]
    return [places[each] for each in at if each in places]


@dataclass(slots=True)
class _Places:
    """Where the tokens of one case go: names of elements and flows by token, those that are dropped, what is wrong."""

    plan: MigrationPlan
    elements: dict[UUID, str] = field(default_factory=dict)
    flows: dict[UUID, str | None] = field(default_factory=dict)
    dropped: dict[UUID, Token] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def look(self, scope: Scope) -> None:
        """Find the places of the tokens of one scope."""
        taken: dict[str, Element] = {}
        for token in scope.live.values():
            element = token.element
            key = (scope.spec.name, element.name)
            image = self.plan.images.get(key)
            if image is None:
                if belongs_to_another(token):
                    self.dropped[token.id] = token
                else:
                    self._problem(f"“{element.label}”: {self.plan.misfits[key]}.")
                continue
            if taken.setdefault(image.name, element) is not element:
                self._problem(
                    f"“{element.label}” and “{taken[image.name].label}” would be one element, “{image.label}”."
                )
            self.elements[token.id] = image.name
            self.flows[token.id] = self._flow(scope, token)
        self._no_flow_twice(scope)

    def _flow(self, scope: Scope, token: Token) -> str | None:
        """Return the flow by which the token has come in the other version; it matters at joins only."""
        if token.flow is None or not isinstance(token.element, Join):
            return token.flow
        found = self.plan.flows[scope.spec.name, token.element.name].get(token.flow)
        if found is None:
            self._problem(f"“{token.element.label}”: a token came by the flow {token.flow!r}, which is gone.")
        return found

    def _no_flow_twice(self, scope: Scope) -> None:
        """Refuse to let two flows of a join become one: the second token would wait for another round."""
        came: dict[tuple[str, str | None], str | None] = {}
        for token in scope.live.values():
            if isinstance(token.element, Join) and token.id in self.elements:
                place = self.elements[token.id], self.flows[token.id]
                if came.setdefault(place, token.flow) != token.flow:
                    self._problem(f"“{token.element.label}”: the tokens of two flows would come by the same one.")

    def _problem(self, text: str) -> None:
        if text not in self.problems:
            self.problems.append(text)


def belongs_to_another(token: Token) -> bool:
    """Say whether a token only waits on behalf of another one: at a boundary event, in a race of events.

    Neither does a token that waits for what starts an event sub-process stand for work of the case.
    """
    if token.element.listens:
        return True
    owner = None if token.owner is None else token.scope.live.get(token.owner)
    return owner is not None and owner.element is not token.element


def _rewritten(state: bytes, old: Case, found: _Places) -> bytes:
    """Return the state with the names of the other version in it; a move that changes no name changes no byte."""
    content: dict[str, Any] = content_of(state)
    scopes = {None if scope.host is None else scope.host.id.bytes: scope for scope in old.scopes()}
    for stored in content["scopes"]:
        scope = scopes[stored.get("host")]
        stored["spec"] = found.plan.scopes[scope.spec.name].name
        stored["tokens"] = [each for each in stored["tokens"] if UUID(bytes=each[_ID]) not in found.dropped]
        for token in stored["tokens"]:
            identity = UUID(bytes=token[_ID])
            token[_ELEMENT], token[_FLOW] = found.elements[identity], found.flows[identity]
        if "done" in stored:
            stored["done"] = sorted(_done(found.plan, place) for place in stored["done"])
    return packed(content)


def _done(plan: MigrationPlan, place: str) -> str:
    """Return the place of an activity that was completed, by its name in the other version (see `Scope.mark_done`)."""
    *calls, process, element = place.split("/")[1:]
    key, named = plan.source.key, []
    for call in calls:
        named.append(plan.names.get((key, call), call))
        key = _called(plan.source, key, call)
    return "/".join(["", *named, process, plan.names.get((process, element), element)])


def _called(executable: Executable, process: str, call: str) -> str:
    for spec in executable.scopes.values():
        element = spec.element(call) if spec.process_key == process else None
        if isinstance(element, CallActivity):
            return element.key
    return process


def _must_not_starve(plan: MigrationPlan, old: Case, case: Case) -> None:
    """Refuse a move after which a token would wait for ever at a join, unless it would without the move."""
    were = {(host, plan.images.get((spec.name, join.name))) for host, spec, join in plan.before.starved(old)}
    starved = [join for host, _, join in plan.after.starved(case) if (host, join) not in were]
    if starved:
        raise CannotMove(list(dict.fromkeys(_starving(starved))))


def _starving(joins: list[Element]) -> Iterator[str]:
    for join in sorted(joins, key=lambda each: str(each.name)):
        yield f"A token would wait at “{join.label}” for a branch on which nothing can come any more."
