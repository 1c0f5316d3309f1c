"""`comity serve`, as a process of its own."""

import base64
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.persistence.database import Database
from engine.persistence.models import SignInPlace
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from engine.views import LogRow
from forms.catalog import MarshmallowForms
from tests.webapp.cli.command import PATIENCE, Comity, command, environment, run, served
from webapp.cli.host import secret_key
from webapp.passwords import hash_password

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals for processes")


def get(address: str, path: str) -> str:
    with urllib.request.urlopen(address + path, timeout=20) as response:
        assert response.status == 200
        return str(response.read().decode())


def log(file: Path) -> list[LogRow]:
    """Return the activity log of a database that nobody serves."""
    engine = ProcessEngine(f"sqlite:///{file}", MarshmallowForms())
    rows = list(engine.history.export_log(ENGINE))
    engine.close()
    return rows


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(comity: Comity, tmp_path: Path, number: int) -> None:
    with served(comity.url, folder=tmp_path) as server:
        assert "Comity" in get(server.address, "/sign-in")
        get(server.address, "/health")
        assert server.stop(number) == 0
        assert not [line for line in server.lines if "Traceback" in line or "ERROR" in line]
    assert not list(tmp_path.glob("comity.sqlite-*")), "the database was closed"


def test_a_port_in_use_is_told(comity: Comity, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = run(comity.url, "serve", "--port", port, folder=tmp_path)
    assert said.code == 1
    sentence = said.err.strip().splitlines()[-1]
    assert re.fullmatch(
        rf"Error: Port {port} on 127\.0\.0\.1 cannot be used: .+\. Take another with --port\.", sentence
    )
    assert "Traceback" not in said.err


def test_an_address_that_is_none_is_told(comity: Comity, tmp_path: Path) -> None:
    said = run(comity.url, "serve", "--host", "no.such.place.invalid", "--port", 0, folder=tmp_path)
    assert (said.code, said.out) == (1, "")
    assert "no.such.place.invalid is no address of this machine" in said.err
    assert "Traceback" not in said.err


def test_what_is_far_too_large_is_not_received(comity: Comity, tmp_path: Path) -> None:
    """Anybody may send, before they are asked who they are: that must not fill the disk."""
    with served(comity.url, folder=tmp_path) as server:
        host, port = server.address.removeprefix("http://").rstrip("/").split(":")
        for length, said in ((20 * 1024 * 1024 + 1, b" 413 "), (6 * 1024 * 1024, b"")):
            with socket.create_connection((host, int(port)), 20) as client:
                client.settimeout(1)
                head = f"POST /sign-in HTTP/1.1\r\nHost: here\r\nContent-Length: {length}\r\n\r\n"
                client.sendall(head.encode() + b"name=")
                try:
                    answer = client.recv(1_000)
                except TimeoutError:
                    answer = b""  # it waits for the rest
                assert said in answer
                assert bool(answer) == bool(said)


@posix
def test_what_people_send_writes_no_line_of_the_log(comity: Comity, tmp_path: Path) -> None:
    comity("users", "add", "anna", "--name", "Anna", "--no-password")
    engine = ProcessEngine(comity.url, MarshmallowForms())
    engine.identity.set_password_hash("anna", hash_password("right horse battery"), actor=ENGINE)
    engine.close()
    with served(comity.url, folder=tmp_path) as server:
        asked = urllib.request.Request(f"{server.address}/engine-rest/deployment?x%0A2026-01-01+ERROR+made+up=1")
        asked.add_header("Authorization", f"Basic {base64.b64encode(b'anna:right horse battery').decode()}")
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(asked, timeout=20)
        assert server.stop(signal.SIGTERM) == 0
    (line,) = [line for line in server.lines if "made up" in line]
    assert "x\\x0a2026-01-01 ERROR made up" in line


def test_a_name_may_stand_for_several_addresses(comity: Comity, tmp_path: Path) -> None:
    with served(comity.url, "--host", "localhost", folder=tmp_path) as server:
        get(server.address, "/health")


@pytest.mark.parametrize(
    ("options", "place"),
    [((), "127.0.0.1"), (("--proxy", "127.0.0.1"), "203.0.113.7"), (("--proxy", "::1"), "127.0.0.1")],
)
def test_the_address_of_a_client_is_what_a_trusted_proxy_says(
    comity: Comity, tmp_path: Path, options: tuple[str, ...], place: str
) -> None:
    comity("users", "add", "anna", "--name", "Anna", "--no-password")
    with served(comity.url, *options, folder=tmp_path) as server:
        asked = urllib.request.Request(f"{server.address}/engine-rest/deployment")
        asked.add_header("Authorization", f"Basic {base64.b64encode(b'anna:wrong').decode()}")
        asked.add_header("X-Forwarded-For", "198.51.100.1, 203.0.113.7")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(asked, timeout=20)
        database = Database(comity.url)
        with database.read() as connection:
            assert set(connection.execute(select(SignInPlace.place)).scalars()) == {place, "*"}
        database.close()


def test_a_proxy_is_named_by_its_address(comity: Comity) -> None:
    said = comity("serve", "--proxy", "proxy.example")
    assert said.code == 2
    assert "such as 127.0.0.1" in said.err


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_wrong_usage(comity: Comity, port: str) -> None:
    assert comity("serve", "--port", port).code == 2


def test_an_empty_database_says_what_to_do_next(tmp_path: Path) -> None:
    with served(f"sqlite:///{tmp_path}/new.sqlite", folder=tmp_path) as server:
        assert "comity deploy --shipped, then comity users add" in "".join(server.lines)


@posix
def test_the_demo_loads_once(tmp_path: Path) -> None:
    with served(None, "--demo", folder=tmp_path) as server:
        first = "".join(server.lines)
        assert "comity-demo" in get(server.address, "/sign-in")
        server.stop(signal.SIGTERM)
    before = log(tmp_path / "var" / "demo.sqlite")
    with served(None, "--demo", folder=tmp_path) as server:
        second = "".join(server.lines)
        get(server.address, "/sign-in")
        server.stop(signal.SIGTERM)
    assert "Loading the demo content" in first
    assert "Loading" not in second
    assert "Deployed" not in second
    assert log(tmp_path / "var" / "demo.sqlite") == before
    assert sorted(path.name for path in (tmp_path / "var").iterdir()) == ["demo.sqlite", "secret-key"]


@pytest.mark.slow
@posix
def test_a_demo_that_was_killed_while_it_loaded_is_loaded_anew(tmp_path: Path) -> None:
    with subprocess.Popen(
        command(None, "serve", "--demo", "--port", 0),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        watch = threading.Timer(PATIENCE, process.kill)
        watch.start()
        for line in process.stdout or ():
            if line.startswith("Loading the demo content"):
                break
        process.kill()
        watch.cancel()
    assert list((tmp_path / "var").glob("demo.sqlite.*.part"))
    assert not (tmp_path / "var" / "demo.sqlite").exists()
    with served(None, "--demo", folder=tmp_path) as server:
        assert "cases are there" in "".join(server.lines)


def test_the_key_of_the_sessions_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    keys: list[str] = []
    threads = [threading.Thread(target=lambda: keys.append(secret_key(tmp_path / "var"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1
    assert len(keys[0]) >= 32
    if os.name == "posix":
        assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_the_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_SECRET_KEY", "of the operator")
    assert secret_key(tmp_path / "var") == "of the operator"
    assert not (tmp_path / "var").exists()


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret-key").touch()
    said = run(f"sqlite:///{tmp_path}/new.sqlite", "serve", "--port", 0, folder=tmp_path)
    assert said.code == 1
    assert "secret-key is empty: delete it" in said.err
