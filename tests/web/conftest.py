"""The site over an archive of invented councils, and a browser where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask.testing import FlaskClient

from archive import Archive, Filters
from inspections.model import Inspection
from web.app import create_app
from web.site import Settings

ROOT = Path(__file__).parent.parent.parent
PAGES = (
    "/", "/inspections", "/inspections?region=north-west&direction=down", "/due", "/england", "/regions/south-west",
    "/authorities", "/authorities/netherwick", "/authorities/kirkswold", "/search", "/search?q=care+leavers",
    "/search?q=nothing+holds+that", "/search?q=care&page=49", "/sources", "/about", "/nowhere",
    "/inspections?kind=jtai&grade=outstanding", "/search?since=soon",
)  # fmt: skip
MISTAKEN = {"/nowhere": 404, "/search?since=soon": 400}  # the answers of the others are 200


@pytest.fixture(scope="session")
def made() -> ModuleType:
    from fixtures import make_web_archive

    return make_web_archive


@pytest.fixture(scope="session")
def folder(made: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that was written once and closed."""
    folder = tmp_path_factory.mktemp("archive")
    made.make(folder).close()
    return folder


@pytest.fixture
def archive(folder: Path, made: ModuleType) -> Iterator[Archive]:
    with Archive.open(folder, authorities=made.authorities(), readonly=True) as opened:
        yield opened


@pytest.fixture
def served(archive: Archive, made: ModuleType) -> Callable[..., FlaskClient]:
    """A reader of the site as it is set up."""

    def reader(**settings: Any) -> FlaskClient:
        given = {"names": {each.id: f"Source {each.id}" for each in made.sources()}, **settings}
        app = create_app(archive, made.authorities(), clock=lambda: made.NOW, settings=Settings(**given))
        app.testing = True
        return app.test_client()

    return reader


@pytest.fixture
def site(served: Callable[..., FlaskClient]) -> FlaskClient:
    return served()


@pytest.fixture
def one(archive: Archive) -> Callable[..., Inspection]:
    """The newest inspection that passes these filters."""

    def newest(**filters: Any) -> Inspection:
        return archive.inspections(Filters(**filters), limit=1)[0]

    return newest


@pytest.fixture
def browser(tmp_path: Path) -> Callable[..., str]:
    """Headless Chromium's DOM of a page that is a file, after its scripts have run."""
    program = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed: the pages were not looked at in a browser")

    def look(page: Path | str, *more: str, width: int = 1200) -> str:
        options = (
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--dump-dom",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            "--virtual-time-budget=60000", f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},1600",
        )  # fmt: skip
        run = subprocess.run(
            [program, *options, *more, page.as_uri() if isinstance(page, Path) else page],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert run.returncode == 0, run.stderr[-500:]
        return run.stdout

    return look


def whole(site: FlaskClient, path: str, script: str = "") -> str:
    """A page of the site as one file, its style within it and a script of the test's at its end."""
    style = site.get("/style.css").text
    text = site.get(path).text.replace('<link rel="stylesheet" href="/style.css">', f"<style>{style}</style>")
    assert "<style>" in text
    return re.sub("</body>", lambda _: f"<script>{script}</script></body>", text)
