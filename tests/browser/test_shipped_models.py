"""Shipped models and examples are at the modeler's rest: opened and saved again they stay byte for byte the same."""

from pathlib import Path

import pytest

from tests.browser import roundtrip

SHIPPED = sorted((roundtrip.ROOT / "workflows").glob("*/*.bpmn"))
EXAMPLES = sorted((roundtrip.ROOT / "docs" / "examples").glob("*.bpmn"))
MODELS = SHIPPED + EXAMPLES


def test_there_are_models() -> None:
    assert SHIPPED
    assert EXAMPLES


@pytest.mark.browser
@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_a_model_is_saved_unchanged(path: Path, modeler: roundtrip.Modeler) -> None:
    text = path.read_text(encoding="utf-8")
    assert modeler.save(text) == text
