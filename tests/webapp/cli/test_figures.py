"""`comity figures rebuild`: says how many cases and days it has computed again."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.persistence.models import CaseSummary
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from tests.webapp.cli.command import Comity


@pytest.fixture(autouse=True)
def _ended_cases(comity: Comity, engine: ProcessEngine) -> None:
    for ago in (9, 9, 3, 0):
        past = engine.with_clock(lambda days=ago: datetime.now(UTC) - timedelta(days=days))  # type: ignore[misc]
        case = past.runtime.start("take_order", {"title": "A chair"}, actor=ENGINE)
        past.runtime.cancel(case.id, "Changed our mind", actor=ENGINE)


def test_all_figures_are_rebuilt(comity: Comity, engine: ProcessEngine) -> None:
    with engine.database.write() as connection:
        connection.execute(sa.update(CaseSummary).values(cycle_seconds=99))
    said = comity("figures", "rebuild")
    assert said.out.startswith("Computed again: 4 cases that ended on 3 days.\nSummed up: 2 days;")
    assert (said.code, said.err) == (0, "4 cases ...\n")
    with engine.database.read() as connection:
        assert max(connection.execute(sa.select(CaseSummary.cycle_seconds)).scalars()) < 10


def test_those_of_one_process(comity: Comity) -> None:
    assert "4 cases" in comity.well("figures", "rebuild", "--process", "take_order")


def test_an_unknown_process_is_refused(comity: Comity) -> None:
    assert "no_such" in comity("figures", "rebuild", "--process", "no_such").refusal()
