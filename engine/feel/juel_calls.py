"""Owns what to write instead of calls and names that Camunda 7's users know from `${...}`; it translates nothing."""

from collections.abc import Mapping
from typing import Final

_LATER = 'For a due date or a timer write a duration such as P3D, elsewhere =now() + duration("P3D").'
_VARIABLE = "Write the variable's name alone, such as ${amount}."
_SET = "Write an output parameter, or a script task that assigns the name."
_DATA = "Data are JSON already: write ${customer.name}."
_STARTER = "Who started the case is ${initiator.id}; who completes a task is told by its property completedBy."
_TEXT = "Write it in FEEL, after a leading '=': "

_METHODS: Final[Mapping[str, str]] = {
    "contains": f'{_TEXT}list contains(list, "x") for lists, contains(text, "x") for texts.',
    "size": f"{_TEXT}count(list).",
    "length": f"{_TEXT}string length(text).",
    "isEmpty": "Write ${empty x}.",
    "equals": "Write ${a == b}.",
    "equalsIgnoreCase": f"{_TEXT}lower case(a) = lower case(b).",
    "get": "Write ${list[0]} or ${map['key']}.",
    "containsKey": "Write ${map['key'] != null}.",
    "toString": f"{_TEXT}string(x).",
    "toLowerCase": f"{_TEXT}lower case(text).",
    "toUpperCase": f"{_TEXT}upper case(text).",
    "trim": f"{_TEXT}trim(text).",
    "concat": f"{_TEXT}a + b.",
    "startsWith": f'{_TEXT}starts with(text, "x").',
    "endsWith": f'{_TEXT}ends with(text, "x").',
    "substring": f"{_TEXT}substring(text, 1, 3), which counts from 1.",
    "matches": f'{_TEXT}matches(text, "[0-9]+").',
    "replace": f'{_TEXT}replace(text, "a", "b").',
    "split": f'{_TEXT}split(text, ",").',
    "format": f"{_TEXT}string(x).",
    **dict.fromkeys(("getVariable", "getVariableLocal", "getVariableTyped"), _VARIABLE),
    **dict.fromkeys(("setVariable", "setVariableLocal", "removeVariable"), _SET),
    "hasVariable": "Write ${amount != null}.",
    **dict.fromkeys(("getProcessBusinessKey", "getBusinessKey"), "Write ${businessKey}."),
    **dict.fromkeys(("prop", "value", "stringValue", "numberValue", "boolValue", "elements", "jsonPath"), _DATA),
    **dict.fromkeys(
        ("plusDays", "plusWeeks", "plusMonths", "plusHours", "plusMinutes", "plusYears", "minusDays", "toDate"), _LATER
    ),
}
_FUNCTIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("dateTime", "now"), _LATER),
    **dict.fromkeys(("S", "JSON", "XML"), _DATA),
    **dict.fromkeys(("currentUser", "currentUserGroups"), _STARTER),
}
_OF_THE_EXECUTION: Final[Mapping[str, str]] = {
    "processBusinessKey": "Write ${businessKey}.",
    "businessKey": "Write ${businessKey}.",
    **dict.fromkeys(
        ("id", "processInstanceId", "processDefinitionId", "activityInstanceId", "tenantId", "currentActivityId"),
        "Give the start a business key, and write ${businessKey}.",
    ),
    "currentActivityName": "Write the name itself.",
    "variables": _VARIABLE,
}
_OF_THE_TASK: Final[Mapping[str, str]] = {"assignee": _STARTER, "execution": _VARIABLE, "owner": _STARTER}
_OBJECTS: Final[Mapping[str, Mapping[str, str]]] = {"execution": _OF_THE_EXECUTION, "task": _OF_THE_TASK}

_ANY = (
    "Write the expression in FEEL, after a leading '='; what a bean does, an operation does for a service task "
    "(docs/coming-from-camunda.md)."
)


def instead_of_call(called: str) -> str:
    """Return what to write instead of a call, told by the FEEL of what is called (`dateTime`, `list.size`)."""
    _, point, name = called.rpartition(".")
    return (_METHODS if point else _FUNCTIONS).get(name, _ANY)


def instead_of_name(base: str, name: str) -> str | None:
    """Return what to write instead of `base.name`, None where that is an entry of a variable like any other."""
    return _OBJECTS.get(base, {}).get(name)
