"""Owns decision tables (DMN 1.5, chapter 8): inputs, rules, outputs; compiled from XML once, evaluated many times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml.etree import _Element as Element

from engine.decisions.document import child, children, name_of, text_of, type_of
from engine.decisions.expressions import Expressions, nothing
from engine.decisions.hit_policy import AGGREGATIONS, POLICIES, Hit, Outputs, Policy
from engine.decisions.item_types import ItemTypes
from engine.decisions.overlap import find_overlaps
from engine.errors import StepFailed
from engine.feel.compiler import TypeCheck
from engine.feel.scope import Code, Scope
from engine.feel.unary import TestCode
from engine.feel.values import NoValue
from engine.types.counting import counted

_MAX_RULES = 2_000
CAMUNDA = "{http://camunda.org/schema/1.0/dmn}"


@dataclass(slots=True)
class Input:
    """A column of conditions: what is asked, its type, its allowed values, and the name cells may call it by."""

    label: str
    code: Code
    check: TypeCheck | None
    allowed: TestCode | None
    variable: str | None


@dataclass(slots=True)
class Output:
    """A column of results."""

    name: str
    check: TypeCheck | None
    values: Code | None
    default: Code | None


@dataclass(slots=True)
class Rule:
    """A row: the tests that are no dash, with the index of their input, and one code per output."""

    number: int
    tests: tuple[tuple[int, TestCode], ...]
    outputs: tuple[Code, ...]


@dataclass(slots=True)
class Outcome:
    """What a table gave: the outputs of the rules that count, and the value by the standard."""

    rules: tuple[Outputs, ...]
    value: Any


@dataclass(slots=True)
class Table:
    """A compiled decision table."""

    name: str
    policy: Policy
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    def evaluate(self, scope: Scope) -> Outcome:
        """Return what the rules give. Raises `StepFailed` when an input is not allowed or the hit policy is broken."""
        values = [self._input(entry, scope) for entry in self.inputs]
        inner = scope
        if any(entry.variable for entry in self.inputs):
            named = {entry.variable: value for entry, value in zip(self.inputs, values, strict=True) if entry.variable}
            inner = Scope(named, scope, scope.run)
        hits = self._hits(values, inner)
        if not hits:
            return self._default(scope)
        chosen = self.policy.select(hits, lambda: self._priorities(scope), scope.run)
        plain = [self._plain(outputs) for outputs in chosen]
        return Outcome(chosen, plain if self.policy.gives_list else plain[0] if plain else None)

    def _input(self, entry: Input, scope: Scope) -> Any:
        value = entry.code(scope)
        if value is None:
            return None
        if entry.check is not None:
            try:
                value = entry.check(value, scope.run)
            except NoValue as reason:
                raise StepFailed(f"the input {entry.label!r} of the decision table {self.name!r}: {reason}.") from None
        if entry.allowed is not None and value is not None and entry.allowed(scope, value) is not True:
            raise StepFailed(
                f"the input {entry.label!r} of the decision table {self.name!r} "
                "has a value that is not among its allowed values."
            )
        return value

    def _hits(self, values: Sequence[Any], scope: Scope) -> list[Hit]:
        hits: list[Hit] = []
        scope.run.charge(len(self.rules))
        first_only = self.policy.name == "FIRST"
        for rule in self.rules:
            for index, test in rule.tests:
                if test(scope, values[index]) is not True:
                    break
            else:
                results = [code(scope) for code in rule.outputs]
                outputs = {
                    output.name: self._output(output, value, scope)
                    for output, value in zip(self.outputs, results, strict=True)
                }
                hits.append(Hit(rule.number, outputs))
                if first_only:
                    break
        return hits

    def _output(self, output: Output, value: Any, scope: Scope) -> Any:
        if output.check is None or value is None:
            return value
        try:
            return output.check(value, scope.run)
        except NoValue as reason:
            scope.run.warn(None, f"The output {output.name!r} of the decision table {self.name!r}: {reason}.")
            return None

    def _default(self, scope: Scope) -> Outcome:
        if any(output.default for output in self.outputs):
            outputs = {output.name: output.default(scope) if output.default else None for output in self.outputs}
            plain = self._plain(outputs)
            return Outcome((outputs,), [plain] if self.policy.gives_list else plain)
        return Outcome((), Decimal(0) if self.policy.aggregation == "COUNT" else None)

    def _plain(self, outputs: Outputs) -> Any:
        return next(iter(outputs.values())) if len(self.outputs) == 1 else outputs

    def _priorities(self, scope: Scope) -> Mapping[str, Sequence[Any]]:
        listed = {output.name: output.values(scope) for output in self.outputs if output.values}
        return {name: values for name, values in listed.items() if isinstance(values, list)}


def compile_table(element: Element, name: str, expressions: Expressions, types: ItemTypes, inbound: ItemTypes) -> Table:
    """Return the table that `element` (a decisionTable) describes; what is wrong with it goes to the findings."""
    inputs = tuple(_input(entry, expressions, inbound) for entry in children(element, "input"))
    outputs = tuple(_output(entry, name, expressions, types) for entry in children(element, "output"))
    policy = _policy(element, name, len(outputs), expressions)
    rules = children(element, "rule")
    if not outputs:
        expressions.find("dmn-no-output", element, "The decision table has no output.", "Add an output column.")
    elif len({output.name for output in outputs}) < len(outputs):
        expressions.find(
            "dmn-output-name",
            element,
            "Two outputs of the table have the same name, or none.",
            "Name every output column.",
        )
    if len(rules) > _MAX_RULES:
        expressions.find(
            "dmn-too-large",
            element,
            f"The table has {len(rules)} rules; {_MAX_RULES} are the limit.",
            "Split the table up.",
        )
    with_variables = expressions.bound
    expressions.bound = with_variables | {entry.variable for entry in inputs if entry.variable}
    compiled = [_rule(entry, number, len(inputs), len(outputs), expressions) for number, entry in enumerate(rules, 1)]
    expressions.bound = with_variables
    if policy.name == "UNIQUE":
        find_overlaps(rules, [_asked(entry) for entry in children(element, "input")], expressions)
    return Table(name, policy, inputs, outputs, tuple(rule for rule in compiled if rule is not None))


def _asked(entry: Element) -> str:
    """Return the expression of an input column as it is written."""
    return next((text_of(part) for part in children(entry, "inputExpression")), "")


def _policy(element: Element, name: str, outputs: int, expressions: Expressions) -> Policy:
    policy = " ".join(element.get("hitPolicy", "UNIQUE").split())
    aggregation = element.get("aggregation")
    if policy not in POLICIES:
        expressions.find(
            "dmn-hit-policy", element, f"There is no hit policy {policy!r}.", f"Choose one of {', '.join(POLICIES)}."
        )
    if aggregation is not None and (aggregation not in AGGREGATIONS or policy != "COLLECT" or outputs > 1):
        expressions.find(
            "dmn-aggregation",
            element,
            f"The aggregation {aggregation!r} cannot be used here.",
            f"One of {', '.join(AGGREGATIONS)} goes with the hit policy COLLECT and a single output.",
        )
    return Policy(policy, aggregation, name)


def _input(element: Element, expressions: Expressions, inbound: ItemTypes) -> Input:
    asked, allowed = child(element, "inputExpression"), child(element, "inputValues")
    text = text_of(asked)
    label = element.get("label") or text
    if asked is None or not text:
        expressions.find(
            "dmn-input-empty", element, "The input has no expression.", "Write what the column tests, such as a name."
        )
        return Input(label, nothing, None, None, None)
    code = expressions.expression(asked, text)
    check = checked_type(type_of(asked), asked, expressions, inbound)
    tests = expressions.tests(allowed, text_of(allowed)) if allowed is not None and text_of(allowed) else None
    return Input(label, code, check, tests, element.get(f"{CAMUNDA}inputVariable"))


def checked_type(
    reference: str | None, element: Element, expressions: Expressions, types: ItemTypes
) -> TypeCheck | None:
    """Return the check of a typeRef, with a finding when there is no such type."""
    if reference and not types.knows(reference):
        expressions.find(
            "dmn-unknown-type",
            element,
            f"There is no type {reference!r}.",
            "Choose string, boolean, number, date, time, a date-time or duration, or a type that the model defines.",
        )
        return None
    return types.check(reference)


def _output(element: Element, table: str, expressions: Expressions, types: ItemTypes) -> Output:
    values, default = child(element, "outputValues"), child(element, "defaultOutputEntry")
    listed = text_of(values)
    return Output(
        name_of(element) or table,
        checked_type(type_of(element), element, expressions, types),
        expressions.expression(values, f"[{listed}]", "dmn-cell-syntax") if values is not None and listed else None,
        expressions.expression(default, text_of(default)) if default is not None and text_of(default) else None,
    )


def _rule(element: Element, number: int, inputs: int, outputs: int, expressions: Expressions) -> Rule | None:
    cells, results = children(element, "inputEntry"), children(element, "outputEntry")
    if len(cells) != inputs or len(results) != outputs:
        expressions.find(
            "dmn-rule-shape",
            element,
            f"Rule {number} has {counted(len(cells), 'condition')} and {counted(len(results), 'result')}; "
            f"the table has {counted(inputs, 'input')} and {counted(outputs, 'output')}.",
            "Give the rule one cell for each column.",
        )
        return None
    texts = [text_of(cell) for cell in cells]
    tests = tuple(
        (index, expressions.tests(cell, text))
        for index, (cell, text) in enumerate(zip(cells, texts, strict=True))
        if text not in ("", "-")
    )
    codes = tuple(
        expressions.expression(cell, text_of(cell), "dmn-cell-syntax") if text_of(cell) not in ("", "-") else nothing
        for cell in results
    )
    return Rule(number, tests, codes)
