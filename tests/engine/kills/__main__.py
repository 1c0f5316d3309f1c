"""`python -m tests.engine.kills DATABASE_URL --kills 300`: kills workers of a new database at random, and checks it.

Prints the seed first and the counts at the end; fails with the first thing that does not hold.
"""

import argparse
import json
import multiprocessing
import os
import random
import tempfile
import time
from multiprocessing.context import ForkProcess
from pathlib import Path

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from tests.engine.kills import checks, load

_FORK = multiprocessing.get_context("fork")  # a process that begins anew would live for its imports only
_CHECK_EVERY = 25


def main() -> None:
    """Kill as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database", help="the URL of a database whose tables are empty, or not there yet")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)  # noqa: T201 - a command line
    engine = load.opened(options.database)
    engine.migrate()
    engine.repository.deploy(load.FILES, name="kills", actor=ENGINE)
    engine.close()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "acknowledged"
        dead = kill(options.database, told, options.kills, random.Random(options.seed))  # noqa: S311 - moments, no secrets
        lines = told.read_text(encoding="utf-8").splitlines()
    engine = load.opened(options.database)
    checks.whole(engine, lines)
    engine.close()
    engine = checks.bring_to_end(options.database)
    counts = checks.finished(engine)
    checks.whole(engine, lines)
    engine.close()
    seconds = round(time.monotonic() - began)
    print(json.dumps({"kills": dead, **counts, "acknowledged": len(lines), "seconds": seconds}))  # noqa: T201


def kill(url: str, told: Path, kills: int, chance: random.Random) -> int:
    """Let all programs work on the database, and kill one after the other, or all at once; return how many are dead.

    It ends when `kills` are dead and a step has been acknowledged: a slow machine may take longer for one than the
    programs live at first.
    """
    running = {role: _began(role, url, told, chance) for role in load.ROLES}
    dead = 0
    try:
        while dead < kills or not told.exists() or not told.stat().st_size:
            time.sleep(chance.uniform(0.02, 0.4))
            victims = list(load.ROLES) if chance.random() < 0.1 else [chance.choice(list(load.ROLES))]
            for role in victims:
                assert running[role].is_alive(), f"the {role} ended by itself: {running[role].exitcode}"
                running[role].kill()
            for role in victims:
                running[role].join()
                running[role] = _began(role, url, told, chance)
            before, dead = dead, dead + len(victims)
            if dead // _CHECK_EVERY > before // _CHECK_EVERY:
                _checked(url, told)
    finally:
        for process in running.values():
            process.kill()
            process.join()
    return dead


def _checked(url: str, told: Path) -> None:
    """Look at the database while the others go on working: what was acknowledged before has to be there."""
    lines = told.read_text(encoding="utf-8").splitlines()
    looking = _FORK.Process(target=_look, args=(url, lines))
    looking.start()
    looking.join()
    assert looking.exitcode == 0, "see above"


def _look(url: str, lines: list[str]) -> None:
    checks.whole(load.opened(url), lines)


def _began(role: str, url: str, told: Path, chance: random.Random) -> ForkProcess:
    process = _FORK.Process(target=_work, args=(role, url, str(told), chance.getrandbits(64)))
    process.start()
    return process


def _work(role: str, url: str, told: str, seed: int) -> None:
    engine: ProcessEngine = load.opened(url)
    load.ROLES[role](engine, load.Acknowledged(told), random.Random(seed))  # noqa: S311 - as above
    os._exit(0)


if __name__ == "__main__":
    main()
