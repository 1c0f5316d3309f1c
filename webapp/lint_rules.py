"""Owns what the lint's rules say: docs/lint-rules.md, cut into its rules, so that a finding leads to what it means."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from textwrap import fill
from typing import Final

from markdown_it.token import Token
from markupsafe import Markup

from webapp import manual, markdown

PAGE: Final = manual.RULES

_WIDTH: Final = 100
_OWN_LINES: Final = ("Example:", "Mend:")
"""What begins a paragraph of its own; the source has it on the next line."""

_LABELS: Final = ("Error.", "Warning.", "Mend:")
"""What is set off by its place in a plain text."""


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
    found = []
    for heading, part in _sections(markdown.read(manual.source("lint-rules")), "h2"):
        if rules := [_rule(name, body, root) for name, body in _sections(part, "h3")]:
            found.append(RuleGroup(heading, markdown.anchor(heading), tuple(rules)))
    return tuple(found)


def by_name() -> Mapping[str, RuleText]:
    """Return all rules by their names, in the order of the documentation."""
    return {rule.name: rule for group in groups() for rule in group.rules}


def address(rule: str) -> str:
    """Return where below the product's own address a rule is explained."""
    return f"{PAGE}#{rule}"


def _sections(tokens: Sequence[Token], tag: str) -> Iterator[tuple[str, Sequence[Token]]]:
    """Yield the words of each heading of one level, and what follows up to the next."""
    begins = [at for at, token in enumerate(tokens) if token.type == "heading_open" and token.tag == tag]
    for begin, end in zip(begins, [*begins[1:], len(tokens)], strict=True):
        yield markdown.words(tokens[begin + 1].children or ()), tokens[begin + 3 : end]


def _rule(name: str, body: Sequence[Token], root: str) -> RuleText:
    parts = list(_separated(body))
    plain = (_plain(part.children or ()) for part in parts if part.type == "inline")
    filled = (fill(each, _WIDTH, break_long_words=False) for each in plain)
    return RuleText(name, markdown.render(manual.linked(parts, root)), "\n\n".join(filled))


def _separated(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens of a rule, with a paragraph for each line that begins with a label."""
    for token in tokens:
        start = 0
        children = token.children or []
        for at, child in enumerate(children):
            if child.type == "softbreak" and markdown.words(children[at + 1 :]).startswith(_OWN_LINES):
                yield replace(token, children=children[start:at])
                yield Token("paragraph_close", "p", -1, block=True)
                yield Token("paragraph_open", "p", 1, block=True)
                start = at + 1
        yield replace(token, children=children[start:])


def _plain(children: Sequence[Token]) -> str:
    """Return a paragraph with the marks of its source, but for those of links and labels."""
    said = []
    for at, child in enumerate(children):
        match child.type:
            case "text":
                said.append(child.content)
            case "softbreak" | "hardbreak":
                said.append(" ")
            case "code_inline":
                said.append(f"{child.markup}{child.content}{child.markup}")
            case "em_open" | "strong_open" if children[at + 1].content not in _LABELS:
                said.append(child.markup)
            case "em_close" | "strong_close" if children[at - 1].content not in _LABELS:
                said.append(child.markup)
    return "".join(said)
