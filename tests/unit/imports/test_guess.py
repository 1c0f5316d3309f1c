"""The guess how a file is written, and which column fills which field."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.forms_protocol import FormField
from engine.imports.guess import guess
from engine.imports.proposals import proposed
from engine.imports.source import Dialect, parse

WORDS = st.text(st.sampled_from("abc dé"), min_size=1, max_size=12).map(lambda word: f"w{word}w")


@pytest.mark.parametrize(
    ("content", "dialect"),
    [
        ("a;b\n1;2\n", Dialect(";")),
        ("a\tb\nx; y\tit's\n", Dialect("\t")),
        ("a|b\nx, y|z\n", Dialect("|")),
        ('a,b\n"x, y",z\n', Dialect(",")),
        ("a;b\n'x; y';'it''s'\n", Dialect(";", "'")),
        ('a,b\n"x \\"q\\", y",z\n', Dialect(",", '"', "\\")),
        ('Text,N\n5" pipe,1\n', Dialect(",")),
        ('Text\tN\n"open,1\tx\ny\tz\n', Dialect("\t", "'")),
        ("a,a\n1,2\n", Dialect(",")),
    ],
)
def test_the_dialect_is_guessed(content: str, dialect: Dialect) -> None:
    assert guess(content.encode()) == dialect


def test_one_column_of_free_text_stays_one() -> None:
    source = b"Text\nA lamp, a table, and a chair\nA lamp\nTwo, please\n"
    assert parse("f", source, guess(source)).columns == ("Text",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_guessed(encoding: str) -> None:
    text = "Name;Ort\n" + "Türkis;Köln\n" * 30
    content = text.encode(encoding)
    source = parse("f", content, guess(content))
    assert source.columns == ("Name", "Ort")
    assert [row.cells for row in source.rows()] == [("Türkis", "Köln")] * 30


def test_any_bytes_can_be_guessed() -> None:
    for content in (b"", b"\n", b"\x81\x8d\n", b"\xff\xfe", b"\xff\xfea", b'"', b"\0\0\0", b"\0a\0b"):
        guess(content)


@given(
    st.sampled_from(",;\t|"),
    st.sampled_from("\"'"),
    st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(WORDS, min_size=width, max_size=width), min_size=2)),
    st.sampled_from(["utf-8", "cp1252", "utf-16"]),
)
def test_what_was_written_with_quotes_is_read_as_it_was(
    delimiter: str, quote: str, rows: list[list[str]], encoding: str
) -> None:
    header = [f"h{number}" for number in range(len(rows[0]))]
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, quotechar=quote, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    content = stream.getvalue().encode(encoding)
    source = parse("f", content, guess(content))
    assert source.columns == tuple(header)
    assert [list(row.cells) for row in source.rows()] == rows


def test_a_large_file_is_guessed_from_its_beginning() -> None:
    content = ("a;b\n" + "1;2\n" * 100_000).encode("utf-16")
    assert guess(content) == Dialect(";", encoding="utf-16")


@given(st.text(st.sampled_from('a,"\r\n \x0b\x85\u2028'), max_size=30))
def test_lines_are_those_of_a_file(text: str) -> None:
    """A file object hands lines to the reader of CSV; ours come without a copy in memory, and have to be the same."""
    found = parse("f", f"h\n{text}".encode(), Dialect())
    theirs = list(csv.reader(io.StringIO(text, newline="")))
    assert [list(row.cells) for row in found.rows()] == [cells for cells in theirs if cells]


def field(key: str, label: str) -> FormField:
    return FormField(key, label, "textfield")


def test_columns_are_proposed_by_label_or_key() -> None:
    fields = [field("title", "What is it about?"), field("organisation", "Organisation"), field("note", "Remark")]
    assert proposed(fields, ["Organization", "REMARK", "Title ", "Other"]) == {
        "title": "Title ",
        "organisation": "Organization",
        "note": "REMARK",
    }


@given(st.lists(st.text(max_size=8), max_size=6, unique=True), st.lists(st.text(max_size=8), max_size=6, unique=True))
def test_no_column_is_proposed_twice(names: list[str], columns: list[str]) -> None:
    found = proposed([field(f"k{number}", name) for number, name in enumerate(names)], columns)
    assert len(set(found.values())) == len(found)
    assert set(found.values()) <= set(columns)
