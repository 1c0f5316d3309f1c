"""Owns the reading of events: what they wait for or throw, and whether a boundary event interrupts."""

from typing import Any

from engine.bpmn.document import event_definitions, message_place, signal_place
from engine.bpmn.extensions import TRUE
from engine.bpmn.node_readers import NodeReader
from engine.bpmn.specs import boundary, events
from engine.bpmn.xml import name_of


class CatchEventReader(NodeReader):
    """Reads an intermediate catch event."""

    def settings(self) -> dict[str, Any]:
        """Return what it waits for."""
        return {"trigger": self.trigger()}


class BoundaryEventReader(NodeReader):
    """Reads a boundary event."""

    def settings(self) -> dict[str, Any]:
        """Return what it waits for, and whether it interrupts."""
        definition = next(event_definitions(self.node))
        interrupts = self.node.get("cancelActivity", "true") in TRUE
        if name_of(definition) == "errorEventDefinition":
            if not interrupts:
                self.refuse("An error always interrupts its activity.", "Draw the boundary event with a solid line.")
            self.spec_class = boundary.ErrorBoundaryEvent
            return {"code": self.error_code(definition)}
        return {"trigger": self.trigger(), "interrupts": interrupts}


class ThrowEventReader(NodeReader):
    """Reads an intermediate throw event."""

    def settings(self) -> dict[str, Any]:
        """Return the message or signal it sends, if it sends one."""
        if signal_place(self.node) is not None:
            return {"sending": self.signalling()}
        return {"sending": self.sending()} if message_place(self.node) is not None else {}


class EndEventReader(ThrowEventReader):
    """Reads an end event."""

    def settings(self) -> dict[str, Any]:
        """Return what it does at the end."""
        definition = next(event_definitions(self.node), None)
        kind = None if definition is None else name_of(definition)
        if kind == "terminateEventDefinition":
            self.spec_class = events.TerminateEndEvent
        elif definition is not None and kind == "errorEventDefinition":
            self.spec_class = events.ErrorEndEvent
            return {"code": self.error_code(definition)}
        return super().settings()
