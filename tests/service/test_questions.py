"""docs/questions.md is true: every command prints what the page shows, and every address holds the same answer."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from archive import Archive
from service.commands import cli
from web.app import create_app

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "questions.md").read_text("utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]}
QUESTIONS = [title for title in SECTIONS if title.endswith("?")]
COMMANDS = [
    (title, block) for title in SECTIONS for block in re.findall(r"^```\n(\$ .*?)```", SECTIONS[title], re.M | re.S)
]
INLINE = sorted(
    {(title, words) for title in SECTIONS for words in re.findall(r"`(ofsted-watch [^`]+)`", SECTIONS[title])}
)
ADDRESSES = [(title, path) for title in SECTIONS for path in re.findall(r"`(/[^`]+)`", SECTIONS[title])]
ANSWERS = {
    "Which councils fell in 2023?": ("Netherwick", "Westmoor"),
    "Which reports are overdue?": ("Ottery Sands",),
    "What is announced, and its report not seen?": ("Kirkswold", "Westmoor"),
    "What did the council claim?": ("Calder Moss",),
    "How have our grades changed over the years?": ("Netherwick", "21 July 2023", "requires improvement"),
    "What did inspectors say on care leavers in the North West?": ("care leavers", "Northbridge"),
    "How do we stand in our region?": ("Holderby", "Kirkswold", "Wharram"),
    "When is the next inspection due?": ("Calder Moss", "Monitoring visit"),
    "What came of our area's SEND inspection?": ("Wharram", "systemic failings"),
    "How is this home or school rated?": ("Larch House",),
}  # what each page of the web must hold
BESIDE = {"/sources": ("ofsted",), "/due": ("Ottery Sands", "Calder Moss")}  # pages that a section names besides


@pytest.fixture(scope="module")
def made() -> ModuleType:
    from fixtures import make_web_archive

    return make_web_archive


@pytest.fixture(scope="module")
def folder(made: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of a reader whose archive holds the invented councils."""
    folder = tmp_path_factory.mktemp("reader")
    made.make(folder / "archive").close()
    (folder / "ofsted-watch.toml").write_text(
        f'contact = "desk@example.org"\narchive = "{folder / "archive"}"\n', "utf-8"
    )
    rows = [f"{row.code},{row.name},{row.gss},{row.urn},{row.region}" for row in made.ROWS]
    (folder / "authorities.csv").write_text("\n".join(["code,name,gss,urn,region", *rows, ""]), "utf-8")
    return folder


@pytest.fixture
def site(folder: Path, made: ModuleType) -> Iterator[FlaskClient]:
    with Archive.open(folder / "archive", authorities=made.authorities(), readonly=True) as archive:
        yield create_app(archive, made.authorities(), clock=lambda: made.NOW).test_client()


def said(folder: Path, made: ModuleType, line: str, monkeypatch: pytest.MonkeyPatch, here: Path) -> str:
    """What the command prints, on a terminal of 80 columns, in a folder of its own."""
    monkeypatch.chdir(here)
    program, *words = shlex.split(line)
    assert program == "ofsted-watch"
    environ = {"COLUMNS": "80", "OFSTED_WATCH_CONFIG": str(folder), "OFSTED_WATCH_NOW": made.NOW.isoformat()}
    result = CliRunner().invoke(cli, words, env=environ)
    assert result.exit_code == 0, result.output
    return result.stdout


def read(site: FlaskClient, path: str) -> str:
    """The text of a page, or of an answer in JSON."""
    answer = site.get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_the_page_answers_the_questions_that_it_lists() -> None:
    listed = re.findall(r"^\| [\w, ]+ \| \[([^\]]+)\]\(#([\w-]+)\) \|$", PAGE, re.M)
    assert sorted(title for title, _ in listed) == sorted(QUESTIONS) == sorted(ANSWERS)
    for title, anchor in listed:
        assert anchor == re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("title", QUESTIONS)
def test_each_question_has_a_command_a_page_its_meaning_and_its_limits(title: str) -> None:
    assert title in dict(COMMANDS)
    assert all(words in SECTIONS[title] for words in ("On the web: `/", "**What it means.**", "**Limits.**"))


@pytest.mark.parametrize(("title", "block"), COMMANDS, ids=lambda one: one[:60])
def test_each_command_prints_what_the_page_shows(
    title: str, block: str, folder: Path, made: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    line, *shown = block.removeprefix("$ ").rstrip().split("\n")
    told = [each.rstrip() for each in said(folder, made, line, monkeypatch, tmp_path).splitlines()]
    wanted = [each.rstrip() for each in shown if each != "…"]
    assert wanted, f"{title}: nothing of the answer is shown"
    at = -1
    for each in wanted:
        assert each in told[at + 1 :], f"{line}: not in the answer, or not in this order: {each!r}"
        at = told.index(each, at + 1)


@pytest.mark.parametrize(("title", "line"), INLINE, ids=lambda one: one[:60])
def test_each_command_within_a_sentence_is_one(
    title: str, line: str, folder: Path, made: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = line.split()[1]
    if name in ("serve", "backfill", "sql", "status") or "FOLDER" in line:
        line = f"ofsted-watch {name} --help"
    assert said(folder, made, line, monkeypatch, tmp_path)


@pytest.mark.parametrize(("title", "path"), ADDRESSES, ids=lambda one: one[:60])
def test_each_address_holds_the_answer(title: str, path: str, site: FlaskClient) -> None:
    text = read(site, path)
    wanted = BESIDE.get(path, ANSWERS[title])
    if path.startswith("/api/"):
        text = text.replace("_", " ")
        wanted = tuple(each for each in wanted if each not in ("21 July 2023", "Monitoring visit"))
    assert [each for each in wanted if each.lower() not in text.lower()] == []


def test_what_the_council_claimed_stands_beside_the_report_on_the_page_of_its_latest_inspection(
    site: FlaskClient,
) -> None:
    (path,) = [path for title, path in ADDRESSES if title == "What did the council claim?" and path.startswith("/insp")]
    first = re.search(r'href="(/inspections/[a-z0-9]{10})"', site.get(path).text)
    assert first is not None
    text = read(site, first[1])
    assert "Said, and found" in text
    assert "inadequate across the board" in text
    assert "inadequate in the announcement, requires improvement in the report" in text
