"""Owns what can be run: a process with all that it calls, built once, shared by cases, changed by none of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine import feel
from engine.bpmn.case.context import ProcessSource
from engine.bpmn.model.extensions import properties
from engine.bpmn.model.xml import XmlRefused
from engine.bpmn.reading.process import ModelParser
from engine.bpmn.specs.element import Element
from engine.bpmn.specs.process import ProcessSpec
from engine.bpmn.specs.subprocesses import CallActivity, SubProcess
from engine.errors import DefinitionRefused, ExpressionRefused
from engine.types import Finding

FACTS: Final = ("title", "organisation", "originator", "priority", "channel", "services")
"""Properties of a process that say something about each of its cases."""


@dataclass(frozen=True, slots=True)
class Executable:
    """A process that can run. `scopes` are all processes and sub-processes by name, `root` is the one that is started.

    `facts` are the expressions of the root process's properties, `registers` the keys of those that it, or a process
    that it calls, reads or writes.
    """

    root: ProcessSpec
    scopes: Mapping[str, ProcessSpec]
    facts: Mapping[str, feel.Expression]
    registers: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Return the key of the process that is started."""
        return self.root.process_key


@dataclass(frozen=True, slots=True)
class CaseElement:
    """An element as the pages list it: `scope` is the sub-process it is in, None in the process itself."""

    process_key: str
    id: str
    name: str
    kind: str
    lane: str | None
    scope: str | None = None


def build(sources: Sequence[ProcessSource]) -> Executable:
    """Return what can be run of `sources`: the process to start first, then those that it calls, directly or not.

    Raises `DefinitionRefused` for what cannot be run, also for a called process that is not among them.
    """
    if not sources:
        raise ValueError("there is no process to build")
    scopes: dict[str, ProcessSpec] = {}
    parsers: dict[str, ModelParser] = {}
    for source in sources:
        try:
            parser = ModelParser(source)
        except XmlRefused as error:
            finding = Finding(source.file, error.rule, error.reason, error.remedy, error.line)
            raise DefinitionRefused([finding]) from error
        parser.read()
        parsers[source.key] = parser
        scopes |= parser.specs
    for parser in parsers.values():
        for spec in parser.specs.values():
            for element in spec.elements():
                if isinstance(element, CallActivity):
                    _join_call(element, scopes, parser)
    root = sources[0].key
    named = frozenset(facts.key for source in sources for facts in source.registers.values())
    return Executable(scopes[root], scopes, _facts(parsers[root]), named)


def _join_call(element: CallActivity, scopes: Mapping[str, ProcessSpec], parser: ModelParser) -> None:
    if element.key not in scopes:
        parser.refuse(
            parser.document.resolve(element.name),
            f"There is no process {element.key!r} to call.",
            "Deploy it together with this process, or before it.",
        )
    element.inner = scopes[element.key]
    if element.inner.entry.trigger is not None:
        parser.refuse(
            parser.document.resolve(element.name),
            f"The process {element.key!r} has no plain start event, so it cannot be called.",
            "Draw one beside those with a message, a signal or a timer.",
        )


def _facts(parser: ModelParser) -> dict[str, feel.Expression]:
    node = parser.document.resolve(parser.source.key)
    assert node is not None  # noqa: S101 - the parser has read it
    found = {}
    for name, source in properties(node).items():
        if name in FACTS:
            try:
                found[name] = feel.parse(feel.to_feel(source))
            except ExpressionRefused as error:
                parser.refuse(node, f"The property {name!r}: {error}", "Mend the expression.")
    return found


def reads_newest(executable: Executable, process_key: str, element_id: str, register: str) -> bool:
    """Say whether an element reads the newest version of a record even where cases may keep an older one."""
    for spec in executable.scopes.values():
        element = spec.element(element_id) if spec.process_key == process_key else None
        if element is not None and element.registers is not None:
            return element.registers.reads_newest(register)
    return False


def steps_of(executable: Executable) -> Sequence[CaseElement]:
    """Return the elements in the order in which a case can come to them, sub-processes and called ones in place."""
    found: list[CaseElement] = []
    _walk(executable.root, found, {executable.root.name})
    return found


def _walk(spec: ProcessSpec, found: list[CaseElement], walked: set[str]) -> None:
    scope = None if spec.is_process else spec.name.partition("/")[2]
    waiting: list[Element] = list(spec.starts)
    apart: list[Element] = list(spec.handlers)
    seen = {start.name for start in spec.starts}
    while waiting or apart:
        element = waiting.pop(0) if waiting else apart.pop(0)
        found.append(
            CaseElement(spec.process_key, element.name, element.label, element.kind, element.drawn.lane, scope)
        )
        if isinstance(element, SubProcess) and element.inner.name not in walked:
            walked.add(element.inner.name)
            _walk(element.inner, found, walked)
        for following in element.following():
            if following.name not in seen:
                seen.add(following.name)
                waiting.append(following)
