"""CSV that a spreadsheet cannot mistake for formulas; it knows nothing of what the cells mean."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: Any) -> Any:
    """Return `value`, a text that begins like a formula with an apostrophe before it; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" \n").startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file (RFC 4180) with that header."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    yield buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()
