"""Owns what is known of engines' own additions to BPMN: which are refused and why, which have no effect; data only."""

from collections.abc import Mapping
from typing import Final

from engine.bpmn.model.xml import BPMN, CAMUNDA, XSI

_OPERATION = (
    "Use a service task with the property operation (the page Operations and `comity operations` list what there is)"
)
_CODE = (
    "Code of the host is not named in a model.",
    f"{_OPERATION}, a script task or a decision.",
)
_EXTERNAL = (
    "There are no external workers yet.",
    f"{_OPERATION}, or a send task.",
)
_VERSION = ("A version cannot be pinned.", "Choose the binding deployment or latest.")
_MAIL = (
    "E-mails are sent by an operation.",
    "Use a service task with the property operation send-mail (docs/operations-for-models.md).",
)
_FIXED_FORM = ("Forms are files.", "Make a .form file and name it as the form of the start event or user task.")
_LISTENER = (
    "Nothing in a model listens to its elements.",
    "Draw what it does, such as a script or service task before or behind; docs/coming-from-camunda.md tells for what.",
)
_TENANT = ("There are no tenants.", "Remove it.")
_OUTSIDE = ("Nothing is read from files beside the model.", "Write the text into the model.")

REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "class": _CODE,
    "delegateExpression": _CODE,
    "expression": _CODE,
    "variableMappingClass": _CODE,
    "variableMappingDelegateExpression": _CODE,
    "formHandlerClass": _CODE,
    "type": _EXTERNAL,
    "topic": _EXTERNAL,
    "formRefVersion": _VERSION,
    "calledElementVersion": _VERSION,
    "calledElementVersionTag": _VERSION,
    "decisionRefVersion": _VERSION,
    "decisionRefVersionTag": _VERSION,
    "calledElementTenantId": _TENANT,
    "decisionRefTenantId": _TENANT,
    "caseRef": ("Case models are not run.", "Call a process."),
    "caseBinding": ("Case models are not run.", "Call a process."),
    "resource": _OUTSIDE,
    "initiator": (
        "Who starts a case is always in the variable initiator.",
        "Remove it, and write ${initiator.id} where the model names the variable.",
    ),
    "variableName": ("A condition is asked after every step, whichever variable has changed.", "Remove it."),
    "variableEvents": ("A condition is asked after every step, however a variable has changed.", "Remove it."),
}
"""Attributes of Camunda 7 that ask for what is not run: why, and what to do instead."""

REFUSED_ON: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("serviceTask", "resultVariable"): (
        "What a service task gives are the outputs of its operation.",
        "Add the property resultVariable, which takes all of them as one context, or output parameters.",
    ),
    ("scriptTask", "resultVariable"): (
        "Names that a script assigns at its top level become variables.",
        "Remove it, and assign the name in the script.",
    ),
    **dict.fromkeys(
        (
            ("businessRuleTask", "class"),
            ("businessRuleTask", "delegateExpression"),
            ("businessRuleTask", "expression"),
            ("businessRuleTask", "type"),
            ("businessRuleTask", "topic"),
        ),
        ("It asks decision tables only.", "Name a decision, or make it a service task with the property operation."),
    ),
}
"""As `REFUSED`, for attributes of which more can be said on one kind of element."""

TYPES: Final[Mapping[str, tuple[str, str]]] = {"mail": _MAIL, "shell": _CODE}
"""As `REFUSED`, for values of camunda:type that mean no external worker."""

NO_EFFECT: Final[Mapping[str, str]] = {
    "async": "Every step of a case is one transaction, and failures are retried from there.",
    "asyncBefore": "Every step of a case is one transaction, and failures are retried from there.",
    "asyncAfter": "Every step of a case is one transaction, and failures are retried from there.",
    "exclusive": "Steps of one case never run at the same time.",
    "jobPriority": "Timers and retries are run in the order in which they are due.",
    "taskPriority": "There are no external workers yet.",
    "historyTimeToLive": "What happened in a case is kept.",
    "versionTag": "Versions are counted by the product.",
    "diagramRelationId": "It is the modeler's own.",
}
"""Attributes of Camunda 7 that change nothing about the way a case goes."""

ELEMENTS_REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "taskListener": _LISTENER,
    "executionListener": _LISTENER,
    "connector": (
        "Connectors are not run.",
        f"{_OPERATION}.",
    ),
    "formData": _FIXED_FORM,
    "formProperty": _FIXED_FORM,
    "inputOutput": ("Only activities have input and output parameters.", "Move them to an activity, or use a script."),
    "field": _CODE,
    "potentialStarter": ("It is not read.", "Set candidate starter groups or users on the process."),
    "errorEventDefinition": ("There are no external workers yet.", "Use an error event."),
    "validation": ("Answers are checked by the form.", "Write the rule into the .form file."),
    "in": ("Only call activities map variables.", "Remove the mapping."),
    "out": ("Only call activities map variables.", "Remove the mapping."),
    "script": ("Scripts run in script tasks only.", "Draw a script task."),
}
"""Extension elements of Camunda 7 that ask for what is not run."""

MAPPED: Final[Mapping[str, str]] = {
    "businessKey": 'Write source="businessKey" target="businessKey" if the called process reads it.',
    "local": "Remove it: input parameters of the call activity go in with all other variables.",
}
"""Attributes of Camunda 7's variable mappings that are not run: what to do instead."""

FORM_PAGES: Final = ("embedded:", "app:", "deployment:", "http:", "https:")
"""How form keys of Camunda 7 begin that name pages of one's own."""

ELEMENTS_WITHOUT_EFFECT: Final[Mapping[str, str]] = {
    "failedJobRetryTimeCycle": (
        "Only what a service task calls is tried again as the model says; timers and messages are tried again after "
        "1 minute, 10 minutes and 1 hour."
    ),
}
"""Extension elements of Camunda 7 that change nothing about the way a case goes."""

CAMUNDA_LIKE: Final = frozenset(
    (
        CAMUNDA,
        "http://camunda.org/schema/1.0/bpmn/",
        "https://camunda.org/schema/1.0/bpmn",
        "http://www.camunda.org/schema/1.0/bpmn",
        "http://activiti.org/bpmn/camunda",
    )
)
"""The namespace of Camunda 7, and ways to misspell it."""

ENGINES: Final[Mapping[str, str]] = {
    "http://camunda.org/schema/zeebe/1.0": "Camunda 8",
    "http://activiti.org/bpmn": "Activiti",
    "http://flowable.org/bpmn": "Flowable",
    "http://operaton.org/schema/1.0/bpmn": "Operaton's own namespace",
    "http://www.jboss.org/drools": "jBPM",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "SpiffArena",
}
"""Namespaces in which other engines keep what their models do."""

HARMLESS: Final = frozenset(
    (
        BPMN,
        XSI,
        "http://camunda.org/schema/modeler/1.0",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://bpmn.io/schema/bpmn",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
        "http://www.omg.org/spec/BPMN/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC",
        "http://www.omg.org/spec/DD/20100524/DI",
        "http://www.w3.org/XML/1998/namespace",
    )
)
"""Namespaces of BPMN itself, of drawing and of the modeler."""
