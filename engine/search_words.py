"""Owns how a text becomes the words by which it is found; pure, and the same for what is stored and what is asked.

Words are folded: lower case, without accents, letters and digits only. A plural is kept beside its singular
(D. Harman's s-stemmer, JASIS 42, 1991), so that "reminders" finds "reminder".
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from engine.types import Json

LONGEST_TEXT: Final = 40_000
"""Characters of a text that are looked at; what follows is not found."""

MOST_WORDS: Final = 1_500
LONGEST_WORD: Final = 40
_WORD: Final = re.compile(r"[^\W_]+")

_COMMON: Final = """
able about after again all also always and any are because been before being both but can cannot could did does doing
down during each etc for from further get gets give got had has have having her here him his how however into its just
let like lot made make many may more most much must need needs nor not now off once one only other our out over own
per please same she should since some such than that the their them then there these they thing things this those
through too under until use used very via want wants was way were what when where whether which while who whole whom
why will with within without would yet you your
"""
COMMON: Final = frozenset(_COMMON.split())
"""Words that say nothing of what a text is about."""


def words_of(text: str) -> Iterator[str]:
    """Yield the words of `text` in their order, repeated ones too."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST_TEXT]).casefold()
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    for found in _WORD.finditer(bare):
        yield found[0][:LONGEST_WORD]


def singular(word: str) -> str:
    """Return the singular of an English plural, as far as its ending tells; other words as they are."""
    if len(word) > 3 and word.endswith("s"):  # "gas" and "bus" are no plurals
        if word.endswith("ies") and not word.endswith(("eies", "aies")):
            return f"{word[:-3]}y"
        if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
            return word[:-1]
        if not word.endswith(("us", "ss")):
            return word[:-1]
    return word


def significant(text: str) -> list[str]:
    """Return the words that say what `text` is about, each once and in the singular, in their order."""
    told = (singular(word) for word in words_of(text) if len(word) > 2 and word not in COMMON)
    return list(dict.fromkeys(word for word in told if word not in COMMON and not word.isdigit()))


def searchable(record_id: str, body: Mapping[str, Json]) -> str:
    """Return the words by which a record is found, each once: those of its number and of all texts in its body."""
    found: dict[str, None] = {}
    for text in (record_id, *_texts(body)):
        for word in words_of(text):
            found.setdefault(word)
            found.setdefault(singular(word))
            if len(found) >= MOST_WORDS:
                return " ".join(found)
    return " ".join(found)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
