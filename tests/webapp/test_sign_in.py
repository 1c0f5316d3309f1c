"""Signing in and out, throttling, sessions that end, and where a sign-in leads."""

import re
import statistics
import time

import pytest

from engine.types import ENGINE
from tests.webapp.site import PASSWORD, PEOPLE, Site, Visitor
from webapp.client_place import place_of
from webapp.own_paths import own_path
from webapp.passwords import hash_password
from webapp.sign_in_gate import SignInGate

FIRST_PAGES = {"ines": "/cases", "anna": "/tasks", "petra": "/tasks", "oscar": "/tasks", "adam": "/failures"}


def attempt(site: Site, name: str, password: str, status: int, visitor: Visitor | None = None) -> str:
    browser = visitor or site.visitor()
    return browser.send(
        browser.get("/sign-in"), "/sign-in", {"name": name, "password": password}, status=status
    ).response.text


@pytest.mark.parametrize(("name", "page"), FIRST_PAGES.items())
def test_each_role_begins_where_its_work_is(site: Site, name: str, page: str) -> None:
    visitor = site.sign_in(name)
    assert visitor.get("/", 303).response.location == page
    assert PEOPLE[name][0] in visitor.get(page).text


def test_the_name_may_be_typed_in_capitals(site: Site) -> None:
    attempt(site, " Anna ", PASSWORD, 303)


def test_a_wrong_password_is_refused_and_the_name_kept(site: Site) -> None:
    visitor = site.visitor()
    page = visitor.send(visitor.get("/sign-in"), "/sign-in", {"name": "anna", "password": "wrong"}, status=422)
    assert page.value("name") == "anna"
    assert page.value("password") is None
    assert page.summary()[0][0] == "#name"
    visitor.get("/tasks", 303)


def test_nobody_learns_which_accounts_exist(site: Site) -> None:
    site.engine.identity.set_active("sam", active=False, actor=ENGINE)
    for _ in range(6):
        attempt(site, "ben", "wrong", 422)
    answers = {
        attempt(site, "nobody", "wrong", 422).replace("nobody", "NAME"),
        attempt(site, "anna", "wrong", 422).replace("anna", "NAME"),
        attempt(site, "sam", PASSWORD, 422).replace("sam", "NAME"),
        attempt(site, "ben", PASSWORD, 422).replace("ben", "NAME"),
    }
    assert len({re.sub(r'name="csrf_token" value="[^"]+"', "", answer) for answer in answers}) == 1


def test_an_unknown_name_takes_as_long_as_a_known_one(site: Site) -> None:
    def seconds(name: str) -> float:
        visitor = site.visitor()
        page = visitor.get("/sign-in")
        begun = time.perf_counter()
        visitor.send(page, "/sign-in", {"name": name, "password": "wrong"}, status=422)
        return time.perf_counter() - begun

    known = statistics.median(seconds(name) for name in ("anna", "ben", "sam", "ines", "omar"))
    unknown = statistics.median(seconds(f"nobody{number}") for number in range(5))
    assert 0.5 < unknown / known < 2


def test_after_five_wrong_passwords_a_right_one_has_to_wait(site: Site) -> None:
    for _ in range(5):
        attempt(site, "anna", "wrong", 422)
    attempt(site, "anna", PASSWORD, 422)
    site.clock.pass_(seconds=30)
    attempt(site, "anna", PASSWORD, 303)


def test_the_present_password_is_not_guessed_by_who_finds_a_session(site: Site, anna: Visitor) -> None:
    new = {"new_password": "another good one", "new_password_again": "another good one"}
    page = anna.get("/account")
    for _ in range(5):
        anna.send(page, "/account/password", {"old_password": "wrong", **new}, status=422)
    refused = anna.send(page, "/account/password", {"old_password": PASSWORD, **new}, status=422)
    assert "right ones count only after half a minute" in refused.text
    site.clock.pass_(seconds=30)
    anna.send(page, "/account/password", {"old_password": PASSWORD, **new})


def test_who_signs_in_among_too_many_is_asked_to_try_again(site: Site) -> None:
    ines = site.visit_as("ines")
    gate = site.app.extensions["comity.gate"] = SignInGate(1)
    with gate.passing("203.0.113.7"):
        visitor = site.visitor()
        page = visitor.send(visitor.get("/sign-in"), "/sign-in", {"name": "anna", "password": PASSWORD}, status=503)
        assert page.response.headers["Retry-After"] == "2"
        assert page.value("name") == "anna"
        assert "Too many people are signing in" in page.text
        for path in ("/engine-rest/version", "/engine-rest/nothing"):
            answer = visitor.client.get(path, auth=("anna", PASSWORD))
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
            assert "Too many people are signing in" in answer.get_json()["message"]
        ines.get("/cases")
    attempt(site, "anna", PASSWORD, 303)


@pytest.mark.slow
def test_nobody_locks_others_out(site: Site) -> None:
    anna, stranger = site.visitor(), site.visitor()
    stranger.client.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    for _ in range(60):
        attempt(site, "anna", "wrong", 422, stranger)
    attempt(site, "anna", PASSWORD, 422, stranger)
    attempt(site, "anna", PASSWORD, 303, anna)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "local"),
        (None, "local"),
        ("/run/comity.sock", "local"),
    ],
)
def test_a_place_is_an_address_or_its_network(address: str | None, place: str) -> None:
    assert place_of(address) == place


def test_a_right_password_forgets_the_wrong_ones(site: Site) -> None:
    for _ in range(3):
        for _ in range(4):
            attempt(site, "anna", "wrong", 422)
        attempt(site, "anna", PASSWORD, 303)


def test_an_over_long_password_is_a_wrong_one(site: Site) -> None:
    attempt(site, "anna", "x" * 50_000, 422)


def test_signing_out_needs_a_form_and_ends_the_session(site: Site, anna: Visitor) -> None:
    anna.get("/sign-out", 405)
    page = anna.get("/tasks")
    anna.send(page, "/sign-out")
    assert anna.get("/tasks", 303).response.location.startswith("/sign-in?next=")


def test_a_session_ends_after_idle_time(site: Site, anna: Visitor) -> None:
    for _ in range(3):
        site.clock.pass_(minutes=59)
        anna.get("/tasks")
    site.clock.pass_(minutes=61)
    page = anna.get(anna.get("/tasks", 303).response.location)
    assert "nothing happened for 60 minutes" in page.text


def test_a_session_ends_after_twelve_hours_however_busy(site: Site, anna: Visitor) -> None:
    for _ in range(14):
        site.clock.pass_(minutes=50)
        anna.get("/tasks")
    site.clock.pass_(minutes=50)
    page = anna.get(anna.get("/tasks", 303).response.location)
    assert "12 hours old" in page.text


def test_a_changed_password_ends_the_other_sessions_only(site: Site, anna: Visitor) -> None:
    elsewhere = site.sign_in("anna")
    new = "a quite different one"
    values = {"old_password": PASSWORD, "new_password": new, "new_password_again": new}
    anna.send(anna.get("/account"), "/account/password", values)
    anna.get("/tasks")
    elsewhere.get("/tasks", 303)
    attempt(site, "anna", PASSWORD, 422)
    attempt(site, "anna", new, 303)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"old_password": "wrong"}, "#old_password"),
        ({"new_password": "short", "new_password_again": "short"}, "#new_password"),
        ({"new_password": "i am anna really", "new_password_again": "i am anna really"}, "#new_password"),
        ({"new_password_again": "something else"}, "#new_password_again"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(
    site: Site, anna: Visitor, values: dict[str, str], field: str
) -> None:
    new = "a quite different one"
    sent = {"old_password": PASSWORD, "new_password": new, "new_password_again": new, **values}
    page = anna.send(anna.get("/account"), "/account/password", sent, status=422)
    assert [target for target, _ in page.summary()] == [field]
    attempt(site, "anna", PASSWORD, 303)


def test_a_closed_account_is_signed_out_at_once(site: Site, anna: Visitor) -> None:
    site.engine.identity.set_active("anna", active=False, actor=ENGINE)
    anna.get("/tasks", 303)


def test_new_rights_count_from_the_next_request(site: Site, anna: Visitor) -> None:
    anna.get("/processes", 404)
    site.engine.identity.set_belonging("anna", roles=["staff", "process_owner"], groups=["owners"], actor=ENGINE)
    anna.get("/processes")


def test_an_account_without_password_cannot_sign_in(site: Site) -> None:
    site.engine.identity.create_user("ghost", "Ghost", actor=ENGINE)
    attempt(site, "ghost", "", 422)
    attempt(site, "ghost", "nobody has this password", 422)


def test_a_damaged_hash_is_a_wrong_password(site: Site) -> None:
    site.engine.identity.set_password_hash("anna", "not a hash", actor=ENGINE)
    attempt(site, "anna", PASSWORD, 422)


def test_after_signing_in_one_gets_the_page_that_was_asked_for(site: Site) -> None:
    visitor = site.visitor()
    asked = visitor.get("/cases?q=pen&show=all", 303).response.location
    page = visitor.send(visitor.get(asked), "/sign-in", {"name": "anna", "password": PASSWORD})
    assert page.response.location == "/cases?q=pen&show=all"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/a\\..\\evil",
        "javascript:alert(1)",
        "tasks",
        " /tasks",
        "/" + "a" * 3000,
        "",
    ],
)
def test_a_sign_in_leads_nowhere_else(site: Site, target: str) -> None:
    visitor = site.visitor()
    page = visitor.get("/sign-in", query_string={"next": target})
    sent = visitor.send(page, "/sign-in", {"name": "anna", "password": PASSWORD, "next": target})
    assert sent.response.location == "/"
    assert own_path(target) == "/"


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(site: Site) -> None:
    visitor = site.visitor()
    page = visitor.get("/sign-in")
    cookie = visitor.send(page, "/sign-in", {"name": "anna", "password": PASSWORD}).response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_demo_accounts_are_named_in_demo_mode_only(site: Site) -> None:
    assert "comity-demo" not in site.visitor().get("/sign-in").text


def test_hashes_are_argon2id_and_salted() -> None:
    assert hash_password(PASSWORD).startswith("$argon2id$")
    assert hash_password(PASSWORD) != hash_password(PASSWORD)
