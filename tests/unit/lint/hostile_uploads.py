"""Uploads that are made to take long: rings of messages, signals and calls, and thousands of names."""

from collections.abc import Callable, Iterator, Mapping

from tests.unit.lint.models import HEAD, flow, process

_PER_FILE = 100


def _files(processes: Iterator[str], around: str = "") -> dict[str, bytes]:
    """Return models of a hundred processes each."""
    made, found = list(processes), {}
    for first in range(0, len(made), _PER_FILE):
        body = "".join(made[first : first + _PER_FILE])
        found[f"m{first}.bpmn"] = f"{HEAD}{around}{body}</bpmn:definitions>".encode()
    return found


def _process(number: int, inner: str, start: str = "") -> str:
    begins = f'<bpmn:startEvent id="s{number}">{start}</bpmn:startEvent>'
    return f'<bpmn:process id="q{number}" isExecutable="true">{begins}{inner}</bpmn:process>'


def _event(kind: str, number: int) -> str:
    return f'<bpmn:{kind}EventDefinition {kind}Ref="{kind}{number}" />'


def _declared(kind: str, count: int) -> str:
    return "".join(f'<bpmn:{kind} id="{kind}{number}" name="n{number}" />' for number in range(count))


def _ring(kind: str, count: int, names: int) -> dict[str, bytes]:
    """Processes of which each starts the next one; with few names, many at once."""
    return _files(
        (
            _process(
                number,
                f'<bpmn:endEvent id="e{number}">{_event(kind, (number + 1) % names)}</bpmn:endEvent>'
                + flow(f"s{number}", f"e{number}"),
                _event(kind, number % names),
            )
            for number in range(count)
        ),
        _declared(kind, names),
    )


def _calls(count: int, step: int) -> dict[str, bytes]:
    """A ring of processes that call one another with all their variables, and read what nothing sets."""
    return _files(
        _process(
            number,
            f'<bpmn:callActivity id="a{number}" calledElement="q{(number + 1) % count}" />'
            f'<bpmn:callActivity id="b{number}" calledElement="q{(number + step) % count}" />'
            f'<bpmn:userTask id="t{number}" camunda:assignee="=unheard{number}" />',
        )
        for number in range(count)
    )


def _one(*parts: str, around: str = "") -> dict[str, bytes]:
    model = process('<bpmn:startEvent id="s" />' + "".join(parts))
    return {"p.bpmn": model.replace("<bpmn:process", f"{around}<bpmn:process", 1).encode()}


def _task(number: int, extension: str, assignee: str = "a") -> str:
    inside = f"<bpmn:extensionElements><camunda:inputOutput>{extension}</camunda:inputOutput></bpmn:extensionElements>"
    return f'<bpmn:userTask id="t{number}" camunda:assignee="{assignee}">{inside}</bpmn:userTask>'


def _names(tasks: int, each: int) -> dict[str, bytes]:
    """Tasks that set thousands of names, and read names that are nearly the same."""
    output = '<camunda:outputParameter name="name{0}_{1}">=eman{0}_{1}</camunda:outputParameter>'
    return _one(*(_task(task, "".join(output.format(task, number) for number in range(each))) for task in range(tasks)))


def _locals(depth: int) -> dict[str, bytes]:
    """Sub-processes in one another, each with names of its own, and reads at the bottom."""
    inner = "".join(_task(number, "", f"=local{number % depth} + unheard{number}") for number in range(400))
    for number in range(depth):
        given = f'<camunda:inputParameter name="local{number}">=local{number}</camunda:inputParameter>'
        mapped = f"<bpmn:extensionElements><camunda:inputOutput>{given}</camunda:inputOutput></bpmn:extensionElements>"
        inner = f'<bpmn:subProcess id="u{number}">{mapped}{inner}</bpmn:subProcess>'
    return _one(inner)


def _scripts(count: int, lines: str) -> dict[str, bytes]:
    script = '<bpmn:scriptTask id="k{0}" scriptFormat="python"><bpmn:script>{1}</bpmn:script></bpmn:scriptTask>'
    return _one(*(script.format(number, lines.replace("?", str(number))) for number in range(count)))


def _throws(count: int, *, backwards: bool) -> dict[str, bytes]:
    """A process that throws hundreds of messages in a row, drawn in the order or against it, and begins by the last."""
    event = '<bpmn:intermediateThrowEvent id="t{0}">{1}</bpmn:intermediateThrowEvent>'
    parts = [event.format(number, _event("message", number)) for number in range(count)]
    flows = [flow(f"t{number}", f"t{number + 1}") for number in range(count - 1)]
    body = "".join(reversed(parts) if backwards else parts) + "".join(flows) + flow("s0", "t0")
    model = f"{HEAD}{_declared('message', count)}{_process(0, body, _event('message', count - 1))}</bpmn:definitions>"
    return {"p.bpmn": model.encode()}


def _mesh(side: int, kind: str) -> dict[str, bytes]:
    """Gateways in rows, each joined with all of the next row, and the last row with the first; beside each a throw."""
    parts = [flow("s0", "g0_0")]
    for row in range(side):
        for place in range(side):
            parts.append(f'<bpmn:{kind} id="g{row}_{place}" />')
            parts.append(f'<bpmn:intermediateThrowEvent id="t{row}_{place}">{_event("signal", row)}')
            parts.append(f"</bpmn:intermediateThrowEvent>{flow(f'g{row}_{place}', f't{row}_{place}')}")
            parts += [flow(f"g{row}_{place}", f"g{(row + 1) % side}_{other}") for other in range(side)]
    model = f"{HEAD}{_declared('signal', side)}{_process(0, ''.join(parts), _event('signal', 0))}</bpmn:definitions>"
    return {"p.bpmn": model.encode()}


UPLOADS: Mapping[str, Callable[[], dict[str, bytes]]] = {
    "ring-of-messages": lambda: _ring("message", 1_000, 1_000),
    "ring-of-signals": lambda: _ring("signal", 1_000, 1_000),
    "all-by-one-signal": lambda: _ring("signal", 1_000, 1),
    "ring-of-calls": lambda: _calls(1_000, 2),
    "web-of-calls": lambda: _calls(1_000, 37),
    "names": lambda: _names(830, 13),
    "few-with-many-names": lambda: _names(4, 450),
    "locals": lambda: _locals(45),
    "scripts": lambda: _scripts(160, "\n".join(f"a{number}_? = b{number}_?" for number in range(65))),
    "loops-in-scripts": lambda: _scripts(
        60, "".join(f"{' ' * depth}for x? in y?:\n" for depth in range(40)) + " " * 40 + "z = w"
    ),
    "throws": lambda: _throws(900, backwards=False),
    "throws-backwards": lambda: _throws(900, backwards=True),
    "mesh-of-parallel": lambda: _mesh(20, "parallelGateway"),
    "mesh-of-exclusive": lambda: _mesh(20, "exclusiveGateway"),
    "mesh-of-inclusive": lambda: _mesh(20, "inclusiveGateway"),
}
"""By what they are full of."""
