"""Owns the settings of the web application and their defaults; it reads no environment and no files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

MEBIBYTE = 1024 * 1024


def system_clock() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Config:
    """What a host decides about its web application.

    `secret_key` signs the session cookie. With `https` the cookie is only sent over TLS, and browsers are told to stay
    there. A session ends `idle_minutes` after its last request and `session_hours` after the sign-in at the latest.
    `max_upload_bytes` limits the body of every request; a larger one is refused, by a page that says so up to what
    `comity serve` receives at all. `demo` shows the demo accounts on the sign-in page. `sign_ins_at_once`
    requests at most are with passwords in one moment, two thirds of them from one place (webapp.sign_in_gate).
    """

    database_url: str
    secret_key: str
    demo: bool = False
    https: bool = False
    idle_minutes: int = 60
    session_hours: int = 12
    max_upload_bytes: int = 5 * MEBIBYTE
    sign_ins_at_once: int = 6
    clock: Callable[[], datetime] = system_clock
