"""Owns the run of `comity bench`: which variants take turns, on which cases."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engine.bench.bare import InMemory, RoundTrip, Specs
from engine.bench.cases import Alone, Going, Yardstick, prepare, start
from engine.bench.meter import Variant, count, measure
from engine.bench.model import SCRIPTED
from engine.process_engine import ProcessEngine
from forms.catalog import MarshmallowForms
from webapp.bench.pages import EmptyPage, Pages, open_account

SHORT: Final = 5
HISTORY: Final = 100
"""Rounds that the case of the JSON round trip has gone: it keeps them all, so each costs more than the last."""

_RARELY: Final = 10
"""That round trip takes so long that it has its turn only now and then."""

_WARM: Final = 10


class Bench:
    """Everything that is measured on one database. `long` is how many rounds the long case has gone.

    Finding out what a yardstick writes is a step of the engine just before it: so each step of the engine that is held
    against one has another just before it as well, which is not timed. Both meet the same caches.
    """

    def __init__(self, engine: ProcessEngine, shadow: ProcessEngine, *, long: int) -> None:
        prepare(engine)
        open_account(engine)
        self.engine, self.long = engine, long
        specs = Specs()
        memory, alone, stock = InMemory(specs), Alone(engine), RoundTrip(specs)
        stock.advance(min(HISTORY, long))
        yardstick, unread, started, bare = (Yardstick(engine.database, shadow, specs) for _ in range(4))
        self.going, early, late, other = Going(engine), Going(engine), Going(engine), Going(engine)
        late.begin(long)
        scripted, pages, empty = Going(engine, SCRIPTED), Pages(engine), EmptyPage(engine)
        self.memory = Variant("SpiffWorkflow in memory, history pruned", memory.complete)
        self.stock = Variant("SpiffWorkflow with its JSON round trip", stock.complete, every=_RARELY)
        self.alone = Variant("interpreter, state decoded and encoded", alone.complete)
        self.yardstick = Variant("yardstick of a completion", yardstick.complete, yardstick.find_completion)
        self.unread = Variant("the same, the case not read", unread.complete_unread, unread.find_completion)
        self.completion = Variant("completion, engine", self.going.complete, other.complete)
        self.early = Variant(f"completion after {SHORT} rounds", early.complete, lambda: early.begin(SHORT))
        self.late = Variant(f"completion after {long:,} rounds", late.complete, other.complete)
        self.scripted = Variant("completion with a script task", scripted.complete, with_workers=True)
        self.post = Variant("empty authenticated POST", empty.post)
        self.handed_in = Variant("completion through HTTP", pages.complete, pages.follow)
        self.yardstick_start = Variant("yardstick of a start", started.start, started.find_start)
        self.start_unread = Variant("the same, nothing read", bare.start_unread, bare.find_start)
        self.start = Variant("start, engine", lambda: start(engine), lambda: start(engine))
        self.asked_for = Variant("start through HTTP", pages.start, pages.follow)
        self.state_bytes = len(alone.step.state)

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Return the variants in the order of the table."""
        return (
            self.memory,
            self.stock,
            self.alone,
            self.yardstick,
            self.unread,
            self.completion,
            self.early,
            self.late,
            self.scripted,
            self.yardstick_start,
            self.start_unread,
            self.start,
            self.post,
            self.handed_in,
            self.asked_for,
        )

    def run(self, rounds: int) -> None:
        """Measure so many rounds, then count statements and commits."""
        measure(self.variants, min(_WARM, rounds))
        for variant in self.variants:
            variant.forget()
        measure(self.variants, rounds)
        for variant in self.variants:
            count(variant, self.engine.database.engine)

    def rows(self) -> dict[str, int]:
        """Return how many rows a case has that has ended after one completion of each stage, by table."""
        case = Going(self.engine)
        case.end()
        return case.rows()


@contextmanager
def opened(url: str, *, long: int) -> Iterator[Bench]:
    """Yield the benchmark on the database at `url`; raise `ComityError` when there is more than its own cases in it."""
    engine, shadow = ProcessEngine(url, MarshmallowForms()), ProcessEngine(url, MarshmallowForms())
    try:
        yield Bench(engine, shadow, long=long)
    finally:
        shadow.close()
        engine.close()
