"""Bad examples for the rules about what starts cases, and about cron: rule, model, element."""

from tests.unit.lint.models import flow, process

_AROUND = '<bpmn:message id="M1" name="order" /><bpmn:signal id="S1" name="news" />'
_MESSAGE = '<bpmn:messageEventDefinition messageRef="M1" />'
_SIGNAL = '<bpmn:signalEventDefinition signalRef="S1" />'
_END = '<bpmn:endEvent id="e" />'
_PROCESS = '<bpmn:process id="p"'


def _timer(text: str, kind: str = "timeCycle") -> str:
    return f'<bpmn:timerEventDefinition id="d"><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>'


def _start(identity: str, definition: str, **properties: str) -> str:
    entries = "".join(f'<camunda:property name="{name}" value="{value}" />' for name, value in properties.items())
    extension = f"<bpmn:extensionElements><camunda:properties>{entries}</camunda:properties></bpmn:extensionElements>"
    inner = f"{extension if entries else ''}{definition}"
    return f'<bpmn:startEvent id="{identity}">{inner}</bpmn:startEvent>{flow(identity, "e")}'


def _model(*parts: str) -> str:
    return process("".join((*parts, _END))).replace(_PROCESS, f"{_AROUND}{_PROCESS}")


def _in_zone(zone: str) -> str:
    named = f'<camunda:properties><camunda:property name="timeZone" value="{zone}" /></camunda:properties>'
    first = '<bpmn:startEvent id="s"'
    extension = f"<bpmn:extensionElements>{named}</bpmn:extensionElements>"
    return _model(_start("s", _timer("0 9 * * MON-FRI"))).replace(first, f"{extension}{first}")


def _sub(definition: str) -> str:
    inner = f'<bpmn:startEvent id="i">{definition}</bpmn:startEvent><bpmn:endEvent id="ie" />{flow("i", "ie")}'
    start = f'<bpmn:startEvent id="s" />{flow("s", "u")}{flow("u", "e")}'
    return _model(f'{start}<bpmn:subProcess id="u">{inner}</bpmn:subProcess>')


def _sending(**properties: str) -> str:
    entries = "".join(f'<camunda:property name="{name}" value="{value}" />' for name, value in properties.items())
    extension = f"<bpmn:extensionElements><camunda:properties>{entries}</camunda:properties></bpmn:extensionElements>"
    task = f'<bpmn:sendTask id="t" name="Send" messageRef="M1">{extension}</bpmn:sendTask>'
    return _model(f'<bpmn:startEvent id="s" />{task}{flow("s", "t")}{flow("t", "e")}')


_CALLER = process(
    '<bpmn:startEvent id="s" /><bpmn:callActivity id="c" name="Call" calledElement="q" />'
    f"{_END}{flow('s', 'c')}{flow('c', 'e')}"
)
_ONLY_BY_MESSAGE = _model(_start("s", _MESSAGE)).replace(_PROCESS, '<bpmn:process id="q"')

EXAMPLES = (
    ("several-start-events", _model(_start("s", ""), _start("s2", ""), _start("s3", _MESSAGE)), "s2"),
    ("start-in-sub-process", _sub(_MESSAGE), "i"),
    ("start-in-sub-process", _sub(_timer("R/P1D")), "i"),
    ("start-time", _model(_start("s", _timer("=duration(wait)", "timeDuration"))), "s"),
    ("start-message-twice", _model(_start("s", _MESSAGE), _start("s2", _MESSAGE)), "s2"),
    ("start-key", _model(_start("s", _MESSAGE, correlationKey="number")), "s"),
    ("endless-ring", _model(_start("s", _SIGNAL)).replace('id="e" />', f'id="e">{_SIGNAL}</bpmn:endEvent>'), "s"),
    ("called-process-start", _CALLER, "c", _ONLY_BY_MESSAGE),
    ("time-zone", _in_zone("Europe/Atlantis"), "p"),
    ("time-zone", _in_zone("/etc/localtime"), "p"),
    ("time-to-live", _sending(timeToLive="a week"), "t"),
    ("time-to-live", _sending(timeToLive="-P1D"), "t"),
    ("time-to-live", _sending(timeToLive="P7D", destination="supplier"), "t"),
    ("timer-text", _model(_start("s", _timer("0 99 9 * * MON"))), "s"),
    ("timer-text", _model(_start("s", _timer("0 0 9 ? * 2-6"))), "s"),
)

GOOD_EXAMPLES = (
    _model(
        _start("s", ""),
        _start("s2", _MESSAGE, resultVariable="order"),
        _start("s3", _SIGNAL, resultVariable="news"),
        _start("s4", _timer("0 0 9 * * MON-FRI")),
        _start("s5", _timer("2026-03-31T10:30:00Z", "timeDate").replace(' id="d"', "")),
    ),
    _in_zone("Europe/Vienna"),
    _sending(timeToLive="P7D"),
    _sending(timeToLive="=duration(&quot;P7D&quot;)"),
)
