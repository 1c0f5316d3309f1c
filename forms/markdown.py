"""Owns the small Markdown of text components: headings, paragraphs, lists, emphasis, code, links; it lets no HTML pass.

Everything is escaped and only known marks become elements, so that neither an author nor a value can bring in markup.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup, escape

from forms.expressions import INSERTION

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*)")
_BULLET = re.compile(r"[ \t]{0,3}[-*+][ \t]+(.*)")
_NUMBERED = re.compile(r"[ \t]{0,3}\d{1,4}[.)][ \t]+(.*)")
_RULE = re.compile(r"[ \t]*([-*_])(?:[ \t]*\1){2,}[ \t]*")
_SAFE_ADDRESS: Final = rf"(?:https?://|mailto:|/(?!/)|\#)[^\s()<>\"'\\{INSERTION}]{{1,500}}"
_INLINE = re.compile(
    rf"""`(?P<code>[^`\n]{{1,300}})`
    | \[(?P<words>[^\[\]\n]{{1,300}})\]\((?P<address>{_SAFE_ADDRESS})\)
    | \*\*(?P<bold>\S(?:[^*\n]{{0,500}}[^\s*])?)\*\*
    | (?<![\w*])[*](?P<star>[^\s*](?:[^*\n]{{0,500}}[^\s*])?)[*](?![\w*])
    | (?<!\w)_(?P<low>[^\s_](?:[^_\n]{{0,500}}[^\s_])?)_(?!\w)
    """,
    re.VERBOSE,
)
_EMPHASIS: Final = {
    "bold": Markup("<strong>{}</strong>"),
    "star": Markup("<em>{}</em>"),
    "low": Markup("<em>{}</em>"),
}


def render(text: str, insertions: Sequence[str] = ()) -> Markup:
    """Return `text` as HTML; `insertions` replace the `INSERTION` marks in order and stay plain text.

    Headings begin at level 2, as the page has the first.
    """
    html = Markup("\n").join(_blocks(text.replace("\r\n", "\n").split("\n")))
    waiting = iter(insertions)
    pieces = str(html).split(INSERTION)
    filled = [pieces[0], *(str(lines(next(waiting, ""))) + piece for piece in pieces[1:])]
    return Markup("".join(filled))  # noqa: S704 - every piece is escaped


def lines(text: str) -> Markup:
    """Return plain text as HTML that keeps its line breaks."""
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


def _blocks(source: Sequence[str]) -> Iterator[Markup]:
    paragraph: list[str] = []
    at = 0

    def flush() -> Iterator[Markup]:
        if paragraph:
            yield Markup("<p>{}</p>").format(Markup("<br>").join(_inline(line.strip()) for line in paragraph))
            paragraph.clear()

    while at < len(source):
        line = source[at]
        listed = next((kind for kind in (_BULLET, _NUMBERED) if kind.fullmatch(line)), None)
        if not line.strip():
            yield from flush()
        elif heading := _HEADING.fullmatch(line):
            yield from flush()
            level = min(len(heading[1]) + 1, 4)
            yield Markup("<h{0}>{1}</h{0}>").format(level, _inline(heading[2].strip()))
        elif _RULE.fullmatch(line):
            yield from flush()
            yield Markup("<hr>")
        elif listed is not None:
            yield from flush()
            items: list[Markup] = []
            while at < len(source) and (item := listed.fullmatch(source[at])):
                items.append(Markup("<li>{}</li>").format(_inline(item[1].strip())))
                at += 1
            yield (Markup("<ul>{}</ul>") if listed is _BULLET else Markup("<ol>{}</ol>")).format(Markup("").join(items))
            continue
        else:
            paragraph.append(line)
        at += 1
    yield from flush()


def _inline(text: str) -> Markup:
    parts: list[Markup] = []
    at = 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[at : found.start()]))
        at = found.end()
        if found["code"] is not None:
            parts.append(Markup("<code>{}</code>").format(found["code"]))
        elif found["words"] is not None:
            parts.append(Markup('<a href="{}">{}</a>').format(found["address"], _inline(found["words"])))
        else:
            kind = found.lastgroup or "bold"
            parts.append(_EMPHASIS[kind].format(_inline(found[kind])))
    return Markup("").join([*parts, escape(text[at:])])
