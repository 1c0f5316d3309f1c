"""Reading a CSV file with a stated dialect into rows, each with its place in the file.

It knows nothing of forms or cases.
"""

import codecs
import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.errors import ComityError
from engine.types import Json
from engine.types.counting import counted

if TYPE_CHECKING:
    import _csv

MAX_BYTES: Final = 50_000_000
MAX_CELL: Final = 100_000

_SPREADSHEETS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""how the files of spreadsheet programs begin"""
_NO_CHARACTER_SETS: Final = frozenset(("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"))
"""what Python calls encodings too: ways to write names and source code, some of them very slow on long texts"""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


class FileRefused(ComityError):
    """The whole file cannot be read as stated: size, encoding or columns. Nothing was taken in."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the file is written. `quote` None: cells are never quoted; `escape` None: no character escapes another."""

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    encoding: str = "utf-8"

    def as_json(self) -> dict[str, Json]:
        """Return the dialect as it is stored with an import."""
        return {"delimiter": self.delimiter, "quote": self.quote, "escape": self.escape, "encoding": self.encoding}

    @classmethod
    def from_json(cls, stored: Mapping[str, Json]) -> "Dialect":
        """Return the dialect that `as_json` gave."""
        return cls(**stored)

    def check(self) -> None:
        """Raise `FileRefused` when the dialect itself cannot be used."""
        for name, mark in (("delimiter", self.delimiter), ("quote", self.quote), ("escape", self.escape)):
            if mark is not None and (len(mark) != 1 or mark in "\r\n"):
                raise FileRefused(f"The {name} must be one character; {mark!r} was given.")
        if self.delimiter in (self.quote, self.escape):
            raise FileRefused("The delimiter cannot be the quote or the escape character as well.")
        try:
            known = codecs.lookup(self.encoding).name not in _NO_CHARACTER_SETS
        except (LookupError, ValueError):  # ValueError: a name with a zero byte
            known = False
        if not known:
            raise FileRefused(f"There is no encoding {self.encoding[:40]!r}. Common ones: utf-8, cp1252, utf-16.")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row below the header. `number` counts rows from 1, `line` is where it ends in the file (from 1).

    `cells` are as they stand; `values` name them by the header, or are None when the row has too many or too few
    cells (`refusal`).
    """

    number: int
    line: int
    cells: tuple[str, ...]
    values: Mapping[str, str] | None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file's rows come out: how many there are, how many cannot be used, and the first of these."""

    rows: int
    odd: int
    first_odd: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A CSV file in memory with its header. The digest names its content."""

    name: str
    columns: tuple[str, ...]
    digest: str
    dialect: Dialect
    text: str

    def rows(self) -> Iterator[SourceRow]:
        """Yield the rows below the header; empty lines are passed over."""
        cells_of = reader(self.text, self.dialect)
        next(cells_of)
        number = 0
        while True:
            try:
                cells = next(cells_of)
            except StopIteration:
                return
            except csv.Error as error:
                number += 1
                yield SourceRow(number, cells_of.line_num, (), None, f"The row cannot be read: {error}.")
                continue
            if not cells:
                continue
            number += 1
            yield self._row(number, cells_of.line_num, cells)

    def shape(self, most: int = 10) -> Shape:
        """Return how the rows come out, with at most `most` of the odd ones."""
        rows = odd = 0
        first: list[SourceRow] = []
        for row in self.rows():
            rows += 1
            if row.values is None:
                odd += 1
                if len(first) < most:
                    first.append(row)
        return Shape(rows, odd, tuple(first))

    def _row(self, number: int, line: int, cells: Sequence[str]) -> SourceRow:
        if len(cells) != len(self.columns):
            refusal = (
                f"The row has {counted(len(cells), 'cell')}, the header has {len(self.columns)}: "
                "a delimiter stands inside the text, or quotes do not match."
            )
            return SourceRow(number, line, tuple(cells), None, refusal)
        return SourceRow(number, line, tuple(cells), dict(zip(self.columns, cells, strict=True)))


def read(path: Path, dialect: Dialect, columns: Sequence[str] = ()) -> SourceFile:
    """Return the file at `path`, whose header has to hold `columns`; raise `FileRefused` with reason and remedy."""
    dialect.check()
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FileRefused(f"{path} cannot be opened: {error.strerror}.") from None
    if size > MAX_BYTES:
        raise FileRefused(f"{path.name} has {size:,} bytes; {MAX_BYTES:,} is the limit. Split it.")
    return parse(path.name, path.read_bytes(), dialect, columns)


def parse(name: str, content: bytes, dialect: Dialect, columns: Sequence[str] = ()) -> SourceFile:
    """Return the file with that content, as `read` does."""
    dialect.check()
    text = check_text(name, content, dialect)
    try:
        header = tuple(cell.strip() for cell in next(reader(text, dialect)))
    except StopIteration:
        raise FileRefused(f"{name} is empty.") from None
    except csv.Error as error:
        raise FileRefused(f"The header of {name} cannot be read: {error}.") from None
    if not any(header):
        raise FileRefused(f"{name} does not begin with the names of its columns: its first line is empty.")
    if twice := [column or "(no name)" for column, times in Counter(header).items() if times > 1]:
        raise FileRefused(f"Two columns of {name} have the same name: {', '.join(twice)}. Give each its own.")
    if missing := [column for column in columns if column not in header]:
        raise FileRefused(
            f"{name} has no column {', '.join(missing)}; it has {', '.join(header)}. "
            "If these run together, the delimiter is another one."
        )
    return SourceFile(name, header, hashlib.sha256(content).hexdigest(), dialect, text)


def check_text(name: str, content: bytes, dialect: Dialect) -> str:
    """Return the text of a file; raise `FileRefused` when it is too large, or is none: a spreadsheet, say."""
    encoding = dialect.encoding
    if len(content) > MAX_BYTES:
        raise FileRefused(f"{name} has {len(content):,} bytes; {MAX_BYTES:,} is the limit. Split it.")
    if content.startswith(_SPREADSHEETS):
        raise FileRefused(f"{name} is the file of a spreadsheet program, no text. Save it as CSV there, and take that.")
    try:
        text = content.decode("utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileRefused(
            f"{name} is not {encoding} text: line {line} has a byte that does not belong there. "
            "Say how it is written: another encoding, such as cp1252."
        ) from None
    except (LookupError, UnicodeError):
        raise FileRefused(f"{name} cannot be read as {encoding}: that is no encoding of texts.") from None
    if "\x00" in text:
        raise FileRefused(f"{name} holds zero bytes: it is no text file, or its encoding is another one (utf-16?).")
    if half := _SURROGATE.search(text):
        line = text.count("\n", 0, half.start()) + 1
        raise FileRefused(f"{name} has half a character in line {line}: its encoding is another one than {encoding}.")
    if not text.strip():
        raise FileRefused(f"{name} is empty.")
    return text


def _lines(text: str) -> Iterator[str]:
    """Yield the lines with their ends, as the reader of CSV wants them; io.StringIO would hold four bytes a letter."""
    return (found.group() for found in _LINE.finditer(text))


def reader(text: str, dialect: Dialect) -> "_csv.Reader":
    """Return what yields the lists of cells of `text`, the header first; it raises `csv.Error`."""
    csv.field_size_limit(MAX_CELL)
    return csv.reader(
        _lines(text),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
        strict=False,
    )
