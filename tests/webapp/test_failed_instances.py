"""The pages say which instance of an activity has failed, to those who mend it."""

import pytest

from engine.errors import StepFailed
from engine.types import ENGINE
from tests.bpmn_models import end, flows, multi_instance, process, script, start, user_task
from tests.webapp.site import Site, Visitor


def test_whoever_mends_a_case_reads_which_instance_failed(site: Site, petra: Visitor, anna: Visitor) -> None:
    model = process(
        "sites",
        start(),
        user_task("ask", "Ask", candidateGroups="desk"),
        script("set", 'places = ["Graz", "<b>Linz"]'),
        script("visit", "size = 1 / (loopCounter - 1)", multi_instance(collection="=places", item="place")),
        end(),
        flows("s", "ask", "set", "visit", "e"),
        properties={"ownerGroup": "owners"},
        candidateStarterGroups="staff",
    )
    site.engine.repository.deploy({"sites.bpmn": model}, name="sites", actor=ENGINE)
    case = site.engine.runtime.start("sites", {}, actor=ENGINE)
    (task,) = site.engine.history.case(case.id, ENGINE).tasks
    with pytest.raises(StepFailed):
        site.engine.tasks.complete(task.id, {}, actor=site.engine.identity.actor("anna"))
    for address in ("/failures", f"/cases/{case.id}", f"/cases/{case.id}/mend"):
        text = " ".join(petra.get(address).tree.text_content().split())
        assert 'instance 2 of 2, place: "<b>Linz"' in text, address
    shown = anna.get(f"/cases/{case.id}").text
    assert "The case could not go on" in shown
    assert "Linz" not in shown
