"""Owns what the address of a performance page asks for: period and filters, or what is wrong with them, in words.

It reads the address only; whether anything matches is for the figures to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, cast, get_args

from flask import request

from engine.metrics.periods import Period
from engine.views.performance import FigureFilter
from webapp.services import now

Priority = Literal["low", "normal", "high"]

NAMES = ("from", "to", "version", "service", "organisation", "priority", "group")
QUICK_DAYS = (30, 90, 365)
DAYS_BY_DEFAULT = 90
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
MOST_DAYS = 3_660
LONGEST = 200
LONGEST_VERSION = 6

PRIORITIES: tuple[tuple[Priority, str], ...] = (
    ("high", "High (70 to 100)"),
    ("normal", "Normal (40 to 69)"),
    ("low", "Low (0 to 39)"),
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A sentence about a field of the filter form; `target` is the field's id."""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as typed, and what they mean; `filter` is None when `mistakes` says why."""

    typed: Mapping[str, str]
    today: date
    filter: FigureFilter | None
    mistakes: tuple[Mistake, ...] = ()

    @property
    def query(self) -> dict[str, str]:
        """Return the filters for links to other pages: the period by its days, so that it stays the same tomorrow."""
        return {name: text for name, text in self.typed.items() if text}

    @property
    def narrowed(self) -> bool:
        """Return whether anything but the period is asked for."""
        return any(self.typed[name] for name in NAMES[2:])

    def quick(self) -> list[tuple[str, str, str, bool]]:
        """Return the periods offered as links: words, first and last day, whether it is the one that is shown."""
        links = []
        for days in QUICK_DAYS:
            first, last = str(self.today - timedelta(days=days - 1)), str(self.today)
            here = (self.typed["from"], self.typed["to"]) == (first, last)
            links.append((f"Last {days} days", first, last, here))
        return links


@dataclass(slots=True)
class _Reader:
    typed: Mapping[str, str]
    mistakes: list[Mistake] = field(default_factory=list)

    def day(self, name: str, label: str) -> date | None:
        """Return the day of a field that has one, None when it was refused."""
        try:
            found = date.fromisoformat(self.typed[name])
        except ValueError:
            self.refuse(
                name, f"{label}: “{self.typed[name][:40]}” is no date: enter it as year-month-day, 2026-01-31 say."
            )
            return None
        if not FIRST_DAY <= found <= LAST_DAY:
            self.refuse(name, f"{label}: choose a day between {FIRST_DAY} and {LAST_DAY}.")
            return None
        return found

    def period(self) -> Period | None:
        """Return the period, None when it was refused."""
        first, last = self.day("from", "From"), self.day("to", "To")
        if first is None or last is None:
            return None
        if last < first:
            self.refuse("to", f"To: the period ends ({last}) before it starts ({first}): choose a later end.")
            return None
        if (last - first).days >= MOST_DAYS:
            self.refuse("from", "From: the period is longer than ten years: choose a later start.")
            return None
        return Period(first, last)

    def version(self) -> int | None:
        """Return the version, None when none is asked for or it was refused."""
        text = self.typed["version"]
        if not text:
            return None
        if len(text) > LONGEST_VERSION or not (text.isascii() and text.isdigit()):
            self.refuse("version", f"Version: “{text[:40]}” is no version: choose one of the list.")
            return None
        return int(text)

    def priority(self) -> Priority | None:
        """Return the band of priorities, None when none is asked for or it was refused."""
        text = self.typed["priority"]
        if text and text not in get_args(Priority):
            self.refuse("priority", f"Priority: “{text[:40]}” is none: choose high, normal or low.")
            return None
        return cast("Priority", text) if text else None

    def text(self, name: str, label: str) -> str | None:
        """Return an id, None when none is asked for or it could not be one."""
        text = self.typed[name]
        if len(text) > LONGEST or "\0" in text:
            self.refuse(name, f"{label}: this is no id of one: choose one of the list.")
            return None
        return text or None

    def refuse(self, name: str, sentence: str) -> None:
        """Note what is wrong with a field."""
        self.mistakes.append(Mistake(f"filter-{name}", sentence))


def asked() -> Asked:
    """Return what the address asks for; without dates the last 90 days, a missing start 90 days before the end."""
    today = now().date()
    typed = {name: request.args.get(name, "").strip() for name in NAMES}
    typed["to"] = typed["to"] or str(today)
    typed["from"] = typed["from"] or _start(typed["to"])
    reader = _Reader(typed)
    period = reader.period()
    version, priority = reader.version(), reader.priority()
    service, organisation = reader.text("service", "Service"), reader.text("organisation", "Organisation")
    group = reader.text("group", "Group")
    if period is None or reader.mistakes:
        return Asked(typed, today, None, tuple(reader.mistakes))
    return Asked(typed, today, FigureFilter(period, version, service, organisation, priority, group))


def _start(end: str) -> str:
    try:
        return str(date.fromisoformat(end) - timedelta(days=DAYS_BY_DEFAULT - 1))
    except (ValueError, OverflowError):
        return ""
