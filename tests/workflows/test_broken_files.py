"""Shipped files that are broken at random: refused with findings, or deployed, and then cases start or fail."""

import json
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from engine.errors import ConcurrentUpdate, DefinitionRefused, InputRefused, NotFound, StepFailed
from engine.types import ENGINE, Actor
from tests.unit.lint.mutations import mutated
from tests.workflows.stage import Stage, raised
from webapp import shipped

PATIENCE = 10.0
"""Seconds of computing that a deployment may take at most."""

CHANGES = 4
"""How many broken files of each kind are deployed."""

GROUPS = frozenset({"requirements_process_owners", "process_management"})
KIM = Actor("kim", "Kim", frozenset({"originator", "staff"}), GROUPS, "northwind-rail")
ANSWERS = {
    "capture_infrastructure_need": {
        "gap_source": "security",
        "title": "Room",
        "statement": "The room is full.",
        "reason": "It stops.",
    },
}
_TEXTS = ("", "x", "=", "=1 +", "a b", "{{", "\n", "- a", "&a", "*a", "true", "3", "[", "- - -", "P1D")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = raised(f"sqlite:///{tmp_path_factory.mktemp('broken')}/comity.sqlite")
    yield made
    made.engine.close()


def _broken(name: str, content: bytes, chance: random.Random) -> bytes:
    if name.endswith((".bpmn", ".dmn")):
        return mutated(content, chance, chance.randint(1, 3))
    if name.endswith(".form"):
        form = json.loads(content)
        for _ in range(chance.randint(1, 3)):
            _break_json(form, chance)
        return json.dumps(form).encode()
    lines = content.decode().split("\n")
    for _ in range(chance.randint(1, 3)):
        place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        name_part, colon, _ = lines[place].partition(": ")
        lines[place] = chance.choice(
            (lines[other], "", f"{name_part}{colon}{chance.choice(_TEXTS)}", f"  {lines[place]}")
        )
    return "\n".join(lines).encode()


def _break_json(form: Any, chance: random.Random) -> None:
    parts, waiting = [], [form]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict | list) and part:
            parts.append(part)
            waiting.extend(part.values() if isinstance(part, dict) else part)
    part, giver = chance.choice(parts), chance.choice(parts)
    place = chance.choice(list(part)) if isinstance(part, dict) else chance.randrange(len(part))
    given = giver[chance.choice(list(giver))] if isinstance(giver, dict) else chance.choice(giver)
    if chance.random() < 0.3:
        del part[place]
    else:
        part[place] = chance.choice((json.loads(json.dumps(given)), *_TEXTS, None, 7, -1, [], {}))


def _files() -> list[tuple[str, Mapping[str, bytes], str]]:
    """Return every shipped file with its area and all files of the area."""
    return [
        (f"{area}/{name}", content, name)
        for area, content in sorted(shipped.areas().items())
        for name in sorted(content)
        if not name.endswith((".md", "scenarios.yaml"))
    ]


FILES = _files()


def test_a_case_of_the_shipped_files_starts(stage: Stage) -> None:
    """Else nothing would be learnt from cases of broken ones."""
    stage.engine.runtime.start("capture_infrastructure_need", ANSWERS["capture_infrastructure_need"], actor=KIM)


def _deployed(stage: Stage, files: Mapping[str, bytes]) -> int:
    findings = stage.engine.repository.check(files)
    assert all(finding.file and finding.remedy for finding in findings)
    if any(finding.severity == "error" for finding in findings):
        with pytest.raises(DefinitionRefused):
            stage.engine.repository.deploy(files, name="broken", actor=ENGINE)
        return 0
    started = 0
    result = stage.engine.repository.deploy(files, name="broken", actor=ENGINE)
    for row in result.deployed:
        with suppress(StepFailed, InputRefused, ConcurrentUpdate, NotFound):
            stage.engine.runtime.start(row.key, ANSWERS.get(row.key, {}), actor=KIM)
            started += 1
    return started


@pytest.mark.parametrize("kind", [".bpmn", ".dmn", ".form", ".yaml"])
def test_a_broken_file_is_refused_or_deployed(stage: Stage, kind: str) -> None:
    chance = random.Random(kind)  # noqa: S311 - not for secrets
    files = [file for file in FILES if file[2].endswith(kind)]
    for _ in range(CHANGES):
        _, area, name = chance.choice(files)
        content = {**area, name: _broken(name, area[name], chance)}
        begun = time.process_time()
        try:
            _deployed(stage, content)
        except Exception as error:
            raise AssertionError(content[name].decode()) from error
        assert time.process_time() - begun < PATIENCE
