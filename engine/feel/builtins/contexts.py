"""Owns the functions on contexts (DMN 1.5, table 78), and `not` and `is`.

A lazily loaded context is copied only where one is built.
"""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from engine.feel.budget import Run
from engine.feel.builtins.registry import builtin
from engine.feel.comparison import equal
from engine.feel.temporal import offset_of
from engine.feel.values import NoValue, kind, native


@builtin("context(entries: list)")
def context(run: Run, entries: list[Any]) -> dict[str, Any]:
    """Build a context from {key, value} pairs."""
    built: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, Mapping) or "key" not in entry or "value" not in entry:
            raise NoValue("every entry needs a key and a value")
        key = entry["key"]
        if not isinstance(key, str) or key in built:
            raise NoValue("keys are texts, each used once")
        built[key] = entry["value"]
    return built


@builtin("context put(context: context, key: string, value: any)")
def context_put(run: Run, base: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return the context with one entry set."""
    run.charge(len(base))
    return {**base, key: value}


@builtin("context put(context: context, keys: list, value: any)")
def context_put_deep(run: Run, base: Mapping[str, Any], keys: list[Any], value: Any) -> dict[str, Any]:
    """Return the context with the entry at the end of a path of keys set."""
    if not keys or not all(isinstance(key, str) for key in keys):
        raise NoValue("the keys are a list of one text or more")
    levels: list[Mapping[str, Any]] = [base]
    for key in keys[:-1]:
        below = levels[-1].get(key)
        if not isinstance(below, Mapping):
            raise NoValue(f"there is no context at {key!r}")
        levels.append(below)
    for key, level in zip(reversed(keys), reversed(levels), strict=True):
        run.charge(len(level))
        value = {**level, key: value}
    return dict(value)


@builtin("context merge(contexts: list)")
def context_merge(run: Run, contexts: list[Any]) -> dict[str, Any]:
    """Join contexts; later entries win."""
    merged: dict[str, Any] = {}
    for part in contexts:
        if not isinstance(part, Mapping):
            raise NoValue("only contexts can be merged")
        run.charge(len(part))
        merged.update(part)
    return merged


@builtin("get value(m: context, key: string)")
def get_value(run: Run, base: Mapping[str, Any], key: str) -> Any:
    """Return the entry at a key, null where there is none."""
    return native(base.get(key))


@builtin("get value(m: context, keys: list)")
def get_value_deep(run: Run, base: Mapping[str, Any], keys: list[Any]) -> Any:
    """Return the entry at the end of a path of keys."""
    value: Any = base
    for key in keys:
        if not isinstance(value, Mapping) or not isinstance(key, str) or key not in value:
            raise NoValue("the path of keys leads nowhere")
        value = native(value[key])
    return value


@builtin("get entries(m: context)")
def get_entries(run: Run, base: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries as a list of {key, value}."""
    run.charge(len(base))
    return [{"key": key, "value": value} for key, value in base.items()]


@builtin("is empty(value: any)")
def is_empty(run: Run, value: Any) -> bool:
    """Say whether a value is null, a text or list of length 0, or a context without entries.

    Ours: what `empty` means in `${...}`.
    """
    return value is None or (isinstance(value, str | list | Mapping) and len(value) == 0)


@builtin("not(negand: boolean)")
def negation(run: Run, value: bool) -> bool:
    """Negate a truth value."""
    return not value


@builtin("is(value1: any, value2: any)", deep=True)
def identical(run: Run, left: Any, right: Any) -> bool:
    """Say whether two values are the same in kind and in every part, time zones included."""
    if kind(left) != kind(right):
        return False
    if isinstance(left, time | datetime) and isinstance(right, time | datetime):
        return (
            left.replace(tzinfo=None) == right.replace(tzinfo=None)
            and offset_of(left) == offset_of(right)
            and getattr(left.tzinfo, "key", None) == getattr(right.tzinfo, "key", None)
        )
    return equal(left, right) is True
