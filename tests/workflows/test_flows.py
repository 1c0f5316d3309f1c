"""The models read and write what the reference model's activities exchange (PRM-IT A211 to A215, by its names)."""

import pytest

from engine.bpmn.model.facts import ProcessFacts, processes_in
from engine.registers.definition import parse
from webapp import shipped

FRAMEWORK = "Stakeholder Requirements Management Framework"
NEEDS, DISQUALIFIED, REQUIREMENTS = "Stakeholder Needs", "Stakeholder Needs, Disqualified", "Stakeholder Requirements"

FLOWS = {
    "A211": (["establish_requirements_framework"], {FRAMEWORK}, {FRAMEWORK}),
    "A212": (
        ["capture_customer_need", "capture_need_on_behalf", "capture_infrastructure_need"],
        {FRAMEWORK},
        {NEEDS},
    ),
    "A213": (
        ["transform_needs", "obtain_feasibility_guidance"],
        {
            FRAMEWORK,
            NEEDS,
            "Security Policy",
            "IT Portfolio",
            "IT Industry Knowledge",
            "Service Catalog",
            "IT Research Guidance",
            "Feasibility Guidance",
        },
        {"Feasibility Request", REQUIREMENTS, DISQUALIFIED},
    ),
    "A214": (["monitor_and_report"], {FRAMEWORK, REQUIREMENTS, DISQUALIFIED}, set()),
    "A215": (["evaluate_requirements_management"], {FRAMEWORK}, set()),
}
"""By activity: our processes for it, the objects that it takes in (controls and inputs), those that it gives.

Not here: customer and infrastructure needs (start forms), status updates (a message), activity data (the log and the
figures computed from it), evaluations (a register that all processes share), the needs and requirements report.
"""

AREA = shipped.areas()["a21_stakeholder_requirements_management"]


def _processes() -> dict[str, ProcessFacts]:
    return {
        process.key: process
        for name, content in AREA.items()
        if name.endswith(".bpmn")
        for process in processes_in(content, name)
    }


@pytest.mark.parametrize("activity", FLOWS)
def test_an_activity_exchanges_its_objects_through_registers(activity: str) -> None:
    keys, takes, gives = FLOWS[activity]
    names = {register.key: register.name for register in parse(AREA["registers.yaml"], "registers.yaml")[0]}
    uses = [use for key in keys for use in _processes()[key].registers]
    assert takes <= {names[use.register] for use in uses if use.direction == "read"}
    assert gives <= {names[use.register] for use in uses if use.direction == "write"}


def test_the_requirements_go_to_the_processes_that_decide_and_build() -> None:
    sends = {message.name: message.destination for message in _processes()["monitor_and_report"].sends}
    assert sends == {"stakeholder_requirements": "A352, A364, A365, A413, A732"}


def test_the_lanes_are_those_of_the_people_involved() -> None:
    lanes = {element.lane for element in _processes()["transform_needs"].elements}
    assert lanes == {"Originator", "Business analyst", "Feasibility group", "Process owner"}
