"""Owns the list of what a model may hold: elements and attributes that run, are drawn only, or are refused.

It judges no file and runs nothing: the lint refuses by this list, the interpreter runs by it, docs/bpmn.md explains it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

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
_EVENT_SUBPROCESS = "Draw a boundary event on the activity, or a parallel branch that waits for it."
_NO_START = Support(
    "refused",
    "A case is started by a person, by a call activity or by an import, not by an event.",
    "Use a plain start event; let whoever receives the message start the case.",
)
_CONDITIONAL = Support(
    "refused", "Nothing watches the data for a condition.", "Ask the condition at a gateway, or wait for a message."
)
_ESCALATION = Support("refused", "Escalations are not run.", "Use a timer, a message or an error event.")
_COMPENSATION = Support("refused", "Compensation is not run.", "Draw the undoing as activities of its own.")
_LINK = Support("refused", "Link events are not run.", "Draw the sequence flow, or a call activity.")
_CANCEL = Support("refused", "Transactions are not run.", "Use a sub-process with an error event.")
_CHOREOGRAPHY = Support("refused", "Choreographies and conversations are not run.", "Draw a process.")
_DATA = Support(
    "refused",
    "Data objects have no effect here: a case has variables, and records in registers.",
    "Use a data store for a record, or a text annotation for a note.",
)

ELEMENTS: Final[Mapping[str, Support]] = {
    # events: the key says the event definition after a slash; none means that there is no definition
    "startEvent": _RUNS,
    "startEvent/message": _NO_START,
    "startEvent/timer": _NO_START,
    "startEvent/signal": _NO_START,
    "startEvent/conditional": _NO_START,
    "startEvent/error": _NO_START,
    "startEvent/escalation": _NO_START,
    "startEvent/compensate": _NO_START,
    "endEvent": _RUNS,
    "endEvent/terminate": _RUNS,
    "endEvent/message": _RUNS,
    "endEvent/error": _RUNS,
    "endEvent/signal": _RUNS,
    "endEvent/escalation": _ESCALATION,
    "endEvent/compensate": _COMPENSATION,
    "endEvent/cancel": _CANCEL,
    "intermediateCatchEvent": Support(
        "refused", "A catch event without a definition waits for nothing.", "Choose a timer or a message."
    ),
    "intermediateCatchEvent/timer": _RUNS,
    "intermediateCatchEvent/message": _RUNS,
    "intermediateCatchEvent/signal": _RUNS,
    "intermediateCatchEvent/conditional": _CONDITIONAL,
    "intermediateCatchEvent/link": _LINK,
    "intermediateThrowEvent": _RUNS,
    "intermediateThrowEvent/message": _RUNS,
    "intermediateThrowEvent/signal": _RUNS,
    "intermediateThrowEvent/escalation": _ESCALATION,
    "intermediateThrowEvent/compensate": _COMPENSATION,
    "intermediateThrowEvent/link": _LINK,
    "boundaryEvent": Support(
        "refused", "A boundary event without a definition waits for nothing.", "Choose a timer, a message or an error."
    ),
    "boundaryEvent/timer": _RUNS,
    "boundaryEvent/message": _RUNS,
    "boundaryEvent/error": _RUNS,
    "boundaryEvent/signal": _RUNS,
    "boundaryEvent/conditional": _CONDITIONAL,
    "boundaryEvent/escalation": _ESCALATION,
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
    "task": Support(
        "refused",
        "A task without a kind says nothing about who does it.",
        "Choose a kind: user task, or manual task for work that the case does not wait for.",
    ),
    "serviceTask": Support(
        "refused", "There are no operations for service tasks yet.", "Use a send task, a script task or a user task."
    ),
    "transaction": _CANCEL,
    "adHocSubProcess": Support(
        "refused", "Ad-hoc sub-processes are not run.", "Draw the order in which the activities may be done."
    ),
    "eventSubProcess": Support("refused", "Event sub-processes are not run.", _EVENT_SUBPROCESS),
    "standardLoopCharacteristics": Support(
        "refused", "The loop marker is not run.", "Draw the loop with an exclusive gateway."
    ),
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
    "complexGateway": Support("refused", "Complex gateways are not run.", "Use parallel and inclusive gateways."),
    # parts of the above
    "sequenceFlow": _RUNS,
    "conditionExpression": _RUNS,
    "script": _RUNS,
    "messageEventDefinition": _RUNS,
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
    "laneSet": _RUNS,
    "childLaneSet": _RUNS,
    "lane": _RUNS,
    "flowNodeRef": _RUNS,
    "dataStore": _DRAWN,
    "dataStoreReference": _RUNS,
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
    "extensionElements": _RUNS,
    # refused wherever they stand
    "dataObject": _DATA,
    "dataObjectReference": _DATA,
    "ioSpecification": _DATA,
    "ioBinding": _DATA,
    "correlationProperty": Support("refused", "It is not read.", "Set the property correlationKey."),
    "correlationKey": Support("refused", "It is not read.", "Set the property correlationKey."),
    "correlationSubscription": Support("refused", "It is not read.", "Set the property correlationKey."),
    "potentialOwner": Support("refused", "It is not read.", "Set the assignee or the candidate groups."),
    "humanPerformer": Support("refused", "It is not read.", "Set the assignee."),
    "performer": Support("refused", "It is not read.", "Set the assignee or the candidate groups."),
    "resourceRole": Support("refused", "It is not read.", "Set the assignee or the candidate groups."),
    "escalation": _ESCALATION,
    "import": Support("refused", "Nothing is imported into a model.", "Upload all files of a process together."),
    "choreography": _CHOREOGRAPHY,
    "globalConversation": _CHOREOGRAPHY,
    "conversation": _CHOREOGRAPHY,
    "globalTask": Support("refused", "Global tasks are not run.", "Call a process."),
    "globalUserTask": Support("refused", "Global tasks are not run.", "Call a process."),
}
"""By local name in the BPMN namespace; an event with a definition is `event/definition`. Others are refused."""

MULTI_INSTANCE: Final = frozenset(
    (
        "userTask",
        "manualTask",
        "scriptTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
        "subProcess",
        "callActivity",
    )
)
"""Activities that may be multi-instance: all that run."""

CYCLE: Final = "A timer cycle runs on a non-interrupting boundary event only: anywhere else it would fire once."
"""Why `timeCycle` is refused elsewhere."""

UNKNOWN: Final = Support("refused", "It is not on the list of elements that are run.", "See docs/bpmn.md for what is.")

CARRIED: Final[Mapping[str, frozenset[str]]] = {
    "*": frozenset(("modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon")),
    "process": frozenset(
        ("candidateStarterGroups", "candidateStarterUsers", "isStartableInTasklist", "historyTimeToLive", "versionTag")
    ),
    "startEvent": frozenset(("formRef", "formKey", "formRefBinding")),
    "userTask": frozenset(
        (
            "assignee",
            "candidateUsers",
            "candidateGroups",
            "dueDate",
            "followUpDate",
            "priority",
            "formRef",
            "formKey",
            "formRefBinding",
        )
    ),
    "businessRuleTask": frozenset(("decisionRef", "decisionRefBinding", "resultVariable", "mapDecisionResult")),
    "callActivity": frozenset(("calledElementBinding",)),
    "multiInstanceLoopCharacteristics": frozenset(("collection", "elementVariable")),
}
"""Attributes of the `camunda:` namespace that have an effect, or none by design, by element; `*` stands on any."""

BINDINGS: Final[Mapping[str, frozenset[str]]] = {
    "formRefBinding": frozenset(("deployment", "latest")),
    "calledElementBinding": frozenset(("deployment", "latest")),
    "decisionRefBinding": frozenset(("deployment", "latest")),
    "mapDecisionResult": frozenset(("singleEntry", "singleResult", "collectEntries", "resultList")),
}
"""The values that an attribute may have."""

EXTENSIONS: Final[Mapping[str, frozenset[str]]] = {
    "*": frozenset(("properties", "property")),
    "callActivity": frozenset(("in", "out")),
}
"""Elements of the `camunda:` namespace within `extensionElements` that have an effect; `*` stands in any."""

PROPERTIES: Final[Mapping[str, frozenset[str]]] = {
    "process": frozenset(
        ("ownerGroup", "title", "organisation", "originator", "priority", "channel", "services", "withdrawal")
    ),
    "userTask": frozenset(("outcome", "resultVariable", "formVariable", "compare")),
    "sendTask": frozenset(("destination", "correlationKey", "payload", "resultVariable")),
    "endEvent/message": frozenset(("destination", "correlationKey", "payload")),
    "intermediateThrowEvent/message": frozenset(("destination", "correlationKey", "payload")),
    "receiveTask": frozenset(("correlationKey", "resultVariable", "form")),
    "intermediateCatchEvent/message": frozenset(("correlationKey", "resultVariable", "form")),
    "boundaryEvent/message": frozenset(("correlationKey", "resultVariable", "form")),
    "endEvent/signal": frozenset(("payload",)),
    "intermediateThrowEvent/signal": frozenset(("payload",)),
    "intermediateCatchEvent/signal": frozenset(("resultVariable",)),
    "boundaryEvent/signal": frozenset(("resultVariable",)),
    "subProcess": frozenset(("resultVariable",)),
    "callActivity": frozenset(("resultVariable",)),
    "manualTask": frozenset(("resultVariable",)),
    "scriptTask": frozenset(("resultVariable",)),
    "businessRuleTask": frozenset(("resultVariable",)),
    "dataStoreReference": frozenset(("register",)),
}
"""Names of `camunda:property` that are read. On a multi-instance activity, `resultVariable` names the list of results.

`REGISTER.status`, `.when`, `.body` and `.new` are read on every element that writes a register. Other names are the
author's own notes.
"""


def support(kind: str, definition: str | None = None) -> Support:
    """Return what becomes of an element: `kind` is its local name, `definition` its event definition (`timer`, ...)."""
    return ELEMENTS.get(f"{kind}/{definition}" if definition else kind, UNKNOWN)
