"""Owns a small cache for values that never change once made; it knows nothing of what it holds."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Cache(Generic[Key, Value]):
    """Holds the `size` values that were used last.

    Safe for threads; a value is made by one thread while others wait for it.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.RLock()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of `key`, made now if it is not held.

        An error of `make` is passed on and nothing is held.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            value = self._values[key] = make()
            while len(self._values) > self._size:
                self._values.popitem(last=False)
            return value
