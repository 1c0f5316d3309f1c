"""Owns the documents of `docs` that pages show, so that who reads a finding can open what it names; it writes no text.

A wheel carries the files in `webapp/help`; a checkout has them in `docs`. Of Markdown it knows what they use.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, request
from markupsafe import Markup, escape

from forms.markdown import inline, render

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
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_PARTS = re.compile(
    r"^```\w*\n(?P<code>(?s:.*?))^```$|(?P<table>(?:^\|.*\n)+)|^(?P<level>#+) (?P<heading>.+)$", re.MULTILINE
)
_CELLS = re.compile(r"\|((?:`[^`]*`|[^`|])*)(?=\|)")
_GOES_ON = re.compile(r"\n[ \t]*(?!\s|[-*] |\d+\. )")


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
    text = source(name).partition("\n")[2]
    return Document(name, title(name), Markup("\n").join(_blocks(linked(text, root))))


def linked(text: str, root: str = "") -> str:
    """Return Markdown with its links leading to pages of the product; other files of the sources become plain words."""

    def address(found: re.Match[str]) -> str:
        file, _, place = found[2].partition("#")
        name = file.removesuffix(".md")
        if not file or ":" in file:
            return found[0]
        if name not in (*NAMES, "lint-rules"):
            return found[1]
        words = title(name) if found[1] == file else found[1]
        leads = f"{root}{RULES}" if name == "lint-rules" else f"{root}/manual/{name}"
        return f"[{words}]({leads}{f'#{place}' if place else ''})"

    return _LINK.sub(address, text)


def with_links(text: str, root: str = "") -> Markup:
    """Return a plain text, such as a finding's, with links in place of the documents' files that it names."""
    parts, at = [], 0
    for found in _NAMED.finditer(text):
        if found[1] in NAMES:
            parts.append(escape(text[at : found.start()]))
            parts.append(Markup('<a href="{}/manual/{}">{}</a>').format(root, found[1], title(found[1])))
            at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def _blocks(text: str) -> Iterator[Markup]:
    at = 0
    for found in _PARTS.finditer(text):
        yield _prose(text[at : found.start()])
        at = found.end()
        if found["code"] is not None:
            yield Markup('<pre tabindex="0">{}</pre>').format(found["code"])
        elif found["table"] is not None:
            yield _table(found["table"].splitlines())
        else:
            level = min(len(found["level"]), 4)
            yield Markup('<h{0} id="{1}">{2}</h{0}>').format(level, anchor(found["heading"]), inline(found["heading"]))
    yield _prose(text[at:])


def anchor(heading: str) -> str:
    """Return the name by which links find a heading, as the hosts of sources make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _prose(text: str) -> Markup:
    """Return paragraphs and lists; a line that begins no point of a list goes on the one before."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return render("\n\n".join(_GOES_ON.sub(" ", each) for each in paragraphs))


def _table(lines: list[str]) -> Markup:
    head, _, *rows = [[inline(cell.strip()) for cell in _CELLS.findall(line)] for line in lines]
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(cell) for cell in head)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row))
        for row in rows
    )
    return Markup(
        '<div class="wide" tabindex="0" role="region" aria-label="{}"><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(", ".join(cell.striptags() for cell in head), heads, body)
