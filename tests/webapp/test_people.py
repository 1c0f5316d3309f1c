"""The list of people: by pages, found by text."""

from engine.types import ENGINE
from tests.webapp.site import Site


def test_many_people_are_shown_by_pages_and_found_by_text(site: Site) -> None:
    adam = site.visit_as("adam")
    for number in range(60):
        site.engine.identity.create_user(f"z{number:02}", f"Zoe {number}", roles=["staff"], actor=ENGINE)
    page = adam.get("/people")
    assert len(page.tree.xpath("//table[@aria-label='People']/tbody/tr")) == 50
    (forward,) = page.tree.xpath("//a[@rel='next']/@href")
    second = adam.get(forward)
    assert "Zoe 59" in second.text
    assert "Zoe 1 " not in second.text
    assert second.tree.xpath("//a[@rel='prev']")
    found = adam.get("/people?q=zoe+59")
    assert len(found.tree.xpath("//table[@aria-label='People']/tbody/tr")) == 1
    assert "Nobody matches" in adam.get("/people?q=%25").text
    adam.get("/people?after=WzFd", 422)
