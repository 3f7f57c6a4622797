"""What a reader finds on the pages, and what no page may hold."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from archive import Archive, Filters
from inspections import clock
from inspections.model import Inspection, State
from service.due import expected
from tests.web.conftest import MISTAKEN, PAGES
from web import words
from web.app import create_app

PRIVATE = "PRIVATE-WORDS"  # in every article's text, in none of its quotations


def soup(site: FlaskClient, path: str) -> BeautifulSoup:
    return BeautifulSoup(site.get(path).text, "lxml")


def test_every_inspection_of_every_kind_has_a_page(site: FlaskClient, archive: Archive) -> None:
    found = archive.inspections(limit=1000)
    assert len({each.kind for each in found}) == 18
    assert {each.id: site.get(f"/inspections/{each.id}").status_code for each in found} == {
        each.id: 200 for each in found
    }


def test_every_link_of_the_site_to_itself_leads_somewhere(site: FlaskClient, one: Callable[..., Inspection]) -> None:
    waiting, seen = ["/", f"/inspections/{one(states=('announced',)).id}"], set[str]()
    while waiting and len(seen) < 300:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = site.get(path)
        assert answer.status_code == 200, path
        if answer.mimetype == "text/html":
            links = {str(each["href"]).split("#")[0] for each in BeautifulSoup(answer.text, "lxml").select("a[href]")}
            waiting += sorted(each for each in links if each.startswith("/"))
    assert len(seen) == 300


def test_the_front_page_shows_what_is_new_what_is_due_and_which_source_is_silent(site: FlaskClient) -> None:
    text = soup(site, "/").get_text(" ", strip=True)
    assert "Kirkswold children’s services: outstanding → inadequate" in text
    assert "Report overdue , 40 days beyond the usual time" in text
    assert "Source calder-moss-news" not in text
    assert "unreachable, 3 times" in text and "14 of 16 sources read well" in text


def test_an_inspection_shows_old_and_new_grade_with_the_page_it_was_read_on(
    site: FlaskClient, one: Callable[..., Inspection]
) -> None:
    page = soup(site, f"/inspections/{one(kinds=('ilacs',), authorities=('Netherwick',), official=True).id}")
    row = page.select_one("main table tbody tr:nth-of-type(4)")
    assert row is not None
    assert row.get_text(" ", strip=True).startswith(
        "Children in care inadequate good ●●●○ ▲ better “Children in care Good”"
    )
    link = row.select_one("a")
    assert link is not None
    shown = soup(site, str(link["href"]).split("#")[0])
    assert [each.get_text() for each in shown.select("mark")] == ["Children in care Good"]


def test_the_council_s_words_stand_beside_the_report_s(site: FlaskClient, one: Callable[..., Inspection]) -> None:
    page = soup(site, f"/inspections/{one(kinds=('ilacs',), authorities=('Netherwick',), official=True).id}")
    beside = page.select_one("#said")
    assert beside is not None and beside.parent is not None
    text = beside.parent.get_text(" ", strip=True)
    assert "requires improvement across the board, which is a credit" in text
    assert "Care leavers: requires improvement in the announcement, good in the report." in text


def test_a_chart_says_the_same_as_the_table_below_it(site: FlaskClient) -> None:
    page = soup(site, "/authorities/wharram")
    drawn = [each.get_text() for each in page.select("svg.wide rect.bar")]
    stated = page.select("section:has(.chart) td .chip")
    joint = len(page.select("section:has(.chart) tbody tr"))
    assert len(drawn) == len(stated) > 15 and joint == 7
    titles = [each.get_text() for each in page.select("svg title")]
    assert len(titles) == 2 and all("the table below says the same" in each for each in titles)


def test_no_overall_grade_is_said_not_left_empty(site: FlaskClient, one: Callable[..., Inspection]) -> None:
    assert "overall" not in one(kinds=("ilacs",), authorities=("Wharram",)).judgements
    assert "no overall grade is given" in soup(site, "/regions/yorkshire-and-the-humber").get_text()


def test_grades_are_never_told_by_colour_alone(site: FlaskClient) -> None:
    chips = [chip for path in PAGES for chip in soup(site, path).select(".chip")]
    assert len(chips) > 250
    assert all(re.match(r"[a-z]{3,}", chip.get_text(strip=True)) for chip in chips)


def test_others_text_is_nowhere_on_pages_feeds_or_json(site: FlaskClient, archive: Archive) -> None:
    ids = [each.id for each in archive.inspections(limit=1000)]
    queries = ["q=PRIVATE-WORDS", "q=proud", "q=credit+staff", "official=no"]
    paths = [*PAGES, *(f"/inspections/{each}" for each in ids), *(f"/api/inspections/{each}" for each in ids)]
    paths += [
        f"{where}?{query}"
        for query in queries
        for where in ("/search", "/api/search", "/feeds/search.atom", "/feeds/search.json")
    ]
    paths += ["/api/inspections?limit=100", "/api/inspections.csv", "/feeds/inspections.atom", "/feeds/inspections.ics"]
    assert archive.count_hits("proud") > 8
    assert [path for path in paths if PRIVATE in site.get(path).text.replace("q=PRIVATE-WORDS", "").replace("“PRIVATE-WORDS”", "")
            and "q=PRIVATE-WORDS" not in path] == []  # fmt: skip
    shown = soup(site, "/search?q=PRIVATE-WORDS").select(".snippet")
    assert shown and all("is not shown here" in each.get_text() for each in shown)
    assert all(not each["snippet"] for each in site.get("/api/search?q=PRIVATE-WORDS").json["items"])  # type: ignore[index]


def test_addresses_of_recipients_are_nowhere(site: FlaskClient) -> None:
    assert "secret@example.org" not in site.get("/sources").text
    assert "1 in the service itself" in soup(site, "/sources").get_text()


def test_search_marks_the_words_and_leads_to_the_page_where_they_stand(site: FlaskClient) -> None:
    page = soup(site, "/search?q=%22strategy+meetings%22&kind=sif")
    assert "strategy meetings" in {each.get_text().lower() for each in page.select("mark")}
    link = page.select_one(".rows a[href^='/document']")
    assert link is not None and "page=" in str(link["href"])
    assert "strategy meetings are not always timely" in soup(site, str(link["href"])).get_text().lower()


@pytest.mark.parametrize(
    "query", ["", "q=", "kind=sif", "region=north-west&kind=ilacs", "official=yes", "since=2024-01-01&q=care"]
)
def test_search_answers_with_words_or_filters_or_nothing(site: FlaskClient, query: str) -> None:
    assert site.get(f"/search?{query}").status_code == 200


def test_filters_are_links_that_add_and_take_away(site: FlaskClient) -> None:
    page = soup(site, "/inspections?region=north-west&grade=good")
    links = {each.get_text().split("(")[0].strip(): str(each["href"]) for each in page.select(".facets a")}
    assert links["North West"] == "/inspections?grade=good"
    assert links["Worse in some area"] == "/inspections?region=north-west&grade=good&direction=down"
    assert "region=south-west" in links["South West"] and "north-west" not in links["South West"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("kind=nonsense", "expected one of ilacs"), ("since=yesterday", "expected a date like"), ("region=mars", "expected one of north-west"),
        ("authority=Atlantis", "expected a council"), ("direction=sideways", "expected one of up"), ("q=%22%22", "no word to search for"),
        ("page=0&q=care", "expected a whole number"), ("q=" + "a" * 501, "longer than 500"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_a_sentence(site: FlaskClient, query: str, sentence: str) -> None:
    for where in ("/search", "/api/search"):
        answer = site.get(f"{where}?{query}")
        assert answer.status_code == 400 and sentence in answer.text


def test_what_has_been_since_or_has_begun_is_not_expected(site: FlaskClient, archive: Archive) -> None:
    text = soup(site, "/due").get_text(" ", strip=True).split("Expected next")[1]
    assert "Northbridge Inspection of children’s services (ILACS) A graded inspection about every three years" in text
    assert "Brackenshaw Inspection of children" not in text  # under way
    visit, *_ = archive.inspections(Filters(authorities=("Combe Regis",), kinds=("monitoring_visit",)))
    assert str(visit.published_on).startswith("2024-02") and text.count("Combe Regis Monitoring visit") == 1
    assert "June 2024 (past) Combe Regis Monitoring visit" in text  # four months after the last, not after the report


def test_a_report_is_due_on_the_same_day_wherever_it_is_said(
    site: FlaskClient, archive: Archive, one: Callable[..., Inspection]
) -> None:
    case = one(states=("due",))
    wait = archive.usual_time(case.kind)
    assert case.inspected_to and case.inspected_to.date and wait != clock.usual(case.kind)
    day = clock.due_on(case.inspected_to.date, wait)
    for path in ("/", "/due"):
        assert f"Report usually out by {day.day} {day:%B %Y}" in soup(site, path).get_text(), path
    assert f"{day:%Y%m%d}" in site.get("/feeds/inspections.ics?state=due").text
    before, after = (clock.state(case, on, day, wait) for on in (day, day + timedelta(days=1)))
    assert (before, after) == (State.DUE, State.OVERDUE)  # as `due` says, and as recipients are told


def test_the_command_foretells_what_the_page_foretells(site: FlaskClient, archive: Archive) -> None:
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in soup(site, "/due").select("tbody tr")]
    told = [(after.authority, words.kind(each.kind)) for each, after in expected(archive) if not after.provider]
    assert [(who, what) for _, who, what, _ in rows] == told and len(told) > 20


def test_what_is_due_is_narrowed_to_a_region_or_a_council(site: FlaskClient) -> None:
    def councils(path: str) -> list[str]:
        return [row.get_text() for row in soup(site, path).select("tbody td:nth-of-type(1)")]

    every, northern = councils("/due"), councils("/due?region=north-west")
    assert 0 < len(northern) < len(every) and set(northern) < set(every)
    one = northern[0]
    assert set(councils(f"/due?authority={one}")) == {one}
    assert councils(f"/due?authority={one}") == [each for each in every if each == one]
    refused = site.get("/due?kind=ilacs")
    assert refused.status_code == 400
    assert "what can be asked: authority, region" in refused.get_data(as_text=True)


def test_older_inspections_follow_without_gap_or_repetition(site: FlaskClient, archive: Archive) -> None:
    seen: list[str] = []
    path = "/inspections"
    while path:
        page = soup(site, path)
        seen += [str(each["href"]) for each in page.select(".columns > div:first-child h3 a")]
        following = page.select_one("a[rel=next]")
        path = str(following["href"]) if following else ""
    assert seen == [f"/inspections/{each.id}" for each in archive.inspections(limit=1000)]


def test_a_name_or_code_of_a_council_leads_to_its_page(site: FlaskClient) -> None:
    for named in ("976", "Wharram", "St Bride’s and Harbour"):
        answer = site.get(f"/authorities/{named}")
        assert answer.status_code == 308 and answer.headers["Location"].startswith("/authorities/")
    assert site.get("/authorities/atlantis").status_code == 404


def test_an_empty_archive_says_so(tmp_path: object, made: object) -> None:
    with Archive.open(str(tmp_path), authorities=made.authorities()) as empty:  # type: ignore[attr-defined]
        app = create_app(empty, made.authorities(), clock=lambda: made.NOW)  # type: ignore[attr-defined]
        client = app.test_client()
        assert "The archive is empty" in client.get("/").text
        assert {path: client.get(path).status_code for path in PAGES} == dict.fromkeys(PAGES, 200) | MISTAKEN


def test_what_is_not_there_is_said_with_a_way_on(site: FlaskClient, tmp_path: object, made: object) -> None:
    for path, sentence, link in (
        ("/search?q=zebra", "Nothing in the archive holds that", "/authorities"),
        ("/search?q=zebra&kind=sif", "Nothing in the archive holds that", "/search?q=zebra"),
        ("/search?q=care&page=49", "This search ends before page 49", "/search?q=care"),
        ("/inspections?kind=jtai&grade=outstanding", "No inspection in the archive fits all of this", "/inspections"),
        ("/nowhere", "There is no page at this address", "/authorities"),
        ("/inspections/nobody", "No inspection has that id", "/inspections"),
        ("/search?since=soon", "expected a date like 2023-01-31", "/search"),
    ):
        page = soup(site, path)
        assert page.main and sentence in page.main.get_text() and page.main.select_one(f"a[href='{link}']"), path
    with Archive.open(str(tmp_path), authorities=made.authorities()) as empty:  # type: ignore[attr-defined]
        client = create_app(empty, made.authorities(), clock=lambda: made.NOW).test_client()  # type: ignore[attr-defined]
        assert "None is known to the archive" in soup(client, "/authorities/netherwick").get_text()
        assert "no graded inspection known" in soup(client, "/england").get_text()


def test_the_grade_of_the_whole_comes_first(site: FlaskClient, one: Callable[..., Inspection]) -> None:
    page = soup(site, f"/inspections/{one(kinds=('ilacs',), authorities=('Netherwick',), official=True).id}")
    assert page.select("tbody th")[0].get_text() == "Overall effectiveness"


def test_every_page_has_one_heading_a_language_a_skip_link_and_described_tables(site: FlaskClient) -> None:
    for path in PAGES:
        page = soup(site, path)
        assert len(page.select("h1")) == 1 and page.html and page.html["lang"] == "en-GB"
        first = page.select_one("a")
        assert first and first["href"] == "#main" and page.select_one("#main")
        levels = [int(each.name[1]) for each in page.select("h1, h2, h3")]
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), path
        for table in page.select("table"):
            assert table.select_one("caption") and all(each.has_attr("scope") for each in table.select("th"))


def test_no_page_has_a_script_or_a_style_of_its_own(site: FlaskClient) -> None:
    for path in PAGES:
        text = site.get(path).text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", text), path


@pytest.mark.fault("K7")
def test_titles_of_others_are_text_never_markup(tmp_path: object, made: object) -> None:
    from datetime import UTC, datetime

    from inspections.days import Day
    from inspections.model import Certainty, Finding, Kind, Publication

    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202e{{7*7}}"
    finding = Finding(
        kind=Kind.ILACS, authority="Wharram", certainty=Certainty.ANNOUNCED, theme=evil, published_on=Day("2026-06-18")
    )
    publication = Publication(source="x", ref="1", url="javascript:alert(1)", title=evil, published_on=Day("2026-06-18"),
                              text=evil, findings=(finding,))  # fmt: skip
    with Archive.open(str(tmp_path), authorities=made.authorities()) as open_archive:  # type: ignore[attr-defined]
        open_archive.record(publication, now=datetime(2026, 6, 18, tzinfo=UTC), baseline=False)
        id = open_archive.inspections(Filters())[0].id
        client = create_app(open_archive, made.authorities(), clock=lambda: made.NOW).test_client()  # type: ignore[attr-defined]
        for path in ("/", f"/inspections/{id}", "/authorities/wharram", "/search?q=alert", f"/search?q={evil}"):
            text = client.get(path).text
            assert "<script" not in text and "<img" not in text and "javascript:" not in text and "\u202e" not in text
        feed = client.get("/feeds/search.atom?q=alert").text
        assert "<script" not in feed
