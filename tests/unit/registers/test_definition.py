"""What a registers.yaml may say, and what every other content is answered with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.registers.definition import RegisterDefinition, parse

NEEDS = """\
registers:
  - key: stakeholder_needs
    name: Stakeholder Needs
    singular: Stakeholder need
    variable: need
    prefix: N
    form: stakeholder_need
    title: title
    statuses: [captured, qualified]
    readers: [staff]
"""


def test_a_register_is_read_with_all_it_says() -> None:
    registers, findings = parse(NEEDS.encode(), "registers.yaml")
    assert findings == []
    assert registers == [
        RegisterDefinition(
            key="stakeholder_needs",
            name="Stakeholder Needs",
            singular="Stakeholder need",
            variable="need",
            prefix="N",
            form="stakeholder_need",
            title="title",
            statuses=("captured", "qualified"),
            readers=("staff",),
        )
    ]


def test_numbers_have_at_least_four_digits() -> None:
    (register,), _ = parse(NEEDS.encode(), "registers.yaml")
    assert [register.number(1), register.number(12345)] == ["N-0001", "N-12345"]


def test_a_stored_definition_comes_back_equal() -> None:
    (register,), _ = parse(NEEDS.encode(), "registers.yaml")
    assert RegisterDefinition.from_json(register.as_json()) == register


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("    form: stakeholder_need\n", ""), 2, "lacks form"),
        (("    prefix: N\n", ""), 2, "either a prefix or an identifier"),
        (("    prefix: N\n", "    prefix: n-1\n"), 2, "prefix 'n-1'"),
        (("variable: need", "variable: my-need"), 2, "variable 'my-need'"),
        (("    title: title\n", "    titel: title\n"), 8, "no property 'titel'"),
        (("[captured, qualified]", "captured"), 9, "statuses is not a list"),
        (("    readers: [staff]\n", "    singleton: maybe\n"), 10, "singleton is 'maybe'"),
        (("registers:", "register:"), None, "no list `registers`"),
        (("    name: Stakeholder Needs", "    name: [a"), 4, "not YAML"),
        (("    name: Stakeholder Needs", "    name: &a b"), 3, "anchors"),
    ],
)
def test_a_mistake_is_told_with_its_line(change: tuple[str, str], line: int | None, words: str) -> None:
    _, findings = parse(NEEDS.replace(*change).encode(), "registers.yaml")
    assert len(findings) == 1
    assert words in findings[0].message
    assert findings[0].line == line
    assert findings[0].remedy


def test_two_registers_with_one_key_are_told() -> None:
    _, findings = parse((NEEDS + NEEDS.split("\n", 1)[1]).encode(), "registers.yaml")
    assert {"key", "variable", "prefix"} == {finding.message.split()[4] for finding in findings}


@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: f"registers:\n - {text}".encode())))
def test_any_content_gives_registers_or_findings(content: bytes) -> None:
    registers, findings = parse(content, "registers.yaml")
    assert isinstance(registers, list)
    assert all(finding.message and finding.remedy for finding in findings)


def test_nesting_without_end_is_refused() -> None:
    _, findings = parse(b"registers: " + b"[" * 5000, "registers.yaml")
    assert findings
