"""Models have the rights of those who deploy them: each attack here would show one group the records of another."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from engine.errors import DefinitionRefused, InputRefused, NotPermitted
from engine.persistence.models import RecordVersion
from engine.repository.plan import plan
from engine.types import Actor, Finding
from tests.bpmn_models import (
    call,
    element,
    end,
    flows,
    into,
    message,
    out,
    process,
    reads,
    receive_task,
    script,
    start,
    store,
    user_task,
    writes,
)
from tests.engine.stage import OWEN, OWNER, Stage, form

OLAF = Actor("olaf", "Olaf", frozenset({"process_owner", "staff"}), frozenset({"others"}), "home")
THEIRS = {"ownerGroup": "others"}
MINE = {"candidateStarterGroups": "staff"}
SECRET = "the boiler leaks"
REFERENCE = {"register": "secrets", "id": "S-0001", "version": 1}
DEPLOYED_BY = "engine.repository.service.plan"
AS_FEEL = '{register: "secrets", id: "S-0001", version: 1}'


def registers(more: str = "") -> bytes:
    return (
        f"registers: [{{key: secrets, name: Secrets, variable: secret, prefix: S, form: secret, title: told{more}}}]"
    ).encode()


OPEN = ", owner_group: owners, model_readers: [process_owner]"
OPEN_TO_WRITE = ", owner_group: owners, model_writers: [others]"


def keeper(key: str = "keeper", properties: dict[str, str] | None = None) -> bytes:
    """The process of the owners: it keeps a secret, and waits for a message; called, it gives the secret away."""
    return process(
        key,
        start(form="secret"),
        store("cellar", "secrets"),
        element("manualTask", "keep", inner=writes("cellar")),
        element(
            "scriptTask", "look", attributes='scriptFormat="python"', inner="<bpmn:script>seen = told</bpmn:script>"
        ),
        receive_task("wait", "m", properties={"correlationKey": "told"}),
        end(),
        flows("s", "keep", "look", "wait", "e"),
        around=message("m", "let_go"),
        properties={**OWNER, **(properties or {})},
        **MINE,
    )


def reader(key: str = "prying", *, written: bool = False) -> bytes:
    """A process of others with a data store on the register."""
    join = writes("cellar") if written else reads("cellar")
    return process(
        key,
        start(),
        store("cellar", "Secrets" if written else "secrets"),
        element("manualTask", "look", "Look", inner=join),
        end(),
        flows("s", "look", "e"),
        properties=THEIRS,
        **MINE,
    )


def prying(*parts: str, path: tuple[str, ...], around: str = "", key: str = "prying") -> bytes:
    return process(key, start(), *parts, end(), flows("s", *path, "e"), around=around, properties=THEIRS, **MINE)


@pytest.fixture
def secretive(stage: Stage) -> Stage:
    """A stage on which the owners keep one secret."""
    keep(stage)
    return stage


def keep(stage: Stage, more: str = "", properties: dict[str, str] | None = None) -> None:
    stage.deploy(
        OWEN,
        keeper__bpmn=keeper(properties=properties),
        registers__yaml=registers(more),
        secret__form=form("secret", "told"),
        f__form=form("f", "answer"),
    )
    stage.start("keeper", OWEN, told=SECRET)


def refused(stage: Stage, actor: Actor = OLAF, **files: bytes) -> Finding:
    before = stage.count("deployment")
    with pytest.raises(DefinitionRefused) as error:
        stage.deploy(actor, **files)
    (found,) = [finding for finding in error.value.findings if finding.severity == "error"]
    named = {name.replace("__", "."): content for name, content in files.items()}
    assert found in stage.engine.repository.check(named, actor)
    assert found.line is not None
    assert found.remedy.endswith(".")
    assert stage.count("deployment") == before
    return found


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let `act` happen once, between the judgement of the next deployment and its writing."""

    def judged(*arguments: Any) -> Any:
        found = plan(*arguments)
        monkeypatch.setattr(DEPLOYED_BY, plan)
        act()
        return found

    monkeypatch.setattr(DEPLOYED_BY, judged)


# between judging and writing


def test_what_is_closed_in_the_meantime_is_closed(secretive: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    secretive.deploy(OWEN, registers__yaml=registers(OPEN))
    meanwhile(monkeypatch, lambda: secretive.deploy(OWEN, registers__yaml=registers(", owner_group: owners")))
    with pytest.raises(DefinitionRefused, match="register-of-others"):
        secretive.deploy(OLAF, prying__bpmn=reader())


def test_a_register_that_somebody_made_in_the_meantime_is_theirs(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = registers(", owner_group: others, readers: [others]").replace(b"}]", b"}, {key: odds, name: Odds, ") + (
        b"variable: odd, prefix: O, form: secret, title: told}]"
    )
    meanwhile(monkeypatch, lambda: keep(stage))
    with pytest.raises(NotPermitted):
        stage.deploy(OLAF, registers__yaml=mine, secret__form=form("secret", "told", "more"))
    (kept,) = stage.rows("select definition from register where key = 'secrets'")
    assert "others" not in str(kept)


def test_calls_of_what_is_closed_in_the_meantime_are_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = process("helper", start(), end(), flows("s", "e"), properties={**OWNER, "callers": "others"})
    stage.deploy(OWEN, helper__bpmn=helper)
    meanwhile(monkeypatch, lambda: stage.deploy(OWEN, helper__bpmn=helper.replace(b'"others"', b'"clerks"')))
    with pytest.raises(DefinitionRefused, match="process-of-others"):
        stage.deploy(OLAF, prying__bpmn=prying(call("ask", "helper"), path=("ask",)))


# (a) data stores


@pytest.mark.parametrize("written", [False, True])
def test_a_data_store_does_not_open_the_register_of_others(secretive: Stage, written: bool) -> None:
    found = refused(secretive, prying__bpmn=reader(written=written))
    assert (found.rule, found.file, found.element_id) == ("register-of-others", "prying.bpmn", "look")
    assert "Secrets" in found.message
    assert ("write" if written else "read") in found.message


def test_nor_does_a_sub_process_or_a_register_of_the_same_upload_that_is_theirs(secretive: Stage) -> None:
    with pytest.raises((DefinitionRefused, NotPermitted)):
        secretive.deploy(OLAF, prying__bpmn=reader(), registers__yaml=registers(", readers: [others]"))
    with pytest.raises((DefinitionRefused, NotPermitted)):
        secretive.deploy(OLAF, prying__bpmn=reader(), registers__yaml=registers(", maintainers: [others]"))


def test_who_owns_a_process_that_uses_the_register_uses_it_in_others(secretive: Stage) -> None:
    secretive.deploy(OWEN, more__bpmn=reader("more").replace(b'"others"', b'"owners"'))


def test_what_stands_there_stays_but_takes_nothing_more(secretive: Stage) -> None:
    secretive.deploy(prying__bpmn=reader())  # by the command line, or by an older release
    secretive.start("prying", OLAF)
    secretive.deploy(OLAF, prying__bpmn=reader().replace(b'"Look"', b'"Look again"'))
    assert refused(secretive, prying__bpmn=reader(written=True)).rule == "register-of-others"


def test_a_name_that_has_come_to_mean_the_register_of_others_opens_nothing(stage: Stage) -> None:
    """Whoever guesses a key may call a register of their own so beforehand: keys come before names."""
    mine = b"registers: [{key: odds, name: secrets, variable: odd, prefix: O, form: odd, title: told}]"
    stage.deploy(OLAF, prying__bpmn=reader(), registers__yaml=mine, odd__form=form("odd", "told"))
    keep(stage)
    changed = reader().replace(b'name="Look"', b'name="Look again"')
    assert changed != reader()
    assert refused(stage, prying__bpmn=changed).rule == "register-of-others"


def test_a_register_says_that_the_models_of_others_may_read_it(stage: Stage) -> None:
    keep(stage, OPEN)
    stage.deploy(OLAF, prying__bpmn=reader())
    assert "write" in refused(stage, prying__bpmn=reader(written=True)).message
    # Who was let in may not change the register, nor keep those who own it from changing it.
    with pytest.raises(NotPermitted):
        stage.deploy(OLAF, registers__yaml=registers(), secret__form=form("secret", "told", "more"))
    stage.deploy(OWEN, registers__yaml=registers(", owner_group: owners"))
    assert refused(stage, another__bpmn=reader("another")).rule == "register-of-others"


def test_a_register_that_may_be_written_may_be_read(stage: Stage) -> None:
    keep(stage, OPEN_TO_WRITE)
    stage.deploy(OLAF, prying__bpmn=reader(written=True), another__bpmn=reader("another"))


def test_maintainers_use_what_they_maintain(stage: Stage) -> None:
    keep(stage, ", maintainers: [others]")
    stage.deploy(OLAF, prying__bpmn=reader(written=True))


def test_a_register_that_is_used_no_more_is_still_theirs(secretive: Stage) -> None:
    secretive.deploy(OWEN, keeper__bpmn=process("keeper", start(), end(), flows("s", "e"), properties=OWNER, **MINE))
    with pytest.raises(NotPermitted):
        secretive.deploy(OLAF, registers__yaml=registers(", readers: [others]"))
    assert refused(secretive, prying__bpmn=reader()).rule == "register-of-others"


# (b) what a form offers


def test_the_options_of_a_field_are_those_that_the_person_may_see(secretive: Stage) -> None:
    field = {"type": "select", "key": "x", "label": "X", "properties": {"register": "secrets"}}
    secretive.deploy(
        OLAF,
        prying__bpmn=prying(user_task("ask", "Ask", candidateGroups="staff", formRef="g"), path=("ask",)),
        g__form=form("g", field),
    )
    assert secretive.engine.registers.options(OLAF).options("secrets") == []
    assert secretive.engine.registers.options(OLAF).label("secrets", "S-0001") is None


# (c) a path through a reference that the model makes up


@pytest.mark.parametrize(
    "source",
    [
        "x = {'register': 'secrets', 'id': 'S-0001', 'version': 1}",
        "x = [{'register': 'secrets', 'id': 'S-0001', 'version': 1}]",
    ],
)
@pytest.mark.parametrize("path", ["=x.told", "=x[1].told", "=string join(for r in [x] return string(r.told))"])
def test_a_reference_that_a_script_makes_up_is_not_read(secretive: Stage, source: str, path: str) -> None:
    task = user_task(
        "ask", "Ask", candidateGroups="staff", formRef="f", priority="50", properties={"outcome": path[1:]}
    )
    model = prying(script("make", source), task, path=("make", "ask"))
    secretive.deploy(OLAF, prying__bpmn=model)
    case = secretive.start("prying", OLAF)
    task_id = secretive.task("ask", OLAF).id
    try:
        secretive.complete(task_id, OLAF, answer="yes")
    except Exception as error:  # noqa: BLE001 - whatever is told must not tell it
        assert SECRET not in str(error)  # noqa: PT017
    assert SECRET not in everything(secretive, case.id)


def test_nor_one_that_stands_in_an_expression(secretive: Stage) -> None:
    titled = prying(script("make", "y = 1"), path=("make",)).replace(
        b'value="others"/>',
        b'value="others"/><camunda:property name="title" value=\'%s.told\'/>' % AS_FEEL.replace('"', "&quot;").encode(),
    )
    secretive.deploy(OLAF, prying__bpmn=titled)
    case = secretive.start("prying", OLAF)
    assert SECRET not in everything(secretive, case.id)


def test_nor_one_that_a_page_compares_or_a_form_shows(secretive: Stage) -> None:
    shown = {"type": "text", "id": "t", "text": "= x.told"}
    source = "x = {'register': 'secrets', 'id': 'S-0001', 'version': 1}\ny = {'told': 'other'}"
    for compare in ({}, {"compare": "x, y"}):
        task = user_task("ask", "Ask", candidateGroups="staff", formRef="g", properties=compare)
        secretive.deploy(
            OLAF,
            prying__bpmn=prying(script("make", source), task, path=("make", "ask")),
            g__form=form("g", shown, "answer"),
        )
        try:
            case = secretive.start("prying", OLAF)
            page = secretive.engine.tasks.get(secretive.task("ask", OLAF).id, OLAF)
        except Exception as error:  # noqa: BLE001 - whatever is told must not tell it
            assert SECRET not in str(error)  # noqa: PT017
            continue
        assert SECRET not in repr(page)
        assert SECRET not in repr(page.context)
        assert SECRET not in everything(secretive, case.id)


# (d) called processes


def test_a_process_of_others_is_called_only_if_it_says_so(stage: Stage) -> None:
    stage.deploy(
        OWEN,
        helper__bpmn=process("helper", start(), end(), flows("s", "e"), properties=OWNER),
    )
    calling = prying(call("ask", "helper", into("x", "x") + out("seen", "seen")), path=("ask",))
    found = refused(stage, prying__bpmn=calling)
    assert (found.rule, found.element_id) == ("process-of-others", "ask")
    stage.deploy(
        OWEN,
        helper__bpmn=process(
            "helper", start(), end(), flows("s", "e"), properties={**OWNER, "callers": "clerks, others"}
        ),
    )
    stage.deploy(OLAF, prying__bpmn=calling)
    stage.start("prying", OLAF)


def test_what_is_called_stays_called_though_it_is_closed(stage: Stage) -> None:
    helper = process("helper", start(), end(), flows("s", "e"), properties={**OWNER, "callers": "others"})
    calling = prying(call("ask", "helper"), path=("ask",))
    stage.deploy(OWEN, helper__bpmn=helper)
    stage.deploy(OLAF, prying__bpmn=calling)
    stage.deploy(OWEN, helper__bpmn=helper.replace(b'"others"', b'"clerks"'))
    stage.deploy(OLAF, prying__bpmn=calling.replace(b"prying", b"prying", 1).replace(b'id="s"', b'id="s" name="Go"'))
    assert refused(stage, more__bpmn=calling.replace(b"prying", b"more")).rule == "process-of-others"


# messages


def test_a_message_for_a_process_of_others_is_not_caught_by_models(secretive: Stage) -> None:
    catching = prying(
        receive_task("catch", "m", {"correlationKey": f'"{SECRET}"'}), path=("catch",), around=message("m", "let_go")
    )
    found = refused(secretive, prying__bpmn=catching)
    assert (found.rule, found.element_id) == ("message-of-others", "catch")
    secretive.deploy(OWEN, more__bpmn=catching.replace(b'"others"', b'"owners"').replace(b"prying", b"more"))


# (f) figures


def test_a_measure_does_not_read_what_the_case_may_not(secretive: Stage) -> None:
    managed = (
        b"process: {key: odd, name: Odd, cases: [prying],"
        b" measures: [{key: told, name: Told, kind: field, field: x.told}]}"
    )
    number = '{"register": "secrets", "id": "S-0001", "version": 1}'
    told = {"type": "number", "key": "told", "label": "Told"}
    form_with_number = form("g", {"type": "group", "label": "X", "path": "x", "components": [told]})
    task = user_task("ask", "Ask", candidateGroups="staff", formRef="g")
    files = {"g__form": form_with_number, "process__yaml": managed}
    with secretive.engine.database.write() as connection:
        body = {"told": 42}
        connection.execute(update(RecordVersion).values(body=body))
    secretive.deploy(OLAF, prying__bpmn=prying(task, script("make", f"x = {number}"), path=("ask", "make")), **files)
    case = secretive.start("prying", OLAF)
    secretive.do("ask", OLAF)
    assert secretive.value("select count(*) from case_summary where instance_id = :case", case=case.id) == 1
    assert secretive.count("case_value") == 0
    secretive.engine.management.rebuild_figures()
    assert secretive.count("case_value") == 0
    # The same in a process that names the register is counted.
    secretive.deploy(
        prying__bpmn=prying(
            store("cellar", "secrets"),
            task,
            element("manualTask", "look", inner=reads("cellar")),
            script("make", f"x = {number}"),
            path=("ask", "look", "make"),
        )
    )
    secretive.start("prying", OLAF)
    secretive.do("ask", OLAF)
    assert secretive.value("select value from case_value") == 42


@pytest.mark.parametrize("place", ["evaluate", "establish"])
def test_a_managed_process_has_no_cases_of_others_begun(stage: Stage, place: str) -> None:
    helper = process("helper", start(), end(), flows("s", "e"), properties={**OWNER, "callers": "clerks"})
    stage.deploy(OWEN, helper__bpmn=helper)
    theirs = process("theirs", start(), end(), flows("s", "e"), properties=THEIRS, **MINE)
    managed = f"process: {{key: odd, name: Odd, owner_group: others, cases: [theirs], {place}: helper}}".encode()
    with pytest.raises(NotPermitted, match="helper"):
        stage.deploy(OLAF, theirs__bpmn=theirs, process__yaml=managed)
    stage.deploy(OWEN, helper__bpmn=helper.replace(b'"clerks"', b'"others"'))
    stage.deploy(OLAF, theirs__bpmn=theirs, process__yaml=managed)


# forms and decisions


def test_a_form_of_others_is_not_held_fast(secretive: Stage) -> None:
    secretive.deploy(OWEN, theirs__bpmn=process("theirs", start(form="f"), end(), flows("s", "e"), properties=OWNER))
    task = user_task("ask", "Ask", candidateGroups="staff", formRef="f", formRefBinding="latest")
    found = refused(secretive, prying__bpmn=prying(task, path=("ask",)))
    assert found.rule == "latest-of-others"
    secretive.deploy(OLAF, prying__bpmn=prying(task, path=("ask",)).replace(b'"latest"', b'"deployment"'))
    secretive.deploy(OWEN, f__form=form("f", "other"))


# (g) element templates and options tell names, no records


def test_element_templates_tell_no_record(secretive: Stage) -> None:
    assert SECRET not in str(secretive.engine.repository.element_templates(OLAF))


# (h) planted by hand


def test_a_reference_that_is_planted_by_hand_is_not_read(secretive: Stage) -> None:
    task = user_task("ask", "Ask", candidateGroups="staff", formRef="f", properties={"outcome": "x.told"})
    secretive.deploy(OLAF, prying__bpmn=prying(script("make", "x = 1"), task, path=("make", "ask")))
    case = secretive.start("prying", OLAF)
    with pytest.raises(InputRefused):
        secretive.engine.mending.change_variables(case.id, {"x": REFERENCE}, reason="To see", actor=OLAF)
    assert SECRET not in everything(secretive, case.id)


def everything(stage: Stage, case_id: str) -> str:
    """Return what can be known of a case: its rows, the log, its failures, its worklist."""
    tables = ("process_instance", "activity_event", "failure", "user_task", "case_value", "job")
    found = []
    for name in tables:
        found += [repr(tuple(row)) for row in stage.rows(f"select * from {name}") if case_id in repr(tuple(row))]  # noqa: S608
    return "\n".join(found)
