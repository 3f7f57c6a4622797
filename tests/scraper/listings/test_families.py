"""Every family of newsroom against its saved pages, and each cell that a declaration may override."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inspections.authorities import Authorities
from inspections.model import to_plain
from scraper import parse
from scraper.listings import repeats
from scraper.listings.families import FAMILIES, OPTIONS, adapted
from scraper.model import Page, Reading, Source

PAGES = Path(__file__).parents[3] / "fixtures" / "listings"
AUTHORITIES = Authorities([])
NEWSROOMS = sorted(file.parent.name for file in PAGES.glob("*/listing.expected.json"))
WITH_ARTICLES = sorted(file.parent.name for file in PAGES.glob("*/article.expected.json"))


def declared(name: str) -> tuple[dict[str, Any], Source]:
    expected = json.loads((PAGES / name / "listing.expected.json").read_text())
    source = Source(
        id=name,
        name=name,
        url=expected["url"],
        parser="listing",
        family=expected["family"],
        options=expected["options"],
    )
    return expected, source


def listing(name: str, body: bytes | None = None) -> Reading:
    expected, source = declared(name)
    file = next(path for path in (PAGES / name / "listing.html", PAGES / name / "listing.json") if path.exists())
    read_on = date.fromisoformat(expected["fetched_on"])
    page = Page(body=body or file.read_bytes(), url=expected["url"], fetched_on=read_on)
    return parse.read(page, source=source, authorities=AUTHORITIES)


def test_every_family_has_its_saved_page() -> None:
    assert set(NEWSROOMS) == set(FAMILIES)


@pytest.mark.parametrize("name", NEWSROOMS)
def test_a_list_is_read_as_its_expected_json_says(name: str) -> None:
    expected, _ = declared(name)
    reading = listing(name)
    got = [
        {key: to_plain(item)[key] for key in ("url", "title", "published_on", "published_at")} for item in reading.items
    ]
    assert got == expected["items"]
    assert reading.next_url == expected["next_url"]
    assert reading.type == "listing"
    assert reading.notes == ()


@pytest.mark.parametrize("name", WITH_ARTICLES)
def test_an_article_is_its_own_text_without_the_teasers_around_it(name: str) -> None:
    expected = json.loads((PAGES / name / "article.expected.json").read_text())
    _, source = declared(name)
    page = Page(body=(PAGES / name / "article.html").read_bytes(), url=expected["url"], fetched_on=date(2025, 9, 19))
    reading = parse.read(page, as_type="article", source=source, authorities=AUTHORITIES)
    assert (reading.title, reading.published_on) == (expected["title"], expected["published_on"])
    assert all(paragraph in reading.text for paragraph in expected["text"])
    assert not [words for words in expected["absent"] if words in reading.text]


@pytest.mark.parametrize("name", WITH_ARTICLES)
def test_a_list_and_its_article_agree_on_date_and_identity(name: str) -> None:
    from scraper.article import identity

    expected = json.loads((PAGES / name / "article.expected.json").read_text())
    _, source = declared(name)
    item = next(each for each in listing(name).items if each.url == expected["url"])
    page = Page(body=(PAGES / name / "article.html").read_bytes(), url=expected["url"], fetched_on=date(2025, 9, 19))
    reading = parse.read(page, as_type="article", source=source, authorities=AUTHORITIES)
    assert item.published_on == reading.published_on
    assert item.published_at == reading.published_at
    assert item.ref == identity(reading.canonical_url or page.url)


@pytest.mark.parametrize("name", [name for name in WITH_ARTICLES if name != "selectors"])
def test_the_family_of_a_page_is_recognised(name: str) -> None:
    expected, _ = declared(name)
    assert repeats.family_of(Page(body=(PAGES / name / "listing.html").read_bytes(), url=expected["url"])) == name


@pytest.mark.parametrize("name", [name for name in WITH_ARTICLES if name != "selectors"])
def test_a_page_without_its_family_named_is_read_by_its_signs(name: str) -> None:
    expected, _ = declared(name)
    page = Page(body=(PAGES / name / "listing.html").read_bytes(), url=expected["url"], fetched_on=date(2025, 9, 19))
    reading = parse.read(page, as_type="listing", authorities=AUTHORITIES)
    assert [item.url for item in reading.items] == [item["url"] for item in expected["items"]]


def test_a_declaration_overrides_single_cells() -> None:
    cells = adapted("jadu", {"item": ["li.news", "li.press"], "page": "seite", "first": 0})
    assert (cells.item, cells.page, cells.first) == ("li.news, li.press", "seite", 0)
    assert cells.container == FAMILIES["jadu"].container


def test_an_option_or_family_that_does_not_exist_is_named() -> None:
    with pytest.raises(LookupError, match="no option 'itme'; there are container"):
        adapted("jadu", {"itme": "li"})
    with pytest.raises(LookupError, match="no newsroom family 'jaduu'"):
        adapted("jaduu", {})


def test_a_declaration_has_at_most_eight_options() -> None:
    assert len(OPTIONS) <= 8
    assert OPTIONS.issubset(FAMILIES["jadu"].__struct_fields__)
