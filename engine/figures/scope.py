"""Which cases count: the keys of their definitions and the filter, as conditions for statements; it runs none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, exists

from engine.figures.tally import BANDS
from engine.metrics.periods import Period
from engine.persistence.models import CaseLabel, CaseSummary
from engine.persistence.statements import INSTANCE, PARTICIPANT, table
from engine.views.performance import FigureFilter

SUMMARY: Final = table(CaseSummary)
LABEL: Final = table(CaseLabel)
PERIODS: Final = 12
"""How many periods a trend has at most."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The cases of some definitions, as far as a filter lets them count.

    `definition_ids` are those of the filter's version, None when it names none.
    """

    keys: tuple[str, ...]
    filter: FigureFilter
    definition_ids: tuple[str, ...] | None = None

    def ended(self) -> list[ColumnElement[bool]]:
        """Return the conditions on `SUMMARY` besides keys and days."""
        wanted = self.filter
        found: list[ColumnElement[bool]] = []
        if wanted.version is not None:
            found.append(SUMMARY.c.definition_version == wanted.version)
        if wanted.organisation is not None:
            found.append(SUMMARY.c.organisation_id == wanted.organisation)
        if wanted.priority is not None:
            found.append(SUMMARY.c.priority.between(*BANDS[wanted.priority]))
        for kind, value in (("service", wanted.service), ("group", wanted.group)):
            if value is not None:
                found.append(_labelled(SUMMARY.c.instance_id, kind, value))
        return found

    def labels(self) -> list[tuple[str, str]]:
        """Return what the filter asks for as names and labels of packed cases (engine.metrics.packed)."""
        wanted = self.filter
        found = {
            "version": wanted.version,
            "organisation": wanted.organisation,
            "priority": wanted.priority,
            "service": wanted.service,
            "group": wanted.group,
        }
        return [(name, str(label)) for name, label in found.items() if label is not None]

    def running(self) -> list[ColumnElement[bool]]:
        """Return the conditions on `INSTANCE` besides keys and times; they hold for ended cases as well.

        A group counts by the tasks that it has or had: which it completed is known at the end only.
        """
        wanted = self.filter
        found: list[ColumnElement[bool]] = []
        if self.definition_ids is not None:
            found.append(INSTANCE.c.definition_id.in_(self.definition_ids))
        if wanted.organisation is not None:
            found.append(INSTANCE.c.organisation_id == wanted.organisation)
        if wanted.priority is not None:
            found.append(INSTANCE.c.priority.between(*BANDS[wanted.priority]))
        if wanted.service is not None:
            found.append(_labelled(INSTANCE.c.id, "service", wanted.service))
        if wanted.group is not None:
            offered = exists().where(
                PARTICIPANT.c.instance_id == INSTANCE.c.id, PARTICIPANT.c.principal == f"group:{wanted.group}"
            )
            found.append(offered)
        return found


def periods(period: Period, since: date | None, most: int = PERIODS) -> tuple[Period, ...]:
    """Return `period` and the ones of the same length before it, newest first, as far back as `since`.

    At least two: the period before is always told. `since` is the day of the first case, None when there is none.
    """
    found = [period, period.before()]
    while since is not None and len(found) < most and found[-1].first > since:
        found.append(period.before(len(found)))
    return tuple(found)


def place(day: date, spans: Sequence[Period]) -> int:
    """Return which of `spans`, newest first and of one length without gaps, `day` is in."""
    return (spans[0].last - day).days // spans[0].days


def _labelled(instance: ColumnElement[Any], kind: str, value: str) -> ColumnElement[bool]:
    label = LABEL.alias()  # a statement over labels would else take the two for one
    return exists().where(label.c.instance_id == instance, label.c.kind == kind, label.c.value == value)
