"""Owns what the lint's rules say: docs/lint-rules.md, cut into its rules, so that a finding leads to what it means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from textwrap import fill
from typing import Final

from markupsafe import Markup

from forms.markdown import render
from webapp import manual

PAGE: Final = manual.RULES

_WIDTH: Final = 100
_EMPHASIS = re.compile(r"\*\*?((?:Mend:|Error\.|Warning\.))\*\*?")
_OWN_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]+\)")
_OWN_LINE = re.compile(r"(?:\*\*Mend:\*\*|Example:|\*(?:Error|Warning)\.\*)")


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule says, for pages and plainly; `name` is that of findings, and the anchor on the page."""

    name: str
    text: Markup
    plain: str


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules on one subject; `anchor` is where links find it."""

    title: str
    anchor: str
    rules: Sequence[RuleText]


@lru_cache(4)
def groups(root: str = "") -> Sequence[RuleGroup]:
    """Return all rules, as the documentation groups them; `root` is the path below which the product is served."""
    source = manual.source("lint-rules")
    found = []
    for part in re.split(r"^## ", source, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        rules = [_rule(each, root) for each in re.split(r"^### ", rest, flags=re.MULTILINE)[1:]]
        if rules:
            found.append(RuleGroup(title.strip(), manual.anchor(title), tuple(rules)))
    return tuple(found)


def by_name() -> Mapping[str, RuleText]:
    """Return all rules by their names, in the order of the documentation."""
    return {rule.name: rule for group in groups() for rule in group.rules}


def address(rule: str) -> str:
    """Return where below the product's own address a rule is explained."""
    return f"{PAGE}#{rule}"


def _rule(section: str, root: str) -> RuleText:
    name, _, body = section.partition("\n")
    paragraphs = _paragraphs(body)
    words = (_OWN_LINK.sub(r"\1", _EMPHASIS.sub(r"\1", each)) for each in paragraphs)
    plain = (fill(each, _WIDTH, break_long_words=False) for each in words)
    return RuleText(name.strip(), render(manual.linked("\n\n".join(paragraphs), root)), "\n\n".join(plain))


def _paragraphs(body: str) -> list[str]:
    """Return the text as paragraphs on one line each."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n", body.strip()):
        for line in block.split("\n"):
            if not found or _OWN_LINE.match(line) or line is block.split("\n")[0]:
                found.append(line.strip())
            else:
                found[-1] += f" {line.strip()}"
    return found
