"""The shipped models are at the modeler's rest: opened and saved again they stay byte for byte what they are."""

from pathlib import Path

import pytest

from tests.browser import roundtrip

MODELS = sorted((roundtrip.ROOT / "workflows").glob("*/*.bpmn"))


def test_there_are_models() -> None:
    assert MODELS


@pytest.mark.browser
@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_a_model_is_saved_unchanged(path: Path, modeler: roundtrip.Modeler) -> None:
    text = path.read_text(encoding="utf-8")
    assert modeler.save(text) == text
