"""One model in which every rule of the lint has something to look at and finds nothing, and the catalog beside it."""

from collections.abc import Collection
from typing import ClassVar

from engine.bpmn.catalog import RegisterFacts
from engine.bpmn.lint import lint
from engine.bpmn.model.facts import ProcessFacts
from engine.forms_protocol import FormRead
from engine.operations import Input, Operation, Output
from engine.types import Finding

ORDER = Operation(
    "order",
    "Order",
    "Orders things.",
    lambda what, count, day, notes: None,  # noqa: ARG005
    [
        Input("what", "text", "What to order."),
        Input("count", "number", "How many.", default=1),
        Input("day", "date", "By when.", default=None),
        Input("notes", "list", "What else to say.", default=None),
    ],
    [Output("number", "text", "The order's number.")],
    pure=True,
)

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:modeler="http://camunda.org/schema/modeler/1.0"
    id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn" exporter="Camunda Modeler" exporterVersion="5.31.0"
    modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.23.0">
"""

GOOD = (
    HEAD
    + """
  <bpmn:message id="Message_Reply" name="supplier_reply" />
  <bpmn:message id="Message_Ask" name="supplier_question" />
  <bpmn:error id="Error_1" name="No stock" errorCode="no_stock" />
  <bpmn:collaboration id="Collaboration_1">
    <bpmn:participant id="Participant_1" name="Handle a need" processRef="needs" />
    <bpmn:participant id="Participant_2" name="Supplier" />
    <bpmn:messageFlow id="Flow_M" sourceRef="Participant_2" targetRef="Wait" />
  </bpmn:collaboration>
  <bpmn:process id="needs" isExecutable="true" camunda:candidateStarterGroups="staff" camunda:historyTimeToLive="180">
    <bpmn:documentation>From a need to an answer.</bpmn:documentation>
    <bpmn:extensionElements>
      <camunda:properties>
        <camunda:property name="ownerGroup" value="owners" />
        <camunda:property name="title" value="=title" />
      </camunda:properties>
    </bpmn:extensionElements>
    <bpmn:laneSet id="LaneSet_1">
      <bpmn:lane id="Lane_1" name="Analyst">
        <bpmn:flowNodeRef>Capture</bpmn:flowNodeRef>
      </bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="Begin" name="Need" camunda:formRef="need" camunda:formRefBinding="latest">
      <bpmn:outgoing>F1</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:sequenceFlow id="F1" sourceRef="Begin" targetRef="Capture" />
    <bpmn:userTask id="Capture" name="Capture the need" camunda:formRef="capture" camunda:candidateGroups="staff"
        camunda:dueDate="P3D" camunda:priority="60">
      <bpmn:extensionElements>
        <camunda:properties>
          <camunda:property name="outcome" value="class" />
          <camunda:property name="stakeholder_needs.status" value="captured" />
          <camunda:property name="stakeholder_needs.when" value="amount &gt; 0" />
        </camunda:properties>
      </bpmn:extensionElements>
      <bpmn:property id="Property_1" name="__targetRef_placeholder" />
      <bpmn:dataInputAssociation id="Read_1">
        <bpmn:sourceRef>Store_2</bpmn:sourceRef>
        <bpmn:targetRef>Property_1</bpmn:targetRef>
      </bpmn:dataInputAssociation>
      <bpmn:dataOutputAssociation id="Write_1">
        <bpmn:targetRef>Store_1</bpmn:targetRef>
      </bpmn:dataOutputAssociation>
    </bpmn:userTask>
    <bpmn:boundaryEvent id="Late" name="Late" cancelActivity="false" attachedToRef="Capture">
      <bpmn:timerEventDefinition id="Timer_1">
        <bpmn:timeCycle xsi:type="bpmn:tFormalExpression">R3/P1D</bpmn:timeCycle>
      </bpmn:timerEventDefinition>
    </bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="F2" sourceRef="Late" targetRef="Remind" />
    <bpmn:sendTask id="Remind" name="Remind" messageRef="Message_Ask">
      <bpmn:extensionElements>
        <camunda:properties>
          <camunda:property name="destination" value="supplier" />
          <camunda:property name="payload" value="{ title: title }" />
        </camunda:properties>
      </bpmn:extensionElements>
    </bpmn:sendTask>
    <bpmn:sequenceFlow id="F3" sourceRef="Remind" targetRef="Reminded" />
    <bpmn:endEvent id="Reminded" name="Reminded" />
    <bpmn:sequenceFlow id="F4" sourceRef="Capture" targetRef="Rate" />
    <bpmn:businessRuleTask id="Rate" name="Rate" camunda:decisionRef="rating" camunda:resultVariable="rating"
        camunda:mapDecisionResult="singleEntry" />
    <bpmn:sequenceFlow id="F5" sourceRef="Rate" targetRef="Which" />
    <bpmn:exclusiveGateway id="Which" name="Which way?" default="F7" />
    <bpmn:sequenceFlow id="F6" sourceRef="Which" targetRef="Split">
      <bpmn:conditionExpression
        xsi:type="bpmn:tFormalExpression">${rating == 'high' &amp;&amp; amount &gt; 10}</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="F7" sourceRef="Which" targetRef="Sum" />
    <bpmn:scriptTask id="Sum" name="Sum up" scriptFormat="python">
      <bpmn:script>total = amount * 2</bpmn:script>
    </bpmn:scriptTask>
    <bpmn:sequenceFlow id="F8" sourceRef="Sum" targetRef="Either" />
    <bpmn:eventBasedGateway id="Either" />
    <bpmn:sequenceFlow id="F9" sourceRef="Either" targetRef="Wait" />
    <bpmn:intermediateCatchEvent id="Wait" name="Reply">
      <bpmn:extensionElements>
        <camunda:properties>
          <camunda:property name="correlationKey" value="title" />
          <camunda:property name="resultVariable" value="reply" />
          <camunda:property name="form" value="reply" />
        </camunda:properties>
      </bpmn:extensionElements>
      <bpmn:messageEventDefinition id="Message_1" messageRef="Message_Reply" />
    </bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="F10" sourceRef="Either" targetRef="Pause" />
    <bpmn:intermediateCatchEvent id="Pause" name="A while">
      <bpmn:timerEventDefinition id="Timer_2">
        <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT1H</bpmn:timeDuration>
      </bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="F11" sourceRef="Wait" targetRef="Call" />
    <bpmn:sequenceFlow id="F12" sourceRef="Pause" targetRef="Call" />
    <bpmn:callActivity id="Call" name="Deliver" calledElement="delivery" camunda:calledElementBinding="deployment">
      <bpmn:extensionElements>
        <camunda:in source="title" target="title" />
        <camunda:out sourceExpression="=title" target="delivered" />
      </bpmn:extensionElements>
    </bpmn:callActivity>
    <bpmn:boundaryEvent id="Failed" name="No stock" attachedToRef="Call">
      <bpmn:errorEventDefinition id="ErrorDefinition_1" errorRef="Error_1" />
    </bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="F13" sourceRef="Failed" targetRef="Done" />
    <bpmn:sequenceFlow id="F14" sourceRef="Call" targetRef="Done" />
    <bpmn:parallelGateway id="Split" />
    <bpmn:sequenceFlow id="F15" sourceRef="Split" targetRef="Ask" />
    <bpmn:sequenceFlow id="F16" sourceRef="Split" targetRef="Inside" />
    <bpmn:userTask id="Ask" name="Ask each" camunda:formRef="capture" camunda:assignee="=reviewer">
      <bpmn:dataOutputAssociation id="Write_2">
        <bpmn:targetRef>Store_1</bpmn:targetRef>
      </bpmn:dataOutputAssociation>
      <bpmn:multiInstanceLoopCharacteristics isSequential="true"
        camunda:collection="reviewers" camunda:elementVariable="reviewer" />
    </bpmn:userTask>
    <bpmn:subProcess id="Inside" name="Look closer">
      <bpmn:startEvent id="InnerBegin" />
      <bpmn:sequenceFlow id="I1" sourceRef="InnerBegin" targetRef="Look" />
      <bpmn:manualTask id="Look" name="Look" />
      <bpmn:sequenceFlow id="I2" sourceRef="Look" targetRef="InnerDone" />
      <bpmn:endEvent id="InnerDone" />
    </bpmn:subProcess>
    <bpmn:sequenceFlow id="F17" sourceRef="Ask" targetRef="Join" />
    <bpmn:sequenceFlow id="F18" sourceRef="Inside" targetRef="Join" />
    <bpmn:parallelGateway id="Join" />
    <bpmn:sequenceFlow id="F19" sourceRef="Join" targetRef="Done" />
    <bpmn:endEvent id="Done" name="Answered" />
    <bpmn:dataStoreReference id="Store_1" name="Stakeholder Needs" />
    <bpmn:dataStoreReference id="Store_2" name="The plan">
      <bpmn:extensionElements>
        <camunda:properties>
          <camunda:property name="register" value="framework" />
        </camunda:properties>
      </bpmn:extensionElements>
    </bpmn:dataStoreReference>
    <bpmn:textAnnotation id="Note"><bpmn:text>A note.</bpmn:text></bpmn:textAnnotation>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_1">
    <bpmndi:BPMNPlane id="Plane_1" bpmnElement="Collaboration_1" />
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
)


class Shelf:
    """A catalog that holds what `GOOD` names."""

    forms: ClassVar[dict[str, tuple[str, ...]]] = {
        "need": ("title", "amount"),
        "capture": ("class", "reviewers"),
        "reply": ("text",),
    }
    reads: ClassVar[dict[str, tuple[FormRead, ...]]] = {
        "capture": (FormRead("amount", "text", "text", "Field_amount", line=7),)
    }
    decisions: ClassVar[dict[str, Collection[Collection[str]]]] = {"rating": (("amount",), ("Class of need", "class"))}
    begun: ClassVar[dict[str, tuple[str, ...]]] = {}
    registers = (
        RegisterFacts(
            "stakeholder_needs", "need", ("title",), statuses=("captured", "accepted"), name="Stakeholder Needs"
        ),
        RegisterFacts("framework", "framework", singleton=True, name="Framework"),
    )

    def form_exists(self, key: str) -> bool:
        return key in self.forms

    def form_fields(self, key: str) -> Collection[str] | None:
        return self.forms.get(key)

    def form_file(self, key: str) -> str | None:
        return f"{key}.form" if key in self.forms else None

    def form_reads(self, key: str) -> Collection[FormRead]:
        return self.reads.get(key, ())

    def decision_exists(self, key: str) -> bool:
        return key in self.decisions

    def decision_inputs(self, key: str) -> Collection[Collection[str]] | None:
        return self.decisions.get(key)

    def deployed_processes(self) -> Collection[ProcessFacts]:
        return ()

    def begun_with(self, key: str) -> Collection[str]:
        return self.begun.get(key, ())

    def process_exists(self, key: str) -> bool:
        return key == "delivery"

    def register(self, key_or_name: str) -> RegisterFacts | None:
        return next((found for found in self.registers if key_or_name in (found.key, found.name)), None)

    def operation(self, name: str) -> Operation | None:
        return ORDER if name == "order" else None

    def group_exists(self, key: str) -> bool:
        return key in ("staff", "owners")


def findings_in(model: str | bytes, **others: str) -> list[Finding]:
    """Lint one model, `needs.bpmn`, and others by keyword (`other` is `other.bpmn`)."""
    files = {"needs.bpmn": model if isinstance(model, bytes) else model.encode()}
    files |= {f"{name}.bpmn": text.encode() for name, text in others.items()}
    return lint(files, Shelf())


def changed(old: str, new: str, model: str = GOOD) -> str:
    """Return the model with one place changed; the place must be there, and once."""
    assert model.count(old) == 1, f"{old!r} stands {model.count(old)} times in the model"
    return model.replace(old, new)


def process(body: str, attributes: str = 'camunda:candidateStarterGroups="staff"') -> str:
    """Return a model whose process `p` holds `body`."""
    owner = '<camunda:properties><camunda:property name="ownerGroup" value="owners" /></camunda:properties>'
    return (
        f'{HEAD}<bpmn:process id="p" name="P" isExecutable="true" {attributes}>'
        f"<bpmn:extensionElements>{owner}</bpmn:extensionElements>{body}</bpmn:process></bpmn:definitions>"
    )


def flow(source: str, target: str, condition: str = "") -> str:
    """Return a sequence flow `source-target`, with a condition if one is given."""
    inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return f'<bpmn:sequenceFlow id="{source}-{target}" {ends}>{inner}</bpmn:sequenceFlow>'


SERVICE = process(
    """
    <bpmn:startEvent id="s" />
    <bpmn:dataObject id="Object_1" />
    <bpmn:dataObjectReference id="Data_1" name="Purchase order" dataObjectRef="Object_1" />
    <bpmn:serviceTask id="Order" name="Order it">
      <bpmn:extensionElements>
        <camunda:properties>
          <camunda:property name="operation" value="order" />
          <camunda:property name="resultVariable" value="ordered" />
        </camunda:properties>
        <camunda:failedJobRetryTimeCycle>R3/PT10M</camunda:failedJobRetryTimeCycle>
        <camunda:inputOutput>
          <camunda:inputParameter name="what">chairs</camunda:inputParameter>
          <camunda:inputParameter name="count">2</camunda:inputParameter>
          <camunda:inputParameter name="day">2026-03-02</camunda:inputParameter>
          <camunda:inputParameter name="notes">
            <camunda:list><camunda:value>soon</camunda:value></camunda:list>
          </camunda:inputParameter>
          <camunda:outputParameter name="purchase_order">${number}</camunda:outputParameter>
        </camunda:inputOutput>
      </bpmn:extensionElements>
      <bpmn:dataOutputAssociation id="Write_1"><bpmn:targetRef>Data_1</bpmn:targetRef></bpmn:dataOutputAssociation>
      <bpmn:standardLoopCharacteristics>
        <bpmn:loopCondition>loopCounter &lt; 2</bpmn:loopCondition>
      </bpmn:standardLoopCharacteristics>
    </bpmn:serviceTask>
    <bpmn:intermediateThrowEvent id="Out" name="Far">
      <bpmn:linkEventDefinition id="L1" name="far" />
    </bpmn:intermediateThrowEvent>
    <bpmn:intermediateCatchEvent id="In" name="Far">
      <bpmn:linkEventDefinition id="L2" name="far" />
    </bpmn:intermediateCatchEvent>
    <bpmn:manualTask id="Count" name="Count them">
      <bpmn:property id="Place_1" name="__targetRef_placeholder" />
      <bpmn:dataInputAssociation id="Read_1">
        <bpmn:sourceRef>Data_1</bpmn:sourceRef>
        <bpmn:targetRef>Place_1</bpmn:targetRef>
      </bpmn:dataInputAssociation>
    </bpmn:manualTask>
    <bpmn:endEvent id="e" name="Ordered" />
    """
    + flow("s", "Order")
    + flow("Order", "Out")
    + flow("In", "Count")
    + flow("Count", "e")
)
"""A model with a service task, parameters, a loop, a link and a data object, in which the lint finds nothing."""
