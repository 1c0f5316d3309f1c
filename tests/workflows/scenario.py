"""Owns the reading and playing of scenarios (grammar: README.md); what is expected is compared in `expectation`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import feel
from engine.errors import InputRefused
from engine.types import ENGINE
from engine.views import CaseFilter, CaseRef
from tests.workflows import expectation
from tests.workflows.stage import Stage
from webapp.demo.walk import SetClock, Walk

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
"""The models that process owners copy from."""

KNOWN = frozenset({"name", "start", "steps", "then"})


@dataclass(frozen=True)
class Scenario:
    """One scripted walk of a process area; without a start its first case begins by itself."""

    area: str
    name: str
    start: Mapping[str, Any]
    steps: Sequence[Mapping[str, Any]]

    def __str__(self) -> str:
        return f"{self.area.partition('_')[0]}: {self.name}"


def scenarios() -> Iterator[Scenario]:
    """Yield every scenario of every process area."""
    for area in sorted(files("workflows").iterdir(), key=lambda entry: entry.name):
        yield from scenarios_in(area)


def scenarios_in(area: Traversable) -> Iterator[Scenario]:
    """Yield the scenarios of one folder of models; none where it has no `scenarios.yaml`."""
    file = area / "scenarios.yaml"
    for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["scenarios"] if file.is_file() else ():
        assert set(entry) <= KNOWN, f"{area.name}: {entry['name']}: unknown {sorted(set(entry) - KNOWN)}"
        yield Scenario(area.name, entry["name"], entry.get("start", {}), [*entry["steps"], *entry.get("then", ())])


class Player(Walk):
    """A walk that checks what it is told to expect, and moves the clock of its stage."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.engine, SetClock(stage.clock.now), stage.clock.now)
        self._stage = stage

    def play(self, scenario: Scenario) -> None:
        """Play a scenario from its start."""
        if scenario.start:
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
        assert [failure for failure in self.detail().failures if failure.state == "open"] == []

    def _play(self, step: Mapping[str, Any]) -> None:
        if "expect" in step:
            expectation.check(self._stage.engine, self.detail(), self._value_in(step["expect"]))
        elif "advance_time" in step:
            self._stage.clock.now = feel.to_instant(step["advance_time"], self._stage.clock.now)
            self._run_due()
        elif "signal" in step:
            self._signal(step)
        elif "operation" in step:
            self._operation(step)
        elif "look_at" in step:
            self._look_at(step["look_at"])
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

    def _signal(self, step: Mapping[str, Any]) -> None:
        engine, payload = self._stage.engine, self._value(step.get("payload"))
        engine.runtime.throw_signal(step["signal"], payload, actor=engine.identity.actor(step["by"]))
        self._run_due()

    def _operation(self, step: Mapping[str, Any]) -> None:
        """Have the operation called now, once, with the answer of the step."""
        answers = self._stage.answers
        before = len(answers.calls)
        answers.lay(step["operation"], step)
        assert self._stage.engine.management.call_operations(limit=100) == 1
        assert len(answers.calls) == before + 1, f"{step['operation']} was not called"
        called = answers.calls[-1]
        assert {name: called[name] for name in step.get("with", ())} == step.get("with", {})

    def _look_at(self, process: str) -> None:
        """Go on with the newest case of the process, such as one that began by itself."""
        rows = self._stage.engine.history.cases(ENGINE, filter=CaseFilter(process_key=process), limit=1).rows
        assert rows, f"there is no case of {process}"
        self.case = CaseRef(rows[0].id, rows[0].number, rows[0].title, rows[0].status)

    def _run_due(self) -> None:
        """Run what is due at the time; operations wait for their step."""
        while self._stage.engine.management.run_due(operations=False):
            pass

    def _value_in(self, value: Any) -> Any:
        """Work out the special values however deep they stand."""
        if isinstance(value, Mapping) and set(value) not in ({"in"}, {"record"}):
            return {name: self._value_in(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value_in(inner) for inner in value]
        return self._value(value)
