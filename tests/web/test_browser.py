"""The pages in headless Chromium: nothing runs over at 320 px, and axe-core finds no violation."""

from __future__ import annotations

import html
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask.testing import FlaskClient

from archive import Archive
from inspections.model import Inspection
from tests.web.conftest import PAGES, ROOT, whole
from web.app import create_app

pytestmark = pytest.mark.browser

UNWRITTEN = ("/", "/inspections", "/due", "/england", "/authorities/netherwick", "/sources", "/search?q=care")
DARK = "--blink-settings=preferredColorScheme=0"
# All pages in frames of one window, so that the browser is started once; each is asked when it has loaded.
_FRAMES = """
const pages = [...document.querySelectorAll("textarea")].map(each => each.value), answers = [];
const ask = async (page) => {
  const frame = document.createElement("iframe");
  frame.width = WIDTH; frame.height = 1200; frame.srcdoc = page;
  const loaded = new Promise(done => frame.onload = done);
  document.body.append(frame); await loaded;
  const answer = await ANSWER(frame.contentWindow, frame.contentDocument);
  frame.remove(); return answer;
};
(async () => {
  for (const page of pages) answers.push(await ask(page));
  document.title = JSON.stringify(answers);
})();
"""
_MEASURE = """(async (window, inside) => {
  const over = each => each.getBoundingClientRect().right > 321 && !each.closest(".scroll, .unseen, .skip, svg");
  const wide = [...inside.querySelectorAll("body *")].filter(over).map(each => each.outerHTML.slice(0, 120));
  return {width: inside.documentElement.scrollWidth, wide};
})"""
_AXE = """(async (window, inside) => {
  const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await window.axe.run(inside, {runOnly: rules});
  return found.violations.map(each => [each.id, ...each.nodes.slice(0, 4).map(node => node.html.slice(0, 160))]);
})"""


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's script, which is no part of this repository."""
    places = [Path(os.environ.get("AXE_CORE", "")), ROOT / "node_modules" / "axe-core" / "axe.min.js"]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        pytest.skip("axe-core is not there: `npm install axe-core` elsewhere and name its axe.min.js in AXE_CORE")
    return found.read_text("utf-8")


def titled(dom: str) -> list[Any]:
    found = re.search("<title>(.*?)</title>", dom, re.DOTALL)
    assert found
    answers: list[Any] = json.loads(html.unescape(found[1]))
    return answers


@pytest.fixture
def paths(one: Callable[..., Inspection]) -> list[str]:
    """Every kind of page."""
    published, announced = one(kinds=("ilacs",), states=("published",)), one(states=("announced",))
    report = one(kinds=("area_send",))
    return [*PAGES, *(f"/inspections/{each.id}" for each in (published, announced, report))]


def framed(pages: list[str], answer: str, width: int) -> str:
    held = "".join(f"<textarea hidden>{html.escape(page)}</textarea>" for page in pages)
    script = _FRAMES.replace("WIDTH", str(width)).replace("ANSWER", answer)
    return f"<!DOCTYPE html><title>nothing</title><body>{held}<script>{script}</script>"


def test_every_page_fits_a_screen_of_320_px(
    site: FlaskClient, unwritten: FlaskClient, paths: list[str], browser: Callable[..., str], tmp_path: Path
) -> None:
    pages = {path: whole(site, path) for path in paths}
    pages |= {f"{path}, when nothing was read": whole(unwritten, path) for path in UNWRITTEN}
    page = tmp_path / "page.html"
    page.write_text(framed(list(pages.values()), _MEASURE, 320), encoding="utf-8")
    measured = dict(zip(pages, titled(browser(page)), strict=True))
    assert measured == {key: {"width": 320, "wide": []} for key in pages}


@pytest.fixture
def unwritten(tmp_path: Path, made: ModuleType) -> Iterator[FlaskClient]:
    """The site before anything was read."""
    with Archive.open(tmp_path / "empty", authorities=made.authorities()) as empty:
        yield create_app(empty, made.authorities(), clock=lambda: made.NOW).test_client()


@pytest.mark.parametrize(("more", "width"), [((), 1160), ((DARK,), 1160), ((), 320)], ids=["light", "dark", "phone"])
def test_axe_core_finds_no_violation(
    site: FlaskClient, unwritten: FlaskClient, paths: list[str], browser: Callable[..., str], tmp_path: Path, axe: str,
    more: tuple[str, ...], width: int,
) -> None:  # fmt: skip
    pages = {path: whole(site, path, axe) for path in paths}
    pages |= {f"{path}, when nothing was read": whole(unwritten, path, axe) for path in UNWRITTEN}
    page = tmp_path / "page.html"
    page.write_text(framed(list(pages.values()), _AXE, width), encoding="utf-8")
    assert dict(zip(pages, titled(browser(page, *more)), strict=True)) == {key: [] for key in pages}


def test_the_site_as_it_is_served_is_styled_under_its_own_policy(
    served: Callable[..., FlaskClient], browser: Callable[..., str], tmp_path: Path
) -> None:
    import waitress
    from PIL import Image

    server = waitress.create_server(served().application, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        browser(f"http://127.0.0.1:{server.effective_port}/", f"--screenshot={tmp_path / 'seen.png'}")
    finally:
        server.close()
        thread.join(5)
    with Image.open(tmp_path / "seen.png") as seen:
        assert seen.convert("RGB").getpixel((600, 2)) == (0x7A, 0x1F, 0x2B)  # the band over the page
