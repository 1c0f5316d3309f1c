"""Owns the worker processes in which scripts run, and their limits; it knows no script and no case.

A worker runs pydantic-monty, an interpreter of a Python subset without files, network, processes and modules of the
host. A pool made before a fork hangs in the child, so each process makes its own when it first runs a script, and one
that was forked too late refuses to run any.
"""

import atexit
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pydantic_monty as monty

from engine.errors import ComityError

SECONDS: Final = 1.0
"""Longest run of a script. A worker that is busy when its parent dies lives at most that long."""

MEMORY: Final = 64 * 1024 * 1024
RECURSION: Final = 200
OUTPUT: Final = 64 * 1024
WORKERS: Final = 2
"""Most workers per process; further scripts wait for one."""

_LIMITS: Final[monty.ResourceLimits] = {
    "max_feed_duration_secs": SECONDS,
    "max_memory": MEMORY,
    "max_recursion_depth": RECURSION,
    "max_suspensions": 200,
}


class SandboxError(ComityError):
    """A script did not run to its end; `line` counts from 1 within what was run, None if no line is to blame."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason, self.line = reason, line
        super().__init__(reason)


class _Pools:
    """The pool of this process, made when it is first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: monty.Monty | None = None
        self._parents: monty.Monty | None = None

    def get(self) -> monty.Monty:
        with self._lock:
            if self._parents is not None:
                raise SandboxError(
                    "This process was forked from one that had already run scripts, so it can run none. "
                    "Fork first, or start a new interpreter."
                )
            if self._pool is None:
                self._pool = _opened()
            return self._pool

    def close(self) -> None:
        with self._lock:
            if self._pool is not None:
                self._pool.__exit__(None, None, None)
            self._pool = None

    def forget(self) -> None:
        """In a child after a fork: the parent's lock and pool are not ours, and its threads are gone for good.

        The pool is kept from being collected, which would wait for these threads; a new one would, too.
        """
        self._lock = threading.Lock()
        self._parents, self._pool = self._pool or self._parents, None


def _opened() -> monty.Monty:
    try:
        pool = monty.Monty(
            min_processes=1,
            max_processes=WORKERS,
            checkout_timeout=10.0,
            request_timeout=3.0,
            max_checkouts_per_worker=1_000,
        )
        pool.__enter__()
    except (FileNotFoundError, RuntimeError) as error:
        raise SandboxError(f"Scripts cannot run here, for the program that runs them does not start: {error}") from None
    return pool


_POOLS = _Pools()
atexit.register(_POOLS.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOLS.forget)


def run(code: str, inputs: Mapping[str, Any], *, now: datetime) -> Any:
    """Run `code` with `inputs` as variables and return the value of its last expression.

    The clock stands at `now` (aware), sleep takes no time, random numbers are the same every time. Raises
    `SandboxError`.
    """
    if now.tzinfo is None:
        raise ValueError("now has no time zone")
    policy: monty.OSPolicy = {"datetime": now.astimezone(UTC), "sleep": "zero", "random_start": {"seed": 0}}
    try:
        with _POOLS.get().checkout(limits=_LIMITS, os_policy=policy) as session:
            return session.feed_run(code, inputs=dict(inputs), print_callback=monty.CollectString(OUTPUT))
    except (monty.MontyRuntimeError, monty.MontySyntaxError) as error:
        frames = error.traceback()
        raise SandboxError(error.display("type-msg"), frames[-1].line if frames else None) from None
    except monty.MontyCrashedError:
        raise SandboxError("The script was stopped: it took too long, or too much memory.") from None
    except (monty.MontyError, TimeoutError) as error:
        raise SandboxError(str(error) or type(error).__name__) from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise SandboxError(f"The script's result cannot be handed back: {error}") from None


def close() -> None:
    """End the workers of this process."""
    _POOLS.close()
