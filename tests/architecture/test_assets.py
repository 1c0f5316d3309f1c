"""The build of the browser assets knows when it has nothing to do, and keeps the old bundles when it fails."""

from pathlib import Path

import pytest

import hatch_build


def sources(root: Path, app: bytes) -> Path:
    (root / "webapp" / "assets").mkdir(parents=True)
    (root / "webapp" / "assets" / "app.js").write_bytes(app)
    (root / "package.json").write_text("{}", encoding="utf-8")
    (root / "package-lock.json").write_text("{}", encoding="utf-8")
    return root


def test_the_digest_follows_content_and_names_but_not_line_endings(tmp_path: Path) -> None:
    unix = hatch_build.digest(sources(tmp_path / "unix", b"one\ntwo\n"))
    assert hatch_build.digest(sources(tmp_path / "windows", b"one\r\ntwo\r\n")) == unix
    assert hatch_build.digest(sources(tmp_path / "changed", b"one\n")) != unix
    (tmp_path / "unix" / "webapp" / "assets" / "app.js").rename(tmp_path / "unix" / "webapp" / "assets" / "other.js")
    assert hatch_build.digest(tmp_path / "unix") != unix


def test_up_to_date_bundles_are_left_alone(tmp_path: Path) -> None:
    root = sources(tmp_path, b"nothing that could be bundled {")
    stamp = root / hatch_build.DIST / hatch_build.STAMP
    stamp.parent.mkdir(parents=True)
    stamp.write_text(hatch_build.digest(root), encoding="utf-8")
    said: list[str] = []
    hatch_build.build_assets(root, said.append)
    assert said == []


@pytest.mark.slow
def test_a_failed_build_says_why_and_keeps_the_bundles_of_before(tmp_path: Path) -> None:
    root = sources(tmp_path, b"")
    (root / "webapp" / "assets" / "build.mjs").write_text("throw new Error('no such import')", encoding="utf-8")
    # An empty lock: npm has nothing to fetch.
    lock = '{"name": "x", "lockfileVersion": 3, "packages": {"": {"name": "x"}}}'
    (root / "package-lock.json").write_text(lock, encoding="utf-8")
    (root / "package.json").write_text('{"name": "x"}', encoding="utf-8")
    bundle = root / hatch_build.DIST / "app.js"
    bundle.parent.mkdir(parents=True)
    bundle.write_text("of before", encoding="utf-8")
    (root / "node_modules").mkdir()
    said: list[str] = []
    with pytest.raises(hatch_build.AssetError, match="no such import"):
        hatch_build.build_assets(root, said.append)
    assert bundle.read_text(encoding="utf-8") == "of before"
