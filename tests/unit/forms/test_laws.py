"""What holds for every definition and every submission."""

import json
from datetime import UTC
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputRefused
from forms import Form, parse
from forms.html import parse_submission, render, render_values
from forms.properties import ALLOWED, REFUSED
from tests.unit.forms.making import NOW, RECORDS, answers, document, field, form_of
from tests.unit.forms.markup import Page

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    ["", "a", "b", "x", "3", "=a", "=a != null", "= 1 +", "{{a}}", "true", "email", "time", "services", "2026-11-30"]
)
LOOSE = (
    WORDS | WORDS | st.booleans() | st.integers(-2, 600) | st.lists(WORDS, max_size=2) | st.none() | st.just({"a": 1})
)
NAMES = sorted(set().union(*ALLOWED.values()) - {"type", "key", "label", "components"})
SOUND = [
    *(field(kind, f"k{number}") for number, kind in enumerate(ALLOWED) if "validate" in ALLOWED[kind]),
    {"type": "expression", "key": "e", "expression": "=k0", "computeOn": "change"},
    {"type": "text", "text": "# T\n{{k0}}"},
    {"type": "image", "source": "/a.png", "alt": "A"},
    {"type": "separator"},
]
CHANGES = dict.fromkeys(NAMES, LOOSE) | {
    "validate": LOOSE
    | st.dictionaries(st.sampled_from(["required", "min", "max", "minLength", "pattern"]), LOOSE, max_size=2),
    "conditional": LOOSE | st.fixed_dictionaries({"hide": LOOSE}),
    "properties": LOOSE
    | st.fixed_dictionaries({"register": WORDS})
    | st.fixed_dictionaries({"managedProcess": WORDS, "measureOptions": st.sampled_from(["statistics", "measures"])})
    | st.fixed_dictionaries({"target": st.sampled_from([f"k{number}" for number in range(9)])}),
    "values": LOOSE | st.lists(st.fixed_dictionaries({"value": WORDS, "label": WORDS}), max_size=3),
    "appearance": LOOSE | st.fixed_dictionaries({"prefixAdorner": WORDS}),
}


def changed(component: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Give the component as it is, or with one of its properties set to something."""
    own = sorted(CHANGES.keys() & ALLOWED[component["type"]])
    return st.just(component) | st.one_of(*(_with(component, name) for name in own))


def _with(component: dict[str, Any], name: str) -> st.SearchStrategy[dict[str, Any]]:
    return CHANGES[name].map(lambda value: component | {name: value})


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    within = st.lists(inner, max_size=3)
    return st.builds(
        lambda kind, path, parts: {"type": kind, "label": "Part", "path": path, "components": parts},
        st.sampled_from(["group", "dynamiclist"]),
        st.sampled_from(["p", "q", ""]),
        within,
    )


COMPONENT = st.sampled_from(SOUND).flatmap(changed)
WILD = JSON | st.dictionaries(
    st.sampled_from([*NAMES, "type", "key", "components"]), LOOSE | st.sampled_from(sorted(REFUSED))
)
DOCUMENTS = st.builds(
    lambda parts, top: document() | {"components": parts} | top,
    st.one_of(
        st.lists(COMPONENT, min_size=1, max_size=2),
        st.lists(containers(COMPONENT), min_size=1, max_size=2),
        st.lists(st.recursive(COMPONENT, containers, max_leaves=4), max_size=3),
        st.lists(WILD, max_size=3),
    ),
    st.just({})
    | st.just({})
    | st.just({})
    | st.dictionaries(st.sampled_from(["id", "type", "schemaVersion", "title", "components"]), JSON, max_size=1),
)

RICH: Form = form_of(
    field("textfield", "a", defaultValue="usual", validate={"maxLength": "=if b = null then 5 else b + 9"}),
    field("number", "b", decimalDigits=2, increment=0.25, conditional={"hide": '=c = "x"'}),
    field("radio", "c", validate={"required": True}),
    field("checklist", "d", conditional={"hide": "=b > 3"}),
    field("datetime", "e", subtype="datetime", timeSerializingFormat="utc_offset"),
    field("textarea", "f", readonly="=g"),
    field("checkbox", "g"),
    field("number", "n", serializeToString=True),
    {"type": "expression", "key": "h", "expression": "=b * 2", "computeOn": "change", "conditional": {"hide": "=g"}},
    {
        "type": "group",
        "label": "K",
        "path": "k",
        "components": [field("select", "s", properties={"register": "services"})],
    },
    {
        "type": "dynamiclist",
        "label": "L",
        "path": "l",
        "components": [
            field("number", "p"),
            field("textfield", "q", conditional={"hide": "=this.p > parent.b"}),
            field("select", "m", properties={"managedProcess": "=if g then 3 else a", "measureOptions": "statistics"}),
            field("textfield", "t", properties={"target": "m"}),
        ],
    },
)
PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=5)
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "a": PRINTABLE,
    "b": st.integers(-8, 40).map(lambda quarters: quarters / 4),
    "d": st.lists(st.sampled_from(["x", "y"]), max_size=3),
    "e": st.datetimes(timezones=st.none() | st.just(UTC)).map(lambda moment: moment.isoformat()),
    "f": PRINTABLE,
    "g": st.booleans(),
    "n": st.decimals(-100, 100, places=8).map(str) | st.floats(-1e9, 1e9),
    "k": st.fixed_dictionaries({}, optional={"s": st.sampled_from(["S-1", "S-2", ""])}),
    "l": st.lists(st.fixed_dictionaries({}, optional={"p": st.floats(-9, 9), "q": PRINTABLE}), max_size=3),
}
SUBMISSIONS = st.fixed_dictionaries({"c": st.sampled_from(["x", "y"])}, optional=GOOD) | st.dictionaries(
    st.sampled_from([*RICH.body_keys, "zz"]), JSON | WORDS, max_size=8
)
DATA = st.fixed_dictionaries({}, optional={"f": st.text(max_size=3), "b": JSON})


@given(JSON)
def test_no_json_document_makes_parse_raise(anything: Any) -> None:
    parse(json.dumps(anything), "f")


@given(st.binary(max_size=60) | st.text(st.characters(codec=None), max_size=60))
def test_no_content_makes_parse_raise(content: bytes | str) -> None:
    form, found = parse(content, "f")
    assert form is None
    assert found


@given(DOCUMENTS)
def test_a_definition_gives_a_form_that_can_be_used_or_an_error(definition: Any) -> None:
    form, found = parse(json.dumps(definition), "f")
    assert (form is None) == any(finding.severity == "error" for finding in found)
    if form is not None:
        Page(render(form, {}, errors={}, options=RECORDS, now=NOW))


@given(SUBMISSIONS, DATA)
def test_any_submission_is_kept_or_refused_and_what_is_kept_is_kept_again(
    values: dict[str, Any], data: dict[str, Any]
) -> None:
    try:
        kept = answers(RICH, values, data)
    except InputRefused as refused:
        assert all(len(texts) == 1 and texts[0] for texts in refused.messages.values())  # noqa: PT017 - either way is right
    else:
        assert answers(RICH, kept, data) == kept
        json.dumps(kept, allow_nan=False).encode()
        Page(render_values(RICH, kept, options=RECORDS))


@given(SUBMISSIONS, DATA)
def test_any_submission_can_be_shown_again(values: dict[str, Any], data: dict[str, Any]) -> None:
    html = render(RICH, values, errors={"a": ["No."]}, options=RECORDS, context=data, now=NOW)
    html.encode()
    Page(html)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", "d", "k.s", "l.0.p", "l.12.q", "_add", "_remove", "l"]),
            WORDS | st.text(max_size=9),
        )
    )
)
def test_any_pairs_of_a_browser_are_kept_or_refused(pairs: list[tuple[str, str]]) -> None:
    values = parse_submission(RICH, pairs)
    try:
        answers(RICH, values)
    except InputRefused as refused:
        assert refused.messages  # noqa: PT017 - either way is right
