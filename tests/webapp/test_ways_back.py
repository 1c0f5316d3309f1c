"""After a refusal there is a way on: the page from which the input came, told apart from what cannot be opened."""

import pytest

from tests.webapp.site import LIMIT_BYTES, Site, Visitor

BACK = "Back to the page you came from"


def back(visitor: Visitor, path: str, data: dict[str, str], came_from: str | None, status: int = 422) -> list[str]:
    """Return where the refusal of what was sent leads back to."""
    headers = {"Referer": came_from} if came_from else {}
    page = visitor.post(path, {"csrf_token": visitor.token(), **data}, status, headers=headers)
    return [str(each) for each in page.tree.xpath(f"//main//a[text()='{BACK}']/@href")]


def test_a_refused_comment_leads_back_to_its_case(site: Site, ines: Visitor) -> None:
    path = f"/cases/{site.wish().id}"
    assert back(ines, f"{path}/comments", {"text": "  "}, f"http://localhost{path}?history=all") == [
        f"{path}?history=all"
    ]
    ines.get(path)


def test_what_was_too_large_leads_back_though_nobody_was_asked_who_sent_it(petra: Visitor) -> None:
    sent = {"name": "x" * (LIMIT_BYTES + 1)}
    came_from = "http://localhost/processes/publish"
    assert back(petra, "/processes/publish", sent, came_from, 413) == ["/processes/publish"]


@pytest.mark.parametrize(
    "came_from",
    [
        None,
        "http://elsewhere.example/cases",
        "http://localhost//elsewhere.example/",
        "http://[",
        "http://localhost/nowhere",
        "http://localhost/people/anna/close",
        "javascript:alert(1)",
    ],
)
def test_no_link_leads_to_another_site_or_to_what_cannot_be_opened(
    site: Site, ines: Visitor, came_from: str | None
) -> None:
    assert back(ines, f"/cases/{site.wish().id}/comments", {"text": ""}, came_from) == []


def test_a_page_with_ways_on_of_its_own_needs_no_other(site: Site, petra: Visitor) -> None:
    came_from = "http://localhost/failures"
    assert back(petra, "/failures/none/retry", {}, came_from, 404) == []


def test_behind_a_path_the_way_back_has_that_path(site: Site, ines: Visitor) -> None:
    path = f"/cases/{site.wish().id}"
    page = ines.post(
        f"{path}/comments",
        {"csrf_token": ines.token(), "text": ""},
        422,
        headers={"Referer": f"http://localhost/comity{path}"},
        environ_overrides={"SCRIPT_NAME": "/comity"},
    )
    assert f"/comity{path}" in page.links()


def test_blanks_are_not_told_as_what_was_typed(site: Site, ines: Visitor) -> None:
    sent = {"csrf_token": ines.token(), "text": " \n"}
    page = ines.post(f"/cases/{site.wish().id}/comments", sent, 422, headers={"Sec-Fetch-Site": "same-origin"})
    assert "What you typed" not in page.text
