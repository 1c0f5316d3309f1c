"""Mending a case on its page: variables as JSON, moves, skips; what is wrong is said where it was typed."""

import json

import pytest

from engine.errors import StepFailed
from engine.types import ENGINE
from engine.views import CaseRef
from tests.webapp.site import Page, Site, Visitor


def _failed(site: Site) -> CaseRef:
    """Return a case whose answer leads nowhere."""
    case = site.wish("A red pen")
    with pytest.raises(StepFailed):
        site.engine.tasks.complete(site.task_of(case), {"decision": "lost"}, actor=site.engine.identity.actor("anna"))
    return case


def _form(page: Page, action: str) -> dict[str, str]:
    """Return the fields of the form with that address as they are filled in, but for the token of the session."""
    (form,) = page.tree.xpath(f"//form[@action='{action}']")
    fields = {field.get("name"): field.value or "" for field in form.xpath(".//*[@name]") if field.tag != "button"}
    return {name: value for name, value in fields.items() if name != "csrf_token"}


def test_the_page_shows_what_failed_where_the_case_stands_and_its_variables(site: Site, petra: Visitor) -> None:
    case = _failed(site)
    assert f"/cases/{case.id}/mend" in petra.get("/failures").links()
    assert f"/cases/{case.id}/mend" in petra.get(f"/cases/{case.id}").links()
    page = petra.get(f"/cases/{case.id}/mend")
    assert "No condition holds and there is no default flow" in page.text
    assert '"decision": "lost"' in page.text, "what was handed in"
    assert '"title": "A red pen"' in page.text
    task = site.task_of(case)
    (choice,) = page.tree.xpath(f"//select[@id='move-{task}-target']")
    assert [each.get("value") for each in choice.xpath("option")] == [
        "",
        "Task_Answer",
        "Gateway_Decision",
        "Task_Read",
        "End_Read",
        "End_Refused",
        "End_Granted",
    ]
    assert site.visit_as("anna").get(f"/cases/{case.id}", 200).text.count("Mend") == 0
    site.visit_as("adam").get(f"/cases/{case.id}/mend", 403)
    assert "nothing to mend" in _ended(site, petra, case).text


def test_long_values_are_folded_so_that_the_forms_stay_within_reach(site: Site, petra: Visitor) -> None:
    long = {"note": "pen " * 2_000, "lines": [{"pen": number} for number in range(500)], "count": 3}
    case = site.wish("A <red> pen")
    owner = site.engine.identity.actor("petra")
    site.engine.mending.change_variables(
        case.id, long, reason="So", revision=site.engine.mending.look(case.id, owner).revision, actor=owner
    )
    page = petra.get(f"/cases/{case.id}/mend")
    (listed,) = page.tree.xpath("//dl[contains(@class, 'variables-shown')]")
    values = dict(zip(listed.xpath("dt/code/text()"), listed.xpath("dd"), strict=True))
    assert values["title"].xpath("code/text()") == ['"A <red> pen"']
    assert values["count"].xpath("code/text()") == ["3"]
    assert values["lines"].xpath("details/summary/text()") == ["[…] with 500 entries"]
    assert values["note"].xpath("string(details/summary)").endswith("… (8,000 characters)")
    for name in ("lines", "note"):
        assert json.loads(values[name].xpath("string(details/pre)")) == long[name]
        assert values[name].xpath("details[@open]") == []
    order = [each.tag for each in page.tree.xpath("//section[.//dl[contains(@class, 'variables-shown')]]/*")]
    assert order == ["h2", "details", "dl"], "the form before what it is about"


def test_a_failure_that_was_mended_says_by_whom(site: Site, petra: Visitor) -> None:
    case = _failed(site)
    address = f"/cases/{case.id}/mend/{site.task_of(case)}/skip"
    page = petra.get(f"/cases/{case.id}/mend")
    petra.send(page, address, {**_form(page, address), "json": '{"decision": "no"}', "reason": "So"})
    assert "tried 1 time; resolved by Petra Owner" in petra.get("/failures?state=resolved").text


def _ended(site: Site, petra: Visitor, case: CaseRef) -> Page:
    site.engine.runtime.cancel(case.id, "Over", actor=site.engine.identity.actor("petra"))
    return petra.get(f"/cases/{case.id}/mend")


def test_variables_are_changed_after_a_look_at_what_changes(site: Site, petra: Visitor, ines: Visitor) -> None:
    case = _failed(site)
    address = f"/cases/{case.id}/mend/variables"
    page = petra.get(f"/cases/{case.id}/mend")
    fields = _form(page, address)
    variables = json.loads(fields["json"])
    wanted = {**variables, "title": "A <blue> pen", "fresh": [1, None]}
    del wanted["initiator"]
    typed = {**fields, "json": json.dumps(wanted), "reason": "It was blue"}
    preview = petra.send(page, address, typed, status=200)
    rows = [
        [" ".join(cell.text_content().split()) for cell in row.xpath("td")] for row in preview.tree.xpath("//tbody/tr")
    ]
    assert rows == [
        ["fresh", "not there", "[ 1, null ]"],
        ["initiator", " ".join(json.dumps(variables["initiator"], indent=2).split()), "not there"],
        ["title", '"A red pen"', '"A <blue> pen"'],
    ]
    assert site.engine.history.case(case.id, ENGINE).title == "A red pen", "nothing has changed yet"
    done = petra.send(preview, address, {**_form(preview, address), "confirmed": "1"})
    assert done.response.location == f"/cases/{case.id}/mend"
    after = petra.get(done.response.location)
    assert "Changed: fresh, title, initiator (removed)." in after.text
    assert "has not been tried again yet" in after.text
    assert "tried 1 time" in petra.get("/failures").text
    told = petra.get(f"/cases/{case.id}")
    assert "A <blue> pen" in told.text
    assert 'title "A <blue> pen" instead of "A red pen"' in told.text
    assert "Reason: It was blue" in told.text
    assert "It was blue" not in ines.get(f"/cases/{case.id}").text
    petra.send(preview, address, {**_form(preview, address), "confirmed": "1"}, status=409)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"title": 1,\n "b": }', "Line 2, column 7: a value is missing"),
        ('{"a": 1 "b": 2}', "Line 1, column 9: a comma, or the closing bracket, is missing"),
        ("{'a': 1}", "Line 1, column 2: a name in double quotes is missing"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": 1, "a": 2}', "'a' stands in one object twice"),
        ('{"a": 1e999}', "not a number that data can hold"),
        ("[1]", "as an object"),
        ("[" * 100_000, "nested too deep"),
        ('{"a": "b\x01"}', "Line 1, column 9"),
        ('{"need": {"register": "wishes", "id": "W-9999", "version": 1}}', "no version 1 of W-9999"),
    ],
)
def test_what_is_no_json_is_said_with_line_and_column_and_kept(
    site: Site, petra: Visitor, text: str, said: str
) -> None:
    case = site.wish()
    address = f"/cases/{case.id}/mend/variables"
    page = petra.get(f"/cases/{case.id}/mend")
    fields = {**_form(page, address), "json": text, "reason": "So", "confirmed": "1"}
    answer = petra.send(page, address, fields, status=422)
    ((target, line),) = answer.summary()
    assert said in line
    (field,) = answer.tree.xpath(f"//*[@id='{target[1:]}']")
    if "\x01" not in text:
        assert field.value == text
    assert answer.tree.xpath("//details[@open]//textarea")


def test_an_activity_is_skipped_with_variables(site: Site, petra: Visitor) -> None:
    case = _failed(site)
    address = f"/cases/{case.id}/mend/{site.task_of(case)}/skip"
    page = petra.get(f"/cases/{case.id}/mend")
    fields = {**_form(page, address), "reason": "Said on the phone"}
    answer = petra.send(page, address, fields, status=422)
    assert "No condition holds" in answer.summary()[0][1]
    assert "Said on the phone" in answer.tree.xpath("//details[@open]//input[@name='reason']/@value")
    done = petra.send(page, address, {**fields, "json": '{"decision": "no"}'})
    assert done.response.location == f"/cases/{case.id}"
    page = petra.get(f"/cases/{case.id}")
    told = page.text
    (step,) = page.tree.xpath("//ol/li[@class='skipped']")
    assert " ".join(step.text_content().split()) == "Answer the wish Task skipped"
    assert "The case is completed" in told
    assert "Petra Owner skipped Answer the wish" in told
    assert "Said on the phone" in told


def test_a_token_is_moved_or_not(site: Site, petra: Visitor) -> None:
    case = site.wish()
    address = f"/cases/{case.id}/mend/{site.task_of(case)}/move"
    page = petra.get(f"/cases/{case.id}/mend")
    for fields, said in (
        ({"target": "", "reason": "So"}, "no element"),
        ({"target": "Start_Wish", "reason": "So"}, "No flow leads to"),
        ({"target": "Gateway_Decision", "reason": "So"}, "No condition holds"),
        ({"target": "Task_Read", "reason": " "}, "Say in 1 to 500"),
    ):
        answer = petra.send(page, address, {**_form(page, address), **fields}, status=422)
        assert said in answer.summary()[0][1]
    petra.send(
        page, address, {**_form(page, address), "target": "Task_Read", "reason": "So", "revision": "x"}, status=422
    )
    petra.send(page, address, {**_form(page, address), "target": "Task_Read", "reason": "Read it"})
    told = petra.get(f"/cases/{case.id}").text
    assert "Petra Owner moved the case by hand from Answer the wish to Read the answer. Reason: Read it" in told
    petra.send(page, address, {**_form(page, address), "target": "Task_Read", "reason": "Again"}, status=409)


def test_a_case_that_cannot_be_read_can_only_be_cancelled(site: Site, petra: Visitor) -> None:
    case = site.wish()
    with site.engine.database.write() as connection:
        connection.exec_driver_sql("update process_instance set state = x'00'")
    page = petra.get(f"/cases/{case.id}/mend")
    assert "It can only be cancelled" in page.text
    assert page.tree.xpath(f"//form[@action='/cases/{case.id}/cancel']")
    assert not page.tree.xpath("//form[contains(@action, '/mend/')]")
