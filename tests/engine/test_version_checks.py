"""The versions that a step has seen are looked at only where nothing else would tell that they have moved on."""

from typing import Any
from unittest.mock import Mock

import pytest

from engine.registers.access import Drawn, RegisterAccess
from engine.registers.writes import PreparedWrite
from engine.types import RecordRef, RecordWrite
from engine.unit_of_work.saving import check_versions

ONE, OTHER = RecordRef("needs", "N-0001", 1), RecordRef("needs", "N-0002", 1)
CHOSEN = {("needs", "N-0001"): 1}
NUMBER = {"record:needs": Drawn(3, 4)}


def written(base: RecordRef | None) -> PreparedWrite:
    ref = RecordRef("needs", "N-0003", 1) if base is None else RecordRef(base.register, base.id, base.version + 1)
    return PreparedWrite(RecordWrite("needs", ref, base, {}, None, "", "", ""), Mock(), {}, None)


@pytest.mark.parametrize(
    ("newest", "drawn", "shown", "bases", "looks"),
    [
        pytest.param({}, {}, [], [], 0, id="nothing seen"),
        pytest.param({}, {}, [], [None, ONE], 0, id="only written"),
        pytest.param({}, NUMBER, [], [None], 0, id="a number, and nothing seen"),
        pytest.param(CHOSEN, {}, [], [], 1, id="chosen"),
        pytest.param(CHOSEN, {}, [ONE], [ONE], 1, id="chosen and written upon"),
        pytest.param({}, {}, [ONE], [], 1, id="shown"),
        pytest.param({}, {}, [ONE], [ONE], 0, id="shown, and written upon"),
        pytest.param({}, {}, [ONE, OTHER], [ONE], 1, id="one of those shown is not written upon"),
        pytest.param({}, NUMBER, [ONE], [None, ONE], 1, id="written upon, but a sequence would be locked before it"),
    ],
)
def test_versions_are_looked_at_where_writing_would_not_tell(
    newest: dict[tuple[str, str], int],
    drawn: dict[str, Drawn],
    shown: list[RecordRef],
    bases: list[RecordRef | None],
    looks: int,
) -> None:
    connection: Any = Mock()
    connection.execute.return_value = []
    access = RegisterAccess(connection, drawn=dict(drawn), newest=dict(newest))
    check_versions(connection, access, shown, [written(base) for base in bases])
    assert connection.execute.call_count == looks
