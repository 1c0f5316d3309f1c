"""Breaks models and decisions as careless hands do: attributes swapped, ends lost, ids doubled, elements moved."""

import random
from collections.abc import Callable
from typing import Any, Final

from lxml import etree

BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_KINDS: Final = (
    *("userTask", "manualTask", "task", "scriptTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask"),
    *("callActivity", "subProcess", "exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"),
    *("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"),
    *("timerEventDefinition", "messageEventDefinition", "signalEventDefinition", "errorEventDefinition"),
    *("escalationEventDefinition", "conditionalEventDefinition", "terminateEventDefinition", "linkEventDefinition"),
    *("multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "timeDuration", "timeDate", "timeCycle"),
)
_REFERENCES: Final = (
    *("sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "signalRef", "errorRef", "escalationRef"),
    *("dataObjectRef", "calledElement"),
)
_VALUES: Final = ("", " ", "1", "0", "-1", "true", "false", "=a", "=1", "=[1]", "${a}", "P1D", "R2/PT1H", "0 9 * * *")
_TEXTS: Final = (*_VALUES, "null", "a = 1", "[1, 2, 3]", '"x"', "{a: 1}", "2026-02-01T08:00:00Z", "x = 1", "raise x")


def _elements(root: Any) -> list[Any]:
    namespace = root.tag.partition("}")[0]
    return [element for element in root.iter(f"{namespace}}}*") if element.getparent() is not None]


def _with_attributes(root: Any) -> list[Any]:
    return [element for element in root.iter("*") if len(element.attrib) and element is not root]


def _swap_values(root: Any, chance: random.Random) -> None:
    one, other = chance.choice(_with_attributes(root)), chance.choice(_with_attributes(root))
    first, second = chance.choice(list(one.attrib)), chance.choice(list(other.attrib))
    one.attrib[first], other.attrib[second] = other.attrib[second], one.attrib[first]


def _set_value(root: Any, chance: random.Random) -> None:
    element = chance.choice(_with_attributes(root))
    element.attrib[chance.choice(list(element.attrib))] = chance.choice(_VALUES)


def _copy_attribute(root: Any, chance: random.Random) -> None:
    giver, taker = chance.choice(_with_attributes(root)), chance.choice(_elements(root))
    name = chance.choice(list(giver.attrib))
    taker.attrib[name] = giver.attrib[name]


def _drop_attribute(root: Any, chance: random.Random) -> None:
    element = chance.choice(_with_attributes(root))
    del element.attrib[chance.choice(list(element.attrib))]


def _lead_elsewhere(root: Any, chance: random.Random) -> None:
    found = [(element, name) for element in root.iter("*") for name in _REFERENCES if element.get(name)]
    ids = [element.get("id") for element in _elements(root) if element.get("id")]
    if found:
        element, name = chance.choice(found)
        element.set(name, chance.choice(ids))


def _drop(root: Any, chance: random.Random) -> None:
    element = chance.choice(_elements(root))
    element.getparent().remove(element)


def _double(root: Any, chance: random.Random) -> None:
    element = chance.choice(_elements(root))
    twin = etree.fromstring(etree.tostring(element))
    twin.tail = None
    if chance.random() < 0.5:
        for part in twin.iter("*"):
            if part.get("id"):
                part.set("id", f"{part.get('id')}_2")
    element.addnext(twin)


def _move(root: Any, chance: random.Random) -> None:
    element, place = chance.choice(_elements(root)), chance.choice(_elements(root))
    if element not in [place, *place.iterancestors()]:
        place.append(element)


def _rename(root: Any, chance: random.Random) -> None:
    element = chance.choice(_elements(root))
    others = [other.tag for other in _elements(root)]
    element.tag = chance.choice((BPMN + chance.choice(_KINDS), chance.choice(others)))


def _rewrite(root: Any, chance: random.Random) -> None:
    written = [element for element in root.iter("*") if (element.text or "").strip()]
    if written:
        other = chance.choice(written).text
        chance.choice(written).text = chance.choice((*_TEXTS, other))


CHANGES: Final[tuple[Callable[[Any, random.Random], None], ...]] = (
    _swap_values,
    _set_value,
    _copy_attribute,
    _drop_attribute,
    _lead_elsewhere,
    _drop,
    _double,
    _move,
    _rename,
    _rewrite,
)


def mutated(content: bytes, chance: random.Random, changes: int) -> bytes:
    """Return the model with some changes; it stays well-formed."""
    root = etree.fromstring(content)
    for _ in range(changes):
        if len(_elements(root)) > 2:
            chance.choice(CHANGES)(root, chance)
    changed: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return changed
