"""One small case for each way in which a token can wait; `python -m tests.unit.bpmn.kept` keeps the states that lack.

A state that was kept is never written again: it is what a release has stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine.bpmn.case.versions import NEWEST
from engine.bpmn.reading.executable import Executable, build
from engine.operations import Input, OperationCall, operation
from engine.types import Json
from tests.bpmn_cases import Running, register, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    condition,
    data_object,
    end,
    event_sub_process,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    one,
    parameters,
    process,
    reads,
    receive_task,
    service_task,
    signal,
    signal_event,
    standard_loop,
    start,
    store,
    sub_process,
    timer,
    user_task,
    writes,
)

STATES = Path(__file__).parent / "states" / "kinds"
HOUR = timedelta(hours=1)
AROUND = message("M", "note") + signal("S", "alarm")

Walk = Callable[[Running], object]


@dataclass(frozen=True)
class Kept:
    """A case that waits: what it runs on, how it got there, and how it goes on to its end."""

    content: bytes
    on: Walk
    begin: Walk = lambda _: None
    variables: Mapping[str, Json] = field(default_factory=dict)

    def executable(self) -> Executable:
        called = source(process("q", start("qs"), user_task("deep"), end("qe"), flows("qs", "deep", "qe")), "q")
        return build([source(self.content, registers={"need": register("need", "title")}), called])


def _before(activity: str, *, around: str = AROUND) -> bytes:
    return one(activity, around=around)


def _split(kind: str, split: str) -> bytes:
    return process(
        "p", start(), gateway("g", split), user_task("a"), user_task("b"), gateway("j", kind), user_task("z"), end(),
        flows("s", "g", "a", "j", "z", "e"), flows("g", "b", "j"),
    )  # fmt: skip


def _on(definition: str, *, interrupting: bool) -> bytes:
    return process(
        "p", start(), user_task("a"), boundary("b", "a", definition, interrupting=interrupting), user_task("h"), end(),
        end("e2"), flows("s", "a", "e"), flows("b", "h", "e2"), around=AROUND,
    )  # fmt: skip


def _beside(definition: str, *, interrupting: bool) -> bytes:
    inner = (user_task("h"), end("he"), flows("on_start", "h", "he"))
    return process(
        "p", start(), user_task("a"), end(), flows("s", "a", "e"),
        event_sub_process("on", definition, *inner, interrupting=interrupting), around=AROUND,
    )  # fmt: skip


_INSIDE = (start("is"), user_task("x"), end("ie"), flows("is", "x", "ie"))
_TASK: dict[str, Any] = {
    "assignee": "ann",
    "candidateGroups": "staff",
    "dueDate": "P1D",
    "followUpDate": "PT1H",
    "priority": "70",
}

KINDS: Mapping[str, Kept] = {
    "user-task": Kept(_before(user_task("a", **_TASK)), lambda case: case.do("a", v=1).do("z")),
    "local-variables": Kept(
        _before(user_task("a", extension=parameters({"x": "${1 + 1}"}, {"y": "${x}"}))),
        lambda case: case.do("a", x=5).do("z"),
    ),
    "unseen-changes": Kept(
        _split("parallel", "parallel"),
        lambda case: case.do("b", v=[1, 3]).do("z"),
        lambda case: case.do("a", v=[1, 2]),
        {"v": [1]},
    ),
    "timer": Kept(_before(catch("t", timer("Duration", "PT1H"))), lambda case: case.wait(HOUR).do("z")),
    "cycle": Kept(
        _on(timer("Cycle", "R3/PT1H"), interrupting=False),
        lambda case: case.wait(HOUR).do("h").do("h").do("a"),
        lambda case: case.wait(HOUR),
    ),
    "message": Kept(
        _before(receive_task("r", "M", {"correlationKey": "k"})),
        lambda case: case.receive("note", {"x": 1}, "7").do("z"),
        variables={"k": "7"},
    ),
    "boundary-message": Kept(
        _on(message_event("M"), interrupting=True), lambda case: case.receive("note").do("h")
    ),
    "signal": Kept(_before(catch("w", signal_event("S"))), lambda case: case.signal("alarm").do("z")),
    "condition": Kept(
        _on(condition("n > 1"), interrupting=False), lambda case: case.do("a", n=2), variables={"n": 0}
    ),
    "race": Kept(
        process(
            "p", start(), gateway("g", "eventBased"), catch("t", timer("Duration", "PT1H")),
            catch("m", message_event("M")), end(), end("e2"), flows("s", "g", "t", "e"), flows("g", "m", "e2"),
            around=AROUND,
        ),
        lambda case: case.receive("note"),
    ),
    "parallel-join": Kept(_split("parallel", "parallel"), lambda case: case.do("b").do("z"), lambda case: case.do("a")),
    "inclusive-join": Kept(
        _split("inclusive", "parallel"), lambda case: case.do("b").do("z"), lambda case: case.do("a")
    ),
    "instances": Kept(
        _before(
            user_task(
                "a",
                inner=multi_instance(collection="items", item="item"),
                properties={"resultVariable": "results"},
            )
        ),
        lambda case: case.do("a", r=2).do("z"),
        lambda case: case.do("a", r=1),
        {"items": ["x", "y"]},
    ),
    "instances-in-turn": Kept(
        _before(user_task("a", inner=multi_instance(collection="items", item="item", sequential=True))),
        lambda case: case.do("a").do("z"),
        lambda case: case.do("a"),
        {"items": ["x", "y"]},
    ),
    "loop": Kept(
        _before(user_task("a", inner=standard_loop("more = true", maximum="5"))),
        lambda case: case.do("a", more=True).do("a", more=False).do("z"),
        lambda case: case.do("a", more=True),
        {"more": True},
    ),
    "sub-process": Kept(_before(sub_process("sub", *_INSIDE)), lambda case: case.do("x").do("z")),
    "call": Kept(_before(call("c", "q")), lambda case: case.do("deep", v=1).do("z")),
    "listener-interrupting": Kept(
        _beside(timer("Duration", "PT1H"), interrupting=True), lambda case: case.wait(HOUR).do("h")
    ),
    "listener-beside": Kept(
        _beside(message_event("M"), interrupting=False),
        lambda case: case.receive("note").do("h").do("h").do("a"),
        lambda case: case.receive("note"),
    ),
    "gone-round": Kept(
        process(
            "p", start(), gateway("m"), user_task("a"), gateway("x", default="out"), end(),
            flows("s", "m", "a", "x"), flow("x", "m", "more"), flow("x", "e", identity="out"),
        ),
        lambda case: case.do("a", more=False),
        lambda case: case.do("a", more=True),
    ),
    "operation": Kept(
        _before(service_task("o", "order", what="x")),
        lambda case: case.finish("o", number="7").do("z"),
    ),
    "records": Kept(
        process(
            "p", store("st_need", "need"), start(), user_task("w", inner=writes("st_need")),
            user_task("r", inner=reads("st_need")), end(), flows("s", "w", "r", "e"),
        ),
        lambda case: case.do("r"),
        lambda case: case.do("w", title="T"),
    ),
    "data-objects": Kept(
        process(
            "p", data_object("d", "Order"), start(), user_task("a", inner=writes("d")),
            sub_process("sub", data_object("own", "Draft"), *_INSIDE), user_task("b", inner=reads("d")), end(),
            flows("s", "a", "sub", "b", "e"),
        ),
        lambda case: case.do("x", draft=2).do("b"),
        lambda case: case.do("a", order=1),
    ),
    "sub-process-instances": Kept(
        _before(sub_process("sub", multi_instance(collection="items", item="item"), *_INSIDE)),
        lambda case: case.do("x", v=2).do("z"),
        lambda case: case.do("x", v=1),
        {"items": ["x", "y"]},
    ),
}  # fmt: skip


@operation("order", title="Order", help="Orders things.", inputs=[Input("what", "text", "What.")])
def order(call: OperationCall, what: str) -> None:
    """Do what nobody asks for here: the cases only wait for it."""
    raise NotImplementedError


def kept_states() -> list[tuple[int, str]]:
    """Return the version and the kind of each state that was kept."""
    return sorted((int(path.parent.name), path.stem) for path in STATES.glob("*/*.hex"))


def stored(version: int, name: str) -> bytes:
    """Return the state that was kept."""
    return bytes.fromhex((STATES / str(version) / f"{name}.hex").read_text())


def begun(kept: Kept) -> Running:
    """Return the case as it waits."""
    case = Running(kept.executable(), operations=[order]).start(**kept.variables)
    kept.begin(case)
    return case


def main() -> None:
    """Keep a state of each kind of which there is none of the newest version."""
    (STATES / str(NEWEST)).mkdir(exist_ok=True)
    for name, kept in KINDS.items():
        path = STATES / str(NEWEST) / f"{name}.hex"
        if not path.exists():
            path.write_text(begun(kept).step.state.hex() + "\n")


if __name__ == "__main__":
    main()
