"""Owns what timers and due dates need: durations and moments out of texts and values; it knows no clock of its own.

A moment is an aware `datetime` in UTC. A date-time without an offset, and a date, are taken in the time zone that the
caller names.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from engine.errors import ExpressionRefused
from engine.feel.temporal import add_duration, add_months, parse_date_time, parse_duration
from engine.feel.values import Months, NoValue


def duration(value: Any) -> timedelta | Months:
    """Return the duration that an ISO 8601 text or a FEEL duration is. Raises `ExpressionRefused` when it is none.

    Years and months count by the calendar, so a text mixes them with days only by way of `duration_parts`.
    """
    months, length = duration_parts(value)
    if months and length:
        raise ExpressionRefused(str(value), "years or months together with days or hours have no fixed length here.")
    return Months(months) if months else length


def duration_parts(value: Any) -> tuple[int, timedelta]:
    """Return the months and the exact rest of a duration: `P1Y2M3DT4H` is 14 months, 3 days and 4 hours.

    `value` is ISO 8601 text (weeks too: `P2W`) or a FEEL duration. Raises `ExpressionRefused`.
    """
    if isinstance(value, Months):
        return value.months, timedelta(0)
    if isinstance(value, timedelta):
        return 0, value
    if isinstance(value, str):
        found = _split(value.strip())
        if found is not None:
            return found
    raise ExpressionRefused(str(value), "it is no ISO 8601 duration. Write for instance PT30M, P3D or P1M.")


def _split(text: str) -> tuple[int, timedelta] | None:
    parsed = parse_duration(text)
    if isinstance(parsed, Months):
        return parsed.months, timedelta(0)
    if parsed is not None:
        return 0, parsed
    negative, plain = text.startswith("-"), text.removeprefix("-")
    if plain.startswith("P") and plain.endswith("W") and plain[1:-1].isdecimal() and len(plain) < 8:
        weeks = timedelta(weeks=int(plain[1:-1]))
        return 0, -weeks if negative else weeks
    day_part, separator, clock = plain.partition("T")
    cut = max(day_part.rfind("Y"), day_part.rfind("M")) + 1
    months = parse_duration(day_part[:cut]) if cut else None
    rest = parse_duration(f"P{day_part[cut:]}{separator}{clock}")
    if isinstance(months, Months) and isinstance(rest, timedelta):
        return (-months.months, -rest) if negative else (months.months, rest)
    return None


def to_instant(value: Any, now: datetime, time_zone: tzinfo = UTC) -> datetime:
    """Return the moment, in UTC, that a date-time, a date, a duration from `now`, or ISO 8601 text of one means.

    `now` is aware. Months and years of a duration are added by the calendar of `time_zone`. Raises `ExpressionRefused`.
    """
    if now.tzinfo is None:
        raise ValueError("now has no time zone")
    try:
        if isinstance(value, str):
            text = value.strip()
            moment = parse_date_time(text)
            if moment is not None:
                return _in_utc(moment, time_zone)
            if text[:1] not in ("P", "-"):
                raise ExpressionRefused(value, _WANTED)
        if isinstance(value, date):
            return _in_utc(value, time_zone)
        if isinstance(value, str | timedelta | Months):
            months, length = duration_parts(value)
            return _in_utc(add_duration(add_months(now.astimezone(time_zone), months), length), time_zone)
    except (NoValue, OverflowError) as error:
        raise ExpressionRefused(str(value), "the moment lies outside the years 1 to 9999.") from error
    raise ExpressionRefused("null" if value is None else str(value), _WANTED)


_WANTED = "it gives no moment. A date and time like 2026-03-31T10:30:00Z or a duration like PT30M is needed."


def _in_utc(value: date, time_zone: tzinfo) -> datetime:
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    return (value if value.tzinfo else value.replace(tzinfo=time_zone)).astimezone(UTC)
