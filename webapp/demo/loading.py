"""Loading the demo content into an empty database; a second call does nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from operator import itemgetter
from typing import Any, Final

import yaml

from engine.errors import ComityError
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from webapp import shipped
from webapp.demo import past
from webapp.demo.walk import SetClock, Walk
from webapp.passwords import hash_password


class HalfLoaded(ComityError):
    """The database holds a part of the demo content only."""


_BEGINNING: Final = "P180D"
"""How long before now the records were made, and the people came."""

PASSWORD: Final = "comity-demo"  # noqa: S105 - of the demo accounts, which the sign-in page lists
"""The password of every demo account; said on the sign-in page in demo mode."""


def load(engine: ProcessEngine, say: Callable[[str], object]) -> None:
    """Deploy the shipped processes and, into a database without people, load people, records and cases.

    `say` is told what takes time. Cases are walked with a clock set back, so that their history looks lived in. The
    accounts get their password last: nobody can sign in before all is there, and what broke off is known by it.
    Raises `HalfLoaded` when an earlier call on this database broke off.
    """
    people = _read("people.yaml")
    if _is_half_loaded(engine, people):
        raise HalfLoaded(
            "This database holds only a part of the demo content: loading it broke off. Empty it, or take another."
        )
    for area, deployed in shipped.areas().items():
        result = engine.repository.deploy(deployed, name=area, actor=ENGINE, source="shipped")
        if result.deployed:
            say(f"Deployed {area}: {len(result.deployed)} processes.")
    if engine.identity.users(ENGINE):
        return
    say("Loading the demo content, once ...")
    now = engine.clock().astimezone(UTC)
    clock = SetClock(now)
    walked = engine.with_clock(clock)
    clock.set_back(_BEGINNING, now)
    _load_records(walked, _read("records.yaml"))
    _load_people(walked, people)
    cases = [*past.scripts(_read("past.yaml")["needs"]), *_read("walk.yaml")["cases"]]
    _play(walked, clock, now, cases)
    clock.now = now
    walked.management.run_due()
    walked.management.sum_days()
    for user in people["users"]:
        engine.identity.set_password_hash(user["id"], hash_password(PASSWORD), actor=ENGINE)
    say(f"{len(cases)} cases are there. Every demo account has the password {PASSWORD}.")


def _play(engine: ProcessEngine, clock: SetClock, now: datetime, scripts: Sequence[Mapping[str, Any]]) -> None:
    """Play all scripts side by side, each step at its time, so that what happens in one case counts for the others."""
    turns: list[tuple[datetime, Callable[[], object]]] = []
    for script in scripts:
        walk = Walk(engine, clock, now)
        at = walk.at(script["start"]) or now
        turns.append((at, partial(walk.start, script["start"])))
        for step in script.get("steps", ()):
            at = walk.at(step) or at
            turns.append((at, partial(walk.step, step)))
    for at, turn in sorted(turns, key=itemgetter(0)):
        clock.now = at
        turn()


def _load_people(engine: ProcessEngine, people: dict[str, Any]) -> None:
    for group in people["groups"]:
        engine.identity.create_group(group["id"], group["name"], actor=ENGINE)
    for user in people["users"]:
        engine.identity.create_user(
            user["id"],
            user["name"],
            actor=ENGINE,
            roles=user["roles"],
            groups=user.get("groups", ()),
            organisation_id=user.get("organisation"),
        )


def _is_half_loaded(engine: ProcessEngine, people: dict[str, Any]) -> bool:
    ids = [user["id"] for user in people["users"]]
    there = [user.id for user in engine.identity.users(ENGINE)]
    if there:
        last = engine.identity.account(ids[-1])
        return set(there) <= set(ids) and (last is None or last.password_hash is None)
    registers = [register.definition.key for register in engine.registers.registers(ENGINE)]
    return any(engine.registers.page(register, ENGINE, limit=1).rows for register in registers)


def _load_records(engine: ProcessEngine, records: dict[str, Any]) -> None:
    for register, bodies in records.items():
        for body in bodies:
            engine.registers.save(register, None, body, actor=ENGINE)


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(files("workflows").joinpath("demo", name).read_text(encoding="utf-8"))
    return content
