"""What cannot run is refused when it is built, with file, line and element, whatever the lint has said."""

import pytest

from engine.bpmn.lint import lint
from engine.bpmn.model import elements
from engine.bpmn.model.facts import ProcessFacts
from engine.bpmn.reading.kinds import READERS
from engine.errors import DefinitionRefused
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    condition,
    definitions,
    element,
    end,
    error,
    error_event,
    event_sub_process,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    process,
    receive_task,
    rule,
    script,
    send_task,
    start,
    store,
    sub_process,
    timer,
    user_task,
    writes,
)


def refused(content: bytes) -> str:
    with pytest.raises(DefinitionRefused) as caught:
        Running(content)
    [finding] = caught.value.findings
    assert finding.file == "p.bpmn"
    assert finding.rule
    assert finding.remedy
    return f"{finding.element_id}: {finding.message}"


def around(part: str, *, beside: str = "") -> bytes:
    identity = part.split('id="', 1)[1].split('"', 1)[0]
    return process("p", start(), part, end(), flows("s", identity, "e"), around=beside)


DEFINITIONS = (
    "signal",
    "escalation",
    "compensate",
    "conditional",
    "link",
    "cancel",
    "error",
    "terminate",
    "message",
    "timer",
)
REFUSED_EVENTS = sorted(key for key in elements.ELEMENTS if "/" in key and elements.ELEMENTS[key].status == "refused")
REFUSED_NODES = ("transaction", "adHocSubProcess", "complexGateway")


@pytest.mark.parametrize("key", REFUSED_EVENTS)
def test_events_that_are_refused(key: str) -> None:
    kind, definition = key.split("/")
    event = element(kind, "x", inner=f"<bpmn:{definition}EventDefinition/>")
    if kind == "startEvent":
        content = process("p", event, end(), flows("x", "e"))
    elif kind == "boundaryEvent":
        event = boundary("x", "a", f"<bpmn:{definition}EventDefinition/>")
        content = process("p", start(), user_task("a"), event, end(), flows("s", "a", "e"), flow("x", "e"))
    elif kind == "eventSubProcess":
        definition = "" if definition == "none" else f"<bpmn:{definition}EventDefinition/>"
        content = around(user_task("a"), beside="").replace(
            b"<bpmn:endEvent", event_sub_process("x", definition).encode() + b"<bpmn:endEvent", 1
        )
    else:
        content = around(event)
    assert refused(content).startswith(("x: ", "x_start: "))


@pytest.mark.parametrize("kind", REFUSED_NODES)
def test_nodes_that_are_refused(kind: str) -> None:
    assert refused(around(element(kind, "x"))) == f"x: {elements.support(kind).why}"


def test_what_is_on_the_list_can_be_read_and_nothing_else() -> None:
    nodes = {key.partition("/")[0] for key, support in elements.ELEMENTS.items() if support.status == "runs"}
    assert set(READERS) <= nodes
    assert elements.support("somethingNew") is elements.UNKNOWN
    assert elements.support("boundaryEvent", "somethingNew").status == "refused"


SUB = (start("is"), end("ie"), flow("is", "ie"))
M = message("m", "note")


CANNOT_RUN = [
    pytest.param(process("p", end()), "p: Plain start events: 0;", id="no start"),
    pytest.param(
        process("p", start(), start("s2"), end(), flow("s", "e"), flow("s2", "e")),
        "Plain start events: 2;",
        id="two starts",
    ),
    pytest.param(around(sub_process("sub", end("ie"))), "sub: Plain start events: 0;", id="no inner start"),
    pytest.param(around(element("intermediateCatchEvent", "x")), "waits for nothing", id="catch nothing"),
    pytest.param(
        around(element("subProcess", "x", attributes='triggeredByEvent="true"')),
        "x: Plain start events: 0;",
        id="event sub",
    ),
    pytest.param(
        around(event_sub_process("x", condition("true"), end("xe"), flow("x_start", "xe"))),
        "x: A sequence flow leads into an event sub-process",
        id="flow into an event sub",
    ),
    pytest.param(
        process(
            "p",
            start(),
            end(),
            flow("s", "e"),
            event_sub_process("x", condition("true"), end("xe"), flow("x_start", "xe")),
            boundary("b", "x", timer("Duration", "PT1H")),
            flow("b", "e"),
        ),
        "x: A boundary event is on an event sub-process",
        id="boundary on an event sub",
    ),
    pytest.param(
        process(
            "p",
            start(),
            end(),
            flow("s", "e"),
            event_sub_process(
                "x", condition("true"), multi_instance(cardinality="2"), end("xe"), flow("x_start", "xe")
            ),
        ),
        "x: An event sub-process is multi-instance",
        id="multi-instance event sub",
    ),
    pytest.param(
        process(
            "p",
            start("x_start"),
            end(),
            flow("x_start", "e"),
            event_sub_process("x", condition("true"), end("xe"), flow("x_start", "xe")),
        ),
        "has no id, or that of another",
        id="event sub that starts with the id of another",
    ),
    pytest.param(
        process(
            "p",
            start(),
            end(),
            flow("s", "e"),
            event_sub_process("x", timer("Cycle", "R/PT1H"), end("xe"), flow("x_start", "xe")),
        ),
        elements.CYCLE,
        id="cycle on a start that interrupts",
    ),
    pytest.param(
        around(catch("x", "<bpmn:conditionalEventDefinition/>")),
        "x: The event says no condition",
        id="event without condition",
    ),
    pytest.param(around(catch("x", timer("Duration", "soon enough is not a name"))), "x: The expr", id="timer text"),
    pytest.param(around(catch("x", timer("Duration", "P1X"))), "x: The expr", id="timer iso"),
    pytest.param(around(catch("x", timer("Duration", "2026-01-01"))), "needs a duration", id="date as duration"),
    pytest.param(around(catch("x", timer("Date", "P1D"))), "needs a date", id="duration as date"),
    pytest.param(around(catch("x", "<bpmn:timerEventDefinition/>")), "says no time", id="no time"),
    pytest.param(around(catch("x", timer("Cycle", "R/PT1H"))), elements.CYCLE, id="cycle on catch"),
    pytest.param(
        around(catch("x", timer("Duration", "P1D") + message_event("m")), beside=M), "one thing", id="two definitions"
    ),
    pytest.param(around(catch("x", message_event("nope"))), "names no message", id="no message"),
    pytest.param(around(send_task("x", "m"), beside=message("m", "")), "names no message", id="message without name"),
    pytest.param(around(end("x", "", error_event("nope"))), "no error 'nope'", id="no error"),
    pytest.param(
        around(element("receiveTask", "x", attributes='instantiate="true" messageRef="m"'), beside=M),
        "start a case",
        id="receive starts",
    ),
    pytest.param(around(script("x", "class A: pass")), "cannot define a class", id="class"),
    pytest.param(around(script("x", "a = (")), "x: The expr", id="script syntax"),
    pytest.param(
        around(element("scriptTask", "x", inner="<bpmn:script>1</bpmn:script>")), "script format", id="no format"
    ),
    pytest.param(around(rule("x", "nope", "r")), "no decision 'nope'", id="no decision"),
    pytest.param(around(call("x", "nope")), "no process 'nope'", id="no process"),
    pytest.param(around(call("x", "${key}")), "names no process", id="dynamic call"),
    pytest.param(around(user_task("x", inner="<bpmn:standardLoopCharacteristics/>")), "neither a condition", id="loop"),
    pytest.param(around(element("serviceTask", "x")), "names no operation", id="no operation"),
    pytest.param(around(user_task("x", inner=multi_instance())), "collection or a cardinality", id="no count"),
    pytest.param(
        around(user_task("x", inner=multi_instance(cardinality="1", collection="a"))), "not both", id="both counts"
    ),
    pytest.param(around(user_task("x", assignee="${a.b()}")), "x: The expr", id="assignee"),
    pytest.param(around(user_task("x", properties={"outcome": "1 +"})), "x: The expr", id="outcome"),
    pytest.param(
        process("p", start(), end(), flow("s", "e"), properties={"title": "1 +"}), "property 'title'", id="title"
    ),
    pytest.param(
        process("p", store("st", "n"), start(), user_task("x", inner=writes("st")), end(), flows("s", "x", "e")),
        "no register 'n'",
        id="register",
    ),
    pytest.param(
        process("p", start(), gateway("x"), end(), flow("s", "x"), flow("x", "e"), flow("x", "e", "a = 1", "f2")),
        "has no condition",
        id="no condition",
    ),
    pytest.param(
        process("p", start(), gateway("x", "parallel"), end(), flow("s", "x"), flow("x", "e", "a")),
        "not be asked",
        id="parallel condition",
    ),
    pytest.param(
        process("p", start(), gateway("x", "eventBased"), user_task("a"), end(), flows("s", "x", "a", "e")),
        "cannot follow",
        id="race of tasks",
    ),
    pytest.param(
        process(
            "p",
            start(),
            gateway("x", "eventBased"),
            receive_task("a", "m"),
            boundary("b", "a", timer("Duration", "P1D")),
            end(),
            flows("s", "x", "a", "e"),
            flow("b", "e"),
            around=M,
        ),
        "cannot follow",
        id="race with boundary",
    ),
    pytest.param(
        process("p", start(), end("x"), end(), flow("s", "x"), flow("x", "e")), "outgoing flow", id="flow out of end"
    ),
    pytest.param(process("p", start(), end(), flow("s", "e"), flow("e", "s")), "flow", id="flow into start"),
    pytest.param(
        process(
            "p", start(), user_task("a"), boundary("x", "a", error_event()), end(), flows("s", "a", "e"), flow("x", "e")
        ),
        "x: A userTask throws no error",
        id="error on task",
    ),
    pytest.param(
        process(
            "p",
            start(),
            sub_process("a", *SUB),
            boundary("x", "a", error_event("E"), interrupting=False),
            end(),
            flows("s", "a", "e"),
            flow("x", "e"),
            around=error("E", "1"),
        ),
        "always interrupts",
        id="error not interrupting",
    ),
    pytest.param(
        process(
            "p",
            start(),
            gateway("g"),
            boundary("x", "g", timer("Duration", "P1D")),
            end(),
            flows("s", "g", "e"),
            flow("x", "e"),
        ),
        "not on an activity",
        id="boundary on gateway",
    ),
    pytest.param(
        process(
            "p",
            start(),
            user_task("a"),
            boundary("x", "a", timer("Cycle", "R/PT1H")),
            end(),
            flows("s", "a", "e"),
            flow("x", "e"),
        ),
        elements.CYCLE,
        id="interrupting cycle",
    ),
    pytest.param(process("p", start(), end(), flow("s", "nowhere")), "leads out", id="broken flow"),
    pytest.param(process("p", start(), start(), end(), flow("s", "e")), "that of another", id="same id"),
    pytest.param(definitions(), "no process 'p'", id="no process in file"),
]


@pytest.mark.parametrize(("content", "words"), CANNOT_RUN)
def test_models_that_cannot_run(content: bytes, words: str) -> None:
    assert words in refused(content)


class Everything:
    """A catalog in which everything is there but what is called nope, or n."""

    def form_exists(self, _key: str) -> bool:
        return True

    def form_fields(self, _key: str) -> None:
        return None

    def form_file(self, key: str) -> None:
        del key

    def form_reads(self, _key: str) -> tuple[()]:
        return ()

    def decision_exists(self, key: str) -> bool:
        return key != "nope"

    def begun_with(self, _key: str) -> tuple[()]:
        return ()

    def decision_inputs(self, key: str) -> None:
        del key

    def deployed_processes(self) -> tuple[ProcessFacts, ...]:
        return ()

    def process_exists(self, key: str) -> bool:
        return key != "nope"

    def register(self, _key: str) -> None:
        return None

    def operation(self, _name: str) -> None:
        return None

    def group_exists(self, _key: str) -> bool:
        return True


STYLE = {"unassigned-task", "task-without-name", "task-without-form", "process-without-owner"}
"""Rules that find fault with any test model."""


@pytest.mark.parametrize(("content", "words"), CANNOT_RUN)
def test_the_lint_refuses_them_before(content: bytes, words: str) -> None:
    findings = lint({"p.bpmn": content}, Everything())
    assert {finding.rule for finding in findings if finding.severity == "error"} - STYLE


def test_a_file_that_is_no_bpmn_is_refused() -> None:
    for content in (b"", b"<a/>", b"<!DOCTYPE a []><a/>", b"\x00"):
        assert refused(content)


def test_a_call_without_its_process_among_the_sources_is_refused() -> None:
    content = around(call("c", "q"))
    with pytest.raises(DefinitionRefused, match="no process 'q'"):
        Running(source(content))


def test_names_of_sub_processes_in_different_files_do_not_collide() -> None:
    called = process(
        "q",
        start(),
        sub_process("sub", start("is"), user_task("deep"), end("ie"), flows("is", "deep", "ie")),
        end(),
        flows("s", "sub", "e"),
    )
    content = process("p", start(), sub_process("sub", *SUB), call("c", "q"), end(), flows("s", "sub", "c", "e"))
    assert Running(content, source(called, "q")).start().open == ["deep"]
