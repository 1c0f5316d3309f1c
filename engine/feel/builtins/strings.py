"""Owns the functions on texts that need no pattern (DMN 1.5, table 76)."""

from decimal import Decimal
from typing import Any

from engine.feel.budget import Run
from engine.feel.builtins.registry import builtin
from engine.feel.values import NoValue


@builtin("substring(string: string, start position: number, length: number?)")
def substring(run: Run, text: str, start: Decimal, length: Decimal | None) -> str:
    """Cut a text; the first character has position 1, the last -1."""
    first = int(start) if start.adjusted() < 12 else 0
    if first == 0 or abs(first) > len(text):
        raise NoValue("the start position lies outside the text")
    if length is not None and length < 1:
        raise NoValue("the length is at least 1")
    index = first - 1 if first > 0 else len(text) + first
    return text[index:] if length is None else text[index : index + int(min(length, Decimal(len(text))))]


@builtin("string length(string: string)")
def string_length(run: Run, text: str) -> Decimal:
    """Count characters."""
    return Decimal(len(text))


@builtin("upper case(string: string)")
def upper_case(run: Run, text: str) -> str:
    """Write in capitals."""
    return text.upper()


@builtin("lower case(string: string)")
def lower_case(run: Run, text: str) -> str:
    """Write in small letters."""
    return text.lower()


@builtin("trim(string: string)")
def trim(run: Run, text: str) -> str:
    """Drop white space at both ends."""
    return text.strip()


@builtin("substring before(string: string, match: string)")
def substring_before(run: Run, text: str, match: str) -> str:
    """Return what stands before the first match, nothing when there is none."""
    before, found, _ = text.partition(match) if match else ("", "", text)
    return before if found else ""


@builtin("substring after(string: string, match: string)")
def substring_after(run: Run, text: str, match: str) -> str:
    """Return what stands behind the first match, nothing when there is none."""
    return text.partition(match)[2] if match else text


@builtin("contains(string: string, match: string)")
def contains(run: Run, text: str, match: str) -> bool:
    """Say whether a text contains another."""
    return match in text


@builtin("starts with(string: string, match: string)")
def starts_with(run: Run, text: str, match: str) -> bool:
    """Say whether a text begins with another."""
    return text.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(run: Run, text: str, match: str) -> bool:
    """Say whether a text ends with another."""
    return text.endswith(match)


@builtin("string join(list: list, delimiter: string?)")
def string_join(run: Run, parts: list[Any], delimiter: str | None) -> str:
    """Join texts; nulls are left out."""
    texts = [part for part in parts if part is not None]
    if not all(isinstance(part, str) for part in texts):
        raise NoValue("only texts can be joined; convert others with string()")
    run.charge_text(sum(len(part) for part in texts) + len(delimiter or "") * len(texts))
    return (delimiter or "").join(texts)
