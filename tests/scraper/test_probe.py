"""How a newsroom is found out about, judged and declared."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from inspections.authorities import Authorities
from scraper import parse, probe
from scraper.model import Item, Page, ParseError, Reading, Source

LISTINGS = Path(__file__).parents[2] / "fixtures" / "listings"
URL = "https://www.ashbyvale.example/news"
MAP = "https://www.ashbyvale.example/sitemap.xml"  # tried last of all


def page(body: str, url: str = URL) -> Page:
    return Page(body=f"<!doctype html><html>{body}</html>".encode(), url=url, fetched_on=date(2025, 9, 19))


def tried(body: str, url: str = URL) -> list[tuple[str, str]]:
    return [(each.url, each.parser) for each in probe.discover(page(body, url)) if not each.hopeless]


def test_feeds_that_the_page_names_come_first_those_of_its_own_folder_before_all() -> None:
    head = (
        '<link rel="alternate" type="application/rss+xml" href="/feed/" title="Site">'
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed/" title="Comments feed">'
        '<link rel="alternate" type="application/json+oembed" href="/oembed">'
        '<link rel="alternate" type="application/atom+xml" href="/news/feed.atom" title="News">'
    )
    assert tried(f"<head>{head}</head><body><a href='/news/rss'>RSS</a></body>") == [
        ("https://www.ashbyvale.example/news/feed.atom", "feed"),
        ("https://www.ashbyvale.example/news/rss", "feed"),
        ("https://www.ashbyvale.example/feed/", "feed"),
        ("https://www.ashbyvale.example/news/feed/", "feed"),
        (MAP, "feed"),
    ]


def test_a_site_that_is_closed_to_programs_is_named_with_the_reason() -> None:
    with pytest.raises(ParseError, match="Just a moment") as blocked:
        tried("<head><title>Just a moment...</title></head><body><p>Checking your browser</p></body>")
    assert blocked.value.outcome == "blocked"


def test_every_candidate_says_why_it_is_one() -> None:
    for candidate in probe.discover(
        page('<head><link rel="alternate" type="application/rss+xml" href="/feed/"></head>')
    ):
        assert len(candidate.why.split()) > 4


def test_a_feed_a_post_list_an_api_and_ofsteds_pages_are_what_they_are() -> None:
    for name, parser in (
        ("ofsted_provider/authority.html", "ofsted_provider"),
        ("ofsted_search/first.html", "ofsted_search"),
        ("contensis_json/listing.json", "listing"),
    ):
        (candidate,) = probe.discover(Page(body=(LISTINGS / name).read_bytes(), url="https://a.example/x"))
        assert candidate.parser == parser
    (feed,) = probe.discover(Page(body=b"<rss><channel/></rss>", url="https://a.example/feed"))
    assert (feed.parser, feed.url) == ("feed", "https://a.example/feed")


def test_a_page_that_asks_a_delivery_api_is_read_by_it() -> None:
    script = "<body><script>fetch('/api/delivery/projects/camber/entries/search?pageSize=25&amp;contentTypeId=news')</script></body>"
    assert tried(script)[-2:-1] == [
        (
            "https://www.ashbyvale.example/api/delivery/projects/camber/entries/search?pageSize=25&contentTypeId=news",
            "listing",
        )
    ]


def test_a_newsroom_without_markup_of_its_own_is_known_by_its_signs_and_usual_feed() -> None:
    body = '<head><script src="https://content.presspage.com/x.js"></script></head><body><div class="ppmodule_news"></div></body>'
    candidates = [each for each in probe.discover(page(body)) if not each.hopeless]
    assert [(each.url, each.family) for each in candidates] == [
        ("https://www.ashbyvale.example/feed/en", "presspage"),
        (MAP, "presspage"),
    ]


def test_a_site_of_no_family_is_read_by_what_repeats() -> None:
    cards = "".join(
        f'<article class="news-item" id="n{n}"><h3><a href="/news/item/{n}">Headline number {n} of the day</a></h3>'
        f"<time>{n} September 2025</time></article>"
        for n in range(1, 6)
    )
    menu = (
        "<nav><ul>"
        + "".join(f'<li class="m"><h3><a href="/s{n}">Service {n}</a></h3></li>' for n in range(9))
        + "</ul></nav>"
    )
    fetched = page(f"<body>{menu}<main><h1>News</h1><div class='list'>{cards}</div></main></body>")
    *guessed, candidate, site_map = probe.discover(fetched)
    assert [each.url for each in (*guessed, site_map)] == [URL + "/rss", URL + "/feed/", MAP]
    assert (candidate.family, candidate.options["item"]) == ("selectors", "article.news-item")
    reading = parse.read(fetched, source=candidate.source("ashby", "Ashby Vale"), authorities=Authorities([]))
    assert [item.title for item in reading.items] == [f"Headline number {n} of the day" for n in range(1, 6)]
    assert probe.is_sound(probe.judge(candidate, reading))


def test_a_page_on_which_nothing_repeats_offers_no_list() -> None:
    assert {parser for _, parser in tried("<body><h1>Welcome</h1><h2><a href='/a'>One thing</a></h2></body>")} == {
        "feed"
    }


@pytest.mark.parametrize(
    "link",
    ["/uk/rss/current_news/49585", "/news/rss.xml", "/rss/news/", "/latest.rss", "?rss=true", "/News.aspx?SyndicationType=1",
     "/feed/en", "/news/rss/news.ashx", "/tagfeed/en/../feed/x"],
)  # fmt: skip
def test_a_link_to_a_feed_is_known_by_its_address(link: str) -> None:
    assert any(
        "links to this feed" in each.why
        for each in probe.discover(page(f'<body><a href="{link}">Subscribe</a></body>'))
    )


@pytest.mark.parametrize(
    "link", ["/feedback", "/rss-help", "/sitemap.xml", "/services/feeding-babies", "https://b.example/rss"]
)
def test_other_links_are_not_taken_for_feeds(link: str) -> None:
    assert not any(
        "links to" in each.why for each in probe.discover(page(f'<body><a href="{link}">Subscribe</a></body>'))
    )


def item(n: int, title: str = "", host: str = "www.ashbyvale.example", on: str | None = "2025-09-01") -> Item:
    from inspections.days import Day

    return Item(ref=str(n), url=f"https://{host}/news/{n}", title=title or f"Headline number {n}",
                published_on=Day(on) if on else None)  # fmt: skip


@pytest.mark.parametrize(
    ("items", "failing", "sound"),
    [
        ([item(n) for n in range(5)], [], True),
        ([], ["items"], False),
        ([item(n, "Bins") for n in range(5)], ["titles"], False),
        (
            [item(n, title) for n, title in enumerate(("Home", "Services", "Contact us", "Jobs", "A to Z"))],
            ["titles"],
            False,
        ),
        ([item(n, host="social.example") for n in range(5)], ["links"], False),
        ([item(n, on=None) for n in range(5)], ["dates"], True),
    ],
)
def test_what_was_read_is_judged(items: list[Item], failing: list[str], sound: bool) -> None:
    candidate = probe.Candidate(url=URL, parser="listing", family="jadu", why="because")
    verdicts = probe.judge(candidate, Reading(type="listing", items=tuple(items)))
    assert [verdict.name for verdict in verdicts if not verdict.ok] == failing
    assert probe.is_sound(verdicts) is sound
    assert all(verdict.said for verdict in verdicts)


def test_a_newsroom_may_stand_on_www_or_not() -> None:
    candidate = probe.Candidate(url="https://ashbyvale.example/feed", parser="feed", why="because")
    assert probe.is_sound(probe.judge(candidate, Reading(type="feed", items=tuple(item(n) for n in range(5)))))


def test_a_declaration_is_about_ten_lines_that_read_back_the_same() -> None:
    source = Source(
        id="ashby-vale", name='Ashby Vale "Newsroom" \\ é', url=URL, parser="listing", family="selectors",
        authority="Ashby Vale", hosts=("familyhubs.example",), verified_on=date(2026, 11, 22),
        options={"item": [".card", "li.news"], "first": 0, "page": "page"},
    )  # fmt: skip
    text = probe.declaration(source, why="on the page '.card' repeats\nwith headlines")
    assert len(text.splitlines()) <= 14
    read = tomllib.loads(text)
    options = read.pop("options")
    read["hosts"] = tuple(read["hosts"])
    assert Source(id="ashby-vale", **read, options=options) == source


def test_a_plain_declaration_says_no_more_than_it_must() -> None:
    candidate = probe.Candidate(url=URL + "/feed", parser="feed", family="jadu", why="because")
    text = probe.declaration(candidate.source("x", "X", authority="Ashby Vale"))
    assert text == (
        'name = "X"\nurl = "https://www.ashbyvale.example/news/feed"\nparser = "feed"\nfamily = "jadu"\n'
        'authority = "Ashby Vale"\n'
    )


ROWS = "".join(
    f"<tr><td>1{day} June 2025</td><td><a href='/press/{day}'>Story number {day}</a></td></tr>" for day in range(4)
)
FIELDS = "".join(
    f"<li><div class='result'><div class='when'>1{day}/06/2025</div><div class='name'><a href='/press/{day}'>Story number"
    f" {day}</a></div></div></li>"
    for day in range(4)
)


@pytest.mark.parametrize("body", [f"<table>{ROWS}</table>", f"<ul class='results'>{FIELDS}</ul>"])
def test_a_list_without_headings_is_read_by_its_links_and_dates(body: str) -> None:
    of_no_family = page(f"<body><nav><a href='/tax'>Council tax</a></nav><main><h1>Press</h1>{body}</main></body>")
    reading = parse.read(of_no_family, as_type="listing", authorities=Authorities([]))
    assert [(item.title, item.published_on) for item in reading.items] == [
        (f"Story number {day}", f"2025-06-1{day}") for day in range(4)
    ]
    assert ("https://www.ashbyvale.example/news", "listing") in [
        (each.url, each.parser) for each in probe.discover(of_no_family) if not each.hopeless
    ]
