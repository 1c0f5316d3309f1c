"""Owns the reading of scripts off script tasks: parsed by the sandbox's rules, or refused. It runs nothing."""

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine import scripting
from engine.bpmn.model.xml import Element, children_of
from engine.errors import ExpressionRefused

PYTHON: Final = frozenset(("python", "python3", "text/x-python", "application/x-python"))
"""How a model may name the language."""

MAX_TEXT: Final = 250_000
"""Most characters of expressions, and of scripts, in one file."""

_WORDS: Final[Mapping[type[ast.AST], str]] = {
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.AsyncFunctionDef: "async",
    ast.Await: "await",
}


@dataclass(frozen=True, slots=True)
class Script:
    """The script of a task: either `parsed`, or `refused` with a reason; neither when it is not in Python.

    `element` is the `script` element, the task itself where there is none.
    """

    task: Element
    element: Element
    source: str
    language: str
    parsed: scripting.Script | None = None
    refused: str | None = None
    not_run: tuple[int, str] | None = None
    """line (from 1) and word of the first statement that the sandbox does not run"""

    @classmethod
    def of(cls, task: Element) -> "Script":
        """Read the script of `task`."""
        element = next(children_of(task, "script"), None)
        source = "" if element is None else "".join(map(str, element.itertext()))
        language = (task.get("scriptFormat") or "").strip()
        place = task if element is None else element
        if language.lower() not in PYTHON:
            return cls(task, place, source, language)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                parsed = scripting.Script.of(source)
                return cls(task, place, source, language, parsed, not_run=_not_run(parsed.source))
        except ExpressionRefused as error:
            return cls(task, place, source, language, refused=error.reason)


def _not_run(source: str) -> tuple[int, str] | None:
    for part in ast.walk(ast.parse(source)):
        word = _WORDS.get(type(part))
        if word is not None:
            return int(getattr(part, "lineno", 1)), word
    return None
