"""A site's own map as a list of news."""

from __future__ import annotations

import pytest

from inspections.authorities import Authorities
from scraper import parse
from scraper.listings import sitemap
from scraper.model import Page, ParseError, Reading, Source

URL = "https://www.saltby.example/sitemap.xml"
SOURCE = Source(id="saltby", name="Saltby", url=URL, parser="feed", options={"item": "/news/"})
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def entry(path: str, cells: str = "") -> str:
    return f"<url><loc>https://www.saltby.example{path}</loc>{cells}</url>"


def read(*entries: str, source: Source | None = SOURCE) -> Reading:
    body = f'<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {NEWS}>{"".join(entries)}</urlset>'
    return parse.read(Page(body=body.encode(), url=URL), as_type="feed", source=source, authorities=Authorities([]))


def test_pages_of_the_newsroom_are_its_items_the_latest_change_first() -> None:
    reading = read(
        entry("/bins", "<lastmod>2025-09-19</lastmod>"),
        entry("/news/older-story", "<lastmod>2025-09-01</lastmod>"),
        entry("/news/ofsted-rates-services-good", "<lastmod>2025-09-18T09:00:00+01:00</lastmod>"),
    )
    assert [item.title for item in reading.items] == ["Ofsted rates services good", "Older story"]
    assert {item.published_on for item in reading.items} == {None}, "a change is no publication"


def test_the_tags_for_news_give_headline_and_day() -> None:
    cells = (
        "<news:news><news:publication_date>2025-09-18T08:30:00Z</news:publication_date>"
        "<news:title>Foster carers &amp; friends</news:title></news:news>"
    )
    (item,) = read(entry("/news/a1", cells)).items
    assert (item.title, item.published_on) == ("Foster carers & friends", "2025-09-18")


def test_of_a_long_map_the_newest_are_read_and_the_rest_is_said() -> None:
    days = [f"2025-{month:02d}-{day:02d}" for month in range(1, 5) for day in range(1, 21)]
    reading = read(*(entry(f"/news/a-story-of-{day}", f"<lastmod>{day}</lastmod>") for day in days))
    assert len(reading.items) == sitemap.NEWEST
    assert reading.items[0].url.endswith("2025-04-20")
    assert "30 pages" in reading.notes[0]


def test_a_map_without_news_is_an_error() -> None:
    with pytest.raises(ParseError) as found:
        read(entry("/bins"))
    assert found.value.outcome == "zero-items"


def test_a_map_of_hostile_size_is_read_in_no_time() -> None:
    assert len(read("<url><loc>" * 200_000, entry("/news/a-story")).items) <= 1
