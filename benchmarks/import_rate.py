"""Prints how many rows a second the import takes in, on a generated file and the shipped processes.

Usage: python benchmarks/import_rate.py [--rows 1000] [--database URL]

Every row starts a case of `capture_need_on_behalf`: form, models, registers, log and all, one transaction each. The
database has to be empty; the default is a new SQLite file that is deleted afterwards. A dry run over the same rows
shows what reading and checking take of it.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.imports.mapping import RowMapping
from engine.imports.source import Dialect, SourceFile, parse
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from forms.catalog import MarshmallowForms
from webapp import shipped
from webapp.imports import CaseTarget

MAPPING = RowMapping(
    {"statement": "Text"},
    {"organisation": "northwind-rail", "channel": "file", "confirming_group": "business_analysts"},
    {"title": "substring(Text, 1, 80)"},
)


def generated(rows: int) -> SourceFile:
    """Return a CSV file of `rows` statements, no two alike."""
    lines = (
        f'{number},"The system shall show number {number}, and what belongs to it, within {number % 9 + 1} seconds."'
        for number in range(rows)
    )
    return parse("generated.csv", ("Id,Text\n" + "\n".join(lines) + "\n").encode(), Dialect())


def prepared(url: str) -> ProcessEngine:
    """Return an engine on an empty database with the shipped processes and one organisation."""
    engine = ProcessEngine(url, MarshmallowForms())
    engine.migrate()
    for files in shipped.areas().values():
        engine.repository.deploy(files, name="benchmark", actor=ENGINE)
    body = {"organisation_key": "northwind-rail", "organisation_name": "Northwind Rail"}
    engine.registers.save("customer_organisations", None, body, actor=ENGINE)
    return engine


def measure(engine: ProcessEngine, source: SourceFile, *, dry_run: bool) -> float:
    """Return the rows a second of one run, all of which have to be taken."""
    target = CaseTarget(engine, "capture_need_on_behalf", ENGINE, None)
    began = time.perf_counter()
    states = [result.state for result in engine.imports.run(source, target, MAPPING, actor=ENGINE, dry_run=dry_run)]
    seconds = time.perf_counter() - began
    assert set(states) == {"would be taken" if dry_run else "taken"}, set(states)
    return len(states) / seconds


def main() -> None:
    """Measure a dry run and a real one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--database")
    given = parser.parse_args()
    source = generated(given.rows)
    with tempfile.TemporaryDirectory() as folder:
        engine = prepared(given.database or f"sqlite:///{folder}/rate.sqlite")
        try:
            for dry_run in (True, False):
                rate = measure(engine, source, dry_run=dry_run)
                print(f"{'checked' if dry_run else 'taken in':<9} {given.rows:>6} rows  {rate:>7.0f} a second")
        finally:
            engine.close()


if __name__ == "__main__":
    main()
