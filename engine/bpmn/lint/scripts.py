"""Owns the reading of scripts in script tasks: Python's syntax, never run here."""

import ast
import warnings
from typing import Final

MAX_SCRIPT: Final = 20_000
"""Most characters in a script."""


def parsed_script(source: str) -> ast.Module | str:
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
