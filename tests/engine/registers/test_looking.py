"""Registers as people look at them: lists, records, versions, and nothing of what is not theirs."""

from datetime import timedelta

import pytest

from engine.errors import InputRefused, NotFound
from engine.types import ENGINE, Actor
from engine.views import Cursor
from tests.engine.registers.world import KEEPER, need, save
from tests.engine.stage import ADA, ANN, CARL, OLGA, OTTO, Stage

LOST = Actor("lost", "Lost Originator", frozenset({"originator"}))


def _keys(stage: Stage, actor: Actor) -> dict[str, tuple[bool, bool]]:
    return {each.definition.key: (each.whole, each.maintains) for each in stage.engine.registers.registers(actor)}


def _ids(stage: Stage, actor: Actor = ENGINE, register: str = "needs", **asked: object) -> list[str]:
    return [row.id for row in stage.engine.registers.page(register, actor, **asked).rows]  # type: ignore[arg-type]  # the caller's options


def test_everybody_sees_the_registers_that_may_hold_something_for_them(registers: Stage) -> None:
    assert _keys(registers, ANN) == {
        "answers": (True, False),
        "customers": (True, False),
        "needs": (True, False),
        "policy": (True, False),
    }
    assert _keys(registers, CARL).keys() == {"customers", "needs", "policy"}
    assert _keys(registers, KEEPER) == dict.fromkeys(("answers", "customers", "needs", "policy"), (True, True))
    assert _keys(registers, OLGA) == {"needs": (False, False)}
    assert _keys(registers, ADA) == {"customers": (True, False)}
    assert _keys(registers, Actor("nobody", "Nobody")) == {}
    assert _keys(registers, ENGINE).keys() == {"answers", "case", "customers", "needs", "policy"}


def test_registers_come_by_their_names(registers: Stage) -> None:
    names = [each.definition.name for each in registers.engine.registers.registers(ENGINE)]
    assert names == sorted(names)


def test_a_page_holds_the_newest_changes_first(registers: Stage) -> None:
    for title in ("one", "two", "three"):
        need(registers, title)
        registers.clock.pass_by(minutes=1)
    assert _ids(registers) == ["N-0003", "N-0002", "N-0001"]
    registers.engine.registers.save("needs", "N-0001", {"title": "changed"}, actor=ENGINE)
    (first, *_) = registers.engine.registers.page("needs", ANN).rows
    assert (first.id, first.title, first.version, first.status) == ("N-0001", "changed", 2, None)
    assert first.changed_at - first.created_at == timedelta(minutes=3)


@pytest.mark.parametrize("apart", [0, 1])
def test_pages_follow_one_another_without_gap_or_repetition(registers: Stage, apart: int) -> None:
    for count in range(7):
        need(registers, f"need {count}")
        registers.clock.pass_by(seconds=apart)
    found: list[str] = []
    after = None
    while True:
        page = registers.engine.registers.page("needs", ANN, after=after, limit=3)
        found += [row.id for row in page.rows]
        after = page.next
        if after is None:
            break
        assert len(page.rows) == 3
        after = Cursor.parse(str(after))
    assert len(found) == 7
    assert set(found) == {f"N-{count:04d}" for count in range(1, 8)}


def test_a_full_last_page_has_no_next(registers: Stage) -> None:
    for count in range(3):
        need(registers, f"need {count}")
    assert registers.engine.registers.page("needs", ANN, limit=3).next is None


@pytest.mark.parametrize(
    "values",
    [
        ("x", "N-0001"),
        ("2026-03-02T08:00:00+00:00",),
        (1, 2, 3),
        ("2026-03-02T08:00:00+00:00", "\0"),
    ],
)
def test_a_damaged_cursor_is_refused(registers: Stage, values: tuple[str | int, ...]) -> None:
    with pytest.raises(InputRefused) as caught:
        registers.engine.registers.page("needs", ANN, after=Cursor(values))
    assert list(caught.value.messages) == ["after"]


def test_the_search_looks_for_words_and_beginnings_of_words_whatever_the_signs(registers: Stage) -> None:
    for title in ("100% wool", "1000 wool", "a_b", "acb", "c\\d"):
        need(registers, title)
    assert _ids(registers, text="100% woo") == ["N-0001", "N-0002"]
    assert _ids(registers, text="ool") == []
    assert _ids(registers, text=" a_b ") == ["N-0003"]
    assert _ids(registers, text="C\\D") == ["N-0005"]
    assert _ids(registers, text="n-0002") == ["N-0002"]
    assert _ids(registers, text="wool", limit=1) == ["N-0001"]
    assert _ids(registers, text="% _ \"'") == []
    assert _ids(registers, text="\0") == ["N-0001", "N-0002", "N-0003", "N-0004", "N-0005"]
    assert _ids(registers, text="nothing") == []


def test_the_search_knows_more_letters_than_the_english_ones(registers: Stage) -> None:
    need(registers, "ÜBERSICHT")
    assert _ids(registers, text="übersicht") == ["N-0001"]


def test_a_page_may_be_of_one_status(registers: Stage) -> None:
    need(registers, "one")
    registers.engine.registers.save("needs", None, {"title": "two"}, status="final", actor=ENGINE)
    assert _ids(registers, status="final") == ["N-0002"]
    assert _ids(registers, status="lost") == []


def test_originators_see_their_organisations_records_and_their_own(registers: Stage) -> None:
    need(registers, "acme's")
    need(registers, "zenith's", "zenith")
    need(registers, "olga's, for zenith", "zenith", originator="olga")
    need(registers, "nobody's", None)
    need(registers, "lost one's", None, originator="lost")
    assert sorted(_ids(registers, OLGA)) == ["N-0001", "N-0003"]
    assert sorted(_ids(registers, OTTO)) == ["N-0002", "N-0003"]
    assert sorted(_ids(registers, LOST)) == ["N-0005"]
    assert len(_ids(registers, ANN)) == 5


def test_what_is_not_theirs_is_not_found_by_any_way(registers: Stage) -> None:
    mine, theirs = need(registers, "mine"), need(registers, "theirs", "zenith")
    service = registers.engine.registers
    assert service.record("needs", mine.id, OLGA).row.title == "mine"
    for ask in (
        lambda: service.record("needs", theirs.id, OLGA),
        lambda: service.record("needs", theirs.id, OLGA, version=1),
        lambda: service.body("needs", theirs.id, 1, OLGA),
        lambda: service.record("needs", "N-9999", OLGA),
        lambda: service.record("needs", "\0", OLGA),
    ):
        with pytest.raises(NotFound, match="Need"):
            ask()
    for register in ("answers", "customers", "policy", "case", "none", "\0"):
        with pytest.raises(NotFound, match="register"):
            service.page(register, OLGA)
        with pytest.raises(NotFound, match="register"):
            service.record(register, "acme", OLGA)
        with pytest.raises(NotFound, match="register"):
            service.save(register, None, {}, actor=OLGA)
        with pytest.raises(NotFound, match="register"):
            service.blank_form(register, OLGA)


def test_a_register_that_names_nobody_is_the_engines_alone(registers: Stage) -> None:
    save(registers, "case", text="secret")
    for actor in (ANN, KEEPER, ADA, OLGA):
        with pytest.raises(NotFound):
            registers.engine.registers.page("case", actor)


def test_a_record_shows_the_version_that_was_asked_for(registers: Stage) -> None:
    ref = need(registers, "first", cost=3)
    registers.clock.pass_by(hours=1)
    registers.engine.registers.save("needs", ref.id, {"title": "second"}, status="final", base=1, actor=KEEPER)
    newest = registers.engine.registers.record("needs", ref.id, ANN)
    assert (newest.version, newest.body, newest.status) == (2, {"title": "second"}, "final")
    first = registers.engine.registers.record("needs", ref.id, ANN, version=1)
    assert (first.version, first.row.version, first.status) == (1, 2, None)
    assert first.body == {"title": "first", "cost": 3, "organisation": "acme"}
    assert registers.engine.registers.body("needs", ref.id, 1, ANN) == first.body
    assert [(each.version, each.status, each.created_by, each.instance_id) for each in first.versions] == [
        (2, "final", "kim", None),
        (1, None, "engine", None),
    ]
    assert first.versions[0].created_at - first.versions[1].created_at == timedelta(hours=1)
    assert b'"need"' in first.form


@pytest.mark.parametrize("version", [0, -1, 3, 2**31, 2**70])
def test_a_version_that_is_not_there_is_not_found(registers: Stage, version: int) -> None:
    ref = need(registers, "first")
    with pytest.raises(NotFound, match="version"):
        registers.engine.registers.record("needs", ref.id, ANN, version=version)
    with pytest.raises(NotFound, match="version"):
        registers.engine.registers.body("needs", ref.id, version, ANN)
