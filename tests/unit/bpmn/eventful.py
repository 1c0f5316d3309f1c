"""A model full of events inside a case: event sub-processes of every kind at every level, throws, conditions."""

from engine.bpmn.reading.executable import Executable
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    condition,
    end,
    error,
    error_event,
    escalation,
    escalation_event,
    event_sub_process,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    process,
    script,
    signal,
    signal_event,
    start,
    sub_process,
    throw,
    timer,
    user_task,
)

AROUND = (
    message("m", "note")
    + signal("g", "alarm")
    + error("E", "1")
    + error("F", "SCRIPT_FAILED")
    + escalation("N", "late")
    + escalation("O", "other")
)


def _handler(identity: str, definition: str, *, interrupting: bool) -> str:
    path = flows(f"{identity}_start", f"{identity}_t", f"{identity}_e")
    inner = (user_task(f"{identity}_t"), end(f"{identity}_e", "Handled"), path)
    return event_sub_process(identity, definition, *inner, interrupting=interrupting)


def _ways(*ways: str) -> str:
    """A task after which its title says which of `ways` is taken, and the flows there."""
    first, *others = ways
    conditions = (flow("k", way, f'title = "{letter}"') for letter, way in zip("xy", others, strict=False))
    return (
        user_task("t")
        + gateway("k", default="k_d")
        + flow("t", "k")
        + flow("k", first, identity="k_d")
        + "".join(conditions)
    )


CALLED = process(
    "q",
    start("qs"),
    user_task("deep"),
    script("broken", "none = 1 / counted"),
    end("qe", "", error_event("E")),
    flows("qs", "deep", "broken", "qe"),
    _handler("q_note", message_event("m"), interrupting=False),
    around=AROUND,
)
EVENTFUL = process(
    "p",
    start(),
    gateway("all", "parallel"),
    sub_process(
        "sub",
        multi_instance(cardinality="2"),
        start("is"),
        _ways("wrong", "up", "shout"),
        end("wrong", "", error_event("E")),
        throw("up", escalation_event("N")),
        user_task("after"),
        end("ie"),
        end("shout", "", signal_event("g")),
        flows("is", "t"),
        flows("up", "after", "ie"),
        _handler("sub_error", error_event("E"), interrupting=True),
        _handler("sub_cycle", timer("Cycle", "R3/PT1H"), interrupting=False),
    ),
    boundary("sub_up", "sub", escalation_event("N"), interrupting=False),
    user_task("sub_up_t"),
    end("sub_up_e", "", escalation_event("O")),
    call("c", "q"),
    boundary("c_script", "c", error_event("F")),
    user_task("c_t"),
    gateway("c_done"),
    user_task("work"),
    boundary("work_is", "work", condition('title = "y"'), interrupting=False),
    script("note", "noted = title"),
    end("note_e"),
    catch("until", condition('title = "z"')),
    gateway("join", "parallel"),
    end("e", "Done"),
    flow("s", "all"),
    flows("all", "sub", "join"),
    flows("all", "c", "c_done", "join"),
    flows("all", "work", "until", "join", "e"),
    flows("sub_up", "sub_up_t", "sub_up_e"),
    flows("c_script", "c_t", "c_done"),
    flows("work_is", "note", "note_e"),
    _handler("stop", message_event("m"), interrupting=True),
    _handler("alarm", signal_event("g"), interrupting=False),
    _handler("is_x", condition('title = "x"'), interrupting=False),
    _handler("other", escalation_event("O"), interrupting=False),
    _handler("any", error_event(), interrupting=True),
    around=AROUND,
)


def eventful() -> Executable:
    return Running(source(EVENTFUL), source(CALLED, "q")).executable


BUILT = eventful()
