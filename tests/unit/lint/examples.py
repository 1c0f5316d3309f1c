"""One bad example or more for every rule of the lint: a change to the good model, and the element that is to blame."""

from dataclasses import dataclass

from engine.bpmn.model.xml import MAX_BYTES
from tests.unit.lint import event_examples, start_examples
from tests.unit.lint.models import GOOD, SERVICE, changed, flow, process

_ROOT = '<bpmn:process id="needs"'
_TIMER = '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT1H</bpmn:timeDuration>'
_CONDITION = "${rating == 'high' &amp;&amp; amount &gt; 10}"
_SCRIPT = "total = amount * 2"
_LOOP = 'camunda:collection="reviewers" camunda:elementVariable="reviewer"'
_SUM = '<bpmn:scriptTask id="Sum" name="Sum up" scriptFormat="python">'
_IN = '<camunda:in source="title" target="title" />'
_START = '<bpmn:startEvent id="s" />'
_END = '<bpmn:endEvent id="e" />'
_XOR = '<bpmn:exclusiveGateway id="x" default="x-b" />'
_AND = '<bpmn:parallelGateway id="{}" />'
_DONE = '<bpmn:endEvent id="Done" name="Answered" />'
_MESSAGE = '<bpmn:message id="Message_Reply" name="supplier_reply" />'
_SEND = '<bpmn:manualTask id="{}" />'


_LOOP_0 = '<bpmn:standardLoopCharacteristics loopMaximum="0"'
_SPACED = (
    '<bpmn:extensionElements><camunda:properties><camunda:property name="variable" value="purchase order" />'
    "</camunda:properties></bpmn:extensionElements></bpmn:dataObjectReference>"
)


def _nested(depth: int) -> str:
    inner = _START + flow("s", "e") + _END
    for number in reversed(range(depth)):
        path = f'<bpmn:startEvent id="s{number}" /><bpmn:endEvent id="e{number}" />'
        ways = flow(f"s{number}", f"n{number}") + flow(f"n{number}", f"e{number}")
        inner = f'{path}<bpmn:subProcess id="n{number}">{inner}</bpmn:subProcess>{ways}'
    return process(inner)


@dataclass(frozen=True)
class Example:
    """`model` breaks `rule` at the element with the id `element` (None: the file, or an element without id)."""

    rule: str
    model: str | bytes
    element: str | None
    other: str | None = None
    """a second file of the same upload"""


def _change(rule: str, element: str | None, old: str, new: str) -> Example:
    return Example(rule, changed(old, new), element)


def _extended(rule: str, element: str, extension: str) -> Example:
    """Put an extension element onto the script task."""
    inner = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>"
    return _change(rule, element, _SUM, _SUM + inner)


def _serving(rule: str, element: str, old: str, new: str) -> Example:
    return Example(rule, changed(old, new, SERVICE), element)


def _asking(*properties: tuple[str, str]) -> str:
    entries = "".join(f'<camunda:property name="{name}" value="{value}" />' for name, value in properties)
    task = (
        '<bpmn:userTask id="t" name="Ask" camunda:candidateGroups="staff" camunda:formRef="capture">'
        f"<bpmn:extensionElements><camunda:properties>{entries}</camunda:properties></bpmn:extensionElements>"
        "</bpmn:userTask>"
    )
    return process(f"{_START}{task}{_END}{flow('s', 't')}{flow('t', 'e')}")


def _calling(key: str, called: str) -> str:
    body = f'{_START}<bpmn:callActivity id="c" calledElement="{called}" />{_END}{flow("s", "c")}{flow("c", "e")}'
    return process(body).replace('id="p"', f'id="{key}"')


def _branches(split: str, join: str) -> str:
    """Return a model in which two branches leave `split` and meet at `join`."""
    return process(
        f"{_START}{split}{_SEND.format('a')}{_SEND.format('b')}{join}{_SEND.format('z')}{_END}"
        + flow("s", "x")
        + flow("x", "a", "=1 = 1" if "exclusive" in split else "")
        + flow("x", "b")
        + flow("a", "j")
        + flow("b", "j")
        + flow("j", "z")
        + flow("z", "e")
    )


def _many_branches(count: int) -> str:
    """Return a model with parallel branches, each of which has a choice of its own."""
    parts = [_START, _AND.format("a"), _AND.format("j"), _END, flow("s", "a"), flow("j", "e")]
    for number in range(count):
        x, yes, no = (f"{letter}{number}" for letter in "xyn")
        parts += [f'<bpmn:exclusiveGateway id="{x}" default="{x}-{no}" />', _SEND.format(yes), _SEND.format(no)]
        parts += [flow("a", x), flow(x, yes, "1 = 1"), flow(x, no), flow(yes, "j"), flow(no, "j")]
    return process("".join(parts))


EXAMPLES = (
    *(Example(*each) for each in (*event_examples.EXAMPLES, *start_examples.EXAMPLES)),
    Example("file-too-large", b"<a>" + b" " * MAX_BYTES + b"</a>", None),
    Example("file-too-large", b"<a>" + b"<b/>" * 60_000 + b"</a>", None),
    Example("encoding", GOOD.encode("utf-16"), None),
    Example("encoding", GOOD.encode("utf-16-le"), None),
    Example("encoding", changed('encoding="UTF-8"', 'encoding="UTF-7"'), None),
    Example("doctype", changed("?>\n", '?>\n<!-- a --><!DOCTYPE a [<!ENTITY x "y">]>\n'), None),
    Example("not-xml", GOOD[:2000], None),
    Example("not-xml", b"", None),
    Example("not-xml", b"PK\x03\x04 a zip file", None),
    Example("not-bpmn", "<html><body /></html>", None),
    _change("no-executable-process", "needs", 'isExecutable="true"', 'isExecutable="false"'),
    _change("missing-id", "Inside", '<bpmn:manualTask id="Look" name="Look" />', '<bpmn:manualTask name="Look" />'),
    _change("missing-id", "Look 2", 'id="Look" name', 'id="Look 2" name'),
    _change("duplicate-id", "Sum", 'id="Look" name', 'id="Sum" name'),
    Example("duplicate-process", GOOD, "needs", other=GOOD),
    _change("reserved-id", "End", '<bpmn:manualTask id="Look"', '<bpmn:manualTask id="End"'),
    _change("reserved-id", "Look.BoundaryEventSplit", 'id="Look" name', 'id="Look.BoundaryEventSplit" name'),
    Example("process-too-large", process("".join(_SEND.format(f"t{number}") for number in range(1_001))), "p"),
    _change("unsupported-element", "Look", "bpmn:manualTask", "bpmn:transaction"),
    _change("unsupported-element", "Look", "bpmn:manualTask", "bpmn:adHocSubProcess"),
    _change("unsupported-element", "Look", "bpmn:manualTask", "bpmn:magicTask"),
    _change("unsupported-element", "Join", '<bpmn:parallelGateway id="Join"', '<bpmn:complexGateway id="Join"'),
    _change(
        "unsupported-element",
        "InnerBegin",
        '<bpmn:subProcess id="Inside"',
        '<bpmn:subProcess triggeredByEvent="true" id="Inside"',
    ),
    _change(
        "unsupported-element",
        "Pause",
        _TIMER,
        f"{_TIMER}</bpmn:timerEventDefinition><bpmn:timerEventDefinition>{_TIMER}",
    ),
    _change(
        "unsupported-element",
        "Done",
        '<bpmn:endEvent id="Done" name="Answered" />',
        '<bpmn:endEvent id="Done" name="Answered"><bpmn:compensateEventDefinition id="S" /></bpmn:endEvent>',
    ),
    _change("unknown-attribute", "Late", 'cancelActivity="false"', 'cancelActvity="false"'),
    _change("unknown-attribute", "needs", 'isExecutable="true"', 'isExecutable="true" isExecutabel="true"'),
    _change("unsupported-value", "Late", 'cancelActivity="false"', 'cancelActivity="no"'),
    _change("unsupported-value", "Look", 'id="Look" name', 'id="Look" isForCompensation="true" name'),
    _change("camunda-prefix", "Definitions_1", "http://camunda.org/schema/1.0/bpmn", "http://example.org/camunda"),
    _change(
        "camunda-prefix", "Definitions_1", "http://camunda.org/schema/1.0/bpmn", "http://camunda.org/schema/1.0/bpmn/"
    ),
    _change("unsupported-camunda-attribute", "Begin", 'name="Need"', 'name="Need" camunda:initiator="who"'),
    _change("unsupported-camunda-attribute", "Capture", "camunda:candidateGroups", "camunda:candidateGroup"),
    _change("unsupported-camunda-attribute", "Look", 'id="Look" name', 'id="Look" camunda:assignee="me" name'),
    _change(
        "unsupported-camunda-attribute",
        "Remind",
        'name="Remind" m',
        'camunda:type="external" camunda:topic="t" name="Remind" m',
    ),
    _change("ignored-camunda", "Look", 'id="Look" name', 'id="Look" camunda:asyncBefore="true" name'),
    _extended("ignored-camunda", "Sum", "<camunda:failedJobRetryTimeCycle>R3/PT1M</camunda:failedJobRetryTimeCycle>"),
    _change("mapping-incomplete", "Call", _IN, f'{_IN}<camunda:in businessKey="x" />'),
    _extended("unsupported-extension", "Sum", '<camunda:executionListener event="start" expression="${a}" />'),
    _change(
        "unsupported-extension",
        "Done",
        _DONE,
        _DONE[:-3] + "><bpmn:extensionElements><camunda:inputOutput /></bpmn:extensionElements></bpmn:endEvent>",
    ),
    _extended("unsupported-extension", "Sum", '<camunda:in source="a" target="b" />'),
    _change("unsupported-extension", "Sum", _SUM, _SUM + "<camunda:properties />"),
    _change("mapping-incomplete", "Call", _IN, '<camunda:in source="title" />'),
    _change("mapping-incomplete", "Call", _IN, '<camunda:in variables="some" />'),
    _change("mapping-incomplete", "Call", _IN, '<camunda:in source="title" target="title" local="true" />'),
    _change("invalid-camunda-value", "Begin", 'formRefBinding="latest"', 'formRefBinding="version"'),
    _change("invalid-camunda-value", "Rate", 'camunda:decisionRef="rating"', 'camunda:decisionRef="${rating}"'),
    _change("invalid-camunda-value", "Call", 'calledElement="delivery"', 'calledElement="${which}"'),
    _change("invalid-camunda-value", "needs", 'name="ownerGroup" value="owners"', 'name="withdrawal" value="yes"'),
    _change("foreign-engine", "Look", 'id="Look" name', 'id="Look" xmlns:f="http://flowable.org/bpmn" f:a="1" name'),
    _change("foreign-extension", "Look", 'id="Look" name', 'id="Look" xmlns:f="urn:f" f:a="1" name'),
    _change("no-start-event", "Inside", '<bpmn:startEvent id="InnerBegin" />', '<bpmn:manualTask id="InnerBegin" />'),
    _change(
        "several-start-events", "Look", '<bpmn:manualTask id="Look" name="Look" />', '<bpmn:startEvent id="Look" />'
    ),
    _change("no-end-event", "Inside", '<bpmn:endEvent id="InnerDone" />', '<bpmn:manualTask id="InnerDone" />'),
    _change("broken-flow", "I2", 'targetRef="InnerDone"', 'targetRef="Nowhere"'),
    _change("broken-flow", "I2", 'targetRef="InnerDone"', 'targetRef="Done"'),
    _change("unknown-reference", "Wait", 'messageRef="Message_Reply"', 'messageRef="Message_Gone"'),
    _change(
        "unknown-reference",
        "Ask",
        '<bpmn:dataOutputAssociation id="Write_2">\n        <bpmn:targetRef>Store_1',
        '<bpmn:dataOutputAssociation id="Write_2"><bpmn:targetRef>Store_9',
    ),
    _change("unknown-reference", "Which", 'default="F7"', 'default="F1"'),
    _change("misplaced-flow", "F14", 'sourceRef="Call" targetRef="Done"', 'sourceRef="Call" targetRef="Late"'),
    _change("misplaced-flow", "F14", 'sourceRef="Call" targetRef="Done"', 'sourceRef="Done" targetRef="Capture"'),
    _change("unreachable", "Look", '<bpmn:sequenceFlow id="I1" sourceRef="InnerBegin" targetRef="Look" />', ""),
    _change("dangling", "Look", '<bpmn:sequenceFlow id="I2" sourceRef="Look" targetRef="InnerDone" />', ""),
    _change("condition-missing", "F6", _CONDITION, ""),
    Example(
        "no-default-flow",
        process(
            f'{_START}<bpmn:exclusiveGateway id="x" />{_END}<bpmn:endEvent id="f" />{flow("s", "x")}'
            + flow("x", "e", "1 = 1")
            + flow("x", "f", "1 = 2")
        ),
        "x",
    ),
    _change(
        "default-with-condition",
        "F7",
        '<bpmn:sequenceFlow id="F7" sourceRef="Which" targetRef="Sum" />',
        '<bpmn:sequenceFlow id="F7" sourceRef="Which" targetRef="Sum"><bpmn:conditionExpression>amount = 1'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>",
    ),
    _change(
        "no-default-flow",
        "Sum",
        '<bpmn:sequenceFlow id="F8" sourceRef="Sum" targetRef="Either" />',
        '<bpmn:sequenceFlow id="F8" sourceRef="Sum" targetRef="Either"><bpmn:conditionExpression>amount = 1'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>",
    ),
    _change(
        "misplaced-condition",
        "F1",
        '<bpmn:sequenceFlow id="F1" sourceRef="Begin" targetRef="Capture" />',
        '<bpmn:sequenceFlow id="F1" sourceRef="Begin" targetRef="Capture"><bpmn:conditionExpression>amount = 1'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>",
    ),
    _change("misplaced-condition", "F4", '<bpmn:userTask id="Capture"', '<bpmn:userTask id="Capture" default="F4"'),
    _change(
        "event-gateway-target", "Either", '<bpmn:sequenceFlow id="F10" sourceRef="Either" targetRef="Pause" />', ""
    ),
    _change(
        "event-gateway-target", "F10", 'sourceRef="Either" targetRef="Pause"', 'sourceRef="Either" targetRef="Call"'
    ),
    _change(
        "event-gateway-target", "Pause", 'sourceRef="Which" targetRef="Sum"', 'sourceRef="Which" targetRef="Pause"'
    ),
    _change("boundary-attachment", "Failed", 'attachedToRef="Call"', 'attachedToRef="Which"'),
    _change("boundary-attachment", "Failed", 'attachedToRef="Call"', 'attachedToRef="Look"'),
    _change("boundary-attachment", "Failed", 'attachedToRef="Call"', 'cancelActivity="false" attachedToRef="Call"'),
    _change("boundary-never-fires", "Late", 'attachedToRef="Capture"', 'attachedToRef="Sum"'),
    _change("timer-text", "Pause", _TIMER, ""),
    _change("timer-text", "Pause", _TIMER, _TIMER.replace("PT1H", "PT1X")),
    _change("timer-text", "Pause", _TIMER, _TIMER.replace("timeDuration", "timeDate").replace("PT1H", "2026-02-31")),
    _change("timer-text", "Pause", _TIMER, _TIMER.replace("timeDuration", "timeCycle").replace("PT1H", "R3/PT1H")),
    _change("timer-text", "Pause", _TIMER, _TIMER.replace("timeDuration", "timeDate")),
    _change("timer-text", "Late", "R3/P1D", "R3/P0D"),
    _change("timer-text", "Pause", ">PT1H<", ">P9999Y<"),
    _change("timer-text", "Pause", ">PT1H<", ">P7990Y<"),
    _change("message-missing", "Remind", 'messageRef="Message_Ask"', ""),
    _change("message-without-name", "Message_Ask", 'id="Message_Ask" name="supplier_question"', 'id="Message_Ask"'),
    _change("unknown-reference", "Remind", 'messageRef="Message_Ask"', 'messageRef="Error_1"'),
    _change("unknown-reference", "Failed", 'errorRef="Error_1"', 'errorRef="Message_Ask"'),
    _change("unknown-reference", "Capture", "<bpmn:sourceRef>Store_2", "<bpmn:sourceRef>Note"),
    _change("dynamic-message-name", "Message_Ask", 'name="supplier_question"', 'name="ask_${title}"'),
    _change("signal-missing", "Done", _DONE, _DONE[:-3] + "><bpmn:signalEventDefinition /></bpmn:endEvent>"),
    _change("signal-name", "S", _MESSAGE, _MESSAGE + '<bpmn:signal id="S" name=" " />'),
    _change("signal-name", "S", _MESSAGE, _MESSAGE + '<bpmn:signal id="S" name="${title}" />'),
    _change("decision-missing", "Rate", 'camunda:decisionRef="rating"', ""),
    _change("result-missing", "Rate", 'camunda:resultVariable="rating"', ""),
    _change("result-missing", "Wait", '<camunda:property name="resultVariable" value="reply" />', ""),
    _serving("operation-missing", "Order", 'name="operation" value="order"', 'name="operation" value=""'),
    _serving("unknown-operation", "Order", 'name="operation" value="order"', 'name="operation" value="odrer"'),
    _serving("operation-input", "Order", 'inputParameter name="what"', 'inputParameter name="waht"'),
    _serving("operation-input", "Order", ">chairs<", "><"),
    _serving("operation-input", "Order", ">2<", ">two<"),
    _serving("operation-input", "Order", ">2026-03-02<", ">tomorrow<"),
    _serving(
        "operation-input",
        "Order",
        "<camunda:list><camunda:value>soon</camunda:value></camunda:list>",
        '<camunda:map><camunda:entry key="a">soon</camunda:entry></camunda:map>',
    ),
    _serving("retry-cycle", "Order", "R3/PT10M", "3 times"),
    _serving("retry-cycle", "Order", "R3/PT10M", "R9999999/PT10M"),
    _serving("parameter", "Order", 'outputParameter name="purchase_order"', "outputParameter"),
    _serving("parameter", "Order", 'inputParameter name="count"', 'inputParameter name="what"'),
    _serving("parameter", "Order", "${number}", '<camunda:script scriptFormat="groovy">1</camunda:script>'),
    _serving("endless-loop", "Order", "loopCounter &lt; 2", ""),
    _serving("endless-loop", "Order", "<bpmn:standardLoopCharacteristics", _LOOP_0),
    _serving("link-event", "In", 'id="L1" name="far"', 'id="L1" name="fra"'),
    _serving("link-event", "Out", 'id="L2" name="far"', 'id="L2"'),
    _serving("link-event", "In", 'sourceRef="Order" targetRef="Out"', 'sourceRef="Order" targetRef="In"'),
    Example("data-object", SERVICE.replace("manualTask", "intermediateThrowEvent"), "Count"),
    _serving("data-object", "Data_1", 'dataObjectRef="Object_1" />', f'dataObjectRef="Object_1">{_SPACED}'),
    _serving("unknown-reference", "Data_1", 'dataObjectRef="Object_1"', 'dataObjectRef="Object_2"'),
    _serving("expression", "Order", "${number}", "${number +}"),
    _serving(
        "boundary-never-fires",
        "Late",
        "</bpmn:serviceTask>",
        f"""</bpmn:serviceTask>
        <bpmn:boundaryEvent id="Late" attachedToRef="Order"><bpmn:timerEventDefinition id="T">{_TIMER}
        </bpmn:timerEventDefinition></bpmn:boundaryEvent>{flow("Late", "e")}""",
    ),
    _serving("expression", "Order", "loopCounter &lt; 2", "loopCounter &lt;"),
    Example("task-without-kind", SERVICE.replace("manualTask", "task"), "Count"),
    _change("called-process-missing", "Call", 'calledElement="delivery"', ""),
    _change("recursive-call", "Call", 'calledElement="delivery"', 'calledElement="needs"'),
    Example("recursive-call", _calling("p", "q"), "c", other=_calling("q", "p")),
    _change("nothing-to-repeat", "Ask", _LOOP, ""),
    _change(
        "nothing-to-repeat",
        "Ask",
        f"{_LOOP} />",
        f"{_LOOP}><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>",
    ),
    Example("user-task-property", _asking(("formVariable", "the draft")), "t"),
    Example("user-task-property", _asking(("formVariable", "draft")).replace(' camunda:formRef="capture"', ""), "t"),
    Example("user-task-property", _asking(("compare", "framework")), "t"),
    Example("user-task-property", _asking(("completedBy", "the first")), "t"),
    _change("script-format", "Sum", 'scriptFormat="python"', 'scriptFormat="groovy"'),
    _change("script-format", "Sum", _SCRIPT, " "),
    _change("script-refused", "Sum", _SCRIPT, "total = (1"),
    _change("script-refused", "Sum", _SCRIPT, "import os"),
    _change("script-refused", "Sum", _SCRIPT, "execution.setVariable('total', amount * 2)"),
    _change("script-refused", "Sum", _SCRIPT, "class A:\n    pass"),
    _change("script-refused", "Sum", _SCRIPT, "x = 1\n" * 5_000),
    Example("process-too-large", _nested(51), "n50"),
    _change("message-flow-within", "Flow_M", 'sourceRef="Participant_2"', 'sourceRef="Capture"'),
    _change("timer-text", "Pause", ">PT1H<", ">48<"),
    _change("timer-text", "Pause", ">PT1H<", '>"2 days"<'),
    _change("timer-text", "Pause", ">PT1H<", ">pt1h<"),
    _change("timer-text", "Pause", ">PT1H<", ">2026-12-31<"),
    _change("script-change-lost", "Sum", _SCRIPT, "total = amount\nreviewers.append(title)"),
    _change("script-change-lost", "Sum", _SCRIPT, "total = amount\nif total:\n    reviewers[0]['name'] += title"),
    _change("task-without-name", "Capture", 'name="Capture the need"', ""),
    _change("expression", "F6", _CONDITION, "${rating.isHigh()}"),
    _change("expression", "F6", _CONDITION, "amount &gt;"),
    _change("expression", "F6", _CONDITION, "lenght(title) &gt; 3"),
    _change("expression", "Pause", _TIMER, _TIMER.replace("PT1H", "=1 +")),
    _change("expression", "Capture", 'value="amount &gt; 0"', 'value="amount &gt; (0"'),
    _change("expression", "Ask", 'camunda:assignee="=reviewer"', 'camunda:assignee="${reviewer"'),
    _change("expression", "Capture", 'camunda:candidateGroups="staff"', 'camunda:candidateGroups="staff, ${a b}"'),
    _change("expression", "Call", 'sourceExpression="=title"', 'sourceExpression="=title["'),
    _change(
        "expression-language",
        "F6",
        'xsi:type="bpmn:tFormalExpression">${rating',
        'language="javascript" xsi:type="bpmn:tFormalExpression">${rating',
    ),
    _change("expression-in-text", "Ask", 'name="Ask each"', 'name="Ask ${reviewer}"'),
    _change("expression-in-text", "Error_1", 'errorCode="no_stock"', 'errorCode="${rating}"'),
    _change("initiator", "Ask", 'camunda:assignee="=reviewer"', 'camunda:assignee="${initiator}"'),
    _change("initiator", "Ask", 'camunda:assignee="=reviewer"', 'camunda:assignee="=initiator.manager"'),
    _change("unassigned-task", "Ask", 'camunda:assignee="=reviewer"', ""),
    _change("task-without-form", "Ask", 'name="Ask each" camunda:formRef="capture"', 'name="Ask each"'),
    _change("process-without-owner", "needs", 'name="ownerGroup" value="owners"', 'name="title" value="1"'),
    _change("unknown-group", "Capture", 'camunda:candidateGroups="staff"', 'camunda:candidateGroups="stuff"'),
    _change(
        "unknown-group", "needs", 'camunda:candidateStarterGroups="staff"', 'camunda:candidateStarterGroups="stuff"'
    ),
    _change("unknown-group", "Capture", 'camunda:candidateGroups="staff"', 'camunda:candidateGroups="${a}, stuff"'),
    _change("unknown-group", "needs", 'value="owners"', 'value="nobody"'),
    _change("unknown-form", "Begin", 'camunda:formRef="need"', 'camunda:formRef="nede"'),
    _change("unknown-form", "Wait", 'name="form" value="reply"', 'name="form" value="rapley"'),
    _change("unknown-decision", "Rate", 'camunda:decisionRef="rating"', 'camunda:decisionRef="grating"'),
    _change("unknown-process", "Call", 'calledElement="delivery"', 'calledElement="levidery"'),
    _change("invalid-task-value", "Capture", 'camunda:dueDate="P3D"', 'camunda:dueDate="tomorrow"'),
    _change("invalid-task-value", "Capture", 'camunda:priority="60"', 'camunda:priority="high"'),
    _change("unknown-register", "Store_1", 'name="Stakeholder Needs"', 'name="Stakeholder Weeds"'),
    _change("unknown-register", "Store_2", 'name="register" value="framework"', 'name="register" value="workframe"'),
    _change(
        "misplaced-association",
        "Reminded",
        '<bpmn:endEvent id="Reminded" name="Reminded" />',
        '<bpmn:endEvent id="Reminded" name="Reminded"><bpmn:dataOutputAssociation id="Read_2">'
        "<bpmn:targetRef>Store_1</bpmn:targetRef></bpmn:dataOutputAssociation></bpmn:endEvent>",
    ),
    _change(
        "misplaced-association",
        "Join",
        '<bpmn:parallelGateway id="Join" />',
        '<bpmn:parallelGateway id="Join"><bpmn:dataOutputAssociation id="Write_3">'
        "<bpmn:targetRef>Store_1</bpmn:targetRef></bpmn:dataOutputAssociation></bpmn:parallelGateway>",
    ),
    _change("register-property", "Capture", "stakeholder_needs.status", "framework.status"),
    _change("register-property", "Capture", "stakeholder_needs.status", "stakeholder_needs.statsu"),
    _change("unknown-status", "Capture", 'value="captured"', 'value="kept"'),
    _change("unknown-property", "Wait", 'name="correlationKey"', 'name="corelationKey"'),
    _change("unset-name", "F6", "amount &gt; 10", "amuont &gt; 10"),
    _change("unset-name", "Sum", _SCRIPT, "total = amuont * 2"),
    _change("unset-name", "Sum", _SCRIPT, "total = total + amount"),
    _change("unset-name", "Rate", 'camunda:formRef="need"', ""),
    _change("unset-name", "Call", 'camunda:in source="title"', 'camunda:in source="titel"'),
    _change("unset-name", "Wait", 'name="correlationKey" value="title"', 'name="correlationKey" value="titel"'),
    _change("unset-name", "Pause", _TIMER, _TIMER.replace("PT1H", "=pause")),
    _serving("unset-name", "Order", ">2<", ">=pieces<"),
    _serving("unset-name", "Order", "${number}", "${order_number}"),
    _serving(
        "unset-name", "Count", '<camunda:outputParameter name="purchase_order">', '<camunda:outputParameter name="o">'
    ),
    _change("unset-name", "Ask", _LOOP, 'camunda:collection="viewers" camunda:elementVariable="reviewer"'),
    _change("form-unset-name", "Field_amount", 'camunda:formRef="need"', ""),
    _change("form-unset-name", "Field_amount", 'camunda:formRef="need"', 'camunda:formRef="capture"'),
    Example("deadlock", _branches(_XOR, _AND.format("j")), "j"),
    Example("too-many-states", _many_branches(12), "p"),
    Example("lack-of-synchronisation", _branches(_AND.format("x"), '<bpmn:exclusiveGateway id="j" />'), "z"),
    _change(
        "parallel-writes",
        "Ask",
        '<bpmn:manualTask id="Look" name="Look" />',
        '<bpmn:manualTask id="Look" name="Look"><bpmn:dataOutputAssociation id="Write_3">'
        "<bpmn:targetRef>Store_1</bpmn:targetRef></bpmn:dataOutputAssociation></bpmn:manualTask>",
    ),
)
