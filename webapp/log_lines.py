"""Owns how a line of the log looks: what somebody typed stays within the line that tells of it.

It decides nothing about what is logged. Traces are indented: no line of theirs looks like the begin of an entry.
"""

import logging
import re
import textwrap
from types import TracebackType
from typing import Final

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What would begin a new line, or do something to a terminal; and halves of surrogate pairs, which no file takes."""


class LogLines(logging.Formatter):
    r"""Writes time (of the machine), level, logger and message; control characters of a message as `\xNN`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that logging calls
        """Return the line of `record`, without its trace."""
        return one_line(super().formatMessage(record))

    def formatException(  # noqa: N802 - the name that logging calls
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Return the trace of an error, indented."""
        return textwrap.indent(super().formatException(ei), "  ", lambda _line: True)


def one_line(text: str) -> str:
    r"""Return `text` with its control characters written out: a line break becomes `\x0a`."""
    return _CONTROL.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    number = ord(found.group())
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
