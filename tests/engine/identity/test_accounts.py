"""Accounts, groups and roles: who makes and changes them, and what is refused."""

from collections.abc import Callable

import pytest

from engine.errors import InputRefused, NotFound, NotPermitted
from engine.identity.service import IdentityService
from engine.types import ENGINE, Actor
from engine.views import Cursor
from tests.engine.registers.world import deploy
from tests.engine.stage import ADA, ANN, OLGA, OWEN, Stage


@pytest.fixture
def identity(stage: Stage) -> IdentityService:
    """Accounts with the groups desk and stores, and amy of the desk."""
    service = stage.engine.identity
    service.create_group("desk", "Desk", actor=ENGINE)
    service.create_group("stores", "Stores", actor=ENGINE)
    service.create_user("amy", "Amy", roles=["staff"], groups=["desk"], email="amy@example.org", actor=ENGINE)
    return service


def test_an_actor_carries_what_decides_over_their_rights(identity: IdentityService) -> None:
    assert identity.actor("amy") == Actor("amy", "Amy", frozenset({"staff"}), frozenset({"desk"}))
    identity.create_user("bob", "Bob", actor=ADA)
    assert identity.actor("bob") == Actor("bob", "Bob")


def test_a_session_holds_as_long_as_its_epoch(identity: IdentityService) -> None:
    amy = identity.actor("amy")
    account = identity.account("amy")
    assert account is not None
    epoch = str(account.session_epoch)
    assert identity.in_session("amy", epoch) == amy
    for user_id, other in (("amy", "x"), ("amy", ""), ("amy", "99"), ("nobody", epoch), ("", epoch), ("a b", epoch)):
        assert identity.in_session(user_id, other) is None
    identity.set_active("amy", active=False, actor=ADA)
    assert identity.in_session("amy", epoch) is None
    with pytest.raises(NotFound):
        identity.actor("amy")


def test_a_person_belongs_to_an_organisation_of_the_register(stage: Stage) -> None:
    deploy(stage)
    stage.engine.identity.create_user("zoe", "Zoe", roles=["originator"], organisation_id="zenith", actor=ENGINE)
    assert stage.engine.identity.actor("zoe").organisation_id == "zenith"
    for organisation in ("none", "", "N-0001"):
        with pytest.raises(InputRefused) as caught:
            stage.engine.identity.create_user("yan", "Yan", organisation_id=organisation, actor=ENGINE)
        assert list(caught.value.messages) == ["organisation"]


def test_people_are_listed_by_pages_and_found_by_text(identity: IdentityService) -> None:
    for number in range(5):
        identity.create_user(f"p{number}", f"Person {number}", roles=["staff"], groups=["stores"], actor=ENGINE)
    first = identity.page(ADA, limit=4)
    assert [row.id for row in first.rows] == ["amy", "p0", "p1", "p2"]
    assert first.rows[0] == identity.users(ADA)[0]
    second = identity.page(ADA, limit=4, after=first.next)
    assert ([row.id for row in second.rows], second.next) == (["p3", "p4"], None)
    assert [row.id for row in identity.page(ADA, text="PERSON 3").rows] == ["p3"]
    assert [row.id for row in identity.page(ADA, text="example.org").rows] == ["amy"]
    assert identity.page(ADA, text="%").rows == ()
    for values in ((1,), ("a", "b"), ()):
        with pytest.raises(InputRefused):
            identity.page(ADA, after=Cursor(values))
    with pytest.raises(NotPermitted):
        identity.page(ANN)


@pytest.mark.parametrize("user_id", ["", "Amy", "a b", "-a", "a" * 65, "amy\n", "ä", "a\0", "engine"])
def test_a_sign_in_name_has_rules(identity: IdentityService, user_id: str) -> None:
    with pytest.raises(InputRefused) as caught:
        identity.create_user(user_id, "Name", actor=ENGINE)
    assert list(caught.value.messages) == ["user"]


def test_nobody_becomes_the_engine_by_its_name(identity: IdentityService) -> None:
    """The engine may do everything: an account of the same id and name, without roles, would equal it."""
    with pytest.raises(InputRefused, match="the engine itself"):
        identity.create_user(ENGINE.user_id, ENGINE.name, actor=ADA)
    with pytest.raises(NotFound):
        identity.actor(ENGINE.user_id)


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_kept(identity: IdentityService) -> None:
    with pytest.raises(InputRefused) as caught:
        identity.create_user(
            "amy", " ", roles=["king"], groups=["moon"], organisation_id="none", email="x" * 300, actor=ENGINE
        )
    assert caught.value.messages.keys() == {"user", "name", "email", "roles", "groups", "organisation"}
    with pytest.raises(InputRefused) as caught:
        identity.create_user("bob", "x" * 256, roles=["king"], actor=ENGINE)
    assert caught.value.messages.keys() == {"name", "roles"}
    assert [row.id for row in identity.users(ENGINE)] == ["amy"]


@pytest.mark.parametrize(
    ("group", "name"), [("", "X"), ("Desk", "X"), ("a.b", "X"), ("staff", "X"), ("desk", " "), ("desk", "x" * 256)]
)
def test_a_group_has_rules(identity: IdentityService, group: str, name: str) -> None:
    with pytest.raises(InputRefused):
        identity.create_group(group, name, actor=ENGINE)
    assert [(row.id, row.name, row.members) for row in identity.groups()] == [
        ("desk", "Desk", 1),
        ("stores", "Stores", 0),
    ]


def test_a_group_may_be_named_anew(identity: IdentityService) -> None:
    identity.create_group("desk", " Front desk ", actor=ADA)
    assert identity.groups()[0].name == "Front desk"
    assert identity.actor("amy").groups == {"desk"}


def test_a_person_is_given_exactly_these_roles_and_groups(identity: IdentityService) -> None:
    identity.set_belonging("amy", roles=["process_owner", "staff", "staff"], groups=["stores"], actor=ADA)
    actor = identity.actor("amy")
    assert (sorted(actor.roles), sorted(actor.groups)) == (["process_owner", "staff"], ["stores"])
    with pytest.raises(InputRefused) as caught:
        identity.set_belonging("amy", roles=["king"], groups=["moon"], actor=ADA)
    assert caught.value.messages.keys() == {"roles", "groups"}
    assert identity.actor("amy") == actor
    identity.set_belonging("amy", roles=[], groups=[], actor=ADA)
    assert identity.actor("amy").principals == ("user:amy",)
    with pytest.raises(NotFound):
        identity.set_belonging("bob", roles=[], groups=[], actor=ADA)


def test_a_closed_account_acts_no_more_but_keeps_its_name(identity: IdentityService) -> None:
    identity.set_active("amy", active=False, actor=ADA)
    with pytest.raises(NotFound):
        identity.actor("amy")
    account = identity.account("amy")
    assert account is not None
    assert (account.active, account.name) == (False, "Amy")
    assert identity.names(["amy", "bob"]) == {"amy": "Amy"}
    assert [(row.id, row.active) for row in identity.users(ADA)] == [("amy", False)]
    identity.set_active("amy", active=True, actor=ADA)
    assert identity.actor("amy").groups == {"desk"}


def test_lists_show_everybody_with_what_they_belong_to(identity: IdentityService) -> None:
    identity.create_user("bob", "Bob", roles=["staff", "admin"], groups=["stores", "desk"], actor=ENGINE)
    amy, bob = identity.users(OWEN)
    assert (amy.id, amy.email, amy.roles, amy.groups) == ("amy", "amy@example.org", ("staff",), ("desk",))
    assert (bob.id, bob.email, bob.roles, bob.groups) == ("bob", None, ("admin", "staff"), ("desk", "stores"))
    assert [row.members for row in identity.groups()] == [2, 1]


CHANGES: dict[str, Callable[[IdentityService, Actor], object]] = {
    "create_group": lambda service, actor: service.create_group("new", "New", actor=actor),
    "create_user": lambda service, actor: service.create_user("new", "New", actor=actor),
    "set_belonging": lambda service, actor: service.set_belonging("amy", roles=["admin"], groups=[], actor=actor),
    "set_active": lambda service, actor: service.set_active("amy", active=False, actor=actor),
    "set_password_hash": lambda service, actor: service.set_password_hash("amy", "hash", actor=actor),
    "end_sessions": lambda service, actor: service.end_sessions("amy", actor=actor),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_admins_and_the_host_change_accounts(identity: IdentityService, change: str) -> None:
    for actor in (ANN, OLGA, OWEN, Actor("nobody", "Nobody")):
        with pytest.raises(NotPermitted, match="admins"):
            CHANGES[change](identity, actor)
    CHANGES[change](identity, ADA)


@pytest.mark.parametrize("change", CHANGES)
def test_people_change_their_own_password_and_sessions_only(identity: IdentityService, change: str) -> None:
    amy = identity.actor("amy")
    if change in ("set_password_hash", "end_sessions"):
        CHANGES[change](identity, amy)
    else:
        with pytest.raises(NotPermitted):
            CHANGES[change](identity, amy)


def test_the_list_of_people_is_not_for_everybody(identity: IdentityService) -> None:
    for actor in (ANN, OLGA):
        with pytest.raises(NotPermitted):
            identity.users(actor)
    for actor in (ADA, OWEN, ENGINE):
        assert identity.users(actor)


def test_an_account_that_is_not_there_cannot_be_changed(identity: IdentityService) -> None:
    for change in (
        lambda: identity.set_active("bob", active=False, actor=ADA),
        lambda: identity.set_password_hash("bob", "hash", actor=ADA),
        lambda: identity.end_sessions("bob", actor=ADA),
        lambda: identity.actor("\0"),
    ):
        with pytest.raises(NotFound, match="account"):
            change()
