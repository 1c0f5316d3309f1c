"""The wheel alone, in an environment of its own and far from the sources, is the whole product."""

import re
import threading
import urllib.request
from pathlib import Path

import pytest

from tests.architecture.installed import Installed, install

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(wheel, tmp_path_factory.mktemp("installed"))


def test_the_packages_come_from_the_wheel(installed: Installed) -> None:
    said = installed.run("python", "-c", "import engine, forms, webapp, workflows; print(engine.__file__)")
    assert Path(said.strip()).is_relative_to(installed.folder)


def test_the_wheel_declares_what_it_needs(installed: Installed) -> None:
    assert "No broken requirements" in installed.run("python", "-m", "pip", "check")


def test_the_command_explains_itself(installed: Installed) -> None:
    assert "serve" in installed.run("comity", "--help")
    assert "0.1.0" in installed.run("comity", "--version")


def test_the_demo_serves_its_pages_and_their_assets(installed: Installed) -> None:
    with installed.popen("comity", "serve", "--demo", "--port", "0") as process:
        watch = threading.Timer(120, process.kill)
        watch.start()
        try:
            lines = []
            for line in process.stdout or ():
                lines.append(line)
                if found := re.search(r"http://\S+", line):
                    break
            else:
                pytest.fail("it ended: " + "".join(lines))
            address = found.group().rstrip("/")
            with urllib.request.urlopen(f"{address}/", timeout=20) as response:
                page = response.read().decode("utf-8")
            assert "Comity" in page
            assets = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
            assert any("dist/app.js" in asset for asset in assets), assets
            for asset in assets:
                with urllib.request.urlopen(address + asset, timeout=20) as response:
                    assert response.status == 200, asset
        finally:
            watch.cancel()
            process.terminate()


def test_the_page_of_lint_rules_comes_with_the_wheel(installed: Installed) -> None:
    said = installed.run("python", "-c", "from webapp import lint_rules as r; print(r.groups()[0].title)")
    assert said.strip() == "The file"
