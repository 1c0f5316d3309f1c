"""Owns the question whether a process's own measures can be computed from what its cases do; it computes none."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from engine.bpmn.model.facts import ProcessFacts
from engine.events import ACTIVITY_COMPLETED, CASE_COMPLETED
from engine.forms_protocol import FormField
from engine.metrics.process import EventPattern, ManagedProcess, OwnMeasure
from engine.metrics.registry import CASES, MEASURES, SCORE, SHARE
from engine.repository.shelf import UploadCatalog

USUAL: Final = frozenset(("element", *(measure.key for measure in MEASURES)))
"""Keys that mean something for every process: its measures, and what happened at an element (engine.figures.behind)."""
VOLUMES: Final = tuple(each.key for each in MEASURES if each.kind == "volumes" and each.unit == CASES)
"""What a ratio may be made of besides counts and fields of the process."""

_NUMBERS: Final = ("number", "expression")


class Mistake(NamedTuple):
    """What is wrong with a measure: its key, the property that is to blame, the message, how to mend it."""

    measure: str
    place: str
    message: str
    remedy: str


class Measured:
    """What the cases of a managed process consist of: its definitions, and those that they call."""

    def __init__(self, process: ManagedProcess, catalog: UploadCatalog) -> None:
        self.catalog = catalog
        self.facts: dict[str, ProcessFacts] = {}
        waiting = list(process.cases)
        while waiting:
            key = waiting.pop()
            facts = None if key in self.facts else catalog.process_facts(key)
            if facts is not None:
                self.facts[key] = facts
                waiting += [call.key for call in facts.calls]

    @property
    def keys(self) -> frozenset[str]:
        """Return the keys of the definitions."""
        return frozenset(self.facts)

    def has_element(self, element: str) -> bool:
        """Return whether one of the definitions has an element with this id."""
        return any(facts.element(element) is not None for facts in self.facts.values())

    def has_interface(self, interface: str) -> bool:
        """Return whether one of the definitions uses this interface."""
        kind, _, name = interface.partition(":")
        for facts in self.facts.values():
            used = {
                "message": [*(each.name for each in facts.sends), *(each.name for each in facts.receives)],
                "decision": list(facts.decisions),
                "process": [call.key for call in facts.calls],
            }
            if name in used.get(kind, [name]):
                return True
        return False

    def registers(self) -> dict[str, str]:
        """Return the registers that the definitions read or write: the key by the variable."""
        found: dict[str, str] = {}
        for facts in self.facts.values():
            for use in facts.registers:
                register = self.catalog.register(use.register)
                if register is not None:
                    found[register.variable] = register.key
        return found

    def fields(self) -> dict[str, FormField]:
        """Return the fields that forms of the definitions put into the case's data, by their path."""
        found: dict[str, FormField] = {}
        for facts in self.facts.values():
            own = {element.form_variable for element in facts.elements if element.form_variable}
            results = {each.form: each.result_variable for each in facts.receives if each.form}
            for form in facts.forms:
                for field in self.catalog.form_parts(form):
                    under = results.get(form)
                    found.setdefault(f"{under}.{field.key}" if under else field.key, field)
                    found.update({f"{variable}.{field.key}": field for variable in own})
        return found


def measure_findings(process: ManagedProcess, measured: Measured) -> Iterator[Mistake]:
    """Yield why measures of `process` cannot be computed, or would be taken for others."""
    for measure in process.measures:
        found = [*_key_and_unit(measure), *_patterns(measure, measured), *_ratio(measure, process)]
        if measure.field is not None:
            found += _field(measure.field, measured)
        yield from (Mistake(measure.key, *mistake) for mistake in found)


def _key_and_unit(measure: OwnMeasure) -> Iterator[tuple[str, str, str]]:
    if measure.key in USUAL:
        yield "key", f"every process has a measure {measure.key!r} already.", "Give it another key."
    unit = measure.unit
    if any(character.isdigit() for character in unit) or unit[:1] in ("-", ".", ","):
        yield "unit", f"the unit {unit!r} could not be told from a number in a target.", "Use a word, such as EUR."
    only = {SHARE: "ratio", SCORE: "field"}.get(unit)
    if only is not None and measure.kind != only:
        yield "unit", f"the unit {unit!r} is for measures of the kind {only}.", "Use another word, such as `rounds`."


def _patterns(measure: OwnMeasure, measured: Measured) -> Iterator[tuple[str, str, str]]:
    patterns = {"of": measure.of, "since": measure.since, "until": measure.until}
    for place, pattern in patterns.items():
        if pattern is not None:
            yield from ((f"{place}.{part}", message, remedy) for part, message, remedy in _pattern(pattern, measured))


def _pattern(pattern: EventPattern, measured: Measured) -> Iterator[tuple[str, str, str]]:
    element, interface = pattern.element, pattern.interface
    if element is not None and not measured.has_element(element):
        message = f"there is no element {element!r} in the processes of its cases, nor in those that they call."
        yield "element", message, "Use the id of an element as the modeler shows it."
    if interface is not None and not measured.has_interface(interface):
        message = f"none of the processes of its cases uses {interface!r}, nor do those that they call."
        yield "interface", message, "Correct the name."
    if pattern.outcome is not None and pattern.kind not in (ACTIVITY_COMPLETED, CASE_COMPLETED):
        message = f"events of the kind {pattern.kind} have no outcome."
        yield "outcome", message, f"Use the kind {ACTIVITY_COMPLETED} or {CASE_COMPLETED}, or take the outcome out."


def _ratio(measure: OwnMeasure, process: ManagedProcess) -> Iterator[tuple[str, str, str]]:
    usable = [each.key for each in process.measures if each.kind in ("count", "field") and each.key != measure.key]
    for place in ("numerator", "denominator"):
        name = getattr(measure, place)
        if name is not None and name not in usable and name not in VOLUMES:
            message = f"its {place} {name!r} is neither a count or field of this process nor a volume."
            yield place, message, f"Use one of: {', '.join([*usable, *VOLUMES])}."


def _field(path: str, measured: Measured) -> Iterator[tuple[str, str, str]]:
    first, _, rest = path.partition(".")
    registers = measured.registers()
    if first in registers:
        yield from _field_of_record(path, registers[first], rest, measured)
        return
    fields = measured.fields()
    if path in fields:
        yield from _number(path, fields[path])
    else:
        message = (
            f"its field {path!r} does not exist: {first!r} is neither the variable of a register that its processes"
        )
        message += " use nor a field of their forms."
        known = ", ".join(sorted({*registers, *(name.partition(".")[0] for name in fields)})[:20])
        yield "field", message, f"Begin the path with one of: {known}."


def _field_of_record(path: str, register: str, rest: str, measured: Measured) -> Iterator[tuple[str, str, str]]:
    definition = measured.catalog.all_registers[register]
    fields = {field.key: field for field in measured.catalog.form_parts(definition.form)}
    numbers = ", ".join(key for key, field in fields.items() if field.type in _NUMBERS)
    remedy = f"Name a field of the form {definition.form!r} that holds a number: {numbers or 'it has none yet'}."
    if not rest:
        yield "field", f"its field {path!r} is a record, and no number.", remedy
    elif rest not in fields:
        yield "field", f"its field {path!r} does not exist: records of {definition.name} have no {rest!r}.", remedy
    else:
        yield from _number(path, fields[rest])


def _number(path: str, field: FormField) -> Iterator[tuple[str, str, str]]:
    if field.type not in _NUMBERS:
        yield "field", f"its field {path!r} ({field.label}, {field.type}) holds no number.", "Name a number field."
