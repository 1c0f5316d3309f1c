"""The DMN Technology Compatibility Kit, where its archive is handed over: no result that was right may become wrong."""

import importlib.util
import os
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

ARCHIVE = "COMITY_DATA_DMN_TCK"
BENCHMARK = Path(__file__).parents[3] / "benchmarks/dmn_tck.py"
RIGHT = {2: (126, 110), 3: (3275, 1824)}
"""Of each level: the results that are right, and those among them that are not null. Raise them, never lower them."""
ALL = {2: (126, 110), 3: (3369, 1916)}


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = os.environ.get(ARCHIVE)
    if not archive:
        pytest.skip(f"{ARCHIVE} names no archive of the kit")
    folder = tmp_path_factory.mktemp("tck")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dmn_tck", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("level", [2, 3])
def test_as_many_results_are_right_as_were(kit: Path, runner: ModuleType, level: int) -> None:
    counted = runner.count(kit, level)
    assert (counted.all, counted.not_null) == ALL[level], "the kit is another one: count anew"
    assert (counted.right, counted.right_not_null) >= RIGHT[level]
    assert counted.right_not_null >= RIGHT[level][1]


def test_a_folder_without_the_kit_is_told(
    runner: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runner.main([str(tmp_path)]) == 1
    assert "compliance-level-2" in capsys.readouterr().err
