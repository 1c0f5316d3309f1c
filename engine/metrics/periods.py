"""Periods of whole days in UTC, first and last day included; refuses one that ends before it starts."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from engine.errors import InputRefused

_INTERVAL: Final = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,4})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})W)?(?:([0-9]{1,4})D)?(?:T.*)?"
)
_USUAL_DAYS: Final = 30
_MOST_DAYS: Final = 3_660


@dataclass(frozen=True, slots=True)
class Period:
    """From the start of `first` to the end of `last`, both UTC. Raises `InputRefused` when it ends before it starts."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InputRefused(
                {"until": [f"The period ends ({self.last}) before it starts ({self.first}): choose a later end."]}
            )

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """Return its first instant."""
        return datetime.combine(self.first, time.min, UTC)

    @property
    def end(self) -> datetime:
        """Return the first instant after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, UTC)

    def before(self, count: int = 1) -> "Period":
        """Return the period of the same length that ends `count` such lengths earlier."""
        length = timedelta(days=self.days * count)
        return Period(self.first - length, self.last - length)

    @classmethod
    def of_days(cls, days: int, last: date) -> "Period":
        """Return the period of `days` days that ends with `last`."""
        return cls(last - timedelta(days=days - 1), last)

    @classmethod
    def of_interval(cls, interval: str | None, last: date) -> "Period":
        """Return the period that ends with `last` and is `interval` long: an ISO 8601 duration such as `P3M` or `P30D`.

        Months go by the calendar: a month that ends with 28 February begins on 1 February. Without an interval, or with
        one that is no duration of a day to ten years, it is 30 days long.
        """
        found = _INTERVAL.fullmatch((interval or "").strip())
        years, months, weeks, days = (int(text or 0) for text in found.groups()) if found else (0, 0, 0, 0)
        if not 0 < years * 365 + months * 28 + weeks * 7 + days <= _MOST_DAYS:
            return cls.of_days(_USUAL_DAYS, last)
        return cls(
            _months_before(last + timedelta(days=1), years * 12 + months) - timedelta(days=weeks * 7 + days), last
        )


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
