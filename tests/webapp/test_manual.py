"""The documents that findings name can be read where findings are read: one page each, with links between them."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.webapp.site import Page, Site, Visitor
from tests.webapp.test_processes import publish
from webapp import manual

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"docs/([a-z-]+)\.md")


def own_pages() -> list[str]:
    return [f"/manual/{name}" for name in manual.NAMES]


def shown(visitor: Visitor, path: str) -> str:
    return " ".join(visitor.get(path).tree.xpath("//main")[0].text_content().split())


def ids(page: Page) -> list[str]:
    return [str(each) for each in page.tree.xpath("//@id")]


def test_every_document_that_a_finding_may_name_is_there() -> None:
    engine = {
        name
        for source in ("engine/bpmn/lint", "engine/bpmn/model", "engine/feel", "engine/decisions", "forms")
        for file in (ROOT / source).rglob("*.py")
        for name in NAMED.findall(file.read_text(encoding="utf-8"))
    }
    assert {"feel", "bpmn", "coming-from-camunda", "operations-for-models"} <= engine
    assert engine - {"lint-rules"} <= set(manual.NAMES)


def test_the_wheel_carries_what_pages_show() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert carried == {f"docs/{name}.md": f"webapp/help/{name}.md" for name in (*manual.NAMES, "lint-rules")}


def test_a_document_is_a_page_with_its_tables_lists_and_code(petra: Visitor) -> None:
    page = petra.get("/manual/feel")
    assert page.tree.xpath("string(//h1)") == "FEEL: expressions in models"
    assert [str(each) for each in page.tree.xpath("//th/text()")][:2] == ["you want", "write"]
    assert page.tree.xpath("//td/code[text()='a and b']")
    assert page.tree.xpath("//h2[@id='cells-of-decision-tables']")
    assert page.tree.xpath("//li[starts-with(., 'texts:')]/code")
    (code,) = petra.get("/manual/operations-for-models").tree.xpath("//pre")
    assert code.text.startswith("from engine.operations import")


def test_a_line_that_goes_on_belongs_to_its_point(petra: Visitor) -> None:
    page = petra.get("/manual/operations-for-models")
    (pure,) = page.tree.xpath("//li[starts-with(normalize-space(.), 'pure=True: the result depends')]")
    assert pure.text_content().endswith("neither network nor clock.")
    assert pure.xpath("strong/code[text()='pure=True']")


@pytest.mark.parametrize("name", manual.NAMES)
def test_no_mark_of_the_source_is_left_on_the_page(petra: Visitor, name: str) -> None:
    (main,) = petra.get(f"/manual/{name}").tree.xpath("//main")
    for code in main.xpath(".//code | .//pre"):
        for child in list(code):
            code.remove(child)
        code.text = ""
    text = main.text_content()
    assert not re.search(r"\]\(|\*\*|^\s*#|\|[ -]*\||`", text, re.MULTILINE), name


def test_links_between_the_documents_lead_there(petra: Visitor) -> None:
    pages = {path: petra.get(path) for path in (*own_pages(), "/processes/rules")}
    places = {path: set(ids(page)) for path, page in pages.items()}
    broken = []
    for path, page in pages.items():
        assert len(ids(page)) == len(set(ids(page))), path
        for link in page.tree.xpath("//main//a/@href"):
            target, _, place = str(link).partition("#")
            known = places.get(target or path)
            inside = known is not None or not (".md" in target or target.startswith("/manual"))
            if not inside or (known is not None and place and place not in known):
                broken.append((path, link))
    assert broken == []
    assert "/manual/bpmn#service-tasks" in pages["/manual/operations-for-models"].links()
    assert "/processes/rules#script-change-lost" in pages["/manual/bpmn"].links()
    assert "/manual/bpmn#starting-by-events" in pages["/processes/rules"].links()


def test_a_link_that_is_called_as_its_file_is_called_as_its_document(petra: Visitor) -> None:
    (link,) = petra.get("/manual/operations-for-models").tree.xpath("//main//p/a[@href='/manual/bpmn#service-tasks']")
    assert link.text == "What a model may hold, and how it runs"


def test_what_is_not_served_is_named_in_plain_words(petra: Visitor) -> None:
    assert "a whole one" in shown(petra, "/manual/operations-for-models")
    assert not [link for link in petra.get("/manual/operations-for-models").links() if "embedding" in link]


def test_another_name_is_not_found(petra: Visitor) -> None:
    for name in ("architecture", "lint-rules", "nothing", "..", "feel.md", "FEEL"):
        petra.get(f"/manual/{name}", 404)


def test_a_finding_leads_to_the_document_that_it_names(petra: Visitor) -> None:
    model = (ROOT / "tests/webapp/content/handle_wish.bpmn").read_bytes()
    wrong = re.sub(rb"(<\w*:?conditionExpression[^>]*>)[^<]*", rb"\1=a == b", model, count=1)
    assert wrong != model
    page = publish(petra, {"handle_wish.bpmn": wrong}, 422)
    assert "see FEEL: expressions in models." in " ".join(page.tree.xpath("//main")[0].text_content().split())
    assert "/manual/feel" in page.links()
    assert "docs/feel.md" not in page.text


def test_what_a_file_says_of_itself_makes_no_link_and_no_markup() -> None:
    said = str(manual.with_links('<b> docs/secret.md, docs/feel.md. "docs/feel.mdx"'))
    assert said.startswith("&lt;b&gt; docs/secret.md, <a ")
    assert said.count("<a ") == 1


def test_the_manual_is_listed_where_models_are_published(site: Site, petra: Visitor) -> None:
    assert set(own_pages()) <= set(petra.get("/manual/feel").links())
    for path in ("/processes", "/processes/publish"):
        assert "/manual/modelling" in petra.get(path).links(), path


def test_no_page_of_the_manual_leads_staff_to_what_is_not_theirs(anna: Visitor) -> None:
    for path in (*own_pages(), "/processes/rules"):
        for link in anna.get(path).tree.xpath("//main//a/@href"):
            if str(link).startswith("/"):
                anna.get(str(link))
