"""What a robots.txt allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.robots import LARGEST, Rules, kept, rules_of

NOW = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)


def rules(text: str) -> Rules:
    return rules_of(200, text.encode(), NOW)


@pytest.mark.fault("K19")
@pytest.mark.parametrize(
    ("text", "url", "allowed"),
    [
        ("", "https://a.example/news", True),
        ("User-agent: *\nDisallow: /private*", "https://a.example/private-news", False),
        ("User-agent: *\nDisallow: /*?page=", "https://a.example/news?page=2", False),
        ("User-agent: *\nDisallow: /*?page=", "https://a.example/news", True),
        ("User-agent: *\nDisallow: /\nAllow: /news", "https://a.example/news/1", True),
        ("User-agent: OfstedWatch\nDisallow:\n\nUser-agent: *\nDisallow: /", "https://a.example/news", True),
        ("User-agent: ofstedwatch\nDisallow: /\n\nUser-agent: *\nAllow: /", "https://a.example/news", False),
        ("\ufeffUser-agent: *\r\nDisallow: /", "https://a.example/news", False),
        ("<html><title>News</title></html>", "https://a.example/news", True),
    ],
)
def test_rules_are_read_as_rfc_9309_says(text: str, url: str, allowed: bool) -> None:
    assert rules(text).allows(url) is allowed


def test_binary_rubbish_allows_everything() -> None:
    assert rules_of(200, b"\0\xff" * 100, NOW).allows("https://a.example/news")


def test_what_lies_beyond_the_limit_is_not_read() -> None:
    assert rules_of(200, b"#" * LARGEST + b"\nUser-agent: *\nDisallow: /", NOW).allows("https://a.example/news")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", 0), ("User-agent: *\nCrawl-delay: 10", 10), ("User-agent: *\nCrawl-delay: soon", 0), ("User-agent: *\nCrawl-delay: -1", 0)],
)  # fmt: skip
def test_crawl_delay_is_read(text: str, seconds: int) -> None:
    assert rules(text).crawl_delay == timedelta(seconds=seconds)


@pytest.mark.parametrize(("hours", "known"), [(0, True), (23.9, True), (24, False), (-1, False)])
def test_rules_are_kept_for_a_day(hours: float, known: bool) -> None:
    assert bool(kept({"a.example": rules("")}, "a.example", NOW + timedelta(hours=hours))) is known
