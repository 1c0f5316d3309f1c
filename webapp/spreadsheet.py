"""CSV that a spreadsheet cannot mistake for formulas; it knows nothing of what the cells mean."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

_WITHIN: Final = re.compile(r'([;\t\r\n][ "]*)(?=[=+@]|-[^\s-])')
"""Where a formula would begin for a spreadsheet that takes another character between cells, as in many languages.

Such a one does not heed quotes within a line. A list with dashes is left alone.
"""


def harmless(value: Any) -> Any:
    """Return `value`, a text with an apostrophe before whatever could be read as a formula; numbers stay numbers."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = _WITHIN.sub(r"\1'", value)
    return f"'{text}" if value.lstrip(" \n").startswith(_FORMULA) else text


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
