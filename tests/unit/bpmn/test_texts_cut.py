"""Texts of models that are cut into pieces: as regular expressions would cut them, in time that grows with the text."""

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.model.data_objects import _without_state
from engine.bpmn.specs.user_task import pieces

_COMMA = re.compile(r",(?![^{]*\})")
_STATE = re.compile(r"\s*\[[^\]]*\]\s*$")


@given(st.text("a, {}$", max_size=20))
def test_commas_within_expressions_do_not_cut(text: str) -> None:
    assert pieces(text) == [piece.strip() for piece in _COMMA.split(text) if piece.strip()]


@given(st.text("a []", max_size=20))
def test_the_state_at_the_end_is_cut_off(text: str) -> None:
    name = " ".join(text.split())
    assert _without_state(name) == _STATE.sub("", name)


def test_long_texts_are_cut_at_once() -> None:
    began = time.process_time()
    assert len(pieces("a," * 500_000)) == 500_000
    assert _without_state("[" * 1_000_000) == "[" * 1_000_000
    assert time.process_time() - began < 5
