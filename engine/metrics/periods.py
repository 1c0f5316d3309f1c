"""Periods of whole days in UTC, first and last day included; refuses one that ends before it starts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from engine.errors import InputRefused


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
