"""Owns what a path may read.

Entries of contexts and the properties of dates, durations and ranges (DMN 1.5, table 65).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel.budget import Run
from engine.feel.scope import MISSING
from engine.feel.temporal import offset_of
from engine.feel.values import DATE, DATE_TIME, DAYS, MONTHS, RANGE, TIME, described, kind, native


def _zone_key(value: time | datetime) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _part(length: timedelta, index: int) -> Decimal:
    span = abs(length)
    parts = (span.days, span.seconds // 3600, span.seconds % 3600 // 60, span.seconds % 60)
    return Decimal(parts[index] if length >= timedelta(0) else -parts[index])


_OF_DATE: dict[str, Callable[[Any], Any]] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(value.isoweekday()),
}
_OF_TIME: dict[str, Callable[[Any], Any]] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: Decimal(value.second),
    "time offset": offset_of,
    "timezone": _zone_key,
}
_PROPERTIES: dict[str, dict[str, Callable[[Any], Any]]] = {
    DATE: _OF_DATE,
    TIME: _OF_TIME,
    DATE_TIME: {**_OF_DATE, **_OF_TIME},
    MONTHS: {
        "years": lambda value: Decimal(int(value.months / 12)),
        "months": lambda value: Decimal(abs(value.months) % 12 * (1 if value.months >= 0 else -1)),
    },
    DAYS: {
        "days": lambda value: _part(value, 0),
        "hours": lambda value: _part(value, 1),
        "minutes": lambda value: _part(value, 2),
        "seconds": lambda value: _part(value, 3),
    },
    RANGE: {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}
PROPERTY_NAMES = ("start included", "end included", "time offset")
"""Property names of several words: declared names in every expression."""


def read_path(value: Any, steps: tuple[str, ...], run: Run, at: int) -> Any:
    """Follow `steps` from `value`; a list is followed item by item. Null, with a warning, where there is nothing."""
    for step in steps:
        if value is None:
            return None
        value = _read(value, step, run, at)
    return value


def _read(value: Any, step: str, run: Run, at: int) -> Any:
    if isinstance(value, Mapping):
        found = value.get(step, MISSING)
        if found is MISSING:
            run.warn(at, f"the context has no entry {step!r}")
            return None
        return native(found)
    if type(value) is list:
        run.charge(1 + len(value))
        return [None if item is None else _read(native(item), step, run, at) for item in value]
    prop = _PROPERTIES.get(kind(value), {}).get(step)
    if prop is None:
        if value is not None:
            hint = f"; turn the text into a date first, with date() or date and time(), to read its {step}"
            is_date_part = isinstance(value, str) and (step in _OF_DATE or step in _OF_TIME)
            run.warn(at, f"{described(value)} has no {step!r}{hint if is_date_part else ''}")
        return None
    return prop(value)
