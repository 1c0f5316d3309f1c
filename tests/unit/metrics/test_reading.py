"""What a process.yaml may say, and what every other content is answered with."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.metrics.process import EventPattern, ManagedProcess, OwnMeasure, ReportDefinition
from engine.metrics.reading import read

A21 = """\
process:
  key: a21
  name: Stakeholder Requirements Management
  reference: A21
  owner_group: requirements_process_owners
  cases: [capture, transform]
  framework: framework
  establish: establish_framework
  evaluate: evaluate_process
  send_backs: [send_back]
  feedback: How satisfied are you?
  measures:
    - key: guidance
      name: Time to guidance
      kind: duration
      definition: From the request
        to the answer.
      better: lower
      since: {element: ask}
      until: {kind: message.received, interface: "message:answer"}
    - key: rounds
      name: Rounds
      kind: count
      unit: rounds
      of: {element: agree, outcome: send_back}
    - key: share
      name: Share sent back
      kind: ratio
      numerator: rounds
      denominator: completed
    - key: estimate
      name: Estimate
      kind: field
      field: requirement.estimate
  reports:
    - key: needs
      name: Needs and requirements
      records: needs
      follow: requirements
      service: concerned_services
      services: services
"""
PROCESS = ManagedProcess(
    key="a21",
    name="Stakeholder Requirements Management",
    reference="A21",
    owner_group="requirements_process_owners",
    cases=("capture", "transform"),
    framework="framework",
    establish="establish_framework",
    evaluate="evaluate_process",
    send_backs=("send_back",),
    feedback="How satisfied are you?",
    measures=(
        OwnMeasure(
            "guidance",
            "Time to guidance",
            "duration",
            definition="From the request to the answer.",
            better="lower",
            since=EventPattern(element="ask"),
            until=EventPattern(kind="message.received", interface="message:answer"),
        ),
        OwnMeasure("rounds", "Rounds", "count", unit="rounds", of=EventPattern(element="agree", outcome="send_back")),
        OwnMeasure("share", "Share sent back", "ratio", numerator="rounds", denominator="completed"),
        OwnMeasure("estimate", "Estimate", "field", field="requirement.estimate"),
    ),
    reports=(
        ReportDefinition("needs", "Needs and requirements", "needs", "requirements", "concerned_services", "services"),
    ),
)


def test_a_process_is_read_with_all_it_says() -> None:
    reading = read(A21.encode(), "process.yaml")
    assert reading.findings == []
    assert reading.process == PROCESS


def test_a_stored_process_comes_back_equal() -> None:
    assert ManagedProcess.from_json(PROCESS.as_json()) == PROCESS


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("framework", 7),
        ("measures.guidance", 13),
        ("measures.guidance.until", 20),
        ("measures.rounds.of", 25),
        ("reports.needs.follow", 39),
        ("measures.guidance.until.element", 20),
        ("measures.other", 12),
        ("nothing", None),
    ],
)
def test_every_place_has_its_line(place: str, line: int | None) -> None:
    assert read(A21.encode(), "process.yaml").line(place) == line


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("process:\n", "processes:\n"), 1, "no property 'processes'"),
        (("  key: a21\n", ""), 1, "lacks key"),
        (("  name: Stakeholder Requirements Management\n", ""), 1, "lacks name"),
        (("key: a21", "key: A-21"), 2, "key 'A-21' is not usable"),
        (("key: a21", "key: measures"), 2, "key 'measures' is taken"),
        (("key: a21", "key: [a21]"), 2, "key is not a plain value"),
        (("  reference: A21\n", "  referenz: A21\n"), 4, "no property 'referenz'"),
        (("  reference: A21\n", "  managed: true\n"), 4, "no property 'managed'"),
        (("cases: [capture, transform]", "cases: capture"), 6, "cases is not a list"),
        (("cases: [capture, transform]", "cases: []"), 6, "cases is empty"),
        (("cases: [capture, transform]", "cases: [capture, capture]"), 6, "there twice"),
        (("[send_back]", "['']"), 10, "empty"),
        (("How satisfied are you?", "x" * 301), 11, "301 characters"),
        (("kind: duration", "kind: length"), 15, "kind 'length' is unknown"),
        (("better: lower", "better: less"), 18, "better is 'less'"),
        (("      better: lower\n", "      unit: hours\n"), 18, "needs no unit"),
        (("      since: {element: ask}\n", ""), 15, "lacks since"),
        (("since: {element: ask}", "since: {}"), 19, "says nothing"),
        (("since: {element: ask}", "since: {elements: ask}"), 19, "no property 'elements'"),
        (("since: {element: ask}", "since: ask"), 19, "not a set of"),
        (("kind: message.received", "kind: message.came"), 20, "No event has the kind 'message.came'"),
        (("message:answer", "answer"), 20, "no interface"),
        (("      of: {element", "      until: {element: ask}\n      of: {element"), 25, "takes no 'until'"),
        (("key: rounds", "key: guidance"), 21, "Two measures have the key 'guidance'"),
        (("      numerator: rounds\n", ""), 28, "lacks numerator"),
        (("field: requirement.estimate", "field: requirement estimate"), 34, "no path"),
        (("      records: needs\n", ""), 36, "lacks records"),
        (("      services: services\n", ""), 36, "without `services`"),
        (("    - key: needs", "    - needs"), 37, "not YAML"),
        (("cases: [capture, transform]", "cases: &c [capture]"), 6, "anchors"),
    ],
)
def test_a_mistake_is_told_with_its_line(change: tuple[str, str], line: int, words: str) -> None:
    assert change[0] in A21
    reading = read(A21.replace(*change, 1).encode(), "process.yaml")
    assert reading.process is None
    (finding,) = reading.findings
    assert words in finding.message
    assert (finding.line, finding.rule, finding.file) == (line, "process-definition", "process.yaml")
    assert finding.remedy


def test_several_mistakes_are_told_at_once() -> None:
    content = A21.replace("kind: duration", "kind: length").replace("[send_back]", "send_back").replace("a21", "A 21")
    assert [finding.line for finding in read(content.encode(), "f").findings] == [10, 15, 2]


def test_too_many_measures_are_refused() -> None:
    entry = "    - {key: K, name: n, kind: count, of: {element: e}}\n"
    measures = "".join(entry.replace("K", f"k{index}") for index in range(51))
    (finding,) = read(f"process:\n  key: a\n  name: a\n  cases: [b]\n  measures:\n{measures}".encode(), "f").findings
    assert "at most 50" in finding.message


@pytest.mark.parametrize(
    "content", [b"", b"process:", b"process: []", b"[]", b"process: a", b"\xff", b"? [process]\n: a"]
)
def test_what_is_no_process_is_told(content: bytes) -> None:
    reading = read(content, "process.yaml")
    assert reading.process is None
    assert len(reading.findings) == 1


NAMES = st.sampled_from([
    "process", "key", "name", "cases", "measures", "reports", "send_backs", "of", "since", "until", "kind", "field",
    "numerator", "denominator", "element", "outcome", "interface", "better", "unit", "records", "service", "feedback",
])  # fmt: skip
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(["count", "ratio", "a21"])),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=6)),
    max_leaves=30,
)


@given(st.dictionaries(NAMES, VALUES, max_size=12))
def test_any_yaml_gives_a_process_or_findings(said: dict[str, object]) -> None:
    content = yaml.safe_dump({"process": said}, allow_unicode=True).encode("utf-8", "surrogatepass")
    reading = read(content, "process.yaml")
    assert (reading.process is None) == bool(reading.findings)
    assert all(finding.message and finding.remedy for finding in reading.findings)


@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: f"process:\n {text}".encode())))
def test_any_content_gives_a_process_or_findings(content: bytes) -> None:
    reading = read(content, "process.yaml")
    assert (reading.process is None) == bool(reading.findings)


WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
PATTERNS = st.fixed_dictionaries({}, optional={"element": WORDS, "outcome": WORDS}).filter(bool)


@given(
    st.lists(WORDS, min_size=1, max_size=5, unique=True),
    st.dictionaries(WORDS, st.tuples(st.sampled_from(["count", "duration"]), PATTERNS, PATTERNS), max_size=5),
)
def test_what_is_right_is_read_as_it_was_written(
    cases: list[str], measures: dict[str, tuple[str, dict[str, str], dict[str, str]]]
) -> None:
    listed = [
        {"key": key, "name": key, "kind": kind, **({"of": one} if kind == "count" else {"since": one, "until": two})}
        for key, (kind, one, two) in measures.items()
    ]
    said = {"key": "a", "name": "A", "cases": cases, "measures": listed}
    reading = read(yaml.safe_dump({"process": said}).encode(), "process.yaml")
    assert reading.findings == []
    assert reading.process is not None
    assert list(reading.process.cases) == cases
    found = {each.key: (each.kind, each.of or each.since) for each in reading.process.measures}
    assert found == {key: (kind, EventPattern(**one)) for key, (kind, one, _) in measures.items()}
