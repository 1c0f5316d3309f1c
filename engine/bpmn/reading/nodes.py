"""Owns what the reading of every flow node has in common: place, properties, associations, messages, times."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser

from engine import feel
from engine.bpmn.model import elements
from engine.bpmn.model.document import Document, event_definitions, interrupts, message_place, process_of, signal_place
from engine.bpmn.model.extensions import documentation, names_in, properties
from engine.bpmn.model.timing import TIMERS, Timer, cycle_of, is_timer_text
from engine.bpmn.model.xml import Element as XmlElement
from engine.bpmn.model.xml import children_of, line_of, name_of, text_of
from engine.bpmn.specs import gateways
from engine.bpmn.specs.conditions import ConditionTrigger
from engine.bpmn.specs.element import Drawn, Element
from engine.bpmn.specs.registers import Registers, Write
from engine.bpmn.specs.sending import Sending
from engine.bpmn.specs.signalling import Signalling
from engine.bpmn.specs.triggers import MessageTrigger, SignalTrigger, TimeTrigger, Trigger

if TYPE_CHECKING:
    from engine.bpmn.reading.process import ModelParser, ProcessReader

_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


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
        compared = next(iter(names_in(properties(self.node).get("compare"))), None)
        if not reads and not writes and compared is None:
            return None
        if isinstance(element, gateways.Gateway):
            self.refuse("A gateway neither reads nor writes records.", "Join the data store to an activity.")
        return Registers(element, tuple(dict.fromkeys(reads)), tuple(writes), compared)

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
            live=self.expression("timeToLive", text=True),
        )

    def message(self) -> MessageTrigger:
        """Return the message that the node waits for."""
        named = properties(self.node)
        return MessageTrigger(self.message_name(), self.expression("correlationKey"), named.get("resultVariable"))

    def signal_name(self) -> str:
        """Return the name of the signal that the node throws or waits for."""
        place = signal_place(self.node)
        signal = None if place is None else self.document.signal(place)
        name = "" if signal is None else (signal.get("name") or "").strip()
        if not name:
            self.refuse("It names no signal.", "Choose a signal with a name.")
        return name

    def signalling(self) -> Signalling:
        """Return the signal that the node throws."""
        return Signalling(self.signal_name(), self.expression("payload"))

    def signal(self) -> SignalTrigger:
        """Return the signal that the node waits for."""
        return SignalTrigger(self.signal_name(), properties(self.node).get("resultVariable"))

    def timer(self, definition: XmlElement) -> Timer:
        """Return the timer of an event definition."""
        parts = [(kind, text_of(part)) for kind in TIMERS for part in children_of(definition, kind)]
        if len(parts) != 1 or not parts[0][1]:
            self.refuse("The timer says no time.", "Give it a duration, a date or a cycle.")
        kind, source = parts[0]
        if not is_timer_text(source):
            return Timer(kind, source, feel.parse(feel.to_feel(source)), self.time_zone())
        if kind == "timeCycle":
            cycle_of(source, _ANY_TIME, self.time_zone())
        else:
            feel.to_instant(source, _ANY_TIME)
        if kind == "timeDate" and source.lstrip("+-").startswith("P"):
            self.refuse("A timer for a date needs a date and time.", "Choose a duration instead.")
        if kind == "timeDuration" and not source.lstrip("+-").startswith("P"):
            self.refuse("A timer for a duration needs a duration.", "Choose a date instead.")
        return Timer(kind, source, zone=self.time_zone())

    def time_zone(self) -> str | None:
        """Return the IANA name of the time zone in which the process means cron texts, None: UTC."""
        process = process_of(self.node)
        return None if process is None else properties(process).get("timeZone")

    def condition(self, definition: XmlElement) -> ConditionTrigger:
        """Return the condition that the node waits for."""
        source = "".join(text_of(part) for part in children_of(definition, "condition"))
        if not source:
            self.refuse("The event says no condition.", "Write one in FEEL.")
        return ConditionTrigger(feel.parse(feel.to_feel(source)))

    def trigger(self) -> Trigger:
        """Return what the event waits for."""
        definition = next(event_definitions(self.node))
        if name_of(definition) == "messageEventDefinition":
            return self.message()
        if name_of(definition) == "signalEventDefinition":
            return self.signal()
        if name_of(definition) == "conditionalEventDefinition":
            return self.condition(definition)
        timer = self.timer(definition)
        if timer.kind == "timeCycle" and interrupts(self.node):
            self.refuse(elements.CYCLE, "Use a duration or a date.")
        return TimeTrigger(timer)
