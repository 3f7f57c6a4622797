"""Pages with status 200 that only say why the right one is not there."""

from __future__ import annotations

import pytest

from scraper.model import Page, ParseError
from scraper.notices import refuse_notice

NEWS = (
    "<p>"
    + "The council’s website will be down for maintenance on Sunday, and residents can call instead. " * 25
    + "</p>"
)

MENU = "<nav>" + "".join(f'<a href="/{n}">Service {n}</a> ' for n in range(12)) + "</nav>"


def page(title: str, text: str = "") -> Page:
    return Page(body=f"<!doctype html><html><head><title>{title}</title></head><body>{text}</body></html>".encode())


@pytest.mark.parametrize(
    ("notice", "outcome"),
    [
        (page("x", "<h1>We'll be back soon</h1><p>We are carrying out essential maintenance.</p>"), "maintenance"),
        (page("Site under maintenance", "<p>Please try later.</p>"), "maintenance"),
        (page("503 Service Unavailable"), "maintenance"),
        (page("Marrowdale", "<p>Our website is currently unavailable. We are sorry.</p>"), "maintenance"),
        (page("Just a moment...", "<p>Checking your browser before accessing</p>"), "blocked"),
        (page("Access Denied", "<p>Reference 18.2f</p>"), "blocked"),
        (page("Attention Required! | Shield", "<h1>Please complete the captcha</h1>"), "blocked"),
        (page("Log in", "<form><p>Sign in to continue</p><input type=password></form>"), "blocked"),
    ],
)
def test_a_notice_is_refused_by_what_it_says(notice: Page, outcome: str) -> None:
    with pytest.raises(ParseError, match="was known is not lost") as refused:
        refuse_notice(notice)
    assert refused.value.outcome == outcome


@pytest.mark.parametrize(
    "news",
    [
        page("Website down for maintenance this Sunday", f"<h1>Website down for maintenance this Sunday</h1>{NEWS}"),
        page("Website down for maintenance", f"{MENU}<h1>Website down for maintenance</h1><p>On Sunday.</p>"),
        page(
            "Online payments unavailable",
            "<h1>Online payments unavailable</h1><p>The lift is currently unavailable.</p>",
        ),
        page("Library service closed", "<p>The meals service is temporarily unavailable until Monday.</p>"),
        page("Bins day changes", "<h1>Bins day changes</h1><p>From Monday.</p>"),
        page("News", "<script>var said = 'access denied';</script><h1>News</h1>"),
        Page(body=b"<rss><channel><item><title>Planned maintenance of bridges</title></item></channel></rss>"),
        Page(body=b"Essential maintenance on the ring road\n\nStarts on Monday."),
    ],
)
def test_news_that_speaks_of_maintenance_is_news(news: Page) -> None:
    refuse_notice(news)
    assert news.body, "nothing was raised"
