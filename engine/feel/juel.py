"""Owns the translation of `${...}` and `#{...}`, as Camunda 7's users write expressions (JUEL), into FEEL.

It evaluates nothing.

Only what means the same in both languages is translated. Everything else (calls of methods and beans above all) is
refused with what to write instead, so that nothing waits to fail in a running case.
"""

import re
from typing import NamedTuple, NoReturn

from engine.errors import ExpressionRefused
from engine.feel.juel_calls import instead_of_call, instead_of_name
from engine.feel.lexer import KEYWORDS, MAX_SOURCE

_MAX_NESTING = 40
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<text>'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")
    |(?P<name>[^\W\d]\w*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:().\[\],=])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_EQUALITY = {"==": "=", "eq": "=", "!=": "!=", "ne": "!="}
_RELATIONS = {"<": "<", "lt": "<", ">": ">", "gt": ">", "<=": "<=", "le": "<=", ">=": ">=", "ge": ">="}
_SUMS = {"+": "+", "-": "-"}
_PRODUCTS = {"*": "*", "/": "/", "div": "/", "%": "%", "mod": "%"}
_RESERVED = frozenset(
    [
        "and",
        "or",
        "not",
        "eq",
        "ne",
        "lt",
        "gt",
        "le",
        "ge",
        "div",
        "mod",
        "empty",
        "instanceof",
        "true",
        "false",
        "null",
    ]
)
_INSTEAD = "Write the expression in FEEL, after a leading '='."
_ALLOWED_WORDS = frozenset(("true", "false", "null"))


def is_expression(text: str) -> bool:
    """Say whether an attribute holds an expression: it begins with `=`, or has `${` or `#{` in it."""
    return text.lstrip().startswith("=") or "${" in text or "#{" in text


def to_feel(text: str) -> str:
    """Return the FEEL source of an expression as modelers write it.

    `= FEEL`, `${JUEL}`, text around `${JUEL}`, or bare FEEL.

    Raises `ExpressionRefused` for what cannot be translated.
    """
    if len(text) > MAX_SOURCE:
        raise ExpressionRefused(text, f"it is longer than {MAX_SOURCE} characters. Split it up.")
    stripped = text.strip()
    if stripped.startswith("="):
        return stripped[1:].strip()
    if "${" not in stripped and "#{" not in stripped:
        return stripped
    parts = _parts(text, stripped)
    if len(parts) == 1:
        return parts[0]
    return f"string join([{', '.join(parts)}])"


def _parts(original: str, text: str) -> list[str]:
    """Cut text with embedded expressions into FEEL expressions that give the pieces."""
    parts: list[str] = []
    alone = True
    position = 0
    while position < len(text):
        start = min(
            (found for found in (text.find("${", position), text.find("#{", position)) if found >= 0), default=len(text)
        )
        if start > position:
            parts.append(_quoted(text[position:start]))
            alone = False
        if start == len(text):
            break
        end = _end(original, text, start + 2)
        feel = _Translation(original, text[start + 2 : end]).translated()
        alone = alone and start == 0 and end == len(text) - 1
        parts.append(feel if alone else f"string({feel})")
        position = end + 1
    return parts


def _end(original: str, text: str, position: int) -> int:
    """Return where the brace that closes an expression stands; braces in texts do not count."""
    while position < len(text) and text[position] != "}":
        if text[position] in "'\"":
            match = _TOKEN.match(text, position)
            if match is None:
                break
            position = match.end()
        else:
            position += 1
    if position >= len(text) or text[position] != "}":
        raise ExpressionRefused(original, "an expression ${...} does not end. Close it with }.")
    return position


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _requoted(literal: str) -> str:
    """Return the FEEL form of a JUEL text in single or double quotes."""
    return _quoted(_ESCAPE.sub(r"\1", literal[1:-1]))


class _Word(NamedTuple):
    kind: str
    text: str


class _Translation:
    """One JUEL expression on its way to FEEL, by recursive descent; each method returns FEEL source."""

    def __init__(self, original: str, source: str) -> None:
        self.original, self.index, self.nesting = original, 0, 0
        self.words: list[_Word] = []
        position = 0
        while position < len(source):
            match = _TOKEN.match(source, position)
            if match is None:
                self.refuse(f"the character {source[position]!r} cannot be translated. {_INSTEAD}")
            if match.lastgroup != "space":
                self.words.append(_Word(match.lastgroup or "", match[0]))
            position = match.end()

    def refuse(self, reason: str) -> NoReturn:
        raise ExpressionRefused(self.original, reason)

    @property
    def word(self) -> str:
        """The current word; empty at the end and for texts, which are never part of the grammar."""
        if self.index < len(self.words) and self.words[self.index].kind != "text":
            return self.words[self.index].text
        return ""

    def take(self, *words: str) -> bool:
        if self.word in words:
            self.index += 1
            return True
        return False

    def translated(self) -> str:
        if not self.words:
            self.refuse("it is empty.")
        feel = self.ternary()
        if self.index < len(self.words):
            if self.word == "=":
                self.refuse("one '=' compares nothing in ${...}. Write '=='.")
            self.refuse(f"{self.words[self.index].text!r} cannot be translated. {_INSTEAD}")
        return feel

    def ternary(self) -> str:
        self.nesting += 1
        if self.nesting > _MAX_NESTING:
            self.refuse("it is nested too deeply. Write it in smaller parts.")
        condition = self.disjunction()
        if self.take("?"):
            then = self.ternary()
            if not self.take(":"):
                self.refuse("a condition needs both its branches: a ? b : c.")
            condition = f"(if {condition} then {then} else {self.ternary()})"
        self.nesting -= 1
        return condition

    def disjunction(self) -> str:
        terms = [self.conjunction()]
        while self.take("||", "or"):
            terms.append(self.conjunction())
        return terms[0] if len(terms) == 1 else f"({' or '.join(terms)})"

    def conjunction(self) -> str:
        terms = [self.chain(_EQUALITY)]
        while self.take("&&", "and"):
            terms.append(self.chain(_EQUALITY))
        return terms[0] if len(terms) == 1 else f"({' and '.join(terms)})"

    def chain(self, operators: dict[str, str]) -> str:
        below = {id(_EQUALITY): _RELATIONS, id(_RELATIONS): _SUMS, id(_SUMS): _PRODUCTS}.get(id(operators))
        left = self.unary() if below is None else self.chain(below)
        while self.word in operators:
            operator = operators[self.word]
            self.index += 1
            right = self.unary() if below is None else self.chain(below)
            left = f"modulo({left}, {right})" if operator == "%" else f"({left} {operator} {right})"
        return left

    def unary(self) -> str:
        self.nesting += 1
        if self.nesting > _MAX_NESTING:
            self.refuse("it is nested too deeply. Write it in smaller parts.")
        if self.take("!", "not"):
            feel = f"not({self.unary()})"
        elif self.take("-"):
            feel = f"-({self.unary()})"
        elif self.take("empty"):
            feel = f"is empty({self.unary()})"
        else:
            feel = self.value()
        self.nesting -= 1
        return feel

    def value(self) -> str:
        if self.index >= len(self.words):
            self.refuse("it ends where a value is expected.")
        kind, text = self.words[self.index]
        self.index += 1
        if kind == "number":
            feel = text
        elif kind == "text":
            feel = _requoted(text)
        elif kind == "name":
            feel = self.name(text)
        elif text == "(":
            feel = f"({self.ternary()})"
            if not self.take(")"):
                self.refuse("a parenthesis is not closed.")
        else:
            self.refuse(f"{text!r} stands where a value is expected.")
        while self.word in (".", "[", "("):
            feel = self.access(feel)
        return feel

    def name(self, text: str) -> str:
        if text not in _ALLOWED_WORDS and (text in KEYWORDS or text in _RESERVED):
            self.refuse(f"{text!r} is a word of the language and cannot name a variable here.")
        return text

    def access(self, base: str) -> str:
        opening = self.word
        self.index += 1
        if opening == "(":
            self.refuse(f"calls such as {base[-40:]}() are not run. {instead_of_call(base)}")
        kind, text = self.words[self.index] if self.index < len(self.words) else ("", "")
        self.index += 1
        if opening == ".":
            if kind != "name":
                self.refuse("a name is expected after a point.")
            instead = instead_of_name(base, text) if self.word != "(" else None
            if instead is not None:
                self.refuse(f"there is no {base}.{text} here. {instead}")
            return f"{base}.{self.name(text)}"
        if not self.take("]"):
            self.refuse("an index is a whole number or a text in quotes.")
        if kind == "number" and text.isdecimal() and len(text) < 12:
            return f"{base}[{int(text) + 1}]"  # JUEL counts from 0, FEEL from 1
        if kind != "text":
            self.refuse("an index is a whole number or a text in quotes.")
        return f"get value({base}, {_requoted(text)})"
