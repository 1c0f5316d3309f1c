"""Models that are made to take long or to break the reader: events, links, parameters, data objects, calls."""

from collections.abc import Callable

from tests.unit.lint.models import HEAD, flow, process

_START = '<bpmn:startEvent id="s" />'
_END = '<bpmn:endEvent id="e" />'
_AROUND = (
    '<bpmn:message id="M" name="m" /><bpmn:signal id="G" name="g" /><bpmn:error id="E" name="E" errorCode="e" />'
    '<bpmn:escalation id="N" name="N" escalationCode="n" />'
)
_DEFINITIONS = (
    '<bpmn:errorEventDefinition errorRef="E" />',
    '<bpmn:escalationEventDefinition escalationRef="N" />',
    '<bpmn:messageEventDefinition messageRef="M" />',
    '<bpmn:signalEventDefinition signalRef="G" />',
    "<bpmn:conditionalEventDefinition><bpmn:condition>a = 1</bpmn:condition></bpmn:conditionalEventDefinition>",
    "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>",
)


def _model(*parts: str) -> str:
    return process("".join(parts)).replace("<bpmn:process", f"{_AROUND}<bpmn:process", 1)


def _handler(number: int, inner: str = "") -> str:
    definition = _DEFINITIONS[number % len(_DEFINITIONS)]
    return (
        f'<bpmn:subProcess id="h{number}" triggeredByEvent="true"><bpmn:startEvent id="hs{number}">{definition}'
        f'</bpmn:startEvent>{inner}<bpmn:endEvent id="he{number}">{_DEFINITIONS[number % 2]}</bpmn:endEvent>'
        f"{flow(f'hs{number}', f'he{number}')}</bpmn:subProcess>"
    )


def _handlers_within_handlers(depth: int) -> str:
    inner = ""
    for number in range(depth):
        inner = _handler(number, inner)
    return _model(_START, inner, _END, flow("s", "e"))


def _links(count: int) -> str:
    parts = [_START, flow("s", "t0")]
    for number in range(count):
        definition = '<bpmn:linkEventDefinition name="{}" />'
        parts.append(
            f'<bpmn:intermediateCatchEvent id="c{number}">{definition.format(number)}</bpmn:intermediateCatchEvent>'
            f'<bpmn:intermediateThrowEvent id="t{number}">{definition.format((number + 1) % count)}'
            f"</bpmn:intermediateThrowEvent>{flow(f'c{number}', f't{number}')}"
        )
    return _model(*parts)


def _condition(text: str, count: int) -> str:
    definition = f"<bpmn:conditionalEventDefinition><bpmn:condition>{text}</bpmn:condition>"
    definition += "</bpmn:conditionalEventDefinition>"
    event = '<bpmn:intermediateCatchEvent id="c{0}">' + definition + "</bpmn:intermediateCatchEvent>"
    return _model(_START, *(event.format(number) for number in range(count)))


def _parameters(inner: str) -> str:
    mapped = f"<camunda:inputOutput>{inner}</camunda:inputOutput>"
    return _model(f'<bpmn:userTask id="t"><bpmn:extensionElements>{mapped}</bpmn:extensionElements></bpmn:userTask>')


def _maps(depth: int) -> str:
    inner = '<camunda:entry key="a"><camunda:map>' * depth + "</camunda:map></camunda:entry>" * depth
    return _parameters(f'<camunda:inputParameter name="a"><camunda:map>{inner}</camunda:map></camunda:inputParameter>')


def _signals(count: int) -> str:
    signals = "".join(f'<bpmn:signal id="G{number}" name="g{number % 7}" />' for number in range(count))
    event = '<bpmn:intermediateThrowEvent id="t{0}"><bpmn:signalEventDefinition signalRef="G{0}" />'
    throws = "".join(f"{event.format(number)}</bpmn:intermediateThrowEvent>" for number in range(900))
    return _model(throws).replace("<bpmn:process", f"{signals}<bpmn:process", 1)


def _timers(text: str, count: int) -> str:
    event = '<bpmn:intermediateCatchEvent id="c{0}"><bpmn:timerEventDefinition><bpmn:timeCycle>{1}</bpmn:timeCycle>'
    event += "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    return _model(*(event.format(number, text) for number in range(count)))


def _data_objects(count: int) -> str:
    ring = (
        f'<bpmn:dataObjectReference id="d{number}" name="D {number}" dataObjectRef="d{(number + 1) % count}" />'
        for number in range(count)
    )
    reads = "".join(
        f"<bpmn:dataInputAssociation><bpmn:sourceRef>d{number % count}</bpmn:sourceRef></bpmn:dataInputAssociation>"
        for number in range(40)
    )
    tasks = (f'<bpmn:userTask id="t{number}">{reads}</bpmn:userTask>' for number in range(300))
    return _model(*ring, *tasks)


def _calls(count: int) -> str:
    """A ring of processes, each of which calls the next two, throws and catches."""
    bodies = (
        f'<bpmn:process id="q{number}" isExecutable="true"><bpmn:startEvent id="s{number}" />'
        f'<bpmn:callActivity id="a{number}" calledElement="q{(number + 1) % count}" />'
        f'<bpmn:callActivity id="b{number}" calledElement="q{(number + 2) % count}" />'
        f'<bpmn:boundaryEvent id="c{number}" attachedToRef="a{number}">{_DEFINITIONS[number % 2]}</bpmn:boundaryEvent>'
        f'<bpmn:userTask id="t{number}" camunda:assignee="=unheard" /></bpmn:process>'
        for number in range(count)
    )
    return HEAD + _AROUND + "".join(bodies) + "</bpmn:definitions>"


def _throws(depth: int) -> str:
    """Sub-processes within one another, each with events that catch what might come out."""
    inner = f'<bpmn:endEvent id="x">{_DEFINITIONS[0]}</bpmn:endEvent>'
    for number in range(depth):
        inner = (
            f'<bpmn:startEvent id="s{number}" /><bpmn:subProcess id="p{number}">{inner}</bpmn:subProcess>'
            f'<bpmn:boundaryEvent id="b{number}" attachedToRef="p{number}">{_DEFINITIONS[number % 2]}'
            f'</bpmn:boundaryEvent><bpmn:intermediateThrowEvent id="n{number}">{_DEFINITIONS[1]}'
            f"</bpmn:intermediateThrowEvent>"
        )
    return _model(inner)


def _reminders(count: int) -> str:
    """Tasks in a row, each with events that do not interrupt and lead back to where it began."""
    parts = [_START, _END, flow("s", "t0"), flow(f"t{count}", "e"), f'<bpmn:userTask id="t{count}" />']
    for number in range(count):
        parts += [f'<bpmn:userTask id="t{number}" />', flow(f"t{number}", f"t{number + 1}")]
        for event in range(2):
            identity = f"b{number}_{event}"
            parts.append(
                f'<bpmn:boundaryEvent id="{identity}" attachedToRef="t{number}" cancelActivity="false">'
                f"{_DEFINITIONS[2 + event]}</bpmn:boundaryEvent>{flow(identity, f't{number * event // 2}')}"
            )
    return _model(*parts)


def _mesh(side: int, kind: str) -> str:
    """Gateways in rows, each joined with all of the next row, and the last row with the first."""
    parts = [_START, flow("s", "g0_0")]
    for row in range(side):
        for place in range(side):
            parts.append(f'<bpmn:{kind} id="g{row}_{place}" />')
            parts += [flow(f"g{row}_{place}", f"g{(row + 1) % side}_{other}", "a = 1") for other in range(side)]
    return _model(*parts)


def _ways_out(count: int) -> str:
    tasks = [f'<bpmn:userTask id="t{number}" />' for number in range(count)]
    flows = [flow("s", "t0"), *(flow("t0", f"t{number}", "a = 1") for number in range(1, count))]
    return _model(_START, *tasks, *flows, *(flow(f"t{number}", "t1") for number in range(2, count)))


def _named(kind: str, name: str) -> str:
    return f'<bpmn:{kind} id="a" name="{name}" />'


def _loops(count: int) -> str:
    loop = "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>a</bpmn:loopCondition>"
    loop += "</bpmn:standardLoopCharacteristics>"
    sub, close = f'<bpmn:subProcess id="l{{0}}">{loop}<bpmn:startEvent id="ls{{0}}" />', "</bpmn:subProcess>"
    return _model("".join(sub.format(number) for number in range(count)), close * count)


EVENTFUL: dict[str, Callable[[], str]] = {
    "handlers": lambda: _model(_START, *(_handler(number) for number in range(320)), _END, flow("s", "e")),
    "thousands-of-handlers": lambda: _model(_START, *(_handler(number) for number in range(5_000))),
    "handlers-within-handlers": lambda: _handlers_within_handlers(110),
    "handlers-too-deep": lambda: _handlers_within_handlers(3_000),
    "links": lambda: _links(480),
    "long-condition": lambda: _condition("a + " * 6_000 + "1", 20),
    "deep-condition": lambda: _condition("not(" * 5_000 + ")" * 5_000, 20),
    "many-conditions": lambda: _condition("a[item &gt; b[item = c]] = d", 950),
    "maps": lambda: _maps(100),
    "maps-too-deep": lambda: _maps(10_000),
    "wide-maps": lambda: _parameters('<camunda:inputParameter name="a">=b + c</camunda:inputParameter>' * 30_000),
    "signals": lambda: _signals(5_000),
    "cron": lambda: _timers("0,1,2,3-59/7 9-17 1-31 JAN-DEC MON-FRI", 950),
    "long-cron": lambda: _timers(f"{'1,' * 20_000}1 9 * * *", 50),
    "cron-of-never": lambda: _timers("0 0 30 2 *", 950),
    "data-objects": lambda: _data_objects(500),
    "calls-in-a-ring": lambda: _calls(800),
    "throws": lambda: _throws(120),
    "reminders": lambda: _reminders(300),
    "mesh-of-inclusive": lambda: _mesh(13, "inclusiveGateway"),
    "mesh-of-parallel": lambda: _mesh(13, "parallelGateway"),
    "mesh-of-exclusive": lambda: _mesh(30, "exclusiveGateway"),
    "ways-out": lambda: _ways_out(700),
    "loops": lambda: _loops(240),
    "open-expressions": lambda: _model(_START, _named("userTask", "${" * 2_000_000), _END, flow("s", "e")),
    "open-states": lambda: _model(_START, _named("dataObjectReference", "[" * 4_000_000), _END, flow("s", "e")),
    "closed-states": lambda: _model(_START, _named("dataObjectReference", "[" * 4_000_000 + "]"), _END, flow("s", "e")),
}
"""By what they are full of."""
