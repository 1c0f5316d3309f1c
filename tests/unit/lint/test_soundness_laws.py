"""The walk over states finds what there is: compared with models that are sound by make, and with a plain walk."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.lint.soundness import Soundness, explore
from engine.bpmn.model.document import Document
from engine.bpmn.model.graph import Graph
from tests.unit.lint.blocks import KINDS, Blocks, Walk
from tests.unit.lint.models import flow, process

_WORK = 400_000
_Flows = list[tuple[str, str]]


def _graph(flows: _Flows) -> Graph:
    names = dict.fromkeys(name for pair in flows for name in pair)
    kinds = {"s": "startEvent", "e": "endEvent", **KINDS}
    body = "".join(f'<bpmn:{kinds[name[0]]} id="{name}" />' for name in names)
    # Two flows may join the same elements: each has an id of its own.
    body += "".join(flow(*pair).replace(' id="', f' id="f{number}-', 1) for number, pair in enumerate(flows))
    return Graph.of(Document(process(body).encode(), "p.bpmn").processes[0])


def _found(flows: _Flows) -> Soundness:
    return explore(_graph(flows), _WORK)


def _blocks(seed: int, size: int) -> Blocks:
    return Blocks(random.Random(seed), size)  # noqa: S311 - not for secrets


@settings(max_examples=150)
@given(st.integers(0, 2**32), st.integers(1, 24))
def test_blocks_within_blocks_are_sound(seed: int, size: int) -> None:
    found = _found(_blocks(seed, size).flows)
    assert (found.stuck, found.piled) == ([], [])


@settings(max_examples=150)
@given(st.integers(0, 2**32), st.integers(4, 16), st.data())
def test_a_join_of_another_kind_than_its_split_is_found(seed: int, size: int, data: st.DataObject) -> None:
    blocks = _blocks(seed, size)
    breaks = [(split, join) for split, join in blocks.splits if split[0] in "xop"]
    if not breaks:
        return
    split, join = data.draw(st.sampled_from(breaks))
    flows = blocks.renamed({join: ("x" if split[0] == "p" else "p") + join[1:]})
    # Behind the join stands something that would be done twice.
    flows = [(("t0" if source[1:] == join[1:] else source), target) for source, target in flows] + [
        (("x" if split[0] == "p" else "p") + join[1:], "t0")
    ]
    found = _found(flows)
    assert found.piled if split[0] == "p" else found.stuck, flows


@settings(max_examples=200)
@given(st.integers(0, 2**32), st.integers(4, 10), st.data())
def test_any_model_is_judged_as_by_a_plain_walk(seed: int, size: int, data: st.DataObject) -> None:
    blocks = _blocks(seed, size)
    names = sorted({name for pair in blocks.flows for name in pair if name[0] in "xpo"})
    changed = {
        name: data.draw(st.sampled_from("xpo")) + name[1:] for name in names if data.draw(st.integers(0, 2)) == 0
    }
    flows = blocks.renamed(changed)
    sources = [pair for pair in flows if pair[0][0] in "xpo"]
    more = data.draw(st.booleans())
    if sources and more:
        targets = sorted({name for pair in flows for name in pair if name[0] in "xpot"})
        flows.append((data.draw(st.sampled_from(sources))[0], data.draw(st.sampled_from(targets))))
    graph = _graph(flows)
    plain = Walk(graph)
    if not plain.whole:
        return
    found = explore(graph, _WORK)
    assert found.complete
    assert bool(found.piled) == plain.piled, (flows, found)
    if not plain.piled:  # where tokens pile up, the two may have looked at different states beyond
        assert bool(found.stuck) == plain.stuck, (flows, found)
