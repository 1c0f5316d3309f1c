"""Owns the stage on which registers are tested."""

import pytest

from tests.engine.registers import world
from tests.engine.stage import Stage


@pytest.fixture
def registers(stage: Stage) -> Stage:
    """A stage with the registers of the small world, and nothing in them but two customers."""
    world.deploy(stage)
    return stage
