"""Owns the shape of a lint rule and of what it finds; it knows no rule."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.xml import Element, line_of, name_of
from engine.types import Finding, Severity

DOCUMENTATION = "docs/lint-rules.md"

_PARTS: Final = ("EventDefinition", "Association", "LoopCharacteristics")


_CAPITAL: Final = re.compile(r"(?=[A-Z])")


def words_of(kind: str) -> str:
    """Return what modelers call an element of this kind: `intermediate catch event` for `intermediateCatchEvent`."""
    return _CAPITAL.sub(" ", kind).lower().replace("sub process", "sub-process")


def in_words(element: Element) -> str:
    """Return the kind of an element in words."""
    return words_of(name_of(element))


def with_article(element: Element) -> str:
    """Return the kind of an element in words, after `a` or `an`."""
    words = in_words(element)
    return f"{'an' if words[:1] in 'aeio' else 'a'} {words}"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in another file of the upload than the model: its name, the line (from 1), the part's id and name."""

    file: str
    line: int | None
    element: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing found: the element to blame (None: the file), what is wrong, how to mend it.

    `place` is to blame instead of the element, where that is in another file.
    """

    element: Element | None
    message: str
    remedy: str
    place: Place | None = None


Check = Callable[[Scope], Iterable[Issue]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name is also the heading of its section in `DOCUMENTATION`.

    `check` looks at one file; None when the rule is applied while the file is read, before there is anything to see.
    """

    name: str
    check: Check | None
    severity: Severity = "error"

    @property
    def section(self) -> str:
        """Return where the rule is explained."""
        return f"{DOCUMENTATION}#{self.name}"

    def finding(self, file: str, issue: Issue) -> Finding:
        """Return the finding that says `issue` about `file`.

        What has no id, or is drawn as a part of an element (the clock in an event), is told by the element around it.
        """
        if (place := issue.place) is not None:
            said = (self.name, issue.message, issue.remedy, place.line, place.element, place.name)
            return Finding(place.file, *said, self.severity)
        named = issue.element
        while named is not None and (not named.get("id") or name_of(named).endswith(_PARTS)):
            named = named.getparent()
        return Finding(
            file=file,
            rule=self.name,
            message=issue.message,
            remedy=issue.remedy,
            line=None if issue.element is None else line_of(issue.element),
            element_id=None if named is None else named.get("id"),
            element_name=None if named is None else " ".join((named.get("name") or "").split()) or None,
            severity=self.severity,
        )
