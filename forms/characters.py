"""Owns which characters a text may hold and how its line ends are made alike; it knows nothing of fields or forms."""

import re

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def first_forbidden(text: str) -> int | None:
    """Return the place from 0 of the first control character (other than tab and line ends) or half surrogate pair."""
    found = _FORBIDDEN.search(text)
    return None if found is None else found.start()


def clean_lines(text: str) -> str:
    """Return `text` with line feeds as its only line ends and no empty lines at its end; other white space is kept."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    body = text.rstrip(" \t\n")
    return body + text[len(body) :].partition("\n")[0]


def storable(text: str) -> str:
    """Return `text` with characters that UTF-8 cannot hold replaced, so that a message may quote it."""
    return text.encode("utf-8", "replace").decode("utf-8")
