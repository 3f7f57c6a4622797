"""Web pages: hostile markup costs a child at most; what is odd in them changes neither titles nor identities."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import Archive
from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Certainty, Finding, Kind, Publication
from scraper import markup, parse
from scraper.child import Readers
from scraper.model import Code, Page, ParseError, Reading, Source
from tests.servers import Reply
from tests.stories.conftest import SAID, Story, Town

URL = "https://www.ashbyvale.example/news"
CARDS = Source(id="ashby", name="Ashby Vale", url=URL, parser="listing", family="selectors", options={"item": ".card"})
NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)
BEFORE, AFTER = "2026-03-02T10:00:00Z", "2026-03-11T10:00:00Z"
GOOD = "Children’s services rated good by Ofsted"


def card(title: str, link: str = "/news/1", rest: str = "") -> str:
    return f'<div class="card"><h3><a href="{link}">{title}</a></h3>{rest}</div>'


def page(body: str | bytes) -> Page:
    return Page(body=body if isinstance(body, bytes) else body.encode(), url=URL)


def listing(*cards: str) -> Reading:
    text = f"<!doctype html><html><body><main>{''.join(cards)}</main></body></html>"
    return parse.read(page(text), source=CARDS, authorities=Authorities([]))


@pytest.mark.fault("P4")
@pytest.mark.parametrize("piece", ["<a ", "<!--", "<![CDATA["])
@pytest.mark.parametrize("as_type", ["article", None])
def test_a_megabyte_of_unclosed_tags_is_read_in_time(readers: Readers, piece: str, as_type: str | None) -> None:
    begun = time.monotonic()
    body = f"<html><body><h1>News</h1>{card('A headline')}" + piece * (1_000_000 // len(piece))
    read = readers.read(page(body), as_type=as_type, source=CARDS)
    assert read.items or "headline" in read.text
    assert time.monotonic() - begun < 20


@pytest.mark.fault("P5")
@pytest.mark.parametrize("tag", ["<div>", "<ul><li>", "<span>"])
def test_elements_nested_beyond_reason_are_an_error_of_the_page(readers: Readers, tag: str) -> None:
    with pytest.raises(ParseError) as caught:
        readers.read(page(f"<html><body>{tag * 20_000}{card('A headline')}"), source=CARDS)
    assert caught.value.code is Code.LIMIT
    assert "RecursionError" not in str(caught.value)


@pytest.mark.fault("P6")
def test_hundreds_of_thousands_of_elements_end_their_child_and_the_next_page_is_read(readers: Readers) -> None:
    begun = time.monotonic()
    with pytest.raises(ParseError) as caught:
        readers.read(page("<html><body><h1>News</h1>" + "<p>word" * 280_000), source=CARDS)
    assert caught.value.code is Code.LIMIT
    assert time.monotonic() - begun < 40
    assert [item.title for item in readers.read(page(card("A headline")), source=CARDS).items] == ["A headline"]


@pytest.mark.fault("P6")
def test_hundreds_of_thousands_of_attributes_end_at_the_limits_of_their_child(readers: Readers) -> None:
    body = "<html><body><h1>News</h1><div " + " ".join(f"a{n}=x" for n in range(200_000)) + ">x</div>"
    with pytest.raises(ParseError) as caught:
        readers.read(page(body), source=CARDS)
    assert caught.value.code in (Code.LIMIT, Code.NOT_RECOGNISED)
    assert readers.read(page(card("A headline")), source=CARDS).items


@pytest.mark.fault("P1")
@pytest.mark.parametrize("charset", ["utf-8", None])
def test_one_damaged_byte_far_down_leaves_the_title_as_a_browser_shows_it(charset: str | None) -> None:
    body = '<meta charset="utf-8"><title>Children’s services rated “good”</title><p>More'.encode() + b"\xe2\x80</p>"
    assert markup.words(markup.soup(Page(body=body, charset=charset)).title) == "Children’s services rated “good”"


def test_bytes_that_are_no_text_never_become_a_title_of_replacement_characters() -> None:
    body = b'<meta charset="utf-8"><title>Caf\xe9 \x93good\x94 \x96 news</title>'
    assert markup.words(markup.soup(Page(body=body, charset="utf-8")).title) == "Café “good” – news"


@pytest.mark.fault("P2")
@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), min_size=1, max_size=40))
def test_any_title_is_shown_on_one_line_and_can_be_encoded(title: str) -> None:
    shown = markup.plain(title)
    assert shown == " ".join(shown.split())
    assert not set(shown) & set("\u202e\u202d\u2066\u2028\u2029\u200b\x00\x85\ufeff")
    assert markup.plain(shown) == shown


@pytest.mark.fault("P2")
@pytest.mark.parametrize("odd", ["\x00", "\u202e", "\u2028", "\u200b", "e\u0301", "\ufffe", "\U0010ffff"])
def test_odd_characters_of_a_page_reach_the_archive_and_its_search_cleaned(tmp_path: Path, odd: str) -> None:
    read = parse.read(
        page(f"<html><body><h1>Bins{odd} day</h1><p>Collection{odd} changes on Monday in all of our wards.</p>"),
        as_type="article", authorities=Authorities([]),
    )  # fmt: skip
    assert read.title is not None and not set(read.title) & set("\x00\u202e\u2028\u200b")
    with Archive.open(tmp_path / "state") as archive:
        made = Publication(
            source="n", ref="1", url=URL, title=read.title, text=read.text, type="article",
            findings=(Finding(kind=Kind.ILACS, authority="Northmoor", certainty=Certainty.ANNOUNCED, theme=read.title,
                              published_on=Day("2026-03-10")),),
        )  # fmt: skip
        archive.record(made, now=NOW, baseline=True)
        assert [hit.publication.publication.title for hit in archive.search("monday")] == [read.title]


VARIANTS: list[Callable[[str], str]] = [
    lambda text: text.replace("&", "&amp;amp;"),
    lambda text: text.replace("&", "&#38;"),
    lambda text: text.replace(" ", "&nbsp;"),
    lambda text: text.replace("rated", "ra&shy;ted"),
    lambda text: text.replace("rated", "ra\u200bted"),
    lambda text: text.replace(" ", "\n   "),
]


@pytest.mark.fault("P3")
@pytest.mark.parametrize("number", range(len(VARIANTS)))
def test_two_spellings_of_a_headline_are_one_record(number: int) -> None:
    title = "Care & support rated good"
    plain = listing(card(title.replace("&", "&amp;")))
    other = listing(card(VARIANTS[number](title)))
    assert [item.ref for item in other.items] == [item.ref for item in plain.items]
    if number == 0:
        return  # "&amp;amp;" is shown as a browser shows it
    assert [item.title for item in other.items] == [title]


@pytest.mark.fault("P12")
@pytest.mark.parametrize("as_type", ["article", None])
def test_an_endless_title_is_cut(as_type: str | None) -> None:
    body = f"<html><head><title>{'T' * 100_000}</title></head><body>{card('wörd ' * 20_000)}<h1>{'wörd ' * 20_000}</h1><p>Text.</p>"
    read = parse.read(page(body), as_type=as_type, source=CARDS, authorities=Authorities([]))
    titles = [item.title for item in read.items] if as_type is None else [read.title or ""]
    assert titles and all(0 < len(title) <= 500 for title in titles)


@pytest.mark.fault("P12")
@pytest.mark.parametrize("title", ["", "   ", "\u200b"])
def test_an_article_without_a_title_is_told_under_the_words_of_its_link(town: Town, title: str) -> None:
    town.poll(BEFORE)
    town.news.append(Story("rated-good", GOOD, "Published Wednesday 11 March 2026 at 9:37", SAID))
    town.refresh()
    shown = town.site._scripts["/rated-good/"]
    assert callable(shown)

    def untitled(asked: object) -> Reply:
        reply: Reply = shown(asked)  # type: ignore[operator, arg-type]
        return replace_title(reply, title)

    town.refresh = lambda: None  # type: ignore[method-assign]
    town.site["/rated-good/"] = untitled
    town.poll(AFTER)
    assert len(town.mail()) == 1
    (found,) = town.ask("sql", "SELECT title FROM publications WHERE ref LIKE '%rated-good%'")
    assert found["title"] == GOOD


def replace_title(reply: Reply, title: str) -> Reply:
    text = reply.body.decode().replace(f"<h1>{GOOD}</h1>", f"<h1>{title}</h1>")
    return Reply(
        body=text.replace(f"<title>{GOOD} | News</title>", f"<title>{title}</title>").encode(), headers=reply.headers
    )


@pytest.mark.fault("P8")
def test_a_story_pinned_above_its_list_is_one_record_and_one_alert(town: Town) -> None:
    town.poll(BEFORE)
    story = Story("rated-good", GOOD, "Published Wednesday 11 March 2026 at 9:37", SAID)
    town.news += [story, story]
    town.poll(AFTER)
    assert len(town.ask("sql", "SELECT ref FROM publications WHERE ref LIKE '%rated-good%'")) == 1
    assert len(town.mail()) == 1


@pytest.mark.fault("P10")
def test_a_story_that_disappears_stays_in_the_archive_and_is_told_to_nobody(town: Town) -> None:
    town.news.append(Story("rated-good", GOOD, "Published Wednesday 25 February 2026 at 9:37", SAID))
    town.poll(BEFORE)
    before = town.ask("sql", "SELECT ref, title, revision FROM publications ORDER BY ref")
    inspections = town.ask("inspections")
    assert len(inspections) == 1
    town.news.pop()
    town.site["/rated-good/"] = Reply(status=404, body=b"gone")
    for day in range(11, 17):
        town.poll(f"2026-03-{day}T10:00:00Z")
    assert town.ask("sql", "SELECT ref, title, revision FROM publications ORDER BY ref") == before
    assert town.ask("inspections") == inspections
    assert town.mail() == []


@pytest.mark.fault("P11")
@pytest.mark.parametrize("printed", ["31/02/2026", "0 January 0001", "yesterday week", "12 March 2106", ""])
def test_a_date_that_cannot_be_is_unknown_and_the_record_is_made(printed: str) -> None:
    reading = listing(card("A headline", rest=f'<p class="date">{printed}</p>'))
    (item,) = reading.items
    assert item.published_on in (None, "XXXX-03-12"), "no year is made up, and none of the next century believed"
    assert item.published_at is None


@pytest.mark.fault("P11")
def test_an_announcement_whose_date_cannot_be_is_told(town: Town) -> None:
    town.poll(BEFORE)
    story = Story("rated-good", GOOD, "Published Wednesday 31 February 2026 at 9:37", SAID)
    town.news.append(story)
    town.poll(AFTER)
    assert len(town.mail()) == 1
