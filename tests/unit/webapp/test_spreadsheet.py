"""Exports that a spreadsheet cannot mistake for formulas."""

import csv
import io

import pytest

from webapp.spreadsheet import harmless, lines


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "  =cmd|' /C calc'!A0"])
def test_a_text_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("\t=1", "'\t'=1"),
        ("\n=1", "'\n'=1"),
        ("slow;=cmd|' /C calc'!A0", "slow;'=cmd|' /C calc'!A0"),
        ('slow; "=1+1"', 'slow; "\'=1+1"'),
        ("a\t@SUM(A1);+1", "a\t'@SUM(A1);'+1"),
        ("a\r\n-cmd|' '!A0", "a\r\n'-cmd|' '!A0"),
    ],
)
def test_nor_does_a_text_hold_one_where_other_spreadsheets_end_a_cell(text: str, made: str) -> None:
    """Where the comma is for decimals, a spreadsheet splits lines at semicolons, within quotes too."""
    assert harmless(text) == made


@pytest.mark.parametrize("value", ["plain", "1 = 1", "two:\n- one\n- other", "a; b", "x\n---\ny", -5, 2.5, True])
def test_everything_else_stays(value: object) -> None:
    assert harmless(value) == value


def test_lines_are_read_back_as_rows() -> None:
    text = "".join(lines(["a", "b"], [["x\ny", None], ["=1", 'q"']]))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["a", "b"], ["x\ny", ""], ["'=1", 'q"']]
