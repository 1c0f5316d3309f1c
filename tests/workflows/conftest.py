"""Owns how failures of walks are told: comparisons in these modules show both sides."""

import pytest

pytest.register_assert_rewrite("tests.workflows.expectation", "tests.workflows.scenario")
