"""Owns finding records by their words: the condition for lists, and records that are probably about the same thing.

The words lie in `record.text` (engine.search_words). SQLite finds them by a full-text table that triggers keep up with
it, PostgreSQL by an index (migration 0003). Candidates come from the database; likeness is judged here, alike on both.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from math import log
from typing import Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    String,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy import column as plain_column
from sqlalchemy import table as plain_table

from engine.persistence import statements as sql
from engine.persistence.database import AnyRow
from engine.registers.views import SimilarRecord
from engine.search_words import significant, words_of

MOST_ASKED: Final = 10
"""Words of a text whose rarity is looked up."""

RAREST: Final = 5
"""Of these a record has to have some to be looked at: three, or two when that gives too few."""

FEWEST: Final = 3

MOST_CANDIDATES: Final = 200
OFTEN: Final = 500
"""A word in as many records, or in more, is a common one."""

_COMMONEST: Final = 1 / (1 + log(1 + OFTEN))

ALIKE: Final = 0.4
"""The share of the weight of the words asked that a record has to have."""

ALIKE_TITLE: Final = 0.75
"""The share of the words of its title (three or more) that also makes a record alike."""

SHORTEST_BEGINNING: Final = 3
"""A shorter word is looked for as it is; of longer ones the beginning is enough."""

_WORDS: Final = plain_table("record_text", plain_column("record_text"), plain_column("rowid"))
_ROW_NUMBER: Final[ColumnElement[int]] = literal_column("record.rowid")
# The plus keeps SQLite from going through the whole register and looking each record's words up.
_SAME_ROW: Final = literal_column("+record_text.rowid") == _ROW_NUMBER
_VECTOR: Final[ColumnElement[str]] = literal_column("record.text_words")
_CONFIGURATION: Final[ColumnElement[str]] = literal_column("'simple'::regconfig")


def holding(connection: Connection, words: str) -> ColumnElement[bool] | None:
    """Return the condition on `Record` that all of `words` are in it, or beginnings of its words; None without."""
    told = list(dict.fromkeys(words_of(words)))[:MOST_ASKED]
    if not told:
        return None
    if connection.dialect.name == "sqlite":
        asked = " AND ".join(f'"{word}"{" *" if len(word) >= SHORTEST_BEGINNING else ""}' for word in told)
    else:
        asked = " & ".join(f"'{word}'{':*' if len(word) >= SHORTEST_BEGINNING else ''}" for word in told)
    return _matches(connection, literal(asked))


def similar(
    connection: Connection,
    words: str,
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
) -> list[SimilarRecord]:
    """Return at most `limit` records of one register for which `conditions` hold and that are probably alike.

    The most alike to the text `words` come first. A text with less than two words that say something is like nothing.
    """
    asked = significant(words)
    if len(asked) < 2:  # one word in common makes nothing alike
        return []
    weights = _weights(connection, sorted(asked, key=lambda word: (-len(word), word))[:MOST_ASKED])
    alike: dict[str, SimilarRecord] = {}
    for rarest, together in _looks(weights):
        for row in _candidates(connection, rarest, together, conditions):
            likeness = _likeness(row, set(asked), weights)
            if likeness > 0:
                facts = (row.register, row.id, row.title, row.status, row.organisation_id, row.originator)
                alike[row.id] = SimilarRecord(*facts, likeness=round(likeness, 3))
        if len(alike) >= limit:
            break
    return sorted(alike.values(), key=lambda found: (-found.likeness, found.id))[:limit]


def _looks(weights: Mapping[str, float]) -> Iterator[tuple[list[str], int]]:
    """Yield which words to look for, and how many of them a record has to have: first what only few records have."""
    ordered = sorted(weights, key=lambda word: (-weights[word], -len(word), word))
    rare = [word for word in ordered if weights[word] > _COMMONEST][:RAREST]
    words = rare if len(rare) >= FEWEST else ordered[:FEWEST]
    if len(words) >= FEWEST:
        yield words, FEWEST
    yield words, 2


def _candidates(
    connection: Connection, words: Sequence[str], together: int, conditions: Sequence[ColumnElement[bool]]
) -> Sequence[AnyRow]:
    """Return records that have at least `together` of `words`, and for which `conditions` hold."""
    row = sql.RECORD.c
    shown = (row.register, row.id, row.title, row.status, row.organisation_id, row.originator)
    query = select(*shown, row.text).where(*conditions)
    if connection.dialect.name == "sqlite":
        query = query.select_from(_WORDS.join(sql.RECORD, _SAME_ROW)).where(
            _WORDS.c.record_text.op("MATCH")(_asked("words"))
        )
    else:
        query = query.where(_vector_matches(_asked("words")))
    parameters = {"words": _any_of(connection, words, together)}
    return connection.execute(query.limit(MOST_CANDIDATES), parameters).all()


def _likeness(row: AnyRow, asked: set[str], weights: Mapping[str, float]) -> float:
    words = set(row.text.split())
    common = words & weights.keys()
    if len(common) < 2:
        return 0.0
    share: float = sum(weights[word] for word in common) / sum(weights.values())
    title = significant(row.title)
    told = sum(word in asked for word in title) / len(title) if len(title) > 2 else 0.0
    return max(share if share >= ALIKE else 0.0, told * share**0.5 if told >= ALIKE_TITLE else 0.0)


def _weights(connection: Connection, words: Sequence[str]) -> dict[str, float]:
    """Return the weight of each word: the rarer, the more; how often it is there is counted up to `OFTEN`."""
    asked = {f"word{index}": _quoted(connection, word) for index, word in enumerate(words)}
    rows = connection.execute(_counts(connection.dialect.name, len(words)), asked)
    times = {row.word: row.times for row in rows}
    return {word: 1 / (1 + log(1 + times[index])) for index, word in enumerate(words)}


@cache
def _counts(dialect: str, words: int) -> CompoundSelect[tuple[int, int]]:
    """Return the query that counts the records with each of `words` words; kept, for making it takes longer."""
    counts = []
    for index in range(words):
        asked: ColumnElement[str] = _asked(f"word{index}")
        found = select(literal(1)).where(_WORDS.c.record_text.op("MATCH")(asked))
        if dialect != "sqlite":
            found = select(literal(1)).select_from(sql.RECORD).where(_vector_matches(asked))
        counted = found.limit(OFTEN).subquery()
        counts.append(select(literal(index).label("word"), func.count().label("times")).select_from(counted))
    return union_all(*counts)


def _any_of(connection: Connection, words: Sequence[str], together: int) -> str:
    both, either = (" AND ", " OR ") if connection.dialect.name == "sqlite" else (" & ", " | ")
    quoted = [_quoted(connection, word) for word in words]
    return either.join(f"({both.join(some)})" for some in combinations(quoted, together))


def _asked(name: str) -> ColumnElement[str]:
    # Written out when it is executed: PostgreSQL plans rare and common words differently, if it sees which they are.
    return bindparam(name, type_=String(), literal_execute=True)


def _quoted(connection: Connection, word: str) -> str:
    # Words are letters and digits only: nothing in them can end the quotation.
    return f'"{word}"' if connection.dialect.name == "sqlite" else f"'{word}'"


def _matches(connection: Connection, asked: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition on `Record` that the query `asked`, in the language of the database, matches its words."""
    if connection.dialect.name == "sqlite":
        found = select(_WORDS.c.rowid).where(_WORDS.c.record_text.op("MATCH")(asked))
        return _ROW_NUMBER.in_(found)
    return _vector_matches(asked)


def _vector_matches(asked: ColumnElement[str]) -> ColumnElement[bool]:
    return _VECTOR.op("@@", is_comparison=True)(func.to_tsquery(_CONFIGURATION, asked))
