"""Which version of a framework a running case reads: the rule, and the property of registers.yaml that asks for it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.registers.definition import parse
from engine.registers.running_cases import takes_over, version_read

histories = st.lists(st.booleans(), min_size=1, max_size=12).map(lambda said: list(enumerate(said, start=1)))


@given(histories, st.data())
def test_a_case_moves_to_the_newest_version_that_is_taken_over_and_never_back(
    versions: list[tuple[int, bool]], choose: st.DataObject
) -> None:
    held = choose.draw(st.integers(1, len(versions)))
    read = version_read(held, versions)
    assert read >= held
    assert read == held or dict(versions)[read]
    assert not any(taken for version, taken in versions if version > read)
    assert version_read(read, versions) == read, "reading twice is reading once"
    assert version_read(held, reversed(versions)) == read, "in any order"


@given(histories, st.data())
def test_versions_move_a_case_one_by_one_as_they_do_at_once(
    versions: list[tuple[int, bool]], choose: st.DataObject
) -> None:
    first = choose.draw(st.integers(1, len(versions)))
    held = first
    for count in range(1, len(versions) + 1):
        held = version_read(held, versions[:count])
    assert held == version_read(first, versions)


@given(histories)
def test_who_holds_an_older_version_never_overtakes_who_holds_a_newer_one(versions: list[tuple[int, bool]]) -> None:
    read = [version_read(held, versions) for held, _ in versions]
    assert all(earlier <= later for earlier, later in pairwise(read))


@pytest.mark.parametrize(("said", "taken"), [(None, True), ("take_over", True), ("keep", False), (["keep"], True)])
def test_only_keep_keeps(said: object, taken: bool) -> None:
    assert takes_over(said) is taken


FRAMEWORK = """\
registers:
  - key: rules
    name: Rules
    variable: rules
    prefix: R
    form: rules
    title: title
    singleton: {singleton}
    running_cases: rc
"""


def test_a_register_with_one_record_names_the_field() -> None:
    (register,), findings = parse(FRAMEWORK.format(singleton="true").encode(), "registers.yaml")
    assert findings == []
    assert register.running_cases == "rc"


def test_a_register_of_many_records_cannot() -> None:
    registers, (finding,) = parse(FRAMEWORK.format(singleton="false").encode(), "registers.yaml")
    assert registers == []
    assert (finding.line, finding.rule) == (9, "register-definition")
    assert "running_cases" in finding.message
    assert "singleton: true" in finding.remedy
