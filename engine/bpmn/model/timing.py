"""Owns when timers are due: an instant in UTC, worked out once, when the event begins to wait. It has no clock."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from engine import feel
from engine.bpmn.model import cron
from engine.errors import ExpressionRefused
from engine.types import Json

FOREVER: Final = -1
_ISO_LIKE = re.compile(r"[+-]?P[\dT]|R\d*/|\d{4}-\d\d")
_CYCLE = re.compile(r"R(\d{0,9})/(?:([^/]*)/)?(P[^/]*)")

TimerKind = Literal["timeDuration", "timeDate", "timeCycle"]
TIMERS: Final[tuple[TimerKind, ...]] = ("timeDuration", "timeDate", "timeCycle")


def is_timer_text(source: str) -> bool:
    """Say whether a timer's text means to be ISO 8601 or cron, right or wrong, rather than an expression."""
    return _ISO_LIKE.match(source) is not None or cron.is_cron(source)


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer of a model (BPMN 2.0.2, 10.5.5.9): `source` is ISO or cron text, or `expression` gives the value.

    `zone` is the IANA name of the time zone in which cron texts are read, None: UTC.
    """

    kind: TimerKind
    source: str
    expression: feel.Expression | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """What repeats: `left` more times (`FOREVER`: no end), each `every` (ISO 8601 or cron text) after the last.

    `day` is the day of the month (UTC) on which a cycle of months or years comes, None for others.
    """

    first: datetime
    every: str
    left: int
    day: int | None = None


def cycle_of(value: Any, now: datetime, zone: str | None = None) -> Cycle:
    """Return the cycle that `R3/PT1H`, `R/P1D`, `R2/2026-01-01T08:00:00Z/P1D`, a duration or a cron text means.

    The last two have no end. Without a start the first time is one interval from `now`; `zone` is that of cron texts.
    Raises `ExpressionRefused`.
    """
    if isinstance(value, str) and cron.is_cron(value):
        every = cron.checked(value)
        at = cron.following(every, now, zone)
        if at is None:
            raise ExpressionRefused(value, "it names a time that never comes.")
        return Cycle(at, every, FOREVER)
    if isinstance(value, str) and value.strip().startswith("R"):
        match = _CYCLE.fullmatch(value.strip())
        if match is None or match[1].strip("0") == "" != match[1]:
            raise ExpressionRefused(value, "it is no repeating interval. Write for instance R3/PT1H or R/P1D.")
        times, start, every = match.groups()
        left, began = int(times) if times else FOREVER, feel.to_instant(start, now) if start else now
        first = began if start else feel.to_instant(every, now)
    else:
        every, left, began = value if isinstance(value, str) else str(value), FOREVER, now
        first = feel.to_instant(value, now)
    if feel.to_instant(every, now) - now < timedelta(seconds=1):
        raise ExpressionRefused(str(value), "a timer cannot repeat more often than every second.")
    months, length = feel.duration_parts(every)
    return Cycle(first, every.strip(), left, began.astimezone(UTC).day if months and not length else None)


def following(
    due: datetime, every: str, now: datetime, zone: str | None = None, day: int | None = None
) -> tuple[datetime | None, int]:
    """Return the first time of a cycle after both `due` and `now`, and how many times (`due` included) have gone by.

    The time is None when it would lie beyond the year 9999: then the cycle is over. The times of a cron text are not
    counted: it has no end. `day` is that of a cycle of months: what begins on the 31st comes on the last day of shorter
    months, and on the 31st again after them.
    """
    if cron.is_cron(every):
        return cron.following(every, max(due, now), zone), 1
    months, length = feel.duration_parts(every)
    gone = 1
    if not months and length:
        gone = max(1, (now - due) // length + 1)
        try:
            return due + gone * length, gone
        except OverflowError:
            return None, gone
    day = None if length else day
    found = _after(due, every, day)
    if found is not None and found <= due:
        raise ExpressionRefused(every, "a timer cannot repeat without a pause.")
    while found is not None and found <= now:
        found, gone = _after(found, every, day), gone + 1
    return found, gone


def _after(moment: datetime, every: str, day: int | None) -> datetime | None:
    """Return the time one interval later, on that day of its month or the last one that there is.

    None when it would lie outside of the calendar.
    """
    try:
        found = feel.to_instant(every, moment)
    except ExpressionRefused:
        return None  # the only reason that is left: the interval has been read before
    return found if day is None else found.replace(day=min(day, monthrange(found.year, found.month)[1]))


def schedule(timer: Timer, value: Json, now: datetime) -> dict[str, Json]:
    """Return what a waiting token notes of its timer: `due`, for a cycle also `every`, `left`, `day` and `zone`.

    `day` is that of a cycle of months, `zone` that of a cron text. `value` is what the timer's expression came to (its
    text if it has none). Raises `ExpressionRefused`.
    """
    if timer.kind == "timeCycle":
        cycle = cycle_of(value, now, timer.zone)
        noted: dict[str, Json] = {"due": _text(cycle.first), "every": cycle.every, "left": cycle.left}
        if cycle.day is not None:
            noted["day"] = cycle.day
        return {**noted, "zone": timer.zone} if timer.zone and cron.is_cron(cycle.every) else noted
    if timer.kind == "timeDate" and isinstance(value, str) and value.strip()[:1] in ("P", "-"):
        raise ExpressionRefused(value, "a timer for a date needs a date and time, not a duration.")
    return {"due": _text(feel.to_instant(value, now))}


def due_of(notes: dict[str, Any]) -> datetime | None:
    """Return when a waiting token is due, in UTC; None when it waits for no time."""
    due = notes.get("due")
    return None if due is None else datetime.fromisoformat(due)


def reschedule(notes: dict[str, Any], now: datetime) -> bool:
    """Move a cycle to its next time after `now`; say whether there is one.

    Times that went by meanwhile are one occurrence: after a pause people are reminded once, not once per missed time;
    they count all the same towards the number of repetitions. A cycle is over, too, when its next time would lie beyond
    the year 9999.
    """
    due = due_of(notes)
    if due is None or "every" not in notes:
        return False
    next_due, gone = following(due, notes["every"], now, notes.get("zone"), notes.get("day"))
    if notes["left"] != FOREVER:
        notes["left"] = max(0, notes["left"] - gone)
        if notes["left"] == 0:
            return False
    if next_due is None:
        return False
    notes["due"] = _text(next_due)
    return True


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
