"""What is found at deployment when a form and the register that it meets do not fit one another."""

import json

import pytest

from engine.errors import DefinitionRefused
from tests.engine.stage import Stage, form

REGISTERS = b"""
registers:
  - {key: needs, name: Needs, variable: need, prefix: N, form: need, title: title, statuses: [new, handed out]}
"""


def choosing(statuses: str) -> bytes:
    field = {
        "type": "select",
        "key": "about",
        "label": "About",
        "properties": {"register": "needs", "statuses": statuses},
    }
    components = [field]
    return json.dumps(
        {"type": "default", "id": "choose", "schemaVersion": 19, "components": components}, indent=1
    ).encode()


def test_a_status_that_the_register_does_not_have_is_found(stage: Stage) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        stage.deploy(
            registers__yaml=REGISTERS, need__form=form("need", "title"), choose__form=choosing("new, handed owt")
        )
    (finding,) = refused.value.findings
    assert (finding.file, finding.rule, finding.element_id) == ("choose.form", "form-statuses", "about")
    assert "'handed owt'" in finding.message
    assert finding.remedy == "Use statuses of the register: new, handed out."
    assert finding.line is not None
    assert '"about"' in choosing("").decode().splitlines()[finding.line - 1]


def test_it_is_found_too_when_the_register_was_deployed_before(stage: Stage) -> None:
    stage.deploy(registers__yaml=REGISTERS, need__form=form("need", "title"))
    stage.deploy(choose__form=choosing("new, handed out"))
    with pytest.raises(DefinitionRefused, match="form-statuses"):
        stage.deploy(choose__form=choosing("lost"))


@pytest.mark.parametrize("name", ["number", "version", "status"])
def test_a_field_that_a_fact_of_records_would_hide_is_found(stage: Stage, name: str) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        stage.deploy(registers__yaml=REGISTERS, need__form=form("need", "title", name))
    (finding,) = refused.value.findings
    assert (finding.file, finding.rule, finding.line, finding.element_id) == ("need.form", "register-fact", 1, name)


def test_other_forms_may_have_such_fields(stage: Stage) -> None:
    stage.deploy(registers__yaml=REGISTERS, need__form=form("need", "title"), f__form=form("f", "number", "status"))
    with pytest.raises(DefinitionRefused, match="register-fact"):
        stage.deploy(
            registers__yaml=REGISTERS.replace(b"form: need", b"form: f").replace(b"title: title", b"title: number")
        )
