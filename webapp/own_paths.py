"""Owns the rule for where a page may send somebody next: to a path of this site and nowhere else."""

from urllib.parse import urlsplit

LONGEST = 2_000


def own_path(target: str | None, otherwise: str = "/") -> str:
    r"""Return `target` when it is a path of this site, else `otherwise`.

    Refused are other schemes and hosts, `//host` and `/\host` (browsers read both as a host), control characters and
    anything that does not begin with a slash.
    """
    if not target or len(target) > LONGEST or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    if "\\" in target or any(ord(character) < ord(" ") or ord(character) == 127 for character in target):
        return otherwise
    parts = urlsplit(target)
    return otherwise if parts.scheme or parts.netloc else target
