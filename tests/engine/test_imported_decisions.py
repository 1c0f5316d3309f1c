"""Decision files that import others: a process reads those that were published with them, whatever else there is."""

import pytest

from engine.types import Actor
from tests.bpmn_models import end, flows, process, rule, start, user_task
from tests.engine.stage import OWEN, Stage

OLAF = Actor("olaf", "Olaf", frozenset({"process_owner", "staff"}), frozenset({"others"}), "home")
PRICES, RATES = "https://comity.test/prices", "https://comity.test/rates"


def dmn(namespace: str, key: str, text: str, imported: str = "", *, of: str = "rate", name: str = "") -> bytes:
    """Return a file with one decision; with `imported` it requires the decision `of` of that namespace as `r`."""
    model = "https://www.omg.org/spec/DMN/20191111/MODEL/"
    needed = f'<import name="r" namespace="{imported}" importType="{model}"/>' if imported else ""
    link = f'<informationRequirement><requiredDecision href="{imported}#{of}"/></informationRequirement>'
    return (
        f'<definitions xmlns="{model}" id="d" name="d" namespace="{namespace}">{needed}'
        f'<decision id="{key}" name="{name or key}"><variable name="{name or key}"/>{link if imported else ""}'
        f"<literalExpression><text>{text}</text></literalExpression></decision></definitions>"
    ).encode()


def shop(key: str = "shop", name: str = "Sell", owner: str = "owners") -> bytes:
    task = user_task("sell", name, candidateGroups="analysts")
    parts = (start(), rule("ask", "price", "price"), task, end(), flows("s", "ask", "sell", "e"))
    return process(
        key, *parts, properties={"ownerGroup": owner, "title": "string(price)"}, candidateStarterGroups="staff"
    )


MAIN, LIBRARY = dmn(PRICES, "price", "r.rate * 2", RATES), dmn(RATES, "rate", "4")


def price(stage: Stage, key: str = "shop") -> str | None:
    """Return what a new case has for its title: the price."""
    return stage.start(key, OWEN).title


@pytest.fixture
def selling(stage: Stage) -> Stage:
    stage.deploy(OWEN, shop__bpmn=shop(), price__dmn=MAIN, rate__dmn=LIBRARY)
    return stage


@pytest.mark.parametrize("name", ["rate.dmn", "a.dmn", "z.dmn"])
def test_a_file_of_others_with_the_same_name_or_namespace_is_not_read(selling: Stage, name: str) -> None:
    """Camunda Modeler publishes the model alone when the model alone has changed."""
    assert price(selling) == "8"
    other = dmn(RATES, "other", "0", name="rate")
    selling.engine.repository.deploy({name: other}, name="evil", actor=OLAF)
    selling.deploy(OWEN, shop__bpmn=shop(name="Sell it"))
    assert price(selling) == "8"
    assert [row.version for row in selling.rows("select version from process_definition order by 1")] == [1, 2]
    selling.deploy(OWEN, shop__bpmn=shop(name="Sell"), price__dmn=MAIN, rate__dmn=LIBRARY)
    assert price(selling) == "8"


def test_another_process_takes_the_decision_with_what_it_imports(selling: Stage) -> None:
    selling.deploy(OLAF, a__dmn=dmn(RATES, "other", "0"))
    selling.deploy(OWEN, more__bpmn=shop("more"))
    assert price(selling, "more") == "8"


def test_a_decision_that_nobody_has_used_takes_what_came_with_it(stage: Stage) -> None:
    stage.deploy(OWEN, price__dmn=MAIN, rate__dmn=LIBRARY)
    stage.deploy(OLAF, a__dmn=dmn(RATES, "other", "0"))
    stage.deploy(OWEN, shop__bpmn=shop())
    assert price(stage) == "8"


def test_a_changed_import_comes_with_the_upload(selling: Stage) -> None:
    selling.deploy(OWEN, shop__bpmn=shop(), price__dmn=MAIN, rate__dmn=dmn(RATES, "rate", "5"))
    assert price(selling) == "10"


def test_nothing_is_pinned_that_no_import_reaches(selling: Stage) -> None:
    selling.deploy(OWEN, else__dmn=dmn("https://comity.test/else", "else", "1"))
    selling.deploy(OWEN, shop__bpmn=shop(name="Sell it"))
    rows = selling.rows("select key from definition_resource where kind = 'library'")
    assert {row.key for row in rows} == {"rate.dmn"}


def test_files_of_one_name_stand_side_by_side(selling: Stage) -> None:
    """Two decisions of two uploads, each with a file of its own that has the same name as the other's."""
    fees = "https://comity.test/fees"
    fee = dmn("https://comity.test/fee", "fee", "r.base + 1", fees, of="base")
    selling.deploy(OWEN, fee__dmn=fee, rate__dmn=dmn(fees, "base", "7"))
    asked = (start(), rule("ask", "price", "price"), rule("add", "fee", "fee"), user_task("sell", "Sell"), end())
    both = process(
        "both",
        *asked,
        flows("s", "ask", "add", "sell", "e"),
        properties={"ownerGroup": "owners", "title": 'string(price) + " and " + string(fee)'},
        candidateStarterGroups="staff",
    )
    selling.deploy(OWEN, both__bpmn=both)
    assert price(selling, "both") == "8 and 8"


def test_imports_of_imports_are_reached_in_any_encoding(stage: Stage) -> None:
    base = "https://comity.test/base"
    chained = dmn(RATES, "rate", "r.base", base, of="base")
    files = {"price.dmn": MAIN, "rate.dmn": chained, "base.dmn": dmn(base, "base", "3")}
    encoded = {name: b"\xff\xfe" + content.decode().encode("utf-16-le") for name, content in files.items()}
    stage.engine.repository.deploy({"shop.bpmn": shop(), **encoded}, name="all", actor=OWEN)
    assert price(stage) == "6"
