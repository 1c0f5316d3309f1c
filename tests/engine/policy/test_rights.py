"""Rights that need no row: deploying, starting, working on a task, reading and maintaining a register."""

import pytest

from engine import policy
from engine.types import ENGINE, Actor
from tests.engine.stage import ADA, ANN, CARL, OLGA, OWEN

UNGROUPED = Actor("una", "Una", frozenset({"process_owner"}))


@pytest.mark.parametrize(
    ("actor", "owned", "foreign", "unowned"),
    [
        (OWEN, True, False, True),
        (UNGROUPED, False, False, True),
        (Actor("x", "X", frozenset({"staff"}), frozenset({"owners"})), False, False, False),
        (ADA, False, False, False),
        (OLGA, False, False, False),
        (ENGINE, True, True, True),
    ],
)
def test_who_may_deploy(actor: Actor, owned: bool, foreign: bool, unowned: bool) -> None:
    assert policy.may_deploy(actor, "owners") is owned
    assert policy.may_deploy(actor, "others") is foreign
    assert policy.may_deploy(actor, None) is unowned
    assert policy.owns(actor, "owners") is owned
    assert policy.owns(actor, None) is (actor == ENGINE)


def test_who_may_start_counts_roles_as_groups() -> None:
    assert policy.may_start(OLGA, ["originator"], [])
    assert policy.may_start(ANN, ["analysts"], [])
    assert policy.may_start(CARL, ["analysts"], ["carl"])
    assert not policy.may_start(CARL, ["analysts", "carl"], ["ann"])
    assert not policy.may_start(CARL, [], [])
    assert policy.may_start(ENGINE, [], [])


def test_who_may_work_on_a_task() -> None:
    assert policy.may_work_on(ANN, ["group:analysts"], None)
    assert policy.may_work_on(ANN, ["group:staff"], "ben")
    assert policy.may_work_on(ANN, ["user:ann"], None)
    assert policy.may_work_on(CARL, ["group:analysts"], "carl")
    assert not policy.may_work_on(CARL, ["group:analysts", "user:ann"], None)
    assert not policy.may_work_on(CARL, ["group:carl", "user:clerks"], None)
    assert policy.may_work_on(ENGINE, [], None)


def test_who_reads_and_maintains_a_register() -> None:
    assert policy.reads_register(CARL, ["staff"], [])
    assert policy.reads_register(CARL, [], ["clerks"])
    assert not policy.reads_register(CARL, ["analysts"], ["carl"])
    assert not policy.reads_register(ADA, ["staff"], ["process_owner"])
    assert policy.maintains_register(CARL, ["clerks"])
    assert not policy.maintains_register(CARL, [])
    assert policy.maintains_register(ENGINE, [])


def test_an_account_named_like_the_engine_is_not_the_engine() -> None:
    assert policy.is_engine(ENGINE)
    assert not policy.is_engine(Actor("engine", "Engine"))
    assert not policy.is_engine(Actor("engine", "Comity", frozenset({"staff"})))
