"""The work itself: the list, one task, its form, claims, conflicts, and what a person is told."""

import threading

import pytest

from engine.types import ENGINE
from engine.views import WorklistFilter
from tests.webapp.site import Site, Visitor
from webapp.words import capped


def test_an_empty_list_says_what_will_come_and_what_to_do(anna: Visitor) -> None:
    page = anna.get("/tasks")
    assert "will appear here" in page.text
    assert "/start" in page.links()


def test_the_list_shows_tasks_of_mine_and_my_groups_only(site: Site, anna: Visitor) -> None:
    site.wish("A red pen")
    assert "A red pen" in anna.get("/tasks").text
    assert "A red pen" not in site.visit_as("sam").get("/tasks").text


def test_search_filters_and_counts(site: Site, anna: Visitor) -> None:
    site.wish("A red pen")
    mine = site.wish("A blue pen")
    site.engine.tasks.claim(site.task_of(mine), actor=site.engine.identity.actor("anna"))
    assert "A blue pen" in anna.get("/tasks?show=mine").text
    assert "A red pen" not in anna.get("/tasks?show=mine").text
    assert "A blue pen" not in anna.get("/tasks?show=groups").text
    assert "A red pen" in anna.get("/tasks?q=RED").text
    assert "No task matches" in anna.get("/tasks?q=green").text
    assert "No task matches" in anna.get("/tasks?overdue=1").text
    site.clock.pass_(days=2)
    anna = site.sign_in("anna")
    assert "Overdue" in anna.get("/tasks?overdue=1").text
    assert "A blue pen" in site.sign_in("ben").get("/tasks?show=others").text


def test_pages_of_the_list_go_forth_and_back(site: Site, anna: Visitor) -> None:
    for number in range(60):
        site.wish(f"Wish {number:02}")
    seen: list[list[str]] = []
    backs: list[str] = []
    path = "/tasks"
    while path:
        page = anna.get(path)
        seen.append(page.tree.xpath("//td[@data-label='Case']//a/text()"))
        path = next(iter(page.tree.xpath("//a[@rel='next']/@href")), "")
        backs.append(next(iter(page.tree.xpath("//a[@rel='prev']/@href")), ""))
    assert [len(rows) for rows in seen] == [25, 25, 10]
    assert len({row for rows in seen for row in rows}) == 60
    assert not backs[0]
    page = anna.get(backs[2])
    assert page.tree.xpath("//td[@data-label='Case']//a/text()") == seen[1]
    page = anna.get(page.tree.xpath("//a[@rel='prev']/@href")[0])
    assert page.tree.xpath("//td[@data-label='Case']//a/text()") == seen[0]


def test_the_opened_task_stands_beside_the_list(site: Site, anna: Visitor) -> None:
    task = site.task_of(site.wish("A red pen"))
    page = anna.get(f"/tasks?task={task}")
    assert page.tree.xpath("//h1/text()") == ["Answer the wish"]
    assert page.form(f"/tasks/{task}")
    assert anna.get("/tasks?task=none").tree.xpath("//h1/text()") == ["My tasks"]


def test_a_task_page_shows_form_record_facts_steps_and_history(site: Site, anna: Visitor) -> None:
    case = site.wish("A red pen", details="Thin one")
    page = anna.get(f"/tasks/{site.task_of(case)}")
    assert page.tree.xpath("//h1/text()") == ["Answer the wish"]
    for words in ("Say yes or no, and why.", "W-0001", "Thin one", case.number, "Ines North", "now here", "Decision"):
        assert words in page.text
    assert page.form("/tasks/")["_shown"] == ["wishes|W-0001|1"]
    assert page.tree.xpath("//details[@class='steps']//li[@class='here']")


def test_completing_a_task_leads_on_quietly(site: Site, anna: Visitor) -> None:
    case = site.wish()
    task = site.task_of(case)
    page = anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "yes", "_effort": "15"})
    said = anna.get(page.response.location)
    assert f"Done: Answer the wish, {case.number}." in said.text
    assert f"/cases/{case.id}" in said.links()
    told = anna.get(f"/cases/{case.id}").text
    assert "Anna Desk completed Answer the wish" in told
    assert "effort 15 min" in told
    assert "Wish granted" in told


def test_the_next_task_of_the_same_case_opens_when_it_is_mine(site: Site) -> None:
    case = site.wish(by="anna")
    anna = site.visit_as("anna")
    task = site.task_of(case)
    page = anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "ask"})
    following = anna.get(page.response.location)
    assert following.tree.xpath("//h1/text()") == ["Read the answer"]
    anna.send(following, page.response.location, {})
    assert site.engine.history.case(case.id, ENGINE).status == "completed"


def test_an_originator_gets_the_task_that_is_theirs(site: Site, ines: Visitor, anna: Visitor) -> None:
    case = site.wish(by="ines")
    task = site.task_of(case)
    anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "ask"})
    assert "Read the answer" in ines.get("/tasks").text
    anna.get(f"/tasks/{site.task_of(case)}", 200)
    anna.post(f"/tasks/{site.task_of(case)}", {"csrf_token": anna.token()}, 403)


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ({}, "#f-decision"),
        ({"decision": "maybe"}, "#f-decision"),
        ({"decision": "no"}, "#f-why"),
        ({"decision": "no", "why": "x" * 20_000}, "#f-why"),
        ({"decision": "yes", "_effort": "an hour"}, "#effort"),
        ({"decision": "yes", "_effort": "-5"}, "#effort"),
        ({"decision": "yes", "_effort": "99999999"}, "#effort"),
    ],
)
def test_a_bad_form_says_where_and_keeps_the_input(
    site: Site, anna: Visitor, sent: dict[str, str], target: str
) -> None:
    case = site.wish()
    task = site.task_of(case)
    page = anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", sent, status=422)
    assert [found for found, _ in page.summary()] == [target]
    assert page.tree.xpath(f"//*[@id={target[1:]!r}]"), "the summary links to an input that is there"
    assert page.tree.xpath("//title/text()")[0].startswith("Error: ")
    for name in ("decision", "why"):
        if sent.get(name) and sent[name] != "maybe":
            assert page.value(name) == sent[name]
    assert site.engine.history.case(case.id, ENGINE).status == "active"


def test_a_wrong_effort_is_told_together_with_wrong_answers(site: Site, anna: Visitor) -> None:
    case = site.wish()
    task = site.task_of(case)
    page = anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "no", "_effort": "-5"}, status=422)
    assert [found for found, _ in page.summary()] == ["#f-why", "#effort"]
    assert page.value("_effort") == "-5"


def test_a_hidden_question_is_not_asked_and_not_kept(site: Site, anna: Visitor) -> None:
    case = site.wish()
    task = site.task_of(case)
    anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "yes", "why": "typed before"})
    assert site.engine.history.case(case.id, ENGINE).status == "completed"


def test_without_scripts_the_questions_can_be_updated(site: Site, anna: Visitor) -> None:
    task = site.task_of(site.wish())
    page = anna.get(f"/tasks/{task}")
    assert page.tree.xpath("//noscript//button[@name='_refresh']")
    assert page.tree.xpath("//div[@data-hide-key='decision'][@hidden]")
    page = anna.send(page, f"/tasks/{task}", {"decision": "no", "_refresh": "1"}, status=200)
    assert page.tree.xpath("//div[@data-hide-key='decision'][not(@hidden)]")
    assert page.value("decision") == "no"
    assert not page.summary()


def test_a_damaged_hidden_field_changes_nothing(site: Site, anna: Visitor) -> None:
    case = site.wish()
    task = site.task_of(case)
    for shown in ("wishes", "wishes|W-0001|x", "|W-0001|1", "wishes|W-0001|99999999999"):
        anna.send(
            anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "no", "why": "x", "_shown": shown}, status=422
        )
    assert site.engine.history.case(case.id, ENGINE).status == "active"


def test_a_task_that_is_done_is_a_conflict_with_who_and_when(site: Site, anna: Visitor) -> None:
    case = site.wish()
    task = site.task_of(case)
    form = anna.get(f"/tasks/{task}")
    ben = site.visit_as("ben")
    ben.send(ben.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "yes"})
    page = anna.send(form, f"/tasks/{task}", {"decision": "no", "why": "late"}, status=409)
    assert "Ben Desk" in page.text
    assert page.tree.xpath("//time/@datetime") == ["2026-03-02T09:00:00+00:00"]
    assert f"/cases/{case.id}" in page.links()
    document = anna.send(form, f"/tasks/{task}", status=409, headers={"Accept": "application/json"}).response.json
    assert document is not None
    assert (document["by"], document["at"]) == ("Ben Desk", "2026-03-02T09:00:00+00:00")
    done = anna.get(f"/tasks/{task}").text
    assert "completed" in done
    assert "Ben Desk" in done


def test_a_task_that_somebody_claimed_is_a_conflict_with_who_and_when(site: Site, anna: Visitor) -> None:
    task = site.task_of(site.wish())
    page = anna.get(f"/tasks/{task}")
    ben = site.visit_as("ben")
    ben.send(ben.get("/tasks"), f"/tasks/{task}/claim")
    site.clock.pass_(minutes=7)
    for answer in (
        anna.send(page, f"/tasks/{task}/claim", status=409),
        anna.send(page, f"/tasks/{task}", {"decision": "yes"}, status=409),
    ):
        assert "Ben Desk" in answer.text
        assert answer.tree.xpath("//time/@datetime") == ["2026-03-02T09:00:00+00:00"]
    held = anna.get(f"/tasks/{task}")
    assert "Ben Desk" in held.text
    assert held.tree.xpath("//fieldset[@disabled]")


def test_claim_and_release(site: Site, anna: Visitor) -> None:
    task = site.task_of(site.wish())
    opened = anna.get(anna.send(anna.get("/tasks"), f"/tasks/{task}/claim").response.location)
    anna.send(opened, f"/tasks/{task}/release")
    assert site.engine.tasks.get(task, ENGINE).assignee is None


def test_an_owner_gives_a_task_to_somebody(site: Site, petra: Visitor) -> None:
    task = site.task_of(site.wish())
    page = petra.get(f"/tasks/{task}")
    assert page.tree.xpath("//datalist/option/@value") == ["anna", "ben"], "those whom it is offered to"
    told = petra.get(petra.send(page, f"/tasks/{task}/assign", {"person": "ben"}).response.location)
    assert "Ben Desk has this task now." in told.text
    assert "assigned Answer the wish to Ben Desk" in " ".join(
        told.tree.xpath("//ol[@class='timeline']")[0].text_content().split()
    )
    assert told.tree.xpath("//p[contains(., 'Ben Desk has this task.')]")
    holder = site.engine.tasks.get(task, ENGINE).assignee
    assert holder is not None
    assert holder.id == "ben"


def test_a_person_is_known_by_name_too(site: Site, petra: Visitor) -> None:
    task = site.task_of(site.wish())
    petra.send(petra.get(f"/tasks/{task}"), f"/tasks/{task}/assign", {"person": " anna desk"})
    holder = site.engine.tasks.get(task, ENGINE).assignee
    assert holder is not None
    assert holder.id == "anna"


@pytest.mark.parametrize("nobody", ["", "nobody", "omar", "adam"])
def test_who_may_not_have_a_task_is_told_beside_the_form(site: Site, petra: Visitor, nobody: str) -> None:
    """A customer of another organisation, an account that only administers, and nobody at all are answered alike."""
    task = site.task_of(site.wish())
    page = petra.send(petra.get(f"/tasks/{task}"), f"/tasks/{task}/assign", {"person": nobody}, status=422)
    [link] = page.tree.xpath("//div[@class='errors']//a")
    assert link.get("href") == "#person"
    assert "sign" in link.text_content()
    assert page.tree.xpath("//details[@open]//input[@id='person']/@value") == [nobody]
    assert site.engine.tasks.get(task, ENGINE).assignee is None


def test_a_task_that_was_handed_on_is_offered_to_its_group_again_and_to_nobody_else(site: Site, petra: Visitor) -> None:
    task = site.task_of(site.wish())
    for name in ("sam", "ines"):
        petra.send(petra.get(f"/tasks/{task}"), f"/tasks/{task}/assign", {"person": name})
    ines = site.visit_as("ines")
    assert f"task={task}" in " ".join(ines.get("/tasks").links())
    petra.send(petra.get(f"/tasks/{task}"), f"/tasks/{task}/release")
    assert f"task={task}" not in " ".join(ines.get("/tasks").links())
    assert [row.name for row in site.engine.tasks.get(task, ENGINE).users] == []
    assert not site.engine.tasks.get(task, site.engine.identity.actor("ines")).may_claim


def test_a_foreign_task_does_not_exist(site: Site) -> None:
    task = site.task_of(site.wish())
    for name in ("sam", "omar"):
        site.visit_as(name).get(f"/tasks/{task}", 404)


def test_a_record_that_moved_on_is_a_conflict_that_keeps_the_input(site: Site, anna: Visitor, petra: Visitor) -> None:
    case = site.wish()
    task = site.task_of(case)
    form = anna.get(f"/tasks/{task}")
    change = "/registers/wishes/records/W-0001/change"
    petra.send(petra.get(change), change, {"details": "Two of them", "_status": "open"})
    page = anna.send(form, f"/tasks/{task}", {"decision": "no", "why": "Too dear"}, status=409)
    assert "Petra Owner" in page.text
    assert "Two of them" in page.text
    assert page.value("why") == "Too dear"
    assert page.form("/tasks/")["_shown"] == ["wishes|W-0001|2"]
    anna.send(page, f"/tasks/{task}")
    assert site.engine.history.case(case.id, ENGINE).status == "completed"


def test_a_case_that_cannot_go_on_is_told_and_can_be_tried_again(site: Site, anna: Visitor, petra: Visitor) -> None:
    case = site.wish()
    task = site.task_of(case)
    page = anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "lost"}, status=422)
    assert "could not go on" in page.text
    assert "process owners see" in page.text
    assert f"/cases/{case.id}" in page.links()
    listed = petra.get("/failures")
    (action,) = listed.tree.xpath("//form[contains(@action, '/retry')]/@action")
    again = petra.send(listed, action, status=422)
    assert f"/cases/{case.id}/mend" in again.links(), "what to do when it fails again"
    assert "What you typed" not in again.text
    [told] = site.visit_as("adam").get("/failures").tree.xpath("//ul[@class='blocks']/li")
    assert "Handle a wish, owned by Owners" in " ".join(told.text_content().split()), "whom an admin tells"
    shown = petra.get(f"/cases/{case.id}")
    assert "tried 2 times" in shown.text
    assert "Try again" in shown.text
    for visitor in (anna, site.visit_as("ines")):
        page = visitor.get(f"/cases/{case.id}")
        [box] = page.tree.xpath("//div[@class='said failed']")
        assert "The process owners see it and will deal with it." in box.text_content()
        assert "Decision?" in box.text_content()
        assert "lost" not in page.text
        assert "Try again" not in page.text
    assert site.engine.history.case(case.id, ENGINE).status == "active"


def test_two_presses_complete_a_task_once(site: Site) -> None:
    case = site.wish()
    task = site.task_of(case)
    visitors = [site.visit_as("anna"), site.visit_as("ben")]
    forms = [visitor.get(f"/tasks/{task}").form(f"/tasks/{task}") for visitor in visitors]
    statuses: list[int] = []

    def press(place: int) -> None:
        sent = {**forms[place], "decision": "yes"}
        statuses.append(visitors[place].client.post(f"/tasks/{task}", data=sent).status_code)

    threads = [threading.Thread(target=press, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 409]
    assert len(site.engine.management.outbox(ENGINE).rows) == 1


def test_formula_like_text_is_honest_text(site: Site, ines: Visitor) -> None:
    page = ines.send(ines.get("/start/handle_wish"), "/start/handle_wish", {"title": "=1+1"})
    assert "=1+1" in ines.get(page.response.location).text


def test_markup_is_shown_and_not_run(site: Site, anna: Visitor) -> None:
    case = site.wish("<script>alert(1)</script>", details="<img src=x onerror=alert(1)>")
    for path in ("/tasks", f"/tasks/{site.task_of(case)}", f"/cases/{case.id}", "/registers/wishes/records/W-0001"):
        page = anna.get(path)
        assert "<script>alert(1)</script>" in page.text
        assert not page.tree.xpath("//script[not(@src)] | //img[@onerror]")


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (999, "999"), (1000, "1,000"), (1001, "1,000+")])
def test_counts_stop_at_a_thousand(count: int, words: str) -> None:
    assert capped(count) == words


def test_the_count_in_the_bar_is_that_of_the_list(site: Site, anna: Visitor) -> None:
    for _ in range(3):
        site.wish()
    (shown,) = anna.get("/tasks").tree.xpath("//header//*[@class='count']/text()")
    assert int(shown) == site.engine.tasks.count(site.engine.identity.actor("anna"), filter=WorklistFilter())
