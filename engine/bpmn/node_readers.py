"""Owns the reading of each kind of flow node: its attributes, properties and associations become a spec's settings."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser

from engine import feel
from engine.bpmn import elements
from engine.bpmn.document import Document, event_definitions, mappings, message_place
from engine.bpmn.extensions import TRUE, attribute, documentation, form_key, properties
from engine.bpmn.lint.expressions import is_timer_text
from engine.bpmn.lint.scripts import PYTHON
from engine.bpmn.specs import boundary, events, gateways, subprocesses, tasks
from engine.bpmn.specs.element import Drawn, Element
from engine.bpmn.specs.loop import MultiInstance
from engine.bpmn.specs.registers import Registers, Write
from engine.bpmn.specs.sending import Sending
from engine.bpmn.specs.subprocesses import Mapping as DataMapping
from engine.bpmn.specs.triggers import MessageTrigger, TimeTrigger, Trigger
from engine.bpmn.specs.user_task import Assignment, UserTask, pieces
from engine.bpmn.timing import Timer, TimerKind, cycle_of
from engine.bpmn.xml import Element as XmlElement
from engine.bpmn.xml import children_of, line_of, name_of, text_of
from engine.scripting import Script

if TYPE_CHECKING:
    from engine.bpmn.reader import ModelParser, ProcessReader

_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
_WORDS: Final = ("true", "false", "null")
_TIMERS: Final[tuple[TimerKind, ...]] = ("timeDuration", "timeDate", "timeCycle")


class NodeReader(TaskParser):  # type: ignore[misc]  # SpiffWorkflow carries no types
    """Reads one flow node."""

    node: XmlElement
    process_parser: "ProcessReader"
    spec_class: Callable[..., Element]

    @property
    def model(self) -> "ModelParser":
        """Return the parser of the file."""
        return self.process_parser.parser

    @property
    def document(self) -> Document:
        """Return the file."""
        return self.model.document

    def refuse(self, message: str, remedy: str) -> NoReturn:
        """Raise `DefinitionRefused` for this node."""
        self.model.refuse(self.node, message, remedy)

    def parse_node(self) -> Element:
        """Return the spec of the node."""
        settings = self.settings()  # may choose another class
        element = self.spec_class(self.spec, self.drawn(), **settings)
        element.registers = self.registers(element)
        return element

    def drawn(self) -> Drawn:
        """Return how the node stands in the model."""
        return Drawn(
            kind=name_of(self.node),
            id=self.node.get("id") or "",
            name=" ".join((self.node.get("name") or "").split()),
            lane=self.document.lane(self.node),
            line=line_of(self.node),
            documentation=documentation(self.node),
        )

    def settings(self) -> dict[str, Any]:
        """Return what the spec takes beside its place."""
        return {}

    def expression(self, name: str, *, text: bool = False) -> feel.Expression | None:
        """Return the property `name` as an expression, None when there is none; `text` says that it may be literal."""
        source = properties(self.node).get(name)
        if source is None:
            return None
        return feel.text_or_expression(source) if text else feel.parse(feel.to_feel(source))

    def registers(self, element: Element) -> Registers | None:
        """Return the registers that the node reads and writes, None without any."""
        reads, writes = [], []
        for association in self.document.associations(self.node):
            register = self.model.source.registers.get(association.register)
            if register is None:
                self.refuse(f"There is no register {association.register!r}.", "Name one in the data store's property.")
            if association.direction == "read":
                reads.append(register)
                continue
            new = properties(self.node).get(f"{register.key}.new", "false")
            if new not in ("true", "false"):
                self.refuse(f"The property '{register.key}.new' is {new!r}.", "Write true or false.")
            writes.append(
                Write(
                    register,
                    status=self.expression(f"{register.key}.status", text=True),
                    when=self.expression(f"{register.key}.when"),
                    body=self.expression(f"{register.key}.body"),
                    new=new == "true",
                )
            )
        if not reads and not writes:
            return None
        if isinstance(element, gateways.Gateway):
            self.refuse("A gateway neither reads nor writes records.", "Join the data store to an activity.")
        return Registers(element, tuple(dict.fromkeys(reads)), tuple(writes))

    def message_name(self) -> str:
        """Return the name of the message that the node sends or waits for."""
        place = message_place(self.node)
        message = None if place is None else self.document.message(place)
        name = "" if message is None else (message.get("name") or "").strip()
        if not name:
            self.refuse("It names no message.", "Choose a message with a name.")
        return name

    def sending(self) -> Sending:
        """Return the message that the node sends."""
        return Sending(
            self.message_name(),
            destination=self.expression("destination", text=True),
            key=self.expression("correlationKey"),
            payload=self.expression("payload"),
        )

    def message(self) -> MessageTrigger:
        """Return the message that the node waits for."""
        named = properties(self.node)
        return MessageTrigger(self.message_name(), self.expression("correlationKey"), named.get("resultVariable"))

    def timer(self, definition: XmlElement) -> Timer:
        """Return the timer of an event definition."""
        parts = [(kind, text_of(part)) for kind in _TIMERS for part in children_of(definition, kind)]
        if len(parts) != 1 or not parts[0][1]:
            self.refuse("The timer says no time.", "Give it a duration, a date or a cycle.")
        kind, source = parts[0]
        if not is_timer_text(source):
            return Timer(kind, source, feel.parse(feel.to_feel(source)))
        if kind == "timeCycle":
            cycle_of(source, _ANY_TIME)
        else:
            feel.to_instant(source, _ANY_TIME)
        if kind == "timeDate" and source.lstrip("+-").startswith("P"):
            self.refuse("A timer for a date needs a date and time.", "Choose a duration instead.")
        if kind == "timeDuration" and not source.lstrip("+-").startswith("P"):
            self.refuse("A timer for a duration needs a duration.", "Choose a date instead.")
        return Timer(kind, source)

    def trigger(self) -> Trigger:
        """Return what the event waits for."""
        definition = next(event_definitions(self.node))
        if name_of(definition) == "messageEventDefinition":
            return self.message()
        timer = self.timer(definition)
        interrupts = self.node.get("cancelActivity", "true") in TRUE
        if timer.kind == "timeCycle" and (name_of(self.node) != "boundaryEvent" or interrupts):
            self.refuse(elements.CYCLE, "Use a duration or a date.")
        return TimeTrigger(timer)

    def error_code(self, definition: XmlElement) -> str | None:
        """Return the code of the error that an event definition names: its code, else its name, else its id."""
        reference = definition.get("errorRef")
        if not reference:
            return None
        error = self.document.resolve(reference)
        if error is None or name_of(error) != "error":
            self.refuse(f"There is no error {reference!r}.", "Choose an error.")
        return error.get("errorCode") or error.get("name") or error.get("id")


class ActivityReader(NodeReader):
    """Reads what activities have in common."""

    def settings(self) -> dict[str, Any]:
        """Return the multi-instance settings."""
        loops = list(children_of(self.node, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"))
        return {"loop": self.loop(loops[0])} if loops else {}

    def loop(self, node: XmlElement) -> MultiInstance:
        """Return how the activity is repeated."""
        support = elements.support(name_of(node))
        if support.status != "runs":
            self.refuse(support.why, support.remedy)
        kind = name_of(self.node)
        if kind not in elements.MULTI_INSTANCE:
            self.refuse("Such an activity cannot be multi-instance.", "Put it into a multi-instance sub-process.")
        collection = attribute(node, "collection")
        parts = {name_of(part): text_of(part) for part in children_of(node, "loopCardinality", "completionCondition")}
        cardinality, enough = parts.get("loopCardinality"), parts.get("completionCondition")
        if bool(collection) == bool(cardinality):
            self.refuse("A multi-instance activity needs a collection or a cardinality, not both.", "Give exactly one.")
        return MultiInstance(
            sequential=node.get("isSequential") in TRUE,
            collection=feel.parse(feel.to_feel(collection)) if collection else None,
            item=attribute(node, "elementVariable") if collection else None,
            cardinality=feel.parse(feel.to_feel(cardinality)) if cardinality else None,
            enough=feel.parse(feel.to_feel(enough)) if enough else None,
            # On a receive task the property names the variable of what is received.
            results=None if kind == "receiveTask" else properties(self.node).get("resultVariable"),
        )


class UserTaskReader(ActivityReader):
    """Reads a user task."""

    def settings(self) -> dict[str, Any]:
        """Return its form and whose it is."""
        return {
            **super().settings(),
            "form": form_key(self.node),
            "assignment": Assignment(
                assignee=self._attribute("assignee"),
                users=self._attributes("candidateUsers"),
                groups=self._attributes("candidateGroups"),
                due=self._attribute("dueDate"),
                follow_up=self._attribute("followUpDate"),
                priority=self._attribute("priority"),
            ),
            "outcome": self.expression("outcome"),
        }

    def _attribute(self, name: str) -> feel.Expression | None:
        text = attribute(self.node, name)
        return None if text is None else feel.text_or_expression(text)

    def _attributes(self, name: str) -> tuple[feel.Expression, ...]:
        return tuple(feel.text_or_expression(piece) for piece in pieces(attribute(self.node, name) or ""))


class ScriptTaskReader(ActivityReader):
    """Reads a script task."""

    def settings(self) -> dict[str, Any]:
        """Return its script."""
        language = (self.node.get("scriptFormat") or "").strip().lower()
        if language not in PYTHON:
            self.refuse(f"The script format is {language or 'missing'!r}.", "Write python, and the script in it.")
        source = "".join(str(text) for part in children_of(self.node, "script") for text in part.itertext())
        return {**super().settings(), "script": Script.of(source)}


class RuleTaskReader(ActivityReader):
    """Reads a business rule task."""

    def settings(self) -> dict[str, Any]:
        """Return its decision and where the result goes."""
        key, variable = attribute(self.node, "decisionRef"), attribute(self.node, "resultVariable")
        decision = self.model.source.decisions.get(key or "")
        if key is None or decision is None:
            self.refuse(f"There is no decision {key!r}.", "Name one in the decision reference.")
        mode = attribute(self.node, "mapDecisionResult")
        if mode is not None and mode not in elements.BINDINGS["mapDecisionResult"]:
            self.refuse(f"There is no way {mode!r} to map a decision result.", "Choose one that the modeler offers.")
        return {**super().settings(), "decision": decision, "key": key, "variable": variable, "mode": mode}


class SendTaskReader(ActivityReader):
    """Reads a send task."""

    def settings(self) -> dict[str, Any]:
        """Return its message."""
        return {**super().settings(), "sending": self.sending()}


class ReceiveTaskReader(ActivityReader):
    """Reads a receive task."""

    def settings(self) -> dict[str, Any]:
        """Return its message."""
        if self.node.get("instantiate") in TRUE:
            self.refuse("A receive task cannot start a case.", "Use a plain start event.")
        return {**super().settings(), "trigger": self.message()}


class SubProcessReader(ActivityReader):
    """Reads an embedded sub-process and what is in it."""

    def parse_node(self) -> Element:
        """Return the spec of the node, the inner process read."""
        element = super().parse_node()
        assert isinstance(element, subprocesses.SubProcess)  # noqa: S101 - by the table below
        reader = type(self.process_parser)(self.model, self.node, self.nsmap, {}, filename=self.filename)
        element.inner = reader.get_spec()
        return element


class CallActivityReader(ActivityReader):
    """Reads a call activity; the called process is joined to it when all are read."""

    def settings(self) -> dict[str, Any]:
        """Return the process it calls and its mappings."""
        key = (self.node.get("calledElement") or "").strip()
        if not key or feel.is_expression(key):
            self.refuse("It names no process.", "Give the called element's key.")
        found: dict[str, list[DataMapping]] = {"in": [], "out": []}
        for direction, node in mappings(self.node):
            found[direction].append(self.mapping(node))
        return {**super().settings(), "key": key, "into": tuple(found["in"]), "out": tuple(found["out"])}

    def mapping(self, node: XmlElement) -> DataMapping:
        """Return one mapping."""
        if node.get("variables") == "all":
            return DataMapping()
        source, target = node.get("source") or node.get("sourceExpression"), (node.get("target") or "").strip()
        if not source or not target or node.get("local") in TRUE or node.get("businessKey"):
            self.refuse("A mapping needs a source and a target.", "Give both, or variables='all'.")
        expression = feel.parse(feel.to_feel(source))
        plain = source.strip()
        return DataMapping(target, expression, plain if plain.isidentifier() and plain not in _WORDS else None)


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
        """Return the message it sends, if it sends one."""
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


READERS: Final[Mapping[str, tuple[type[NodeReader], Callable[..., Element]]]] = {
    "startEvent": (NodeReader, events.StartEvent),
    "endEvent": (EndEventReader, events.EndEvent),
    "intermediateCatchEvent": (CatchEventReader, events.CatchEvent),
    "intermediateThrowEvent": (ThrowEventReader, events.ThrowEvent),
    "boundaryEvent": (BoundaryEventReader, boundary.BoundaryEvent),
    "userTask": (UserTaskReader, UserTask),
    "manualTask": (ActivityReader, tasks.ManualTask),
    "scriptTask": (ScriptTaskReader, tasks.ScriptTask),
    "businessRuleTask": (RuleTaskReader, tasks.RuleTask),
    "sendTask": (SendTaskReader, tasks.SendTask),
    "receiveTask": (ReceiveTaskReader, tasks.ReceiveTask),
    "subProcess": (SubProcessReader, subprocesses.SubProcess),
    "callActivity": (CallActivityReader, subprocesses.CallActivity),
    "exclusiveGateway": (NodeReader, gateways.ExclusiveGateway),
    "parallelGateway": (NodeReader, gateways.ParallelGateway),
    "inclusiveGateway": (NodeReader, gateways.InclusiveGateway),
    "eventBasedGateway": (NodeReader, gateways.EventBasedGateway),
}
"""How each kind of flow node that runs is read, and into what."""
