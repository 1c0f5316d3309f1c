"""Owns the gateways (BPMN 2.0.2, 10.6 and 13.4); conditions are asked in the order of the flows in the file."""

from collections.abc import Collection, Iterable, Mapping
from typing import ClassVar

from engine.bpmn.case.scope import Scope
from engine.bpmn.case.token import STARTED, WAITING, Token
from engine.bpmn.specs.element import Element, Flow


class Gateway(Element):
    """A gateway: the log knows it when a token has passed."""

    lasting = False

    def unconditional(self) -> bool:
        """Say whether there is nothing to choose: the only flow goes on."""
        return len(self.flows) == 1 and self.flows[0].condition is None


class ExclusiveGateway(Gateway):
    """Takes the first flow whose condition holds, else the default flow (13.4.2)."""

    def leave(self, token: Token) -> None:
        """Send the token on one flow. Raises `StepFailed` when there is none."""
        if self.unconditional():
            self.send(token, self.flows)
            return
        warnings: list[str] = []
        for flow in self.flows:
            if flow.condition is not None and not flow.default and self.holds(flow, token, warnings):
                self.send(token, [flow])
                return
        default = [flow for flow in self.flows if flow.default]
        if not default and self.flows:
            raise self.no_way(warnings)
        self.send(token, default)


class Join(Gateway):
    """A gateway at which tokens wait for one another."""

    def waiting(self, scope: Scope) -> dict[str | None, list[Token]]:
        """Return the tokens that wait here, by the flow they came by, oldest first."""
        found: dict[str | None, list[Token]] = {}
        for token in scope.live.at(self):
            if token.state == WAITING:
                found.setdefault(token.flow, []).append(token)
        return found

    def unite(self, scope: Scope, tokens: Iterable[Token]) -> None:
        """Make one token of `tokens` and let it be run; other tokens at the same flows stay (13.4.1).

        It has seen what any of them has.
        """
        first, *others = tokens
        for other in others:
            scope.absorb(other)
            first.unseen = {name: seen for name, seen in first.unseen.items() if name in other.unseen}
        if scope.live.count_at(self) == 1 and all(each is self or each.listens for each in scope.live.elements()):
            first.unseen = {}
        first._ready()  # noqa: SLF001 - as SpiffWorkflow's own specs do


class ParallelGateway(Join):
    """Waits for one token on each incoming flow; sends one on each outgoing flow (13.4.1)."""

    def enter(self, token: Token) -> None:
        """Wait, and go on as soon as every flow has brought a token."""
        token._set_state(WAITING)  # noqa: SLF001 - as SpiffWorkflow's own specs do
        self.pass_on(token.scope)

    def pass_on(self, scope: Scope) -> bool:
        """Go on if every flow has brought a token, and say whether it does."""
        here = self.waiting(scope)
        if not here or not (all(flow in here for flow in self.incoming) or len(self.incoming) < 2):
            return False
        self.unite(scope, [tokens[0] for tokens in here.values()])
        return True

    def leave(self, token: Token) -> None:
        """Send a token on every flow."""
        self.send(token, self.flows)


class InclusiveGateway(Join):
    """Waits for the tokens that can still come; sends one on each flow whose condition holds (13.4.3).

    `reach` has, for each incoming flow, the ids of the elements from which a token can still get to that flow without
    passing this gateway; boundary events count as ways out of their activity. Events that wait on behalf of a token
    elsewhere, of which they would take the place, are none of them: that token counts. `instead` leaves out boundary
    events that do not interrupt: what they send goes there beside the token of the activity, which goes its own way.
    """

    joins_late: ClassVar[bool] = True
    reach: Mapping[str, frozenset[str]]
    instead: Mapping[str, frozenset[str]]

    def enter(self, token: Token) -> None:
        """Wait: whether to go on is asked when nothing else can move."""
        if len(self.incoming) < 2:
            super().enter(token)
        else:
            token._set_state(WAITING)  # noqa: SLF001 - as SpiffWorkflow's own specs do

    def release(self, scope: Scope) -> bool:
        """Go on if every token that can reach an empty flow could as well reach one that has a token."""
        here = self.waiting(scope)
        elsewhere = {element.name for element in scope.live.elements() if element is not self}
        if not here or self.may_still_get(here, elsewhere):
            return False
        self.unite(scope, [tokens[0] for tokens in here.values()])
        return True

    def may_still_get(self, full: Collection[str | None], elsewhere: Collection[str]) -> bool:
        """Say whether a token at one of the elements `elsewhere` (ids) is to be waited for; flows `full` have one."""
        instead = frozenset[str]().union(*(self.instead[flow] for flow in self.incoming if flow in full))
        empty = frozenset[str]().union(*(self.reach[flow] for flow in self.incoming if flow not in full))
        return not (empty - instead).isdisjoint(elsewhere)

    def leave(self, token: Token) -> None:
        """Send tokens. Raises `StepFailed` when no flow can be taken."""
        warnings: list[str] = []
        chosen: list[Flow] = [
            flow
            for flow in self.flows
            if not flow.default and (flow.condition is None or self.holds(flow, token, warnings))
        ]
        chosen = chosen or [flow for flow in self.flows if flow.default]
        if not chosen and self.flows:
            raise self.no_way(warnings)
        self.send(token, chosen)


class EventBasedGateway(Gateway):
    """Waits for the first of several events (10.6.6): each is a token of its own, with its own time or message."""

    lasting = True

    def enter(self, token: Token) -> None:
        """Let every event that follows wait; the token here waits for one of them to win."""
        token._set_state(STARTED)  # noqa: SLF001 - as SpiffWorkflow's own specs do
        for flow in self.flows:
            self.await_event(token, flow)

    def await_event(self, token: Token, flow: Flow) -> None:
        """Let the event that follows by `flow` wait on behalf of the token here."""
        event = token.scope.case.spawn(token.scope, flow.target, token, flow)
        event.owner = token.id
        event.arrive()

    def leave(self, token: Token) -> None:
        """Cancel the events that did not come; the one that did goes on by itself."""
        self.cancelled(token)

    def cancelled(self, token: Token) -> None:
        """Cancel the events that belong to the token."""
        for other in token.scope.live.of(token.id):
            other.cancel()


def race_won(token: Token) -> None:
    """Settle the race at an event-based gateway, if `token` ran in one."""
    gateway = None if token.owner is None else token.scope.live.get(token.owner)
    if gateway is not None and isinstance(gateway.element, EventBasedGateway):
        token.owner = None
        gateway.complete()
