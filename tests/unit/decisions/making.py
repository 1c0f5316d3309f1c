"""Makes small DMN files for tests."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from engine.decisions import Decision, parse

DMN = 'xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:camunda="http://camunda.org/schema/1.0/dmn"'


def attributes(values: dict[str, Any]) -> str:
    """Write XML attributes; `type_ref` is written typeRef."""
    names = {"type_ref": "typeRef", "hit_policy": "hitPolicy"}
    return "".join(
        f" {names.get(name, name)}={quoteattr(str(value))}" for name, value in values.items() if value is not None
    )


def table(
    inputs: Sequence[str | tuple[str, str]],
    outputs: Sequence[str | tuple[str, str]],
    rules: Sequence[Sequence[str]],
    hit_policy: str | None = None,
    aggregation: str | None = None,
    extra: str = "",
) -> str:
    """Write a decision table; inputs and outputs are names, or (name, typeRef); a rule is its cells in order."""
    columns = "".join(
        f"<input id='i{number}'><inputExpression{attributes({'type_ref': of_type})}><text>{escape(name)}</text>"
        "</inputExpression></input>"
        for number, (name, of_type) in enumerate(map(_typed, inputs))
    )
    columns += "".join(
        f"<output id='o{number}'{attributes({'name': name, 'type_ref': of_type})}>{extra}</output>"
        for number, (name, of_type) in enumerate(map(_typed, outputs))
    )
    rows = ""
    for number, cells in enumerate(rules, 1):
        entries = [f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells[: len(inputs)]]
        entries += [f"<outputEntry><text>{escape(cell)}</text></outputEntry>" for cell in cells[len(inputs) :]]
        rows += f"\n<rule id='r{number}'>{''.join(entries)}</rule>"
    settings = attributes({"hit_policy": hit_policy, "aggregation": aggregation})
    return f"<decisionTable{settings}>{columns}{rows}</decisionTable>"


def _typed(column: str | tuple[str, str]) -> tuple[str, str | None]:
    return (column, None) if isinstance(column, str) else column


def literal(text: str) -> str:
    """Write a literal expression."""
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def decision(
    logic: str, identity: str = "d", name: str | None = None, requires: Sequence[str] = (), type_ref: str | None = None
) -> str:
    """Write a decision; `requires` are ids, inputs with a leading `>`, knowledge models with a leading `!`."""
    kinds = {">": ("informationRequirement", "requiredInput"), "!": ("knowledgeRequirement", "requiredKnowledge")}
    drawn = ""
    for required in requires:
        holder, kind = kinds.get(required[0], ("informationRequirement", "requiredDecision"))
        drawn += f'<{holder}><{kind} href="#{required.lstrip(">!")}"/></{holder}>'
    variable = f"<variable{attributes({'name': name or identity, 'type_ref': type_ref})}/>"
    return f"<decision id={quoteattr(identity)} name={quoteattr(name or identity)}>{variable}{drawn}{logic}</decision>"


def model(*elements: str, namespace: str = "test") -> bytes:
    """Write a file."""
    opening = f'<?xml version="1.0"?>\n<definitions {DMN} id="m" name="m" namespace="{namespace}">'
    return f"{opening}{''.join(elements)}</definitions>".encode()


def only(*elements: str) -> Decision:
    """Return the last decision of a model that must have no error."""
    found, findings = parse(model(*elements), "test.dmn")
    assert found is not None, findings
    assert not [each for each in findings if each.severity == "error"], findings
    return list(found.decisions.values())[-1]
