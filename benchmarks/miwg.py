"""Prints what becomes of the reference models of the BPMN Model Interchange Working Group, as a table in Markdown.

Usage: python benchmarks/miwg.py ARCHIVE

ARCHIVE is a tar file of the reference models (https://github.com/bpmn-miwg/bpmn-miwg-test-suite). Most of them are
drawings that are not meant to be run: each is checked as it is, then with every process of it marked to be run. What
has no error is run: tasks are completed, timers let pass, messages and signals sent, until each case ends.
"""

import argparse
import re
import sys
import tarfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.bpmn import interpreter
from engine.bpmn.case.context import ProcessSource, StepContext
from engine.bpmn.catalog import RegisterFacts
from engine.bpmn.lint import lint
from engine.bpmn.model.facts import processes_in
from engine.bpmn.reading.executable import build
from engine.errors import ComityError, StepFailed
from engine.types import ENGINE, Finding, RecordRef
from engine.types.step import Step

MOST_STEPS = 500
_PROCESS = re.compile(rb"(<(?:\w+:)?process\b[^>]*?)(\s+isExecutable=\"[^\"]*\")?([^>]*>)")


class Everything:
    """A catalog in which every name exists."""

    def __getattr__(self, _: str) -> Any:
        return lambda *_: True

    def form_fields(self, _: str) -> Collection[str] | None:
        """Return that nothing is known of a form."""
        return None

    def form_reads(self, _: str) -> tuple[()]:
        """Return that forms read nothing."""
        return ()

    def begun_with(self, _: str) -> tuple[()]:
        """Return that the product begins no cases itself."""
        return ()

    def decision_inputs(self, _: str) -> None:
        """Return that nothing is known of what a decision reads."""

    def deployed_processes(self) -> tuple[()]:
        """Return that nothing is deployed."""
        return ()

    def register(self, name: str) -> RegisterFacts:
        """Return a register for any name."""
        return RegisterFacts(name, "record")

    def operation(self, _: str) -> None:
        """Return that no operation is known."""
        return


class NoRecords:
    """Registers without records."""

    def __getattr__(self, _: str) -> Any:
        return lambda *_: None

    def new_id(self, register: str) -> str:
        """Return a number."""
        return f"{register}-1"

    def body(self, ref: RecordRef) -> Mapping[str, Any]:
        """Return an empty record."""
        return {"number": ref.id}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a model: the rules that refuse it, with how many errors of each; else what its cases came to."""

    refused: Mapping[str, int]
    ran: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.refused:
            return ", ".join(f"{rule} ({count})" if count > 1 else rule for rule, count in sorted(self.refused.items()))
        return "; ".join(self.ran)


def models(archive: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every model in a tar file, by name."""
    with tarfile.open(archive) as packed:
        for member in sorted(packed.getmembers(), key=lambda member: member.name):
            content = packed.extractfile(member)
            if member.name.endswith(".bpmn") and content is not None:
                yield member.name.rpartition("/")[2], content.read()


def executable(content: bytes) -> bytes:
    """Return the model with every process of it marked to be run."""
    return _PROCESS.sub(
        lambda found: re.sub(rb"\s+isExecutable=\"[^\"]*\"", b"", found[0]).replace(
            b"process", b'process isExecutable="true"', 1
        ),
        content,
    )


def errors(name: str, content: bytes) -> list[Finding]:
    """Return the errors that the lint finds."""
    catalog: Any = Everything()
    return [finding for finding in lint({name: content}, catalog) if finding.severity == "error"]


def verdict(name: str, content: bytes) -> Verdict:
    """Return what becomes of a model."""
    found = errors(name, content)
    if found:
        return Verdict(Counter(finding.rule for finding in found))
    ran = [
        f"{facts.name}: {_run(name, content, facts.key)}" for facts in processes_in(content, name) if facts.executable
    ]
    return Verdict({}, tuple(ran))


def _run(name: str, content: bytes, key: str) -> str:
    """Walk one case to its end, and return how it ended."""
    registers = {each: RegisterFacts(each, "record") for each in re.findall(r'name="([^"]+)"', content.decode())}
    model = build([ProcessSource(key, f"{key}:1", name, content, registers=registers)])
    records: Any = NoRecords()
    now = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
    context = StepContext(now, ENGINE, records)
    try:
        step = interpreter.start(model, {}, context)
        for count in range(MOST_STEPS):
            if step.finished:
                return f"ends in {step.outcome!r} after {count} steps"
            step, now = _next(model, step, now, records)
    except StepFailed as failed:
        return f"stops: {failed}"
    return f"goes on after {MOST_STEPS} steps"


def _next(model: Any, step: Step, now: datetime, records: Any) -> tuple[Step, datetime]:
    """Do the next thing that the case waits for: tasks first, then what comes from outside, then time."""
    context = StepContext(now, ENGINE, records)
    if step.open_tasks:
        return interpreter.complete(model, step.state, step.open_tasks[0].task_id, {}, context), now
    if step.subscriptions:
        waiting = step.subscriptions[0]
        take = interpreter.signal if waiting.kind == "signal" else interpreter.deliver
        return take(model, step.state, waiting.task_id, {}, context), now
    timer = min(step.timers, key=lambda each: each.due_at)
    now = max(now, timer.due_at)
    return interpreter.fire(model, step.state, [timer.task_id], StepContext(now, ENGINE, records)), now


def table(archive: str) -> str:
    """Return the table: each model as it is, and marked to be run."""
    rows = ["| model | as it is | marked to be run |", "|---|---|---|"]
    for name, content in models(archive):
        rows.append(f"| {name} | {verdict(name, content)} | {verdict(name, executable(content))} |")
    return "\n".join(rows)


def main() -> int:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("archive", help="a tar file of the reference models")
    chosen = arguments.parse_args()
    try:
        print(table(chosen.archive))
    except (OSError, tarfile.TarError, ComityError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
