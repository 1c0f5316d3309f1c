"""Accounts that several people change at once: each gets an answer, and no half of anything stays."""

from engine.errors import InputRefused
from engine.types import ENGINE
from tests.engine.stage import ADA, Stage, at_once

ROUNDS = 5


def test_of_two_accounts_with_one_name_one_is_made(stage: Stage) -> None:
    stage.engine.identity.create_group("desk", "Desk", actor=ENGINE)
    for count in range(ROUNDS):
        outcomes = at_once(
            *(
                lambda role=role, count=count: stage.engine.identity.create_user(
                    f"u{count}", role, roles=[role], groups=["desk"], actor=ADA
                )
                for role in ("staff", "admin", "originator")
            )
        )
        errors = [each.error for each in outcomes if each.error]
        assert len(errors) == 2
        assert all(isinstance(error, InputRefused) and list(error.messages) == ["user"] for error in errors)
        actor = stage.engine.identity.actor(f"u{count}")
        assert (set(actor.roles), set(actor.groups)) == ({actor.name}, {"desk"})


def test_a_group_that_is_made_twice_at_once_is_there_once(stage: Stage) -> None:
    for count in range(ROUNDS):
        names = ("One", "Two", "Three")
        outcomes = at_once(
            *(
                lambda name=name, count=count: stage.engine.identity.create_group(f"g{count}", name, actor=ADA)
                for name in names
            )
        )
        assert [each.error for each in outcomes] == [None] * 3
    assert [row.id for row in stage.engine.identity.groups()] == [f"g{count}" for count in range(ROUNDS)]


def test_belonging_that_is_set_twice_at_once_is_one_of_the_two(stage: Stage) -> None:
    identity = stage.engine.identity
    for group in ("a", "b"):
        identity.create_group(group, group, actor=ENGINE)
    identity.create_user("amy", "Amy", actor=ENGINE)
    for _ in range(ROUNDS):
        outcomes = at_once(
            lambda: identity.set_belonging("amy", roles=["staff"], groups=["a"], actor=ADA),
            lambda: identity.set_belonging("amy", roles=["staff", "admin"], groups=["a", "b"], actor=ADA),
        )
        assert [each.error for each in outcomes] == [None] * 2
        actor = identity.actor("amy")
        assert (sorted(actor.roles), sorted(actor.groups)) in ((["staff"], ["a"]), (["admin", "staff"], ["a", "b"]))


def test_of_many_guesses_at_once_five_are_answered(stage: Stage) -> None:
    identity = stage.engine.identity
    identity.create_user("amy", "Amy", actor=ENGINE)
    guesses = [lambda: identity.note_try("amy", "here", right=False) for _ in range(8)]
    assert [(each.error, each.result) for each in at_once(*guesses)] == [(None, False)] * 8
    assert stage.value("select failures from sign_in_place where place = 'here'") == 5
    assert not identity.note_try("amy", "here", right=True)
    assert identity.note_try("amy", "elsewhere", right=True)


def test_right_passwords_at_once_are_all_accepted(stage: Stage) -> None:
    stage.engine.identity.create_user("amy", "Amy", actor=ENGINE)
    tries = [lambda: stage.engine.identity.note_try("amy", "here", right=True) for _ in range(8)]
    assert [(each.error, each.result) for each in at_once(*tries)] == [(None, True)] * 8
