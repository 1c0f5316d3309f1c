"""People at work on two served processes of which one is killed again and again: what was sent counts once."""

import re
import secrets
import signal
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.persistence.database import Database
from engine.persistence.models import ProcessInstance
from tests.webapp import site
from tests.webapp.cli.command import Served, served
from webapp.config import system_clock

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals for processes"),
]

KILLS = 3
PEOPLE = ("ines", "nora", "omar")
LATEST = 60.0
"""Seconds until somebody has got through to a server that lives, on a machine with much else to do."""


class Person:
    """A browser that hands in wishes, and sends the same form again to any server when no answer comes."""

    def __init__(self, name: str, addresses: Callable[[], list[str]]) -> None:
        self.name, self.addresses = name, addresses
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.told: Counter[str] = Counter()
        self.repeated = 0

    def sign_in(self) -> None:
        values = self._hidden(self._get("/sign-in"))
        self._send("/sign-in", {**values, "name": self.name, "password": site.PASSWORD})

    def work(self, until: threading.Event) -> None:
        while not until.is_set():
            title = f"{self.name} {self.told.total()}"
            values = self._hidden(self._get("/start/handle_wish"))
            assert "/cases/" in self._send("/start/handle_wish", {**values, "title": title}), title
            self.told[title] += 1

    def _get(self, path: str) -> str:
        return self._through(path, None)[1]

    def _send(self, path: str, values: dict[str, str]) -> str:
        """Return where the answer leads."""
        return self._through(path, urllib.parse.urlencode(values).encode())[0]

    def _through(self, path: str, body: bytes | None) -> tuple[str, str]:
        last, tries = time.monotonic() + LATEST, 0
        while True:
            address = secrets.choice(self.addresses())
            try:
                with self.browser.open(address + path, body, timeout=20) as answer:
                    found = answer.read().decode()
                    self.repeated += bool(tries and body)
                    return str(answer.url), found
            except urllib.error.HTTPError:
                raise
            except (OSError, HTTPException):
                assert time.monotonic() < last, "nobody answers"
                tries += 1
                time.sleep(0.05)

    @staticmethod
    def _hidden(page: str) -> dict[str, str]:
        (form,) = re.findall(r"<form method=\"post\" action=\"/(?:sign-in|start)\S*\".*?</form>", page, re.DOTALL)
        return dict(re.findall(r"<input type=\"hidden\" name=\"(\w+)\" value=\"([^\"]*)\"", form))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with people and a process."""
    own = f"sqlite:///{tmp_path}/site.sqlite" if request.param == "sqlite" else None
    found = own or str(request.getfixturevalue("own_postgres_url"))
    site.fill(found, system_clock)
    return found


def test_a_form_counts_once_whichever_server_is_killed_while_it_is_sent(url: str, tmp_path: Path) -> None:
    running: list[Served] = []
    with served(url, folder=tmp_path) as steady:
        people = [Person(name, lambda: [server.address for server in (steady, *running)]) for name in PEOPLE]
        for person in people:
            person.sign_in()
        done = threading.Event()
        threads = [threading.Thread(target=person.work, args=(done,)) for person in people]
        for thread in threads:
            thread.start()
        try:
            for _ in range(KILLS):
                with served(url, folder=tmp_path) as victim:
                    running.append(victim)
                    time.sleep(1 + secrets.randbelow(1000) / 1000)
                    victim.stop(signal.SIGKILL)
                    running.clear()
        finally:
            done.set()
            for thread in threads:
                thread.join()
        assert steady.stop(signal.SIGTERM) == 0
        assert not [line for line in steady.lines if "Traceback" in line or " ERROR " in line]
    assert all(person.told for person in people)
    database = Database(url)
    with database.read() as connection:
        titles = Counter(connection.execute(select(ProcessInstance.title)).scalars())
    database.close()
    assert titles == sum((person.told for person in people), Counter())
