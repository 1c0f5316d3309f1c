"""Owns the table that says how each kind of flow node is read, and into what; it reads nothing itself."""

from collections.abc import Callable, Mapping
from typing import Final

from engine.bpmn.reading import activities
from engine.bpmn.reading import events as event_readers
from engine.bpmn.reading.event_subprocesses import StartEventReader
from engine.bpmn.reading.nodes import NodeReader
from engine.bpmn.specs import boundary, events, gateways, subprocesses, tasks
from engine.bpmn.specs.element import Element
from engine.bpmn.specs.service import ServiceTask
from engine.bpmn.specs.user_task import UserTask

READERS: Final[Mapping[str, tuple[type[NodeReader], Callable[..., Element]]]] = {
    "startEvent": (StartEventReader, events.StartEvent),
    "endEvent": (event_readers.EndEventReader, events.EndEvent),
    "intermediateCatchEvent": (event_readers.CatchEventReader, events.CatchEvent),
    "intermediateThrowEvent": (event_readers.ThrowEventReader, events.ThrowEvent),
    "boundaryEvent": (event_readers.BoundaryEventReader, boundary.BoundaryEvent),
    "userTask": (activities.UserTaskReader, UserTask),
    "manualTask": (activities.ActivityReader, tasks.ManualTask),
    "task": (activities.ActivityReader, tasks.ManualTask),
    "serviceTask": (activities.ServiceTaskReader, ServiceTask),
    "scriptTask": (activities.ScriptTaskReader, tasks.ScriptTask),
    "businessRuleTask": (activities.RuleTaskReader, tasks.RuleTask),
    "sendTask": (activities.SendTaskReader, tasks.SendTask),
    "receiveTask": (activities.ReceiveTaskReader, tasks.ReceiveTask),
    "subProcess": (activities.SubProcessReader, subprocesses.SubProcess),
    "callActivity": (activities.CallActivityReader, subprocesses.CallActivity),
    "exclusiveGateway": (NodeReader, gateways.ExclusiveGateway),
    "parallelGateway": (NodeReader, gateways.ParallelGateway),
    "inclusiveGateway": (NodeReader, gateways.InclusiveGateway),
    "eventBasedGateway": (NodeReader, gateways.EventBasedGateway),
}
"""How each kind of flow node that runs is read, and into what."""
