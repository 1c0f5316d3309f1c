"""What is wrong with a file is a finding with rule, line and element; nothing is ever raised."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decisions import parse
from engine.types import Finding
from tests.unit.decisions.making import decision, literal, model, table

GOOD = model(decision(table(["n"], ["x"], [("> 5", '"a"'), ("<= 5", '"b"')])))


def findings_of(content: bytes) -> list[Finding]:
    found, findings = parse(content, "test.dmn")
    assert (found is None) is any(finding.severity == "error" for finding in findings)
    assert all(finding.file == "test.dmn" and finding.message and finding.remedy for finding in findings)
    return findings


def logic(text: str) -> bytes:
    return model(decision(text))


SHORT = (
    '<decisionTable><input><inputExpression><text>n</text></inputExpression></input><output name="x"/>'
    "<rule><outputEntry><text>1</text></outputEntry></rule></decisionTable>"
)
EMPTY_INPUT = (
    '<decisionTable><input><inputExpression><text/></inputExpression></input><output name="x"/></decisionTable>'
)
REQUIRED = '<informationRequirement><requiredDecision href="#none"/></informationRequirement><literalExpression>'
JUEL = 'expressionLanguage="juel"'
GROOVY = 'expressionLanguage="groovy"'

WRONG = [
    ("dmn-xml", b""),
    ("dmn-xml", b"no xml"),
    ("dmn-xml", GOOD[:200]),
    ("dmn-xml", b'<?xml version="1.0" encoding="nonsense"?><a/>'),
    ("dmn-doctype", b'<!DOCTYPE a [<!ENTITY x "y">]>' + GOOD.partition(b"\n")[2]),
    ("dmn-doctype", ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "y">]><a/>').encode("utf-16")),
    ("dmn-root", b"<definitions/>"),
    ("dmn-root", b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'),
    ("dmn-too-large", b" " * 3_000_000),
    ("dmn-cell-syntax", logic(table(["n"], ["x"], [("> > 5", "1")]))),
    ("dmn-cell-syntax", logic(table(["n"], ["x"], [("'text'", "1")]))),
    ("dmn-cell-syntax", logic(table(["n"], ["x"], [("> 5", "1 +")]))),
    ("dmn-cell-syntax", logic(table(["n"], ["x"], [("unknown function(n)", "1")]))),
    ("dmn-expression-syntax", logic(literal("1 +"))),
    ("dmn-expression-syntax", logic(table(["n +"], ["x"], [("-", "1")]))),
    ("dmn-language", logic(literal("1").replace("<literalExpression", f"<literalExpression {GROOVY}"))),
    ("dmn-language", logic(table(["n"], ["x"], [("5", "1")]).replace("<inputEntry", f"<inputEntry {JUEL}"))),
    ("dmn-language", model(decision(literal("1"))).replace(b"<definitions ", f"<definitions {GROOVY} ".encode())),
    ("dmn-hit-policy", logic(table(["n"], ["x"], [("-", "1")], "BEST"))),
    ("dmn-aggregation", logic(table(["n"], ["x"], [("-", "1")], "COLLECT", "AVERAGE"))),
    ("dmn-aggregation", logic(table(["n"], ["x"], [("-", "1")], "UNIQUE", "SUM"))),
    ("dmn-aggregation", logic(table(["n"], ["x", "y"], [("-", "1", "2")], "COLLECT", "SUM"))),
    ("dmn-rule-shape", logic(SHORT)),
    ("dmn-input-empty", logic(EMPTY_INPUT)),
    ("dmn-no-output", logic(table(["n"], [], [("-",)]))),
    ("dmn-output-name", logic(table(["n"], ["x", "x"], [("-", "1", "2")]))),
    ("dmn-no-logic", logic("")),
    ("dmn-unknown-type", logic(table([("n", "nonsense")], ["x"], [("-", "1")]))),
    ("dmn-missing-reference", logic(literal("1").replace("<literalExpression>", REQUIRED))),
    ("dmn-cycle", model(decision(literal("1"), "a", requires=["b"]), decision(literal("1"), "b", requires=["a"]))),
    ("dmn-missing-requirement", model(decision(literal("1"), "a"), decision(literal("a + 1"), "b"))),
    ("dmn-duplicate-id", model(decision(literal("1"), "a", "x"), decision(literal("1"), "a", "y"))),
    ("dmn-duplicate-name", model(decision(literal("1"), "a", "x"), decision(literal("1"), "b", "x"))),
    ("dmn-missing-id", model(decision(literal("1"), ""))),
    ("dmn-external-function", logic('<functionDefinition kind="Java"><context/></functionDefinition>')),
    ("dmn-element", model("<somethingElse/>", decision(literal("1")))),
    ("dmn-unique-overlap", logic(table(["n"], ["x"], [('"a","b"', "1"), ('"b"', "2")]))),
    ("dmn-unique-overlap", logic(table(["n", "m"], ["x"], [('"a"', "-", "1"), ("-", "[1..2]", "2")]))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("> 5", "> 10", True),
        ("> 5", "<= 5", False),
        ("> 5", "< 6", False),  # no whole number
        ("> 5", "< 5.5", True),
        ("[1..5]", "[5..9]", True),
        ("[1..5)", "[5..9]", False),
        ("]1..2[", "[1..2]", False),
        ("]1..3[", "2", True),
        ("1, 7", "[5..9]", True),
        ("1, 3", "[5..9]", False),
        ("-", "< 0", True),
        ("< 0", "-0.5", True),
        ('"a", "b"', '"b"', True),
        ("not(5)", "> 7", False),  # not certain by its text
        ("x", "x", True),
        ("[5..1]", "3", False),
    ],
)
def test_overlaps_that_are_certain_are_told(one: str, other: str, meet: bool) -> None:
    found = findings_of(logic(table(["n"], ["x"], [(one, "1"), (other, "2")])))
    assert ("dmn-unique-overlap" in {each.rule for each in found}) is meet


def test_a_table_that_asks_the_same_twice_is_left_to_the_run() -> None:
    apart = logic(table(["n", "n"], ["x"], [("> 5", "< 10", "1"), ("> 1", "< 4", "2")]))
    assert findings_of(apart) == []


@pytest.mark.parametrize("cell", [", ".join(f"[{low}..{low + 1}]" for low in range(0, 80, 2)), ",".join("1" * 300)])
def test_a_table_of_endless_cells_is_read_for_seconds_only(cell: str) -> None:
    columns = [f"n{number}" for number in range(14)]
    content = logic(table(columns, ["x"], [(*[cell] * 14, f"{number}.5") for number in range(200)]))
    began = time.process_time()
    rules = [each.rule for each in findings_of(content)]
    assert rules.count("dmn-too-large") == 1
    assert time.process_time() - began < 10


def test_a_good_file_has_no_finding() -> None:
    assert findings_of(GOOD) == []


@pytest.mark.parametrize(("rule", "content"), WRONG, ids=range(len(WRONG)))
def test_wrong_files_have_their_finding(rule: str, content: bytes) -> None:
    assert rule in [finding.rule for finding in findings_of(content)]


def test_a_finding_in_a_cell_names_line_and_element() -> None:
    (finding,) = findings_of(logic(table(["n"], ["x"], [("> 5", "1"), ("> > 5", "2")])))
    assert finding.line == 4
    assert finding.element_id == "r2"
    assert "> > 5" in finding.message


@pytest.mark.parametrize(
    "rules", [[('"a"', "1"), ('"b"', "2")], [("> 5", "1"), ("<= 5", "2")], [("[1..5)", "1"), ("[5..9]", "2")]]
)
def test_only_certain_overlaps_are_reported(rules: list[tuple[str, str]]) -> None:
    assert findings_of(logic(table(["n"], ["x"], rules))) == []


def test_first_tables_may_overlap() -> None:
    assert findings_of(logic(table(["n"], ["x"], [('"a"', "1"), ("-", "2")], "FIRST"))) == []


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_give_findings(content: bytes) -> None:
    findings_of(content)


@given(st.data())
def test_any_damage_gives_findings_or_a_model(data: st.DataObject) -> None:
    whole = model(
        '<itemDefinition name="t"><typeRef>string</typeRef></itemDefinition>',
        decision(table([("n", "t")], ["x"], [("> 5", '"a"')]), "a"),
        decision(literal("a"), "b", requires=["a"]),
    )
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 60)))
    instead = data.draw(
        st.sampled_from([b"", b"<a>", b"</decision>", b'"', b"decision", b"context", b"&x;", b"\xff"])
        | st.binary(max_size=8)
    )
    findings_of(whole[:start] + instead + whole[end:])


def test_deep_files_are_refused() -> None:
    deep = "<list>" * 3_000 + "</list>" * 3_000
    assert findings_of(logic(deep))
    deep = "<list>" * 200 + "</list>" * 200
    findings_of(logic(deep))
