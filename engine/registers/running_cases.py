"""Owns the rule by which a running case reads a framework of which newer versions were written; it reads nothing.

A register that names a field as `running_cases` lets each version of its record say what becomes of cases that hold an
older one: they *keep* it, or they *take over* the new one.
"""

from collections.abc import Iterable
from typing import Final

from engine.types import Json

KEEP: Final = "keep"
"""What the field holds in a version that leaves running cases on theirs; anything else, or nothing, is taken over."""


def takes_over(said: Json) -> bool:
    """Say whether running cases move to a version, of which its field says this."""
    return bool(said != KEEP)


def version_read(held: int, versions: Iterable[tuple[int, bool]]) -> int:
    """Return the version that a case which holds the version `held` reads.

    `versions` are those that there are, in any order, each with whether it is taken over: the case moves to the newest
    above its own that is, and else stays.
    """
    return max((version for version, taken in versions if taken and version > held), default=held)
