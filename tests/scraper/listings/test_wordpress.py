"""WordPress's list of posts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scraper import parse
from scraper.listings.wordpress import read_wordpress
from scraper.model import Page, ParseError

URL = "https://news.dunmore.example/wp-json/wp/v2/posts?per_page=2&orderby=date"
POSTS = [
    {
        "id": 90601, "date": "2025-04-23T10:05:00", "date_gmt": "2025-04-23T09:05:00", "link": "https://news.dunmore.example/good/",
        "title": {"rendered": "Children&#8217;s services rated &#8216;good&#8217;"},
        "excerpt": {"rendered": "<p>Inspectors praise staff [&hellip;]</p>\n"},
    },
    {"id": 90600, "date": "2025-04-22T00:00:00", "link": "https://news.dunmore.example/bins/", "title": {"rendered": "Bins"}},
]  # fmt: skip


def page(answer: object, url: str = URL) -> Page:
    return Page(body=json.dumps(answer).encode(), url=url)


def test_a_post_has_its_plain_title_its_link_and_its_instant_in_utc() -> None:
    good, bins = read_wordpress(page(POSTS)).items
    assert (good.title, good.url) == ("Children’s services rated ‘good’", "https://news.dunmore.example/good/")
    assert (good.published_on, good.published_at) == ("2025-04-23", datetime(2025, 4, 23, 9, 5, tzinfo=UTC))
    assert good.summary == "Inspectors praise staff […]"
    assert (bins.published_on, bins.published_at) == ("2025-04-22", None)


def test_a_full_page_leads_to_the_next_and_a_short_one_does_not() -> None:
    assert read_wordpress(page(POSTS)).next_url == URL + "&page=2"
    assert read_wordpress(page(POSTS, url=URL + "&page=2")).next_url == URL + "&page=3"
    assert read_wordpress(page(POSTS[:1])).next_url is None


def test_an_error_in_place_of_the_posts_is_named() -> None:
    answer = {"code": "rest_forbidden", "message": "Sorry, you are not allowed to do that.", "data": {"status": 401}}
    with pytest.raises(ParseError, match="Sorry, you are not allowed"):
        read_wordpress(page(answer))


def test_no_posts_at_all_is_an_error_unless_words_were_searched_for() -> None:
    with pytest.raises(ParseError) as none:
        parse.check(read_wordpress(page([])))
    assert none.value.outcome == "zero-items"
    assert parse.check(read_wordpress(page([], url=URL + "&search=ofsted"))).total == 0


def test_a_site_that_gives_its_feed_instead_is_read_by_it() -> None:
    feed = b'<rss version="2.0"><channel><item><title>One</title><link>https://news.dunmore.example/one/</link></item></channel></rss>'
    assert read_wordpress(Page(body=feed)).items[0].title == "One"


def test_the_list_and_the_feed_give_a_post_the_same_ref() -> None:
    feed = b'<rss version="2.0"><channel><item><title>x</title><link>https://news.dunmore.example/good</link></item></channel></rss>'
    assert read_wordpress(Page(body=feed)).items[0].ref == read_wordpress(page(POSTS)).items[0].ref
