"""Owns a wire between an engine and its PostgreSQL server that a test can cut, mend, or lose a commit on."""

import contextlib
import socket
import threading
from typing import Literal

from sqlalchemy import URL

Loss = Literal["before", "after"]


class Wire:
    """Carries bytes to the server of `url`; `url` here is the address to connect to instead."""

    def __init__(self, url: URL) -> None:
        self._server = (url.host or "127.0.0.1", url.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._whole = True
        self._loss: Loss | None = None
        self._commits = 0
        self.lost = 0
        self.url = url.set(host="127.0.0.1", port=self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break all connections, and refuse new ones."""
        self._whole = False
        self._drop()

    def mend(self) -> None:
        self._whole = True

    def lose_commit(self, when: Loss, number: int = 1) -> None:
        """Break the connection of a commit (1: the next): before the server gets it, or after it has answered.

        Transactions that read end with a commit as well, but are not counted.
        """
        self._loss, self._commits = when, number

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _losing(self, data: bytes) -> Loss | None:
        """Return how the commit in `data` is to be lost, None for whatever else."""
        if self._loss is None or b"COMMIT\0" not in data:
            return None
        self._commits -= 1
        if self._commits:
            return None
        when, self._loss = self._loss, None
        self.lost += 1
        return when

    def _drop(self) -> None:
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self._whole:
                client.close()
                continue
            server = socket.create_connection(self._server)
            self._open |= {client, server}
            losing = threading.Event()
            for source, target, upwards in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._carry, args=(source, target, upwards, losing), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, upwards: bool, losing: threading.Event) -> None:
        reading = False
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if b"BEGIN" in data:
                    reading = b"READ ONLY" in data
                when = self._losing(data) if upwards and not reading else None
                if when is not None:
                    if when == "before":
                        break
                    losing.set()
                elif not upwards and losing.is_set():
                    break  # the server has answered the commit; the answer is lost
                target.sendall(data)
        self._open -= {source, target}
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
