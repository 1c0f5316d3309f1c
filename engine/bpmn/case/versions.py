"""Owns the versions of the stored form of a case: the newest one, and how a state of an older one becomes one of it.

Whoever changes what `engine.bpmn.case.codec` writes adds one to `NEWEST` and an upgrade from the version before.
Upgrades work on plain values, without definitions: what needs those has to be optional when it is read. They stay for
ever, as do the states of every version in `tests/unit/bpmn/states`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.bpmn.case.folding import fold

Content = dict[str, Any]
"""What `engine.bpmn.case.codec` describes: the map that a state holds."""

NEWEST: Final = 2
OLDEST: Final = 1

UPGRADES: Final[Mapping[int, Callable[[Content], Content]]] = {1: fold}
"""For each version but the newest, what makes of its content that of the next one."""


def upgraded(
    content: Content,
    version: int,
    newest: int = NEWEST,
    upgrades: Mapping[int, Callable[[Content], Content]] = UPGRADES,
) -> Content:
    """Return the content of a state of `version` as the newest version has it."""
    for each in range(version, newest):
        content = upgrades[each](content)
    return content
