"""Owns the HTTP server: how many connections it holds, and how long a client may take to send a request.

It knows nothing of what is served. Requests are received by one thread for all connections, as a whole, before a thread
that works takes them: a slow client holds up nobody but costs a connection.
"""

import select
import time
from typing import Any, Final

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer, create_server

MOST_RECEIVED: Final = 4
"""So many times the largest upload is received before a request is refused: up to there a page says why.

The server receives a request as a whole before anybody is asked who they are; its own limit is a gibibyte.
"""

MOST_CONNECTIONS: Final = 1_000
"""Connections at once, where the process may open so many files; further ones wait until others end."""

FEWEST_CONNECTIONS: Final = 50
FILES_OF_OURS: Final = 150
"""Files that may be open besides: connections to the database, models, the log."""

IDLE_SECONDS: Final = 30
"""How long a connection stays open on which nothing is sent, in either direction, and no request runs."""

BEGIN_SECONDS: Final = 30
SLOWEST_BYTES: Final = 1_000
"""A request may be on its way for `BEGIN_SECONDS`, and a second more for so many bytes that have come."""


class PatientChannel(HTTPChannel):  # type: ignore[misc]  # waitress carries no types
    """A connection that is closed when a request comes too slowly, whether or not bytes keep trickling."""

    _began = 0.0
    _got = 0

    def received(self, data: bytes) -> bool:
        """Take bytes that have come; those of a new request begin its time."""
        if self.request is None:
            self._began, self._got = time.monotonic(), 0
        self._got += len(data)
        taken: bool = super().received(data)
        return taken

    def send_continue(self) -> None:
        """Answer `Expect: 100-continue`; a request without a body is complete all the same."""
        completed = self.request.completed
        super().send_continue()
        self.request.completed = completed

    def readable(self) -> bool:
        """Return whether to wait for bytes; the server asks at least each second."""
        if self.requests:
            self._began = time.monotonic()  # of what comes after the request that runs nothing is read until it is done
        elif self.request is not None and self._late():
            self.will_close = True
        waits: bool = super().readable()
        return waits

    def _late(self) -> bool:
        return time.monotonic() - self._began > BEGIN_SECONDS + self._got / SLOWEST_BYTES


def http_server(app: Flask, address: str, port: int, *, threads: int, proxy: str | None, largest_upload: int) -> Any:
    """Return a server of `app` that listens on `address` and `port`; `run()` serves until a KeyboardInterrupt.

    `proxy` is the address of the proxy in front, None without. Raises OSError when the port cannot be used, ValueError
    for an address that is none of this machine.
    """
    server = create_server(
        app,
        host=address,
        port=port,
        threads=threads,
        ident="comity",
        max_request_body_size=MOST_RECEIVED * largest_upload,
        connection_limit=most_connections(),
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=IDLE_SECONDS // 3,
        asyncore_use_poll=hasattr(select, "poll"),
        **_behind(proxy),
    )
    for listener in [server] if isinstance(server, TcpWSGIServer) else server.map.values():
        if isinstance(listener, TcpWSGIServer):
            listener.channel_class = PatientChannel
    return server


def places(server: Any) -> list[str]:
    """Return where a server listens; a name such as localhost may stand for several addresses."""
    listens = getattr(server, "effective_listen", None) or [(server.effective_host, server.effective_port)]
    return [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in listens]


def most_connections() -> int:
    """Return how many connections may be open: half of the files that the process may open, for bodies take files."""
    if not hasattr(select, "poll"):
        return 2 * FEWEST_CONNECTIONS  # Windows: what select() takes is little
    import resource  # noqa: PLC0415 - not there on Windows

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(FEWEST_CONNECTIONS, min(MOST_CONNECTIONS, (files - FILES_OF_OURS) // 2))


def _behind(proxy: str | None) -> dict[str, Any]:
    """Return how waitress finds the client's address: the last one that the trusted proxy says, no header without."""
    if proxy is None:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for"},
        "clear_untrusted_proxy_headers": True,
    }
