"""`comity bench`: one run prints every row and every ratio."""

import re

import pytest

from tests.webapp.cli.command import Comity

pytestmark = pytest.mark.slow

ROWS = (
    "SpiffWorkflow in memory, history pruned",
    "SpiffWorkflow with its JSON round trip",
    "interpreter, state decoded and encoded",
    "yardstick of a completion",
    "the same, the case not read",
    "completion, engine",
    "completion after 5 rounds",
    "completion after 2 rounds",
    "completion with a script task",
    "yardstick of a start",
    "start, engine",
    "empty authenticated POST",
    "completion through HTTP",
    "start through HTTP",
)
RATIOS = (
    "completion / yardstick",
    "completion / yardstick, the case not read",
    "completion after 2 rounds / after 5",
    "completion through HTTP / (yardstick + POST)",
    "start / yardstick",
    "start through HTTP / (yardstick + POST)",
    "completion / in memory",
    "JSON round trip / completion",
)
NUMBER = r"\d+\.\d{3}"
SPREAD = rf"{NUMBER} +{NUMBER}-{NUMBER}"


def check(report: str) -> None:
    for row in ROWS:
        assert re.search(rf"^{re.escape(row)} +{SPREAD} +{SPREAD}( +\d+)*$", report, re.MULTILINE), row
    for ratio in RATIOS:
        assert re.search(rf"^{re.escape(ratio)} +\d+\.\d\d +\d+\.\d\d( |$)", report, re.MULTILINE), ratio
    steps = [line.split()[-2:] for line in report.splitlines() if line.startswith(("completion,", "start,"))]
    assert all(int(statements) <= 12 and commits == "1" for statements, commits in steps)
    assert re.search(rf"^a script task: -?{NUMBER} ms of CPU here and ", report, re.MULTILINE)
    assert re.search(r"^state of a case: [\d,]+ bytes$", report, re.MULTILINE)
    assert re.search(r"^rows of a case of eight tasks that has ended: \d+ \(1 process_instance, ", report, re.MULTILINE)


def test_every_row_is_printed(comity: Comity) -> None:
    report = comity.well("bench", "--rounds", "2")
    assert report.startswith("SQLite: medians of 2 rounds\n")
    check(report)


@pytest.mark.postgres
def test_several_databases_in_one_run(comity: Comity, own_postgres_url: str, tmp_path: object) -> None:
    report = comity.well("bench", "--rounds", "2", "--on", f"sqlite:///{tmp_path}/a.sqlite", "--on", own_postgres_url)
    first, second = report.split("PostgreSQL: medians of 2 rounds\n")
    check(first)
    check(second)


@pytest.mark.parametrize("url", ["nonsense", "postgresql://nobody@127.0.0.1:1/none", "sqlite:////proc/none.sqlite"])
def test_a_database_that_cannot_be_used_is_told_in_a_sentence(comity: Comity, url: str) -> None:
    assert f"The database {url} cannot be used" in comity("bench", "--rounds", "1", "--on", url).err


def test_a_database_in_use_is_refused(comity: Comity) -> None:
    assert "empty" in comity("bench", "--rounds", "1", "--on", comity.url).refusal()
