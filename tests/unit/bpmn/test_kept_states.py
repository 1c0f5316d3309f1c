"""States that were kept of every kind of waiting are read by this release, and the cases go on to their ends."""

from dataclasses import replace

import pytest

from engine.bpmn import codec, interpreter
from tests.unit.bpmn.kept import KINDS, STATES, begun, stored


@pytest.mark.parametrize("name", KINDS)
def test_a_kept_state_goes_on_to_its_end(name: str) -> None:
    kept = KINDS[name]
    case = begun(kept)
    state = stored(name)
    case.step = replace(interpreter.fire(case.executable, state, (), case.context), activities=())
    assert case.step.state == state, "reading and writing it again changes nothing"
    assert case.open == begun(kept).open
    kept.on(case)
    assert case.step.finished
    fresh = begun(kept)
    kept.on(fresh)
    assert (case.data, case.step.outcome) == (fresh.data, fresh.step.outcome)


def test_every_kept_state_is_tried() -> None:
    assert {path.stem for path in STATES.glob("*.hex")} == set(KINDS)


def test_the_kept_states_hold_all_that_is_noted_of_tokens() -> None:
    noted: set[str] = set()
    for name in KINDS:
        content = codec.content_of(stored(name))
        noted |= {key for scope in content["scopes"] for token in scope["tokens"] for key in token[7]}
    assert noted >= {
        "again", "began", "condition", "due", "every", "index", "items", "key", "left", "message", "results",
        "signal", "task", "total",
    }  # fmt: skip
