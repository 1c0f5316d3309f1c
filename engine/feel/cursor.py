"""Owns the reading position of the parser.

Looking at words, taking them, names, fuel and refusals; it knows no grammar rule.

Fuel bounds how often the parser may try: FEEL is ambiguous (`1 in (1..2)`), a parser has to try twice at some places,
and nested tries would multiply.
"""

from collections.abc import Collection
from typing import NoReturn

from engine.feel.lexer import KEYWORDS, Token, tokens
from engine.feel.names import Names

_FUEL, _FUEL_PER_WORD = 200, 20


class Refusal(ValueError):
    """The text is no expression. `reason` is for its author, `position` counts characters from 0."""

    def __init__(self, reason: str, position: int | None) -> None:
        self.reason, self.position = reason, position
        super().__init__(reason)


class OutOfFuel(Exception):
    """The parser had to try too often."""


class Cursor:
    """A position in the words of one source text; `names` are the declared names of several words."""

    def __init__(self, source: str, names: Names) -> None:
        self.source = source
        self.words = tokens(source)
        self.index = 0
        self.names = Names(parent=names)
        self.furthest: Refusal | None = None
        self._fuel = _FUEL + _FUEL_PER_WORD * len(self.words)

    # -- looking

    @property
    def word(self) -> str | None:
        """The current word, None for quoted words (they are never part of the grammar) and at the end."""
        return self.ahead(0)

    def ahead(self, count: int) -> str | None:
        """Return the word `count` places on, None for quoted words and beyond the end."""
        index = self.index + count
        if index < len(self.words):
            kind, text, _, _ = self.words[index]
            if kind not in ("text", "temporal"):
                return text
        return None

    @property
    def token(self) -> Token | None:
        """The current token, None at the end."""
        return self.words[self.index] if self.index < len(self.words) else None

    @property
    def kind(self) -> str | None:
        """The kind of the current token, None at the end."""
        return self.words[self.index].kind if self.index < len(self.words) else None

    @property
    def position(self) -> int:
        """The character at which the current token begins."""
        return self.words[self.index].start if self.index < len(self.words) else len(self.source)

    # -- taking

    def burn(self, amount: int = 1) -> None:
        """Spend fuel; raise `OutOfFuel` when none is left."""
        self._fuel -= amount
        if self._fuel < 0:
            raise OutOfFuel

    def refuse(self, reason: str, position: int | None = None) -> NoReturn:
        """Raise a `Refusal` at `position` (default: here), and remember it when it is the furthest so far."""
        refusal = Refusal(reason, self.position if position is None else position)
        if self.furthest is None or (refusal.position or 0) >= (self.furthest.position or 0):
            self.furthest = refusal
        raise refusal

    def refuse_word(self, wanted: str) -> NoReturn:
        """Raise a `Refusal` that says what stands here instead of `wanted`."""
        token = self.token
        self.refuse(
            f"{wanted} is expected here, but " + (f"{token.text[:40]!r} stands here." if token else "the text ends.")
        )

    def accept(self, word: str) -> bool:
        """Take the current word if it is `word`."""
        if self.word == word:
            self.index += 1
            return True
        return False

    def expect(self, word: str) -> None:
        """Take `word` or refuse."""
        if not self.accept(word):
            self.refuse_word(repr(word))

    def expect_end(self) -> None:
        """Refuse when anything is left."""
        token = self.token
        if token is not None:
            self.refuse(f"{token.text[:40]!r} does not belong here; the expression could end before it.")

    # -- names

    def name(self, stop: Collection[str] = KEYWORDS) -> str:
        """Take a name: a declared one of several words, else all name words up to a keyword."""
        if self.kind != "name":
            self.refuse_word("a name")
        match = self.names.match(self.words, self.index)
        if match:
            self.index += match[0]
            return match[1]
        parts = [self.words[self.index].text]
        self.index += 1
        while self.kind == "name" and self.words[self.index].text not in stop:
            parts.append(self.words[self.index].text)
            self.index += 1
        return " ".join(parts)

    def new_name(self, *ends: str) -> str:
        """Take everything up to one of the words `ends` as a name, and declare it for the rest of the text."""
        first = self.index
        while self.index < len(self.words) and self.words[self.index].text not in ends:
            self.burn()
            if self.kind in ("text", "temporal"):
                self.refuse_word("a name")
            self.index += 1
        if first == self.index or self.index >= len(self.words):
            self.refuse_word("a name")
        name = " ".join(self.source[self.words[first].start : self.words[self.index - 1].end].split())
        self.names.add(name)
        return name
