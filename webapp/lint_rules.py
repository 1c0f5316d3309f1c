"""Owns what the lint's rules say: docs/lint-rules.md, cut into its rules, so that a finding leads to what it means.

A wheel carries the file in `webapp/help`; a checkout has it in `docs`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from textwrap import fill
from typing import Final

from markupsafe import Markup

from forms.markdown import render

_HERE: Final = Path(__file__).parent
PLACES: Final = (_HERE / "help" / "lint-rules.md", _HERE.parent / "docs" / "lint-rules.md")
PAGE: Final = "/processes/rules"
"""Where the pages of the product explain the rules; a rule's name is the anchor there."""

_WIDTH: Final = 100
_EMPHASIS = re.compile(r"\*\*?((?:Mend:|Error\.|Warning\.))\*\*?")
_OWN_LINE = re.compile(r"(?:\*\*Mend:\*\*|Example:|\*(?:Error|Warning)\.\*)")


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule says, for pages and plainly; `name` is that of findings, and the anchor on the page."""

    name: str
    text: Markup
    plain: str


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules on one subject."""

    title: str
    rules: Sequence[RuleText]


@lru_cache(1)
def groups() -> Sequence[RuleGroup]:
    """Return all rules, as the documentation groups them."""
    source = next(place for place in PLACES if place.exists()).read_text(encoding="utf-8")
    found = []
    for part in re.split(r"^## ", source, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        rules = [_rule(each) for each in re.split(r"^### ", rest, flags=re.MULTILINE)[1:]]
        if rules:
            found.append(RuleGroup(title.strip(), tuple(rules)))
    return tuple(found)


def by_name() -> Mapping[str, RuleText]:
    """Return all rules by their names, in the order of the documentation."""
    return {rule.name: rule for group in groups() for rule in group.rules}


def address(rule: str) -> str:
    """Return where below the product's own address a rule is explained."""
    return f"{PAGE}#{rule}"


def _rule(section: str) -> RuleText:
    name, _, body = section.partition("\n")
    paragraphs = _paragraphs(body)
    plain = (fill(_EMPHASIS.sub(r"\1", each), _WIDTH, break_long_words=False) for each in paragraphs)
    return RuleText(name.strip(), render("\n\n".join(paragraphs)), "\n\n".join(plain))


def _paragraphs(body: str) -> list[str]:
    """Return the text as paragraphs on one line each; links to other pages of the documentation become plain words."""
    plain = re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", body)
    found: list[str] = []
    for block in re.split(r"\n\s*\n", plain.strip()):
        for line in block.split("\n"):
            if not found or _OWN_LINE.match(line) or line is block.split("\n")[0]:
                found.append(line.strip())
            else:
                found[-1] += f" {line.strip()}"
    return found
