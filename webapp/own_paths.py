"""Owns the rule for where a page may send somebody next: to a path of this site and nowhere else; reads addresses."""

from urllib.parse import SplitResult, urlsplit

LONGEST = 2_000
"""Characters; also of the address that a sign-in comes back to, for it stands in a header, and proxies limit those."""


def parts_of(address: str) -> SplitResult | None:
    """Return the parts of an address that a client has sent; None for what is none, such as `http://[`."""
    try:
        return urlsplit(address)
    except ValueError:
        return None


def own_path(target: str | None, otherwise: str = "/") -> str:
    r"""Return `target` when it is a path of this site, else `otherwise`.

    Refused are other schemes and hosts, `//host` and `/\host` (browsers read both as a host), control characters and
    anything that does not begin with a slash.
    """
    if not target or len(target) > LONGEST or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    if "\\" in target or any(ord(character) < ord(" ") or ord(character) == 127 for character in target):
        return otherwise
    parts = parts_of(target)
    return otherwise if parts is None or parts.scheme or parts.netloc else target
