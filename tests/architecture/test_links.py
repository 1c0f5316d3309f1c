"""Links between the documents: every file is there, every heading that a link names too."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for page in (
        *ROOT.glob("*.md"),
        *(
            found
            for folder in ("docs", "requirements", "tests", "workflows", "benchmarks")
            for found in (ROOT / folder).rglob("*.md")
        ),
    )
    if "node_modules" not in page.parts
)
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Yield file and heading of each link of `page` that stays in the repository."""
    for target in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        if not re.match(r"[a-z]+:", target):
            file, _, heading = target.partition("#")
            yield (page.parent / file).resolve() if file else page, heading


def headings(page: Path) -> set[str]:
    """Return the names under which links find the headings of `page`."""
    found = HEADING.findall(FENCED.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", each.strip().lower()).replace(" ", "-") for each in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_what_is_there(page: Path) -> None:
    broken = [
        f"{file.name}#{heading}"
        for file, heading in links(page)
        if not file.exists() or (heading and heading not in headings(file))
    ]
    assert not broken


def test_the_readme_leads_to_every_document() -> None:
    """Those that another document leads to count: nobody has to read a list of files."""
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md" and page.is_file():
            reached.add(page)
            waiting += [file for file, _ in links(page)]
    assert not [page.name for page in sorted((ROOT / "docs").glob("*.md")) if page not in reached]
