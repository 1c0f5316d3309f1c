"""Pages while the database is away or full: they say so, with a number, and that nothing was saved."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import StorageFull
from tests.no_room import no_room
from tests.webapp.site import Site, Visitor


@contextmanager
def away(site: Site) -> Iterator[None]:
    """Take the folder of the SQLite file away."""
    engine = site.engine.database.engine
    folder = Path(str(engine.url.database)).parent
    engine.dispose()
    gone = folder.rename(folder.with_name(folder.name + "-away"))
    try:
        yield
    finally:
        engine.dispose()
        gone.rename(folder)


@pytest.mark.parametrize("path", ["/tasks", "/health", "/sign-in", "/performance"])
def test_a_database_that_is_away_is_said_by_every_page(
    site: Site, petra: Visitor, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with away(site), caplog.at_level(logging.INFO, logger="comity.web"):
        page = petra.get(path, 503)
    assert "The database cannot be reached just now. Nothing was saved" in page.text
    (number,) = page.tree.xpath("//code/text()")
    (record,) = caplog.records
    assert number in record.getMessage()
    assert "unable to open database file" in record.getMessage()
    assert record.exc_info is None, "a line, not a trace, for each request"
    assert "unable to open" not in page.text
    petra.get(path, 303 if path == "/sign-in" else 200)


def test_programs_are_told_in_json(site: Site, petra: Visitor) -> None:
    with away(site):
        answer = petra.get("/tasks", 503, headers={"Accept": "application/json"}).response
    assert answer.content_type == "application/problem+json"


def test_what_was_typed_is_kept_when_there_is_no_room(site: Site, ines: Visitor) -> None:
    page = ines.get("/start/handle_wish")
    values = {"title": "A red pen", "details": "so " * 300}
    with no_room(site.engine.database.engine):
        with pytest.raises(StorageFull):  # noqa: PT012 - when is not known
            for _ in range(1000):
                site.wish("x" * 40)
        sent = {"Sec-Fetch-Site": "same-origin"}
        answer = ines.send(page, "/start/handle_wish", values, status=503, headers=sent)
    for words in ("There is no room left", "Nothing was saved", "A red pen"):
        assert words in answer.text
    ines.send(page, "/start/handle_wish", values)
