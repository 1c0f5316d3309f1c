"""Owns the functions with regular expressions (matches, replace, split), run by RE2 in time linear in the text.

XPath's dialect, which DMN names, is met as far as RE2 goes: no back references and no class subtraction. Backtracking
engines are not used for patterns that somebody typed: `(a+)+$` would hang them.
"""

import re
from functools import lru_cache
from typing import Any

import re2

from engine.feel.budget import Run
from engine.feel.builtins.registry import builtin
from engine.feel.values import NoValue

_MAX_PATTERN = 1_000
_MAX_SUBJECT = 200_000
_MEMORY = 2 << 20
_REPEATING_COST = 5_000  # a{1000} compiles to a long program: up to 25 ms
_PASSES = 16
_WORK_PER_STEP = 256
_FLAGS = frozenset("smixq")
_SPACED = re.compile(r"(\\p\{[^}]*\}|\[(?:[^\]\\]|\\.)*+\])|\s+")
_STRAY_BACKSLASH = re.compile(r"\\(?![\\$0-9])")
_REFERENCE = re.compile(r"(\\[\\$])|\$([0-9]+)")


@lru_cache(512)
def _compiled(pattern: str, flags: str) -> Any:
    unknown = set(flags) - _FLAGS
    if unknown:
        raise NoValue(f"there is no flag {''.join(sorted(unknown))!r}; known are s, m, i, x and q")
    if len(pattern) > _MAX_PATTERN:
        raise NoValue(f"the pattern is longer than {_MAX_PATTERN} characters")
    if "x" in flags:
        pattern = _SPACED.sub(_without_space, pattern)
    if "q" in flags:
        pattern = re2.escape(pattern)
    pattern = pattern.replace(r"\i", "[A-Za-z_:]").replace(r"\c", r"[-.0-9:A-Z_a-z]")
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    inline = "".join(flag for flag in "smi" if flag in flags)
    try:
        return re2.compile((f"(?{inline})" if inline else "") + pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else ""
        reason = reason.decode(errors="replace") if isinstance(reason, bytes) else "half a character"
        raise NoValue(f"the pattern {pattern[:60]!r} cannot be used: {reason}") from error


def _without_space(match: re.Match[str]) -> str:
    kept = match[1] or ""
    return re.sub(r"\s+", "", kept) if kept.startswith("\\p") else kept


def _prepared(run: Run, text: str, pattern: str, flags: str | None) -> Any:
    """Return the compiled pattern, after charging for what it costs on this text.

    Its program may run over each character.
    """
    if len(text) > _MAX_SUBJECT:
        raise NoValue(f"patterns are applied to texts of up to {_MAX_SUBJECT} characters")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise NoValue("the text holds half a character")
    run.charge_once((pattern, flags), _REPEATING_COST if "{" in pattern else len(pattern))
    compiled = _compiled(pattern, flags or "")
    run.charge(1 + len(text) * (compiled.programsize + _PASSES) // _WORK_PER_STEP)
    return compiled


@builtin("matches(input: string, pattern: string, flags: string?)")
def matches(run: Run, text: str, pattern: str, flags: str | None) -> bool:
    """Say whether the pattern is found in the text."""
    return _prepared(run, text, pattern, flags).search(text) is not None


@builtin("split(string: string, delimiter: string)")
def split(run: Run, text: str, delimiter: str) -> list[str] | None:
    """Cut a text at each match of a pattern."""
    compiled = _prepared(run, text, delimiter, None)
    run.charge(len(text))
    parts: list[str] = compiled.split(text) if text else []
    return parts or None


@builtin("replace(input: string, pattern: string, replacement: string, flags: string?)")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None) -> str:
    """Replace each match; `$1` in the replacement stands for the first group."""
    compiled = _prepared(run, text, pattern, flags)
    run.charge(len(text))
    if compiled.search("") is not None:
        raise NoValue("the pattern matches the empty text")
    literal = "q" in (flags or "")
    form = replacement.replace("\\", "\\\\") if literal else _STRAY_BACKSLASH.sub(r"\\\\", replacement)
    groups = int(compiled.groups)
    total = 0

    def expand(match: Any) -> str:
        nonlocal total
        value = _REFERENCE.sub(lambda reference: _referenced(reference, match, groups), form)
        total += len(value)
        run.charge(1 + len(form) // 64)
        run.charge_text(total)
        return value

    result: str = compiled.sub(expand, text)
    return result


def _referenced(reference: re.Match[str], match: Any, groups: int) -> str:
    if reference[1]:
        return reference[1][1]
    digits = reference[2]
    while len(digits) > 1 and (len(digits) > 4 or int(digits) > groups):
        digits = digits[:-1]
    if int(digits) > groups:
        return ""
    return (match.group(int(digits)) or "") + reference[2][len(digits) :]
