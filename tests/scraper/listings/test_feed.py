"""Feeds: refs that outlive changed ids, dates in UTC and London's day, and a gate before feedparser."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from scraper import parse
from scraper.listings.feed import read_feed
from scraper.model import Code, Page, ParseError, Reading

URL = "https://news.marrowdale.example/feed/"


def feed(items: str, url: str = URL, head: str = "") -> Reading:
    text = f'<?xml version="1.0"?>{head}<rss version="2.0"><channel><title>Marrowdale &amp;amp; news</title>{items}</channel></rss>'
    return read_feed(Page(body=text.encode(), url=url))


def item(title: str = "A headline", link: str = "https://news.marrowdale.example/a-headline/", **more: str) -> str:
    cells = "".join(f"<{key}>{value}</{key}>" for key, value in more.items())
    return f"<item><title>{title}</title><link>{link}</link>{cells}</item>"


@pytest.mark.fault("X6")
def test_an_entry_has_the_identity_of_its_link_whatever_its_id_is() -> None:
    first = feed(item(guid="1f00-aa"))
    second = feed(item(guid="99cc-bb"))
    assert [entry.ref for entry in first.items] == [entry.ref for entry in second.items]


@pytest.mark.fault("P7")
def test_tracking_parameters_and_a_slash_make_no_other_item() -> None:
    plain = feed(item())
    tracked = feed(item(link="https://news.marrowdale.example/a-headline?utm_source=rss&amp;utm_medium=feed"))
    assert plain.items[0].ref == tracked.items[0].ref
    assert "utm_source" in tracked.items[0].url, "the link itself stays as it was given"


def test_entries_that_share_one_link_are_told_apart_by_their_ids() -> None:
    link = "https://news.marrowdale.example/"
    reading = feed(item("One", link, guid="11") + item("Two", link, guid="22"))
    assert [entry.ref for entry in parse.check(reading).items] == ["11", "22"]


def test_an_id_that_is_an_address_stands_in_for_a_missing_link() -> None:
    reading = feed("<item><title>A headline</title><guid>https://news.marrowdale.example/x</guid></item>")
    assert reading.items[0].url == "https://news.marrowdale.example/x"


def test_the_date_of_an_entry_is_an_instant_and_londons_day() -> None:
    reading = feed(item(pubDate="Thu, 23 May 2024 23:30:00 +0000"))
    assert reading.items[0].published_at == datetime(2024, 5, 23, 23, 30, tzinfo=UTC)
    assert reading.items[0].published_on == "2024-05-24"


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("Fri, 24 May 2024 08:37:00 GMT", "2024-05-24"),
        ("Fri, 24 May 2024 09:37:00 BST", "2024-05-24"),
        ("05/03/2025 10:15", "2025-03-05"),
        ("2025-03-05T10:15:00+00:00", "2025-03-05"),
        ("Wed, 05 Mar 2025 00:00:00 +0000", "2025-03-05"),
    ],
)
def test_dates_are_read_in_the_british_way(printed: str, day: str) -> None:
    assert feed(item(pubDate=printed)).items[0].published_on == day


@pytest.mark.parametrize(
    ("printed", "day"),
    [(f"Fri, 24 May {'9' * 30} 08:37:00 GMT", "XXXX-05-24"), ("Fri, 24 May 2024 08:37:00 +9000", "2024-05-24")],
)
def test_of_a_date_of_no_calendar_what_can_be_is_read(printed: str, day: str) -> None:
    assert feed(item(pubDate=printed)).items[0].published_on == day


def test_british_summer_time_is_one_hour_ahead() -> None:
    at = feed(item(pubDate="Fri, 24 May 2024 09:37:00 BST")).items[0].published_at
    assert at == datetime(2024, 5, 24, 8, 37, tzinfo=UTC)


def test_a_time_that_every_entry_shares_is_a_default() -> None:
    entries = "".join(
        item(f"Headline {day}", f"https://news.marrowdale.example/{day}", pubDate=f"0{day} Jul 2025 12:00:00 +0000")
        for day in (1, 2, 3)
    )
    reading = feed(entries)
    assert [entry.published_at for entry in reading.items] == [None, None, None]
    assert [entry.published_on for entry in reading.items] == ["2025-07-01", "2025-07-02", "2025-07-03"]


def test_a_date_that_is_none_is_unknown() -> None:
    assert feed(item(pubDate="soon")).items[0].published_on is None


@pytest.mark.fault("P3")
def test_titles_are_plain_text() -> None:
    reading = feed(item("Children&amp;#8217;s   services &lt;b&gt;rated&lt;/b&gt; good\u200b"))
    assert reading.items[0].title == "Children’s services rated good"
    assert reading.title == "Marrowdale & news"


@pytest.mark.fault("P12")
def test_an_entry_without_a_title_is_called_by_its_text() -> None:
    reading = feed(
        "<item><link>https://news.marrowdale.example/x</link><description>Inspectors came.</description></item>"
    )
    assert reading.items[0].title == "Inspectors came."


def test_atom_is_read_with_its_links_and_zone() -> None:
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><link rel="next" href="/feed?page=2"/>'
        '<entry><id>tag:x,1</id><title type="html">Good &amp;amp; better</title><link href="/news/one"/>'
        "<published>2024-05-24T09:37:00+01:00</published><updated>2024-06-01T00:00:00Z</updated></entry></feed>"
    )
    reading = read_feed(Page(body=text.encode(), url="https://www.marrowdale.example/feed"))
    (entry,) = reading.items
    assert (entry.title, entry.url) == ("Good & better", "https://www.marrowdale.example/news/one")
    assert entry.published_at == datetime(2024, 5, 24, 8, 37, tzinfo=UTC)
    assert reading.next_url == "https://www.marrowdale.example/feed?page=2"


def test_json_feed_is_read() -> None:
    text = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [{"id": "7", "title": "A headline",'
        ' "url": "https://www.marrowdale.example/news/one", "date_published": "2024-05-24T09:37:00+01:00"}]}'
    )
    reading = parse.read(Page(body=text.encode()), authorities=None)  # type: ignore[arg-type]
    assert (reading.type, reading.items[0].title, reading.items[0].published_on) == ("feed", "A headline", "2024-05-24")


@pytest.mark.fault("X5")
def test_a_broken_feed_is_read_as_far_as_it_goes_and_says_so() -> None:
    text = (
        b'<?xml version="1.0"?><rss version="2.0"><channel><item><title>Fish & chips at the caf\xe9</title>'
        b"<link>https://www.marrowdale.example/1</link></item><item><title>Second</title><link>https://www.marrowdale.example/2</link>"
    )
    reading = read_feed(Page(body=text))
    assert [entry.title for entry in reading.items] == ["Fish & chips at the café", "Second"]
    assert "not well-formed" in reading.notes[0]


@pytest.mark.fault("X5")
def test_a_web_page_in_place_of_a_feed_is_named_as_such() -> None:
    with pytest.raises(ParseError, match="a web page, “We have moved”"):
        read_feed(
            Page(body=b"<!doctype html><html><head><title>We have moved</title></head><body><p>x</p></body></html>")
        )


def test_an_empty_feed_is_an_error_unless_it_answers_a_search() -> None:
    with pytest.raises(ParseError) as empty:
        parse.check(feed(""))
    assert empty.value.outcome == "zero-items"
    assert parse.check(feed("", url="https://news.marrowdale.example/?s=ofsted&feed=rss2")).items == ()


@pytest.mark.fault("X1")
@pytest.mark.fault("X2")
@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!doctype r [<!entity x system "http://169.254.169.254/">]>',
    ],
)
def test_entities_are_refused_before_feedparser_sees_them(head: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        text = f'{head}<rss version="2.0"><channel>{item("&x;")}</channel></rss>'
        with pytest.raises(ParseError) as refused:
            read_feed(Page(body=text.encode(encoding)))
        assert refused.value.code is Code.REFUSED


def test_an_old_feeds_plain_doctype_is_no_attack() -> None:
    head = (
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.example/rss-0.91.dtd">'
    )
    assert feed(item(), head=head).items[0].title == "A headline"


@pytest.mark.fault("X4")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<rss><channel>" + b"<item>" * 100_000, Code.LIMIT),
        (b"<rss><channel>" + b"<x>" * 201 + b"</x>" * 201, Code.LIMIT),
        (b"<rss>" + b" " * 2_000_001 + b"</rss>", Code.TOO_LARGE),
    ],
)
def test_what_is_too_deep_or_too_large_is_refused(body: bytes, code: Code) -> None:
    with pytest.raises(ParseError) as refused:
        read_feed(Page(body=body))
    assert refused.value.code is code


@pytest.mark.fault("X3")
@pytest.mark.parametrize("tag", ["author", "dc:creator", "managingEditor", "itunes:author"])
def test_a_name_made_to_stall_the_reader_is_never_read(tag: str) -> None:
    name = "a" * 60_000
    text = (
        f'<rss version="2.0"><channel>{item(link="https://a.example/1", **{tag: name})}{item("Next")}</channel></rss>'
    )
    begun = time.process_time()
    reading = read_feed(Page(body=text.encode()))
    assert len(reading.items) == 2
    assert time.process_time() - begun < 5


def test_unclosed_tags_within_a_text_are_not_depth() -> None:
    entries = "".join(
        item(f"Headline {n}", f"https://news.marrowdale.example/{n}", description="one<br>two<br>three<p>four" * 5)
        for n in range(60)
    )
    assert len(feed(entries).items) == 60


def test_a_character_that_does_not_exist_is_an_error_and_no_crash() -> None:
    with pytest.raises(ParseError, match="cannot be read"):
        feed(item("A &#x110000; headline"))
