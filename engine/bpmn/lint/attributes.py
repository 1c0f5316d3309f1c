"""Owns the attributes without namespace that BPMN 2.0.2 gives to the elements that are run or drawn; data only."""

from collections.abc import Mapping
from typing import Final

from engine.bpmn.model.document import EVENTS

_ALL = frozenset(("id",))
_NAMED = frozenset(("id", "name"))
_ACTIVITY = _NAMED | {"default", "isForCompensation", "startQuantity", "completionQuantity"}
_TEXT = _ALL | {"language", "evaluatesToTypeRef"}

_OWN: Final[Mapping[str, frozenset[str]]] = {
    "definitions": _NAMED | {"targetNamespace", "expressionLanguage", "typeLanguage", "exporter", "exporterVersion"},
    "process": _NAMED | {"processType", "isClosed", "isExecutable", "definitionalCollaborationRef"},
    "startEvent": _NAMED | {"isInterrupting", "parallelMultiple"},
    "intermediateCatchEvent": _NAMED | {"parallelMultiple"},
    "boundaryEvent": _NAMED | {"parallelMultiple", "attachedToRef", "cancelActivity"},
    "userTask": _ACTIVITY | {"implementation"},
    "scriptTask": _ACTIVITY | {"scriptFormat"},
    "businessRuleTask": _ACTIVITY | {"implementation"},
    "sendTask": _ACTIVITY | {"implementation", "messageRef", "operationRef"},
    "receiveTask": _ACTIVITY | {"implementation", "messageRef", "operationRef", "instantiate"},
    "manualTask": _ACTIVITY,
    "task": _ACTIVITY,
    "serviceTask": _ACTIVITY | {"implementation"},
    "callActivity": _ACTIVITY | {"calledElement"},
    "subProcess": _ACTIVITY | {"triggeredByEvent"},
    "exclusiveGateway": _NAMED | {"gatewayDirection", "default"},
    "inclusiveGateway": _NAMED | {"gatewayDirection", "default"},
    "parallelGateway": _NAMED | {"gatewayDirection"},
    "eventBasedGateway": _NAMED | {"gatewayDirection", "instantiate", "eventGatewayType"},
    "sequenceFlow": _NAMED | {"sourceRef", "targetRef", "isImmediate"},
    "conditionExpression": _TEXT,
    "timeDuration": _TEXT,
    "timeDate": _TEXT,
    "timeCycle": _TEXT,
    "loopCardinality": _TEXT,
    "completionCondition": _TEXT,
    "loopCondition": _TEXT,
    "standardLoopCharacteristics": _ALL | {"testBefore", "loopMaximum"},
    "multiInstanceLoopCharacteristics": _ALL
    | {"isSequential", "behavior", "oneBehaviorEventRef", "noneBehaviorEventRef"},
    "messageEventDefinition": _ALL | {"messageRef", "operationRef"},
    "timerEventDefinition": _ALL,
    "linkEventDefinition": _NAMED,
    "terminateEventDefinition": _ALL,
    "errorEventDefinition": _ALL | {"errorRef"},
    "escalationEventDefinition": _ALL | {"escalationRef"},
    "conditionalEventDefinition": _ALL,
    "condition": _TEXT,
    "message": _NAMED | {"itemRef"},
    "error": _NAMED | {"errorCode", "structureRef"},
    "escalation": _NAMED | {"escalationCode", "structureRef"},
    "laneSet": _NAMED,
    "childLaneSet": _NAMED,
    "lane": _NAMED | {"partitionElementRef"},
    "dataStore": _NAMED | {"capacity", "isUnlimited", "itemSubjectRef"},
    "dataStoreReference": _NAMED | {"itemSubjectRef", "dataStoreRef"},
    "dataObject": _NAMED | {"itemSubjectRef", "isCollection"},
    "dataObjectReference": _NAMED | {"itemSubjectRef", "dataObjectRef"},
    "dataState": _NAMED,
    "dataInputAssociation": _ALL,
    "dataOutputAssociation": _ALL,
    "property": _NAMED | {"itemSubjectRef"},
}

OTHER_ELEMENTS: Final = frozenset(
    (
        "auditing",
        "callChoreography",
        "callConversation",
        "choreographyTask",
        "conversationLink",
        "correlationPropertyBinding",
        "correlationPropertyRetrievalExpression",
        "dataInput",
        "dataOutput",
        "endPoint",
        "eventDefinitionRef",
        "extension",
        "formalExpression",
        "globalBusinessRuleTask",
        "globalManualTask",
        "globalScriptTask",
        "implicitThrowEvent",
        "inputSet",
        "interface",
        "itemDefinition",
        "monitoring",
        "operation",
        "outputSet",
        "partnerEntity",
        "partnerRole",
        "relationship",
        "resource",
        "subChoreography",
        "subConversation",
        "supportedInterfaceRef",
        "supports",
    )
)
"""Elements of BPMN 2.0.2 that the allow-list does not mention: refused, but not misspelt."""

_BOOLEAN = frozenset(("true", "false"))

VALUES: Final[Mapping[str, frozenset[str]]] = {
    "isExecutable": _BOOLEAN,
    "isInterrupting": _BOOLEAN,
    "cancelActivity": _BOOLEAN,
    "isSequential": _BOOLEAN,
    "testBefore": _BOOLEAN,
    "isCollection": _BOOLEAN,
    "triggeredByEvent": _BOOLEAN,
    "isForCompensation": frozenset(("false",)),
    "parallelMultiple": frozenset(("false",)),
    "instantiate": frozenset(("false",)),
    "eventGatewayType": frozenset(("Exclusive",)),
    "behavior": frozenset(("All",)),
    "startQuantity": frozenset(("1",)),
    "completionQuantity": frozenset(("1",)),
}
"""The values with which an attribute is run."""

INSTEAD: Final[Mapping[str, str]] = {
    "isForCompensation": "Nothing is compensated: connect it with sequence flows, behind a gateway that asks what was "
    "done or behind an error event.",
    "instantiate": "Draw a start event with the message, and connect it to what comes after this element.",
    "startQuantity": "Draw a parallel gateway that joins the tokens.",
    "completionQuantity": "Draw a parallel gateway with as many flows.",
    "parallelMultiple": "Draw one event for each definition, and join them by a parallel gateway.",
    "eventGatewayType": "Draw a parallel gateway, with a catch event for each message.",
    "behavior": "Leave it out: nothing is thrown as instances end. Draw what is to happen inside the activity.",
}
"""What to draw instead of values that are not run."""


def allowed(kind: str) -> frozenset[str] | None:
    """Return the attributes that an element may have; None when nothing is said about it."""
    own = _OWN.get(kind)
    if own is not None:
        return own
    return _NAMED if kind in EVENTS else None
