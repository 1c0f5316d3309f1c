"""The question at closure: asked on the case page and welcome in My cases, answered without scripts, told in words."""

import pytest

from engine.types import ENGINE
from engine.views import CaseRef
from tests.webapp.site import Site, Visitor

QUESTION = "How satisfied are you with the answer to your wish?"


@pytest.fixture
def over(site: Site) -> CaseRef:
    """A completed wish of Ines's."""
    site.ask(QUESTION)
    case = site.wish("A red pen")
    desk = site.engine.identity.actor("anna")
    site.engine.tasks.complete(site.task_of(case), {"decision": "no", "why": "No pens left"}, actor=desk)
    return case


def test_the_originator_is_asked_and_nothing_is_chosen_beforehand(ines: Visitor, over: CaseRef) -> None:
    assert "Your answer is welcome" in ines.get("/cases").text
    page = ines.get(f"/cases/{over.id}")
    assert page.tree.xpath("//section[@id='feedback']//legend")[0].text_content() == QUESTION
    labels = [each.text_content() for each in page.tree.xpath("//section[@id='feedback']//div[@class='option']/label")]
    assert labels[0] == "Very satisfied"
    assert (len(labels), page.value("score")) == (5, None)


def test_an_answer_is_thanked_for_and_may_be_changed(site: Site, ines: Visitor, over: CaseRef) -> None:
    path = f"/cases/{over.id}"
    ines.send(ines.get(path), f"{path}/feedback", {"score": "2", "comment": "Took long\r\nand no pen"})
    page = ines.get(path)
    assert "Thank you for your answer." in page.text
    assert "You answered “Dissatisfied”" in page.text
    assert (page.value("score"), page.value("comment")) == ("2", "Took long\nand no pen")
    told = page.tree.xpath("//ol[@class='timeline']/li[last()]//div[@class='what']")[0].text_content()
    assert " ".join(told.split()) == "Ines North answered the question at the end: Dissatisfied (2 of 5)"
    assert "Your answer is welcome" not in ines.get("/cases").text
    ines.send(page, f"{path}/feedback", {"score": "5", "comment": ""})
    question = site.engine.feedback.question(over.id, ENGINE)
    assert question is not None
    assert (question.score, question.comment) == (5, None)


@pytest.mark.parametrize(
    ("sent", "target", "sentence"),
    [
        ({"comment": "Well"}, "#score-5", "Choose how satisfied you are."),
        ({"score": "9", "comment": "Well"}, "#score-5", "Choose how satisfied you are."),
        ({"score": "x" * 500, "comment": "Well"}, "#score-5", "Choose how satisfied you are."),
        (
            {"score": "3", "comment": "x" * 2001},
            "#feedback-comment",
            "Enter at most 2,000 characters; these are 2,001.",
        ),
    ],
)
def test_what_is_no_answer_is_told_at_its_field_and_kept(
    site: Site, ines: Visitor, over: CaseRef, sent: dict[str, str], target: str, sentence: str
) -> None:
    path = f"/cases/{over.id}"
    page = ines.send(ines.get(path), f"{path}/feedback", sent, status=422)
    assert page.summary() == [(target, sentence)]
    assert page.tree.xpath(f"//*[@id={target[1:]!r}]")
    assert page.value("comment") == sent["comment"]
    question = site.engine.feedback.question(over.id, ENGINE)
    assert question is not None
    assert question.score is None


def test_the_owner_reads_the_answer_others_do_not(site: Site, ines: Visitor, petra: Visitor, over: CaseRef) -> None:
    path = f"/cases/{over.id}"
    assert "What the originator answered" not in petra.get(path).text
    ines.send(ines.get(path), f"{path}/feedback", {"score": "4", "comment": "A blue one would do"})
    seen = petra.get(path)
    assert "Satisfied (4 of 5)" in seen.text
    assert "A blue one would do" in seen.text
    assert not seen.tree.xpath("//form[contains(@action, '/feedback')]")
    for name in ("anna", "nora"):
        visitor = site.visit_as(name)
        page = visitor.get(path)
        assert "A blue one would do" not in page.text
        assert "welcome" not in page.text
        visitor.post(f"{path}/feedback", {"score": "1", "csrf_token": visitor.token()}, 403)


def test_nobody_is_asked_about_a_case_that_runs_or_was_withdrawn(site: Site, ines: Visitor) -> None:
    site.ask(QUESTION)
    case = site.wish("A red pen")
    assert QUESTION not in ines.get(f"/cases/{case.id}").text
    site.engine.runtime.cancel(case.id, "No", actor=ENGINE)
    assert QUESTION not in ines.get(f"/cases/{case.id}").text


def test_an_answer_needs_the_token_of_the_form(ines: Visitor, over: CaseRef) -> None:
    ines.post(f"/cases/{over.id}/feedback", {"score": "4"}, 400)
