"""Bad examples for the rules about event sub-processes, errors, escalations and conditions: rule, model, element."""

from tests.unit.lint.models import changed, flow, process

_AROUND = (
    '<bpmn:error id="E1" name="Gone" errorCode="gone" /><bpmn:escalation id="N1" name="Late" escalationCode="late" />'
    '<bpmn:message id="M1" name="stop" />'
)
_ERROR = '<bpmn:errorEventDefinition errorRef="E1" />'
_ESCALATION = '<bpmn:escalationEventDefinition escalationRef="N1" />'
_CONDITION = "<bpmn:conditionalEventDefinition>{}</bpmn:conditionalEventDefinition>"
_MAIN = f'<bpmn:startEvent id="s" /><bpmn:manualTask id="t" /><bpmn:endEvent id="e" />{flow("s", "t")}{flow("t", "e")}'
_LOOP = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
_REPEATED = f"{_LOOP}</bpmn:multiInstanceLoopCharacteristics>"


def _model(*parts: str) -> str:
    return process("".join((_MAIN, *parts))).replace("<bpmn:process", f"{_AROUND}<bpmn:process")


def _event(identity: str, definition: str, *, inner: str = "", interrupting: str = "true") -> str:
    """Return an event sub-process with the start event `{identity}1`."""
    start = f'<bpmn:startEvent id="{identity}1" isInterrupting="{interrupting}">{definition}</bpmn:startEvent>'
    end = f'<bpmn:endEvent id="{identity}2" />{flow(f"{identity}1", f"{identity}2")}'
    return f'<bpmn:subProcess id="{identity}" triggeredByEvent="true">{inner}{start}{end}</bpmn:subProcess>'


def _sub(end_definition: str, *events: tuple[str, str]) -> str:
    """Return a sub-process `x` that ends with a definition, and boundary events (id, definition) on it."""
    inner = (
        f'<bpmn:startEvent id="x1" /><bpmn:endEvent id="x2">{end_definition}</bpmn:endEvent>{flow("x1", "x2")}'
        f"</bpmn:subProcess>{flow('t2', 'x')}{flow('x', 'e2')}"
    )
    attached = "".join(
        f'<bpmn:boundaryEvent id="{identity}" attachedToRef="x">{definition}</bpmn:boundaryEvent>{flow(identity, "e2")}'
        for identity, definition in events
    )
    begin = f'<bpmn:manualTask id="t2" />{flow("t", "t2")}<bpmn:endEvent id="e2" />'
    return f'{begin}<bpmn:subProcess id="x">{inner}{attached}'


def _extended(name: str) -> str:
    entry = f'<camunda:property name="{name}" value="=1" />'
    return f"<bpmn:extensionElements><camunda:properties>{entry}</camunda:properties></bpmn:extensionElements>"


_TRUE = _CONDITION.format("<bpmn:condition>=1 = 1</bpmn:condition>")

EXAMPLES = (
    ("event-sub-process", _model(_event("h", _TRUE), flow("t", "h")), "t-h"),
    ("event-sub-process", _model(_event("h", _TRUE), flow("h", "e")), "h-e"),
    (
        "event-sub-process",
        _model(
            _event("h", _TRUE),
            f'<bpmn:boundaryEvent id="b" attachedToRef="h">{_TRUE}</bpmn:boundaryEvent>{flow("b", "e")}',
        ),
        "b",
    ),
    ("event-sub-process", _model(_event("h", _TRUE, inner=_REPEATED)), "h"),
    ("event-sub-process", _model(_event("h", _ERROR, interrupting="false")), "h1"),
    ("unsupported-element", _model(_event("h", "")), "h1"),
    ("unsupported-element", _model(_event("h", "<bpmn:compensateEventDefinition />")), "h1"),
    ("unsupported-element", _model().replace('id="s" />', f'id="s">{_TRUE}</bpmn:startEvent>'), "s"),
    ("not-interrupting-start", _model().replace('id="s"', 'id="s" isInterrupting="false"'), "s"),
    ("condition-event", _model(_event("h", _CONDITION.format(""))), "h1"),
    ("condition-event", _model(_event("h", _CONDITION.format("<bpmn:condition> </bpmn:condition>"))), "h1"),
    ("caught-twice", _model(_sub(_ERROR, ("b1", _ERROR), ("b2", _ERROR))), "b2"),
    ("caught-twice", _model(_event("h", _ESCALATION), _event("k", _ESCALATION)), "k1"),
    ("never-thrown", _model(_sub(_ERROR, ("b", _ESCALATION))), "b"),
    ("never-thrown", _model(_event("h", _ERROR)), "h1"),
    ("never-thrown", changed('attachedToRef="Call"', 'attachedToRef="Sum"'), "Failed"),
    ("never-caught", _model(_sub(_ESCALATION, ("b", _ERROR))), "x2"),
    (
        "never-caught",
        _model(_event("h", _ESCALATION).replace('id="h2" />', f'id="h2">{_ESCALATION}</bpmn:endEvent>')),
        "h2",
    ),
    ("timer-text", _model(_event("h", _TRUE)).replace(_TRUE, "<bpmn:timerEventDefinition />"), "h1"),
    (
        "unsupported-camunda-attribute",
        _model(_event("h", _TRUE).replace('id="h1"', 'id="h1" camunda:formRef="need"')),
        "h1",
    ),
    (
        "unknown-property",
        _model(_event("h", _TRUE).replace(_TRUE, _extended("correlationKey") + _TRUE)),
        "h1",
    ),
    ("unreachable", _model('<bpmn:subProcess id="apart" />'), "apart"),
)
GOOD_EXAMPLES = (
    _model(_event("h", _TRUE)),
    _model(_event("h", f'{_extended("correlationKey")}<bpmn:messageEventDefinition messageRef="M1" />')),
    _model(_event("h", _TRUE, interrupting="false")),
    _model(_event("h", _ERROR), _sub(_ERROR)),
    _model(_sub(_ERROR, ("b", _ERROR))),
    _model(_sub(_ESCALATION, ("b", "<bpmn:escalationEventDefinition />"))),
    _model(_sub(_ESCALATION), _event("h", _ESCALATION, interrupting="false")),
    _model(_sub(_ESCALATION).replace("t2", "t3"), _event("h", _ESCALATION)).replace("t3", "t2"),
)
"""Models about which there is nothing to say."""
