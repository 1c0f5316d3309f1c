"""Whatever bytes come, the lint says findings or nothing, and soon."""

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.bpmn.lint import RULES, lint
from engine.bpmn.model.facts import processes_in
from engine.bpmn.model.xml import XmlRefused
from engine.types import Finding
from tests.unit.lint.hostile import EVENTFUL
from tests.unit.lint.hostile_uploads import UPLOADS
from tests.unit.lint.models import GOOD, HEAD, Shelf, findings_in, flow, process

PATIENCE = 10.0
"""Seconds of computing that any upload may take at most."""

_NAMES = {rule.name for rule in RULES}
_READING = {rule.name for rule in RULES if rule.check is None}
_TASK = '<bpmn:userTask id="t{0}" name="T" camunda:formRef="need" camunda:candidateGroups="staff" />'


def _looked_at(content: bytes) -> list[Finding]:
    found = findings_in(content)
    for finding in found:
        assert finding.rule in _NAMES
        assert finding.file == ("capture.form" if finding.rule == "form-unset-name" else "needs.bpmn")
    if any(finding.rule in _READING for finding in found):
        with pytest.raises(XmlRefused):
            processes_in(content, "needs.bpmn")
    else:
        assert all(fact.file == "needs.bpmn" for fact in processes_in(content, "needs.bpmn"))
    return found


@given(st.binary(max_size=400))
def test_random_bytes(content: bytes) -> None:
    assert _looked_at(content)


@given(st.text(max_size=200), st.integers(0, len(GOOD)))
def test_random_text_within_a_model(text: str, place: int) -> None:
    _looked_at((GOOD[:place] + text + GOOD[place:]).encode(errors="surrogatepass"))


@given(st.integers(0, 2**32), st.integers(1, 12))
@example(594_905_438, 7).via("told at a form")
def test_models_with_parts_moved_lost_and_doubled(seed: int, changes: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    pieces = GOOD.replace(">", ">\x00").replace(" ", " \x00").split("\x00")
    for _ in range(changes):
        place, other = chance.randrange(len(pieces)), chance.randrange(len(pieces))
        match chance.randrange(4):
            case 0:
                pieces[place] = pieces[other]
            case 1:
                pieces[place], pieces[other] = pieces[other], pieces[place]
            case 2:
                pieces[place] = ""
            case _:
                pieces.insert(other, pieces[place])
    _looked_at("".join(pieces).encode())


@given(st.data())
def test_models_with_other_attribute_values(data: st.DataObject) -> None:
    values = [piece for piece in GOOD.split('"')[1::2] if "://" not in piece]
    old, new = data.draw(st.sampled_from(values)), data.draw(st.sampled_from([*values, "", "${", "=[", "R/PT", "é 1"]))
    _looked_at(GOOD.replace(f'"{old}"', f'"{new}"').encode())


def _nested(depth: int) -> str:
    opening = "".join(
        f'<bpmn:subProcess id="p{number}"><bpmn:startEvent id="s{number}" /><bpmn:endEvent id="e{number}" />'
        + "".join(f'<bpmn:manualTask id="t{number}_{copy}" />' for copy in range(150))
        for number in range(depth)
    )
    return process(opening + "</bpmn:subProcess>" * depth)


def _wide(branches: int, gateway: str) -> str:
    parts = [f'<bpmn:startEvent id="s" /><bpmn:{gateway} id="x" /><bpmn:{gateway} id="j" /><bpmn:endEvent id="e" />']
    parts += [_TASK.format(number) + flow("x", f"t{number}") + flow(f"t{number}", "j") for number in range(branches)]
    return process("".join(parts) + flow("s", "x") + flow("j", "e"))


def _calling_one_another(count: int) -> str:
    calls = "".join(f'<bpmn:callActivity id="c{{0}}_{number}" calledElement="q{number}" />' for number in range(count))
    uses = _TASK.replace('"need"', '"need" camunda:assignee="=unheard + of"')
    bodies = (
        f'<bpmn:process id="q{number}" isExecutable="true"><bpmn:startEvent id="s{number}" />{uses.format(number)}'
        f"{calls.format(number)}</bpmn:process>"
        for number in range(count)
    )
    return HEAD + "".join(bodies) + "</bpmn:definitions>"


def _script(text: str) -> str:
    return f'<bpmn:scriptTask scriptFormat="python"><bpmn:script>{text}</bpmn:script></bpmn:scriptTask>'


_BAD_PROPERTY = '<camunda:property name="ownerGruop" value="1" />'
_BAD_TASK = '<bpmn:userTask camunda:assigne="a" idd="b" />'
_WRITE = "<bpmn:dataOutputAssociation><bpmn:targetRef>d</bpmn:targetRef></bpmn:dataOutputAssociation>"
_STORE = '<bpmn:dataStoreReference id="d" name="Stakeholder Needs" />'
_GATEWAYS = '<bpmn:exclusiveGateway id="t0" /><bpmn:exclusiveGateway id="t1" />'


def _extended(inner: str) -> str:
    properties = f"<camunda:properties>{inner}</camunda:properties>"
    return f"<bpmn:userTask><bpmn:extensionElements>{properties}</bpmn:extensionElements></bpmn:userTask>"


def _attributes(count: int) -> str:
    return " ".join(f'a{number}=""' for number in range(count))


HOSTILE: dict[str, Callable[[], str | bytes]] = {
    "tasks": lambda: process("".join(_TASK.format(n) for n in range(20_000))),
    "chain": lambda: process("".join(_TASK.format(n) + flow(f"t{n}", f"t{n + 1}") for n in range(11_000))),
    "one-id": lambda: process(_TASK.format(0) * 20_000),
    "flows": lambda: process(_TASK.format(0) + _TASK.format(1) + flow("t0", "t1") * 20_000),
    "nested": lambda: _nested(120),
    "too-deep": lambda: process("<bpmn:subProcess>" * 300 + "</bpmn:subProcess>" * 300),
    "parallel": lambda: _wide(400, "parallelGateway"),
    "inclusive": lambda: _wide(400, "inclusiveGateway"),
    "calls": lambda: _calling_one_another(99),
    "processes": lambda: HEAD + '<bpmn:process id="p" isExecutable="true" />' * 40_000 + "</bpmn:definitions>",
    "attributes": lambda: process(f'<bpmn:userTask id="t" {_attributes(300_000)} />'),
    "misspelt": lambda: process(_BAD_TASK * 40_000),
    "properties": lambda: process(_extended(_BAD_PROPERTY * 40_000)),
    "conditions": lambda: process(_GATEWAYS + flow("t0", "t1", "1 in (" * 60) * 3_000),
    "names": lambda: process("".join(f'<bpmn:userTask camunda:assignee="=n{n}" />' for n in range(20_000))),
    "scripts": lambda: process(_script("x = [1, 2, 3]\n" * 1_300) * 200),
    "deep-script": lambda: process("".join(map(_script, ("-" * 19_000, "a" + ".a" * 9_000, "(" * 9_000)))),
    "stores": lambda: process(f'{_STORE}<bpmn:userTask id="t">{_WRITE * 20_000}</bpmn:userTask>'),
    "groups": lambda: process(f'<bpmn:userTask camunda:candidateGroups="{"a," * 1_000_000}" />'),
    "long-names": lambda: process(f'<bpmn:userTask {"a" * 1_000_000}="1" camunda:{"b" * 1_000_000}="1" />'),
    "spaces": lambda: b" " * 4_900_000,
    "comments": lambda: b"<!-- -->" * 600_000,
    "instructions": lambda: b"<?a?>" * 900_000,
    **EVENTFUL,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_models_take_no_more_than_seconds(name: str) -> None:
    content = HOSTILE[name]()
    start = time.process_time()
    _looked_at(content if isinstance(content, bytes) else content.encode())
    assert time.process_time() - start < PATIENCE


@pytest.mark.parametrize("name", UPLOADS)
def test_hostile_uploads_take_no_more_than_seconds(name: str) -> None:
    files = UPLOADS[name]()
    start = time.process_time()
    found = {finding.rule for finding in lint(files, Shelf())}
    assert time.process_time() - start < PATIENCE
    assert found <= _NAMES
    assert ("endless-ring" in found) == name.startswith(("ring-of-m", "ring-of-s", "all-by", "throws"))


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    found = findings_in(GOOD.replace("?>\n", f"?>{bomb}", 1).replace("A note.", "&b;"))
    assert [finding.rule for finding in found] == ["doctype"]


def test_a_hundred_elements_take_less_than_a_hundred_milliseconds() -> None:
    body = ['<bpmn:startEvent id="t0" camunda:formRef="need" />', '<bpmn:endEvent id="t99" />']
    body += [_TASK.format(n) for n in range(1, 99) if n % 3]
    body += [f'<bpmn:exclusiveGateway id="t{n}" default="t{n}-t99" />{flow(f"t{n}", "t99")}' for n in range(3, 99, 3)]
    body += [flow(f"t{n}", f"t{n + 1}", "" if n % 3 or not n else f"amount &gt; {n}") for n in range(98)]
    body.append(flow("t98", "t99"))
    model, times = process("".join(body)).encode(), []
    assert findings_in(model) == []
    for _ in range(5):
        start = time.process_time()
        findings_in(model)
        times.append(time.process_time() - start)
    assert min(times) < 0.1
