"""Records that are probably about the same: alike on both databases, never more than the actor may see."""

import pytest
import sqlalchemy as sa

from engine.errors import DefinitionRefused, NotFound
from engine.registers.views import SimilarRecord
from engine.types import ENGINE, Actor
from tests.engine.registers.world import REGISTERS, deploy, need, save
from tests.engine.stage import ADA, ANN, OLGA, OTTO, Stage, form

REMINDERS = "Patients forget their appointments. We would like reminders by text message the day before."
CLOSED = REGISTERS.replace(b"statuses: [new, final]", b"statuses: [new, final, gone]\n    closed: [gone]", 1)


@pytest.fixture
def needs(stage: Stage) -> Stage:
    deploy(stage, {"type": "textarea", "key": "title", "label": "Title"}, "text", registers=CLOSED)
    need(stage, "Reminders of appointments", text="Send patients a text message the day before the appointment.")
    need(stage, "Opening hours", text="Show opening hours of each clinic while patients book.")
    need(stage, "Faster printing of labels", text="The label printer in the laboratory takes a minute.")
    return stage


def found(stage: Stage, text: str, actor: Actor = ANN, limit: int = 5) -> list[str]:
    return [each.id for each in stage.engine.registers.similar("needs", text, actor, limit)]


def test_a_need_in_other_words_is_found(needs: Stage) -> None:
    assert found(needs, REMINDERS) == ["N-0001"]
    (one,) = needs.engine.registers.similar("needs", REMINDERS, ANN)
    assert isinstance(one, SimilarRecord)
    assert (one.title, one.status, one.organisation_id) == ("Reminders of appointments", None, "acme")
    assert 0 < one.likeness <= 1


def test_what_is_about_something_else_is_not(needs: Stage) -> None:
    assert found(needs, "A bicycle shed at the northern entrance, with lights") == []
    assert found(needs, "patients") == [], "one word in common makes nothing alike"
    assert found(needs, "") == []


def test_the_most_alike_comes_first_and_the_number_is_bounded(needs: Stage) -> None:
    for number in range(7):
        need(needs, f"Reminders of appointments {number}", text="Send patients a text message the day before.")
    need(needs, "Reminders", text=REMINDERS)
    assert found(needs, REMINDERS)[0] == "N-0011"
    assert len(found(needs, REMINDERS)) == 5
    assert len(found(needs, REMINDERS, limit=2)) == 2


def test_a_new_version_is_found_by_its_new_words_only(needs: Stage) -> None:
    needs.engine.registers.save("needs", "N-0001", {"title": "Bicycle shed", "text": "northern entrance"}, actor=ENGINE)
    assert found(needs, REMINDERS) == []
    assert found(needs, "a shed for bicycles at the entrance") == ["N-0001"]


def test_only_what_the_actor_may_see_is_told(needs: Stage) -> None:
    assert found(needs, REMINDERS, OLGA) == ["N-0001"]
    assert found(needs, REMINDERS, OTTO) == []
    assert found(needs, REMINDERS, ADA) == []
    assert needs.engine.registers.similar("nowhere", REMINDERS, ANN) == []
    assert needs.engine.registers.similar("case", REMINDERS, ANN) == []


def test_closed_records_are_not_told(needs: Stage) -> None:
    body = needs.engine.registers.record("needs", "N-0001", ENGINE).body
    needs.engine.registers.save("needs", "N-0001", body, actor=ENGINE, status="gone")
    assert found(needs, REMINDERS) == []
    needs.engine.registers.save("needs", "N-0001", body, actor=ENGINE, status="final")
    assert found(needs, REMINDERS) == ["N-0001"]


def test_records_of_other_registers_are_not_told(needs: Stage) -> None:
    save(needs, "answers", text=REMINDERS)
    assert found(needs, REMINDERS) == ["N-0001"]


HOSTILE = [
    "'\"`; DROP TABLE record; -- \\",
    "near(a b) OR NOT title: AND ^ * + - ( ) : & | ! <-> :*",
    "\"' OR 1=1",
    "\0\x01\ud800\U0001f600",
    "AND OR NOT NEAR",
    "%_" * 50,
    "reminder " * 12_000,
    " ".join(f"word{number}" for number in range(20_000)),
    "x" * 100_000,
    "²³ ½ ǆ ﬁ İ ẞ 日本語のテキスト क्षि",
    "((((" * 1000,
    "'a':* & 'b'",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_harm_nothing(needs: Stage, text: str) -> None:
    assert found(needs, text) in ([], ["N-0001"])
    needs.engine.registers.page("needs", ANN, text=text)
    assert len(needs.engine.registers.page("needs", ANN).rows) == 3
    need(needs, "Hostile", text="".join(letter for letter in text if letter.isprintable())[:200])
    assert "N-0001" in found(needs, REMINDERS)


def test_the_search_outlives_a_tidied_database(needs: Stage) -> None:
    with needs.engine.database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        if needs.engine.database.dialect == "sqlite":
            raw.cursor().execute("PRAGMA query_only=0")
        raw.cursor().execute("VACUUM")
    assert found(needs, REMINDERS) == ["N-0001"]
    need(needs, "Bicycle shed", text="northern entrance")
    assert found(needs, "a shed for bicycles at the entrance") == ["N-0004"]


def test_the_words_of_a_removed_record_are_gone(needs: Stage) -> None:
    with needs.engine.database.write() as connection:
        connection.execute(sa.text("delete from record_version where record_id = 'N-0001'"))
        connection.execute(sa.text("delete from record where id = 'N-0001'"))
    assert found(needs, REMINDERS) == []
    with pytest.raises(NotFound):
        needs.engine.registers.record("needs", "N-0001", ANN)


def test_a_form_that_looks_in_a_register_that_is_not_there_is_refused(needs: Stage) -> None:
    field = {"type": "textarea", "key": "text", "label": "Text", "properties": {"similar": "nedes"}}
    with pytest.raises(DefinitionRefused) as refused:
        needs.deploy(wanted__form=form("wanted", field))
    (finding,) = refused.value.findings
    assert (finding.file, finding.rule) == ("wanted.form", "form-register")
    assert "'nedes'" in finding.message
    needs.deploy(wanted__form=form("wanted", {**field, "properties": {"similar": "needs"}}))
