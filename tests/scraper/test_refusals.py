"""Challenges, log-in forms and maintenance pages, and pages that only look a little like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.refusals import recognise

LONG = "<p>" + "The committee heard how the service supports families across Marlshire. " * 40 + "</p>"


def page(title: str = "", body: str = "", head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()


@pytest.mark.fault("H4")
@pytest.mark.parametrize(
    ("outcome", "body"),
    [
        ("blocked", page("Just a moment...", "<script>window._cf_chl_opt={}</script>")),
        ("blocked", page("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1>")),
        ("blocked", page("Access Denied", "<h1>Access Denied</h1>You don't have permission. https://errors.edgesuite.net/18.2f")),
        ("blocked", page("", '<iframe src="/_Incapsula_Resource?SWUDNSAI=31">Request unsuccessful</iframe>')),
        ("blocked", page("Request Rejected", "The requested URL was rejected. Please consult with your administrator.")),
        ("blocked", page("Human Verification", "<div id=captcha></div>")),
        ("blocked", page("", "<noscript>Enable JavaScript and cookies to continue</noscript>")),
        ("blocked", page("403 Forbidden", "<center><h1>403 Forbidden</h1></center><hr>nginx")),
        ("blocked", page("Azure WAF", "")),
        ("blocked", page("Marlshire news", "<p>Please confirm that you are not a robot.</p>")),
        ("blocked", page("Sign in to your account", "<form><input type=password></form>")),
        ("blocked", page("Log in | Marlshire Council", "<form><input type=password></form>")),
        ("blocked", page("", "<h1>Checking your browser before accessing</h1>")),
        ("maintenance", page("Site under maintenance | Marlshire", "<p>Marlshire is currently under maintenance.</p>")),
        ("maintenance", page("Maintenance", "<p>Briefly unavailable for scheduled maintenance. Check back soon.</p>")),
        ("maintenance", page("We’ll be back soon!", "<p>Sorry for the inconvenience.</p>")),
        ("maintenance", page("", "<h1>We'll be back soon</h1><p>We are carrying out essential maintenance.</p>")),
        ("maintenance", page("503 Service Temporarily Unavailable", "<h1>503 Service Temporarily Unavailable</h1>")),
        ("maintenance", page("Sorry, there is a problem with the service", "<p>Try again later.</p>")),
        ("maintenance", page("Marlshire", "<p>We are very sorry, but this website is currently unavailable.</p>")),
        ("maintenance", page("Website offline &#8211; Eastmere Council", "")),
    ],
)  # fmt: skip
def test_pages_that_stand_in_the_way_are_known_by_their_marks(outcome: str, body: bytes) -> None:
    found = recognise(body)
    assert found
    assert found.outcome == outcome


@pytest.mark.fault("H4")
@pytest.mark.parametrize("header", [{"cf-mitigated": "challenge"}, {"X-Amzn-Waf-Action": "captcha"}])
def test_challenges_are_known_by_their_headers(header: dict[str, str]) -> None:
    found = recognise(page("Marlshire news", LONG), header)
    assert found
    assert found.outcome == "blocked"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"%PDF-1.7 Just a moment...",
        page("Marlshire news", "<h1>News</h1>" + LONG),
        page("Scheduled maintenance | Marlshire Council", LONG),
        page("Access to our website: planned maintenance this weekend", "<p>Our website will be closed on Sunday.</p>"),
        page("Ofsted rates Marlshire good", '<div class="g-recaptcha"></div><p>Short article.</p>'),
        page("Marlshire", LONG + "<p>The site is currently unavailable while maintenance is carried out.</p>"),
        page("News - Log in to comment", "<p>Read more.</p>"),
        page("Library closed", "<p>The library is closed for refurbishment.</p>"),
        page("Marlshire news", LONG, head='<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'),
        page("Marlshire news", LONG, head='<script src="/_Incapsula_Resource?SWJIYLWA=719d"></script>'),
        b'<?xml version="1.0"?><rss version="2.0"><channel><title>Maintenance</title></channel></rss>',
        b'<rss version="2.0"><channel><title>Access denied</title></channel></rss>',
        b'[{"id": 1, "title": {"rendered": "<title>Access denied</title>"}}]',
        page("Report not found", "<h1>Report not found</h1><p>The report may have been removed.</p>"),
    ],
)  # fmt: skip
def test_pages_that_only_speak_of_it_are_not(body: bytes) -> None:
    assert recognise(body) is None


@pytest.mark.corpus
def test_no_real_page_is_taken_for_a_refusal(corpus: Path) -> None:
    pages = sorted((corpus / "pages").glob("*.html"))
    assert len(pages) >= 4
    assert [path.name for path in pages if recognise(path.read_bytes())] == []


@pytest.mark.fault("K14")
@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<script",
        "<script>",
        "<title>",
        "<!--",
        " ",
        "sorry, ",
        "we are ",
        "the site is ",
        "<iframe ",
        "a |",
        "<h1>",
    ],
)
def test_a_hostile_page_is_looked_at_in_linear_time(piece: str) -> None:
    assert recognise(("<p>" + piece * (200_000 // len(piece))).encode()) is None
