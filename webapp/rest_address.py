"""Owns where the interface for modelers lies."""

from typing import Final

from flask import request

from webapp.services import config

PREFIX: Final = "/engine-rest"
"""The path of Camunda 7's interface wherever it is served: people know it, and modelers offer it."""


def is_below(path: str) -> bool:
    """Return whether `path` lies in the interface."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def base_address() -> str:
    """Return the address of the interface as the client that asks reaches it; https behind a proxy that speaks it."""
    root = request.url_root.rstrip("/")
    if config().https:
        root = f"https://{root.partition('://')[2]}"
    return f"{root}{PREFIX}"
