"""Loading the demo content: wholly or not at all, and once."""

from pathlib import Path

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from forms.catalog import MarshmallowForms
from webapp import demo
from webapp.demo.walk import Walk, WalkFailed
from webapp.passwords import verify

pytestmark = pytest.mark.slow


def opened(file: Path) -> ProcessEngine:
    engine = ProcessEngine(f"sqlite:///{file}", MarshmallowForms())
    engine.migrate()
    return engine


def silent(text: str) -> None:
    assert text


def breaking_off(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the walks break off after some steps."""
    steps = iter(range(after))
    real = Walk.step

    def step(self: Walk, script: dict[str, object]) -> None:
        if next(steps, None) is None:
            raise WalkFailed("The power went off.")
        real(self, script)

    monkeypatch.setattr(Walk, "step", step)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo database as it is built."""
    found = tmp_path_factory.mktemp("demo") / "var" / "demo.sqlite"
    demo.build(found, silent)
    return found


def test_it_has_cases_in_many_states_without_failures_and_people_who_can_sign_in(file: Path) -> None:
    engine = opened(file)
    cases = engine.history.cases(ENGINE, limit=100).rows
    assert len(cases) >= 10
    assert {case.status for case in cases} >= {"active", "completed"}
    assert engine.management.failures(ENGINE).rows == ()
    for user in engine.identity.users(ENGINE):
        account = engine.identity.account(user.id)
        assert account is not None
        assert verify(account.password_hash, demo.PASSWORD)
    engine.close()


def test_it_is_built_once_and_alone_in_its_folder(file: Path) -> None:
    before = file.stat()
    demo.build(file, silent)
    after = file.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    assert [path.name for path in file.parent.iterdir() if path.suffix == ".part"] == []


def test_loading_again_adds_nothing(file: Path) -> None:
    engine = opened(file)
    before = list(engine.history.export_log(ENGINE))
    demo.load(engine, pytest.fail)
    assert list(engine.history.export_log(ENGINE)) == before
    engine.close()


def test_building_that_breaks_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking_off(monkeypatch, 3)
    with pytest.raises(WalkFailed):
        demo.build(tmp_path / "demo.sqlite", silent)
    assert list(tmp_path.iterdir()) == []


def test_who_builds_later_does_not_replace_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    place = tmp_path / "demo.sqlite"

    def meanwhile(engine: ProcessEngine, say: object) -> None:
        place.write_bytes(b"built by another process")

    monkeypatch.setattr("webapp.demo.building.load", meanwhile)
    demo.build(place, silent)
    assert place.read_bytes() == b"built by another process"
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize("after", [0, 5])
def test_an_existing_database_that_was_loaded_by_half_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    engine = opened(tmp_path / "own.sqlite")
    with monkeypatch.context() as patch:
        breaking_off(patch, after)
        with pytest.raises(WalkFailed):
            demo.load(engine, silent)
    accounts = [engine.identity.account(user.id) for user in engine.identity.users(ENGINE)]
    assert {account.password_hash for account in accounts if account} == {None}
    with pytest.raises(demo.HalfLoaded, match="Empty it, or take another"):
        demo.load(engine, silent)
    engine.close()


def test_records_without_people_are_a_half_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(tmp_path / "own.sqlite")
    with monkeypatch.context() as patch:
        patch.setattr("webapp.demo.loading._load_people", lambda *_: (_ for _ in ()).throw(WalkFailed("Power")))
        with pytest.raises(WalkFailed):
            demo.load(engine, silent)
    with pytest.raises(demo.HalfLoaded):
        demo.load(engine, silent)
    engine.close()


def test_a_database_with_people_of_its_own_gets_no_demo_people(tmp_path: Path) -> None:
    engine = opened(tmp_path / "own.sqlite")
    engine.identity.create_user("maria", "Maria", actor=ENGINE)
    demo.load(engine, silent)
    assert [user.id for user in engine.identity.users(ENGINE)] == ["maria"]
    assert engine.history.cases(ENGINE).rows == ()
    engine.close()
