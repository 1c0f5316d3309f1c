"""Owns the item definitions of a model: named types with components, collections and allowed values (DMN 1.5, 7.3.2).

A type is a check: it takes a value and returns it, converted where DMN converts, or raises `NoValue`. With `inbound` it
also reads the texts in which JSON brings dates, times and durations.
"""

from collections.abc import Mapping
from typing import Any

from lxml.etree import _Element as Element

from engine.decisions.document import child, children, name_of, text_of
from engine.decisions.expressions import Expressions
from engine.feel.budget import Run
from engine.feel.compiler import Environment, TypeCheck
from engine.feel.conformance import basic_type, conformed
from engine.feel.nodes import TypeNode
from engine.feel.scope import Scope
from engine.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time
from engine.feel.unary import TestCode
from engine.feel.values import DATE, DATE_TIME, DAYS, MONTHS, TIME, Function, NoValue, described, kind, native

_READERS = {
    DATE: parse_date,
    TIME: parse_time,
    DATE_TIME: parse_date_time,
    DAYS: parse_duration,
    MONTHS: parse_duration,
}
_CAMUNDA_NUMBERS = frozenset(("integer", "long", "double", "decimal", "float", "int", "short"))
_NO_TYPES = Environment()


class ItemTypes:
    """The types of one model by name; `imported` are those of the models it imports, by import name."""

    def __init__(self, expressions: Expressions, imported: "Mapping[str, ItemTypes]", *, inbound: bool) -> None:
        self.expressions, self.imported, self.inbound = expressions, imported, inbound
        self.definitions: dict[str, Element] = {}
        self._checks: dict[str, TypeCheck | None] = {}

    def function_result(self, reference: str | None) -> str | None:
        """Return the result type of a function item, or the reference itself."""
        definition = self.definitions.get(reference or "")
        item = None if definition is None else child(definition, "functionItem")
        return reference if item is None else item.get("outputTypeRef")

    def knows(self, reference: str) -> bool:
        """Say whether `reference` names a type."""
        name = self._plain(reference)
        head, point, rest = name.partition(".")
        if point and head in self.imported:
            return self.imported[head].knows(rest)
        return (
            name in self.definitions
            or _basic(name) is not None
            or ("" in self.imported and self.imported[""].knows(name))
        )

    def check(self, reference: str | None) -> TypeCheck | None:
        """Return the check of a typeRef; None where nothing is asked for, or the type is unknown."""
        if not reference:
            return None
        name = self._plain(reference)
        if name not in self._checks:
            self._checks[name] = self._deferred(name)  # item definitions may contain themselves
            self._checks[name] = self._resolved(name)
        return self._checks[name]

    def _plain(self, reference: str) -> str:
        name = " ".join(reference.split())
        prefix, colon, rest = name.rpartition(":")
        return rest if colon and name not in self.definitions and prefix else name

    def _deferred(self, name: str) -> TypeCheck:
        def check(value: Any, run: Run) -> Any:
            resolved = self._checks[name]
            return value if resolved is None or resolved is check else resolved(value, run)

        return check

    def _resolved(self, name: str) -> TypeCheck | None:
        if name in self.definitions:
            return self._item(self.definitions[name])
        head, point, rest = name.partition(".")
        if point and head in self.imported:
            return self.imported[head].check(rest)
        basic = _basic(name)
        if basic is not None:
            return self._basic_check(basic)
        return self.imported[""].check(name) if "" in self.imported else None

    def _basic_check(self, name: str) -> TypeCheck:
        wanted = TypeNode(0, name)
        reader = _READERS.get(name) if self.inbound else None

        def check(value: Any, run: Run) -> Any:
            return conformed(value, wanted, _NO_TYPES, run)

        def check_inbound(value: Any, run: Run) -> Any:
            if isinstance(value, str) and reader is not None:
                read = reader(value)
                if read is None or kind(read) != name:
                    raise NoValue(f"{value[:40]!r} is no {name}")
                return read
            return conformed(value, wanted, _NO_TYPES, run)

        return check_inbound if reader else check

    # -- item definitions

    def _tests(self, element: Element | None) -> TestCode | None:
        return None if element is None or not text_of(element) else self.expressions.tests(element, text_of(element))

    def _item(self, definition: Element) -> TypeCheck:
        single = self._single(definition)
        allowed = self._tests(child(definition, "allowedValues"))
        constraint = self._tests(child(definition, "typeConstraint"))
        if definition.get("isCollection") == "true":
            return _collection(single, allowed, constraint)

        def check(value: Any, run: Run) -> Any:
            value = native(value)
            if type(value) is list and len(value) == 1:
                try:
                    value = single(value, run)
                except NoValue:
                    value = native(value[0])
            if value is None:
                return None
            value = single(value, run)
            _allow(allowed, value, run)
            _allow(constraint, value, run)
            return value

        return check

    def _single(self, definition: Element) -> TypeCheck:
        """Return the check of one item, collection and allowed values apart."""
        if child(definition, "functionItem") is not None:
            return _function
        components = children(definition, "itemComponent")
        if components:
            return _structure({name_of(component): self._item(component) for component in components})
        reference = child(definition, "typeRef")
        return self.check(reference.text if reference is not None else None) or _anything


def _basic(name: str) -> str | None:
    return "number" if name in _CAMUNDA_NUMBERS else basic_type(name)


def _anything(value: Any, _run: Run) -> Any:
    return value


def _function(value: Any, _run: Run) -> Any:
    if not isinstance(value, Function):
        raise NoValue(f"{described(value)} is no function")
    return value


def _allow(tests: TestCode | None, value: Any, run: Run) -> None:
    if tests is not None and value is not None and tests(Scope({"?": value}, None, run), value) is not True:
        raise NoValue("the value is not one of the allowed values")


def _collection(single: TypeCheck, allowed: TestCode | None, constraint: TestCode | None) -> TypeCheck:
    def check(value: Any, run: Run) -> Any:
        value = native(value)
        items = []
        for item in map(native, value if isinstance(value, list) else [value]):
            run.charge(1)
            checked = None if item is None else single(item, run)
            _allow(allowed, checked, run)
            items.append(checked)
        _allow(constraint, items, run)
        return items

    return check


def _structure(components: Mapping[str, TypeCheck]) -> TypeCheck:
    def check(value: Any, run: Run) -> Any:
        if not isinstance(value, Mapping):
            raise NoValue(f"{described(value)} is no context")
        run.charge(len(value))
        checked = dict(value)
        for name, component in components.items():
            if name not in value:
                raise NoValue(f"the context has no entry {name!r}")
            part = native(value[name])
            if part is not None:
                checked[name] = component(part, run)
        return checked

    return check
