"""News on My cases and on the page of a case: shown by reading, gone by a small POST only."""

from engine.types import ENGINE
from tests.webapp.site import Site, Visitor


def badge(visitor: Visitor) -> str:
    links = visitor.get("/cases").tree.xpath("//nav//a[@href='/cases']")
    return " ".join(links[0].text_content().split())


def test_news_is_told_until_it_is_marked_as_read(site: Site, ines: Visitor) -> None:
    case = site.wish("A red pen")
    assert badge(ines) == "My cases"
    site.engine.tasks.complete(site.task_of(case), {"decision": "ask"}, actor=site.engine.identity.actor("anna"))
    site.engine.runtime.comment(case.id, "Look", "everyone", actor=site.engine.identity.actor("anna"))
    assert badge(ines) == "My cases 1 new"
    listed = ines.get("/cases").text
    assert "New: W-0001 is now: Answered; a new comment" in listed
    path = f"/cases/{case.id}"
    page = ines.get(path)
    assert "New: W-0001 is now: Answered" in page.text
    assert "New:" in ines.get(path).text, "looking writes nothing"
    ines.send(page, f"{path}/read")
    assert "New:" not in ines.get(path).text
    assert badge(ines) == "My cases"


def test_all_are_marked_at_once(site: Site, ines: Visitor) -> None:
    for number in range(3):
        case = site.wish(f"Pen {number}")
        site.engine.runtime.cancel(case.id, "x", actor=ENGINE)
    page = ines.get("/cases")
    assert page.text.count("the case has ended") == 3
    ines.send(page, "/cases/read")
    assert "New:" not in ines.get("/cases").text


def test_a_script_is_answered_briefly(site: Site, ines: Visitor) -> None:
    case = site.wish()
    token = {"csrf_token": ines.token()}
    answer = ines.client.post(f"/cases/{case.id}/read", data=token, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.text) == (204, "")
