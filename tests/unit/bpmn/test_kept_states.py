"""States that were kept of every kind of waiting are read by this release, and the cases go on to their ends."""

from dataclasses import replace

import pytest

from engine.bpmn import interpreter
from engine.bpmn.case import codec
from engine.bpmn.case.versions import NEWEST, OLDEST
from tests.unit.bpmn.kept import KINDS, begun, kept_states, stored


@pytest.mark.parametrize(("version", "name"), kept_states())
def test_a_kept_state_goes_on_to_its_end(version: int, name: str) -> None:
    kept = KINDS[name]
    case = begun(kept)
    state = stored(version, name)
    case.step = replace(interpreter.fire(case.executable, state, (), case.context), activities=())
    assert codec.content_of(case.step.state) == codec.content_of(state), "reading and writing it changes nothing"
    again = interpreter.fire(case.executable, case.step.state, (), case.context).state
    assert again == (state if version == NEWEST else case.step.state), "not a byte of the newest version"
    assert case.open == begun(kept).open
    kept.on(case)
    assert case.step.finished
    fresh = begun(kept)
    kept.on(fresh)
    assert (case.data, case.step.outcome) == (fresh.data, fresh.step.outcome)


def test_there_is_a_kept_state_of_every_kind() -> None:
    assert {name for version, name in kept_states() if version == NEWEST} == set(KINDS), (
        "python -m tests.unit.bpmn.kept"
    )
    assert {version for version, _ in kept_states()} == set(range(OLDEST, NEWEST + 1))


def test_the_kept_states_hold_all_that_is_noted_of_tokens() -> None:
    noted: set[str] = set()
    for name in KINDS:
        content = codec.content_of(stored(NEWEST, name))
        noted |= {key for scope in content["scopes"] for token in scope["tokens"] for key in token[7]}
    assert noted >= {
        "again", "began", "condition", "due", "every", "index", "items", "key", "left", "message", "results",
        "signal", "task", "total",
    }  # fmt: skip
