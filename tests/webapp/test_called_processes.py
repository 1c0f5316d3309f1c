"""Cases that stand in a called process: the pictures say so in every model on the way there."""

from engine.types import ENGINE
from tests.bpmn_models import call, end, flows, gateway, process, start, user_task
from tests.webapp.site import Site
from webapp.steps import steps

CALLED = process("check", start(), user_task("look", "Look", candidateGroups="desk"), end(), flows("s", "look", "e"))
CALLER = process(
    "handle",
    start(),
    gateway("g", "parallel"),
    call("first", "check"),
    call("second", "check"),
    user_task("last", "Last", candidateGroups="desk"),
    end(),
    flows("s", "g", "first", "last", "e"),
    flows("g", "second", "e"),
    candidateStarterGroups="staff",
)


def states(site: Site, case_id: str) -> dict[str, str]:
    """Return the state of each activity, as the lists and pictures of the case's page have it."""
    case, timeline = site.engine.history.case(case_id, ENGINE), site.engine.history.timeline(case_id, ENGINE)
    found = steps(case.models, timeline)
    assert all(set(each.active.split(",")) - {""} <= {line.element.id for line in each.lines} for each in found)
    return {
        line.element.id: line.state for each in found for line in each.lines if not line.element.kind.endswith("Event")
    }


def test_a_case_stands_at_the_call_activities_that_lead_to_where_it_stands(site: Site) -> None:
    site.engine.repository.deploy({"a.bpmn": CALLER, "b.bpmn": CALLED}, name="test", actor=ENGINE)
    case = site.engine.runtime.start("handle", {}, actor=ENGINE)
    assert states(site, case.id) == {"first": "here", "second": "here", "last": "ahead", "look": "here"}
    for _ in range(2):
        task = next(each for each in site.engine.history.case(case.id, ENGINE).tasks if each.name == "Look")
        site.engine.tasks.complete(task.id, {}, actor=ENGINE)
    assert states(site, case.id) == {"first": "done", "second": "done", "last": "here", "look": "done"}


def test_what_was_interrupted_is_no_place_where_the_case_stands(site: Site) -> None:
    site.engine.repository.deploy({"a.bpmn": CALLER, "b.bpmn": CALLED}, name="test", actor=ENGINE)
    case = site.engine.runtime.start("handle", {}, actor=ENGINE)
    site.engine.runtime.cancel(case.id, "Not wanted", actor=ENGINE)
    assert set(states(site, case.id).values()) == {"ahead"}
