"""Items by selectors: what is an item, its link, its title and its date, and where the next page is."""

from __future__ import annotations

from datetime import date

import pytest

from scraper import parse
from scraper.listings import paging
from scraper.listings.families import FAMILIES
from scraper.listings.html import read_listing
from scraper.model import Code, Page, ParseError, Reading, Source

URL = "https://www.ashbyvale.example/news"


def listing(body: str, url: str = URL, family: str | None = None, **options: str | int | list[str]) -> Reading:
    source = Source(id="ashby", name="Ashby Vale", url=URL, parser="listing", family=family or "selectors",
                    options={"item": ".card", **options} if family is None else options)  # fmt: skip
    text = f"<!doctype html><html><body>{body}</body></html>"
    return read_listing(Page(body=text.encode(), url=url, fetched_on=date(2025, 9, 19)), source)


def card(title: str = "A headline that is long enough", link: str = "/news/1", rest: str = "") -> str:
    return f'<div class="card"><h3><a href="{link}">{title}</a></h3>{rest}</div>'


def test_a_link_around_the_item_in_it_or_the_item_itself_is_its_link() -> None:
    reading = listing(
        '<a href="/1"><div class="card"><h3>Around it</h3></div></a>'
        '<div class="card"><a href="/2"><h3>Within it</h3></a></div>'
        '<a class="card" href="/3"><h3>The item itself</h3></a>'
    )
    assert [(item.title, item.url.rpartition("/")[2]) for item in reading.items] == [
        ("Around it", "1"), ("Within it", "2"), ("The item itself", "3"),
    ]  # fmt: skip


def test_the_link_of_the_headline_is_the_items_and_not_one_to_its_topic_or_of_its_picture() -> None:
    reading = listing(
        '<div class="card"><a href="/topic/children">Children</a><h4>News</h4><h3><a href="/1">A headline</a></h3></div>'
        '<div class="card"><a href="/gallery"><img src="i.png"></a><a href="/2"><h3>Another headline</h3></a></div>'
    )
    assert [(item.title, item.url.rpartition("/")[2]) for item in reading.items] == [
        ("A headline", "1"), ("Another headline", "2"),
    ]  # fmt: skip


@pytest.mark.fault("R10")
def test_what_stands_in_menus_asides_and_related_boxes_is_no_item() -> None:
    reading = listing(
        f"<nav>{card('Menu')}</nav><aside>{card('Popular')}</aside><footer>{card('Footer')}</footer>"
        f'<section class="related-news">{card("Related")}</section><div id="popular">{card("Also popular")}</div>'
        f"<main class='popular-news'>{card('News')}</main>"
    )
    assert [item.title for item in reading.items] == ["News"]


@pytest.mark.fault("R10")
@pytest.mark.parametrize(
    "banner",
    [
        "<div id='cookie-banner'>{}</div>", "<div class='CookieConsent'><div>{}</div></div>", "<dialog open>{}</dialog>",
        "<div class='onetrust-consent-sdk'>{}</div>", "<section role='alertdialog'>{}</section>",
        "<div role='navigation'>{}</div>", "<div class='gdpr_notice shown'>{}</div>", "<header role='banner'>{}</header>",
    ],
)  # fmt: skip
def test_a_card_in_a_banner_is_no_item(banner: str) -> None:
    reading = listing(banner.format(card("We use cookies", "/cookies")) + f"<main>{card('News')}</main>")
    assert [item.title for item in reading.items] == ["News"]


@pytest.mark.fault("R10")
@pytest.mark.parametrize("page", ["<body class='cookie-banner-shown'>{}</body>", "<div class='has-cookie-banner'>{}</div>",
                                  "<div class='cookies-accepted'>{}</div>"])  # fmt: skip
def test_a_page_that_says_of_itself_that_it_has_a_banner_is_read(page: str) -> None:
    assert [item.title for item in listing(page.format(card("News"))).items] == ["News"]


@pytest.mark.fault("R10")
def test_a_card_whose_link_is_not_of_the_declared_kind_is_skipped_and_counted() -> None:
    body = (
        card("News", "/news/1") + card("Accept all cookies", "/cookies") + card("Pay your bill", "https://pay.example/")
    )
    reading = listing(body, link='a[href^="/news/"]')
    assert [item.title for item in reading.items] == ["News"]
    assert reading.left_out == 2 and "2 of 3 items have no link" in reading.notes[0]


def test_a_wrapper_of_items_and_what_stands_within_an_item_are_no_items() -> None:
    reading = listing(f'<div class="card">{card("One", "/1")}{card("Two", "/2")}</div>')
    assert [item.title for item in reading.items] == ["One", "Two"]
    nested = listing(
        '<div class="card"><h3><a href="/1">Outer</a></h3><div class="card"><a href="/tag">tag</a></div></div>'
    )
    assert [item.title for item in nested.items] == ["Outer"]


def test_items_without_link_or_title_are_skipped_and_counted() -> None:
    reading = listing(
        card() + '<div class="card"><h3>No link</h3></div><div class="card"><a href="/x"><img src="i.png"></a></div>'
    )
    assert len(reading.items) == 1
    assert "2 of 3 items have no link or no title" in reading.notes[0]


@pytest.mark.fault("P7")
@pytest.mark.parametrize(
    "link", ["mailto:press@ashbyvale.example", "javascript:void(0)", "#top", "tel:01234", "https://["]
)
def test_links_that_lead_to_no_page_are_none(link: str) -> None:
    assert listing(card(link=link)).items == ()


def test_read_more_is_no_title() -> None:
    reading = listing('<div class="card"><h3>Read more</h3><a href="/1" title="A proper headline">Read more</a></div>')
    assert reading.items[0].title == "A proper headline"


def test_words_for_screen_readers_are_not_part_of_a_title() -> None:
    title = 'Bins<span class="visually-hidden"> (published yesterday)</span> day changes'
    assert listing(card(title)).items[0].title == "Bins day changes"
    assert listing(card('<span class="sr-only">Only for readers</span>')).items[0].title == "Only for readers"


@pytest.mark.parametrize(
    ("rest", "day"),
    [
        ('<time datetime="2025-08-12">12 August</time>', "2025-08-12"),
        ('<span class="news-date">12 Aug 2025</span>', "2025-08-12"),
        ("<p>Published: 12/08/2025</p>", "2025-08-12"),
        ("<p>12th August 2025 |</p><p>Inspectors came on 3 June 2024.</p>", "2025-08-12"),
        ("<p>Inspectors came on 3 June 2024.</p>", None),
        (
            '<time class="updated" datetime="2025-09-01">1 September</time><time datetime="2025-08-12">x</time>',
            "2025-08-12",
        ),
        ('<span class="news-date">Updated 14 August 2025</span>', None),
        ("<p>31/04/2025</p>", None),
        ('<time datetime="">yesterday</time>', "2025-09-18"),
        ("<time>22 hours ago</time>", None),
    ],
)
def test_the_date_of_an_item_is_its_date_line_and_never_a_date_of_its_story(rest: str, day: str | None) -> None:
    assert listing(card(rest=rest)).items[0].published_on == day


def test_a_time_of_day_in_the_words_adds_to_a_day_in_the_attribute() -> None:
    rest = '<time datetime="2025-08-12">Tuesday 12 August 2025 at 9:37 am</time>'
    at = listing(card(rest=rest)).items[0].published_at
    assert at is not None
    assert at.isoformat() == "2025-08-12T08:37:00+00:00"


def test_dates_that_are_missing_throughout_are_noted() -> None:
    assert "none of the 1 items has a date" in listing(card()).notes[0]


@pytest.mark.parametrize(
    "said",
    [
        "There are currently no news items.",
        "No results found",
        "Sorry, your search returned no matches",
        "No press releases to show",
    ],
)
def test_a_page_that_says_that_there_is_nothing_is_believed(said: str) -> None:
    reading = listing(f"<main><h1>News</h1><p>{said}</p></main>")
    assert parse.check(reading).total == 0


def test_an_empty_page_that_says_nothing_is_an_error_with_the_selector() -> None:
    source = Source(
        id="ashby", name="Ashby Vale", url=URL, parser="listing", family="selectors", options={"item": ".card"}
    )
    with pytest.raises(ParseError, match=r"source 'ashby': the page “News” was read.*'\.card'") as empty:
        parse.check(listing("<main><h1>News</h1><p>Our bins are green.</p></main>"), source)
    assert empty.value.outcome == "zero-items"


def test_a_site_of_its_own_can_say_how_it_says_that_there_is_nothing() -> None:
    assert listing("<main><p>Nowt here</p></main>", empty="nowt here").total == 0
    assert listing("<main><p>Nowt here</p></main>").total is None


def test_a_page_past_the_end_of_the_list_is_no_redesign() -> None:
    assert parse.check(listing("<main><h1>News</h1></main>", url=URL + "?page=9")).items == ()
    with pytest.raises(ParseError):
        parse.check(listing("<main><h1>News</h1></main>", url=URL + "?page=1"))


def test_an_item_selector_must_be_declared_where_the_family_has_none() -> None:
    with pytest.raises(ParseError, match="option `item`") as missing:
        read_listing(Page(body=b"<p>x</p>"))
    assert missing.value.code is Code.NOT_RECOGNISED


@pytest.mark.fault("P7")
def test_a_foreign_base_does_not_move_the_links() -> None:
    text = f'<html><head><base href="https://evil.example/"></head><body>{card()}</body></html>'
    source = Source(id="a", name="a", url=URL, parser="listing", family="selectors", options={"item": ".card"})
    assert (
        read_listing(Page(body=text.encode(), url=URL), source).items[0].url == "https://www.ashbyvale.example/news/1"
    )


def test_a_saved_page_without_an_address_takes_its_sources() -> None:
    assert listing(card(), url="").items[0].url == "https://www.ashbyvale.example/news/1"


@pytest.mark.parametrize(
    ("body", "url", "options", "following"),
    [
        ('<a rel="next" href="?page=2">Next</a>', URL, {}, URL + "?page=2"),
        ('<a href="/news?page=2">Older</a><a href="/news?page=9">Last</a>', URL, {}, URL + "?page=2"),
        ('<a href="/news?page=2">2</a><a href="/news?page=3">3</a>', URL + "?page=2", {}, URL + "?page=3"),
        ('<a href="/events?page=2">Events</a>', URL, {}, None),
        ("", URL, {"page": "page"}, URL + "?page=2"),
        ("", URL + "?topic=children&page=2", {"page": "page"}, URL + "?topic=children&page=3"),
        ("", URL, {"page": "start", "first": 0}, URL + "?start=1"),
        ("", URL, {"page": "seite/{}/"}, URL + "/seite/2/"),
        ("", URL + "/seite/2/", {"page": "seite/{}/"}, URL + "/seite/3/"),
        ("", URL, {}, None),
    ],
)
def test_the_next_page(body: str, url: str, options: dict[str, str | int | list[str]], following: str | None) -> None:
    assert listing(card() + body, url=url, **options).next_url == following


def test_a_next_link_to_the_page_itself_leads_nowhere() -> None:
    assert listing(card() + f'<a rel="next" href="{URL}">Next</a>').next_url is None


def test_a_parameter_whose_name_varies_is_found_on_the_page_and_never_made_up() -> None:
    cells = FAMILIES["contensis"]
    assert paging.number("https://a.example/News.aspx?Archive_Listing_List_GoToPage=7", cells, default=1) == 7
    assert paging.numbered("https://a.example/News.aspx", cells, 2) is None


def test_one_address_for_many_titles_is_suspect() -> None:
    with pytest.raises(ParseError, match="all lead to") as suspect:
        parse.check(listing("".join(card(f"Headline number {n}", "/news") for n in range(3))))
    assert suspect.value.outcome == "suspect"


def test_one_title_for_many_addresses_is_suspect() -> None:
    with pytest.raises(ParseError, match="all 4 items are called"):
        parse.check(listing("".join(card("Find out about this", f"/news/{n}") for n in range(4))))


@pytest.mark.fault("P8")
def test_the_same_item_twice_is_one_with_what_both_say() -> None:
    reading = parse.check(
        listing(card("Short title here") + card("Short title here", rest="<time>12 August 2025</time>"))
    )
    (item,) = reading.items
    assert item.published_on == "2025-08-12"


def test_a_picture_that_is_a_link_does_not_hide_the_headline() -> None:
    reading = listing(
        '<div class="cell cell-contained"><a href="/news/one"><img src="i.png" alt=""></a>'
        '<a href="/news/one">A headline</a><p class="date">12 Aug 2025</p></div>',
        family="prgloo",
    )
    assert [(item.title, item.published_on) for item in reading.items] == [("A headline", "2025-08-12")]


@pytest.mark.parametrize(
    "featured",
    [
        '<div class="card-wrap"><h2><a href="/news/2025/one">Featured one</a></h2></div>',
        '<a href="/news/2025/one"><h3>Featured one</h3></a>',
        '<article class="teaser"><div><h3><a href="/news/2025/one">Featured one</a></h3></div></article>',
    ],
)
def test_featured_news_above_the_list_is_found_in_any_markup(featured: str) -> None:
    listed = '<article class="teaser--localgov-news-article"><h3 class="teaser__title"><a href="/news/2025/two">Two</a></h3></article>'
    reading = listing(f'<div class="newsroom__featured-news">{featured}</div><div class="view--teasers">{listed}</div>',
                      family="localgov_drupal")  # fmt: skip
    assert [item.title for item in reading.items] == ["Featured one", "Two"]
