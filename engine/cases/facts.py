"""Owns the facts of a case that its process computes: title, organisation, originator, priority, channel, services.

It writes nothing.

The interpreter evaluates them (docs/modelling.md says which and when); here they become values that fit their
columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.types import WITHDRAWN, Json
from engine.views import CaseStatus

TITLE_LENGTH: Final = 300
NORMAL_PRIORITY: Final = 50
_HIGHEST: Final = 100


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a case is about and for whom; None where its process says nothing.

    `priority` is from 0 to 100, urgent high.
    """

    title: str | None
    organisation_id: str | None
    originator: str | None
    priority: int
    channel: str | None
    services: tuple[str, ...] = ()
    """ids of the records that it is about"""


def shown_as(status: CaseStatus, outcome: str | None) -> tuple[CaseStatus, str | None]:
    """Return the status and outcome of a case as people see them, given those that its row holds."""
    return ("withdrawn", None) if (status, outcome) == ("cancelled", WITHDRAWN) else (status, outcome)


def facts_of(values: Mapping[str, Json]) -> CaseFacts:
    """Return the facts out of the values that a step gives for them."""
    return CaseFacts(
        title=_text(values.get("title"), TITLE_LENGTH),
        organisation_id=_identity(values.get("organisation")),
        originator=_identity(values.get("originator")),
        priority=_priority(values.get("priority")),
        channel=_text(values.get("channel"), 255),
        services=_identities(values.get("services")),
    )


def _text(value: Any, length: int) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    return " ".join(str(value).split())[:length] or None


def _identity(value: Any) -> str | None:
    """Return the id that an expression gave: a text, or a reference to a record (an organisation)."""
    return _text(value.get("id") if isinstance(value, dict) else value, 64)


def _identities(value: Any) -> tuple[str, ...]:
    """Return the ids that an expression gave, each once: a list of texts or references, or one of them alone."""
    given = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(filter(None, map(_identity, given))))


def _priority(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NORMAL_PRIORITY
    return max(0, min(_HIGHEST, int(value)))
