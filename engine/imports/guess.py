"""Owns the guess how a CSV file is written: encoding, delimiter, quote and escape, from its content alone.

A guess is a proposal; whoever imports the file sees its first rows read that way, and changes what is wrong.
"""

import codecs
import csv
import itertools
from collections.abc import Iterator, Sequence
from typing import Final

from engine.imports.source import Dialect, reader

_SAMPLE_BYTES: Final = 200_000
_SAMPLE_ROWS: Final = 300
_DELIMITERS: Final = (",", ";", "\t", "|")
_QUOTES: Final = ('"', "'")
_LONG_CELL_LINES: Final = 40
"""A cell of more lines has most likely swallowed rows, because of a quote that was none."""
_ONE_COLUMN: Final = 0.3
"""what a file is worth that comes out whole as a single column, against one of which this share fits the header"""


def guess(content: bytes) -> Dialect:
    """Return the dialect in which `content` comes out best: rows as long as the header, and no quotes left over."""
    encoding = _encoding(content)
    width = 2 if encoding.startswith("utf-16") else 1
    sample = content[: _SAMPLE_BYTES * width]
    if len(sample) < len(content):
        # Cut at the end of a line: half a row would count against every dialect. (U+0A00 in UTF-16 costs a row.)
        cut = sample.rfind(b"\n")
        sample = sample[: cut + 1 - (cut + 1) % width] if cut > 0 else sample
    text = sample.decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")
    candidates = [
        Dialect(delimiter, quote, escape, encoding)
        for escape in (None, "\\")
        for delimiter, quote in itertools.product(_DELIMITERS, (*_QUOTES, None))
        if escape is None or (quote is not None and f"\\{quote}" in text)
    ]
    return max(candidates, key=lambda dialect: _score(text, dialect))


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    beginning = content[:1000]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        # Every second byte of western text in UTF-16 is zero.
        if len(beginning) > 1 and not any(beginning[first::2]) and all(beginning[1 - first :: 2]):
            return encoding
    for encoding in ("utf-8", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "iso-8859-1"


def _score(text: str, dialect: Dialect) -> float:
    """Return how well the text comes out, about 0 to 1; what cannot be read at all is worth less than nothing."""
    try:
        header, *rows = itertools.islice(filter(None, reader(text, dialect)), _SAMPLE_ROWS)
    except (ValueError, csv.Error):
        return -1.0
    fitting = sum(len(row) == len(header) for row in rows) / len(rows) if rows else 1.0
    cells = [*header, *itertools.chain.from_iterable(rows)]
    score = (fitting if len(header) > 1 else _ONE_COLUMN * fitting) - sum(_faults(cells)) / len(cells)
    return round(score, 3)


def _faults(cells: Sequence[str]) -> Iterator[float]:
    for cell in cells:
        text = cell.strip()
        torn = [text.startswith(quote) + text.endswith(quote) for quote in _QUOTES]
        if len(text) > 1 and 2 in torn:
            yield 1.0
        elif 1 in torn:
            yield 0.5
        if cell.count("\n") > _LONG_CELL_LINES:
            yield float(len(cells))
