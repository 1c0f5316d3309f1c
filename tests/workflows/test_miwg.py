"""The reference models of the BPMN Model Interchange Working Group: each runs, or is refused with reasons."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
ARCHIVE = "COMITY_DATA_BPMN_MIWG"
pytestmark = pytest.mark.skipif(not os.environ.get(ARCHIVE), reason=f"{ARCHIVE} names no archive of the models")


@pytest.fixture(scope="module")
def miwg() -> ModuleType:
    spec = importlib.util.spec_from_file_location("miwg", ROOT / "benchmarks/miwg.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_model_runs_or_is_refused_as_the_documentation_says(miwg: ModuleType) -> None:
    assert miwg.table(os.environ[ARCHIVE]) in (ROOT / "docs/miwg.md").read_text(encoding="utf-8")


def test_every_refusal_says_where_and_how_to_mend_it(miwg: ModuleType) -> None:
    for name, content in miwg.models(os.environ[ARCHIVE]):
        for finding in miwg.errors(name, miwg.executable(content)):
            assert finding.line or finding.element_id is None, finding
            assert finding.remedy, finding
