"""The JSON interface keeps to its own description, and to what may leave the archive."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from archive import Archive, Filters
from inspections.model import Certainty, Evidence, Finding, Grade, Kind, Publication, State
from web.app import create_app

QUERIES = {
    "/api/inspections": ["", "limit=3", "kind=ilacs&kind=sif&limit=100", "grade=inadequate", "direction=up&area=overall", "state=overdue",
                         "authority=976", "region=south-west&official=no", "since=2023-01-01&until=2023-12-31", "provider=SC099900", "limit=0",
                         "kind=x", "before=nobody", "since=soon"],
    "/api/search": ["q=care", "q=care&order=best&page=2&limit=2", "kind=jtai", "q=%22", "", "q=care&page=99"],
    "/api/authorities": [""],
}  # fmt: skip


@pytest.fixture
def description(site: FlaskClient) -> Any:
    return site.get("/api/openapi.json").json


def check(description: Any, path: str, answer: Any) -> None:
    responses = description["paths"][path]["get"]["responses"]
    schema = responses[str(answer.status_code)]["content"][answer.mimetype]["schema"]
    whole = schema | {"components": description["components"]}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(answer.json)


@pytest.mark.parametrize(("path", "query"), [(path, query) for path, queries in QUERIES.items() for query in queries])
def test_every_answer_is_as_described(site: FlaskClient, description: Any, path: str, query: str) -> None:
    check(description, path, site.get(f"{path}?{query}"))


def test_every_inspection_is_as_described(site: FlaskClient, description: Any, archive: Archive) -> None:
    for each in archive.inspections(limit=1000):
        answer = site.get(f"/api/inspections/{each.id}")
        check(description, "/api/inspections/{id}", answer)
        assert answer.json and answer.json["inspection"]["id"] == each.id and answer.json["publications"]
    check(description, "/api/inspections/{id}", site.get("/api/inspections/nobody"))


def test_the_description_names_every_path_and_value(description: Any) -> None:
    assert set(description["paths"]) == {*QUERIES, "/api/inspections/{id}"}
    named = {each["name"]: each["schema"] for each in description["paths"]["/api/inspections"]["get"]["parameters"]}
    assert set(named["kind"]["items"]["enum"]) == {each.value for each in Kind}
    assert {each.value for each in Grade} < set(named["grade"]["items"]["enum"])
    assert set(named["state"]["items"]["enum"]) == {each.value for each in State}


def test_a_wrong_answer_would_be_noticed(description: Any, site: FlaskClient) -> None:
    held: Any = site.get("/api/inspections?limit=1").json
    held["items"][0]["judgements"] = {"overall": "brilliant"}
    schema = {"$ref": "#/components/schemas/InspectionList", "components": description["components"]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(held, schema)


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
