"""Draws models of any shape for laws about steps: nested blocks of all that can wait, with events at every level.

Each block has one way in and one out. Variables `a` to `d` hold small whole numbers, `things` a list of such.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from engine.operations import Input, Operation, Output
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    condition,
    data_object,
    element,
    end,
    error,
    error_event,
    escalation,
    escalation_event,
    event_sub_process,
    flow,
    flows,
    gateway,
    into,
    message,
    message_event,
    multi_instance,
    out,
    parameters,
    process,
    receive_task,
    script,
    service_task,
    signal,
    signal_event,
    standard_loop,
    start,
    sub_process,
    throw,
    timer,
    user_task,
)

AROUND = (
    message("m", "note")
    + message("n", "hint")
    + signal("g", "alarm")
    + error("E", "1")
    + error("R", "REFUSED")
    + escalation("N", "late")
)
NAMES = "abcd"
BEGIN = {**dict.fromkeys(NAMES, 0), "things": [1, 2]}
ORDER = Operation(
    "order",
    "Order",
    "Orders a thing.",
    lambda call, what: None,  # noqa: ARG005 - never called here
    [Input("what", "number", "What.")],
    [Output("number", "number", "The order's number.")],
)


@dataclass
class Drawing:
    """Draws blocks with a source of chance; ids begin with `prefix` and never come twice. `calls` are the processes."""

    chance: random.Random
    prefix: str = "n"
    calls: tuple[str, ...] = ()
    room: int = 22
    """how many elements may come yet, roughly"""
    count: int = field(default=0)

    def model(self, key: str = "p", depth: int = 3) -> bytes:
        """Return a process."""
        return process(key, self._inside(depth), around=AROUND)

    def _inside(self, depth: int) -> str:
        """Return what stands in a scope: a way from start to end, and event sub-processes."""
        first, last, parts = self._line(depth)
        begin, over = self._id(), self._id()
        way = start(begin) + parts + end(over, f"End {over}") + flow(begin, first) + flow(last, over)
        return way + "".join(self._handler() for _ in range(self.chance.choice((0, 0, 1, 1, 2))))

    def _line(self, depth: int) -> tuple[str, str, str]:
        blocks = [self._block(depth) for _ in range(self.chance.choice((1, 2, 2, 3)))]
        joined = "".join(flow(one[1], two[0]) for one, two in pairwise(blocks))
        return blocks[0][0], blocks[-1][1], "".join(parts for *_, parts in blocks) + joined

    def _block(self, depth: int) -> tuple[str, str, str]:
        """Return the ids of the first and the last element of a block, and what it consists of."""
        simple: list[Callable[[], tuple[str, str, str]]] = [
            self._task, self._task, self._task, self._script, self._catch, self._throw, self._service, self._leave,
        ]  # fmt: skip
        around = [self._split, self._split, self._race, self._sub, self._sub, self._sub, self._call, self._loop]
        self.room -= 1
        if depth <= 0 or self.room < 0 or self.chance.random() < 0.35:
            return self.chance.choice(simple)()
        return self.chance.choice(around)(depth - 1)

    def _id(self) -> str:
        self.count += 1
        return f"{self.prefix}{self.count}"

    def _name(self) -> str:
        return self.chance.choice(NAMES)

    def _test(self) -> str:
        """Return a condition."""
        name, other = self._name(), self._name()
        return self.chance.choice((f"{name} = 1", f"{name} > {other}", f"{name} + {other} = 3", f"{name} >= 2"))

    def _trigger(self, *, cycles: bool = False) -> str:
        """Return the definition of an event that something outside, or the data, lets occur."""
        hours = self.chance.choice((1, 2))
        kinds = [timer("Duration", f"PT{hours}H"), message_event("m"), signal_event("g"), condition(self._test())]
        return self.chance.choice([*kinds, timer("Cycle", f"R2/PT{hours}H")] if cycles else kinds)

    def _task(self) -> tuple[str, str, str]:
        name = self._id()
        many, properties = self._many()
        mapped = ""
        if self.chance.random() < 0.25:
            mapped = parameters({"own": f"={self._name()} + 1"}, {self._name(): "=own"})
        return self._with_events(name, element("userTask", name, inner=many, properties=properties, extension=mapped))

    def _many(self) -> tuple[str, dict[str, str]]:
        """Return how an activity is repeated, mostly not, and the properties that go with it."""
        how = self.chance.random()
        results = {"resultVariable": f"r{self._id()}"} if self.chance.random() < 0.5 else {}
        enough = self.chance.choice((None, None, "numberOfCompletedInstances = 1", self._test()))
        one_by_one = self.chance.random() < 0.4
        if how < 0.15:
            return multi_instance(cardinality="2", condition=enough, sequential=one_by_one), results
        if how < 0.3:
            return multi_instance(collection="things", item="each", condition=enough, sequential=one_by_one), results
        if how < 0.38:
            return standard_loop(self._test(), maximum="3"), {}
        return "", {}

    def _with_events(
        self, name: str, activity: str, *, catches: bool = False, inside: bool = True
    ) -> tuple[str, str, str]:
        """Return an activity with boundary events; one that interrupts leads to what follows it."""
        parts, ways = activity, [name]
        for _ in range(self.chance.choice((0, 0, 0, 1, 1, 2))):
            event, interrupts = self._id(), self.chance.random() < 0.5
            caught = catches and self.chance.random() < 0.6
            what = self._trigger(cycles=not interrupts)
            if caught:
                wrong = not inside or self.chance.random() < 0.6
                what = error_event(self.chance.choice(("E", "R", None))) if wrong else escalation_event("N")
                interrupts = interrupts or wrong
            parts += boundary(event, name, what, interrupting=interrupts)
            doing = self._id()
            parts += self.chance.choice((user_task(doing), self._changing(doing)))
            parts += flow(event, doing)
            if interrupts:
                ways.append(doing)
            else:
                over = self._id()
                parts += end(over) + flow(doing, over)
        joined = self._id()
        return name, joined, parts + gateway(joined) + "".join(flow(way, joined) for way in ways)

    def _changing(self, name: str) -> str:
        one, other = self._name(), self._name()
        return script(name, f"{one} = ({other} + {self.chance.choice((1, 2))}) % 4")

    def _script(self) -> tuple[str, str, str]:
        name = self._id()
        return name, name, self._changing(name)

    def _catch(self) -> tuple[str, str, str]:
        name = self._id()
        if self.chance.random() < 0.2:
            return self._with_events(name, receive_task(name, "m", {"resultVariable": "told"}))
        return name, name, catch(name, self._trigger())

    def _throw(self) -> tuple[str, str, str]:
        name = self._id()
        return name, name, throw(name, self.chance.choice((signal_event("g"), escalation_event("N"))))

    def _service(self) -> tuple[str, str, str]:
        name = self._id()
        many, properties = self._many()
        mapped = parameters({"what": f"={self._name()}"}, {self._name(): "=number"})
        return self._with_events(
            name, service_task(name, "order", many, properties, mapped), catches=True, inside=False
        )

    def _leave(self) -> tuple[str, str, str]:
        """Return a way out of the scope, taken now and then."""
        name, over, on = self._id(), self._id(), self._id()
        terminate = "<bpmn:terminateEventDefinition/>"
        what = self.chance.choice((error_event("E"), escalation_event("N"), terminate, signal_event("g"), ""))
        parts = gateway(name, default=f"{name}_d") + end(over, f"End {over}", what) + self._changing(on)
        return name, on, parts + flow(name, over, self._test()) + flow(name, on, identity=f"{name}_d")

    def _split(self, depth: int) -> tuple[str, str, str]:
        kind = self.chance.choice(("parallel", "parallel", "exclusive", "inclusive"))
        name, join = self._id(), self._id()
        inner = [self._line(depth) for _ in range(self.chance.choice((2, 2, 3)))]
        chooses = kind != "parallel"
        split = gateway(name, kind, default=f"{name}_d" if chooses else None)
        for first, _, parts in inner[:-1]:
            split += flow(name, first, self._test() if chooses else None) + parts
        first, _, parts = inner[-1]
        split += flow(name, first, identity=f"{name}_d") + parts
        return name, join, split + gateway(join, kind) + "".join(flow(last, join) for _, last, _ in inner)

    def _loop(self, depth: int) -> tuple[str, str, str]:
        """Return a block that is done again while a condition holds; a task in it sees that it waits each time."""
        back, again = self._id(), self._id()
        first, last, parts = self._line(depth)
        task = self._id()
        parts = gateway(back) + parts + user_task(task) + gateway(again, default=f"{again}_d")
        on = self._id()
        parts += flow(back, first) + flows(last, task, again) + flow(again, back, self._test())
        return back, on, parts + self._changing(on) + flow(again, on, identity=f"{again}_d")

    def _race(self, depth: int) -> tuple[str, str, str]:
        name, join, parts = self._id(), self._id(), ""
        split = gateway(name, "eventBased") + gateway(join)
        for _ in range(2):
            event = self._id()
            first, last, inner = self._line(depth)
            split += catch(event, self._trigger()) + flows(name, event, first) + flow(last, join)
            parts += inner
        return name, join, split + parts

    def _sub(self, depth: int) -> tuple[str, str, str]:
        name = self._id()
        many, properties = self._many()
        drawn = data_object(f"{name}_o", f"Own {name}", self._name()) if self.chance.random() < 0.3 else ""
        inside = many + drawn + self._inside(depth)
        return self._with_events(name, sub_process(name, inside, properties=properties), catches=True)

    def _call(self, depth: int) -> tuple[str, str, str]:
        del depth
        if not self.calls:
            return self._task()
        name, key = self._id(), self.chance.choice(self.calls)
        many, _ = self._many()
        mapped = ""
        if self.chance.random() < 0.5:
            mapped = "".join(into(each, each) for each in (*NAMES, "things"))
            mapped += out(self._name(), self._name()) + out(f"{self._name()} + 1", self._name(), expression=True)
        return self._with_events(name, call(name, key, mapped, many), catches=True)

    def _handler(self) -> str:
        """Return an event sub-process."""
        name, interrupts = self._id(), self.chance.random() < 0.4
        what = self._trigger(cycles=not interrupts)
        if self.chance.random() < 0.4:
            what = self.chance.choice((error_event("E"), error_event(), escalation_event("N"), escalation_event()))
            interrupts = interrupts or "error" in what
        doing, over = self._id(), self._id()
        inner = self.chance.choice((user_task(doing), user_task(doing), self._changing(doing)))
        inner += end(over, f"Handled {over}") + flows(f"{name}_start", doing, over)
        return event_sub_process(name, what, inner, interrupting=interrupts)


def models(chance: random.Random) -> list[tuple[str, bytes]]:
    """Return a process and those that it may call, by key."""
    deepest = Drawing(chance, "y", room=5).model("r", depth=1)
    called = Drawing(chance, "x", ("r",), room=8).model("q", depth=2)
    return [("p", Drawing(chance, "n", ("q", "r")).model()), ("q", called), ("r", deepest)]


def without_some_events(model: bytes, chance: random.Random) -> bytes:
    """Return a model with other times, and without some of the events that do not interrupt."""
    text = model.decode().replace("PT1H", chance.choice(("PT1H", "PT3H"))).replace("R2/", chance.choice(("R2/", "R4/")))
    for event in re.findall(r'<bpmn:boundaryEvent id="(\w+)" [^>]*cancelActivity="false"', text):
        if chance.random() < 0.4:
            text = re.sub(f'<bpmn:boundaryEvent id="{event}".*?</bpmn:boundaryEvent>', "", text)
            text = re.sub(f'<bpmn:sequenceFlow [^>]*sourceRef="{event}".*?</bpmn:sequenceFlow>', "", text)
    for handler in re.findall(r'<bpmn:subProcess id="(\w+)" triggeredByEvent="true"', text):
        if chance.random() < 0.4:
            text = re.sub(f'<bpmn:subProcess id="{handler}".*?</bpmn:subProcess>', "", text)
    return text.encode()
