"""Owns cron texts in timer cycles: five fields as cron has them, or six with the seconds first, as Camunda has them.

The times are those of a clock on the wall. One that the clock skips in spring comes right after the gap, one that it
shows twice in autumn comes once, the first time round. What comes every few seconds or minutes, or every hour, goes by
the time that passes.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from engine.errors import ExpressionRefused

LONGEST: Final = 200
_FIELD: Final = frozenset("0123456789*/,-?LW#ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_NUMERIC: Final = frozenset("0123456789*/,-")


def is_cron(text: str) -> bool:
    """Say whether a timer's text means to be cron, right or wrong, rather than an interval or FEEL."""
    fields = text.upper().split()
    if len(fields) not in (5, 6, 7) or not all(set(field) <= _FIELD for field in fields):
        return False
    return all(set(field) <= _NUMERIC and set(field) - set("-,/") for field in fields[:2])


def checked(text: str) -> str:
    """Return a cron text in one spelling; raise `ExpressionRefused` for one that is wrong, or that never comes."""
    if len(text) > LONGEST:
        raise ExpressionRefused(text[:LONGEST], "a cron text may have 200 characters.")
    fields = text.upper().split()
    if len(fields) == 7:
        raise ExpressionRefused(text, "a cron text has no field for years here. Leave the seventh field out.")
    if len(fields) == 6 and any(character.isdigit() for character in fields[5].partition("#")[0]):
        # Camunda counts the days of the week from 1, Sunday; cron from 0. Nobody should have to know.
        raise ExpressionRefused(text, "days of the week are written by name after seconds, such as MON-FRI.")
    if len(fields) == 6 and not {"*", "?"} & {fields[3], fields[5]}:
        # cron takes days that fit either, Spring those that fit both, and Camunda 7 neither of them.
        raise ExpressionRefused(
            text,
            "with seconds, either the day of the month or the day of the week is ?. Write MON#1 for the first Monday "
            "of a month; for days that fit either use two timers, or five fields.",
        )
    spelt = " ".join("*" if field == "?" else field for field in fields)
    try:
        _following(spelt, datetime(2000, 1, 1, tzinfo=UTC), None)
    except (CronSimError, ValueError) as error:
        raise ExpressionRefused(text, f"it is no cron text ({error}). Write for instance 0 9 * * MON-FRI.") from error
    except StopIteration as error:
        raise ExpressionRefused(text, "it names a time that never comes.") from error
    return spelt


def following(spelt: str, after: datetime, zone: str | None) -> datetime | None:
    """Return the first time after `after` (aware) as UTC, None when there is none any more up to the year 9999.

    `zone` is an IANA name, None: UTC. `spelt` is from `checked`. Raises `ExpressionRefused` for an unknown time zone.
    """
    try:
        return _following(spelt, after, zone)
    except (StopIteration, OverflowError):
        return None


def _following(spelt: str, after: datetime, zone: str | None) -> datetime:
    fields = spelt.split()
    # With one fixed second, the rest is a cron of five fields, for which the clock's changes are seen to.
    shift = (
        timedelta(seconds=int(fields[0]))
        if len(fields) == 6 and fields[0].isdecimal() and int(fields[0]) < 60
        else None
    )
    text = spelt if shift is None else " ".join(fields[1:])
    shift = shift or timedelta()
    times = CronSim(text, (after - shift).astimezone(UTC if zone is None else zone_named(zone)))
    while True:
        found = next(times).astimezone(UTC) + shift
        if found > after:
            # In the hour that comes twice, a time is found in its first round although the second has begun.
            return found


@lru_cache(maxsize=100)
def zone_named(name: str) -> ZoneInfo:
    """Return the time zone with this IANA name; raise `ExpressionRefused`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ExpressionRefused(
            name, "there is no time zone of this name. Write for instance Europe/Vienna."
        ) from error
