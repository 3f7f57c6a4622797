"""What was answered is answered again without being made anew, and never when anything of it may have changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from flask import Response
from flask.testing import FlaskClient

from archive import Archive
from inspections.model import Publication
from tests.web.conftest import MISTAKEN, PAGES
from web.answers import Answers
from web.app import create_app

MADE = (*(path for path in PAGES if path not in MISTAKEN), "/feeds/inspections.atom", "/feeds/inspections.ics",
        "/feeds/search.json?q=care", "/api/inspections", "/api/search?q=care", "/api/inspections.csv")  # fmt: skip


def shown(answer: Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name != "Date"}


def test_an_unchanged_answer_is_given_again_without_asking_the_archive(
    site: FlaskClient, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {path: site.get(path) for path in MADE}

    def asked(*given: object, **named: object) -> object:
        raise AssertionError("the archive was asked")

    monkeypatch.setattr(archive, "_rows", asked)
    for path, answer in first.items():
        again = site.get(path)
        assert again.data == answer.data and shown(again) == shown(answer), path
        unchanged = site.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (unchanged.status_code, unchanged.data) == (304, b"") and "Content-Security-Policy" in unchanged.headers
        assert site.head(path).headers["Content-Length"] == str(len(answer.data))


def test_what_was_recorded_since_is_shown_at_once(folder: Path, made: ModuleType, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    with (
        Archive.open(tmp_path / "copy", authorities=made.authorities()) as writing,
        Archive.open(tmp_path / "copy", authorities=made.authorities(), readonly=True) as archive,
    ):
        site = create_app(archive, made.authorities(), clock=lambda: made.NOW).test_client()
        before = site.get("/search?q=quokka")
        assert "Nothing in the archive" in before.text
        news = Publication(source="gazette", ref="1", url="https://gazette.example/1", title="Quokka", text="A quokka")
        writing.record(news, now=made.NOW, baseline=False)
        after = site.get("/search?q=quokka", headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200 and "Quokka" in after.text


def test_a_page_changes_with_the_day(archive: Archive, made: ModuleType) -> None:
    now = [made.NOW]
    site = create_app(archive, made.authorities(), clock=lambda: now[0]).test_client()
    assert "18 June 2026" in site.get("/").text
    now[0] += timedelta(days=1)
    assert "19 June 2026" in site.get("/").text


def test_mistakes_and_files_are_not_kept(served: Callable[..., FlaskClient]) -> None:
    site = served()
    for path in ("/nowhere", "/search?page=0", "/style.css", "/inspections?before=nobody"):
        site.get(path)
    kept = site.application.extensions["site"].answers
    assert kept._given == {} and site.get("/about").status_code == 200 and len(kept._given) == 1


def test_no_more_is_kept_than_there_is_room_for() -> None:
    answers = Answers(most=1_000)
    for n in range(100):
        answers.put("state", n, Response(b"x" * 300))
    assert [n for n in range(100) if answers.get("state", n)] == [97, 98, 99]
    answers.put("state", "long", Response(b"x" * 1_001))
    assert answers.get("state", "long") is None and answers.get("state", 99)
    assert answers.get("another", 99) is None
    answers.put("another", 1, Response(b"new"))
    assert answers.get("state", 99) is None and answers._bytes == 3
