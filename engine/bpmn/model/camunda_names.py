"""Owns the list of Camunda's attributes, extension elements and properties that are read; data only."""

from collections.abc import Mapping
from typing import Final

from engine.bpmn.model.document import ACTIVITIES

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
    "error": frozenset(("errorMessage",)),
    "errorEventDefinition": frozenset(("errorCodeVariable", "errorMessageVariable")),
    "escalationEventDefinition": frozenset(("escalationCodeVariable",)),
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
    "callActivity": frozenset(("in", "out", "inputOutput")),
    "serviceTask": frozenset(("inputOutput", "failedJobRetryTimeCycle")),
    **dict.fromkeys(
        ACTIVITIES - {"callActivity", "serviceTask", "transaction", "adHocSubProcess"}, frozenset(("inputOutput",))
    ),
}
"""Elements of the `camunda:` namespace within `extensionElements` that have an effect; `*` stands in any."""

PROPERTIES: Final[Mapping[str, frozenset[str]]] = {
    "process": frozenset(
        (
            "ownerGroup",
            "callers",
            "title",
            "organisation",
            "originator",
            "priority",
            "channel",
            "services",
            "withdrawal",
            "timeZone",
        )
    ),
    "userTask": frozenset(("outcome", "completedBy", "resultVariable", "formVariable", "compare")),
    "sendTask": frozenset(("destination", "correlationKey", "payload", "timeToLive", "resultVariable")),
    "endEvent/message": frozenset(("destination", "correlationKey", "payload", "timeToLive")),
    "intermediateThrowEvent/message": frozenset(("destination", "correlationKey", "payload", "timeToLive")),
    "receiveTask": frozenset(("correlationKey", "resultVariable", "form")),
    "intermediateCatchEvent/message": frozenset(("correlationKey", "resultVariable", "form")),
    "boundaryEvent/message": frozenset(("correlationKey", "resultVariable", "form")),
    "eventSubProcess/message": frozenset(("correlationKey", "resultVariable", "form")),
    "eventSubProcess/signal": frozenset(("resultVariable",)),
    "startEvent/message": frozenset(("resultVariable", "form")),
    "startEvent/signal": frozenset(("resultVariable",)),
    "endEvent/signal": frozenset(("payload",)),
    "intermediateThrowEvent/signal": frozenset(("payload",)),
    "intermediateCatchEvent/signal": frozenset(("resultVariable",)),
    "boundaryEvent/signal": frozenset(("resultVariable",)),
    "subProcess": frozenset(("resultVariable",)),
    "callActivity": frozenset(("resultVariable",)),
    "manualTask": frozenset(("resultVariable",)),
    "task": frozenset(("resultVariable",)),
    "serviceTask": frozenset(("operation", "resultVariable")),
    "scriptTask": frozenset(("resultVariable",)),
    "businessRuleTask": frozenset(("resultVariable",)),
    "dataStoreReference": frozenset(("register",)),
    "dataObject": frozenset(("variable",)),
    "dataObjectReference": frozenset(("variable",)),
}
"""Names of `camunda:property` that are read. On a multi-instance activity, `resultVariable` names the list of results.

`REGISTER.status`, `.when`, `.body` and `.new` are read on every element that writes a register. Other names are the
author's own notes.
"""
