"""Bytes as the text that a browser would show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper import markup
from scraper.model import Code, Page, ParseError

WORDS = "<title>Children’s café – “good”</title>"


@pytest.mark.parametrize(
    "page",
    [
        Page(body=WORDS.encode()),
        Page(body=WORDS.encode(), charset="iso-8859-1"),
        Page(body=b'<meta charset="windows-1252">' + WORDS.encode("cp1252")),
        Page(body=WORDS.encode("cp1252"), charset="iso-8859-1"),
        Page(body=WORDS.encode("cp1252"), charset="utf-8"),
        Page(body=WORDS.encode("cp1252")),
        Page(body=WORDS.encode("utf-16")),
        Page(body=WORDS.encode("utf-16-le")),
        Page(body=WORDS.encode("utf-16-be")),
        Page(body=b"\xef\xbb\xbf" + WORDS.encode()),
        Page(body=WORDS.encode(), charset="no-such-charset"),
        Page(body=b" " * 3000 + WORDS.encode("cp1252") + b'<meta charset="utf-8">'),
    ],
)
def test_a_title_is_what_a_browser_shows(page: Page) -> None:
    assert markup.words(markup.soup(page).title) == "Children’s café – “good”"


@pytest.mark.fault("P2")
def test_invisible_characters_are_gone_and_composed_ones_whole() -> None:
    assert markup.plain("so\u00adcial\u200b\u202e ca\u0065\u0301 \u00a0 x\x00") == "social caé x"


def test_ligatures_are_their_letters() -> None:
    assert markup.plain("ﬁndings, oﬃcial, ﬂow, staﬀ") == "findings, official, flow, staff"


def test_words_of_neighbouring_elements_do_not_run_together() -> None:
    tree = markup.soup(Page(body=b"<p><b>Good</b><i>services</i>, they <u>said</u>.</p>"))
    assert markup.words(tree.p) == "Good services, they said."


def test_a_fragment_of_html_is_its_words() -> None:
    assert markup.words_of_html("<p>Fish &amp; chips&#8217;</p>") == "Fish & chips’"


@pytest.mark.fault("P2")
@given(st.binary(max_size=200))
def test_any_bytes_are_some_text(body: bytes) -> None:
    text = markup.plain(markup.decoded(Page(body=body)))
    assert not [each for each in text if unicodedata.category(each) in ("Cc", "Cs")]


@pytest.mark.fault("P7")
@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("/news/1#comments", "https://a.example/news/1"),
        ("//b.example/x", "https://b.example/x"),
        ("?page=2", "https://a.example/list?page=2"),
        ("http://[broken", None),
        ("https://b.example:99999/x", None),
        ("https://b.example:8443/x", "https://b.example:8443/x"),
        ("ftp://a.example/x", None),
        ("", None),
        (None, None),
    ],
)
def test_a_link_is_a_web_address_or_none(href: str | None, address: str | None) -> None:
    assert markup.link("https://a.example/list", href) == address


@pytest.mark.fault("P5")
def test_a_page_nested_without_end_is_refused_and_a_deep_one_read() -> None:
    deep = markup.soup(Page(body=b"<div>" * 400 + b"<p>Here</p>"))
    assert markup.words(deep.select_one("p")) == "Here"
    with pytest.raises(ParseError) as refused:
        markup.soup(Page(body=b"<div>" * 20_000))
    assert refused.value.code is Code.LIMIT


@pytest.mark.parametrize(
    ("href", "address"),
    [("https://a.example/x", "https://a.example/x"), ("/x", None), ("http://[broken", None), ("", None)],
)
def test_a_page_states_its_own_address_only_as_a_whole_one(href: str, address: str | None) -> None:
    tree = markup.soup(Page(body=f'<link rel="canonical" href="{href}">'.encode()))
    assert markup.canonical(tree) == address
