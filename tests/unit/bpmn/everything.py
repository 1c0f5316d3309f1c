"""A model with every kind of element that runs, for laws that hold for all of them."""

from engine.bpmn.reading.executable import Executable
from tests.bpmn_cases import Running, register, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    end,
    error,
    error_event,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    process,
    reads,
    receive_task,
    script,
    start,
    store,
    sub_process,
    timer,
    user_task,
    writes,
)

CALLED = process(
    "q",
    start("qs"),
    user_task("deep"),
    end("qe", "", error_event("E")),
    flows("qs", "deep", "qe"),
    around=error("E", "1"),
)
EVERYTHING = process(
    "p",
    store("st_need", "need"),
    start("s", writes("st_need")),
    gateway("again"),
    gateway("g", "inclusive", default="d"),
    user_task("a", inner=reads("st_need") + writes("st_need"), properties={"need.status": "seen"}),
    boundary("remind", "a", timer("Cycle", "R/PT1H"), interrupting=False),
    script("count", "reminders = reminders + 1"),
    end("reminded"),
    boundary("cut", "a", message_event("m")),
    user_task("mi", inner=multi_instance(collection="items", item="item"), properties={"resultVariable": "results"}),
    sub_process(
        "sub",
        multi_instance(cardinality="2", sequential=True),
        start("is"),
        gateway("ig", "parallel"),
        user_task("x"),
        user_task("y"),
        gateway("ij", "parallel"),
        end("ie"),
        flows("is", "ig", "x", "ij", "ie"),
        flows("ig", "y", "ij"),
    ),
    call("c", "q"),
    boundary("wrong", "c", error_event("E")),
    gateway("race", "eventBased"),
    catch("first", timer("Duration", "PT3H")),
    receive_task("second", "m", {"correlationKey": "need.number", "resultVariable": "told"}),
    gateway("j", "inclusive"),
    gateway("x1", default="stop"),
    user_task("last"),
    end("e", "Done"),
    flows("s", "again", "g"),
    flow("g", "a", "a = true"),
    flow("g", "mi", "b = true"),
    flow("g", "sub", "c = true"),
    flow("g", "c", "d = true"),
    flow("g", "race", identity="d"),
    flows("a", "j"),
    flows("cut", "j"),
    flows("remind", "count", "reminded"),
    flows("mi", "j"),
    flows("sub", "j"),
    flows("c", "j"),
    flows("wrong", "j"),
    flows("race", "first", "j"),
    flows("race", "second", "j"),
    flows("j", "last", "x1"),
    flow("x1", "again", "more = true"),
    flow("x1", "e", identity="stop"),
    around=message("m", "note") + error("E", "1"),
)
KNOWN = {"need": register("need", "title")}


def everything() -> Executable:
    return Running(source(EVERYTHING, registers=KNOWN), source(CALLED, "q")).executable


BUILT = everything()
