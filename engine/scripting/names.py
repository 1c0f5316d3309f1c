"""Owns the question which names a script reads and sets, and what of Python it may not say; it runs nothing."""

import ast
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.errors import ExpressionRefused

MAX_SOURCE: Final = 20_000
"""Longest script, in characters."""

_MUTATORS: Final = frozenset(
    {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "reverse", "sort"}
    | {"setdefault", "update"}
)
_TRIES: Final = 20
_PAUSE_SECONDS: Final = 0.01
_PARSING: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Names:
    """What a script does to names at its top level. `functions` are those it defines; they are no variables.

    `changes` are names that it does not assign, whose values it changes within: `items.append(1)`, `order["n"] = 1`.
    """

    reads: frozenset[str]
    assigns: frozenset[str]
    functions: frozenset[str]
    changes: frozenset[str]


def names_of(source: str) -> Names:
    """Return the names in `source`. Raises `ExpressionRefused` if it does not parse, is too long or has a class."""
    if len(source) > MAX_SOURCE:
        raise ExpressionRefused(source, f"a script may have {MAX_SOURCE} characters at most.")
    try:
        tree = parsed(source)
    except SyntaxError as error:
        raise ExpressionRefused(source, f"line {error.lineno}: {error.msg}.") from None
    except (RecursionError, MemoryError, ValueError):
        raise ExpressionRefused(source, "it is nested too deeply, or holds what is no text.") from None
    loaded: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            raise ExpressionRefused(source, f"line {node.lineno}: a script cannot define a class.")
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load | ast.Del):
            loaded.add(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            loaded.add(node.target.id)
    assigned, functions, changed = set[str](), set[str](), set[str]()
    _collect(tree.body, assigned, functions, changed)
    variables = frozenset(name for name in assigned - functions if not name.startswith("_"))
    return Names(frozenset(loaded), variables, frozenset(functions), frozenset(changed - assigned - functions))


def parsed(source: str) -> ast.Module:
    """Return the syntax tree, however many threads parse: Python 3.11 counts the depth of all of them together."""
    for _ in range(_TRIES):
        try:
            with _PARSING:
                return ast.parse(source)
        except SystemError:  # somebody outside this module parsed at the same time
            time.sleep(_PAUSE_SECONDS)
    return ast.parse(source)


def _collect(body: list[ast.stmt], assigned: set[str], functions: set[str], changed: set[str]) -> None:
    """Find what is bound or changed at the top level, also within if, for, while, with and try; not in functions."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.add(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            functions.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            functions.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        else:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                assigned.add(node.id)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                functions.add(node.name)
            changed.update(_changed(node))
            waiting.extend(ast.iter_child_nodes(node))


def _changed(node: ast.AST) -> Iterator[str]:
    """Yield the name whose value `node` changes within, if it does."""
    inner: ast.AST | None = None
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        inner = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS:
        inner = node.func.value
    while isinstance(inner, ast.Subscript | ast.Attribute):
        inner = inner.value
    if isinstance(inner, ast.Name):
        yield inner.id
