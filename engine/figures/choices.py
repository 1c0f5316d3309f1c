"""What the filters of a process may be set to: the values that occur in its cases, and names for what figures name."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, bindparam, exists, func, literal, select, union_all

from engine.figures.scope import LABEL, SUMMARY
from engine.persistence.models import Group, Record, Register, User
from engine.persistence.statements import INSTANCE, table

KINDS: Final = ("service", "group")
_KEYS: Final[Any] = bindparam("keys", expanding=True)
_USER, _GROUP = table(User), table(Group)


def _labels(kind: str) -> Any:
    """Return the query for the labels of a kind that occur in some case: one seek for each, then for one such case."""
    starts = select(select(func.min(LABEL.c.value)).where(LABEL.c.kind == kind).scalar_subquery().label("value")).cte(
        f"{kind}s", recursive=True
    )
    following = select(func.min(LABEL.c.value)).where(LABEL.c.kind == kind, LABEL.c.value > starts.c.value)
    found = starts.union_all(select(following.scalar_subquery()).where(starts.c.value.is_not(None)))
    # As one value with a limit, not as EXISTS: of that PostgreSQL makes a join that goes through all labels.
    here = (
        select(INSTANCE.c.id)
        .join(LABEL, LABEL.c.instance_id == INSTANCE.c.id)
        .where(LABEL.c.kind == kind, LABEL.c.value == found.c.value, INSTANCE.c.definition_key.in_(_KEYS))
        .limit(1)
        .scalar_subquery()
    )
    return select(literal(kind).label("kind"), found.c.value.label("value")).where(
        found.c.value.is_not(None), here.is_not(None)
    )


_OPEN: Final = select(literal("organisation"), INSTANCE.c.organisation_id).where(
    INSTANCE.c.definition_key.in_(_KEYS), INSTANCE.c.status == "active", INSTANCE.c.organisation_id.is_not(None)
)
_FIRST: Final = select(select(func.min(SUMMARY.c.organisation_id)).scalar_subquery().label("value")).cte(
    "organisations", recursive=True
)
_ORGANISATIONS: Final = _FIRST.union_all(
    select(
        select(func.min(SUMMARY.c.organisation_id)).where(SUMMARY.c.organisation_id > _FIRST.c.value).scalar_subquery()
    ).where(_FIRST.c.value.is_not(None))
)
_ENDED: Final = select(literal("organisation"), _ORGANISATIONS.c.value).where(
    _ORGANISATIONS.c.value.is_not(None),
    exists().where(SUMMARY.c.organisation_id == _ORGANISATIONS.c.value, SUMMARY.c.definition_key.in_(_KEYS)),
)
OCCURRING: Final = union_all(*map(_labels, KINDS), _OPEN.distinct(), _ENDED)
_TITLES: Final = select(Record.register, Record.id, Record.title).where(
    Record.register.in_(select(Register.key)), Record.id.in_(bindparam("ids", expanding=True))
)
_NAMES: Final = union_all(
    select(literal("person").label("kind"), _USER.c.id, _USER.c.name).where(
        _USER.c.id.in_(bindparam("people", expanding=True))
    ),
    select(literal("group"), _GROUP.c.id, _GROUP.c.name).where(_GROUP.c.id.in_(bindparam("groups", expanding=True))),
)


def occurring(connection: Connection, keys: tuple[str, ...]) -> dict[str, set[str]]:
    """Return the services, groups and organisations that occur in cases of these definitions."""
    found: dict[str, set[str]] = {"service": set(), "organisation": set(), "group": set()}
    for kind, value in connection.execute(OCCURRING, {"keys": keys}):
        found[kind].add(value)
    return found


def titles(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Return the titles of records by their ids, whichever register they are in; ids that none has are left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {row.id: row.title for row in connection.execute(_TITLES, {"ids": wanted})}


def names(connection: Connection, people: Iterable[str], groups: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return the names of people and groups by kind (`person`, `group`) and id; ids without account are left out."""
    wanted = {"people": sorted(set(people)), "groups": sorted(set(groups))}
    return {(row.kind, row.id): row.name for row in connection.execute(_NAMES, wanted)} if any(wanted.values()) else {}


def choices(
    found: Mapping[str, set[str]], versions: Iterable[int], words: Mapping[str, str], groups: Mapping[str, str]
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the choices of each filter, by their words; what has no name is called by its id."""
    return {
        "version": tuple((str(version), f"Version {version}") for version in versions),
        "service": _sorted(found["service"], words),
        "organisation": _sorted(found["organisation"], words),
        "group": _sorted(found["group"], groups),
    }


def _sorted(values: Iterable[str], words: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(((value, words.get(value, value)) for value in values), key=lambda each: each[1].casefold()))
