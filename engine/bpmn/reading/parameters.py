"""Owns the reading of `camunda:inputOutput` off an activity: its parameters as they are drawn, and what is wrong there.

The lint and the interpreter's reader use it, so that both see the same. It evaluates nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from engine import feel
from engine.bpmn.model.extensions import extension_elements
from engine.bpmn.model.xml import Element, camunda, line_of, name_of, text_of
from engine.bpmn.specs.mapping import Mappings, Parameter, Value

_KINDS: Final = {camunda("inputParameter"): "input", camunda("outputParameter"): "output"}
_LIST, _MAP, _SCRIPT = camunda("list"), camunda("map"), camunda("script")
_MAX_DEPTH: Final = 20

Direction = Literal["input", "output"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A parameter as it is drawn."""

    direction: Direction
    name: str
    element: Element


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a parameter: where, what, how to mend it."""

    element: Element
    message: str
    remedy: str


def drawn(node: Element) -> list[Drawn]:
    """Return the parameters of an activity, in document order."""
    found: list[Drawn] = []
    for group in extension_elements(node):
        if group.tag == camunda("inputOutput"):
            for element in group.iterchildren():
                if element.tag in _KINDS:
                    direction: Direction = "input" if _KINDS[str(element.tag)] == "input" else "output"
                    found.append(Drawn(direction, (element.get("name") or "").strip(), element))
    return found


def texts(parameter: Drawn) -> Iterator[tuple[Element, str]]:
    """Yield the texts of a parameter, plain or expressions, each with the element in which it stands."""
    waiting = [parameter.element]
    while waiting:
        element = waiting.pop()
        inner = list(element.iterchildren())
        if inner and element.tag != _SCRIPT:
            waiting.extend(reversed(inner))
        elif element.tag not in (_LIST, _MAP, _SCRIPT) and text_of(element):
            yield element, text_of(element)


def problems(node: Element) -> Iterator[Problem]:
    """Yield what keeps the parameters of an activity from being run."""
    seen: set[tuple[str, str]] = set()
    for group in extension_elements(node):
        for stray in group.iterchildren() if group.tag == camunda("inputOutput") else ():
            if stray.tag not in _KINDS:
                yield Problem(
                    stray, f"camunda:{name_of(stray)} is no parameter.", "Use inputParameter or outputParameter."
                )
    for parameter in drawn(node):
        what = f"The {parameter.direction} parameter"
        if not parameter.name:
            yield Problem(parameter.element, f"{what} has no name.", "Give it the name of a variable.")
        elif (parameter.direction, parameter.name) in seen:
            yield Problem(
                parameter.element, f"{what} {parameter.name!r} is there twice.", "Keep one, or give it another name."
            )
        seen.add((parameter.direction, parameter.name))
        yield from _content_problems(parameter.element, f"{what} {parameter.name!r}", _MAX_DEPTH)


def _content_problems(element: Element, what: str, depth: int) -> Iterator[Problem]:
    inner = list(element.iterchildren())
    if depth == 0:
        yield Problem(element, f"{what} is nested too deep.", "Write it as a FEEL expression.")
        return
    if len(inner) > 1 and element.tag not in (_LIST, _MAP):
        yield Problem(inner[1], f"{what} has more than one value.", "Keep one, or make a list of them.")
    for part in inner:
        if part.tag == _SCRIPT:
            yield Problem(part, f"{what} is a script; scripts run in script tasks only.", "Write FEEL, such as =a + b.")
        elif not _belongs(part, element):
            yield Problem(
                part, f"{what} holds camunda:{name_of(part)}, which is not run here.", "Use a text, a list or a map."
            )
        elif part.tag == camunda("entry") and not (part.get("key") or ""):
            yield Problem(part, f"{what} has an entry without a key.", "Give each entry a key.")
        else:
            yield from _content_problems(part, what, depth - 1)


def _belongs(part: Element, around: Element) -> bool:
    if part.tag in (_LIST, _MAP):
        return around.tag != _MAP
    return (part.tag, around.tag) in ((camunda("value"), _LIST), (camunda("entry"), _MAP))


def read(node: Element) -> Mappings | None:
    """Return the parameters of an activity without `problems`, None for no parameter. Raises `ExpressionRefused`."""
    found = drawn(node)
    if not found:
        return None
    made: dict[str, list[Parameter]] = {"input": [], "output": []}
    for each in found:
        source = text_of(each.element) if not len(each.element) else ""
        literal = source if source and not feel.is_expression(source) else None
        made[each.direction].append(Parameter(each.name, _value(each.element), literal, line_of(each.element)))
    return Mappings(tuple(made["input"]), tuple(made["output"]))


def _value(element: Element) -> Value:
    """Return what stands in a parameter, an entry or an item of a list; nothing is null, as Camunda has it."""
    if element.tag == _LIST:
        return tuple(_value(part) for part in element.iterchildren())
    if element.tag == _MAP:
        return {part.get("key") or "": _value(part) for part in element.iterchildren()}
    inner = next(element.iterchildren(), None)
    if inner is not None:
        return _value(inner)
    source = text_of(element)
    return feel.text_or_expression(source) if source else None
