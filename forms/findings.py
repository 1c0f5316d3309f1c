"""Owns the collecting of what is wrong with one form file, and the line of each component; it judges nothing itself."""

import re
from typing import Final, Literal

from engine.types import Finding

Severity = Literal["error", "warning"]

MOST: Final = 200
"""How many errors, and how many warnings, are kept: nobody reads more of one file."""

_PLACES = re.compile(r'"(?:id|key|path)"\s*:\s*"((?:[^"\\]|\\.){1,200})"')


class Report:
    """The findings on the file `file` whose text is `text`."""

    def __init__(self, file: str, text: str = "") -> None:
        self.file = file
        self.found: list[Finding] = []
        self._lines: dict[str, int] = {}
        line, position = 1, 0
        for place in _PLACES.finditer(text):
            line += text.count("\n", position, place.start())
            position = place.start()
            self._lines.setdefault(place[1], line)

    def add(
        self,
        rule: str,
        message: str,
        remedy: str,
        *,
        element: str | None = None,
        name: str | None = None,
        line: int | None = None,
        severity: Severity = "error",
    ) -> None:
        """Note one finding; the line is that of `element` (an id or key of the file) unless it is given."""
        if sum(finding.severity == severity for finding in self.found) >= MOST:
            return
        where = line if line is not None else self.line_of(element)
        self.found.append(Finding(self.file, rule, message, remedy, where, element, name, severity))

    def line_of(self, element: str | None) -> int | None:
        """Return the line (from 1) on which `element`, an id, key or path of the file, is named first."""
        return self._lines.get(element or "")

    @property
    def has_errors(self) -> bool:
        """Return whether anything was found that forbids the use of the form."""
        return any(finding.severity == "error" for finding in self.found)
