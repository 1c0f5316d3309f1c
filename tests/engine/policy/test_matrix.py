"""Who sees which case and record, as a matrix over people and matters, on real rows and through the services."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import ColumnElement, select

from engine import policy
from engine.errors import NotFound
from engine.persistence.models import ProcessInstance
from engine.types import ENGINE, Actor
from tests.bpmn_models import end, flows, process, start, store, user_task, writes
from tests.engine.registers.world import REGISTERS, deploy
from tests.engine.stage import Stage

STAFF, ORIGINATOR, OWNER = frozenset({"staff"}), frozenset({"originator"}), frozenset({"process_owner"})
GROUPS = ("desk", "clerks", "owners", "others")

PEOPLE: Mapping[str, Actor] = {
    actor.user_id: actor
    for actor in (
        Actor("acme_asker", "Asked it", ORIGINATOR, organisation_id="acme"),
        Actor("acme_colleague", "Of the same customer", ORIGINATOR, organisation_id="acme"),
        Actor("zenith_asker", "Of another customer", ORIGINATOR, organisation_id="zenith"),
        Actor("lone_asker", "Of no customer", ORIGINATOR),
        Actor("lone_other", "Of no customer either", ORIGINATOR),
        Actor("desk_member", "In the group", STAFF, frozenset({"desk"}), "home"),
        Actor("clerk", "In another group", STAFF, frozenset({"clerks"}), "home"),
        Actor("assigned", "Was given one task", STAFF, frozenset({"clerks"}), "home"),
        Actor("follower", "Left the group and follows", STAFF, frozenset({"clerks"}), "home"),
        Actor("leaver", "Did a task and left the group", STAFF, frozenset({"clerks"}), "home"),
        Actor("staff_of_acme", "Staff of the customer", STAFF, frozenset({"clerks"}), "acme"),
        Actor("owner", "Owns the process", OWNER, frozenset({"owners"}), "home"),
        Actor("other_owner", "Owns another process", OWNER, frozenset({"others"}), "home"),
        Actor("owner_of_none", "Owner without group", OWNER, frozenset(), "home"),
        Actor("in_owners_group", "In the group, not an owner", STAFF, frozenset({"owners"}), "home"),
        Actor("admin", "Admin", frozenset({"admin"}), frozenset({"owners", "desk"}), "acme"),
        Actor("nobody", "No role at all", frozenset(), frozenset({"desk", "owners"}), "acme"),
        ENGINE,
    )
}
JOINED_LATER = Actor("joined_later", "Joined the group today", STAFF, frozenset({"desk"}), "home")

SEES: Mapping[str, set[str]] = {
    "acme_asker": {"acme"},
    "acme_colleague": {"acme"},
    "zenith_asker": {"zenith"},
    "lone_asker": {"lone"},
    "lone_other": set(),
    "desk_member": {"acme", "zenith", "lone"},
    "clerk": set(),
    "assigned": {"acme"},
    "follower": {"acme"},
    "leaver": {"zenith"},
    "staff_of_acme": set(),
    "owner": {"acme", "zenith", "lone"},
    "other_owner": {"foreign"},
    "owner_of_none": set(),
    "in_owners_group": set(),
    "admin": set(),
    "nobody": set(),
    "engine": {"acme", "zenith", "lone", "foreign"},
    "joined_later": {"acme", "zenith", "lone"},
}
"""The cases that each sees: of acme, of zenith, of somebody without organisation, and of another process and group."""


@dataclass
class World:
    """Cases by name, each with one task that is done and one that is open, and one need."""

    stage: Stage
    cases: Mapping[str, str]
    tasks: Mapping[str, str]


def _model(key: str, group: str, owners: str) -> bytes:
    """Return a process that writes a need of who asked, and has two tasks for `group`."""
    facts = {"ownerGroup": owners, "organisation": "=initiator.organisation", "originator": "=initiator.id"}
    body = '={title: "Need", organisation: initiator.organisation, originator: initiator.id}'
    return process(
        key,
        start("s"),
        user_task("one", "One", writes("needs"), properties={"needs.body": body}, candidateGroups=group),
        user_task("two", "Two", candidateGroups=group),
        end(),
        store("needs", "needs"),
        flows("s", "one", "two", "e"),
        properties=facts,
        candidateStarterGroups="originator,staff",
    )


@pytest.fixture
def world(stage: Stage) -> World:
    """Four cases, after the first task of each is done."""
    engine = stage.engine
    for group in GROUPS:
        engine.identity.create_group(group, group, actor=ENGINE)
    deploy(stage, "title", registers=_registers("[]"))
    for actor in PEOPLE.values():
        if actor != ENGINE:
            engine.identity.create_user(actor.user_id, actor.name, roles=actor.roles, groups=actor.groups, actor=ENGINE)
    stage.deploy(p__bpmn=_model("p", "desk", "owners"), q__bpmn=_model("q", "clerks_of_q", "others"))
    askers = {"acme": "acme_asker", "zenith": "zenith_asker", "lone": "lone_asker"}
    cases = {name: engine.runtime.start("p", {}, actor=PEOPLE[asker]).id for name, asker in askers.items()}
    cases["foreign"] = engine.runtime.start("q", {}, actor=ENGINE).id
    engine.tasks.assign(_task(stage, cases["acme"]), "assigned", actor=ENGINE)
    at_the_desk = {name: replace(PEOPLE[name], groups=frozenset({"desk"})) for name in ("leaver", "follower")}
    tasks = {}
    for name, case in cases.items():
        doer = at_the_desk["leaver"] if name == "zenith" else ENGINE
        engine.tasks.complete(_task(stage, case), {}, actor=doer)
        tasks[name] = _task(stage, case)
    engine.runtime.follow(cases["acme"], actor=at_the_desk["follower"])
    return World(stage, cases, tasks)


def _registers(readers: str) -> bytes:
    needs, rest = REGISTERS.split(b"  - key: answers", 1)
    needs = needs.replace(b"readers: [staff]", b"readers: " + readers.encode())
    return needs.replace(b"maintainers: [process_owner]", b"maintainers: []") + b"  - key: answers" + rest


def _task(stage: Stage, case: str) -> str:
    """Return the id of the case's only open task."""
    (task,) = stage.engine.history.case(case, ENGINE).tasks
    return str(task.id)


def _everybody() -> list[Actor]:
    return [*PEOPLE.values(), JOINED_LATER]


def _cases(world: World, condition: ColumnElement[bool]) -> set[str]:
    with world.stage.engine.database.read() as connection:
        found = set(connection.execute(select(ProcessInstance.id).where(condition)).scalars())
    return {name for name, case in world.cases.items() if case in found}


def test_everybody_sees_these_cases_and_no_others(world: World) -> None:
    found = {actor.user_id: _cases(world, policy.cases_visible(actor)) for actor in _everybody()}
    assert found == SEES


def test_the_services_agree_with_the_policy(world: World) -> None:
    engine = world.stage.engine
    for actor in _everybody():
        listed = {row.id for row in engine.history.cases(actor).rows}
        assert listed == {world.cases[name] for name in SEES[actor.user_id]}, actor
        for name, case in world.cases.items():
            asks: list[Callable[[], object]] = [
                lambda: engine.history.case(case, actor),  # noqa: B023 - asked in this round
                lambda: engine.history.timeline(case, actor),  # noqa: B023
                lambda: engine.runtime.follow(case, actor=actor),  # noqa: B023
                lambda: engine.runtime.comment(case, "Hello", "everyone", actor=actor),  # noqa: B023
            ]
            if actor == PEOPLE["follower"]:
                del asks[2:]
            for ask in asks[:2] if name in SEES[actor.user_id] else asks:
                if name in SEES[actor.user_id]:
                    ask()
                else:
                    with pytest.raises(NotFound):
                        ask()


def test_a_task_is_found_by_those_who_see_its_case_or_may_do_it(world: World) -> None:
    may_do = {"desk_member", "joined_later", "engine", "nobody", "admin"}
    for actor in _everybody():
        for name, task in world.tasks.items():
            found = True
            try:
                world.stage.engine.tasks.get(task, actor)
            except NotFound:
                found = False
            offered = name != "foreign" and actor.user_id in may_do
            assert found == (name in SEES[actor.user_id] or offered), (actor, name)


def test_owners_own_the_cases_of_their_processes(world: World) -> None:
    owned = {actor.user_id: _cases(world, policy.cases_owned(actor)) for actor in _everybody()}
    expected = {actor.user_id: set[str]() for actor in _everybody()}
    expected |= {"owner": {"acme", "zenith", "lone"}, "other_owner": {"foreign"}, "engine": set(world.cases)}
    assert owned == expected


RECORDS = {
    "acme_asker": {"acme"},
    "acme_colleague": {"acme"},
    "zenith_asker": {"zenith"},
    "lone_asker": {"lone"},
    "owner": {"acme", "zenith", "lone"},
    "other_owner": {"foreign"},
    "engine": {"acme", "zenith", "lone", "foreign"},
}


@pytest.mark.parametrize("readers", ["[]", "[staff]", "[clerks, admin]"])
def test_everybody_sees_these_records_and_no_others(world: World, readers: str) -> None:
    deploy(world.stage, "title", registers=_registers(readers))
    numbers = {"acme": "N-0001", "zenith": "N-0002", "lone": "N-0003", "foreign": "N-0004"}
    service = world.stage.engine.registers
    for actor in _everybody():
        named = {*actor.roles, *actor.groups} & set(readers.strip("[]").split(", "))
        expected = set(numbers) if named else RECORDS.get(actor.user_id, set())
        try:
            seen = {row.id for row in service.page("needs", actor).rows}
        except NotFound:
            seen = set()
        assert seen == {numbers[name] for name in expected}, actor
        assert {option.value for option in service.options(actor).options("needs")} == seen
        for number in numbers.values():
            assert (service.options(actor).label("needs", number) is not None) == (number in seen)
            if number in seen:
                assert service.record("needs", number, actor).body["title"] == "Need"
            else:
                with pytest.raises(NotFound):
                    service.record("needs", number, actor)
                with pytest.raises(NotFound):
                    service.body("needs", number, 1, actor)


def test_a_process_that_changes_hands(world: World) -> None:
    """The new owners see all its cases, the former ones keep those of the version that was theirs."""
    world.stage.deploy(p__bpmn=_model("p", "desk", "others"))
    later = world.stage.engine.runtime.start("p", {}, actor=PEOPLE["acme_asker"]).id
    world.cases = {**world.cases, "later": later}
    assert _cases(world, policy.cases_owned(PEOPLE["owner"])) == {"acme", "zenith", "lone"}
    assert _cases(world, policy.cases_visible(PEOPLE["owner"])) == {"acme", "zenith", "lone"}
    assert _cases(world, policy.cases_owned(PEOPLE["other_owner"])) == set(world.cases)


def test_people_keep_seeing_what_their_organisation_handed_in(world: World) -> None:
    moved = replace(PEOPLE["acme_asker"], organisation_id="zenith")
    assert _cases(world, policy.cases_visible(moved)) == {"acme", "zenith"}
    gone = replace(PEOPLE["acme_colleague"], organisation_id=None)
    assert _cases(world, policy.cases_visible(gone)) == set()


def test_a_closed_account_does_not_act(world: World) -> None:
    identity = world.stage.engine.identity
    identity.set_active("desk_member", active=False, actor=ENGINE)
    with pytest.raises(NotFound):
        identity.actor("desk_member")
