"""Owns dates, times and durations: reading ISO 8601 texts, offsets, and calendar arithmetic; it knows no clock.

Years go from 1 to 9999 and fractions of a second to microseconds, as Python's `datetime` has them. A date-time or time
without an offset is *local*; it cannot be compared with one that has an offset.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import ROUND_DOWN, Decimal
from zoneinfo import ZoneInfo

from engine.feel.values import Months, NoValue

Temporal = date | time | datetime | timedelta | Months

_DATE = re.compile(r"(-?[0-9]{4,9})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:(Z)|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z0-9_+\-/]+))?"
)
_MONTHS = re.compile(r"(-)?P(?=[0-9])(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?")
_DAYS = re.compile(
    r"(-)?P(?=[0-9T])(?:([0-9]{1,12})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,12})H)?(?:([0-9]{1,12})M)?(?:([0-9]{1,15})(?:\.([0-9]{0,9}))?S)?)?"
)
_MAX_OFFSET_HOURS = 14
_MIDNIGHT = timedelta(0)
_EPOCH = datetime(1, 1, 1)


def parse_date(text: str) -> date | None:
    """Return the date that `text` is (`2026-03-01`), else None."""
    match = _DATE.fullmatch(text)
    if match is None or (len(match[1].lstrip("-")) > 4 and match[1].lstrip("-")[0] == "0"):
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def zone(name: str) -> tzinfo | None:
    """Return the time zone `name` of the IANA database (`Europe/Berlin`), None when there is none."""
    try:
        return UTC if name == "Z" else ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return None


def parse_time(text: str) -> time | None:
    """Return the time that `text` is (`10:15:00`, with `Z`, `+01:00` or `@Europe/Berlin` if wanted), else None."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    where: tzinfo | None = None
    if match[5]:
        where = UTC
    elif match[6]:
        if int(match[7]) > _MAX_OFFSET_HOURS or int(match[8]) > 59:
            return None
        offset = timedelta(hours=int(match[7]), minutes=int(match[8]), seconds=int(match[9] or 0))
        where = timezone(-offset if match[6] == "-" else offset)
    elif match[10]:
        where = zone(match[10])
        if where is None:
            return None
    try:
        return time(int(match[1]), int(match[2]), int(match[3]), int((match[4] or "0").ljust(6, "0")[:6]), tzinfo=where)
    except ValueError:
        return None


def parse_date_time(text: str) -> datetime | None:
    """Return the date-time that `text` is (`2026-03-01T10:15:00Z`; a date alone is its midnight), else None."""
    day_text, separator, time_text = text.partition("T")
    day = parse_date(day_text)
    if day is None or not separator:
        return None if day is None else datetime(day.year, day.month, day.day)
    next_day = time_text.startswith("24:00:00")
    clock = parse_time("00" + time_text[2:] if next_day else time_text)
    if clock is None:
        return None
    try:
        return datetime.combine(day + timedelta(days=1) if next_day else day, clock)
    except OverflowError:
        return None


def parse_duration(text: str) -> timedelta | Months | None:
    """Return the duration that `text` is (`P1Y2M` or `P3DT4H`), else None. Years or months do not mix with days."""
    match = _MONTHS.fullmatch(text)
    if match:
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return Months(-months if match[1] else months)
    match = _DAYS.fullmatch(text)
    if match is None:
        return None
    try:
        length = timedelta(
            days=int(match[2] or 0),
            hours=int(match[3] or 0),
            minutes=int(match[4] or 0),
            seconds=int(match[5] or 0),
            microseconds=int((match[6] or "0").ljust(6, "0")[:6]),
        )
        return -length if match[1] else length
    except OverflowError:
        return None


def parse_temporal(text: str) -> Temporal | None:
    """Return the date, time, date-time or duration that `text` is, else None."""
    for read in (parse_date, parse_time, parse_date_time, parse_duration):
        value = read(text)
        if value is not None:
            return value
    return None


def offset_of(value: time | datetime) -> timedelta | None:
    """Return the offset from UTC; None for a local value. A time in a named zone counts as one of 1970-01-01."""
    if value.tzinfo is None:
        return None
    offset = value.utcoffset()
    return value.tzinfo.utcoffset(datetime(1970, 1, 1)) if offset is None else offset


def order_of(value: time | datetime) -> timedelta:
    """Return a measure by which values with an offset, or values without one, can be ordered."""
    since = value.replace(tzinfo=None) - _EPOCH if isinstance(value, datetime) else _since_midnight(value)
    return since - (offset_of(value) or _MIDNIGHT)


def _since_midnight(value: time) -> timedelta:
    return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)


def midnight(day: date) -> datetime:
    """Return the date-time that stands for a date in arithmetic: its midnight, UTC (DMN 1.5, 10.3.2.3.6)."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def add_months(value: date, months: int) -> date:
    """Return `value` (a date or date-time) moved by `months`; the 31st becomes the last day of a shorter month."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise NoValue("the year is outside 1 to 9999")
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month]
    return value.replace(year=year, month=month + 1, day=min(value.day, days))


def add_duration(value: date, length: timedelta) -> date:
    """Return `value` (a date or date-time) moved by `length` along the time line, whatever daylight saving does."""
    if not isinstance(value, datetime):
        return (midnight(value) + length).date()
    if isinstance(value.tzinfo, ZoneInfo):
        return (value.astimezone(UTC) + length).astimezone(value.tzinfo)
    return value + length


def add_to_time(value: time, length: timedelta) -> time:
    """Return the time of day `length` later, round the clock."""
    moved = (_since_midnight(value) + length) % timedelta(days=1)
    return (_EPOCH + moved).time().replace(tzinfo=value.tzinfo)


def seconds_of(length: timedelta) -> Decimal:
    """Return a duration in seconds."""
    return Decimal(length.days * 86_400 + length.seconds) + Decimal(length.microseconds) / 1_000_000


def duration_of(seconds: Decimal) -> timedelta:
    """Return the duration of so many seconds, cut to microseconds; raise `OverflowError` when it is too long."""
    if seconds.adjusted() > 15:
        raise OverflowError("duration too long")
    return timedelta(microseconds=int((seconds * 1_000_000).to_integral_value(ROUND_DOWN)))
