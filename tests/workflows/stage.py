"""Owns the stage for walks: an engine with the shipped processes, the demo people and registers, and a set clock."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from forms.catalog import MarshmallowForms
from tests.workflows.answers import Answers
from webapp import shipped

BEGINNING: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""A Monday morning."""


class Clock:
    """A clock that moves when told to; each look at it takes a millisecond, so that no two things happen at once."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass(frozen=True)
class Stage:
    """An engine, the clock that it looks at, and what its operations come to."""

    engine: ProcessEngine
    clock: Clock
    answers: Answers = field(default_factory=Answers)


def raised(database: str) -> Stage:
    """Make the tables, deploy what is shipped, and bring people and registers in."""
    stage = _opened(database)
    engine = stage.engine
    engine.migrate()
    _groups(engine)
    for area, content in shipped.areas().items():
        engine.repository.deploy(content, name=area, actor=ENGINE, source="shipped")
    for register, bodies in demo("records.yaml").items():
        for body in bodies:
            engine.registers.save(register, None, body, actor=ENGINE)
    _users(engine, organisations=True)
    return stage


def with_models(database: str, content: Mapping[str, bytes]) -> Stage:
    """Make the tables, bring the demo people in, without their organisations, and deploy these files only."""
    stage = _opened(database)
    stage.engine.migrate()
    _groups(stage.engine)
    _users(stage.engine, organisations=False)
    stage.engine.repository.deploy(content, name="models", actor=ENGINE)
    return stage


def copied(template: Path, folder: Path) -> Stage:
    """Return a stage on a copy of the SQLite file `template`, so that each walk begins with untouched registers."""
    file = folder / "walk.sqlite"
    shutil.copy(template, file)
    return _opened(f"sqlite:///{file}")


def _opened(database: str) -> Stage:
    clock, answers = Clock(), Answers()
    return Stage(ProcessEngine(database, MarshmallowForms(), clock, answers.operations()), clock, answers)


def demo(name: str) -> dict[str, Any]:
    """Return a file of the demo content."""
    content: dict[str, Any] = yaml.safe_load(files("workflows").joinpath("demo", name).read_text(encoding="utf-8"))
    return content


def _groups(engine: ProcessEngine) -> None:
    for group in demo("people.yaml")["groups"]:
        engine.identity.create_group(group["id"], group["name"], actor=ENGINE)


def _users(engine: ProcessEngine, *, organisations: bool) -> None:
    for user in demo("people.yaml")["users"]:
        engine.identity.create_user(
            user["id"],
            user["name"],
            actor=ENGINE,
            roles=user["roles"],
            groups=user.get("groups", ()),
            organisation_id=user["organisation"] if organisations else None,
        )
