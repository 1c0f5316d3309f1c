"""Owns what is wrong between start events of different processes: a message starts cases of one process only."""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.bpmn.model.facts import ProcessFacts
from engine.repository.shelf import Shelf
from engine.repository.upload import Upload
from engine.types import Finding, Severity

RULES: Final[Mapping[str, Severity]] = {"message-start-taken": "error"}
"""The rules of this module, with their usual severity."""


def start_findings(upload: Upload, shelf: Shelf) -> Iterator[Finding]:
    """Yield start events of an upload whose message starts cases of another process, of the upload or deployed."""
    taken: dict[str, str] = {}
    for key, row in shelf.definitions.items():
        if key not in upload.processes:
            taken.update(dict.fromkeys(_messages(ProcessFacts.from_json(row.facts)), key))
    for key, (facts, file) in upload.processes.items():
        for name, element_id in _messages(facts).items():
            if taken.setdefault(name, key) != key:
                element = facts.element(element_id)
                yield Finding(
                    file.name,
                    "message-start-taken",
                    f"The message {name!r} starts cases of {taken[name]!r} already.",
                    "Give the message another name, or take the other start event away in the same upload.",
                    None if element is None else element.line,
                    element_id,
                    None if element is None else element.name or None,
                )


def _messages(facts: ProcessFacts) -> dict[str, str]:
    """Return the ids of the start events of a process by the message that they wait for."""
    return {start.name: start.element_id for start in facts.starts if start.kind == "message" and start.name}
