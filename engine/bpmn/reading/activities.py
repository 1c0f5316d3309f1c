"""Owns the reading of activities: what each kind of task, sub-process and call takes from the model."""

from typing import Any, Final

from engine import feel
from engine.bpmn.case.case import MAX_NESTING
from engine.bpmn.model import data_objects, elements, retries
from engine.bpmn.model.camunda_names import BINDINGS
from engine.bpmn.model.document import is_event_subprocess, mappings
from engine.bpmn.model.extensions import TRUE, attribute, form_key, properties
from engine.bpmn.model.scripts import PYTHON
from engine.bpmn.model.xml import Element as XmlElement
from engine.bpmn.model.xml import children_of, name_of, text_of
from engine.bpmn.reading import parameters
from engine.bpmn.reading.event_subprocesses import attach
from engine.bpmn.reading.nodes import NodeReader
from engine.bpmn.specs import subprocesses
from engine.bpmn.specs.activity import DataObject, DataObjects
from engine.bpmn.specs.element import Element
from engine.bpmn.specs.event_subprocess import EventSubProcess
from engine.bpmn.specs.loop import MultiInstance
from engine.bpmn.specs.standard_loop import StandardLoop, is_maximum
from engine.bpmn.specs.subprocesses import Mapping
from engine.bpmn.specs.user_task import Assignment, pieces
from engine.scripting import Script

_WORDS: Final = ("true", "false", "null")


class ActivityReader(NodeReader):
    """Reads what activities have in common."""

    def settings(self) -> dict[str, Any]:
        """Return how it is repeated, its parameters, and the data objects that it reads, writes and owns."""
        for problem in parameters.problems(self.node):
            self.model.refuse(problem.element, problem.message, problem.remedy)
        loops = list(children_of(self.node, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"))
        uses = list(data_objects.uses(self.document, self.node))
        return {
            "loop": self.loop(loops[0]) if loops else None,
            "mappings": parameters.read(self.node),
            "objects": DataObjects(
                reads=tuple(DataObject(use.variable, use.name) for use in uses if use.direction == "read"),
                writes=tuple(DataObject(use.variable, use.name) for use in uses if use.direction == "write"),
                own=tuple(data_objects.drawn_in(self.document, self.node)),
            ),
        }

    def loop(self, node: XmlElement) -> MultiInstance | StandardLoop:
        """Return how the activity is repeated."""
        if name_of(node) == "standardLoopCharacteristics":
            return self.standard_loop(node)
        return self.multi_instance(node)

    def standard_loop(self, node: XmlElement) -> StandardLoop:
        """Return the loop of an activity that is done again and again."""
        condition = next((text_of(part) for part in children_of(node, "loopCondition")), "")
        maximum = (node.get("loopMaximum") or "").strip()
        if not condition and not maximum:
            self.refuse("The loop has neither a condition nor a maximum.", "Give it a condition, so that it ends.")
        if maximum and not is_maximum(maximum):
            self.refuse(f"The loop's maximum is {maximum[:80]!r}.", "Write a whole number from 1.")
        return StandardLoop(
            condition=feel.parse(feel.to_feel(condition)) if condition else None,
            before=node.get("testBefore") in TRUE,
            maximum=int(maximum) if maximum else None,
        )

    def multi_instance(self, node: XmlElement) -> MultiInstance:
        """Return how many instances of the activity there are."""
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
            "completed_by": properties(self.node).get("completedBy"),
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
        if mode is not None and mode not in BINDINGS["mapDecisionResult"]:
            self.refuse(f"There is no way {mode!r} to map a decision result.", "Choose one that the modeler offers.")
        return {**super().settings(), "decision": decision, "key": key, "variable": variable, "mode": mode}


class ServiceTaskReader(ActivityReader):
    """Reads a service task."""

    def settings(self) -> dict[str, Any]:
        """Return its operation, where the result goes, and when a call that failed is tried again."""
        named = properties(self.node)
        if "operation" not in named:
            self.refuse(
                "It names no operation.", "Set the property operation; the page Operations lists what there is."
            )
        try:
            waits = retries.of(self.node)
        except retries.NotRetries as error:
            self.model.refuse(retries.element_of(self.node), f"The retries: {error}.", "Write R3/PT10M or PT1M,PT10M.")
        settings = super().settings()
        collected = settings["loop"] is not None and settings["loop"].collects
        variable = None if collected else named.get("resultVariable")  # of many instances it names the list
        return {**settings, "operation": named["operation"], "variable": variable, "retries": waits}


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
        if sum(1 for _ in self.node.iterancestors(self.node.tag)) >= MAX_NESTING:
            self.refuse(f"Sub-processes stand more than {MAX_NESTING} deep in one another.", "Call a process instead.")
        if is_event_subprocess(self.node):
            self.spec_class = EventSubProcess
        element = super().parse_node()
        assert isinstance(element, subprocesses.SubProcess)  # noqa: S101 - by the table below
        reader = type(self.process_parser)(self.model, self.node, self.nsmap, {}, filename=self.filename)
        element.inner = reader.get_spec()
        if isinstance(element, EventSubProcess):
            attach(self.spec, element)
        return element


class CallActivityReader(ActivityReader):
    """Reads a call activity; the called process is joined to it when all are read."""

    def settings(self) -> dict[str, Any]:
        """Return the process it calls and its mappings."""
        key = (self.node.get("calledElement") or "").strip()
        if not key or feel.is_expression(key):
            self.refuse("It names no process.", "Give the called element's key.")
        found: dict[str, list[Mapping]] = {"in": [], "out": []}
        for direction, node in mappings(self.node):
            found[direction].append(self.mapping(node))
        return {**super().settings(), "key": key, "into": tuple(found["in"]), "out": tuple(found["out"])}

    def mapping(self, node: XmlElement) -> Mapping:
        """Return one mapping."""
        if node.get("variables") == "all":
            return Mapping()
        source, target = node.get("source") or node.get("sourceExpression"), (node.get("target") or "").strip()
        if not source or not target or node.get("local") in TRUE or node.get("businessKey"):
            self.refuse("A mapping needs a source and a target.", "Give both, or variables='all'.")
        expression = feel.parse(feel.to_feel(source))
        plain = source.strip()
        return Mapping(target, expression, plain if plain.isidentifier() and plain not in _WORDS else None)
