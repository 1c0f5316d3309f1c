"""Owns plain values of what changes in a case that takes a newer version over: of a record, or of its process."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MovedTime:
    """A time of a running case that a newer version of a record has moved.

    `what` is `timer`, `every` (the interval of one that repeats), or the `due` or `follow_up` date of a task; `before`
    and `after` are instants (ISO 8601, UTC), of an interval durations, None for no date.
    """

    task_id: str
    process_key: str
    element_id: str
    name: str
    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Migrated:
    """What changed in a case that moved to another version of its process, beside the places of its tokens.

    `armed` and `dropped` are the names of events that wait now and did not, or do no more; of `unmoved` the times stay
    although the model says others, because the case does not know since when it waits. `offered` are the open tasks
    that the new version offers to others.
    """

    armed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    moved: tuple[MovedTime, ...] = ()
    unmoved: tuple[str, ...] = ()
    offered: frozenset[str] = frozenset()
