"""Draws models for moves: nested blocks, each with one way in and one out, and versions of them with changes."""

import random
from dataclasses import dataclass, replace

from tests.bpmn_models import (
    boundary,
    catch,
    end,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    process,
    start,
    sub_process,
    timer,
    user_task,
)

WAITING = ("task", "reminded", "timer", "message", "many")
AROUND = ("both", "either", "some", "sub", "race")


@dataclass(frozen=True)
class Block:
    """A piece of a model: `kind` is one of the above, or `line`; `parts` are the blocks in it."""

    kind: str
    id: str
    parts: tuple["Block", ...] = ()


class Drawing:
    """Draws blocks with a source of chance; ids never come twice."""

    def __init__(self, chance: random.Random, prefix: str = "") -> None:
        self.chance, self.prefix, self.count = chance, prefix, 0

    def block(self, depth: int = 2) -> Block:
        self.count += 1
        identity = f"n{self.prefix}{self.count}"
        kind = self.chance.choice(WAITING if depth == 0 else (*WAITING, *AROUND, "line", "line"))
        parts = 0 if kind in WAITING else 2
        return Block(kind, identity, tuple(self.block(depth - 1) for _ in range(parts)))

    def changed(self, block: Block) -> Block:
        """Return `block` with things taken out, put in, put round, or made into something else."""
        what = self.chance.random()
        if what < 0.08:
            return self.block(1)
        if what < 0.16:
            return Block("line", self._fresh(), (block, self.block(0)))
        if what < 0.22:
            return Block(self.chance.choice(AROUND), self._fresh(), (block, self.block(0)))
        if what < 0.27 and block.parts:
            return block.parts[0]
        if what < 0.32 and not block.parts:
            return replace(block, kind=self.chance.choice(WAITING))
        parts = tuple(self.changed(part) for part in block.parts)
        return replace(block, parts=parts[::-1] if what > 0.95 else parts)

    def _fresh(self) -> str:
        self.count += 1
        return f"n{self.prefix}{self.count}"


def model(block: Block, suffix: str = "", hours: int = 2) -> bytes:
    """Return the file of a model; `suffix` makes other ids of all its elements, `hours` is how long its timers run."""
    first, last, parts = _drawn(block, suffix, hours)
    around = message("m", "note")
    return process("p", start(), parts, end(), flows("s", first), flow(last, "e"), around=around)


def ids(block: Block) -> list[str]:
    """Return the ids of the elements of a block that are drawn from its own id."""
    own = {
        "line": (),
        "reminded": ("", "b", "x", "c", "d"),
        "race": ("", "t", "m", "j"),
        "sub": ("",),
        "both": ("", "j"),
        "either": ("", "j"),
        "some": ("", "j"),
    }.get(block.kind, ("",))
    return [block.id + part for part in own] + [each for part in block.parts for each in ids(part)]


def _drawn(block: Block, suffix: str, hours: int) -> tuple[str, str, str]:
    """Return the ids of the first and the last element of a block, and what it consists of."""
    name = block.id + suffix
    if block.kind in WAITING:
        return _simple(block, name, suffix, hours)
    inner = [_drawn(part, suffix, hours) for part in block.parts]
    if block.kind == "line":
        return inner[0][0], inner[1][1], inner[0][2] + inner[1][2] + flow(inner[0][1], inner[1][0])
    join = f"{block.id}j{suffix}"
    if block.kind == "sub":
        (first, _, one), (_, last, two) = inner
        within = start(f"{name}s") + one + two + end(f"{name}e") + flows(f"{name}s", first) + flow(last, f"{name}e")
        return name, name, sub_process(name, within + flow(inner[0][1], inner[1][0]))
    if block.kind == "race":
        soon, told = f"{block.id}t{suffix}", f"{block.id}m{suffix}"
        split = gateway(name, "eventBased") + catch(soon, timer("Duration", f"PT{hours}H"))
        split += catch(told, message_event("m")) + flows(name, soon, inner[0][0]) + flows(name, told, inner[1][0])
    elif block.kind == "both":
        split = gateway(name, "parallel") + flow(name, inner[0][0]) + flow(name, inner[1][0])
    else:
        default = f"{name}_d"
        split = gateway(name, "exclusive" if block.kind == "either" else "inclusive", default=default)
        split += flow(name, inner[0][0], "way = true") + flow(name, inner[1][0], identity=default)
    kind = {"both": "parallel", "some": "inclusive"}.get(block.kind, "exclusive")
    joined = gateway(join, kind) + "".join(flow(last, join) for _, last, _ in inner)
    return name, join, split + "".join(parts for _, _, parts in inner) + joined


def _simple(block: Block, name: str, suffix: str, hours: int) -> tuple[str, str, str]:
    if block.kind == "timer":
        return name, name, catch(name, timer("Duration", f"PT{hours}H"))
    if block.kind == "message":
        return name, name, catch(name, message_event("m"))
    if block.kind == "many":
        return name, name, user_task(name, inner=multi_instance(cardinality="2"))
    if block.kind == "task":
        return name, name, user_task(name)
    late, extra, done, cut = (f"{block.id}{part}{suffix}" for part in "bxcd")
    reminder = boundary(late, name, timer("Duration", f"PT{hours}H"), interrupting=False) + user_task(extra)
    reminder += end(done) + flows(late, extra, done)
    return name, cut, user_task(name) + reminder + gateway(cut) + flow(name, cut)
