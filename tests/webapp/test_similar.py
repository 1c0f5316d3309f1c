"""Similar records while something is handed in, and joining one as a supporter: with scripts and without."""

import pytest

from engine.types import ENGINE
from tests.webapp.site import Page, Site, Visitor

START = "/start/handle_wish"
RECORD = "/registers/wishes/records/W-0001"
WORDS = "A pen with red ink for correcting drawings of tracks"


@pytest.fixture
def nora(site: Site) -> Visitor:
    site.wish("Red pens", by="ines", details="We need a pen with red ink: drawings of tracks are corrected by hand.")
    return site.visit_as("nora")


def cases(site: Site) -> int:
    return len(site.engine.history.cases(ENGINE).rows)


def hand_in(visitor: Visitor, page: Page, status: int, **values: str) -> Page:
    return visitor.send(page, START, values, status=status)


def test_likely_duplicates_are_shown_once_before_anything_is_handed_in(site: Site, nora: Visitor) -> None:
    page = hand_in(nora, nora.get(START), 200, title="Pens", details=WORDS)
    assert "W-0001 Red pens" in page.text
    assert "Nothing was handed in yet" in page.text
    assert "None of these: hand it in" in page.text
    assert page.value("details") == WORDS
    assert cases(site) == 1
    hand_in(nora, page, 303, title="Pens", details=WORDS)
    assert cases(site) == 2


def test_who_hands_the_same_page_in_twice_is_told_so_and_not_of_their_own_record(site: Site, nora: Visitor) -> None:
    page = nora.get(START)
    values = {"title": "Shed", "details": "A bicycle shed at the northern entrance"}
    hand_in(nora, page, 303, **values)
    answer = hand_in(nora, page, 303, **values)
    assert "You had handed this in already" in nora.get(answer.response.location or "").text
    assert cases(site) == 2


def test_what_is_like_nothing_is_handed_in_at_once(site: Site, nora: Visitor) -> None:
    hand_in(nora, nora.get(START), 303, title="Shed", details="A bicycle shed at the northern entrance")
    assert cases(site) == 2


def test_a_new_duplicate_is_shown_even_after_others(site: Site, nora: Visitor) -> None:
    page = hand_in(nora, nora.get(START), 200, title="Pens", details=WORDS)
    site.wish("More red pens", by="ines", details="A pen with red ink for the drawings of tracks")
    again = hand_in(nora, page, 200, title="Pens", details=WORDS)
    assert "W-0002" in again.text
    hand_in(nora, again, 303, title="Pens", details=WORDS)


def test_mistakes_are_told_first_with_the_duplicates_beside(site: Site, nora: Visitor) -> None:
    page = hand_in(nora, nora.get(START), 422, title="", details=WORDS)
    assert [target for target, _ in page.summary()] == ["#f-title"]
    assert "W-0001" in page.text
    hand_in(nora, page, 303, title="Pens", details=WORDS)
    assert cases(site) == 2


def test_the_form_itself_becomes_the_support(site: Site, nora: Visitor) -> None:
    page = hand_in(nora, nora.get(START), 200, title="Pens", details=WORDS)
    (address,) = page.tree.xpath("//button/@formaction")
    assert address == f"{RECORD}/support"
    nora.post(address, page.form(START))
    shown = nora.get(RECORD)
    assert "Supporters: 1" in shown.text
    assert cases(site) == 1
    assert "W-0001 Red pens" in nora.get("/supported").text
    nora.send(shown, f"{RECORD}/unsupport")
    assert "Supporters: 0" in nora.get(RECORD).text
    assert "will appear here" in nora.get("/supported").text


def test_a_part_of_the_page_is_sent_while_somebody_types(site: Site, nora: Visitor) -> None:
    form = nora.get(START).form(START)
    part = nora.post(f"{START}/similar?field=details", {**form, "details": WORDS}, 200)
    assert "W-0001 Red pens" in part.text
    assert part.tree.xpath("//input[@name='_seen_similar']/@value") == ["wishes|W-0001"]
    assert nora.client.post(f"{START}/similar?field=title", data={**form, "details": WORDS}).text.strip() == ""
    assert nora.client.post(f"{START}/similar?field=details", data={**form, "details": "x"}).text.strip() == ""
    seen = {**form, "details": WORDS, "title": "Pens", "_seen_similar": "wishes|W-0001"}
    nora.post(START, seen)
    assert cases(site) == 2
    other = site.visit_as("omar")
    hidden = other.client.post(f"{START}/similar?field=details", data={"csrf_token": other.token(), "details": WORDS})
    assert (hidden.status_code, hidden.text.strip()) == (200, "")


def test_a_stranger_is_shown_nothing_of_others(site: Site, nora: Visitor) -> None:
    omar = site.visit_as("omar")
    hand_in(omar, omar.get(START), 303, title="Pens", details=WORDS)
    omar.post(f"{RECORD}/support", {"csrf_token": omar.token()}, 404)


def test_ones_own_is_said_to_be_ones_own(site: Site, nora: Visitor, ines: Visitor) -> None:
    page = hand_in(ines, ines.get(START), 200, title="Pens", details=WORDS)
    assert "Yours already" in page.text
    assert page.tree.xpath("//button/@formaction") == []
    assert "Same as mine" not in ines.get(RECORD).text


def test_staff_note_an_organisation_and_see_who_supports(site: Site, nora: Visitor, anna: Visitor) -> None:
    page = anna.get(RECORD)
    anna.send(page, f"{RECORD}/support", {"organisation": "south", "note": "By phone"})
    nora.send(nora.get(RECORD), f"{RECORD}/support", {"organisation": "south", "note": "Ours too"})
    shown = anna.get(RECORD)
    assert "South Clinics: By phone" in shown.text
    assert "Nora North, North Railways: Ours too" in shown.text
    assert "Supporters: 2" in shown.text
    assert "South Clinics" not in nora.get(RECORD).text
    (row,) = anna.get("/registers/wishes").tree.xpath("//tbody/tr")
    assert row.xpath("string(td[@data-label='Supporters'])") == "2"
    case = site.engine.history.cases(ENGINE).rows[0]
    assert "2 supporters" in anna.get(f"/cases/{case.id}").text
    anna.send(page, f"{RECORD}/support", {"organisation": "nowhere"}, status=422)
    closed = site.engine.registers.record("wishes", "W-0001", ENGINE)
    site.engine.registers.save("wishes", "W-0001", closed.body, actor=ENGINE, status="withdrawn")
    assert "Same as mine" not in anna.get(RECORD).text
    refused = anna.send(page, f"{RECORD}/support", {}, status=422)
    assert "nobody works on it any more" in refused.text
