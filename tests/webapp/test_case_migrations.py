"""Moving running cases on pages: choose a version, see the plan, map, preview, move, see what became of them."""

from engine.types import ENGINE
from tests.webapp.site import Site, Visitor, files


def versions(site: Site, *changes: tuple[bytes, bytes]) -> tuple[str, str]:
    """Deploy another version of the tiny process, and return the ids of both."""
    (one,) = site.engine.repository.versions("handle_wish", ENGINE)
    model = files()["handle_wish.bpmn"]
    for old, new in changes:
        assert old in model
        model = model.replace(old, new)
    (two,) = site.engine.repository.deploy({"handle_wish.bpmn": model}, name="Next", actor=ENGINE).deployed
    return one.id, two.id


def renamed(site: Site) -> tuple[str, str, str]:
    """Deploy a version in which the first task has another id; return the ids of both, and that of the task."""
    case = site.engine.history.cases(ENGINE).rows[0]
    element = site.engine.history.case(case.id, ENGINE).tasks[0].element_id
    one, two = versions(site, (f'"{element}"'.encode(), b'"other_task"'))
    return one, two, element


def version_of(site: Site, case_id: str) -> int:
    return site.engine.history.case(case_id, ENGINE).models[0].version


def test_the_newest_version_leads_to_the_moves_of_versions_on_which_cases_run(site: Site, petra: Visitor) -> None:
    site.wish()
    one, two = versions(site, (b"the desk answers", b"the desk replies"))
    newest = petra.get(f"/processes/versions/{two}")
    assert "Move the running cases of version 1" in newest.text
    assert f"/processes/versions/{one}/move" in newest.links()
    assert f"/processes/versions/{two}/move" not in newest.links(), "none runs on it"
    assert "Move" not in site.visit_as("adam").get(f"/processes/versions/{two}").text


def test_cases_move_in_three_pages(site: Site, petra: Visitor) -> None:
    cases = [site.wish(title) for title in ("A red pen", "A blue pen")]
    one, two, task = renamed(site)
    assert f"/processes/versions/{one}/move" in petra.get(f"/processes/versions/{one}").links()
    address = f"/processes/versions/{one}/move"
    chosen = petra.get(address)
    assert "2 cases run on version 1" in chosen.text
    assert chosen.tree.xpath("//select[@name='to']/option/@value") == [two]
    plan = petra.get(f"{address}?to={two}")
    assert "Blocks." in plan.text
    assert "other_task" in plan.tree.xpath(f"//select[@name='map:{task}']/option/@value")
    mapped = petra.get(f"{address}?to={two}&map:{task}=other_task")
    assert mapped.tree.xpath(f"//select[@name='map:{task}']/option[@value='']/text()") == ["No place"], (
        "it has no id there"
    )
    seen = petra.get(f"{address}/preview?to={two}")
    assert "None of the cases would move." in seen.text
    assert not seen.tree.xpath("//textarea")
    seen = petra.get(f"{address}/preview?to={two}&map:{task}=other_task")
    refused = petra.send(seen, address, {"reason": " "}, status=422)
    assert refused.summary()[0][0] == "#reason"
    going = petra.send(refused, address, {"reason": "Better words"})
    progress = petra.get(going.response.location)
    assert "0 of 2 cases done" in progress.text
    assert site.engine.management.run_due() == 2
    done = petra.get(going.response.location)
    assert "Both cases done" in done.text
    assert "Every case could move." in done.text
    assert [version_of(site, case.id) for case in cases] == [2, 2]
    assert "Better words" in petra.get(address).text
    told = petra.get(f"/cases/{cases[0].id}").text
    assert "moved the case from version 1 of the process to version 2: Better words." in told
    assert "moved the case" not in site.visit_as("ines").get(f"/cases/{cases[0].id}").text


def test_cases_that_stay_are_listed_with_the_reason(site: Site, petra: Visitor) -> None:
    case = site.wish()
    one, two, _ = renamed(site)
    owner = site.engine.identity.actor("petra")
    identity = site.engine.case_migrations.start(one, two, "All", actor=owner)
    site.engine.management.run_due()
    page = petra.get(f"/processes/moves/{identity}")
    assert "the other version has no such element" in page.text
    assert f"/cases/{case.id}" in page.links()
    assert version_of(site, case.id) == 1


def test_one_case_moves_from_its_own_page(site: Site, petra: Visitor) -> None:
    case, other = site.wish(), site.wish("A blue pen")
    one, two = versions(site, (b"the desk answers", b"the desk replies"))
    (link,) = [each for each in petra.get(f"/cases/{case.id}").links() if "/move" in each]
    assert link == f"/processes/versions/{one}/move?case={case.id}"
    seen = petra.get(f"/processes/versions/{one}/move/preview?to={two}&case={case.id}")
    assert f"Move {case.number} to version 2" in seen.text
    done = petra.send(seen, f"/processes/versions/{one}/move", {"reason": "Just this one"})
    assert done.response.location == f"/cases/{case.id}"
    assert f"{case.number} is on version 2 now." in petra.get(done.response.location).text
    assert (version_of(site, case.id), version_of(site, other.id)) == (2, 1)
    petra.get(f"/processes/versions/{one}/move/preview?to={two}&case={case.id}", 409)


def test_a_process_with_one_version_says_so(site: Site, petra: Visitor) -> None:
    (one,) = site.engine.repository.versions("handle_wish", ENGINE)
    assert "There is no other version" in petra.get(f"/processes/versions/{one.id}/move").text
    assert not [link for link in petra.get(f"/processes/versions/{one.id}").links() if link.endswith("/move")]


def test_addresses_that_make_no_sense_are_told(site: Site, petra: Visitor) -> None:
    one, two = versions(site, (b"the desk answers", b"the desk replies"))
    address = f"/processes/versions/{one}/move"
    petra.get(f"{address}?to=nothing", 404)
    petra.get(f"{address}?to={two}&map:nothing=x", 422)
    petra.get(f"{address}?to={one}", 422)
    petra.get(f"{address}?to={two}&case=nothing", 404)
    petra.get("/processes/versions/nothing/move", 404)
    petra.get("/processes/moves/nothing", 404)
