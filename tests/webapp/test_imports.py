"""A CSV file through the pages: from the upload to what became of each row, and what can be wrong with it."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from engine.persistence.models import ImportRun
from engine.types import ENGINE
from tests.webapp.site import LIMIT_BYTES, Page, Site, Visitor, files
from webapp.pages import import_runs, imports

WISHES = "process:handle_wish"
CUSTOMERS = "register:customers"


def titles(site: Site) -> list[str]:
    """Return the titles of the cases, oldest first."""
    rows = site.engine.history.cases(ENGINE, limit=200).rows
    return [row.title for row in sorted(rows, key=lambda row: row.number)]


def uploaded(visitor: Visitor, content: str | bytes, target: str = WISHES, name: str = "wishes.csv") -> str:
    """Upload a file; return the address of its import."""
    answer = sent(visitor, content, target, name)
    return str(answer.response.location)


def sent(
    visitor: Visitor, content: str | bytes, target: str = WISHES, name: str = "wishes.csv", status: int = 303
) -> Page:
    raw = content.encode() if isinstance(content, str) else content
    body = {"csrf_token": visitor.token(), "target": target, "file": (io.BytesIO(raw), name)}
    return visitor.post("/imports", body, status, content_type="multipart/form-data")


def mapped(visitor: Visitor, content: str | bytes, target: str = WISHES, **fills: str) -> str:
    """Upload a file and say what fills what, by field: a column's name, `=FEEL`, or `'text`."""
    address = uploaded(visitor, content, target)
    page = visitor.get(f"{address}/fields")
    visitor.send(page, f"{address}/fields", filled(**fills))
    return address


def filled(**fills: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for field, source in fills.items():
        kind = {"=": "feel", "'": "text"}.get(source[:1])
        values[f"fill-{field}"] = kind or (f"column:{source}" if source else "")
        values[f"given-{field}"] = source[1:] if kind else ""
    return values


def begun(visitor: Visitor, address: str) -> None:
    """Press "Take the rows in" once."""
    page = visitor.get(f"{address}/preview")
    visitor.send(page, f"{address}/run", {"what": "begin"})


def facts(page: Page) -> dict[str, int]:
    """Return the counts that a page shows."""
    words = [" ".join(found.text_content().split()) for found in page.tree.xpath("//dl[contains(@class, 'counts')]/*")]
    return {name: int(number.replace(",", "")) for name, number in zip(words[::2], words[1::2], strict=True)}


def counts(taken: int, already: int = 0, refused: int = 0) -> Mapping[str, int]:
    return {"Taken in": taken, "In already": already, "Refused": refused}


# --- the whole way --------------------------------------------------------------------------------------------------


def test_a_file_becomes_cases(site: Site, anna: Visitor) -> None:
    address = uploaded(anna, "What do you wish?;How many\nlamp;3\n'table; long';\n")
    page = anna.get(address)
    assert page.value("delimiter") is None
    assert "2 rows of 2 columns" in page.text
    anna.send(page, address, {"what": "next", "quote": "'"})
    page = anna.get(f"{address}/fields")
    chosen = page.form(f"{address}/fields")
    assert chosen["fill-title"] == ["column:What do you wish?"], "proposed by the label"
    assert chosen["fill-pieces"] == ["column:How many"], "the question mark does not matter"
    anna.send(page, f"{address}/fields", {"channel": "survey"})
    page = anna.get(f"{address}/preview")
    assert "table; long" in page.text
    assert facts(page) == {"Would be taken in": 2, "In already": 0, "Would be refused": 0}
    assert titles(site) == [], "nothing before the button"
    anna.send(page, f"{address}/run", {"what": "begin"})
    page = anna.get(f"{address}/run")
    assert facts(page) == counts(2)
    assert titles(site) == ["lamp", "table; long"]
    rows = site.engine.history.cases(site.engine.identity.actor("anna")).rows
    assert {row.title for row in rows} == {"lamp", "table; long"}, "the cases are hers"
    assert {site.engine.history.case(row.id, ENGINE).channel for row in rows} == {"survey"}
    page = anna.get(f"{address}/run?show=taken")
    links = [link for link in page.links() if link.startswith("/cases/")]
    assert len(links) == 2
    assert "lamp" in anna.get(links[0]).text


def test_a_file_becomes_records_with_a_status(site: Site, petra: Visitor) -> None:
    address = mapped(petra, "code,name\neast,East Ltd\nnorth,North again\n", CUSTOMERS, code="code", name="name")
    assert facts(petra.get(f"{address}/preview"))["Would be refused"] == 1
    begun(petra, address)
    page = petra.get(f"{address}/run")
    assert facts(page) == counts(1, refused=1)
    assert "There is already a record 'north'" in page.text
    assert site.engine.registers.record("customers", "east", ENGINE).row.title == "East Ltd"
    assert "/registers/customers/records/east" in petra.get(f"{address}/run?show=taken").links()

    address = mapped(petra, "Title\nby file\n", "register:wishes", title="Title")
    page = petra.get(f"{address}/fields")
    petra.send(page, f"{address}/fields", {"status": "answered"})
    begun(petra, address)
    (row,) = site.engine.registers.page("wishes", ENGINE).rows
    assert (row.title, row.status) == ("by file", "answered")


def test_fields_come_from_texts_and_expressions(site: Site, anna: Visitor) -> None:
    address = mapped(
        anna, "Short name,N\nlamp,2\n", title="=upper case(Short_name)", details="'from a list", pieces="N"
    )
    assert "from a list" in anna.get(f"{address}/preview").text
    begun(anna, address)
    (row,) = site.engine.history.cases(ENGINE).rows
    (use,) = site.engine.history.case(row.id, ENGINE).records
    assert row.title == "LAMP"
    assert site.engine.registers.body("wishes", use.ref.id, 1, ENGINE)["title"] == "LAMP"


def test_the_file_is_gone_when_it_is_done_and_a_mended_one_brings_what_is_new(site: Site, anna: Visitor) -> None:
    address = mapped(anna, "Title,Pieces\nlamp,\n,1\ntable,many\n", title="Title", pieces="Pieces")
    begun(anna, address)
    assert facts(anna.get(f"{address}/run")) == counts(1, refused=2)
    assert content_of(site, address) is None
    again = mapped(anna, "Title,Pieces\nlamp,\nchair,1\ntable,4\n", title="Title", pieces="Pieces")
    assert facts(anna.get(f"{again}/preview")) == {"Would be taken in": 2, "In already": 1, "Would be refused": 0}
    begun(anna, again)
    assert facts(anna.get(f"{again}/run")) == counts(2, already=1)
    assert titles(site) == ["lamp", "chair", "table"]


def content_of(site: Site, address: str) -> Any:
    kept = select(ImportRun.content).where(ImportRun.id == address.rpartition("/")[2])
    with site.engine.database.read() as connection:
        return connection.execute(kept).scalar_one()


def test_refused_rows_are_listed_and_can_be_taken_away(anna: Visitor) -> None:
    text = "Title,=cmd\nlamp,\n,=1+1\none,two,three\n" + "".join(f",{number}\n" for number in range(60))
    address = mapped(anna, text, title="Title")
    begun(anna, address)
    page = anna.get(f"{address}/run")
    assert facts(page) == counts(1, refused=62)
    assert "Answer “What do you wish?”" in page.text, "by the label, not by the key"
    assert "3 cells, the header has 2" in page.text
    (forward,) = page.tree.xpath("//a[@rel='next']/@href")
    assert len(anna.get(forward).tree.xpath("//table//tbody/tr")) == 12
    answer = anna.client.get(f"{address}/refused.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=refused.csv"
    header, *rows = csv.reader(io.StringIO(answer.text))
    assert header == ["row", "line", "reason", "Title", "'=cmd"]
    assert len(rows) == 62
    assert rows[0][:2] + rows[0][3:] == ["2", "3", "", "'=1+1"]


def test_the_start_page_and_the_register_lead_there(anna: Visitor, petra: Visitor, ines: Visitor) -> None:
    assert "/imports" in anna.get("/start").links()
    assert "/imports" not in ines.get("/start").links()
    assert "/imports?target=register:customers" in petra.get("/registers/customers").links()
    page = petra.get("/imports?target=register:customers")
    assert page.tree.xpath("//option[@selected]/@value") == ["register:customers"]
    assert not [link for link in anna.get("/registers/customers").links() if "imports" in link]


def test_only_what_one_may_start_or_maintain_is_offered(anna: Visitor, petra: Visitor) -> None:
    def offered(visitor: Visitor) -> list[str]:
        return [str(value) for value in visitor.get("/imports").tree.xpath("//select[@id='target']//option/@value")]

    assert offered(anna) == ["", WISHES]
    assert offered(petra) == ["", WISHES, CUSTOMERS, "register:reports", "register:wishes"]
    assert sent(anna, "a\n", CUSTOMERS, status=422).summary() == [("#target", "Choose where the rows go.")]


# --- stopping, going on ---------------------------------------------------------------------------------------------


def test_a_run_goes_on_where_it_was(site: Site, anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "SECONDS", 0.0)  # each request takes one row in
    address = mapped(anna, "Title\nlamp\nlamp\ntable\n", title="Title")
    begun(anna, address)
    page = anna.get(f"{address}/run")
    assert "1 of 3 rows done" in page.text
    assert page.tree.xpath("//progress/@value") == ["1"]
    (run_on,) = page.tree.xpath("//form[@hx-post]/@hx-post") or [f"{address}/run"]
    anna.send(page, run_on)
    assert titles(site) == ["lamp", "lamp"], "a row that stands twice comes in twice"
    anna.send(anna.get(f"{address}/run"), f"{address}/stop")
    assert "Stopped after 2 of 3 rows" in anna.get(f"{address}/run").text
    anna.post(f"{address}/run", {"csrf_token": anna.token()})
    assert len(titles(site)) == 2, "what the page sends by itself does not go against a stop"
    listing = anna.get("/imports").text
    assert "Go on: wishes.csv" in listing
    assert "Stopped" in listing
    page = anna.get(f"{address}/run")
    anna.send(page, f"{address}/run", {"what": "begin"})
    assert titles(site) == ["lamp", "lamp", "table"]
    anna.send(anna.get(f"{address}/run"), f"{address}/run")
    assert "All 3 rows done" in anna.get(f"{address}/run").text


def test_the_script_loads_the_page_when_the_run_is_over(anna: Visitor) -> None:
    address = mapped(anna, "Title\nlamp\n", title="Title")
    begun(anna, address)
    answer = anna.client.get(f"{address}/run", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")


def test_a_run_may_be_ended_early_and_a_file_discarded(
    site: Site, anna: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_runs, "SECONDS", 0.0)
    address = mapped(anna, "Title\nlamp\ntable\n", title="Title")
    begun(anna, address)
    anna.send(anna.get(f"{address}/run"), f"{address}/discard")
    assert "Ended after 1 of 2 rows" in anna.get(f"{address}/run").text
    assert content_of(site, address) is None
    anna.post(f"{address}/run", {"csrf_token": anna.token(), "what": "begin"})
    assert titles(site) == ["lamp"]
    address = uploaded(anna, "Title\nchair\n")
    anna.send(anna.get(address), f"{address}/discard")
    anna.get(address, 404)


def test_what_has_begun_can_no_longer_be_changed(site: Site, anna: Visitor) -> None:
    address = mapped(anna, "Title,Other\nlamp,x\n", title="Title")
    begun(anna, address)
    for step in ("", "/fields", "/preview"):
        assert anna.get(f"{address}{step}", 303).response.location == f"{address}/run"
    anna.post(f"{address}/fields", {"csrf_token": anna.token(), **filled(title="Other")})
    anna.post(address, {"csrf_token": anna.token(), "delimiter": "tab"})
    anna.post(f"{address}/run", {"csrf_token": anna.token(), "what": "begin"})
    assert titles(site) == ["lamp"]


# --- what can be wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\x00\x01\x02\x03\x04", "it is no text file"),
        (b"PK\x03\x04\x14\x00", "file of a spreadsheet program"),
    ],
)
def test_what_is_no_text_is_refused_at_once(anna: Visitor, content: bytes, words: str) -> None:
    page = sent(anna, content, status=422)
    assert words in page.text
    assert page.tree.xpath("//option[@selected]/@value") == [WISHES]
    assert not [link for link in page.links() if link.startswith("/imports/")]


def test_no_file_and_a_file_over_the_limit(anna: Visitor) -> None:
    answer = anna.post("/imports", {"csrf_token": anna.token(), "target": WISHES}, 422)
    assert answer.summary() == [("#file", "Choose a CSV file.")]
    assert "at most 0.953674 MiB" in anna.get("/imports").text
    too_large = {"csrf_token": anna.token(), "target": "x" * (LIMIT_BYTES + 1)}
    assert "larger than" in anna.post("/imports", too_large, 413).text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Title,Title\nlamp,table\n", "have the same name: Title"),
        ("\nTitle\nlamp\n", "its first line is empty"),
    ],
)
def test_a_header_that_cannot_be_is_told_where_the_file_is_read(anna: Visitor, content: str, words: str) -> None:
    address = uploaded(anna, content)
    assert words in anna.get(address).text
    assert anna.get(f"{address}/fields", 303).response.location == address


def test_odd_rows_are_counted_and_named(anna: Visitor) -> None:
    address = uploaded(anna, "Title,Note\nlamp,\none,two,three\nchair\n")
    page = anna.get(address)
    assert "2 rows cannot be used and will be refused" in page.text
    assert "Row 2 (line 3): The row has 3 cells" in page.text


def test_an_encoding_that_does_not_fit_is_told_with_the_line(anna: Visitor) -> None:
    address = uploaded(anna, "Title\nlamp\nT\u00fcr\n".encode("cp1252"))
    assert "T\u00fcr" in anna.get(address).text, "guessed"
    page = anna.post(address, {"csrf_token": anna.token(), "encoding": "utf-8", "what": "next"}, 422)
    assert "is not utf-8 text: line 3 has a byte that does not belong there" in page.text
    assert page.tree.xpath("//select[@id='encoding']/option[@selected]/@value") == ["utf-8"]
    assert "T\u00fcr" in anna.get(address).text, "nothing was kept"


@pytest.mark.parametrize(
    "change",
    [
        {"encoding": "klingon"},
        {"delimiter": "::"},
        {"quote": ",", "delimiter": "comma"},
        {"encoding": "hex"},
        {"delimiter": "\n"},
    ],
)
def test_a_dialect_that_cannot_be_is_refused(anna: Visitor, change: Mapping[str, str]) -> None:
    address = uploaded(anna, "Title\nlamp\n")
    assert anna.post(address, {"csrf_token": anna.token(), **change}, 422).tree.xpath("//*[@role='alert']")
    assert "1 row of 1 column" in anna.get(address).text


@pytest.mark.parametrize(
    ("fills", "target", "words"),
    [
        ({"title": "=1 +"}, "#fill-title", "cannot be used"),
        ({"title": "=Naem"}, "#fill-title", "Naem in title=Naem is no column; expressions may use Title"),
        ({"title": "="}, "#fill-title", "Enter the expression."),
        ({"title": "Title", "details": "'"}, "#fill-details", "Enter the text."),
        ({"title": "'lamp"}, "", "Fill at least one field from a column"),
        ({"title": "Name"}, "#fill-title", "no column 'Name' any more"),
    ],
)
def test_what_cannot_fill_a_field_is_told_at_the_field(
    anna: Visitor, fills: dict[str, str], target: str, words: str
) -> None:
    address = uploaded(anna, "Title\nlamp\n")
    page = anna.send(anna.get(f"{address}/fields"), f"{address}/fields", filled(**fills), status=422)
    ((place, sentence),) = page.summary()
    assert place == target
    assert words in sentence
    assert page.form(f"{address}/fields")["given-title"] == filled(**fills)["given-title"].split("\n"), "kept"
    assert anna.get(f"{address}/preview", 303).response.location == f"{address}/fields"


def test_columns_that_are_others_now_are_told_before_anything_is_taken_in(site: Site, anna: Visitor) -> None:
    address = mapped(anna, "Title;Note,x\nlamp;a\n", title="Title")
    begin = anna.get(f"{address}/preview").form(f"{address}/run")
    anna.post(address, {"csrf_token": anna.token(), "delimiter": "comma", "what": "next"})
    page = anna.get(f"{address}/fields")
    ((target, sentence),) = page.summary()
    assert target == "#fill-title"
    assert "no column 'Title' any more" in sentence
    assert anna.get(f"{address}/preview", 303).response.location == f"{address}/fields"
    anna.post(f"{address}/run", {**begin, "what": "begin"})
    assert titles(site) == []


def test_a_target_that_is_no_longer_open_is_told(site: Site, anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "SECONDS", 0.0)
    address = mapped(anna, "Title\nlamp\ntable\n", title="Title")
    waiting = mapped(anna, "Title\nstool\n", title="Title")
    begun(anna, address)
    model = dict(deployed_for_nobody())
    site.engine.repository.deploy(model, name="Closed", actor=ENGINE)
    page = anna.get(f"{address}/run")
    assert "no longer open to you" in page.text
    assert not page.tree.xpath("//form[@hx-post]")
    anna.post(f"{address}/run", {"csrf_token": anna.token(), "what": "begin"})
    assert titles(site) == ["lamp"]
    for step in ("fields", "preview"):
        assert "no longer open to you" in anna.get(f"{waiting}/{step}", 403).text
    anna.send(anna.get(f"{address}/run"), f"{address}/discard")
    assert "Ended after 1 of 2 rows" in anna.get(f"{address}/run").text


def deployed_for_nobody() -> Mapping[str, bytes]:
    content = files(["handle_wish.bpmn"])["handle_wish.bpmn"].decode()
    start = content.index("candidateStarterGroups=")
    end = content.index('"', content.index('"', start) + 1) + 1
    closed = f'{content[:start]}candidateStarterGroups="owners"{content[end:]}'
    return {"handle_wish.bpmn": closed.encode()}


def test_the_imports_of_others_do_not_exist(anna: Visitor, petra: Visitor) -> None:
    address = mapped(anna, "Title\nlamp\n", title="Title")
    for step in ("", "/fields", "/preview", "/run", "/refused.csv"):
        petra.get(f"{address}{step}", 404)
    for step in ("", "/fields", "/run", "/stop", "/discard"):
        petra.post(f"{address}{step}", {"csrf_token": petra.token()}, 404)
    assert "wishes.csv" not in petra.get("/imports").text
    anna.get("/imports/nothing", 404)
    anna.get("/imports/%00", 404)


def test_too_many_files_are_not_kept(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.imports.runs.MOST_UNFINISHED", 1)
    uploaded(anna, "Title\nlamp\n")
    assert "finish or discard one first" in sent(anna, "Title\nlamp\n", status=422).text


def test_the_preview_says_when_it_has_not_checked_all(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "SECONDS", 0.0)
    address = mapped(anna, "Title\nlamp\ntable\nchair\n", title="Title")
    assert "Only the first 1 of 3 rows were checked" in anna.get(f"{address}/preview").text


def test_a_file_without_rows_takes_nothing_in(anna: Visitor) -> None:
    address = mapped(anna, "Title\n", title="Title")
    begun(anna, address)
    assert facts(anna.get(f"{address}/run")) == counts(0)


def test_a_damaged_place_in_the_list_is_no_fault(anna: Visitor) -> None:
    address = mapped(anna, "Title\nlamp\n", title="Title")
    begun(anna, address)
    for after in ("x", "WyJhIl0", "WzEsIDJd"):
        anna.get(f"{address}/run?after={after}", 422)
    anna.get("/imports?after=WzFd", 422)
