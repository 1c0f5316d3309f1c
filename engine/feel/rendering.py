"""Owns how values are written as text: FEEL's string() (DMN 1.5, table 75) and the ISO 8601 forms in JSON.

A value of unknown size is charged to the budget before it is written (`Run.charge_walk`).
"""

import decimal
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel.values import NUMBERS, Function, Months, Range, native

_PLAIN_NAME = re.compile(r"[\w ]+")
_WIDE = decimal.Context(prec=60)


def number_text(number: Decimal) -> str:
    """Write a number without exponent and without trailing zeros."""
    if number == number.to_integral_value() and number.adjusted() < 34:
        return format(number.quantize(Decimal(1), context=_WIDE), "f")
    return format(number.normalize(NUMBERS), "f")


def date_text(value: date) -> str:
    """Write a date in ISO 8601."""
    return f"{value.year:04}-{value.month:02}-{value.day:02}"


def time_text(value: time | datetime) -> str:
    """Write the time of day in ISO 8601, with the offset or `@zone` where there is one."""
    fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
    return f"{value.hour:02}:{value.minute:02}:{value.second:02}{fraction}{_zone_text(value)}"


def _zone_text(value: time | datetime) -> str:
    where = value.tzinfo
    if where is None:
        return ""
    if isinstance(where, ZoneInfo):
        return f"@{where.key}"
    offset = where.utcoffset(value if isinstance(value, datetime) else None)
    if where is UTC or not offset:
        return "Z"
    seconds = int(abs(offset.total_seconds()))
    text = f"{'-' if offset < timedelta(0) else '+'}{seconds // 3600:02}:{seconds % 3600 // 60:02}"
    return text + (f":{seconds % 60:02}" if seconds % 60 else "")


def date_time_text(value: datetime) -> str:
    """Write a date-time in ISO 8601."""
    return f"{date_text(value)}T{time_text(value)}"


def months_text(value: Months) -> str:
    """Write a years and months duration in ISO 8601."""
    years, months = divmod(abs(value.months), 12)
    text = "P" + (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
    return f"-{text}" if value.months < 0 else text


def duration_text(value: timedelta) -> str:
    """Write a days and time duration in ISO 8601."""
    if value == timedelta(0):
        return "PT0S"
    length = abs(value)
    hours, minutes, seconds = length.seconds // 3600, length.seconds % 3600 // 60, length.seconds % 60
    fraction = f".{length.microseconds:06}".rstrip("0") if length.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    text = "P" + (f"{length.days}D" if length.days else "") + (f"T{clock}" if clock else "")
    return f"-{text}" if value < timedelta(0) else text


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_SIMPLE: dict[type, Callable[[Any], str]] = {
    Decimal: number_text,
    bool: lambda value: "true" if value else "false",
    date: date_text,
    time: time_text,
    datetime: date_time_text,
    Months: months_text,
    timedelta: duration_text,
    type(None): lambda value: "null",
    Function: lambda value: "function",
}


def text_of(value: Any, nested: bool = False) -> str:
    """Write `value` as string() does; a text within a list or context (`nested`) is put in quotes."""
    value = native(value)
    write = _SIMPLE.get(type(value))
    if write:
        return write(value)
    if isinstance(value, str):
        return _quoted(value) if nested else value
    if isinstance(value, list):
        return "[" + ", ".join(text_of(item, True) for item in value) + "]"
    if isinstance(value, Range):
        ends = f"{text_of(value.start, True)}..{text_of(value.end, True)}"
        return ("[" if value.start_included else "(") + ends + ("]" if value.end_included else ")")
    return "{" + ", ".join(f"{_entry_name(str(name))}: {text_of(entry, True)}" for name, entry in value.items()) + "}"


def _entry_name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else _quoted(name)
