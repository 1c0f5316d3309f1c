"""`comity log`: the activity log as CSV."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from tests.webapp.cli.command import Comity, run
from tests.webapp.cli.content import alarm


@pytest.fixture(autouse=True)
def _lived_in(comity: Comity, engine: ProcessEngine) -> None:
    engine.repository.deploy({"wake_up.bpmn": alarm(3600)}, name="Alarm", actor=ENGINE)
    yesterday = engine.with_clock(lambda: datetime.now(UTC) - timedelta(days=1))
    yesterday.runtime.start("take_order", {"title": '=HYPERLINK("x")'}, actor=ENGINE, channel="call")
    engine.runtime.start("wake_up", {}, actor=engine.identity.actor("anna"))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_log_holds_every_event(comity: Comity) -> None:
    found = rows(comity.well("log"))
    assert {row["definition_key"] for row in found} == {"take_order", "wake_up"}
    started = [row for row in found if row["kind"] == "case.started"]
    assert {(row["actor"], row["channel"]) for row in started} == {("anna", ""), ("engine", "call")}
    assert len({row["id"] for row in found}) == len(found)


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        (["--process", "wake_up"], {"wake_up"}),
        (["--since", f"{datetime.now(UTC) - timedelta(hours=12):%Y-%m-%d %H:%M:%S}"], {"wake_up"}),
        (["--until", f"{datetime.now(UTC) - timedelta(hours=12):%Y-%m-%d %H:%M:%S}"], {"take_order"}),
        (["--as", "anna"], {"wake_up"}),
        (["--as", "ines"], set()),
    ],
)
def test_it_is_narrowed(comity: Comity, options: list[str], keys: set[str]) -> None:
    assert {row["definition_key"] for row in rows(comity.well("log", *options))} == keys


def test_a_process_that_there_is_not_is_said(comity: Comity) -> None:
    said = comity("log", "--process", "nothing")
    assert said.code == 1
    assert "There is no process 'nothing'" in said.err


def test_a_file_is_written_as_the_screen_shows_it(comity: Comity, tmp_path: Path) -> None:
    said = comity("log", "--output", tmp_path / "log.csv")
    assert said.out == ""
    text = (tmp_path / "log.csv").read_text(encoding="utf-8")
    assert said.err == f"{len(rows(text))} events written to {tmp_path / 'log.csv'}.\n"
    assert rows(text) == rows(comity.well("log"))


def test_text_like_a_formula_is_harmless(comity: Comity, engine: ProcessEngine) -> None:
    case = engine.history.cases(ENGINE).rows[-1]
    engine.runtime.cancel(case.id, "=1+1", actor=ENGINE)
    cells = [cell for row in rows(comity.well("log")) for cell in row.values()]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_lines_end_as_csv_has_them(comity: Comity, tmp_path: Path) -> None:
    comity.well("log", "--output", tmp_path / "log.csv")
    content = (tmp_path / "log.csv").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n")
    assert b"\r\r" not in content


def test_a_file_that_cannot_be_written_is_told(comity: Comity, tmp_path: Path) -> None:
    assert comity("log", "--output", tmp_path / "none" / "log.csv").refusal().startswith(f"{tmp_path}/none/log.csv")


def test_a_time_that_is_none_is_wrong_usage(comity: Comity) -> None:
    assert comity("log", "--since", "yesterday").code == 2


def test_a_reader_that_has_seen_enough_is_no_error(comity: Comity, tmp_path: Path) -> None:
    said = run(comity.url, "log", folder=tmp_path)
    assert said.code == 0
    assert said.err == ""
    assert len(rows(said.out)) > 3


def test_details_are_json(comity: Comity, engine: ProcessEngine) -> None:
    case = engine.history.cases(ENGINE).rows[-1]
    engine.runtime.cancel(case.id, 'It\'s "over"', actor=ENGINE)
    details = [json.loads(row["detail"]) for row in rows(comity.well("log"))]
    assert 'It\'s "over"' in [detail.get("reason") for detail in details]
