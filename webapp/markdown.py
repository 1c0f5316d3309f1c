"""Owns how documents of `docs` become HTML: CommonMark with tables, read by markdown-it, whose HTML is text.

What authors of forms write is not read here, but by `forms.markdown`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape


def read(text: str) -> list[Token]:
    """Return Markdown as the tokens of markdown-it, fitted to pages.

    Headings have anchors and are at most of level 4, tables stand in a region that scrolls by keys, and nothing has a
    style of its own, which the pages' policy would refuse.
    """
    return list(_fitted(_reader().parse(text)))


def render(tokens: Sequence[Token]) -> Markup:
    """Return the HTML of tokens."""
    reader = _reader()
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704 - the library escapes all text


def words(tokens: Iterable[Token]) -> str:
    """Return the bare text of the inside of a heading, a cell or a link."""
    return "".join(token.content for token in tokens)


def anchor(heading: str) -> str:
    """Return the name by which links find a heading, as the hosts of sources make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _reader() -> MarkdownIt:
    # One each time: threads that share a new one may find its rules half made (markdown_it.ruler.Ruler.__compile__).
    return MarkdownIt("commonmark", {"html": False, "xhtmlOut": False, "highlight": _code}).enable("table")


def _code(text: str, _language: str, _more: str) -> str:
    # No `Markup`: where the library adds pieces up, that would escape all that stands before it.
    return f'<pre tabindex="0">{escape(text)}</pre>'


def _fitted(tokens: Sequence[Token]) -> Iterator[Token]:
    for at, token in enumerate(tokens):
        match token.type:
            case "heading_open" | "heading_close":
                token.tag = min(token.tag, "h4")
                if token.nesting == 1:
                    token.attrSet("id", anchor(words(tokens[at + 1].children or ())))
            case "code_block":
                token.type = "fence"
            case "table_open":
                yield _wide(tokens[at:])
            case "th_open":
                token.attrs = {"scope": "col"}
            case "td_open":
                token.attrs = {}
        yield token
        if token.type == "table_close":
            yield Token("wide_close", "div", -1, block=True)


def _wide(table: Iterable[Token]) -> Token:
    """Return the beginning of the region around a table; the words of its head are its name."""
    head = takewhile(lambda each: each.type != "thead_close", table)
    named = ", ".join(filter(None, (words(each.children or ()) for each in head if each.type == "inline")))
    return Token(
        "wide_open", "div", 1, {"class": "wide", "tabindex": "0", "role": "region", "aria-label": named}, block=True
    )
