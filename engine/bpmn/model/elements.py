"""Owns the list of what a model may hold: elements that run, are drawn only, or are refused.

It judges no file and runs nothing: the lint refuses by this list, the interpreter runs by it, docs/bpmn.md explains it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from engine.bpmn.model.document import ACTIVITIES

Status = Literal["runs", "drawn", "refused"]


@dataclass(frozen=True, slots=True)
class Support:
    """What becomes of an element: it `runs`, is only `drawn` (no effect on the case), or is `refused`.

    `why` is a whole sentence; `remedy` says what to draw instead (refused elements only).
    """

    status: Status
    why: str = ""
    remedy: str = ""


_RUNS: Final = Support("runs")
_DRAWN: Final = Support("drawn")
_INSIDE = Support(
    "refused",
    "It starts an event sub-process, not a case.",
    "Put it into an event sub-process, or use a start event that a case can begin with.",
)
_COMPENSATION = Support(
    "refused",
    "Nothing remembers which activities were done, so none is compensated.",
    "Draw the undoing as activities behind a gateway that asks what was done, or behind an error event.",
)
_CANCEL = Support(
    "refused",
    "A cancel event belongs to a transaction, and transactions are not run.",
    "Use an error end event, and a boundary event for the error on a sub-process.",
)
_CHOREOGRAPHY = Support("refused", "Choreographies and conversations are not run.", "Draw a process.")
_PARTS = Support(
    "refused",
    "What goes into an activity and comes out are variables, not parts of it.",
    "Use input and output parameters, and data objects for the variables that should be seen.",
)

ELEMENTS: Final[Mapping[str, Support]] = {
    # events: the key says the event definition after a slash; none means that there is no definition
    "startEvent": _RUNS,
    "startEvent/message": _RUNS,
    "startEvent/timer": _RUNS,
    "startEvent/signal": _RUNS,
    "startEvent/conditional": _INSIDE,
    "startEvent/error": _INSIDE,
    "startEvent/escalation": _INSIDE,
    "startEvent/compensate": _COMPENSATION,
    "endEvent": _RUNS,
    "endEvent/terminate": _RUNS,
    "endEvent/message": _RUNS,
    "endEvent/error": _RUNS,
    "endEvent/signal": _RUNS,
    "endEvent/escalation": _RUNS,
    "endEvent/compensate": _COMPENSATION,
    "endEvent/cancel": _CANCEL,
    "intermediateCatchEvent": Support(
        "refused",
        "A catch event without a definition waits for nothing.",
        "Choose a timer, a message, a signal or a condition.",
    ),
    "intermediateCatchEvent/timer": _RUNS,
    "intermediateCatchEvent/message": _RUNS,
    "intermediateCatchEvent/signal": _RUNS,
    "intermediateCatchEvent/conditional": _RUNS,
    "intermediateCatchEvent/link": _RUNS,
    "intermediateThrowEvent": _RUNS,
    "intermediateThrowEvent/message": _RUNS,
    "intermediateThrowEvent/signal": _RUNS,
    "intermediateThrowEvent/escalation": _RUNS,
    "intermediateThrowEvent/compensate": _COMPENSATION,
    "intermediateThrowEvent/link": _RUNS,
    "boundaryEvent": Support(
        "refused", "A boundary event without a definition waits for nothing.", "Choose a timer, a message or an error."
    ),
    "boundaryEvent/timer": _RUNS,
    "boundaryEvent/message": _RUNS,
    "boundaryEvent/error": _RUNS,
    "boundaryEvent/signal": _RUNS,
    "boundaryEvent/conditional": _RUNS,
    "boundaryEvent/escalation": _RUNS,
    "boundaryEvent/compensate": _COMPENSATION,
    "boundaryEvent/cancel": _CANCEL,
    # activities
    "userTask": _RUNS,
    "manualTask": _RUNS,
    "scriptTask": _RUNS,
    "businessRuleTask": _RUNS,
    "sendTask": _RUNS,
    "receiveTask": _RUNS,
    "callActivity": _RUNS,
    "subProcess": _RUNS,
    "task": _RUNS,
    "serviceTask": _RUNS,
    "transaction": Support(
        "refused",
        "A transaction that is cancelled undoes what was done in it, which nothing here can.",
        "Use a sub-process; end it with an error, and draw the undoing behind a boundary event for the error.",
    ),
    "adHocSubProcess": Support(
        "refused",
        "Which of its activities are done, and in which order, would have to be said while the case runs.",
        "Draw the order; for any order, a parallel gateway; for a choice, an inclusive gateway.",
    ),
    # the start event of an event sub-process stands here with the kind of the sub-process
    "eventSubProcess": _RUNS,
    "eventSubProcess/none": Support(
        "refused",
        "An event sub-process is started by an event, and its start event names none.",
        "Choose a timer, a message, a signal, a condition, an error or an escalation; or draw a plain sub-process.",
    ),
    "eventSubProcess/timer": _RUNS,
    "eventSubProcess/message": _RUNS,
    "eventSubProcess/signal": _RUNS,
    "eventSubProcess/conditional": _RUNS,
    "eventSubProcess/error": _RUNS,
    "eventSubProcess/escalation": _RUNS,
    "eventSubProcess/compensate": _COMPENSATION,
    "standardLoopCharacteristics": _RUNS,
    "loopCondition": _RUNS,
    "multiInstanceLoopCharacteristics": _RUNS,
    "loopCardinality": _RUNS,
    "completionCondition": _RUNS,
    "loopDataInputRef": Support("refused", "It is not read.", "Set the collection of the multi-instance activity."),
    "loopDataOutputRef": Support("refused", "It is not read.", "Set the property resultVariable."),
    "inputDataItem": Support("refused", "It is not read.", "Set the element variable."),
    "outputDataItem": Support("refused", "It is not read.", "Set the property resultVariable."),
    "complexBehaviorDefinition": Support("refused", "It is not run.", "Use a completion condition."),
    # gateways
    "exclusiveGateway": _RUNS,
    "parallelGateway": _RUNS,
    "inclusiveGateway": _RUNS,
    "eventBasedGateway": _RUNS,
    "complexGateway": Support(
        "refused",
        "A complex gateway counts and resets by rules of its own, which are not run.",
        "Split with an inclusive gateway; for the first of several events, use an event-based gateway; for some of "
        "several alike, a multi-instance activity with a completion condition.",
    ),
    # parts of the above
    "sequenceFlow": _RUNS,
    "conditionExpression": _RUNS,
    "script": _RUNS,
    "messageEventDefinition": _RUNS,
    "linkEventDefinition": _RUNS,
    "timerEventDefinition": _RUNS,
    "terminateEventDefinition": _RUNS,
    "errorEventDefinition": _RUNS,
    "timeDuration": _RUNS,
    "timeDate": _RUNS,
    "timeCycle": _RUNS,
    "message": _RUNS,
    "signalEventDefinition": _RUNS,
    "signal": _RUNS,
    "error": _RUNS,
    "escalationEventDefinition": _RUNS,
    "escalation": _RUNS,
    "conditionalEventDefinition": _RUNS,
    "condition": _RUNS,
    "laneSet": _RUNS,
    "childLaneSet": _RUNS,
    "lane": _RUNS,
    "flowNodeRef": _RUNS,
    "dataStore": _DRAWN,
    "dataStoreReference": _RUNS,
    "dataObject": _RUNS,
    "dataObjectReference": _RUNS,
    "dataState": _DRAWN,
    "dataInputAssociation": _RUNS,
    "dataOutputAssociation": _RUNS,
    "sourceRef": _RUNS,
    "targetRef": _RUNS,
    "transformation": Support(
        "refused", "A data association takes the whole record.", "Set the property REGISTER.body."
    ),
    "assignment": Support("refused", "A data association takes the whole record.", "Set the property REGISTER.body."),
    "property": _DRAWN,
    "incoming": _DRAWN,
    "outgoing": _DRAWN,
    # around the process
    "definitions": _RUNS,
    "process": _RUNS,
    "collaboration": _DRAWN,
    "participant": _DRAWN,
    "participantMultiplicity": _DRAWN,
    "messageFlow": _DRAWN,
    "textAnnotation": _DRAWN,
    "text": _DRAWN,
    "association": _DRAWN,
    "group": _DRAWN,
    "category": _DRAWN,
    "categoryValue": _DRAWN,
    "documentation": _DRAWN,
    # declared, for others to refer to: what refers to them is refused
    "itemDefinition": _DRAWN,
    "interface": _DRAWN,
    "resource": _DRAWN,
    "relationship": _DRAWN,
    "extensionElements": _RUNS,
    # refused wherever they stand
    "ioSpecification": _PARTS,
    "ioBinding": _PARTS,
    "dataInput": _PARTS,
    "dataOutput": _PARTS,
    "inputSet": _PARTS,
    "outputSet": _PARTS,
    "correlationProperty": Support("refused", "It is not read.", "Set the property correlationKey."),
    "correlationKey": Support("refused", "It is not read.", "Set the property correlationKey."),
    "correlationSubscription": Support("refused", "It is not read.", "Set the property correlationKey."),
    "potentialOwner": Support("refused", "It is not read.", "Set the assignee or the candidate groups."),
    "humanPerformer": Support("refused", "It is not read.", "Set the assignee."),
    "performer": Support("refused", "It is not read.", "Set the assignee or the candidate groups."),
    "resourceRole": Support("refused", "It is not read.", "Set the assignee or the candidate groups."),
    "import": Support("refused", "Nothing is imported into a model.", "Upload all files of a process together."),
    "choreography": _CHOREOGRAPHY,
    "globalConversation": _CHOREOGRAPHY,
    "conversation": _CHOREOGRAPHY,
    "globalTask": Support("refused", "Global tasks are not run.", "Call a process."),
    "globalUserTask": Support("refused", "Global tasks are not run.", "Call a process."),
}
"""By local name in the BPMN namespace; an event with a definition is `event/definition`. Others are refused."""

MULTI_INSTANCE: Final = ACTIVITIES - {"transaction", "adHocSubProcess"}
"""Activities that may be multi-instance or loop: all that run."""

CYCLE: Final = "A timer cycle runs on an event that does not interrupt only: anywhere else it would fire once."
"""Why `timeCycle` is refused elsewhere."""

THROWING: Final[Mapping[str, frozenset[str]]] = {
    "error": frozenset(("subProcess", "callActivity", "scriptTask", "businessRuleTask", "serviceTask")),
    "escalation": frozenset(("subProcess", "callActivity")),
}
"""Activities from which an error or an escalation can come, for boundary events on them."""

UNKNOWN: Final = Support("refused", "It is not on the list of elements that are run.", "See docs/bpmn.md for what is.")


def support(kind: str, definition: str | None = None) -> Support:
    """Return what becomes of an element: `kind` is its local name, `definition` its event definition (`timer`, ...)."""
    return ELEMENTS.get(f"{kind}/{definition}" if definition else kind, UNKNOWN)
