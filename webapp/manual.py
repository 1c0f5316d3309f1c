"""Owns the documents of `docs` that pages show, so that who reads a finding can open what it names; it writes no text.

A wheel carries the files in `webapp/help`; a checkout has them in `docs`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Final

from flask import Flask, request
from markdown_it.token import Token
from markupsafe import Markup, escape

from webapp import markdown

NAMES: Final = (
    "modelling",
    "bpmn",
    "feel",
    "dmn",
    "forms",
    "operations-for-models",
    "coming-from-camunda",
    "mending",
    "moving-cases",
)
"""The documents for who changes a process, in the order in which pages list them."""

RULES: Final = "/processes/rules"
"""Where pages explain the rules of the lint, each with its name as the anchor."""

_HERE: Final = Path(__file__).parent
_NAMED = re.compile(r"docs/([a-z-]+)\.md\b")


@dataclass(frozen=True, slots=True)
class Document:
    """A document as a page shows it: its title, and everything below that."""

    name: str
    title: str
    text: Markup


def install(app: Flask) -> None:
    """Give the templates of `app` the filter that makes links of the documents that a text names."""
    app.jinja_env.filters["with_manual"] = lambda text: with_links(text, request.script_root)


def source(name: str) -> str:
    """Return a document as it is written; `name` is that of a file, without its ending."""
    places = (_HERE / "help" / f"{name}.md", _HERE.parent / "docs" / f"{name}.md")
    return next(place for place in places if place.exists()).read_text(encoding="utf-8")


@lru_cache
def title(name: str) -> str:
    """Return the title of a document."""
    return source(name).partition("\n")[0].removeprefix("# ").strip()


@lru_cache(4 * len(NAMES))
def document(name: str, root: str = "") -> Document:
    """Return one of `NAMES`, read and rendered once; `root` is the path below which the product is served."""
    tokens = markdown.read(source(name).partition("\n")[2])
    return Document(name, title(name), markdown.render(linked(tokens, root)))


def linked(tokens: Iterable[Token], root: str = "") -> list[Token]:
    """Return tokens with their links leading to pages of the product; other files of the sources become plain words.

    A link that is called as its file is called as its document.
    """
    return [replace(token, children=list(_linked(token.children or (), root))) for token in tokens]


def with_links(text: str, root: str = "") -> Markup:
    """Return a plain text, such as a finding's, with links in place of the documents' files that it names."""
    parts, at = [], 0
    for found in _NAMED.finditer(text):
        if found[1] in NAMES:
            parts.append(escape(text[at : found.start()]))
            parts.append(Markup('<a href="{}/manual/{}">{}</a>').format(root, found[1], title(found[1])))
            at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def _linked(tokens: Iterable[Token], root: str) -> Iterator[Token]:
    waiting = iter(tokens)
    for token in waiting:
        if token.type == "link_open":
            inside = list(takewhile(lambda each: each.type != "link_close", waiting))
            yield from _link(token, inside, root)
        else:
            yield token


def _link(opening: Token, inside: list[Token], root: str) -> Sequence[Token]:
    file, _, place = str(opening.attrs["href"]).partition("#")
    name = file.removesuffix(".md")
    if file and ":" not in file:
        if name not in (*NAMES, "lint-rules"):
            return inside
        if markdown.words(inside) == file:
            inside = [Token("text", "", 0, content=title(name))]
        leads = RULES if name == "lint-rules" else f"/manual/{name}"
        opening = replace(opening, attrs={"href": f"{root}{leads}{f'#{place}' if place else ''}"})
    return opening, *inside, Token("link_close", "a", -1)
