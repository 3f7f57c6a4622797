"""The JSON interface answers what was asked, and with no more than may leave the archive."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask.testing import FlaskClient

from archive import Archive, Filters
from inspections.model import Certainty, Evidence, Finding, Kind, Publication
from web.app import create_app


def test_pages_of_inspections_follow_one_another_to_the_end(site: FlaskClient, archive: Archive) -> None:
    seen: list[str] = []
    path = "/api/inspections?limit=40"
    while path:
        held: Any = site.get(path.replace("http://127.0.0.1:8043", "")).json
        seen += [each["id"] for each in held["items"]]
        path = held["next"] or ""
    assert seen == [each.id for each in archive.inspections(limit=1000)]


def test_pages_of_a_search_follow_one_another(site: FlaskClient, archive: Archive) -> None:
    seen: list[str] = []
    path = "/api/search?q=care&limit=30"
    while path:
        held: Any = site.get(path.replace("http://127.0.0.1:8043", "")).json
        seen += [each["publication"]["ref"] for each in held["items"]]
        path = held["next"] or ""
    assert len(seen) == len(set(seen)) == archive.count_hits("care") > 100


def test_filters_mean_what_they_mean_on_the_command_line(site: FlaskClient, archive: Archive) -> None:
    held: Any = site.get("/api/inspections?direction=down&area=overall&kind=ilacs&limit=100").json
    wanted = archive.inspections(Filters(directions=("down",), areas=("overall",), kinds=("ilacs",)), limit=100)
    assert [each["id"] for each in held["items"]] == [each.id for each in wanted] != []


@pytest.mark.parametrize(
    ("query", "said"),
    [("kinds=ilacs", "'kinds' is not among what can be asked"), ("kind=x", "expected one of ilacs"), ("kind=", "kind is empty"),
     ("since=2023-02-30", "expected a date like"), ("since=20230101", "expected a date like"), ("until=soon", "expected a date like"),
     ("since=2023-01-01&since=2024-01-01", "given 2 times"), ("&".join(["provider=1"] * 21), "given 21 times"),
     ("provider=SC 1", "expected a URN"), ("authority=atlantis", "expected a council"), ("limit=0", "from 1 to 100"), ("limit=x", "from 1")],
)  # fmt: skip
def test_what_cannot_be_understood_is_a_sentence_and_no_list(site: FlaskClient, query: str, said: str) -> None:
    for path in ("/api/inspections", "/api/search"):
        answer = site.get(f"{path}?{query}")
        assert answer.status_code == 400 and answer.json and said in answer.json["error"]
    assert site.get(f"/feeds/inspections.json?{query}").status_code == 400


def test_words_are_for_a_search_alone(site: FlaskClient) -> None:
    for path in ("/api/inspections", "/api/inspections.csv", "/feeds/inspections.atom", "/feeds/inspections.ics"):
        answer = site.get(f"{path}?q=care")
        assert answer.status_code == 400 and "is not among what can be asked" in answer.text, path


def test_a_list_does_not_begin_anew_after_an_inspection_that_is_not_there(site: FlaskClient) -> None:
    for path in ("/api/inspections", "/inspections"):
        assert site.get(f"{path}?before=nobody").status_code == site.get(f"{path}?before=").status_code == 404


def test_a_search_for_days_alone_finds_what_was_published_then(site: FlaskClient) -> None:
    held: Any = site.get("/api/search?since=2023-01-01&until=2023-12-31&limit=100").json
    days = {each["publication"]["published_on"][:4] for each in held["items"]}
    assert days == {"2023"} and len(held["items"]) > 5


def test_no_field_holds_more_of_others_text_than_a_quotation(tmp_path: Path, made: ModuleType) -> None:
    long = [f"{letter * 250} end." for letter in "xyz"]
    finding = Finding(
        kind=Kind.ILACS, authority="Wharram", certainty=Certainty.ANNOUNCED, improvements=tuple(long), theme="t" * 900,
        priority_actions=tuple(long), evidence={"theme": Evidence(text="e" * 900)}, notes=("n" * 900,),
    )  # fmt: skip
    said = Publication(
        source="gazette", ref="1", url="https://gazette.example/1", title="T" * 900, text="b" * 900, findings=(finding,)
    )
    with Archive.open(tmp_path, authorities=made.authorities()) as archive:
        archive.record(said, now=made.NOW, baseline=False)
        id = archive.inspections(limit=1)[0].id
        site = create_app(archive, made.authorities(), clock=lambda: made.NOW).test_client()
        held: Any = site.get(f"/api/inspections/{id}").json["inspection"]
        assert sum(map(len, held["improvements"])) == sum(map(len, held["priority_actions"])) == 300
        assert len(held["theme"]) == len(held["evidence"]["theme"]["text"]) == len(held["notes"][0]) == 300
        for path in (f"/inspections/{id}", "/", "/authorities/wharram", "/feeds/inspections.atom", "/feeds/inspections.ics",
                     "/feeds/inspections.json", "/api/search?source=gazette", "/search?source=gazette", "/api/inspections.csv"):  # fmt: skip
            text = site.get(path).text.replace("\r\n ", "")
            assert not re.search(r"([a-zA-Z])\1{300}", text) and "zzzz" not in text, path


def test_the_spreadsheet_has_a_row_for_each_and_no_formula(site: FlaskClient, archive: Archive) -> None:
    rows = list(csv.DictReader(io.StringIO(site.get("/api/inspections.csv").text)))
    assert [each["id"] for each in rows] == [each.id for each in archive.inspections(limit=1000)]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
