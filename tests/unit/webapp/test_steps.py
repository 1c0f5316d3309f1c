"""The diagram in words: where a case stands is told from what may come meanwhile."""

from engine.views import CaseModel, Element
from webapp.pictures.of_models import in_words
from webapp.steps import steps


def test_an_event_that_is_listened_for_is_not_where_the_case_stands() -> None:
    elements = (
        Element("p", "t", "Read the decision", "userTask"),
        Element("p", "b", "Notice over", "boundaryEvent"),
        Element("p", "e", "Withdrawn", "eventSubProcessStart"),
        Element("p", "u", "File it", "userTask"),
    )
    (model,) = steps([CaseModel("d", "p", "Deciding", 1, ("t", "b", "e"), elements)], [])
    assert [line.state for line in model.lines] == ["here", "may come", "may come", "ahead"]
    assert model.active == "t", "only this is marked in the picture"
    assert in_words(model) == "The case is at: Read the decision. Nothing is done yet."
