"""Owns the regular expressions of form authors; it is the only importer of RE2, which cannot be made to run for ever.

A pattern matches anywhere in the text unless it is anchored with `^` and `$`, as in form-js.
"""

from typing import Any

import re2

from engine.errors import ExpressionRefused

_LONGEST = 1_000
_MEMORY = 1 << 20


class Pattern:
    """A compiled pattern; equal when the source is equal."""

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        """Compile `source`; raise `ExpressionRefused` when RE2 cannot (it has no look-around or back references)."""
        if len(source) > _LONGEST:
            raise ExpressionRefused(source, f"a pattern may have at most {_LONGEST} characters.")
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY
        try:
            self._compiled: Any = re2.compile(source, options)
        except (re2.error, UnicodeError) as error:
            detail = error.args[0] if error.args else "unknown"
            reason = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
            raise ExpressionRefused(
                source, f"it is not a pattern that can be checked in bounded time ({reason})."
            ) from error
        self.source = source

    def found_in(self, text: str) -> bool:
        """Return whether the pattern matches somewhere in `text`."""
        return self._compiled.search(text) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)
