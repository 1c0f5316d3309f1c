"""Owns boxed expressions (DMN 1.5, 10.2.1).

Literal expressions, contexts, lists, relations, invocations, functions, loops, tables.
"""

from collections.abc import Callable
from typing import Any

from lxml.etree import _Element as Element

from engine.decisions.document import child, children, local_name, name_of, text_of, type_of
from engine.decisions.expressions import Expressions, nothing
from engine.decisions.item_types import ItemTypes
from engine.decisions.table import Table, checked_type, compile_table
from engine.feel.budget import Run
from engine.feel.calls import call_by_name
from engine.feel.compiler import TypeCheck
from engine.feel.loops import filtering, for_loop, quantified
from engine.feel.scope import Code, Scope
from engine.feel.values import Function, NoValue, described

_ROUND_COST = 5


class Boxed:
    """Compiles the boxed expressions of one file.

    `tables` keeps the decision tables by their element, for their rules.
    """

    def __init__(self, expressions: Expressions, types: ItemTypes, inbound: ItemTypes) -> None:
        self.expressions, self.types, self.inbound = expressions, types, inbound
        self.tables: dict[Element, Table] = {}
        self._compilers: dict[str, Callable[[Element, str], Code]] = {
            "literalExpression": self._literal,
            "decisionTable": self._table,
            "context": self._context,
            "list": self._list,
            "relation": self._relation,
            "invocation": self._invocation,
            "functionDefinition": self.function,
            "conditional": self._conditional,
            "filter": self._filter,
            "for": self._for,
            "some": self._quantified,
            "every": self._quantified,
        }

    def logic_of(self, holder: Element | None) -> Element | None:
        """Return the boxed expression that stands in `holder`."""
        return None if holder is None else child(holder, *self._compilers)

    def compile(self, element: Element | None, name: str) -> Code:
        """Return the code of a boxed expression (None: of nothing); `name` is what messages and unnamed outputs use."""
        if element is None:
            return nothing
        code = self._compilers[local_name(element)](element, name)
        reference = type_of(element)
        if reference is None or local_name(element) == "functionDefinition":
            return code
        return conforming(code, checked_type(reference, element, self.expressions, self.types), name)

    def _within(self, holder: Element | None, name: str) -> Code:
        return self.compile(self.logic_of(holder), name)

    def _literal(self, element: Element, _name: str) -> Code:
        if child(element, "importedValues") is not None:
            self.expressions.find(
                "dmn-imported-values",
                element,
                "Imported values are not read here.",
                "Write the value into the expression.",
            )
        text = text_of(element)
        return self.expressions.expression(element, text) if text else nothing

    def _table(self, element: Element, name: str) -> Code:
        table = compile_table(element, name, self.expressions, self.types, self.inbound)
        self.tables[element] = table
        return lambda scope: table.evaluate(scope).value

    def _context(self, element: Element, name: str) -> Code:
        outer = self.expressions.bound
        entries: list[tuple[str | None, Code]] = []
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            entry_name = None if variable is None else name_of(variable)
            code = self._within(entry, entry_name or name)
            check = (
                None if variable is None else checked_type(type_of(variable), variable, self.expressions, self.types)
            )
            entries.append((entry_name, conforming(code, check, entry_name or name)))
            if entry_name:
                self.expressions.bound = self.expressions.bound | {entry_name}
        self.expressions.bound = outer

        def evaluate(scope: Scope) -> Any:
            values: dict[str, Any] = {}
            inner = Scope(values, scope, scope.run)
            for entry_name, code in entries:
                if entry_name is None:
                    return code(inner)  # the entry without a name is the result
                values[entry_name] = code(inner)
            return values

        return evaluate

    def _list(self, element: Element, name: str) -> Code:
        items = [self.compile(item, name) for item in children(element, *self._compilers)]
        return lambda scope: [item(scope) for item in items]

    def _relation(self, element: Element, name: str) -> Code:
        columns = [name_of(column) for column in children(element, "column")]
        rows = [
            [self.compile(cell, name) for cell in children(row, *self._compilers)] for row in children(element, "row")
        ]
        return lambda scope: [{column: cell(scope) for column, cell in zip(columns, row, strict=False)} for row in rows]

    def _invocation(self, element: Element, name: str) -> Code:
        function = self._within(element, name)
        bindings: list[tuple[str, Code]] = []
        for binding in children(element, "binding"):
            parameter = child(binding, "parameter")
            bindings.append(("" if parameter is None else name_of(parameter), self._within(binding, name)))

        def evaluate(scope: Scope) -> Any:
            called = function(scope)
            try:
                if not isinstance(called, Function):
                    raise NoValue(f"{described(called)} cannot be called")
                return call_by_name(called, {parameter: code(scope) for parameter, code in bindings}, scope.run)
            except NoValue as reason:
                scope.run.warn(None, f"{name}: {reason}.")
                return None

        return evaluate

    def function(self, element: Element, name: str) -> Code:
        """Return the code that makes the function of a functionDefinition."""
        if element.get("kind", "FEEL") != "FEEL":
            self.expressions.find(
                "dmn-external-function",
                element,
                "Functions in Java or PMML are not run here.",
                "Write the function in FEEL.",
            )
            return nothing
        formal = children(element, "formalParameter")
        parameters = tuple(name_of(parameter) for parameter in formal)
        checks = tuple(checked_type(type_of(entry), entry, self.expressions, self.types) for entry in formal)
        result = checked_type(type_of(element), element, self.expressions, self.types)
        outer = self.expressions.bound
        self.expressions.bound = outer | set(parameters)
        body = self._within(element, name)
        self.expressions.bound = outer

        def evaluate(scope: Scope) -> Function:
            def run_body(run: Run, *arguments: Any) -> Any:
                return body(Scope(dict(zip(parameters, arguments, strict=True)), scope, run))

            return Function(parameters, checks, run_body, _ROUND_COST, result)

        return evaluate

    def _conditional(self, element: Element, name: str) -> Code:
        condition, then, otherwise = (self._within(child(element, part), name) for part in ("if", "then", "else"))

        def evaluate(scope: Scope) -> Any:
            found = condition(scope)
            if found is True:
                return then(scope)
            if found is False or found is None:
                return otherwise(scope)
            scope.run.warn(None, f"{name}: {described(found)} is neither true nor false.")
            return None

        return evaluate

    def _filter(self, element: Element, name: str) -> Code:
        base = self._within(child(element, "in"), name)
        return filtering(base, self._bound_body(element, "match", "item", name), _ROUND_COST, 0, maybe_index=False)

    def _bound_body(self, element: Element, part: str, variable: str, name: str) -> Code:
        outer = self.expressions.bound
        self.expressions.bound = outer | {variable, "partial"}
        body = self._within(child(element, part), name)
        self.expressions.bound = outer
        return body

    def _iterator(self, element: Element, part: str, name: str) -> tuple[list[tuple[str, Code]], Code]:
        variable = " ".join((element.get("iteratorVariable") or "").split())
        domain = self._within(child(element, "in"), name)
        return [(variable, domain)], self._bound_body(element, part, variable, name)

    def _for(self, element: Element, name: str) -> Code:
        iterators, body = self._iterator(element, "return", name)
        return for_loop(iterators, body, _ROUND_COST, 0)

    def _quantified(self, element: Element, name: str) -> Code:
        iterators, body = self._iterator(element, "satisfies", name)
        return quantified(local_name(element) == "some", iterators, body, _ROUND_COST, 0)


def conforming(code: Code, check: TypeCheck | None, name: str) -> Code:
    """Return code whose value conforms to a type: what does not becomes null with a warning (DMN 1.5, 10.3.2.9.4)."""
    if check is None:
        return code
    wanted = check

    def evaluate(scope: Scope) -> Any:
        value = code(scope)
        if value is None:
            return None
        try:
            return wanted(value, scope.run)
        except NoValue as reason:
            scope.run.warn(None, f"{name}: {reason}.")
            return None

    return evaluate
