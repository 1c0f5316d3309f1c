"""`comity users` and `comity groups`."""

from collections.abc import Callable

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from tests.webapp.cli.command import Comity
from webapp.passwords import verify

GOOD = "a few plain words"
Type = Callable[..., None]


@pytest.fixture
def type_(monkeypatch: pytest.MonkeyPatch) -> Type:
    """What is typed where a password is asked for, one text for each question."""

    def keyboard(*texts: str) -> None:
        waiting = list(texts)
        monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: waiting.pop(0))

    return keyboard


def test_an_account_is_made_with_a_password_that_is_asked_for_twice(
    comity: Comity, engine: ProcessEngine, type_: Type
) -> None:
    type_(GOOD, GOOD)
    said = comity.well(
        "users", "add", "ben", "--name", "Ben Okafor", "--role", "staff", "--role", "process_owner", "--group", "owners"
    )
    assert said.endswith("ben can sign in.\n")
    account = engine.identity.account("ben")
    assert account is not None
    assert verify(account.password_hash, GOOD)
    actor = engine.identity.actor("ben")
    assert (set(actor.roles), set(actor.groups)) == ({"staff", "process_owner"}, {"owners"})


def test_an_account_may_belong_to_an_organisation_and_have_no_password(comity: Comity, engine: ProcessEngine) -> None:
    comity.well(
        "users", "add", "omar", "--name", "Omar", "--role", "originator", "--organisation", "north", "--no-password"
    )
    account = engine.identity.account("omar")
    assert account is not None
    assert (account.organisation_id, account.password_hash) == ("north", None)


@pytest.mark.parametrize(
    ("typed", "words"), [("short", "at least 10 characters"), ("my name is benny", "your own sign-in name")]
)
def test_a_bad_password_makes_no_account(
    comity: Comity, engine: ProcessEngine, type_: Type, typed: str, words: str
) -> None:
    type_(typed, typed)
    assert words in comity("users", "add", "ben", "--name", "Ben").refusal()
    assert engine.identity.account("ben") is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--group", "nobodies"], "There is no group nobodies"),
        (["--organisation", "south"], "There is no organisation 'south'"),
    ],
)
def test_what_an_account_names_has_to_be_there(
    comity: Comity, engine: ProcessEngine, options: list[str], words: str
) -> None:
    assert words in comity("users", "add", "ben", "--name", "Ben", "--no-password", *options).refusal()
    assert engine.identity.account("ben") is None


def test_an_unknown_role_is_wrong_usage(comity: Comity) -> None:
    said = comity("users", "add", "ben", "--name", "Ben", "--role", "king", "--no-password")
    assert said.code == 2
    assert "'king' is not one of 'originator'" in said.err


@pytest.mark.parametrize("name", ["Anna", "two words", ""])
def test_a_sign_in_name_has_a_form(comity: Comity, name: str) -> None:
    assert "as the sign-in name" in comity("users", "add", name, "--name", "Somebody", "--no-password").refusal()


def test_a_sign_in_name_is_given_once(comity: Comity) -> None:
    assert "already an account 'anna'" in comity("users", "add", "anna", "--name", "A", "--no-password").refusal()


def test_a_new_password_ends_the_sessions(comity: Comity, engine: ProcessEngine, type_: Type) -> None:
    before = engine.identity.account("anna")
    type_(GOOD, GOOD)
    assert "new password" in comity.well("users", "password", "anna")
    after = engine.identity.account("anna")
    assert before is not None
    assert after is not None
    assert verify(after.password_hash, GOOD)
    assert after.session_epoch > before.session_epoch


def test_a_password_for_nobody_is_not_even_asked_for(comity: Comity, type_: Type) -> None:
    type_()
    assert "no account 'nobody'" in comity("users", "password", "nobody").refusal()


def test_roles_and_groups_are_replaced(comity: Comity, engine: ProcessEngine) -> None:
    comity.well("users", "change", "anna", "--role", "admin", "--group", "owners")
    actor = engine.identity.actor("anna")
    assert (set(actor.roles), set(actor.groups)) == ({"admin"}, {"owners"})
    assert "no group" in comity("users", "change", "anna", "--group", "nobodies").refusal()
    assert engine.identity.actor("anna") == actor


def test_a_closed_account_acts_no_more_until_it_is_opened(comity: Comity) -> None:
    comity.well("users", "close", "anna")
    assert "(closed)" in comity.well("users", "list")
    assert "no account 'anna'" in comity("outbox", "--as", "anna").refusal()
    comity.well("users", "open", "anna")
    assert "(closed)" not in comity.well("users", "list")
    assert "no account 'nobody'" in comity("users", "close", "nobody").refusal()


def test_groups_are_made_renamed_and_listed(comity: Comity, engine: ProcessEngine) -> None:
    comity.well("groups", "add", "desk", "--name", "Desk")
    comity.well("groups", "add", "desk", "--name", "Service desk")
    assert [group.name for group in engine.identity.groups() if group.id == "desk"] == ["Service desk"]
    assert "Service desk" in comity.well("groups", "list")
    assert "no role's name" in comity("groups", "add", "staff", "--name", "Staff").refusal()


def test_the_engine_itself_is_no_account(engine: ProcessEngine) -> None:
    assert ENGINE.user_id not in {user.id for user in engine.identity.users(ENGINE)}
