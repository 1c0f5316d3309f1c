"""Requirement statements that people have really written go in through the pages.

`COMITY_DATA_NEEDS` names the file: columns ProjectID, RequirementText and class, cells quoted with '.
"""

import io
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from forms.catalog import MarshmallowForms
from tests.webapp.site import Page, Visitor
from tests.workflows.stage import raised
from webapp import Config, create_app

FILE = os.environ.get("COMITY_DATA_NEEDS", "")
pytestmark = pytest.mark.skipif(not FILE, reason="COMITY_DATA_NEEDS names no file of requirement statements")

FILLS = {
    "fill-channel": "text",
    "given-channel": "file",
    "fill-organisation": "text",
    "given-organisation": "northwind-rail",
    "fill-originator": "text",
    "given-originator": "ines",
    "fill-title": "feel",
    "given-title": "substring(RequirementText, 1, 80)",
    "fill-statement": "column:RequirementText",
    "channel": "file",
}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[ProcessEngine]:
    url = f"sqlite:///{tmp_path}/needs.sqlite"
    raised(url).engine.close()
    found = ProcessEngine(url, MarshmallowForms())
    yield found
    found.close()


@pytest.fixture
def sam(engine: ProcessEngine) -> Visitor:
    """A browser of Sam's: these people have no passwords."""
    visitor = Visitor(create_app(Config(str(engine.database.writer.url), "made up for tests"), engine).test_client())
    account, now = engine.identity.account("sam"), int(datetime.now(UTC).timestamp())
    assert account is not None
    with visitor.client.session_transaction() as session:
        session.update(_user_id=f"{account.session_epoch}:sam", since=now, seen=now)
    return visitor


def imported(sam: Visitor) -> tuple[Page, int]:
    """Take the file in from the upload to the end; return the last page, and how many requests the run took."""
    upload = {
        "csrf_token": sam.token(),
        "target": "process:capture_need_on_behalf",
        "file": (io.BytesIO(Path(FILE).read_bytes()), "needs.csv"),
    }
    address = str(sam.post("/imports", upload, content_type="multipart/form-data").response.location)
    page = sam.get(address)
    assert page.tree.xpath("//select[@id='quote']/option[@selected]/@value") == ["'"], "guessed"
    assert "625 rows of 3 columns" in page.text
    assert "1 row cannot be used and will be refused" in page.text
    sam.send(page, address, {"what": "next"})
    sam.send(sam.get(f"{address}/fields"), f"{address}/fields", FILLS)
    sam.send(sam.get(f"{address}/preview"), f"{address}/run", {"what": "begin"})
    times = 1
    while (page := sam.get(f"{address}/run")).tree.xpath("//progress"):
        began = time.monotonic()
        sam.send(page, f"{address}/run")
        assert time.monotonic() - began < 5
        times += 1
    return page, times


def counts(page: Page) -> list[str]:
    """Return how many rows were taken in, in already, refused."""
    return [str(found.text_content()) for found in page.tree.xpath("//dl[contains(@class, 'counts')]/dd")]


def test_every_row_is_a_case_or_a_refusal(
    engine: ProcessEngine, sam: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.perf_counter()
    page, times = imported(sam)
    assert "All 625 rows done" in page.text
    assert counts(page) == ["624", "0", "1"]
    page_of_cases = engine.history.cases(ENGINE, limit=200)
    found = list(page_of_cases.rows)
    while page_of_cases.next:
        page_of_cases = engine.history.cases(ENGINE, after=page_of_cases.next, limit=200)
        found += page_of_cases.rows
    assert len(found) == 624
    with capsys.disabled():
        seconds = time.perf_counter() - began
        sys.stdout.write(f"\nimport by pages: 625 rows in {seconds:.1f} s, {times} requests took them in\n")
    page, _ = imported(sam)
    assert counts(page) == ["0", "624", "1"]
