"""What a case waits for is put together when it is looked at, and once at most."""

import pytest

from engine.types.later import Later


def test_it_is_a_sequence_that_is_made_once_when_it_is_looked_at() -> None:
    made: list[int] = []

    def make() -> list[str]:
        made.append(1)
        return ["a", "b", "c"]

    later = Later(make)
    assert repr(later) == "Later(...)"
    assert made == []
    assert (len(later), later[1], later[1:], list(later), bool(later)) == (3, "b", ["b", "c"], ["a", "b", "c"], True)
    assert made == [1]
    assert repr(later) == "Later(['a', 'b', 'c'])"


def test_it_equals_whatever_holds_the_same() -> None:
    assert Later(lambda: [1, 2]) == (1, 2)
    assert Later(lambda: (1,)) == [1]
    assert Later(lambda: ()) == []
    assert Later(lambda: [1]) != [2]
    assert Later(lambda: [1]) != 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(Later(lambda: [1]))
