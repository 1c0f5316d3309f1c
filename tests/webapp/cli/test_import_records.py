"""`comity import --register`: rows become records, by the form and the rights of the register."""

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from tests.webapp.cli.command import TO_PARTS, Comity, Write, counts


def test_rows_become_records_with_a_status(comity: Comity, engine: ProcessEngine, sheet: Write) -> None:
    file = sheet("Code,Name\na4,Axle\nb7,Bolt\n")
    assert counts(comity("import", file, *TO_PARTS, "--status", "new")) == {"taken": 2}
    rows = engine.registers.page("parts", ENGINE).rows
    assert {(row.id, row.title, row.status) for row in rows} == {("a4", "Axle", "new"), ("b7", "Bolt", "new")}
    assert counts(comity("import", file, *TO_PARTS)) == {"already": 2}


def test_records_with_numbers_are_numbered_in_the_order_of_the_rows(
    comity: Comity, engine: ProcessEngine, sheet: Write
) -> None:
    comity.well("import", sheet("Text\nfirst\nsecond\n"), "--register", "remarks", "--column", "text=Text")
    rows = engine.registers.page("remarks", ENGINE).rows
    assert {row.id: row.title for row in rows} == {"R-0001": "first", "R-0002": "second"}


def test_a_dry_run_sees_what_records_would_clash(comity: Comity, engine: ProcessEngine, sheet: Write) -> None:
    engine.registers.save("parts", None, {"code": "a4", "name": "Axle"}, actor=ENGINE)
    file = sheet("Code,Name\na4,Axis\nb7,Bolt\nb7,Bold\n,Cog\n")
    planned = comity("import", file, *TO_PARTS, "--dry-run")
    assert counts(planned) == {"would be taken": 1, "refused": 3}
    assert len(engine.registers.page("parts", ENGINE).rows) == 1
    done = comity("import", file, *TO_PARTS)
    assert counts(done) == {"taken": 1, "refused": 3}
    assert [line.partition(")")[0] for line in planned.err.splitlines()] == [
        line.partition(")")[0] for line in done.err.splitlines()
    ]


def test_who_does_not_maintain_a_register_imports_nothing(comity: Comity, sheet: Write) -> None:
    assert "not yours" in comity("import", sheet("Code,Name\na4,Axle\n"), *TO_PARTS, "--as", "anna").refusal()


def test_a_status_that_the_register_does_not_have_is_refused_at_once(comity: Comity, sheet: Write) -> None:
    said = comity("import", sheet("Code,Name\na4,Axle\n"), *TO_PARTS, "--status", "lost")
    assert "Choose one of: new, old." in said.refusal()
