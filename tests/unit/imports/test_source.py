"""Reading CSV files with a stated dialect."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.imports.source import Dialect, FileRefused, parse, read

SINGLE_QUOTED = Dialect(quote="'")


def test_rows_name_their_cells_by_the_header_and_know_their_place() -> None:
    source = parse("needs.csv", b"id,text\n1,'a, b'\n\n2,'c\nd'\n", SINGLE_QUOTED)
    rows = list(source.rows())
    assert [row.values for row in rows] == [{"id": "1", "text": "a, b"}, {"id": "2", "text": "c\nd"}]
    assert [(row.number, row.line) for row in rows] == [(1, 2), (2, 5)]


def test_a_row_with_another_number_of_cells_is_a_refusal_and_the_rest_goes_on() -> None:
    rows = list(parse("needs.csv", b"id,text\n1,a,b\n2,c\n", Dialect()).rows())
    assert rows[0].values is None
    assert "3 cells, the header has 2" in (rows[0].refusal or "")
    assert rows[1].values == {"id": "2", "text": "c"}


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert parse("n.csv", b"\xef\xbb\xbfid\n1\n", Dialect()).columns == ("id",)


def test_text_like_a_formula_stays_as_it_is() -> None:
    (row,) = parse("n.csv", b"text\n=1+1\n", Dialect()).rows()
    assert row.values == {"text": "=1+1"}


@pytest.mark.parametrize(
    ("content", "dialect", "columns", "words"),
    [
        (b"", Dialect(), (), "is empty"),
        (b"text\nna\xefve\n", Dialect(), (), "line 2 has a byte"),
        (b"a;b\n1;2\n", Dialect(), ("b",), "no column b; it has a;b"),
        (b"a,a\n1,2\n", Dialect(), (), "same name"),
        (b"a\x00,b\n", Dialect(), (), "zero bytes"),
        (b"a\n", Dialect(delimiter="||"), (), "must be one character"),
        (b"a\n", Dialect(delimiter='"'), (), "cannot be the quote"),
        (b"a\n", Dialect(encoding="klingon"), (), "no encoding 'klingon'"),
        (b"a\n", Dialect(encoding="a\x00b"), (), "no encoding"),
        (b"a\nb-" + b"c0d" * 300_000, Dialect(encoding="punycode"), (), "no encoding 'punycode'"),
        (b"a\n\\ud800\n", Dialect(encoding="raw_unicode_escape"), (), "no encoding"),
        (b"a\n+2AA-\n", Dialect(encoding="utf-7"), (), "half a character in line 2"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    content: bytes, dialect: Dialect, columns: tuple[str, ...], words: str
) -> None:
    with pytest.raises(FileRefused, match=words):
        parse("needs.csv", content, dialect, columns)


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "big.csv"
    file.write_bytes(b"a\n" + b"x\n" * 100)
    monkeypatch.setattr("engine.imports.source.MAX_BYTES", 50)
    with pytest.raises(FileRefused, match="50 is the limit"):
        read(file, Dialect())


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be opened"):
        read(tmp_path / "none.csv", Dialect())


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
            min_size=2,
            max_size=2,
        ),
        max_size=10,
    )
)
def test_what_csv_writes_is_read_back(rows: list[list[str]]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    source = parse("n.csv", buffer.getvalue().encode(), Dialect())
    assert [list(row.cells) for row in source.rows()] == rows


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_a_refusal(content: bytes) -> None:
    try:
        rows = list(parse("n.csv", content, Dialect()).rows())
    except FileRefused:
        return
    assert all((row.values is None) == (row.refusal is not None) for row in rows)
