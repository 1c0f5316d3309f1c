"""Two served processes on one database: each timer fires once, and one goes on when the other is killed."""

import signal
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from forms.catalog import MarshmallowForms
from tests.webapp.cli import content
from tests.webapp.cli.command import served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals for processes"),
]

CASES = 12
LATEST = 20.0
"""Seconds until timers of a second or two must have fired, on a machine with much else to do."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProcessEngine]:
    """An engine on a database with processes that wait for a timer."""
    url = (
        f"sqlite:///{tmp_path}/comity.sqlite"
        if request.param == "sqlite"
        else request.getfixturevalue("own_postgres_url")
    )
    found = ProcessEngine(url, MarshmallowForms())
    found.migrate()
    found.identity.create_group("owners", "Owners", actor=ENGINE)
    files = {"soon.bpmn": content.alarm(1, "soon"), "later.bpmn": content.alarm(4, "later")}
    found.repository.deploy(files, name="Alarms", actor=ENGINE)
    yield found
    found.close()


def url_of(engine: ProcessEngine) -> str:
    return engine.database.engine.url.render_as_string(hide_password=False)


def start(engine: ProcessEngine, key: str) -> None:
    for _ in range(CASES):
        engine.runtime.start(key, {}, actor=ENGINE)


def fired(engine: ProcessEngine, key: str) -> Counter[str]:
    """Return how often the timer of each case has fired, by the log."""
    rows = (row.as_dict() for row in engine.history.export_log(ENGINE, process_key=key))
    return Counter(row["case"] for row in rows if row["element_id"] == "sleep" and row["kind"] == "activity.completed")


def wait(until: Callable[[], bool]) -> None:
    last = time.monotonic() + LATEST
    while not until():
        assert time.monotonic() < last, "it took too long"
        time.sleep(0.05)


def answers(address: str) -> bool:
    with urllib.request.urlopen(f"{address}/sign-in", timeout=20) as response:
        return bool(response.status == 200)


def test_two_processes_share_the_timers_and_one_survives_the_other(engine: ProcessEngine, tmp_path: Path) -> None:
    url = url_of(engine)
    with served(url, folder=tmp_path) as first, served(url, folder=tmp_path) as second:
        assert answers(first.address)
        assert answers(second.address)
        start(engine, "soon")
        wait(lambda: len(fired(engine, "soon")) == CASES)

        start(engine, "later")
        first.stop(signal.SIGKILL)
        wait(lambda: len(fired(engine, "later")) == CASES)
        assert answers(second.address)
        assert second.stop(signal.SIGTERM) == 0

    start(engine, "soon")
    time.sleep(1.5)
    assert len(fired(engine, "soon")) == CASES, "nobody is there to fire the new ones"
    with served(url, folder=tmp_path):
        wait(lambda: len(fired(engine, "soon")) == 2 * CASES)
    assert set(fired(engine, "soon").values()) == {1}
    assert set(fired(engine, "later").values()) == {1}
    assert not engine.history.cases(ENGINE, limit=1).rows[0].failures
