"""How many requests are let to the passwords at once."""

import threading
import time

import pytest

from webapp.sign_in_gate import SignInGate, TooManySignIns


@pytest.mark.parametrize(("at_once", "here"), [(1, 1), (2, 1), (4, 2), (6, 4)])
def test_one_place_leaves_room_for_others_and_all_together_take_no_more_than_all(at_once: int, here: int) -> None:
    gate, go = SignInGate(at_once), threading.Event()
    refused: list[str] = []

    def enter(place: str) -> None:
        try:
            with gate.passing(place):
                go.wait(10)
        except TooManySignIns:
            refused.append(place)

    places = ["a"] * (here + 1) + [f"b{number}" for number in range(at_once)]
    threads = [threading.Thread(target=enter, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
        time.sleep(0.02)  # they come one after the other
    go.set()
    for thread in threads:
        thread.join()
    assert refused == ["a", *(f"b{number}" for number in range(at_once - here, at_once))]
    with gate.passing("a"):
        pass


def test_who_leaves_by_an_error_leaves() -> None:
    gate = SignInGate(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="wrong"), gate.passing("a"):
            raise ValueError("wrong")
    with gate.passing("a"), pytest.raises(TooManySignIns), gate.passing("b"):
        pass
