"""Feeds and calendar: well formed, the same ids for ever, the same filters as the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as xml

import feedparser
import pytest
from flask.testing import FlaskClient

from archive import Archive, Filters
from inspections.model import Inspection

ATOM = "{http://www.w3.org/2005/Atom}"


def test_atom_has_all_that_a_reader_of_feeds_needs(site: FlaskClient) -> None:
    answer = site.get("/feeds/inspections.atom")
    root = xml.fromstring(answer.data)
    assert answer.mimetype == "application/atom+xml" and root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated", "rights", "author"):
        assert root.find(f"{ATOM}{name}") is not None
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 50 == len({each.findtext(f"{ATOM}id") for each in entries})
    for each in entries:
        assert (each.findtext(f"{ATOM}id") or "").startswith("urn:uuid:") and each.findtext(f"{ATOM}summary")
        datetime.fromisoformat(each.findtext(f"{ATOM}updated") or "")
    read = feedparser.parse(answer.data)
    assert not read.bozo and read.entries[0].title == "Kirkswold children’s services: outstanding → inadequate"


def test_ids_do_not_change_with_the_address_of_the_site(served: Callable[..., FlaskClient]) -> None:
    here = served().get("/feeds/inspections.json").json
    there = served(base_url="https://watch.example.org").get("/feeds/inspections.json").json
    assert here and there
    assert [each["id"] for each in here["items"]] == [each["id"] for each in there["items"]]
    assert there["items"][0]["url"].startswith("https://watch.example.org/inspections/")


def test_json_feed_says_what_atom_says(site: FlaskClient) -> None:
    answer = site.get("/feeds/inspections.json?region=north-west")
    held: Any = answer.json
    assert answer.mimetype == "application/feed+json" and held["version"] == "https://jsonfeed.org/version/1.1"
    root = xml.fromstring(site.get("/feeds/inspections.atom?region=north-west").data)
    assert [each["id"] for each in held["items"]] == [
        each.findtext(f"{ATOM}id") for each in root.findall(f"{ATOM}entry")
    ]
    assert held["title"] == "Ofsted Watch: North West"


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ("authority=wharram", {"authorities": ("Wharram",)}),
        ("kind=jtai", {"kinds": ("jtai",)}),
        ("direction=down", {"directions": ("down",)}),
    ],
)
def test_a_feed_holds_what_its_filter_lets_through(
    site: FlaskClient, archive: Archive, query: str, filters: dict[str, Any]
) -> None:
    held: Any = site.get(f"/feeds/inspections.json?{query}").json
    wanted = archive.inspections(Filters(**filters, states=("published", "corrected", "announced")), limit=50)
    assert [each["url"].rsplit("/", 1)[1] for each in held["items"]] == [each.id for each in wanted] != []


def test_a_search_is_a_feed_of_publications(site: FlaskClient) -> None:
    held: Any = site.get("/feeds/search.json?q=pathway&kind=ilacs").json
    assert held["items"] and all("pathway" in each["content_text"].lower() for each in held["items"])
    assert site.get("/feeds/search.atom").status_code == 400


def test_a_feed_is_the_same_until_something_changes(site: FlaskClient) -> None:
    first = site.get("/feeds/inspections.atom")
    assert site.get("/feeds/inspections.atom").data == first.data


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_the_calendar_holds_what_is_published_due_and_expected(
    site: FlaskClient, one: Callable[..., Inspection]
) -> None:
    answer = site.get("/feeds/inspections.ics")
    assert answer.mimetype == "text/calendar"
    lines = unfolded(answer.text)
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-2:] == ["END:VCALENDAR", ""]
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") > 150
    uids = [each for each in lines if each.startswith("UID:")]
    assert len(set(uids)) == len(uids)
    due, out = one(states=("due",)), one(states=("published",), kinds=("ilacs",))
    at = lines.index(f"UID:{due.id}-due@ofsted-watch")
    assert lines[at + 2] == "DTSTART;VALUE=DATE:20260717" and lines[at + 4].startswith(
        "SUMMARY:Report due by now: Denholme Bay"
    )
    at = lines.index(f"UID:{out.id}-out@ofsted-watch")
    assert lines[at + 2] == f"DTSTART;VALUE=DATE:{str(out.published_on).replace('-', '')}"
    assert any(each.startswith("SUMMARY:Expected about now: Inspection of children") for each in lines)


def test_lines_of_the_calendar_are_folded_and_escaped(site: FlaskClient) -> None:
    raw = site.get("/feeds/inspections.ics").data.split(b"\r\n")
    assert all(len(each) <= 75 for each in raw) and any(each.startswith(b" ") for each in raw)
    assert all(b"\n" not in each for each in raw)
    summaries = [each for each in unfolded(site.get("/feeds/inspections.ics").text) if each.startswith("SUMMARY:")]
    assert any("\\, " in each for each in summaries) and not any(", " in each.replace("\\,", "") for each in summaries)


def test_the_feed_of_an_open_case_alone_is_its_diary(site: FlaskClient) -> None:
    text = site.get("/feeds/inspections.ics?state=overdue").text
    assert text.count("BEGIN:VEVENT") == 1 and "Ottery Sands" in text
