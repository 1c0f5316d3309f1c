"""Owns the functions that make a value of one kind from another (DMN 1.5, table 75)."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import ROUND_FLOOR, Decimal

from engine.feel.budget import Run
from engine.feel.builtins.registry import builtin
from engine.feel.rendering import text_of
from engine.feel.temporal import midnight, parse_date, parse_date_time, parse_duration, parse_time, zone
from engine.feel.values import Months, NoValue, number_of, whole

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SEPARATORS = (" ", ",", ".")


@builtin("date(from: string)")
def date_from_text(run: Run, text: str) -> date:
    """Read a date."""
    value = parse_date(text)
    if value is None:
        raise NoValue(f"{text[:40]!r} is no date like 2026-03-31")
    return value


@builtin("date(from: day)")
def date_from_day(run: Run, value: date) -> date:
    """Return the date of a date or date-time."""
    return value.date() if isinstance(value, datetime) else value


@builtin("date(year: number, month: number, day: number)")
def date_from_parts(run: Run, year: Decimal, month: Decimal, day: Decimal) -> date:
    """Return the date with these parts."""
    return date(whole(year), whole(month), whole(day))


@builtin("time(from: string)")
def time_from_text(run: Run, text: str) -> time:
    """Read a time of day."""
    value = parse_time(text.removeprefix("T"))
    if value is None:
        raise NoValue(f"{text[:40]!r} is no time like 10:30:00 or 10:30:00+01:00")
    return value


@builtin("time(from: temporal)")
def time_from_temporal(run: Run, value: date | time) -> time:
    """Return the time of day of a value; that of a date is midnight UTC."""
    if isinstance(value, datetime):
        return value.timetz()
    return value if isinstance(value, time) else time(0, 0, 0, tzinfo=UTC)


@builtin("time(hour: number, minute: number, second: number, offset: days?)")
def time_from_parts(run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None) -> time:
    """Return the time of day with these parts; the seconds may have a fraction."""
    full = second.to_integral_value(ROUND_FLOOR)
    where = None if offset is None else timezone(offset)
    return time(whole(hour), whole(minute), whole(full), int((second - full) * 1_000_000), tzinfo=where)


@builtin("date and time(from: string)")
def date_time_from_text(run: Run, text: str) -> datetime:
    """Read a date-time."""
    value = parse_date_time(text)
    if value is None:
        raise NoValue(f"{text[:40]!r} is no date and time like 2026-03-31T10:30:00Z")
    return value


@builtin("date and time(from: date time)")
def date_time_from_date_time(run: Run, value: datetime) -> datetime:
    """Return the date-time itself."""
    return value


@builtin("date and time(from: date)")
def date_time_from_date(run: Run, value: date) -> datetime:
    """Return the midnight, UTC, at which a date begins."""
    return midnight(value)


@builtin("date and time(date: day, time: time)")
def date_time_from_parts(run: Run, day: date, clock: time) -> datetime:
    """Join a date and a time of day."""
    return datetime.combine(date(day.year, day.month, day.day), clock)


@builtin("date and time(date: day, timezone: string)")
def date_time_in_zone(run: Run, day: date, name: str) -> datetime:
    """Return the same instant in another time zone."""
    where = zone(name)
    if where is None:
        raise NoValue(f"there is no time zone {name[:40]!r}")
    return (day if isinstance(day, datetime) else midnight(day)).astimezone(where)


@builtin("duration(from: string)")
def duration_from_text(run: Run, text: str) -> timedelta | Months:
    """Read a duration."""
    value = parse_duration(text)
    if value is None:
        raise NoValue(f"{text[:40]!r} is no duration like P2DT4H or P1Y6M")
    return value


@builtin("duration(from: duration)")
def duration_from_duration(run: Run, value: timedelta | Months) -> timedelta | Months:
    """Return the duration itself."""
    return value


@builtin("years and months duration(from: day, to: day)")
def months_between(run: Run, start: date, end: date) -> Months:
    """Return the whole months from `start` to `end`."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return Months(months)


@builtin("string(from: any)", deep=True)
def string(run: Run, value: object) -> str | None:
    """Write a value as text; null stays null."""
    if value is None:
        return None
    text = text_of(value)
    run.charge_text(len(text))
    return text


@builtin("number(from: string, grouping separator: string?, decimal separator: string?)")
def number_from_text(run: Run, text: str, grouping: str | None, point: str | None) -> Decimal | None:
    """Read a number, with a space, comma or point between groups of digits and a point or comma before decimals."""
    if grouping is not None and grouping not in _SEPARATORS:
        raise NoValue("the grouping separator is a space, a comma or a point")
    if point is not None and (point not in (",", ".") or point == grouping):
        raise NoValue("the decimal separator is a comma or a point, and not the grouping separator")
    plain = text.replace(grouping, "") if grouping else text
    if point:
        plain = plain.replace(point, ".")
    if not _NUMBER.fullmatch(plain):
        raise NoValue(f"{text[:40]!r} is no number")
    return number_of(plain)


@builtin("number(from: number)")
def number_from_number(run: Run, value: Decimal) -> Decimal:
    """Return the number itself."""
    return value
