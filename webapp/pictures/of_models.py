"""Owns which model a page draws, and the words for who does not see it; how it is drawn is elsewhere."""

from markupsafe import Markup

from webapp.performance.heat import HeatMap
from webapp.pictures.drawing import picture
from webapp.services import engine
from webapp.steps import ModelSteps
from webapp.words import element_kind


def of_model(definition_id: str, name: str) -> Markup:
    """Return the model of a version; empty markup when its file has no diagram."""
    drawn = engine().repository.diagram(definition_id)
    return picture(f"drawn-{definition_id}", f"Diagram of {name}", "The list of steps says the same.", drawn)


def of_case(steps: ModelSteps) -> Markup:
    """Return a model of a case with what is done and where the case stands."""
    model = steps.model
    return picture(
        f"drawn-{model.definition_id}",
        f"Diagram of {model.name}",
        in_words(steps),
        engine().repository.diagram(model.definition_id),
        here=steps.active.split(","),
        done=steps.done.split(","),
    )


def of_heat(definition_id: str, name: str, heat: HeatMap) -> Markup:
    """Return a model whose elements are coloured by the steps of a heat map."""
    return picture(
        f"drawn-{definition_id}",
        f"Heat map of {name}",
        "Steps are coloured by the figure; the table says the same.",
        engine().repository.diagram(definition_id),
        heat={line.figures.element_id: line.step for line in heat.lines if line.step},
    )


def in_words(steps: ModelSteps) -> str:
    """Return where a case stands in a model, and what is done there, in reading order."""
    here, done = (
        [line.element.name or element_kind(line.element.kind) for line in steps.lines if line.state == state]
        for state in ("here", "done")
    )
    stands = f"The case is at: {', '.join(here)}." if here else "The case does not stand in this model now."
    return f"{stands} Done: {', '.join(done)}." if done else f"{stands} Nothing is done yet."
