"""Slow and odd clients of the HTTP server: each costs a connection for so long, and nobody else waits."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request

from webapp import http_server

Connect = Callable[[], socket.socket]
LATEST = 20.0
"""Seconds until what takes one or two has happened, on a machine with much else to do."""


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Serve a small application to impatiently measured clients; return what connects to it."""
    monkeypatch.setattr(http_server, "BEGIN_SECONDS", 1)
    monkeypatch.setattr(http_server, "IDLE_SECONDS", 3)
    app = Flask("slow")

    @app.route("/", methods=["GET", "POST"])
    def show() -> str:
        time.sleep(float(request.args.get("seconds", 0)))
        return f"{len(request.get_data())} bytes"

    server: Any = http_server.http_server(app, "127.0.0.1", 0, threads=2, proxy=None, largest_upload=1_000_000)
    ended = threading.Event()

    def run() -> None:
        with contextlib.suppress(OSError):  # its sockets are closed to end it
            while not ended.is_set():
                server.asyncore.loop(timeout=0.1, map=server._map, count=1, use_poll=True)

    thread = threading.Thread(target=run)
    thread.start()
    opened: list[socket.socket] = []

    def connecting() -> socket.socket:
        client = socket.create_connection(("127.0.0.1", int(server.effective_port)), LATEST)
        opened.append(client)
        return client

    yield connecting
    ended.set()
    thread.join()
    for client in opened:
        client.close()
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server.task_dispatcher.shutdown()
    server.close()


def answer(client: socket.socket) -> bytes:
    """Return the first answer; what there is of one, or nothing, when the server has closed the connection."""
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while not said.endswith((b" bytes", b"Continue\r\n\r\n")) and (more := client.recv(10_000)):
            said += more
    return said


def closed_after(client: socket.socket, trickle: bytes) -> float:
    """Return after how many seconds a connection is closed on which bytes keep coming one by one."""
    began = time.monotonic()
    client.settimeout(0.1)
    while time.monotonic() - began < LATEST:
        with contextlib.suppress(TimeoutError):
            try:
                client.sendall(trickle)
                if not client.recv(1_000):
                    break
            except (BrokenPipeError, ConnectionResetError):
                break
    return time.monotonic() - began


@pytest.mark.parametrize(
    "begin", [b"GET / HTTP/1.1\r\nHost: h\r\nX: ", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n"]
)
def test_a_request_that_trickles_in_is_given_up(connect: Connect, begin: bytes) -> None:
    client = connect()
    client.sendall(begin)
    assert 0.5 < closed_after(client, b"a") < LATEST


def test_a_connection_on_which_nothing_comes_is_closed(connect: Connect) -> None:
    client = connect()
    assert answer(client) == b""


def test_a_large_request_has_the_longer_the_more_has_come(connect: Connect) -> None:
    client = connect()
    client.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n")
    for _ in range(6):
        client.sendall(b"a" * 10_000)
        time.sleep(0.4)
    assert b"60000 bytes" in answer(client)


def test_who_waits_for_an_answer_is_not_late(connect: Connect) -> None:
    """Two requests in one go, the second in part: its time begins when the first is answered."""
    client = connect()
    client.sendall(b"GET /?seconds=2.5 HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHo")
    assert b"0 bytes" in answer(client)
    client.sendall(b"st: h\r\n\r\n")
    assert b"0 bytes" in answer(client)


@pytest.mark.parametrize("length", [b"", b"Content-Length: 0\r\n"])
def test_a_request_without_a_body_waits_for_none(connect: Connect, length: bytes) -> None:
    client = connect()
    client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n" + length + b"Expect: 100-continue\r\nConnection: close\r\n\r\n")
    assert b"0 bytes" in answer(client) + answer(client)


def test_a_body_that_waits_to_be_asked_for_is_asked_for(connect: Connect) -> None:
    client = connect()
    client.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    assert b"100 Continue" in answer(client)
    client.sendall(b"abcde")
    assert b"5 bytes" in answer(client)


def test_connections_leave_files_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    for files, most in ((256, 53), (1_024, 437), (20_000, 1_000), (100, 50), (resource.RLIM_INFINITY, 1_000)):
        monkeypatch.setattr(resource, "getrlimit", lambda _which, files=files: (files, files))
        assert http_server.most_connections() == most
