"""Owns the words of FEEL: cuts source text into tokens; it refuses to know what they mean together.

Names may hold nearly any letter of the world (DMN 1.5, 10.3.1.2, rules 26 to 29); whether several words make one name
is decided later, in `names`. Lengths are capped here, so that everything behind works on a small input.
"""

import re
from typing import NamedTuple

MAX_SOURCE = 32_000
"""Longest expression, in characters."""

MAX_TOKENS = 8_000

KEYWORDS = frozenset(
    [
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "between",
        "instance",
        "of",
        "function",
        "external",
        "true",
        "false",
        "null",
        "not",
    ]
)

_NAME_START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF"
    r"\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NAME_PART = _NAME_START + r"0-9\u00B7\u0300-\u036F\u203F-\u2040"

_TOKEN = re.compile(
    rf"""(?P<space>(?:\s|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)++)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<text>"(?:[^"\\]|\\.)*+")
    |(?P<temporal>@"(?:[^"\\]|\\.)*+")
    |(?P<name>[{_NAME_START}][{_NAME_PART}]*)
    |(?P<sign>\*\*|\.\.|<=|>=|!=|->|[-+*/=<>()\[\]{{}},:.'@|&%$\#!;~^`\\])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'"}


class Token(NamedTuple):
    """One word: `kind` is number, text, temporal, name or sign; `start` and `end` count characters of the source."""

    kind: str
    text: str
    start: int
    end: int


class LexicalError(ValueError):
    """The text holds a character sequence that no FEEL word has."""

    def __init__(self, reason: str, position: int | None = None) -> None:
        self.reason, self.position = reason, position
        super().__init__(reason)


def tokens(source: str) -> list[Token]:
    """Cut `source` into tokens, white space and comments left out; raise `LexicalError` when it cannot be cut."""
    if len(source) > MAX_SOURCE:
        raise LexicalError(f"it is longer than {MAX_SOURCE} characters. Split it up.")
    found: list[Token] = []
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise LexicalError(_why_not(source, position), position)
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup or "", match[0], position, match.end()))
        position = match.end()
    if len(found) > MAX_TOKENS:
        raise LexicalError(f"it has more than {MAX_TOKENS} words. Split it up.")
    return found


def _why_not(source: str, position: int) -> str:
    if source[position] == '"' or source.startswith('@"', position):
        return 'a text begins here and does not end. Close it with ".'
    return f"the character {source[position]!r} has no meaning in FEEL."


def unquoted(token: Token) -> str:
    """Return the content of a text or temporal token, escapes resolved (DMN 1.5, 10.3.1.2, rule 35)."""
    inner = token.text[1 if token.kind == "text" else 2 : -1]
    if "\\" not in inner:
        return inner
    result = _ESCAPE.sub(_resolve, inner)
    if "\\u" in inner:  # two \uXXXX may be the halves of one character
        result = result.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return result


def _resolve(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF else "\ufffd"
    return _ESCAPED.get(match[3], "\\" + match[3])
