"""What a sign-in has to know: hashes, the waits after wrong passwords, and the epoch that ends sessions."""

from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.identity.accounts import Account
from engine.identity.sign_ins import MOST_PLACES
from engine.types import ENGINE
from tests.engine.stage import ADA, Stage

HOME = "192.0.2.1"


@pytest.fixture
def people(stage: Stage) -> Stage:
    """A stage with the account of amy."""
    stage.engine.identity.create_user("amy", "Amy", password_hash="old", actor=ENGINE)
    return stage


def _amy(stage: Stage) -> Account:
    found = stage.engine.identity.account("amy")
    assert found is not None
    return found


def _try(stage: Stage, place: str = HOME, *, right: bool = True, name: str = "amy") -> bool:
    return stage.engine.identity.note_try(name, place, right=right)


def _fail(stage: Stage, times: int, place: str = HOME) -> None:
    for _ in range(times):
        assert not _try(stage, place, right=False)


def test_the_name_is_taken_as_people_type_it(people: Stage) -> None:
    assert people.engine.identity.account("  AMY ") == _amy(people)
    assert (_amy(people).password_hash, _amy(people).active, _amy(people).session_epoch) == ("old", True, 0)


@pytest.mark.parametrize("name", ["", "bob", "\0", "amy\0", "%", "a" * 10_000, "\ud800"])
def test_any_text_may_be_asked_for(people: Stage, name: str) -> None:
    assert people.engine.identity.account(name) is None
    for right in (True, False):
        assert not people.engine.identity.note_try(name, HOME, right=right)


def test_any_place_may_be_told(people: Stage) -> None:
    for place in ("", "*", "a" * 10_000, "\u00e9"):
        _fail(people, 5, place)
    assert _try(people)


def test_after_five_wrong_passwords_from_a_place_a_right_one_has_to_wait(people: Stage) -> None:
    _fail(people, 4)
    assert _try(people)
    people.clock.pass_by(days=91)  # the place is known no more
    _fail(people, 5)
    assert not _try(people)
    people.clock.pass_by(seconds=30)
    assert _try(people)


def test_each_further_one_doubles_the_wait(people: Stage) -> None:
    _fail(people, 5)
    for seconds in (30, 60, 120, 240, 480, 900, 900):
        people.clock.pass_by(seconds=seconds - 1)
        assert not _try(people), seconds
        people.clock.pass_by(seconds=1)
        _fail(people, 1)
    people.clock.pass_by(seconds=900)
    assert _try(people)


def test_wrong_ones_during_a_wait_are_not_counted(people: Stage) -> None:
    _fail(people, 100)
    people.clock.pass_by(seconds=30)
    assert _try(people)


def test_wrong_ones_are_forgotten_after_a_day_without(people: Stage) -> None:
    _fail(people, 4)
    people.clock.pass_by(days=1)
    _fail(people, 4)
    assert _try(people)


def test_nobody_is_kept_out_from_elsewhere(people: Stage) -> None:
    _fail(people, 50, "203.0.113.7")
    assert _try(people)
    people.engine.identity.create_user("bob", "Bob", actor=ENGINE)
    assert _try(people, "203.0.113.7", name="bob")


def test_where_somebody_has_signed_in_nobody_waits_longer_than_half_a_minute(people: Stage) -> None:
    assert _try(people)
    for _ in range(20):
        _fail(people, 5)
        people.clock.pass_by(seconds=30)
    assert _try(people)


def test_guesses_from_many_places_are_slowed_down_together_but_not_at_places_that_are_known(people: Stage) -> None:
    assert _try(people)
    for number in range(50):
        _fail(people, 1, f"198.51.100.{number}")
    assert not _try(people, "203.0.113.7")
    assert _try(people)
    people.clock.pass_by(seconds=30)
    assert _try(people, "203.0.113.7")


def test_however_many_places_guess_few_of_them_are_kept(people: Stage) -> None:
    for number in range(300):
        people.clock.pass_by(minutes=15)
        _fail(people, 1, f"place {number}")
    assert people.count("sign_in_place") <= MOST_PLACES + 1
    people.clock.pass_by(days=1, minutes=1)
    _fail(people, 1)
    assert people.count("sign_in_place") == 2


def test_a_sign_in_that_changes_nothing_is_not_written(people: Stage) -> None:
    assert _try(people)
    before = people.rows("select * from sign_in_place")
    people.clock.pass_by(minutes=59)
    assert _try(people)
    assert people.rows("select * from sign_in_place") == before
    people.clock.pass_by(minutes=1)
    assert _try(people)
    assert people.rows("select * from sign_in_place") != before


def test_a_new_password_forgives_and_ends_sessions(people: Stage) -> None:
    _fail(people, 5)
    for number in range(50):
        _fail(people, 1, f"198.51.100.{number}")
    people.engine.identity.set_password_hash("amy", "new", actor=people.engine.identity.actor("amy"))
    assert (_amy(people).password_hash, _amy(people).session_epoch) == ("new", 1)
    _fail(people, 4)
    assert _try(people)


@given(
    st.lists(
        st.tuples(st.sampled_from(["known", "a", "b", "c"]), st.booleans(), st.integers(min_value=0, max_value=1200)),
        max_size=60,
    )
)
@pytest.mark.slow
@settings(max_examples=60, deadline=None)
def test_whatever_others_try_a_known_place_waits_half_a_minute_at_most(tries: list[tuple[str, bool, int]]) -> None:
    with TemporaryDirectory() as folder:
        stage = Stage(f"sqlite:///{folder}/places.sqlite")
        stage.engine.migrate()
        stage.engine.identity.create_user("amy", "Amy", actor=ENGINE)
        assert _try(stage, "known")
        for place, right, seconds in tries:
            _try(stage, place, right=right and place != "a")
            stage.clock.pass_by(seconds=seconds)
        stage.clock.pass_by(seconds=30)
        assert _try(stage, "known")
        stage.close()


def test_what_ends_sessions_raises_the_epoch(people: Stage) -> None:
    service = people.engine.identity
    service.end_sessions("amy", actor=service.actor("amy"))
    assert _amy(people).session_epoch == 1
    service.set_active("amy", active=False, actor=ADA)
    assert _amy(people).session_epoch == 2
    service.set_active("amy", active=True, actor=ADA)
    assert _amy(people).session_epoch == 3


def test_a_hash_is_made_stronger_only_while_the_password_is_the_same(people: Stage) -> None:
    service = people.engine.identity
    service.refresh_password_hash("amy", "old", "stronger")
    assert (_amy(people).password_hash, _amy(people).session_epoch) == ("stronger", 0)
    service.set_password_hash("amy", "new", actor=ADA)
    service.refresh_password_hash("amy", "stronger", "strongest")
    assert _amy(people).password_hash == "new"
