"""A town of ten newsrooms, read again and again while everything changes but the news."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from fixtures.listings.town import FOLDER, TODAY, TOWN, Newsroom, Story
from inspections.authorities import Authorities
from scraper import parse, probe
from scraper.article import identity
from scraper.model import Page, ParseError, Reading, Source

AUTHORITIES = Authorities([])
MAINTENANCE = b"<!doctype html><html><body><h1>We'll be back soon</h1><p>We are carrying out essential maintenance.</p></body></html>"

rooms = pytest.mark.parametrize("room", TOWN, ids=lambda room: room.family)


def source(room: Newsroom) -> Source:
    return Source(id=room.family, name=room.council, url=room.url(), parser="listing", family=room.family)


def read(room: Newsroom, body: bytes, page: int = 1) -> Reading:
    fetched = Page(body=body, url=room.url(page), fetched_on=TODAY)
    return parse.read(fetched, source=source(room), authorities=AUTHORITIES)


def read_feed(room: Newsroom, body: bytes) -> Reading:
    return parse.read(Page(body=body, url=room.feed_url), as_type="feed", source=source(room), authorities=AUTHORITIES)


def attempt(room: Newsroom, body: bytes) -> tuple[str, set[str]]:
    """What became of a reading, and the refs that it gave."""
    try:
        return "read", set(refs(read(room, body)))
    except ParseError as error:
        return error.outcome, set()


def refs(reading: Reading) -> list[str]:
    return [item.ref for item in reading.items]


def truth(room: Newsroom, stories: list[Story]) -> set[str]:
    return {identity(room.base + story.path) for story in stories}


def pages(room: Newsroom, stories: list[Story]) -> Iterator[Reading]:
    """Every page of the list, by the addresses that the pages themselves give."""
    at = {room.url(number): number for number in range(1, 9)}
    url: str | None = room.url()
    while url:
        reading = read(room, room.page(stories, at[url]), at[url])
        yield reading
        url = reading.next_url


def test_the_town_has_ten_newsrooms_of_ten_families() -> None:
    assert len({room.family for room in TOWN}) == 10


@rooms
def test_the_golden_pages_are_those_of_the_templates(room: Newsroom) -> None:
    saved = FOLDER / room.family / "listing.html"
    assert room.page(room.stories(7)) == saved.read_bytes(), "run python fixtures/listings/town.py"


@rooms
def test_all_pages_together_hold_every_story_once(room: Newsroom) -> None:
    stories = room.stories(10)
    found = [ref for reading in pages(room, stories) for ref in refs(reading)]
    assert len(found) == 10
    assert set(found) == truth(room, stories)


@pytest.mark.fault("P8")
@rooms
def test_featured_stories_that_stand_in_the_list_too_are_one_item(room: Newsroom) -> None:
    stories = room.stories(6)
    doubled = [stories[2], stories[3], *stories[:6]]
    found = refs(read(room, room.page(doubled, featured=4)))
    assert len(found) == len(set(found))
    assert set(found) == truth(room, stories)


@rooms
def test_what_changes_around_the_news_makes_no_new_item(room: Newsroom) -> None:
    stories = room.stories(6)
    before = set(refs(read(room, room.page(stories))))
    changed = {
        "order": room.page([*stories[2:], *stories[:2]], featured=2),
        "consent token": room.page(stories, token="ffee99aa0012"),
        "view counters": room.page([replace(story, views=story.views + 3391) for story in stories]),
        "headline": room.page([replace(story, title=story.title + " (updated)") for story in stories]),
        "featured": room.page(stories, featured=3),
    }
    for what, body in changed.items():
        assert set(refs(read(room, body))) == before, what


@rooms
def test_relative_dates_make_no_new_item(room: Newsroom) -> None:
    body = room.page(room.stories(6))
    before = set(refs(read(room, body)))
    for story in room.stories(6):
        for printed in (story.weekday_day, story.long_day, story.short_day, story.us_day, story.dmy):
            body = body.replace(f">{printed}<".encode(), f">{story.ago}<".encode())
    assert set(refs(read(room, body))) == before


@rooms
def test_an_edited_headline_is_read_anew(room: Newsroom) -> None:
    stories = room.stories(6)
    edited = [replace(stories[0], title="Inspectors withdraw their praise"), *stories[1:]]
    first = next(item for item in read(room, room.page(edited)).items if item.ref in truth(room, stories[:1]))
    assert first.title == "Inspectors withdraw their praise"


@pytest.mark.parametrize("room", [room for room in TOWN if "{id}/" in room.story_path], ids=lambda room: room.family)
def test_an_address_with_an_id_may_change_its_words(room: Newsroom) -> None:
    stories = room.stories(6)
    renamed = [room.story(0, "Inspectors withdraw their praise"), *stories[1:]]
    assert renamed[0].path != stories[0].path
    assert set(refs(read(room, room.page(renamed)))) == set(refs(read(room, room.page(stories))))


@rooms
def test_one_new_story_is_one_new_item(room: Newsroom) -> None:
    stories = room.stories(5)
    fresh = room.story(-1, "Ofsted publishes its report on children’s services")
    for featured in (0, 1, 2):
        before = set(refs(read(room, room.page(stories, featured=2))))
        after = set(refs(read(room, room.page([fresh, *stories], featured=featured or 2))))
        assert after - before == truth(room, [fresh])


@rooms
def test_a_redesign_is_an_error_and_never_news(room: Newsroom) -> None:
    with pytest.raises(ParseError) as found:
        read(room, room.redesigned(room.stories(6)))
    assert found.value.outcome in ("zero-items", "suspect")
    assert room.family in str(found.value), "the message names what was looked for"
    assert "not lost" in str(found.value)


@rooms
def test_every_other_redesign_of_the_town_is_an_error_too(room: Newsroom) -> None:
    """Another family's markup in its place: read by this family's selectors it must not give other items."""
    for other in TOWN:
        if other.family == room.family:
            continue
        body = replace(other, scheme_host=room.base).page(other.stories(6))
        outcome, found = attempt(room, body)
        assert outcome in ("zero-items", "suspect", "read")
        assert found <= truth(replace(other, scheme_host=room.base), other.stories(6)), "only true news, if any"


@rooms
def test_a_maintenance_page_with_status_200_is_no_empty_list(room: Newsroom) -> None:
    with pytest.raises(ParseError) as found:
        read(room, MAINTENANCE)
    assert found.value.outcome == "maintenance"
    with pytest.raises(ParseError) as found:
        read_feed(room, MAINTENANCE)
    assert found.value.outcome == "maintenance"


@pytest.mark.fault("X6")
@rooms
def test_changed_feed_ids_make_no_new_item(room: Newsroom) -> None:
    stories = room.stories(10)
    before = refs(read_feed(room, room.rss(stories)))
    assert refs(read_feed(room, room.rss(stories, salt="deadbeef"))) == before
    assert set(refs(read_feed(room, room.rss(stories[::-1])))) == set(before)


@rooms
def test_feed_and_list_give_one_story_one_ref_and_one_day(room: Newsroom) -> None:
    stories = room.stories(6)
    listed = {item.ref: item for item in read(room, room.page(stories)).items}
    fed = {item.ref: item for item in read_feed(room, room.rss(stories)).items}
    assert set(listed) == set(fed) == truth(room, stories)
    for ref, item in listed.items():
        assert item.published_on == fed[ref].published_on
        if item.published_at and fed[ref].published_at:
            assert item.published_at == fed[ref].published_at


@rooms
def test_an_article_has_the_ref_and_the_date_of_its_entry(room: Newsroom) -> None:
    story, related = room.stories(6)[0], room.stories(6)[5]
    page = Page(body=room.article(story, related), url=room.base + story.path, fetched_on=TODAY)
    reading = parse.read(page, as_type="article", source=source(room), authorities=AUTHORITIES)
    entry = next(item for item in read_feed(room, room.rss([story, related])).items if item.title == story.title)
    assert identity(reading.canonical_url or page.url) == entry.ref
    assert reading.published_on == entry.published_on


@rooms
def test_discover_finds_the_family_and_the_feed(room: Newsroom) -> None:
    page = Page(body=room.page(room.stories(6)), url=room.url(), fetched_on=TODAY)
    candidates = probe.discover(page)
    served = {room.feed_url: ("feed", room.rss(room.stories(6))), room.url(): ("listing", page.body)}
    sound = []
    for candidate in candidates:
        if candidate.url in served:
            as_type, body = served[candidate.url]
            found = Page(body=body, url=candidate.url, fetched_on=TODAY)
            reading = parse.read(found, as_type=as_type, source=candidate.source("x", "x"), authorities=AUTHORITIES)
            if probe.is_sound(probe.judge(candidate, reading)):
                sound.append(candidate)
    assert [(each.url, each.parser) for each in sound] == [(room.feed_url, "feed"), (room.url(), "listing")]
    assert {each.family for each in candidates} == {room.family}


@rooms
def test_on_loopback_the_same_pages_read_the_same(room: Newsroom) -> None:
    replica = replace(room, scheme_host="http://127.0.0.1:8700")
    stories = replica.stories(6)
    assert set(refs(read(replica, replica.page(stories)))) == truth(replica, stories)
