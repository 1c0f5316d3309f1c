"""What a sign-in has to know: hashes, the lock after wrong passwords, and the epoch that ends sessions."""

from datetime import timedelta

import pytest

from engine.accounts import Account
from engine.types import ENGINE
from tests.engine.stage import ADA, Stage


@pytest.fixture
def people(stage: Stage) -> Stage:
    """A stage with the account of amy."""
    stage.engine.identity.create_user("amy", "Amy", password_hash="old", actor=ENGINE)
    return stage


def _amy(stage: Stage) -> Account:
    found = stage.engine.identity.account("amy")
    assert found is not None
    return found


def _fail(stage: Stage, times: int) -> None:
    for _ in range(times):
        stage.engine.identity.note_failed_sign_in("amy")


def test_the_name_is_taken_as_people_type_it(people: Stage) -> None:
    assert people.engine.identity.account("  AMY ") == _amy(people)
    assert (_amy(people).password_hash, _amy(people).active, _amy(people).session_epoch) == ("old", True, 0)


@pytest.mark.parametrize("name", ["", "bob", "\0", "amy\0", "%", "a" * 10_000, "\ud800"])
def test_any_text_may_be_asked_for(people: Stage, name: str) -> None:
    assert people.engine.identity.account(name) is None
    people.engine.identity.note_failed_sign_in(name)


def test_the_fifth_wrong_password_in_a_row_locks_for_five_minutes(people: Stage) -> None:
    _fail(people, 4)
    assert _amy(people).locked_until is None
    people.clock.pass_by(days=1)
    _fail(people, 1)
    assert _amy(people).locked_until == people.clock.now + timedelta(minutes=5)


def test_after_the_lock_there_are_five_tries_again(people: Stage) -> None:
    _fail(people, 5)
    first = _amy(people).locked_until
    people.clock.pass_by(minutes=5)
    _fail(people, 4)
    assert _amy(people).locked_until == first
    _fail(people, 1)
    assert _amy(people).locked_until == people.clock.now + timedelta(minutes=5)


def test_a_right_password_forgets_the_wrong_ones(people: Stage) -> None:
    _fail(people, 4)
    people.engine.identity.note_sign_in("amy")
    _fail(people, 4)
    assert _amy(people).locked_until is None


def test_one_persons_failures_lock_nobody_else(people: Stage) -> None:
    people.engine.identity.create_user("bob", "Bob", actor=ENGINE)
    _fail(people, 5)
    other = people.engine.identity.account("bob")
    assert other is not None
    assert other.locked_until is None


def test_a_new_password_unlocks_and_ends_sessions(people: Stage) -> None:
    _fail(people, 5)
    people.engine.identity.set_password_hash("amy", "new", actor=people.engine.identity.actor("amy"))
    assert (_amy(people).password_hash, _amy(people).locked_until, _amy(people).session_epoch) == ("new", None, 1)
    _fail(people, 4)
    assert _amy(people).locked_until is None


def test_what_ends_sessions_raises_the_epoch(people: Stage) -> None:
    service = people.engine.identity
    service.end_sessions("amy", actor=service.actor("amy"))
    assert _amy(people).session_epoch == 1
    service.set_active("amy", active=False, actor=ADA)
    assert _amy(people).session_epoch == 2
    service.set_active("amy", active=True, actor=ADA)
    service.note_sign_in("amy")
    assert _amy(people).session_epoch == 3


def test_a_hash_is_made_stronger_only_while_the_password_is_the_same(people: Stage) -> None:
    service = people.engine.identity
    service.refresh_password_hash("amy", "old", "stronger")
    assert (_amy(people).password_hash, _amy(people).session_epoch) == ("stronger", 0)
    service.set_password_hash("amy", "new", actor=ADA)
    service.refresh_password_hash("amy", "stronger", "strongest")
    assert _amy(people).password_hash == "new"
