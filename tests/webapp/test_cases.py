"""Cases as people look at them: where one stands, in plain words; comments, following, cancelling; who sees what."""

import pytest

from engine.types import ENGINE
from tests.webapp.site import Site, Visitor, files


def test_an_empty_list_says_what_will_come(ines: Visitor) -> None:
    page = ines.get("/cases")
    assert "will appear here" in page.text
    assert "/start" in page.links()


def test_an_originator_sees_where_it_stands_and_what_is_waited_for(site: Site, ines: Visitor) -> None:
    case = site.wish("A red pen")
    (row,) = ines.get("/cases").tree.xpath("//tbody/tr")
    words = " ".join(row.text_content().split())
    assert f"{case.number} A red pen" in words
    assert "Waits for: Answer the wish (Desk)" in words
    page = ines.get(f"/cases/{case.id}")
    assert "Answer the wish: waits for Desk" in page.text
    assert "North Railways" in page.text


def test_an_originator_sees_the_cases_of_the_own_organisation_only(site: Site) -> None:
    case = site.wish("A red pen")
    assert "A red pen" in site.visit_as("nora").get("/cases").text
    omar = site.visit_as("omar")
    assert "A red pen" not in omar.get("/cases").text
    omar.get(f"/cases/{case.id}", 404)
    missing = omar.get("/cases/there-is-none", 404).text
    assert (
        missing.replace("there-is-none", case.id).split("Number of")[0]
        == omar.get(f"/cases/{case.id}", 404).text.split("Number of")[0]
    )


def test_cases_are_filtered_by_status_text_and_trouble(site: Site, petra: Visitor, anna: Visitor) -> None:
    first, second = site.wish("A red pen"), site.wish("A blue pen")
    site.engine.tasks.complete(site.task_of(first), {"decision": "yes"}, actor=site.engine.identity.actor("anna"))
    listing = "/cases?show=all"
    assert "A red pen" in petra.get(f"{listing}&status=completed").text
    assert "A blue pen" not in petra.get(f"{listing}&status=completed").text
    assert "A red pen" not in petra.get(f"{listing}&q=blue").text
    assert "No case matches" in petra.get(f"{listing}&failed=1").text
    task = site.task_of(second)
    anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "lost"}, status=422)
    assert "Could not go on" in petra.get(f"{listing}&failed=1").text


def test_pages_of_cases_go_forth_and_back(site: Site, petra: Visitor) -> None:
    for number in range(30):
        site.wish(f"Wish {number:02}")
        site.clock.pass_(seconds=1)
    page = petra.get("/cases?show=all")
    first = page.tree.xpath("//td[1]//a/text()")
    following = petra.get(page.tree.xpath("//a[@rel='next']/@href")[0])
    second = following.tree.xpath("//td[1]//a/text()")
    assert (len(first), len(second)) == (25, 5)
    assert not set(first) & set(second)
    assert petra.get(following.tree.xpath("//a[@rel='prev']/@href")[0]).tree.xpath("//td[1]//a/text()") == first


def test_a_comment_for_staff_is_not_shown_to_the_originator(site: Site, ines: Visitor, anna: Visitor) -> None:
    case = site.wish()
    action = f"/cases/{case.id}/comments"
    anna.send(anna.get(f"/cases/{case.id}"), action, {"text": "He is hard to please", "audience": "staff"})
    anna.send(anna.get(f"/cases/{case.id}"), action, {"text": "On its way", "audience": "everyone"})
    seen = ines.get(f"/cases/{case.id}").text
    assert "On its way" in seen
    assert "hard to please" not in seen
    assert "hard to please" in anna.get(f"/cases/{case.id}").text


def test_the_newest_comments_stand_on_the_case_and_all_of_them_by_pages(
    site: Site, ines: Visitor, anna: Visitor
) -> None:
    case, desk = site.wish(), site.engine.identity.actor("anna")
    assert "older ones" not in ines.get(f"/cases/{case.id}").text
    for number in range(75):
        site.clock.pass_(seconds=1)
        site.engine.runtime.comment(case.id, f"Said {number}.", "staff" if number == 70 else "everyone", actor=desk)
    page = ines.get(f"/cases/{case.id}")
    said = [found.text_content() for found in page.tree.xpath("//article[@class='comment']/p[@class='typed']")]
    assert said == [f"Said {number}." for number in range(54, 75) if number != 70], "oldest first"
    assert f"/cases/{case.id}/comments" in page.links()
    first = ines.get(f"/cases/{case.id}/comments")
    assert "Said 74." in first.text
    assert "Said 24." in first.text
    assert "Said 23." not in first.text
    assert "Said 70." not in first.text, "for staff"
    assert "Said 70." in anna.get(f"/cases/{case.id}/comments").text
    (forward,) = first.tree.xpath("//a[@rel='next']/@href")
    assert "Said 0." in ines.get(forward).text
    site.visit_as("omar").get(f"/cases/{case.id}/comments", 404)
    ines.get(f"/cases/{case.id}/comments?after=x", 422)


def test_an_originators_comment_is_for_everyone_whatever_the_form_says(site: Site, ines: Visitor) -> None:
    case = site.wish()
    page = ines.get(f"/cases/{case.id}")
    assert not page.tree.xpath("//input[@name='audience']")
    ines.send(page, f"/cases/{case.id}/comments", {"text": "Please hurry", "audience": "staff"})
    (comment,) = site.engine.history.case(case.id, ENGINE).comments
    assert comment.audience == "everyone"


@pytest.mark.parametrize("text", ["", "   ", "x" * 10_001])
def test_an_empty_or_over_long_comment_is_refused(site: Site, ines: Visitor, text: str) -> None:
    case = site.wish()
    ines.send(ines.get(f"/cases/{case.id}"), f"/cases/{case.id}/comments", {"text": text}, status=422)
    assert not site.engine.history.case(case.id, ENGINE).comments


def test_a_comment_from_the_task_page_leads_back_there_and_nowhere_else(site: Site, anna: Visitor) -> None:
    case = site.wish()
    task = site.task_of(case)
    page = anna.send(anna.get(f"/tasks/{task}"), f"/cases/{case.id}/comments", {"text": "Seen"})
    assert page.response.location == f"/tasks/{task}#comments"
    sent = {"text": "Again", "next": "https://evil.example/"}
    page = anna.send(anna.get(f"/tasks/{task}"), f"/cases/{case.id}/comments", sent)
    assert page.response.location == f"/cases/{case.id}#comments"


def test_following_puts_a_case_among_mine(site: Site, petra: Visitor) -> None:
    case = site.wish("A red pen")
    assert "A red pen" not in petra.get("/cases").text
    petra.send(petra.get(f"/cases/{case.id}"), f"/cases/{case.id}/follow")
    assert "A red pen" in petra.get("/cases").text
    petra.send(petra.get(f"/cases/{case.id}"), f"/cases/{case.id}/unfollow")
    assert "A red pen" not in petra.get("/cases").text


def test_an_owner_cancels_a_case_with_a_reason(site: Site, petra: Visitor, anna: Visitor) -> None:
    case = site.wish()
    page = petra.get(f"/cases/{case.id}")
    assert f"Cancel case {case.number}" in page.text
    petra.send(page, f"/cases/{case.id}/cancel", {"reason": " "}, status=422)
    petra.send(page, f"/cases/{case.id}/cancel", {"reason": "Handed in twice"})
    told = anna.get(f"/cases/{case.id}").text
    assert "Petra Owner cancelled the case" in told
    assert "Handed in twice" in told
    assert "Cancel case" not in anna.get(f"/cases/{case.id}").text


def test_the_history_tells_who_what_when_and_how_long(site: Site, anna: Visitor) -> None:
    case = site.wish()
    task = site.task_of(case)
    anna.send(anna.get("/tasks"), f"/tasks/{task}/claim")
    site.clock.pass_(minutes=40)
    anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "yes", "_effort": "25"})
    told = anna.get(f"/cases/{case.id}").text
    for words in (
        "Ines North started the case",
        "Anna Desk claimed Answer the wish",
        "Anna Desk completed Answer the wish Yes",
        "40 min",
        "effort 25 min",
        "W-0001 version 2 written by Anna Desk: Answered",
        "Message sent: Wish granted to Workshop",
        "The case was completed Wish granted",
    ):
        assert words in told
    assert "Wish granted Wish granted" not in told, "how the case ended is told once in a line"


def test_the_outbox_shows_what_to_hand_over_and_notes_it(site: Site, anna: Visitor) -> None:
    case = site.wish()
    assert "will appear here" in anna.get("/outbox").text
    site.engine.tasks.complete(site.task_of(case), {"decision": "yes"}, actor=site.engine.identity.actor("anna"))
    page = anna.get("/outbox")
    assert "Wish granted to Workshop" in page.text
    (action,) = page.tree.xpath("//form[contains(@action, 'handed-over')]/@action")
    anna.send(page, action)
    anna.send(page, action, status=409)
    assert "Anna Desk" in anna.get("/outbox?state=handed+over").text


def test_starting_says_so_quietly_with_the_number(site: Site, ines: Visitor) -> None:
    page = ines.get("/start")
    assert "Say what you wish for." in page.text
    sent = ines.send(ines.get("/start/handle_wish"), "/start/handle_wish", {"title": "A red pen.", "pieces": "3"})
    shown = ines.get(sent.response.location)
    assert "Received: " in shown.text
    assert "A red pen." in shown.text
    assert "A red pen.." not in shown.text


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ({}, "#f-title"),
        ({"title": "x" * 41}, "#f-title"),
        ({"title": "A pen", "pieces": "many"}, "#f-pieces"),
        ({"title": "A pen", "pieces": "0"}, "#f-pieces"),
        ({"title": "A pen", "pieces": "1.5"}, "#f-pieces"),
        ({"title": "A pen", "details": "x" * 20_000}, "#f-details"),
    ],
)
def test_a_bad_start_form_says_where_and_keeps_the_input(
    site: Site, ines: Visitor, sent: dict[str, str], target: str
) -> None:
    page = ines.send(ines.get("/start/handle_wish"), "/start/handle_wish", sent, status=422)
    assert [found for found, _ in page.summary()] == [target]
    assert page.tree.xpath(f"//*[@id={target[1:]!r}][@aria-invalid='true']")
    for name, value in sent.items():
        assert page.value(name) == value
    assert not site.engine.history.cases(ENGINE).rows


def test_several_mistakes_are_all_told_once(site: Site, ines: Visitor) -> None:
    sent = {"title": "", "pieces": "many"}
    page = ines.send(ines.get("/start/handle_wish"), "/start/handle_wish", sent, status=422)
    assert [target for target, _ in page.summary()] == ["#f-title", "#f-pieces"]


def test_what_one_may_not_start_is_not_found(site: Site) -> None:
    oscar = site.visit_as("oscar")
    assert "will appear here" in oscar.get("/start").text
    oscar.get("/start/handle_wish", 404)
    oscar.get("/start/none", 404)


def _hide_wishes(site: Site) -> None:
    """Deploy the register of wishes anew, so that it names no customers: they may not look at it any more."""
    registers = files(["registers.yaml", "wish_record.form", "customer.form"])
    text = registers["registers.yaml"].decode()
    named = "    organisation: organisation\n    originator: originator\n"
    assert named in text
    registers["registers.yaml"] = text.replace(named, "").encode()
    site.engine.repository.deploy(registers, name="Hidden", actor=ENGINE)


def test_a_case_tells_of_no_record_that_its_reader_may_not_open(site: Site, ines: Visitor, anna: Visitor) -> None:
    record = "/registers/wishes/records/"
    seen = site.wish("A blue pen")
    assert any(link.startswith(record) for link in ines.get(f"/cases/{seen.id}").links())
    _hide_wishes(site)
    case = site.wish("A red pen")
    ines.get(f"{record}W-0002", 404)
    page = ines.get(f"/cases/{case.id}")
    assert not [link for link in page.links() if link.startswith("/registers/wishes")]
    assert "W-0002" not in page.text
    assert any(link.startswith(record) for link in anna.get(f"/cases/{case.id}").links())


def test_a_task_links_to_no_record_that_its_reader_may_not_open(site: Site) -> None:
    _hide_wishes(site)
    case = site.wish("A red pen")
    site.engine.tasks.assign(site.task_of(case), "ines", actor=ENGINE)
    page = site.visit_as("ines").get(f"/tasks/{site.task_of(case)}")
    assert "W-0001" in page.text, "what the task reads is shown to who works on it"
    assert not [link for link in page.links() if link.startswith("/registers/wishes")]


def test_a_long_history_begins_with_its_end_and_shows_all_when_asked(site: Site, ines: Visitor) -> None:
    case = site.wish("A red pen")
    for count in range(70):
        site.engine.runtime.comment(case.id, f"Remark {count}.", "everyone", actor=ENGINE)
    entries = "//ol[@class='timeline']/li"
    page, whole = ines.get(f"/cases/{case.id}"), ines.get(f"/cases/{case.id}?history=all")
    assert len(page.tree.xpath(entries)) == 60
    assert len(whole.tree.xpath(entries)) > 70
    assert f"Show {len(whole.tree.xpath(entries)) - 60} earlier" in page.text
    assert "earlier" not in whole.text


def test_the_effort_of_staff_is_for_staff(site: Site, ines: Visitor, anna: Visitor) -> None:
    case = site.wish()
    ann = site.engine.identity.actor("anna")
    task = site.task_of(case)
    site.engine.tasks.claim(task, actor=ann)
    site.engine.tasks.complete(task, {"decision": "ask"}, actor=ann, effort_minutes=35)
    (entry,) = anna.get(f"/cases/{case.id}").tree.xpath("//li[contains(., 'effort 35 min')]//div[3]")
    assert " ".join(entry.text_content().split()) == "effort 35 min", "what took no time is not told"
    page = ines.get(f"/cases/{case.id}")
    assert "effort" not in page.text.lower()
    assert "Priority" not in page.text
    assert "Effort" not in ines.get(f"/tasks/{site.task_of(case)}").text


def test_who_handed_it_in_withdraws_a_case_and_gives_a_reason(site: Site, ines: Visitor, anna: Visitor) -> None:
    case = site.wish("A red pen")
    site.engine.tasks.complete(site.task_of(case), {"decision": "ask"}, actor=site.engine.identity.actor("anna"))
    path = f"/cases/{case.id}"
    assert "Withdraw the case" not in anna.get(path).text
    page = ines.get(path)
    assert f"This ends {case.number} “A red pen” for good" in page.text
    refused = ines.send(page, f"{path}/withdraw", {"reason": "  "}, status=422)
    assert "why the case is withdrawn" in refused.text
    ines.send(page, f"{path}/withdraw", {"reason": "I found one"})
    ended = ines.get(path)
    assert "The case was withdrawn." in ended.text
    assert [badge.text for badge in ended.tree.xpath("//dd/span[@class='badge withdrawn']")] == ["Withdrawn"]
    assert "Ines North withdrew the case: I found one" in ended.text
    assert "Withdrawn" in ines.get("/cases?status=withdrawn").tree.xpath("string(//tbody)")
    assert "No case matches" in ines.get("/cases?status=cancelled").text
    assert "End of the case before its end" in anna.get("/registers/wishes/records/W-0001").text
    told = ines.send(page, f"{path}/withdraw", {"reason": "Again"}, status=409)
    assert "has ended" in told.text


DRAWN = b"""<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:c="http://www.omg.org/spec/DD/20100524/DC"><d:BPMNPlane bpmnElement="handle_wish">
  <d:BPMNShape bpmnElement="Start_Wish"><c:Bounds x="0" y="22" width="36" height="36"/></d:BPMNShape>
  <d:BPMNShape bpmnElement="Task_Answer"><c:Bounds x="90" y="0" width="100" height="80"/></d:BPMNShape>
</d:BPMNPlane></d:BPMNDiagram></bpmn:definitions>"""


def test_the_picture_of_a_case_needs_no_scripts(site: Site, ines: Visitor, petra: Visitor) -> None:
    bare = ines.get(f"/cases/{site.wish().id}")
    assert bare.tree.xpath("count(//svg | //div[@class='diagram'])") == 0, "its model has no diagram"
    assert bare.tree.xpath("count(//details[@class='steps'][@open])") == 1
    model = files(["handle_wish.bpmn"])["handle_wish.bpmn"].replace(b"</bpmn:definitions>", DRAWN)
    site.engine.repository.deploy({"handle_wish.bpmn": model}, name="Drawn", actor=ENGINE)
    case = site.wish()
    page = ines.get(f"/cases/{case.id}")
    (drawn,) = page.tree.xpath("//svg")
    assert drawn.xpath("title/text()") == ["Diagram of Handle a wish"]
    assert drawn.xpath("desc/text()") == ["The case is at: Answer the wish. Done: Wish handed in."]
    (here,) = drawn.xpath("g[contains(@class, ' here')]")
    assert " ".join(here.xpath(".//tspan/text()")) == "Answer the wish"
    assert drawn.xpath("count(g[contains(@class, 'startEvent done')])") == 1
    (frame,) = page.tree.xpath("//*[svg]")
    assert (frame.get("role"), frame.get("tabindex")) == ("region", "0")
    assert frame.get("aria-label") == "Diagram of Handle a wish"
    assert "the case is here" in page.text
    (newest, _) = site.engine.repository.versions("handle_wish", ENGINE)
    for address in (f"/processes/versions/{newest.id}", f"/cases/{case.id}/mend", f"/tasks/{site.task_of(case)}"):
        visitor = site.visit_as("anna") if "/tasks/" in address else petra
        assert visitor.get(address).tree.xpath("count(//svg)") == 1, address
    site.engine.runtime.cancel(case.id, "Over", actor=ENGINE)
    assert "the case is here" not in petra.get(f"/cases/{case.id}").text
