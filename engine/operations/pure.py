"""Owns the calls of pure operations: each has a second, and is left alone when it takes longer.

Python cannot stop a function. So each call has a thread of its own: who waits for it goes on after the limit, and what
it gives later counts for nothing. The threads end with the program, which does not wait for them.
"""

import contextvars
import threading
from collections.abc import Mapping
from typing import Any, Final

from engine.errors import StepFailed
from engine.operations.definition import Operation

SECONDS: Final = 1.0
"""How long a pure operation may take."""

MOST_LEFT: Final = 2
"""How many calls of an operation that were left alone may still run; while they do, it is called no more."""

_left: Final[dict[int, list[threading.Thread]]] = {}
"""The calls left alone, by the identity of the function, which they keep alive: engines of one host may share names."""
_lock: Final = threading.Lock()


class _Call(threading.Thread):
    """A call in a thread; `returned` or `raised` say what came of it."""

    def __init__(self, operation: Operation, arguments: Mapping[str, Any]) -> None:
        super().__init__(name=f"comity-pure-{operation.name}", daemon=True)
        self._operation, self._arguments = operation, arguments
        self._context = contextvars.copy_context()
        self.returned: Mapping[str, Any] | None = None
        self.raised: BaseException | None = None

    def run(self) -> None:
        try:
            self.returned = self._context.run(self._operation.run, **self._arguments)
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
            self.raised = error


def call_pure(operation: Operation, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what a pure operation returns for the `arguments`; raise what it raises.

    Raises `StepFailed` when it takes too long, or when too many calls of it have not come to an end.
    """
    name, function = operation.name, id(operation.run)
    with _lock:
        running = [each for each in _left.pop(function, ()) if each.is_alive()]
        if running:
            _left[function] = running
    if len(running) >= MOST_LEFT:
        raise StepFailed(
            f"The operation {name!r} is not called: {len(running)} calls of it have not come to an end yet. If they "
            "never do, the operation has to be mended and the program started anew."
        )
    call = _Call(operation, arguments)
    call.start()
    call.join(SECONDS)
    if call.is_alive():
        with _lock:
            _left.setdefault(function, []).append(call)
        raise StepFailed(
            f"The operation {name!r} took longer than {SECONDS:g} seconds, which is what it may take in a step; it was "
            "not waited for. Declare it as not pure: then it is called outside of the step."
        )
    if call.raised is None:
        return call.returned
    if isinstance(call.raised, Exception):
        raise call.raised
    raise StepFailed(f"The operation {name!r} ended with {type(call.raised).__name__}.") from call.raised
