"""JSON that somebody sends is read in a time that grows with its length, whatever stands in it."""

import time

import pytest

from engine.errors import InputRefused
from webapp.json_input import read

SECONDS = 1


def test_a_name_that_stands_twice_after_many_others_is_found_at_once() -> None:
    names = ", ".join(f'"{number:x}": 1' for number in range(20_000))
    start = time.process_time()
    with pytest.raises(InputRefused, match="'4e1f' stands in one object twice"):
        read(f'{{{names}, "4e1f": 2}}', "json")
    assert time.process_time() - start < SECONDS
