"""`comity migrate-cases`: says what would happen, moves what can be moved, and tells of each case that stays."""

from pathlib import Path

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from tests.webapp.cli.command import Comity
from tests.webapp.cli.content import order


@pytest.fixture
def two_versions(engine: ProcessEngine) -> None:
    """Two cases on the first version of a process; in the second, the event for which they wait has another id."""
    for title in ("A chair", "A table"):
        engine.runtime.start("take_order", {"title": title}, actor=ENGINE)
    changed = order().replace(b'"wait"', b'"await"').replace(b"Wait for the workshop", b"Await the workshop")
    engine.repository.deploy({"take_order.bpmn": changed}, name="Next", actor=ENGINE)


def _versions(engine: ProcessEngine) -> list[int]:
    rows = engine.history.cases(ENGINE).rows
    return sorted(engine.history.case(row.id, ENGINE).models[0].version for row in rows)


@pytest.mark.usefixtures("two_versions")
def test_a_dry_run_changes_nothing(comity: Comity, engine: ProcessEngine) -> None:
    said = comity("migrate-cases", "take_order", "1", "2", "--dry-run")
    assert (said.code, said.out) == (1, "0 of 2 cases would move.\n")
    assert said.err.splitlines()[0] == (
        "wait (Wait for the workshop) has no place: the other version has no such element. "
        "Say where it goes with --map wait=ID."
    )
    assert "C-000001 would stay: “Wait for the workshop”: the other version has no such element." in said.err
    told = comity.well("migrate-cases", "take_order", "1", "2", "--map", "wait=await", "--dry-run")
    assert told == "2 of 2 cases would move.\n"
    assert _versions(engine) == [1, 1]


@pytest.mark.usefixtures("two_versions")
def test_cases_move_and_those_that_cannot_are_named(comity: Comity, engine: ProcessEngine) -> None:
    said = comity("migrate-cases", "take_order", "1", "2")
    assert (said.code, said.out) == (1, "0 of 2 cases moved from version 1 to 2.\n")
    assert "C-000002 stays: “Wait for the workshop”: the other version has no such element." in said.err
    one = comity.well("migrate-cases", "take_order", "1", "2", "--map", "wait=await", "--case", "C-000002")
    assert one == "1 of 1 case moved from version 1 to 2.\n"
    assert _versions(engine) == [1, 2]
    comity.well("migrate-cases", "take_order", "1", "2", "--map", "wait=await", "--reason", "Better words")
    assert _versions(engine) == [2, 2]
    (case,) = [row for row in engine.history.cases(ENGINE).rows if row.number == "C-000001"]
    (told,) = [each for each in engine.history.timeline(case.id, ENGINE) if each.kind == "case.migrated"]
    assert told.detail["reason"] == "Better words"


@pytest.mark.usefixtures("two_versions")
@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("1", "3"), "take_order has no version 3. The newest is version 2."),
        (("1", "1"), "Choose another version"),
        (("2", "1"), "No case runs on version 2"),
        (("1", "2", "--case", "C-000009"), "C-000009"),
        (("1", "2", "--map", "nothing=await"), "no element 'nothing'"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(comity: Comity, arguments: tuple[str, ...], why: str) -> None:
    said = comity("migrate-cases", "take_order", *arguments)
    assert said.code == 1
    assert why in said.err.splitlines()[-1]


def test_a_mapping_has_two_sides(comity: Comity, tmp_path: Path) -> None:
    del tmp_path
    said = comity("migrate-cases", "take_order", "1", "2", "--map", "wait")
    assert (said.code, "no OLD=NEW" in said.err) == (2, True)
