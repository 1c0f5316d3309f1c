"""What the FEEL of a form reads beside the form's own fields."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.forms_protocol import FormCatalog
from forms import Form, MarshmallowForms
from forms.components import Field, RowList
from forms.html import render
from forms.reads import reads
from forms.scope import PLACES, filled, outer_scope
from tests.unit.forms.making import NOW, RECORDS, field, form_of
from tests.unit.forms.test_form import content_of


def read(*components: Mapping[str, Any]) -> list[str]:
    """Return what is read, as the property and the name, with what to write instead where the form has it deeper."""
    found = reads(form_of(field("textfield", "own"), *components).parts)
    return [f"{each.what}: {each.name}" + (f" -> {each.instead}" if each.instead else "") for each in found]


def text(source: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "id": "Text_1", "text": source, **more}


def hidden(condition: str, kind: str = "textfield", **more: Any) -> dict[str, Any]:
    return field(kind, "b", conditional={"hide": condition}, **more)


def rows(*components: Mapping[str, Any], path: str = "lines") -> dict[str, Any]:
    return {"type": "dynamiclist", "label": "Lines", "path": path, "components": list(components)}


def group(*components: Mapping[str, Any], path: str | None = "contact") -> dict[str, Any]:
    return {"type": "group", "label": "Contact", "components": list(components), **({"path": path} if path else {})}


def expression(source: str, key: str = "sum") -> dict[str, Any]:
    return {"type": "expression", "key": key, "expression": source, "computeOn": "change"}


@pytest.mark.parametrize(
    ("component", "found"),
    [
        (hidden("=a[b = 1] = 1 or c"), ["conditional.hide: a", "conditional.hide: c"]),
        (hidden('=far = "x"'), ["conditional.hide: far"]),
        (text("{{ far }}, {{ far + own }}", conditional={"hide": "=near"}), ["conditional.hide: near", "text: far"]),
        (text("=far.title"), ["text: far"]),
        (field("textfield", "b", readonly="=far"), ["readonly: far"]),
        (field("textfield", "b", validate={"minLength": "=low"}), ["minLength: low"]),
        (field("textarea", "b", validate={"maxLength": "=own + high"}), ["maxLength: high"]),
        (field("number", "b", validate={"min": "=low", "max": "=2 * high"}), ["min: low", "max: high"]),
        (field("select", "b", valuesKey="far"), ["valuesKey: far"]),
        (field("select", "b", valuesExpression="=far[status = own]"), ["valuesExpression: far"]),
        (
            field("select", "b", properties={"managedProcess": "=far", "measureOptions": "measures"}),
            ["managedProcess: far"],
        ),
        (expression("=far + near"), ["expression: far", "expression: near"]),
        (group(hidden("=far"), path=None), ["conditional.hide: far"]),
        (rows(hidden("=this.c = far")), ["conditional.hide: far"]),
    ],
)  # fmt: skip
def test_what_a_form_reads_from_data(component: dict[str, Any], found: list[str]) -> None:
    assert read(component) == found


@pytest.mark.parametrize(
    "component",
    [
        hidden('=own = "x" or b = "y"'),
        text("{{ own }} {{ today() }} {{ for each in [1] return each }}"),
        expression("=sum + 1"),
        field("select", "b", valuesKey="own"),
        rows(hidden("=this.c = parent.own and i[1] > 1 and _this_.c = _parent_.own and _i_ = [1]")),
        group(hidden("=lines = null"), path="lines"),
        group(field("textfield", "c"), hidden("=contact.c = null")),
        group(field("textfield", "c"), hidden("=c = null"), path=None),
        text("Braces { far } and =far"),
    ],
)
def test_what_a_form_gives_itself(component: dict[str, Any]) -> None:
    assert read(component) == []


def test_fields_that_stand_deeper_are_not_reached_by_their_plain_name() -> None:
    assert read(group(field("textfield", "mail")), text("{{ mail }}")) == ["text: mail -> contact.mail"]
    assert read(rows(field("number", "n")), expression("=sum(n)", "all")) == ["expression: n -> lines.n"]
    assert read(rows(field("number", "n"), expression("=n * 2", "twice"))) == ["expression: n -> this.n"]
    within = group(field("number", "n"), expression("=n * 2", "twice"))
    assert read(rows(within)) == ["expression: n -> this.contact.n"]


def test_a_condition_of_a_row_that_reads_a_field_of_the_row_is_told_by_another_rule() -> None:
    assert read(rows(field("number", "n"), hidden("=n = 1"))) == []


def test_a_read_says_where_it_stands() -> None:
    forms: FormCatalog = MarshmallowForms()
    content = content_of(field("textfield", "own"), hidden("=far")).replace(
        b'{"type": "textfield"', b'\n{"type": "textfield"'
    )
    (found,) = forms.reads(content)
    assert (found.type, found.element, found.label, found.line) == ("textfield", "id_b", "Answer", 3)


NAMES = st.sampled_from(["k0", "k1", "k2", "p", "q", "far", "this", "this.k1", "parent.k0", "i", "p.k1"])
FORMULAS = NAMES.map("={}".format) | st.tuples(NAMES, NAMES).map(lambda both: "={} = {}".format(*both))
KEYS = st.sampled_from(["k0", "k1", "k2"])
COMPONENTS = st.one_of(
    st.builds(lambda key, hide: field("textfield", key, conditional={"hide": hide}), KEYS, FORMULAS),
    st.builds(lambda key, most: field("number", key, validate={"max": most}), KEYS, FORMULAS),
    st.builds(lambda key, list_of: field("select", key, valuesExpression=list_of), KEYS, FORMULAS),
    st.builds(lambda key, name: field("select", key, valuesKey=name), KEYS, NAMES),
    st.builds(expression, FORMULAS, KEYS),
    NAMES.map(lambda name: text(f"{{{{ {name} }}}}")),
)


def _distinct(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*{part.get("path") or part.get("key") or number: part for number, part in enumerate(parts)}.values()]


LEVEL = st.lists(COMPONENTS, max_size=3).map(_distinct)
CONTAINERS = st.builds(group, path=st.sampled_from(["p", "q"])) | st.builds(rows, path=st.sampled_from(["p", "q"]))
FORMS = st.lists(
    COMPONENTS | st.builds(lambda outer, inner: outer | {"components": inner}, CONTAINERS, LEVEL), max_size=4
).map(lambda parts: form_of(*_distinct(parts)))


class Asked(Mapping[str, Any]):
    """Data in which there is nothing, and which remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.names.add(key)
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@given(FORMS)
def test_a_form_asks_the_data_for_nothing_that_is_not_told(form: Form) -> None:
    asked = Asked()
    values: dict[str, Any] = {"p": [{}], "q": [{}]} if any(part.type == "dynamiclist" for part in form.parts) else {}
    render(form, values, errors={}, options=RECORDS, context=asked, now=NOW)
    told = {each.name for each in reads(form.parts)}
    lists = (part for part in form.parts if isinstance(part, RowList))
    in_rows = {part.key for each in lists for part in each.parts if isinstance(part, Field) and part.hide}
    assert asked.names - PLACES - in_rows - filled(form.parts, {}).keys() <= told  # a group looks for its own data
    known = outer_scope({}, filled(form.parts, {}))
    assert not any(name in known for name in told)
