"""Owns the reading of event sub-processes: what starts them, and the listener for it in the scope around."""

from dataclasses import replace
from typing import Any

from engine.bpmn.model.document import event_definitions, interrupts, is_event_subprocess
from engine.bpmn.model.xml import bpmn, name_of
from engine.bpmn.reading.nodes import NodeReader
from engine.bpmn.reading.throws import caught_by
from engine.bpmn.specs.activity import Activity
from engine.bpmn.specs.event_subprocess import EventStart, EventSubProcess, Listener
from engine.bpmn.specs.process import ProcessSpec
from engine.bpmn.specs.triggers import TimeTrigger, Trigger


class StartEventReader(NodeReader):
    """Reads a start event; in an event sub-process it says what starts that."""

    def settings(self) -> dict[str, Any]:
        """Return what an event sub-process waits for or catches, and whether it interrupts."""
        around = self.node.getparent()
        if around is None or not is_event_subprocess(around):
            return {"trigger": self.begins_case()}
        self.spec_class = EventStart
        definition = next(event_definitions(self.node))
        catches = caught_by(self, definition)
        return {
            "interrupts": interrupts(self.node),
            "catches": catches,
            "trigger": None if catches is not None else self.trigger(),
        }

    def begins_case(self) -> Trigger | None:
        """Return what starts a case of the process here, None for a plain start event."""
        definition = next(event_definitions(self.node), None)
        if definition is None:
            return None
        around = self.node.getparent()
        if around is None or around.tag != bpmn("process"):
            self.refuse(
                "A sub-process begins when a token comes to it, not by an event.", "Draw a plain start event there."
            )
        if name_of(definition) != "timerEventDefinition":
            return self.signal() if name_of(definition) == "signalEventDefinition" else self.message()
        timer = self.timer(definition)
        if timer.expression is not None:
            self.refuse(
                "The time at which cases start is an expression, but there are no data before there is a case.",
                "Write a duration, a date, a repetition or a cron text.",
            )
        return TimeTrigger(timer)


def attach(spec: ProcessSpec, element: EventSubProcess) -> None:
    """Let the event sub-process `element`, which has been read with what is in it, start within `spec`."""
    begins = element.inner.entry
    assert isinstance(begins, EventStart)  # noqa: S101 - by the reader above
    element.begins = begins
    spec.handlers = (*spec.handlers, element)
    if begins.trigger is not None:
        drawn = replace(begins.drawn, name=begins.drawn.name or element.drawn.name)
        spec.listeners = (*spec.listeners, Listener(spec, drawn, handler=element, trigger=begins.trigger))


def misplaced(element: Activity) -> str | None:
    """Return why an event sub-process cannot stand as it is drawn, None when it can."""
    if element.flows or element.incoming:
        return "A sequence flow leads into an event sub-process, or out of it."
    if element.boundaries or element.catchers:
        return "A boundary event is on an event sub-process."
    return "An event sub-process is multi-instance." if element.has_instances else None
