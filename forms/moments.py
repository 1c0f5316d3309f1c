"""Owns dates and times as people and machines hand them in, and their one stored form; it knows no fields and no clock.

Stored are ISO 8601 texts: `2026-11-30`, `14:30:00`, `2026-11-30T14:30:00`; those in UTC end in `Z`.
"""

from datetime import UTC, date, datetime, time
from typing import Final, Literal

Subtype = Literal["date", "time", "datetime"]

EXAMPLES: Final = {"date": "2026-11-30", "time": "14:30", "datetime": "2026-11-30T14:30"}
_LONGEST: Final = 40
_ASKED: Final = {"date": "a date", "time": "a time", "datetime": "a date and time"}


def read_moment(text: str, subtype: Subtype, *, utc: bool) -> str:
    """Return the stored form of `text`; raise ValueError with a sentence for the person who typed it.

    A time given with an offset is converted to UTC where the field is in UTC, and refused where it is local.
    """
    asked = f"Enter {_ASKED[subtype]}, such as {EXAMPLES[subtype]}."
    text = text.strip()
    if len(text) > _LONGEST or not text.isascii():
        raise ValueError(asked)
    try:
        if subtype == "date":
            if len(text) != len("2026-11-30"):
                raise ValueError(asked)
            return date.fromisoformat(text).isoformat()
        if subtype == "time":
            if ":" not in text:
                raise ValueError(asked)
            return _stored_time(time.fromisoformat(text), utc=utc)
        if "T" not in text.upper().replace(" ", "T"):
            raise ValueError(asked)
        return _stored_datetime(datetime.fromisoformat(text.upper().replace(" ", "T")), utc=utc)
    except OverflowError:
        raise ValueError(asked) from None
    except ValueError as error:
        raise ValueError(str(error) if isinstance(error, _OffsetRefused) else asked) from None


def not_before(stored: str, subtype: Subtype, now: datetime) -> bool:
    """Return whether the stored date is today's (in UTC) or later; a time of day alone is never past."""
    return subtype == "time" or stored[:10] >= now.astimezone(UTC).date().isoformat()


class _OffsetRefused(ValueError):
    """The text has an offset from UTC, but the field is about local time."""

    def __init__(self) -> None:
        super().__init__("Leave out the offset from UTC: this is a local time.")


def _stored_time(moment: time, *, utc: bool) -> str:
    if moment.tzinfo is None:
        return _seconds(moment.isoformat("seconds"), utc=utc)
    if not utc:
        raise _OffsetRefused
    there = datetime.combine(date(2000, 1, 2), moment)
    return _seconds(there.astimezone(UTC).time().isoformat("seconds"), utc=utc)


def _stored_datetime(moment: datetime, *, utc: bool) -> str:
    if moment.tzinfo is None:
        return _seconds(moment.isoformat("T", "seconds"), utc=utc)
    if not utc:
        raise _OffsetRefused
    return _seconds(moment.astimezone(UTC).replace(tzinfo=None).isoformat("T", "seconds"), utc=utc)


def _seconds(text: str, *, utc: bool) -> str:
    return text + "Z" if utc else text
