"""Reading a CSV file with a stated dialect into rows, each with its place in the file.

It knows nothing of forms or cases.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.errors import ComityError
from engine.types import Json

if TYPE_CHECKING:
    import _csv

MAX_BYTES: Final = 50_000_000
MAX_CELL: Final = 100_000


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

    def check(self) -> None:
        """Raise `FileRefused` when the dialect itself cannot be used."""
        for name, mark in (("delimiter", self.delimiter), ("quote", self.quote), ("escape", self.escape)):
            if mark is not None and (len(mark) != 1 or mark in "\r\n"):
                raise FileRefused(f"The {name} must be one character; {mark!r} was given.")
        if self.delimiter in (self.quote, self.escape):
            raise FileRefused("The delimiter cannot be the quote or the escape character as well.")
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise FileRefused(f"There is no encoding {self.encoding!r}. Common ones: utf-8, cp1252, utf-16.") from None


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
class SourceFile:
    """A CSV file in memory with its header. The digest names its content."""

    name: str
    columns: tuple[str, ...]
    digest: str
    dialect: Dialect
    text: str

    def rows(self) -> Iterator[SourceRow]:
        """Yield the rows below the header; empty lines are passed over."""
        reader = _reader(self.text, self.dialect)
        next(reader)
        number = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                number += 1
                yield SourceRow(number, reader.line_num, (), None, f"The row cannot be read: {error}.")
                continue
            if not cells:
                continue
            number += 1
            yield self._row(number, reader.line_num, cells)

    def _row(self, number: int, line: int, cells: Sequence[str]) -> SourceRow:
        if len(cells) != len(self.columns):
            refusal = (
                f"The row has {len(cells)} cells, the header has {len(self.columns)}: "
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
    if len(content) > MAX_BYTES:
        raise FileRefused(f"{name} has {len(content):,} bytes; {MAX_BYTES:,} is the limit. Split it.")
    try:
        text = content.decode("utf-8-sig" if codecs.lookup(dialect.encoding).name == "utf-8" else dialect.encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileRefused(
            f"{name} is not {dialect.encoding} text: line {line} has a byte that does not belong there. "
            "Say how it is written with --encoding, such as cp1252."
        ) from None
    if "\x00" in text:
        raise FileRefused(f"{name} holds zero bytes: it is no text file, or its encoding is another one (utf-16?).")
    try:
        header = tuple(cell.strip() for cell in next(_reader(text, dialect)))
    except StopIteration:
        raise FileRefused(f"{name} is empty.") from None
    except csv.Error as error:
        raise FileRefused(f"The header of {name} cannot be read: {error}.") from None
    if len(set(header)) != len(header):
        raise FileRefused(f"Two columns of {name} have the same name: {', '.join(header)}.")
    if missing := [column for column in columns if column not in header]:
        raise FileRefused(
            f"{name} has no column {', '.join(missing)}; it has {', '.join(header)}. "
            "If these run together, the delimiter is another one."
        )
    return SourceFile(name, header, hashlib.sha256(content).hexdigest(), dialect, text)


def _reader(text: str, dialect: Dialect) -> "_csv.Reader":
    csv.field_size_limit(MAX_CELL)
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
        strict=False,
    )
