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


def test_a_register_says_what_becomes_of_its_records_when_a_case_is_withdrawn() -> None:
    text = NEEDS.replace(
        "[captured, qualified]", "[captured, refused, gone]\n    withdrawn: gone\n    closed: [refused, gone]"
    )
    (register,), findings = parse(text.encode(), "registers.yaml")
    assert (findings, register.withdrawn, register.closed) == ([], "gone", ("refused", "gone"))
    assert RegisterDefinition.from_json(register.as_json()) == register


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
        (("    readers: [staff]\n", "    withdrawn: gone\n"), 10, "withdrawn names the status 'gone'"),
        (("    readers: [staff]\n", "    closed: [qualified, gone]\n"), 10, "closed names the status 'gone'"),
        (("    readers: [staff]\n", "    closed: qualified\n"), 10, "closed is not a list"),
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


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"? [registers]\n: b\n", "no list `registers`"),
        (b"registers:\n - ? [a]\n   : b\n", "no property '(a list or mapping)'"),
        (b"registers:\n - key: a\n   key: b\n", "'key' twice"),
        (b'registers: "\\UFFFFFFFF"\n', "number in it is too large"),
        (b'registers: "\\U00110000"\n', "number in it is too large"),
        (b"%YAML 1." + b"1" * 5000 + b"\n---\nregisters: []\n", "number in it is too large"),
        (b'registers:\n - key: a\n   name: "a\\0b"\n', "cannot be stored"),
        (b'registers:\n - key: a\n   name: "\\ud800"\n', "cannot be stored"),
    ],
)
def test_what_only_the_yaml_reader_trips_over_is_told_too(content: bytes, words: str) -> None:
    registers, (finding,) = parse(content, "registers.yaml")
    assert registers == []
    assert words in finding.message


def test_nesting_without_end_is_refused() -> None:
    _, findings = parse(b"registers: " + b"[" * 5000, "registers.yaml")
    assert findings


@pytest.mark.parametrize("option", ["model_readers", "model_writers"])
def test_only_a_register_with_an_owner_group_is_opened_to_models_of_others(option: str) -> None:
    opened = f"{NEEDS}    {option}: [process_owner]\n"
    registers, (finding,) = parse(opened.encode(), "registers.yaml")
    assert registers == []
    assert (finding.rule, finding.line) == ("register-definition", 11)
    assert "owner_group" in finding.remedy
    (register,), findings = parse(f"{opened}    owner_group: owners\n".encode(), "registers.yaml")
    assert findings == []
    assert getattr(register, option) == ("process_owner",)
    assert RegisterDefinition.from_json(register.as_json()) == register
