"""Writes BPMN files for tests: a process from calls, with the camunda namespace and without a diagram.

    process("loan", start("s"), user_task("ask", "Ask", groups="staff"), end("e"), flow("s", "ask"), flow("ask", "e"))

gives the text of a file. `attributes` of the camunda namespace are given without prefix, properties as a mapping.
"""

from collections.abc import Mapping
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' id="definitions" targetNamespace="http://comity.example/tests">\n'
)


def definitions(*parts: str) -> bytes:
    """Return a file with `parts` in it: processes, messages, errors, collaborations."""
    return (_HEAD + "\n".join(parts) + "\n</bpmn:definitions>\n").encode()


def process_part(key: str, *parts: str, properties: Mapping[str, str] | None = None, **camunda: str) -> str:
    """Return a process."""
    return (
        f'<bpmn:process id="{key}" isExecutable="true"{_camunda(camunda)}>'
        f"{extensions(properties)}{''.join(parts)}</bpmn:process>"
    )


def process(
    key: str, *parts: str, around: str = "", properties: Mapping[str, str] | None = None, **camunda: str
) -> bytes:
    """Return a file with one process; `around` is what stands beside it (`message(...)`, `error(...)`)."""
    return definitions(around, process_part(key, *parts, properties=properties, **camunda))


def extensions(properties: Mapping[str, str] | None = None, inner: str = "") -> str:
    """Return `extensionElements` with properties, and `inner` as it is."""
    entries = "".join(
        f"<camunda:property name={quoteattr(name)} value={quoteattr(value)}/>"
        for name, value in (properties or {}).items()
    )
    if entries:
        entries = f"<camunda:properties>{entries}</camunda:properties>"
    return f"<bpmn:extensionElements>{entries}{inner}</bpmn:extensionElements>" if entries or inner else ""


def element(
    kind: str,
    identity: str,
    name: str = "",
    inner: str = "",
    *,
    attributes: str = "",
    properties: Mapping[str, str] | None = None,
    extension: str = "",
    **camunda: str,
) -> str:
    """Return any element; `attributes` are plain ones, written out."""
    named = f" name={quoteattr(name)}" if name else ""
    return (
        f'<bpmn:{kind} id="{identity}"{named}{" " + attributes if attributes else ""}{_camunda(camunda)}>'
        f"{extensions(properties, extension)}{inner}</bpmn:{kind}>"
    )


def start(
    identity: str = "s", inner: str = "", form: str | None = None, properties: Mapping[str, str] | None = None
) -> str:
    """Return a start event; `inner` is its definition."""
    attributes = f'camunda:formRef="{form}"' if form else ""
    return element("startEvent", identity, inner=inner, attributes=attributes, properties=properties)


def end(identity: str = "e", name: str = "", inner: str = "", properties: Mapping[str, str] | None = None) -> str:
    """Return an end event; `inner` is its definition."""
    return element("endEvent", identity, name, inner, properties=properties)


def user_task(
    identity: str, name: str = "", inner: str = "", properties: Mapping[str, str] | None = None, **camunda: str
) -> str:
    """Return a user task, with attributes such as `assignee`, `candidateGroups`, `formRef`."""
    return element("userTask", identity, name, inner, properties=properties, **camunda)


def script(identity: str, source: str, inner: str = "") -> str:
    """Return a script task in python."""
    body = f"{inner}<bpmn:script>{escape(source)}</bpmn:script>"
    return element("scriptTask", identity, inner=body, attributes='scriptFormat="python"')


def rule(identity: str, decision: str, variable: str, mode: str = "singleEntry") -> str:
    """Return a business rule task."""
    return element("businessRuleTask", identity, decisionRef=decision, resultVariable=variable, mapDecisionResult=mode)


def gateway(identity: str, kind: str = "exclusive", default: str | None = None) -> str:
    """Return a gateway of `kind`: exclusive, parallel, inclusive, eventBased; `default` is the id of a flow."""
    return element(f"{kind}Gateway", identity, attributes=f'default="{default}"' if default else "")


def flow(source: str, target: str, condition: str | None = None, identity: str | None = None) -> str:
    """Return a sequence flow; its id is `source_target` unless it is given."""
    inner = ""
    if condition is not None:
        text = escape(condition)
        inner = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{text}</bpmn:conditionExpression>'
    name = identity or f"{source}_{target}"
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def flows(*path: str) -> str:
    """Return the flows that join the elements of `path` one after the other."""
    return "".join(flow(source, target) for source, target in pairwise(path))


def sub_process(identity: str, *parts: str, name: str = "", properties: Mapping[str, str] | None = None) -> str:
    """Return an embedded sub-process."""
    return element("subProcess", identity, name, "".join(parts), properties=properties)


def event_sub_process(
    identity: str,
    definition: str,
    *parts: str,
    interrupting: bool = True,
    name: str = "",
    properties: Mapping[str, str] | None = None,
) -> str:
    """Return an event sub-process whose start event is `{identity}_start`; a path of flows leads on from there."""
    attributes = "" if interrupting else 'isInterrupting="false"'
    begin = element("startEvent", f"{identity}_start", "", definition, attributes=attributes, properties=properties)
    return element("subProcess", identity, name, begin + "".join(parts), attributes='triggeredByEvent="true"')


def call(identity: str, key: str, mappings: str = "", inner: str = "") -> str:
    """Return a call activity; `mappings` are `into(...)` and `out(...)`."""
    return element("callActivity", identity, inner=inner, attributes=f'calledElement="{key}"', extension=mappings)


def into(source: str, target: str) -> str:
    """Return a mapping of a variable into a called process."""
    return f"<camunda:in source={quoteattr(source)} target={quoteattr(target)}/>"


def out(source: str, target: str, *, expression: bool = False) -> str:
    """Return a mapping of a variable, or an expression, out of a called process."""
    name = "sourceExpression" if expression else "source"
    return f"<camunda:out {name}={quoteattr(source)} target={quoteattr(target)}/>"


def multi_instance(
    *,
    collection: str | None = None,
    item: str | None = None,
    cardinality: str | None = None,
    condition: str | None = None,
    sequential: bool = False,
) -> str:
    """Return the multi-instance marker, to stand within an activity."""
    camunda = {"collection": collection, "elementVariable": item}
    given = _camunda({name: value for name, value in camunda.items() if value is not None})
    inner = f"<bpmn:loopCardinality>{escape(cardinality)}</bpmn:loopCardinality>" if cardinality else ""
    if condition:
        inner += f"<bpmn:completionCondition>{escape(condition)}</bpmn:completionCondition>"
    is_sequential = str(sequential).lower()
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{is_sequential}"{given}>{inner}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def timer(kind: str, text: str) -> str:
    """Return a timer definition; `kind` is Duration, Date or Cycle."""
    return f"<bpmn:timerEventDefinition><bpmn:time{kind}>{escape(text)}</bpmn:time{kind}></bpmn:timerEventDefinition>"


def message(identity: str, name: str) -> str:
    """Return a message, to stand around a process."""
    return f'<bpmn:message id="{identity}" name={quoteattr(name)}/>'


def message_event(identity: str) -> str:
    """Return a message definition that names the message `identity`."""
    return f'<bpmn:messageEventDefinition messageRef="{identity}"/>'


def signal(identity: str, name: str) -> str:
    """Return a signal, to stand around a process."""
    return f'<bpmn:signal id="{identity}" name={quoteattr(name)}/>'


def signal_event(identity: str) -> str:
    """Return a signal definition that names the signal `identity`."""
    return f'<bpmn:signalEventDefinition signalRef="{identity}"/>'


def error(identity: str, code: str) -> str:
    """Return an error, to stand around a process."""
    return f'<bpmn:error id="{identity}" name="{identity}" errorCode={quoteattr(code)}/>'


def error_event(identity: str | None = None, **camunda: str) -> str:
    """Return an error definition; without a name it stands for any error."""
    named = f' errorRef="{identity}"' if identity else ""
    return f"<bpmn:errorEventDefinition{named}{_camunda(camunda)}/>"


def escalation(identity: str, code: str) -> str:
    """Return an escalation, to stand around a process."""
    return f'<bpmn:escalation id="{identity}" name="{identity}" escalationCode={quoteattr(code)}/>'


def escalation_event(identity: str | None = None, **camunda: str) -> str:
    """Return an escalation definition; without a name it stands for any escalation."""
    named = f' escalationRef="{identity}"' if identity else ""
    return f"<bpmn:escalationEventDefinition{named}{_camunda(camunda)}/>"


def condition(text: str) -> str:
    """Return a conditional definition."""
    inner = f'<bpmn:condition xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:condition>'
    return f"<bpmn:conditionalEventDefinition>{inner}</bpmn:conditionalEventDefinition>"


def catch(identity: str, definition: str, name: str = "", properties: Mapping[str, str] | None = None) -> str:
    """Return an intermediate catch event."""
    return element("intermediateCatchEvent", identity, name, definition, properties=properties)


def throw(identity: str, definition: str = "", properties: Mapping[str, str] | None = None) -> str:
    """Return an intermediate throw event."""
    return element("intermediateThrowEvent", identity, inner=definition, properties=properties)


def boundary(
    identity: str,
    host: str,
    definition: str,
    *,
    interrupting: bool = True,
    properties: Mapping[str, str] | None = None,
) -> str:
    """Return a boundary event on `host`."""
    attributes = f'attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}"'
    return element("boundaryEvent", identity, inner=definition, attributes=attributes, properties=properties)


def send_task(identity: str, reference: str, properties: Mapping[str, str] | None = None, inner: str = "") -> str:
    """Return a send task for the message `reference`."""
    return element("sendTask", identity, inner=inner, attributes=f'messageRef="{reference}"', properties=properties)


def receive_task(identity: str, reference: str, properties: Mapping[str, str] | None = None) -> str:
    """Return a receive task for the message `reference`."""
    return element("receiveTask", identity, attributes=f'messageRef="{reference}"', properties=properties)


def store(identity: str, register: str) -> str:
    """Return a data store reference that names a register."""
    return element("dataStoreReference", identity, properties={"register": register})


def reads(reference: str) -> str:
    """Return a data association from a store, to stand within an element."""
    return (
        '<bpmn:property id="p" name="__targetRef_placeholder"/>'.replace('"p"', f'"{reference}_target"')
        + f'<bpmn:dataInputAssociation id="{reference}_in"><bpmn:sourceRef>{reference}</bpmn:sourceRef>'
        f"<bpmn:targetRef>{reference}_target</bpmn:targetRef></bpmn:dataInputAssociation>"
    )


def writes(reference: str) -> str:
    """Return a data association to a store, to stand within an element."""
    return (
        f'<bpmn:dataOutputAssociation id="{reference}_out"><bpmn:targetRef>{reference}</bpmn:targetRef>'
        "</bpmn:dataOutputAssociation>"
    )


def lanes(**members: str) -> str:
    """Return a lane set; each keyword is a lane's name, its value the ids in it, separated by spaces."""
    inner = "".join(
        f'<bpmn:lane id="lane_{number}" name={quoteattr(name.replace("_", " "))}>'
        + "".join(f"<bpmn:flowNodeRef>{identity}</bpmn:flowNodeRef>" for identity in ids.split())
        + "</bpmn:lane>"
        for number, (name, ids) in enumerate(members.items())
    )
    return f'<bpmn:laneSet id="lanes">{inner}</bpmn:laneSet>'


def one(activity: str, *, around: str = "") -> bytes:
    """Return a file with the process `p`: `activity`, then the user task `z`."""
    identity = activity.split('id="', 1)[1].split('"', 1)[0]
    return process("p", start(), activity, user_task("z"), end(), flows("s", identity, "z", "e"), around=around)


def with_event(
    definition: str, *, interrupting: bool, around: str = "", properties: Mapping[str, str] | None = None
) -> bytes:
    """Return a file with the process `p`: the user task `a` with a boundary event `b` that leads to the task `late`."""
    return process(
        "p",
        start(),
        user_task("a"),
        boundary("b", "a", definition, interrupting=interrupting, properties=properties),
        user_task("late"),
        end("e", "In time"),
        end("le", "Too late"),
        flows("s", "a", "e"),
        flows("b", "late", "le"),
        around=around,
    )


def _camunda(attributes: Mapping[str, str]) -> str:
    return "".join(f" camunda:{name}={quoteattr(value)}" for name, value in attributes.items())


def service_task(
    identity: str,
    operation: str,
    inner: str = "",
    properties: Mapping[str, str] | None = None,
    extension: str = "",
    **inputs: str,
) -> str:
    """Return a service task with the inputs of its operation; `extension` stands beside them."""
    given = {"operation": operation, **(properties or {})}
    mapped = parameters(inputs) if inputs else ""
    return element("serviceTask", identity, inner=inner, properties=given, extension=mapped + extension)


def parameters(inputs: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None) -> str:
    """Return input and output parameters, to stand among the extensions; values that begin with `<` are markup."""
    parts = [
        f"<camunda:{kind}Parameter name={quoteattr(name)}>{text if text.startswith('<') else escape(text)}"
        f"</camunda:{kind}Parameter>"
        for kind, given in (("input", inputs), ("output", outputs))
        for name, text in (given or {}).items()
    ]
    return f"<camunda:inputOutput>{''.join(parts)}</camunda:inputOutput>"


def standard_loop(condition: str | None = None, *, before: bool = False, maximum: str | None = None) -> str:
    """Return the loop marker, to stand within an activity."""
    inner = f"<bpmn:loopCondition>{escape(condition)}</bpmn:loopCondition>" if condition else ""
    most = f' loopMaximum="{maximum}"' if maximum else ""
    return (
        f'<bpmn:standardLoopCharacteristics testBefore="{str(before).lower()}"{most}>{inner}'
        "</bpmn:standardLoopCharacteristics>"
    )


def link(name: str) -> str:
    """Return the definition of a link event."""
    return f"<bpmn:linkEventDefinition name={quoteattr(name)}/>"


def data_object(identity: str, name: str = "", variable: str | None = None) -> str:
    """Return a data object and a reference to it; the reference has the id `identity`."""
    named = {"variable": variable} if variable else None
    return element("dataObject", f"{identity}_object") + element(
        "dataObjectReference", identity, name, attributes=f'dataObjectRef="{identity}_object"', properties=named
    )
