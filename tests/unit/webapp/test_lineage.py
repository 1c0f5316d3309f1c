"""How the relatives of a record are gathered."""

from engine.registers.views import Relative
from engine.types import RecordRef
from webapp.lineage import kin


def relative(record_id: str, version: int, own: int) -> Relative:
    return Relative(RecordRef("requirements", record_id, version), "Requirement", "It rings", None, own)


def test_a_relative_is_told_once_with_the_versions_at_both_ends() -> None:
    (found,) = kin([relative("R-1", 2, 4), relative("R-1", 1, 4), relative("R-1", 2, 3)], "needs", "N-1")
    assert (found.newest.version, found.versions, found.own) == (2, [1, 2], [3, 4])


def test_a_records_own_versions_are_no_relatives() -> None:
    assert kin([relative("R-1", 1, 2)], "requirements", "R-1") == []
