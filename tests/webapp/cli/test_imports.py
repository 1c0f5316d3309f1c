"""`comity import`: rows become cases or records, each once, or are refused with the reason."""

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from engine.views import CaseFilter
from tests.webapp.cli.command import TO_PARTS, Comity, Said, Write, command, counts, environment
from webapp.imports import CaseTarget

TO_CASES = ("--process", "take_order", "--column", "title=Title", "--column", "note=Note")


def titles(engine: ProcessEngine) -> list[str]:
    """Return the titles of the cases, oldest first."""
    rows = engine.history.cases(ENGINE, filter=CaseFilter(), limit=200).rows
    return [row.title for row in reversed(rows)]


def test_rows_become_cases(comity: Comity, engine: ProcessEngine, sheet: Write) -> None:
    said = comity("import", sheet("Title,Note\nlamp,\ntable,with drawers\n"), *TO_CASES, "--channel", "survey")
    assert said == Said(0, "2 rows: 2 taken.\n", "")
    assert titles(engine) == ["lamp", "table"]
    assert {engine.history.case(row.id, ENGINE).channel for row in engine.history.cases(ENGINE).rows} == {"survey"}


def test_the_cases_are_those_of_who_imports(comity: Comity, engine: ProcessEngine, sheet: Write) -> None:
    comity.well("import", sheet("Title,Note\nlamp,\n"), *TO_CASES, "--as", "anna")
    (row,) = engine.history.cases(engine.identity.actor("anna")).rows
    assert row.title == "lamp"
    sentence = comity("import", sheet("Title,Note\ntable,\n"), *TO_CASES, "--as", "ines").refusal()
    assert "process to start 'take_order'" in sentence
    assert titles(engine) == ["lamp"]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("Title;Note\n'lamp; red';'it''s'\n", ["--delimiter", "semicolon", "--quote", "'"]),
        ("Title\tNote\nlamp; red\tit's\n", ["--delimiter", "tab", "--quote", "none"]),
        ("Title|Note\nlamp; red|it's\n", ["--delimiter", "|"]),
        ("Title,Note\nlamp; red,it\\'s\n", ["--quote", "none", "--escape", "\\"]),
    ],
)
def test_the_dialect_is_stated(
    comity: Comity, engine: ProcessEngine, sheet: Write, text: str, options: list[str]
) -> None:
    comity.well("import", sheet(text), *TO_CASES, *options)
    (row,) = engine.history.cases(ENGINE).rows
    assert row.title == "lamp; red"
    said = comity("import", sheet("Title,Note\nlamp; red,it's\n"), *TO_CASES)
    assert counts(said) == {"already": 1}, "the same values, however they are written"


def test_another_encoding_is_stated(comity: Comity, engine: ProcessEngine, tmp_path: Path) -> None:
    file = tmp_path / "sheet.csv"
    file.write_bytes("Title,Note\nT\u00fcr,\n".encode("cp1252"))
    sentence = comity("import", file, *TO_CASES).refusal()
    assert "is not utf-8 text: line 2 has a byte that does not belong there" in sentence
    assert titles(engine) == []
    comity.well("import", file, *TO_CASES, "--encoding", "cp1252")
    assert titles(engine) == ["T\u00fcr"]


def test_fields_come_from_constants_and_expressions(comity: Comity, engine: ProcessEngine, sheet: Write) -> None:
    options = ["--process", "take_order", "--compute", "title=upper case(Short_name)", "--set", "note=from a list"]
    comity.well("import", sheet("Short name,Other\nlamp,x\n"), *options)
    assert titles(engine) == ["LAMP"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--column", "title=Name"], "has no column Name; it has Title, Note"),
        (["--column", "title=Title", "--delimiter", "tab"], "has no column Title; it has Title,Note"),
        (["--compute", "title=Naem"], "Naem in title=Naem is no column; expressions may use Title, Note"),
        (["--compute", "title=1 +"], "cannot be used"),
        (["--column", "title=Title", "--encoding", "klingon"], "no encoding 'klingon'"),
        (["--column", "title=Title", "--quote", ","], "cannot be the quote"),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(
    comity: Comity, engine: ProcessEngine, sheet: Write, options: list[str], words: str
) -> None:
    assert words in comity("import", sheet("Title,Note\nlamp,\n"), "--process", "take_order", *options).refusal()
    assert titles(engine) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--column", "title=Title"], "--process KEY or --register KEY"),
        ([*TO_CASES, "--register", "parts"], "--process KEY or --register KEY"),
        (["--process", "take_order"], "--column FIELD=COLUMN"),
        ([*TO_CASES, "--status", "new"], "--status goes with --register only"),
        ([*TO_PARTS, "--channel", "call"], "--channel goes with --process only"),
        ([*TO_CASES, "--set", "title=lamp"], "title is filled more often"),
        ([*TO_CASES, "--delimiter", "::"], "is not one character"),
        ([*TO_CASES, "--set", "title"], "no form like title=Summary"),
        ([*TO_CASES, "--refusals", "sheet.csv"], "names the file to import"),
    ],
)
def test_wrong_usage_is_told(comity: Comity, sheet: Write, options: list[str], words: str) -> None:
    file = sheet("Title,Note\nlamp,\n")
    said = comity("import", file, *options)
    assert said.code == 2
    assert words in " ".join(said.err.split())
    assert file.read_text(encoding="utf-8") == "Title,Note\nlamp,\n"


def test_a_missing_file_or_target_is_told(comity: Comity, sheet: Write, tmp_path: Path) -> None:
    assert "cannot be opened" in comity("import", tmp_path / "none.csv", *TO_CASES).refusal()
    file = sheet("Title,Note\nlamp,\n")
    assert "'eat_order'" in comity("import", file, "--process", "eat_order", "--column", "title=Title").refusal()
    assert "'stars'" in comity("import", file, "--register", "stars", "--column", "title=Title").refusal()


def test_a_file_over_the_limit_is_refused(
    comity: Comity, engine: ProcessEngine, sheet: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.imports.source.MAX_BYTES", 20)
    assert "20 is the limit. Split it." in comity("import", sheet("Title,Note\nlamp,and more\n"), *TO_CASES).refusal()
    assert titles(engine) == []


def test_refused_rows_are_told_and_written_with_the_reason(
    comity: Comity, engine: ProcessEngine, sheet: Write, tmp_path: Path
) -> None:
    file = sheet('Title,Note\nlamp,\n,nameless\n"a title that is far too long",\none,two,three\nchair,\n')
    said = comity("import", file, *TO_CASES, "--refusals", tmp_path / "refused.csv")
    assert said.code == 1
    assert counts(said) == {"taken": 2, "refused": 3}
    assert "Row 2 (line 3) refused: title:" in said.err
    assert titles(engine) == ["lamp", "chair"]
    with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["row", "line", "reason", "Title", "Note"]
    assert [row[:2] + row[3:] for row in rows] == [
        ["2", "3", "", "nameless"],
        ["3", "4", "a title that is far too long", ""],
        ["4", "5", "one", "two", "three"],
    ]
    assert "20" in rows[1][2]
    assert "3 cells, the header has 2" in rows[2][2]


def test_many_refusals_do_not_flood_the_screen(comity: Comity, sheet: Write) -> None:
    said = comity("import", sheet("Title,Note\n" + ",x\n" * 25), *TO_CASES)
    assert counts(said) == {"refused": 25}
    assert len(said.err.splitlines()) == 11
    assert said.err.splitlines()[-1] == "... and 15 more."


def test_a_place_for_refusals_that_cannot_be_written_is_found_before_any_row(
    comity: Comity, engine: ProcessEngine, sheet: Write, tmp_path: Path
) -> None:
    said = comity("import", sheet("Title,Note\nlamp,\n"), *TO_CASES, "--refusals", tmp_path / "none" / "refused.csv")
    assert "cannot be used" in said.refusal()
    assert titles(engine) == []


def test_a_dry_run_tells_the_same_and_changes_nothing(comity: Comity, engine: ProcessEngine, sheet: Write) -> None:
    file = sheet("Title,Note\nlamp,\n,nameless\n")
    said = comity("import", file, *TO_CASES, "--dry-run")
    assert said.code == 1
    assert counts(said) == {"would be taken": 1, "refused": 1}
    assert "Row 2 (line 3) refused: title:" in said.err
    assert titles(engine) == []
    assert comity.well("outbox") == ""
    assert counts(comity("import", file, *TO_CASES)) == {"taken": 1, "refused": 1}
    assert counts(comity("import", file, *TO_CASES, "--dry-run")) == {"already": 1, "refused": 1}


def test_a_file_comes_in_once_and_a_corrected_one_brings_what_is_new(
    comity: Comity, engine: ProcessEngine, sheet: Write
) -> None:
    file = sheet("Title,Note\nlamp,\n,nameless\n")
    comity("import", file, *TO_CASES)
    assert counts(comity("import", file, *TO_CASES)) == {"already": 1, "refused": 1}
    said = comity("import", sheet("Title,Note\nlamp,\nchair,nameless\n"), *TO_CASES)
    assert counts(said) == {"taken": 1, "already": 1}
    assert titles(engine) == ["lamp", "chair"]


def test_a_row_that_stands_twice_comes_in_twice_but_not_a_third_time(
    comity: Comity, engine: ProcessEngine, sheet: Write
) -> None:
    file = sheet("Title,Note\nlamp,\nlamp,\n")
    assert counts(comity("import", file, *TO_CASES)) == {"taken": 2}
    assert counts(comity("import", file, *TO_CASES)) == {"already": 2}
    assert titles(engine) == ["lamp", "lamp"]


def test_text_like_a_formula_is_kept_and_harmless_in_the_refusals(
    comity: Comity, engine: ProcessEngine, sheet: Write, tmp_path: Path
) -> None:
    file = sheet('Title,Note\n=1+1,\n"@SUM(A1:A9)+a long one",-2\n')
    comity("import", file, *TO_CASES, "--refusals", tmp_path / "refused.csv")
    assert titles(engine) == ["=1+1"]
    with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream))[1][3:] == ["'@SUM(A1:A9)+a long one", "'-2"]


def test_a_file_with_a_header_only_is_no_error(comity: Comity, sheet: Write) -> None:
    assert comity.well("import", sheet("Title,Note\n"), *TO_CASES) == "0 rows: nothing to do.\n"
    assert "is empty" in comity("import", sheet(""), *TO_CASES).refusal()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_there_is_a_progress_bar_on_a_terminal_and_nowhere_else(comity: Comity, sheet: Write, tmp_path: Path) -> None:
    file = sheet("Title,Note\nlamp,\n")
    assert comity("import", file, *TO_CASES, "--dry-run").err == ""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        command(comity.url, "import", file, *TO_CASES),
        cwd=tmp_path,
        env={**environment(), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    ) as process:
        os.close(theirs)
        out, _ = process.communicate(timeout=60)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert out == "1 row: 1 taken.\n"
    assert "100%" in shown


def test_an_import_that_is_interrupted_says_so_and_goes_on_later(
    comity: Comity, engine: ProcessEngine, sheet: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = sheet("Title,Note\nlamp,\ntable,\n")
    with monkeypatch.context() as patch:
        calls = iter((None, KeyboardInterrupt))
        real = CaseTarget.take

        def take(self: CaseTarget, *arguments: Any) -> str:
            if next(calls):
                raise KeyboardInterrupt
            return real(self, *arguments)

        patch.setattr(CaseTarget, "take", take)
        assert comity("import", file, *TO_CASES) == Said(130, "", "\nStopped.\n")
    assert titles(engine) == ["lamp"]
    assert counts(comity("import", file, *TO_CASES)) == {"taken": 1, "already": 1}
