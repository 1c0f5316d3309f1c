"""Owns the recognition of names of several words or with signs in them (`Service Level`, `a-b`); it knows no values.

FEEL lets names hold spaces and operators, so `a-b` is a name where such a name is declared and a subtraction elsewhere
(DMN 1.5, 10.3.1.4). Names are indexed by their first word and length, so that a lookup costs the same however many
there are.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from engine.feel.lexer import LexicalError, Token, tokens

_MAX_WORDS = 24


class Names:
    """The declared names of more than one word. `parent` is asked too; the longest match wins."""

    __slots__ = ("by_first", "parent")

    def __init__(self, names: Iterable[str] = (), parent: "Names | None" = None) -> None:
        self.by_first: dict[str, dict[int, dict[tuple[str, ...], str]]] = {}
        self.parent = parent
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Declare `name`; a name of one word, or one that FEEL cannot write, needs no entry and gets none."""
        if name.isidentifier() or len(name) > 400:
            return
        try:
            found = tokens(name)
        except LexicalError:
            return
        if 1 < len(found) <= _MAX_WORDS:
            words = _spelled(found)
            self.by_first.setdefault(words[0], {}).setdefault(len(words), {})[words] = " ".join(name.split())

    def match(self, words: Sequence[Token], start: int) -> tuple[int, str] | None:
        """Return how many words from `start` make a declared name, and the name; None when none does."""
        best: tuple[int, str] | None = None
        level: Names | None = self
        first = words[start].text
        while level is not None:
            for length, by_words in level.by_first.get(first, {}).items():
                if (best is None or length > best[0]) and start + length <= len(words):
                    name = by_words.get(_spelled(words[start : start + length]))
                    if name is not None:
                        best = (length, name)
            level = level.parent
        return best


def _spelled(words: Sequence[Token]) -> tuple[str, ...]:
    """Return the words of a name, marked where one follows without space: `a-b` is another name than `a - b`."""
    return (
        words[0].text,
        *(f"~{word.text}" if word.start == before.end else word.text for before, word in pairwise(words)),
    )
