"""Owns the reading of events: what they wait for or throw, and whether a boundary event interrupts."""

from typing import Any, ClassVar

from engine.bpmn.model.document import event_definitions, interrupts, message_place, signal_place
from engine.bpmn.model.links import link_name
from engine.bpmn.model.xml import name_of
from engine.bpmn.reading.nodes import NodeReader
from engine.bpmn.reading.throws import caught_by, thrown_by
from engine.bpmn.specs import boundary, events
from engine.bpmn.specs.link import LinkCatchEvent


class CatchEventReader(NodeReader):
    """Reads an intermediate catch event."""

    def settings(self) -> dict[str, Any]:
        """Return what it waits for; a link waits for nothing."""
        if link_name(self.node) is not None:
            self.spec_class = LinkCatchEvent
            return {}
        return {"trigger": self.trigger()}


class BoundaryEventReader(NodeReader):
    """Reads a boundary event."""

    def settings(self) -> dict[str, Any]:
        """Return what it waits for, and whether it interrupts."""
        catches = caught_by(self, next(event_definitions(self.node)))
        if catches is not None:
            self.spec_class = boundary.CatchingBoundaryEvent
            return {"catches": catches, "interrupts": interrupts(self.node)}
        return {"trigger": self.trigger(), "interrupts": interrupts(self.node)}


class ThrowEventReader(NodeReader):
    """Reads an intermediate throw event."""

    escalating: ClassVar[type[events.ThrowEvent]] = events.EscalationThrowEvent

    def settings(self) -> dict[str, Any]:
        """Return the message or signal it sends, or the escalation it throws, if there is one."""
        definition = next(event_definitions(self.node), None)
        if definition is not None and name_of(definition) == "escalationEventDefinition":
            self.spec_class = self.escalating
            return thrown_by(self, definition)
        if signal_place(self.node) is not None:
            return {"sending": self.signalling()}
        return {"sending": self.sending()} if message_place(self.node) is not None else {}


class EndEventReader(ThrowEventReader):
    """Reads an end event."""

    escalating = events.EscalationEndEvent

    def settings(self) -> dict[str, Any]:
        """Return what it does at the end."""
        definition = next(event_definitions(self.node), None)
        kind = None if definition is None else name_of(definition)
        if kind == "terminateEventDefinition":
            self.spec_class = events.TerminateEndEvent
        elif definition is not None and kind == "errorEventDefinition":
            self.spec_class = events.ErrorEndEvent
            return thrown_by(self, definition)
        return super().settings()
