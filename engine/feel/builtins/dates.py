"""Owns the functions on dates (DMN 1.5, table 81) and now() and today(), which read the clock of the run only."""

from datetime import date, datetime
from decimal import Decimal

from engine.feel.budget import Run
from engine.feel.builtins.registry import builtin

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@builtin("day of year(date: day)")
def day_of_year(run: Run, day: date) -> Decimal:
    """Return the number of a day in its year, from 1."""
    return Decimal(day.timetuple().tm_yday)


@builtin("day of week(date: day)")
def day_of_week(run: Run, day: date) -> str:
    """Return the English name of the day."""
    return _DAYS[day.weekday()]


@builtin("month of year(date: day)")
def month_of_year(run: Run, day: date) -> str:
    """Return the English name of the month."""
    return _MONTHS[day.month - 1]


@builtin("week of year(date: day)")
def week_of_year(run: Run, day: date) -> Decimal:
    """Return the number of the week by ISO 8601."""
    return Decimal(day.isocalendar()[1])


@builtin("now()")
def now(run: Run) -> datetime:
    """Return the moment of this evaluation, in its time zone."""
    return run.now.astimezone(run.time_zone)


@builtin("today()")
def today(run: Run) -> date:
    """Return the date of this evaluation, in its time zone."""
    return run.now.astimezone(run.time_zone).date()
