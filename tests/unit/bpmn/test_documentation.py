"""docs/bpmn.md: every element that runs has a row, every row names a test that is there."""

import re
from pathlib import Path

from engine.bpmn.model import elements
from engine.bpmn.reading.kinds import READERS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "bpmn.md").read_text()
SOURCES = "".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py"))
TESTS = set(re.findall(r"^def (test_\w+)", SOURCES, re.MULTILINE))


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 25
    assert named <= TESTS


def test_every_flow_node_that_runs_has_a_row_with_a_test() -> None:
    rows = dict(re.findall(r"^\| `([\w/]+)` \|.*\| `(test_\w+)` \|$", PAGE, re.MULTILINE))
    running = {
        key
        for key, support in elements.ELEMENTS.items()
        if support.status == "runs" and key.partition("/")[0] in READERS
    }
    assert running <= set(rows)
    assert all(elements.ELEMENTS[key].status != "refused" for key in rows)
