"""Owns the reading and playing of scenarios (grammar: README.md); what is expected is compared in `expectation`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest
import yaml

from engine import feel
from engine.errors import InputRefused
from engine.types import ENGINE
from tests.workflows import expectation
from tests.workflows.stage import Stage
from webapp.demo.walk import SetClock, Walk

KNOWN = frozenset({"name", "start", "steps", "then"})


@dataclass(frozen=True)
class Scenario:
    """One scripted walk of a process area."""

    area: str
    name: str
    start: Mapping[str, Any]
    steps: Sequence[Mapping[str, Any]]

    def __str__(self) -> str:
        return f"{self.area.partition('_')[0]}: {self.name}"


def scenarios() -> Iterator[Scenario]:
    """Yield every scenario of every process area."""
    for area in sorted(files("workflows").iterdir(), key=lambda entry: entry.name):
        file = area / "scenarios.yaml"
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["scenarios"] if file.is_file() else ():
            assert set(entry) <= KNOWN, f"{area.name}: {entry['name']}: unknown {sorted(set(entry) - KNOWN)}"
            yield Scenario(area.name, entry["name"], entry["start"], [*entry["steps"], *entry.get("then", ())])


class Player(Walk):
    """A walk that checks what it is told to expect, and moves the clock of its stage."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.engine, SetClock(stage.clock.now), stage.clock.now)
        self._stage = stage

    def play(self, scenario: Scenario) -> None:
        """Play a scenario from its start."""
        self.start(scenario.start)
        self.go(scenario.steps)

    def go(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Take the steps, one after the other; the one that goes wrong is named in the failure."""
        for number, step in enumerate(steps, 1):
            self._end = self._stage.clock.now
            try:
                self._play(step)
            except Exception as error:
                error.add_note(f"in step {number}: {dict(step)}")
                raise
        assert self.detail().failures == ()

    def _play(self, step: Mapping[str, Any]) -> None:
        if "expect" in step:
            expectation.check(self._stage.engine, self.detail(), self._value_in(step["expect"]))
        elif "advance_time" in step:
            self._stage.clock.now = feel.to_instant(step["advance_time"], self._stage.clock.now)
            while self._stage.engine.management.run_due():
                pass
        elif "refused" in step:
            before = self._stage.engine.history.timeline(self._own().id, ENGINE)
            with pytest.raises(InputRefused) as refusal:
                self.step(step)
            assert sorted(refusal.value.messages) == sorted(step["refused"])
            assert self._stage.engine.history.timeline(self._own().id, ENGINE) == before
        elif "state" in step:
            self._send(step)
        else:
            self.step(step)

    def _send(self, step: Mapping[str, Any]) -> None:
        sent = self._stage.engine.runtime.send_message(
            step["message"],
            self._value(step.get("key")),
            self._values(step["payload"]),
            actor=self._stage.engine.identity.actor(step["by"]),
        )
        assert sent.state == step["state"]

    def _value_in(self, value: Any) -> Any:
        """Work out the special values however deep they stand."""
        if isinstance(value, Mapping) and set(value) not in ({"in"}, {"record"}):
            return {name: self._value_in(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value_in(inner) for inner in value]
        return self._value(value)
