"""Owns the reading of scripts in script tasks: their syntax tree, or why there is none. It runs nothing."""

import ast
import warnings
from dataclasses import dataclass
from typing import Final

from engine.bpmn.xml import Element, children_of

MAX_SCRIPT: Final = 20_000
"""Most characters in a script."""


PYTHON: Final = frozenset(("python", "python3", "text/x-python", "application/x-python"))
"""How a model may name the language."""


@dataclass(frozen=True, slots=True)
class Script:
    """The script of a task: `tree` is its syntax tree, or a sentence that says why there is none (None: not Python).

    `element` is the `script` element, the task itself where there is none.
    """

    task: Element
    element: Element
    source: str
    language: str
    tree: ast.Module | str | None

    @classmethod
    def of(cls, task: Element) -> "Script":
        """Read the script of `task`."""
        element = next(children_of(task, "script"), None)
        source = "" if element is None else "".join(map(str, element.itertext()))
        language = (task.get("scriptFormat") or "").strip()
        tree = _parsed(source) if language.lower() in PYTHON else None
        return cls(task, task if element is None else element, source, language, tree)


def _parsed(source: str) -> ast.Module | str:
    """Return the syntax tree of a script, else a sentence that says why there is none."""
    if len(source) > MAX_SCRIPT:
        return f"it is longer than {MAX_SCRIPT} characters."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(source.strip("\r\n"))
    except SyntaxError as error:
        return f"line {error.lineno or 1}: {error.msg}."
    except (ValueError, MemoryError, RecursionError):
        return "it is nested too deeply, or holds characters that Python does not read."
