"""What all commands have in common: the database, and one sentence for every fault."""

import sqlite3
from pathlib import Path

import pytest

from engine.persistence import schema
from tests.webapp.cli.command import Comity, Said, run

NEWEST = f"The database has version {schema.newest_version()}.\n"


def test_help_names_every_command(comity: Comity) -> None:
    text = comity.well("--help")
    for name in (
        "serve",
        "migrate",
        "deploy",
        "lint",
        "import",
        "message",
        "outbox",
        "users",
        "groups",
        "operations",
        "log",
    ):
        assert f"\n  {name} " in text


@pytest.mark.parametrize("group", [(), ("case",), ("starts",), ("users",), ("groups",), ("figures",)])
def test_what_help_says_of_each_command_is_whole(comity: Comity, group: tuple[str, ...]) -> None:
    _, commands = comity.well(*group, "--help").split("Commands:\n")
    assert not [line for line in commands.splitlines() if line.endswith("...")]


def test_the_database_comes_from_the_environment(comity: Comity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_DATABASE", comity.url)
    comity.url = ""
    assert "anna" in comity.well("users", "list")


def test_without_a_word_it_is_a_file_below_the_working_folder(tmp_path: Path) -> None:
    assert run(None, "migrate", folder=tmp_path) == Said(0, NEWEST, "")
    assert (tmp_path / "var" / "comity.sqlite").is_file()


def test_migrate_says_the_version_and_changes_nothing_the_second_time(comity: Comity) -> None:
    assert comity.well("migrate") == comity.well("migrate") == NEWEST


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "no address such as"),
        ("sqlite://", "name a file"),
        ("mysql://anna:secret@127.0.0.1/x", "use SQLite or PostgreSQL"),
        ("postgresql://anna:secret@127.0.0.1:1/x?connect_timeout=2", "cannot be used"),
        ("sqlite:////proc/no/such/place.sqlite", "cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_a_sentence(comity: Comity, url: str, words: str) -> None:
    comity.url = url
    sentence = comity("users", "list").refusal()
    assert words in sentence
    assert "secret" not in sentence


def test_a_file_that_is_no_database_is_told(comity: Comity, tmp_path: Path) -> None:
    file = tmp_path / "letter.sqlite"
    file.write_text("Dear Sir or Madam, " * 100, encoding="utf-8")
    comity.url = f"sqlite:///{file}"
    assert "cannot be used: file is not a database" in comity("migrate").refusal()


def test_a_database_of_a_newer_program_is_left_alone(comity: Comity, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "comity.sqlite") as connection:
        connection.execute("UPDATE comity_version SET version_num = '9999'")
    connection.close()
    assert "version 9999, which this program does not know" in comity("users", "list").refusal()


def test_letters_that_a_pipe_has_no_bytes_for_stop_nothing(
    comity: Comity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comity("groups", "add", "readers", "--name", "Čtou")
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    said = run(comity.url, "groups", "list", folder=tmp_path)
    assert (said.code, said.err) == (0, "")
    assert "\\u010ctou" in said.out


def test_wrong_usage_is_code_2_and_says_where_help_is(comity: Comity) -> None:
    said = comity("users", "add")
    assert said.code == 2
    assert "Missing argument 'USER'" in said.err
    assert comity("dance").code == 2


def test_an_unknown_person_to_act_as_is_refused(comity: Comity) -> None:
    assert "no account 'nobody'" in comity("outbox", "--as", "nobody").refusal()


def test_an_unexpected_error_is_one_sentence_and_its_trace_a_file(
    comity: Comity, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("a secret of the program")

    monkeypatch.setattr("engine.identity.IdentityService.users", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sentence = comity("users", "list").refusal()
    (trace,) = tmp_path.glob("comity-*.log")
    assert sentence == f"Comity failed unexpectedly (ZeroDivisionError); the trace is in {trace}."
    assert "a secret of the program" in trace.read_text(encoding="utf-8")
