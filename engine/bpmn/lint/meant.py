"""Owns what was probably meant by a name that nothing sets; it judges no name."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

MAX_NAMES: Final = 300
CLOSE: Final = 0.75
"""How much alike two names have to be (`difflib`): from 0 to 1."""

_LONGEST: Final = 100
_CONSTANTS: Final = {"true": "true", "false": "false", "null": "null", "none": "null", "nil": "null"}
_OPERATORS: Final = frozenset(("not", "is", "NOT", "AND", "OR", "Not", "And", "Or", "None", "True", "False"))


def close(names: Iterable[str], known: Collection[str]) -> str | None:
    """Return the one of `known` that is nearest to the first of `names` with a near one, None when none has.

    Among more than `MAX_NAMES` nothing is looked for.
    """
    if len(known) > MAX_NAMES:
        return None
    # Sorted, so that the same files get the same answer; to compare long texts takes too long.
    others = sorted(name for name in known if len(name) <= _LONGEST)
    found = (get_close_matches(name, others, n=1, cutoff=CLOSE) for name in names if len(name) <= _LONGEST)
    return next((each[0] for each in found if each), None)


def in_feel(name: str) -> str | None:
    """Return how FEEL writes what another language writes as `name`, None where it looks like a name."""
    if name.lower() in _CONSTANTS:
        return f"FEEL writes {_CONSTANTS[name.lower()]}."
    if _OPERATORS & set(name.split()):
        return "Words side by side are one name. Join conditions by and, or; deny by not(...); ask for null by = null."
    return None
