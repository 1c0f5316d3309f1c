"""Lines of the log: nobody who sends a request writes lines of their own."""

import logging
import re
import sys

import pytest

from webapp.log_lines import LogLines, one_line


def entry(message: str, error: Exception | None = None) -> str:
    where = None
    if error is not None:
        try:
            raise error
        except type(error):
            where = sys.exc_info()
    return LogLines().format(logging.LogRecord("comity.web", logging.INFO, "x.py", 1, "%s refused", (message,), where))


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("/a\r\n2026-01-01 ERROR", "/a\\x0d\\x0a2026-01-01 ERROR"),
        ("\0\x1b[2J\x7f\x85\t", "\\x00\\x1b[2J\\x7f\\x85\\x09"),
        ("\u2028\ud800", "\\u2028\\ud800"),
        ("Übersicht 😀", "Übersicht 😀"),
    ],
)
def test_control_characters_are_written_out(typed: str, written: str) -> None:
    assert one_line(typed) == written
    assert len(entry(typed).splitlines()) == 1


def test_the_lines_of_a_trace_look_like_no_entry() -> None:
    first, *trace = entry("A page", ValueError("one\n2026-01-01 00:00:00,000 ERROR comity.web made up")).splitlines()
    assert re.match(r"\d{4}-\d\d-\d\d .* INFO comity\.web A page refused$", first)
    assert any("made up" in line for line in trace)
    assert all(line.startswith("  ") for line in trace)
