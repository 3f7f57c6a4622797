"""The one dispatch: what a file is, by what it is asked as, by its source, or by its own bytes."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.authorities import Authorities
from scraper import parse
from scraper.model import Code, Item, Page, ParseError, Reading, Source

LISTINGS = Path(__file__).parents[2] / "fixtures" / "listings"
AUTHORITIES = Authorities([])
ARTICLE = b"<!doctype html><html><body><main><h1>Bins day changes</h1><p>Published 12 August 2025</p><p>Bins.</p></main></body></html>"
FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><item><title>One</title><link>https://a.example/1</link></item></channel></rss>'
POSTS = b'[{"link": "https://a.example/1", "title": {"rendered": "One"}, "date_gmt": "2025-08-12T08:00:00"}]'
PDF = b"%PDF-1.7\n1 0 obj\n"


def read(
    body: bytes, as_type: str | None = None, source: Source | None = None, url: str = "https://a.example/x"
) -> Reading:
    return parse.read(Page(body=body, url=url), as_type=as_type, source=source, authorities=AUTHORITIES)


def code_of(body: bytes, as_type: str | None = None, source: Source | None = None) -> Code:
    with pytest.raises(ParseError) as error:
        read(body, as_type, source)
    assert len(str(error.value).split()) > 4, "a sentence"
    return error.value.code


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PDF, "report"),
        (b"\n" * 900 + PDF, "report"),
        (ARTICLE, "article"),
        (b"Bins day changes\n\nPublished 12 August 2025\n\nBins.", "article"),
        (b"[Updated] Bins day changes\n\nBins.", "article"),
        (FEED, "feed"),
        (b"\xef\xbb\xbf" + FEED, "feed"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>', "feed"),
        (
            b'<?xml version="1.0"?><!doctype html><html><body><p>An XHTML page about RSS &lt;rss&gt;</p></body></html>',
            "article",
        ),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed"),
        (POSTS, "wordpress"),
        (b'{"items": [{"entryTitle": "One"}], "totalCount": 1}', "listing"),
        ((LISTINGS / "ofsted_provider" / "authority.html").read_bytes(), "provider"),
        ((LISTINGS / "ofsted_search" / "first.html").read_bytes(), "search"),
    ],
)
def test_the_bytes_show_what_a_file_is(body: bytes, kind: str) -> None:
    assert parse.sniff(Page(body=body)) == kind


@pytest.mark.parametrize("body", [b"", b" \n\t ", b"\xef\xbb\xbf\n"])
@pytest.mark.parametrize("as_type", [None, "report", "article", "feed", "listing"])
def test_an_empty_body_is_empty_whatever_it_is_asked_as(body: bytes, as_type: str | None) -> None:
    assert code_of(body, as_type) is Code.EMPTY


@pytest.mark.parametrize(
    "body",
    [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), b"PK\x03\x04\x14\x00\x06\x00" + b"\x00\x01\x02" * 60],
)
def test_binary_files_are_not_recognised(body: bytes) -> None:
    assert code_of(body) is Code.NOT_RECOGNISED
    assert code_of(body, "article") is Code.NOT_RECOGNISED


def test_a_web_page_asked_for_as_a_report_is_not_a_pdf() -> None:
    assert code_of(ARTICLE, "report") is Code.NOT_A_PDF
    assert code_of(FEED, "report") is Code.NOT_A_PDF


def test_a_pdf_asked_for_as_a_page_is_not_recognised() -> None:
    assert code_of(PDF, "article") is Code.NOT_RECOGNISED


@pytest.mark.parametrize("as_type", [None, "report", "provider"])
def test_ofsteds_page_for_a_missing_report_is_report_not_found(as_type: str | None) -> None:
    body = (LISTINGS / "ofsted_provider" / "not_found.html").read_bytes()
    assert code_of(body, as_type) is Code.REPORT_NOT_FOUND


def test_json_of_another_kind_is_not_recognised() -> None:
    assert code_of(b'{"weather": "rain"}') is Code.NOT_RECOGNISED


def test_a_type_that_does_not_exist_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(LookupError, match="no type 'news'; there are report, article"):
        read(ARTICLE, "news")


@pytest.mark.parametrize(
    ("body", "kind", "type"), [(ARTICLE, "article", "article"), (FEED, "feed", "feed"), (POSTS, "wordpress", "feed")]
)
def test_a_forced_type_is_used(body: bytes, kind: str, type: str) -> None:
    assert read(body, kind).type == type


def test_a_source_says_how_its_listing_is_read_and_where_its_articles_have_their_text() -> None:
    source = Source(id="jadu", name="J", url="https://a.example/news", parser="feed", family="jadu")
    assert read(FEED, source=source).type == "feed"
    assert code_of(ARTICLE, source=source) is Code.NOT_RECOGNISED
    body = b'<html><body><h1>Bins</h1><div class="editor"><p>Bins change.</p></div><div><p>Elsewhere</p></div></body></html>'
    assert "Elsewhere" not in read(body, "article", source).text
    own = Source(id="o", name="O", url="https://a.example/", parser="listing", family="jadu",
                 options={"container": [".story", ".text"]})  # fmt: skip
    assert parse.container(own) == ".story, .text"
    assert parse.container(Source(id="w", name="W", url="https://a.example/", parser="wordpress")) is not None
    assert parse.container(None) is None


@pytest.mark.parametrize(
    ("family", "options", "said"),
    [
        ("jadu", {"itme": "li"}, "no option 'itme'"),
        ("jaduu", {}, "no newsroom family 'jaduu'"),
        (None, {}, "option `item`"),
    ],
)
def test_a_mistake_in_a_declaration_is_named(
    family: str | None, options: dict[str, str | int | list[str]], said: str
) -> None:
    wrong = Source(id="w", name="W", url="https://a.example/", parser="listing", family=family, options=options)
    with pytest.raises(ParseError, match=f"source 'w'.*{said}"):
        read(ARTICLE, source=wrong)


def test_a_source_whose_family_nobody_declared_is_read_by_the_signs_of_its_page() -> None:
    body = (LISTINGS / "jadu" / "listing.html").read_bytes()
    url = "https://www.harrowick.example/news"
    undeclared = Source(id="h", name="H", url=url, parser="listing")
    assert len(read(body, source=undeclared, url=url).items) == 6
    own = Source(id="h", name="H", url=url, parser="listing", options={"item": ".listing__link"})
    assert len(read(body, source=own, url=url).items) == 6


def test_every_parser_of_a_declaration_reads_as_a_known_type() -> None:
    assert set(parse.PARSERS.values()) <= set(parse.READERS)


def reading(*items: Item, total: int | None = None, type: str = "listing") -> Reading:
    return Reading(type=type, items=items, total=total)


def item(ref: str = "1", url: str = "https://a.example/1", title: str = "A headline") -> Item:
    return Item(ref=ref, url=url, title=title)


@pytest.mark.parametrize("type", ["listing", "feed", "search", "provider"])
def test_nothing_found_is_an_error_unless_the_page_says_so(type: str) -> None:
    with pytest.raises(ParseError) as zero:
        parse.check(reading(type=type))
    assert zero.value.outcome == "zero-items"
    assert parse.check(reading(type=type, total=0)).items == ()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (reading(item(title=" ")), "has no title"),
        (reading(item(url="/news/1")), "expected a web address"),
        (reading(item(url="ftp://a.example/1")), "expected a web address"),
        (reading(item("1"), item("2"), item("3"), total=2, type="search"), "there are 2"),
    ],
)
def test_what_cannot_be_right_is_suspect(wrong: Reading, said: str) -> None:
    with pytest.raises(ParseError, match=said) as suspect:
        parse.check(wrong)
    assert suspect.value.outcome == "suspect"
    assert "Nothing of this reading was kept" in str(suspect.value)


@pytest.mark.parametrize("type", ["provider", "search"])
def test_documents_of_one_label_and_homes_without_a_name_are_no_fault(type: str) -> None:
    same = reading(*(item(str(n), f"https://a.example/{n}", "Children's home") for n in range(5)), type=type)
    assert parse.check(same) == same


def test_two_items_with_one_ref_are_merged_in_the_first_ones_place() -> None:
    dated = Item(ref="1", url="https://a.example/1", title="A longer headline", summary="s")
    merged = parse.check(reading(item("1"), item("2", "https://a.example/2", "Another"), dated))
    assert [(each.ref, each.title, each.summary) for each in merged.items] == [
        ("1", "A headline", "s"),
        ("2", "Another", ""),
    ]


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400) | st.text(max_size=400).map(str.encode)
    | st.builds(lambda a, b, at: a[: at % 400] + b + a[at % 400 :],
                st.sampled_from([ARTICLE, FEED, POSTS, (LISTINGS / "jadu" / "listing.html").read_bytes()]),
                st.binary(max_size=20), st.integers(0, 400)),
    st.sampled_from([None, "article", "feed", "wordpress", "listing", "search", "provider"]),
)  # fmt: skip
def test_any_bytes_give_a_reading_or_a_parse_error(body: bytes, as_type: str | None) -> None:
    page = Page(body=body, url="https://a.example/x", fetched_on=date(2025, 9, 19))
    with suppress(ParseError):
        found = parse.read(page, as_type=as_type, authorities=AUTHORITIES)
        assert found.type in ("article", "feed", "listing", "search", "provider")
