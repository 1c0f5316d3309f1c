"""How refusals reach a person: a status and a sentence each, as a page or a problem document, and nothing changes."""

import json
import logging
import re
from typing import Any

import pytest

from engine.errors import ComityError, StepFailed
from engine.types import ENGINE
from tests.webapp.site import LIMIT_BYTES, PASSWORD, Site, Visitor
from webapp import errors
from webapp.headers import CONTENT_SECURITY_POLICY

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


def every_error(kind: type[ComityError] = ComityError) -> list[type[ComityError]]:
    return [kind, *(found for below in kind.__subclasses__() for found in every_error(below))]


def cases(site: Site) -> int:
    return len(site.engine.history.cases(ENGINE).rows)


# --- headers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-in", "/tasks", "/nowhere", "/health", "/static/comity.css"])
def test_every_answer_carries_the_strict_policy(anna: Visitor, path: str) -> None:
    headers = anna.client.get(path, buffered=True).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_are_not_kept_by_browsers_and_files_are(anna: Visitor) -> None:
    assert anna.get("/tasks").response.headers["Cache-Control"] == "no-store"
    (style,) = anna.get("/tasks").tree.xpath("//link[@rel='stylesheet']/@href")
    assert "immutable" in anna.get(style).response.headers["Cache-Control"]


def test_no_page_has_style_or_script_of_its_own(site: Site, petra: Visitor) -> None:
    case = site.wish()
    for path in ("/tasks", "/start", f"/cases/{case.id}", "/registers/wishes", "/processes", "/account", "/sign-in"):
        markup = petra.client.get(path, follow_redirects=True).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", markup), path


# --- anti-forgery ---------------------------------------------------------------------------------------------------


def test_a_form_without_token_changes_nothing(site: Site, ines: Visitor) -> None:
    page = ines.post("/start/handle_wish", {"title": "A red pen"}, 400, headers=SAME_SITE)
    assert cases(site) == 0
    assert page.value("title") == "A red pen"
    assert "A red pen" in page.text


def test_the_kept_input_can_be_sent_again(site: Site, ines: Visitor) -> None:
    values = {"title": "A red pen", "csrf_token": "stale", "details": "soon\nplease"}
    page = ines.post("/start/handle_wish", values, 400, headers=SAME_SITE)
    ines.send(page, "/start/handle_wish")
    assert cases(site) == 1


def test_what_another_site_sent_is_never_offered_for_sending(site: Site, ines: Visitor) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        page = ines.post("/start/handle_wish", {"title": "A red pen"}, 400, headers=headers)
        assert page.value("title") is None
        assert "A red pen" not in page.text


@pytest.mark.parametrize("header", ["Origin", "Referer"])
@pytest.mark.parametrize("address", ["http://[", "http://[::1", "//["])
def test_what_comes_from_an_address_that_is_none_is_not_from_here(ines: Visitor, header: str, address: str) -> None:
    sent = {header: address}
    page = ines.post("/start/handle_wish", {"title": "A red pen"}, 400, headers=sent)
    assert "A red pen" not in page.text
    ines.get("/nowhere", 404, headers=sent)


def test_passwords_are_never_kept(site: Site, anna: Visitor) -> None:
    page = anna.post("/account/password", {"old_password": PASSWORD, "new_password": "x"}, 400, headers=SAME_SITE)
    assert PASSWORD not in page.response.text


def test_the_token_of_another_session_is_refused(site: Site, ines: Visitor) -> None:
    token = site.visit_as("omar").token()
    ines.post("/start/handle_wish", {"title": "A red pen", "csrf_token": token}, 400)
    assert cases(site) == 0


# --- ended sessions -------------------------------------------------------------------------------------------------


def test_a_form_sent_after_the_session_ended_keeps_its_input(site: Site, ines: Visitor) -> None:
    page = ines.get("/start/handle_wish")
    site.clock.pass_(hours=2)
    late = ines.send(page, "/start/handle_wish", {"title": "A red pen"}, status=401, headers=SAME_SITE)
    assert "nothing happened for 60 minutes" in late.text
    assert late.value("title") == "A red pen"
    assert cases(site) == 0
    # In another tab of the same browser:
    ines.send(ines.get("/sign-in"), "/sign-in", {"name": "ines", "password": PASSWORD})
    again = ines.send(late, "/start/handle_wish", status=400, headers=SAME_SITE)
    ines.send(again, "/start/handle_wish")
    assert cases(site) == 1


def test_an_address_that_is_too_long_to_come_back_to_is_not_kept(site: Site) -> None:
    """A proxy refuses an answer with long headers: what nobody would be sent to is not in them."""
    asked = site.visitor().get("/tasks?q=" + "%5B" * 20_000, 303).response
    assert asked.location == "/sign-in"
    kept = site.visitor().get("/tasks?q=%5B", 303).response
    assert kept.location == "/sign-in?next=/tasks?q%3D%255B"


def test_an_address_with_bytes_that_are_no_text_is_not_come_back_to(site: Site) -> None:
    client = site.app.test_client()
    asked = client.get("/", environ_overrides={"PATH_INFO": "/tasks", "QUERY_STRING": "q=\xc3("})
    assert (asked.status_code, asked.location) == (303, "/sign-in")


def test_an_anonymous_form_is_asked_to_sign_in(site: Site) -> None:
    page = site.visitor().post("/start/handle_wish", {"title": "A red pen"}, 401)
    assert "Sign in first" in page.text


# --- the table of errors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_engine_has_an_answer(kind: type[ComityError]) -> None:
    error = kind.__new__(kind)
    error.failure_id = None  # type: ignore[attr-defined]  # of a failed step
    answer = errors.answer_for(error)
    assert 400 <= answer.status <= 503
    assert answer.title
    assert answer.remedy


def test_a_step_that_failed_says_whether_anything_was_kept() -> None:
    failed = StepFailed("no flow fits")
    assert errors.answer_for(failed) is errors.NOT_BEGUN
    failed.failure_id = "a failure"
    assert "process owners see" in errors.answer_for(failed).remedy


def test_the_table_goes_from_the_particular_to_the_general() -> None:
    kinds = [kind for kind, _ in errors.ANSWERS]
    for place, kind in enumerate(kinds):
        assert not any(issubclass(later, kind) for later in kinds[place + 1 :]), kind


def test_an_address_that_does_not_exist_is_not_found(anna: Visitor) -> None:
    page = anna.get("/nowhere/at/all", 404)
    assert "nothing at this address" in page.text


def test_a_method_that_does_not_fit_says_which_do(anna: Visitor) -> None:
    assert "GET" in anna.post("/tasks", {"csrf_token": anna.token()}, 405).response.headers["Allow"]


def test_a_request_that_is_too_large_is_refused(site: Site, petra: Visitor) -> None:
    page = petra.post("/processes/publish", {"csrf_token": petra.token(), "name": "x" * (LIMIT_BYTES + 1)}, 413)
    assert "larger than" in page.text


def test_too_many_fields_are_refused(ines: Visitor) -> None:
    values = {f"field{number}": "x" for number in range(3_000)} | {"csrf_token": ines.token()}
    page = ines.post("/start/handle_wish", values, 413, content_type="multipart/form-data")
    assert "more than 2,000 fields" in page.text
    assert "MiB" not in page.text


def test_problems_come_as_json_to_who_asks_for_json(site: Site, ines: Visitor) -> None:
    for path, status in (("/cases/none", 404), ("/nowhere", 404), ("/tasks?after=%25%25", 422)):
        answer = ines.get(path, status, headers={"Accept": "application/json"}).response
        assert answer.content_type == "application/problem+json"
        document = json.loads(answer.text)
        assert document["status"] == status
        assert document["title"]
        assert document["detail"]
        assert document["instance"].startswith("urn:comity:request:")
    assert site.visitor().get("/tasks", 401, headers={"Accept": "application/json"}).response.json["title"]  # type: ignore[index]


def test_an_unforeseen_error_is_logged_with_the_number_that_the_person_sees(
    site: Site, anna: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    with site.engine.database.write() as connection:
        connection.exec_driver_sql("DROP TABLE worklist")
    with caplog.at_level(logging.ERROR):
        page = anna.get("/tasks", 500)
    (number,) = page.tree.xpath("//code/text()")
    assert page.response.headers["X-Correlation-Id"] == number
    assert number in caplog.text
    assert "no such table" in caplog.text
    assert "no such table" not in page.response.text
    document: dict[str, Any] = json.loads(anna.get("/tasks", 500, headers={"Accept": "application/json"}).response.text)
    assert document["correlation_id"] in document["instance"]


def test_health_answers_anonymously_and_fails_with_the_database(site: Site) -> None:
    assert site.visitor().get("/health").response.json == {"status": "ok"}


@pytest.mark.parametrize("query", ["after=x", "after=WzFd", "trail=" + "a." * 40, "after=%00", "after=W3siYSI6MX1d"])
def test_a_damaged_link_of_a_list_is_refused(petra: Visitor, query: str) -> None:
    for path in ("/tasks", "/cases", "/registers/wishes", "/outbox", "/failures"):
        answer = petra.client.get(f"{path}?{query}")
        assert answer.status_code == 422, (path, answer.status_code)


@pytest.mark.parametrize("query", ["q=%00", "q=" + "x" * 5_000, "q=%25%5C_", "show=none&sort=none", "process=%27--"])
def test_odd_filters_do_no_harm(site: Site, anna: Visitor, query: str) -> None:
    site.wish()
    anna.get(f"/tasks?{query}")
    anna.get(f"/cases?{query}")
    anna.get(f"/registers/wishes?{query}")


@pytest.mark.parametrize(
    ("zone", "shown"), [("Asia/Tokyo", "18:00 JST"), ("Nowhere/At_All", "09:00 UTC"), ("../etc", "09:00 UTC")]
)
def test_times_are_in_the_readers_zone_or_in_utc(site: Site, anna: Visitor, zone: str, shown: str) -> None:
    case = site.wish()
    anna.client.set_cookie("tz", zone)
    assert shown in anna.get(f"/cases/{case.id}").text


def test_a_time_zone_that_does_not_exist_is_not_kept(anna: Visitor) -> None:
    anna.send(anna.get("/account"), "/account/time-zone", {"zone": "Nowhere"})
    assert anna.client.get_cookie("tz") is None


# --- what was typed -------------------------------------------------------------------------------------------------


def test_a_task_that_is_done_shows_what_was_typed_for_it(site: Site, anna: Visitor) -> None:
    task = site.task_of(site.wish())
    page = anna.get(f"/tasks/{task}")
    site.engine.tasks.complete(task, {"decision": "yes"}, actor=site.engine.identity.actor("ben"))
    late = anna.send(page, f"/tasks/{task}", {"decision": "yes", "reason": "So thought"}, status=409, headers=SAME_SITE)
    assert "What you typed" in late.text
    assert "So thought" in late.text
    assert "csrf" not in late.text.lower()


def test_a_refused_comment_is_shown_again_with_one_message(site: Site, ines: Visitor) -> None:
    case = site.wish()
    words = "so " * 4_000
    page = ines.get(f"/cases/{case.id}")
    refused = ines.send(page, f"/cases/{case.id}/comments", {"text": words}, status=422, headers=SAME_SITE)
    assert refused.text.count("Comment: enter 1 to 10,000 characters.") == 1
    assert words.strip() in refused.text


def test_a_damaged_address_asks_nobody_to_mend_a_form(ines: Visitor) -> None:
    page = ines.get("/cases?after=x", 422)
    assert page.text.count("This link is damaged") == 1
    assert "send the form" not in page.text


def test_who_only_hands_in_is_not_told_why_a_step_failed(site: Site, ines: Visitor, anna: Visitor) -> None:
    told = []
    for visitor, name in ((ines, "ines"), (anna, "anna")):
        task = site.task_of(site.wish())
        site.engine.tasks.assign(task, name, actor=ENGINE)
        page = visitor.get(f"/tasks/{task}")
        told.append(visitor.send(page, f"/tasks/{task}", {"decision": "lost"}, status=422).text)
    assert "The next step could not be done." in told[0]
    assert "Decision?" not in told[0]
    assert "Decision?" in told[1]
