"""Starting as people meet it: what they may start, in words for them and not for who looks after the process."""

from engine.types import ENGINE
from tests.webapp.site import Site, Visitor


def test_what_may_be_started_is_told_to_who_starts_it(ines: Visitor) -> None:
    text = ines.get("/start").text
    assert "Say what you wish for." in text
    assert "Somebody wishes something, the desk answers." not in text


def test_the_form_to_start_with_does_not_tell_how_the_process_is_run(ines: Visitor) -> None:
    assert "Somebody wishes something, the desk answers." not in ines.get("/start/handle_wish").text


def test_process_owners_read_what_the_process_is_for(petra: Visitor) -> None:
    (address,) = {link for link in petra.get("/processes").links() if "/versions/" in link}
    assert "Somebody wishes something, the desk answers." in petra.get(address).text


def test_the_same_page_handed_in_twice_makes_one_case(site: Site, ines: Visitor) -> None:
    page = ines.get("/start/handle_wish")
    first = ines.send(page, "/start/handle_wish", {"title": "A red pen"})
    again = ines.send(page, "/start/handle_wish", {"title": "A red pen"})
    assert again.response.location == first.response.location
    assert "You had handed this in already: C-000001." in ines.get(again.response.location or "").text
    assert len(site.engine.history.cases(ENGINE).rows) == 1
    ines.send(ines.get("/start/handle_wish"), "/start/handle_wish", {"title": "A red pen"})
    assert len(site.engine.history.cases(ENGINE).rows) == 2


def test_a_form_that_was_refused_may_be_handed_in_mended(site: Site, ines: Visitor) -> None:
    refused = ines.send(ines.get("/start/handle_wish"), "/start/handle_wish", {"title": ""}, status=422)
    ines.send(refused, "/start/handle_wish", {"title": "A red pen"})
    ines.send(refused, "/start/handle_wish", {"title": "A red pen"})
    assert len(site.engine.history.cases(ENGINE).rows) == 1


def test_a_page_without_an_id_still_starts_a_case(site: Site, ines: Visitor) -> None:
    for sent in ("", "no id"):
        page = ines.get("/start/handle_wish")
        ines.send(page, "/start/handle_wish", {"title": "A red pen", "_once": sent})
    assert len(site.engine.history.cases(ENGINE).rows) == 2


def test_a_label_that_asks_is_not_followed_by_a_colon(ines: Visitor) -> None:
    page = ines.send(ines.get("/start/handle_wish"), "/start/handle_wish", {"title": "x", "pieces": "100"}, status=422)
    ((_, told),) = page.summary()
    assert told.startswith("How many? Enter")


def test_nothing_alike_is_told_by_nothing_at_all(ines: Visitor) -> None:
    sent = {**ines.get("/start/handle_wish").form("/start/handle_wish"), "details": "Unheard of so far"}
    answer = ines.client.post("/start/handle_wish/similar?field=details", data=sent, buffered=True)
    assert (answer.status_code, answer.text) == (200, "")
