"""Links to the next page of a list: whatever somebody types in their place is refused before a database is asked."""

import base64
import json
from typing import Any, Literal

import pytest

from engine.errors import InputRefused
from engine.views import Cursor, WorklistFilter
from tests.engine.stage import ANN, MORNING, Stage


def _link(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "value",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "\0",
        "\ud800",
        "x" * 301,
        10**30,
        -(2**31),
        None,
        1.5,
        {},
    ],
)
def test_what_no_row_has_is_no_place_in_a_list(value: Any) -> None:
    for values in ((value, "id"), (MORNING.isoformat(), value), ("due", value, 1, "id"), ("priority", 1, "x", value)):
        with pytest.raises(InputRefused):
            Cursor.parse(_link(*values))


def test_a_link_that_is_nested_without_end_is_refused() -> None:
    with pytest.raises(InputRefused):
        Cursor.parse(base64.urlsafe_b64encode(b"[" * 100_000).decode())


@pytest.mark.parametrize("moment", ["2026-03-02T08:00:00+00:00", "2026-03-02T08:00:00", "2026-03-02T09:00:00+01:00"])
def test_a_time_without_a_zone_is_utc(moment: str) -> None:
    assert Cursor((moment, "id")).moment_and_id() == (MORNING, "id")


@pytest.mark.parametrize(
    "values",
    [(), ("id",), (MORNING.isoformat(), 1), (1, "id"), ("x", "id"), (MORNING.isoformat(), "\0"), ("x", 1, "y")],
)
def test_a_link_of_another_kind_of_list_is_refused(values: tuple[str | int, ...]) -> None:
    with pytest.raises(InputRefused) as caught:
        Cursor(values).moment_and_id()
    assert caught.value.messages == {"after": ["This link is damaged: go back to the first page."]}


def test_links_of_ours_are_read(stage: Stage) -> None:
    stage.deploy_one_task()
    for _ in range(3):
        stage.start()
    orders: tuple[Literal["due", "created", "priority"], ...] = ("due", "created", "priority")
    for sort in orders:
        first = stage.engine.tasks.worklist(ANN, filter=WorklistFilter(sort=sort), limit=2)
        assert first.next is not None
        rest = stage.engine.tasks.worklist(ANN, filter=WorklistFilter(sort=sort), after=Cursor.parse(str(first.next)))
        assert len({row.id for row in (*first.rows, *rest.rows)}) == 3
