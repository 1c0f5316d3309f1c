"""Owns the spec of one process or sub-process: its flow nodes by id; it knows no kind of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.bpmn.specs.element import Element

if TYPE_CHECKING:
    from engine.bpmn.specs.event_subprocess import EventSubProcess, Listener
    from engine.bpmn.specs.events import StartEvent

ROOT: Final = " root"
"""Name of the node that SpiffWorkflow asks of a workflow. No element can have it: an XML id holds no space."""


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]  # SpiffWorkflow carries no types
    """A process, or a sub-process of it, that can run. `entry` is its plain start event.

    `starts` are all its start events: `entry` is one with an event where there is no plain one.

    `handlers` are its event sub-processes, `listeners` what waits for those that are not started by a throw.
    """

    entry: "StartEvent"
    starts: "Sequence[StartEvent]"
    handlers: "Sequence[EventSubProcess]" = ()
    listeners: "Sequence[Listener]" = ()

    def __init__(self, name: str, process_key: str, file: str, *, is_process: bool) -> None:
        # Not BpmnProcessSpec.__init__: it adds nodes named Start and End, with which elements of these ids collide.
        WorkflowSpec.__init__(self, name=name, filename=file)
        self.process_key, self.is_process = process_key, is_process
        self.start = BpmnStartTask(self, ROOT)
        self.data_objects: dict[str, object] = {}
        self.bpmn_start_events: list[Element] = []

    def element(self, element_id: str) -> Element | None:
        """Return the flow node with this id, or None."""
        found = self.task_specs.get(element_id)
        return found if isinstance(found, Element) else None

    def elements(self) -> list[Element]:
        """Return the flow nodes in document order."""
        return [spec for spec in self.task_specs.values() if isinstance(spec, Element)]
