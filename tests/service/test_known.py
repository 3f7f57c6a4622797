"""What of a listing is new: pages that go on, hosts that are twins, listings that look new at once."""

from __future__ import annotations

from datetime import date

import pytest

from inspections.days import Day
from scraper.article import identity
from scraper.model import Item, Reading, Source
from service.polling.known import Held, Round, each_once, fingerprint, goes_on, looks_redesigned, wanted

HOME = "https://www.saltby.example"


def item(path: str, title: str = "", day: str | None = "2025-09-01", host: str = HOME) -> Item:
    url = host + path
    return Item(ref=identity(url), url=url, title=title or f"About {path}", published_on=Day(day) if day else None)


def round_of(*held: Item, hosts: tuple[str, ...] = (), limit: int = 20, publisher: str = "council") -> Round:
    source = Source(id="saltby", name="Saltby", url=HOME + "/news", parser="listing", hosts=hosts, publisher=publisher)
    known = {one.ref: Held(fingerprint=fingerprint(one)) for one in held}
    return Round(source=source, held=known, last_read=date(2025, 9, 10), on=date(2025, 9, 19), limit=limit)


def page(*items: Item) -> Reading:
    return Reading(type="listing", items=items)


OLD = [item(f"/news/old-{n}") for n in range(6)]
NEW = [item(f"/news/new-{n}", day="2025-09-12") for n in range(6)]


@pytest.mark.parametrize(
    ("shown", "goes"),
    [
        ([*OLD], False),
        ([*NEW], True),
        ([OLD[0], *NEW], True),  # featured above, however old
        ([*NEW[:2], *OLD], False),
        ([*OLD[:5], item("/news/moved-up", day="2025-08-01")], False),
        ([*OLD[:5], item("/news/undated", day=None)], False),
    ],
)
def test_a_list_is_read_on_until_it_shows_what_is_known(shown: list[Item], goes: bool) -> None:
    assert goes_on(round_of(*OLD), page(*shown), 1) is goes
    assert not goes_on(round_of(*OLD), page(*shown), 10), "ten pages at most, and those only in a gap"
    if any(one in OLD for one in shown):
        assert not goes_on(round_of(*OLD), page(*shown), 3), "three pages at most"


def test_the_first_reading_goes_as_far_as_one_poll_may_read() -> None:
    assert goes_on(round_of(limit=12), page(*NEW), 1)
    assert not goes_on(round_of(limit=11), page(*NEW), 1)


def test_http_https_and_www_are_one_ref() -> None:
    spelled = [item("/news/a", host=host) for host in ("http://saltby.example", "https://saltby.example", HOME)]
    (one,) = each_once(round_of(), spelled)
    assert one.ref == "https://saltby.example/news/a"


def test_an_article_on_the_twin_of_its_host_keeps_the_ref_under_which_it_is_held() -> None:
    held, twin = item("/news/article/715/a-story"), item("/news/article/715/a-story", host="https://dev.saltby.example")
    assert held.ref != twin.ref
    round = round_of(held, hosts=("dev.saltby.example",))
    assert [one.ref for one in each_once(round, [twin])] == [held.ref]
    assert [one.ref for one in each_once(round_of(held), [twin])] == [twin.ref], "only hosts that the source names"
    assert len(each_once(round_of(hosts=("dev.saltby.example",)), [held, twin])) == 1


def test_an_article_of_the_second_host_that_is_held_is_left_as_it_is() -> None:
    one, other = item("/news/a"), item("/news/a", host="https://dev.saltby.example")
    round = round_of(one, other, hosts=("dev.saltby.example",))
    assert [each.ref for each in each_once(round, [other, one])] == [other.ref, one.ref]


@pytest.mark.parametrize(
    ("shown", "redesigned"),
    [
        ([item(f"/moved/{n}", title=one.title, day=None) for n, one in enumerate(OLD)], True),
        ([item(f"/moved/{n}", title=one.title, day="2025-09-12") for n, one in enumerate(OLD)], True),
        ([item(f"/moved/{n}", title=f"Other {n}") for n in range(3)], True),
        ([item(f"/moved/{n}", title=f"Other {n}") for n in range(2)], False),
        ([item(f"/moved/{n}", title=f"Other {n}", day=None) for n in range(9)], False),
        ([item(f"/moved/{n}", title=f"Other {n}", day=None) for n in range(10)], True),
        (NEW, False),  # after a long absence
        ([OLD[5], *[item(f"/moved/{n}", title=one.title) for n, one in enumerate(OLD[:5])]], False),
    ],
)
def test_a_listing_of_which_everything_looks_new_may_be_redesigned(shown: list[Item], redesigned: bool) -> None:
    assert looks_redesigned(round_of(*OLD), shown) is redesigned
    assert not looks_redesigned(round_of(), shown), "at the first reading everything is new"
    assert not looks_redesigned(round_of(*OLD, publisher="ofsted"), shown), "Ofsted's ids do not change"


def test_an_edited_headline_is_read_again_and_a_passing_token_is_not() -> None:
    round = round_of(*OLD)
    assert wanted(item("/news/old-1", title="Edited"), round)
    assert not wanted(item("/news/old-1?consent_token=9f", title=OLD[1].title), round)


@pytest.mark.parametrize(
    "address",
    [
        "/news/a?consent_token=ff01", "/news/a?cookie-consent=yes&PHPSESSID=12ab", "/news/a;jsessionid=A1B2?token=3",
        "/news/a?form_build_token=7&cb=1726", "/news/a?mtm_campaign=x&_gl=1*2",
    ],
)  # fmt: skip
def test_tokens_within_an_address_are_no_part_of_its_identity(address: str) -> None:
    assert identity(HOME + address) == "https://saltby.example/news/a"


def test_a_mynewsdesk_article_is_known_by_its_number() -> None:
    home = "https://www.mynewsdesk.com/uk/overbury-council"
    assert identity(f"{home}/news/a-story-490715") == identity(f"{home}/news/another-headline-490715")
    assert identity(f"{home}/news/a-story-490715") != identity(f"{home}/pressreleases/a-story-490715")
    assert identity(f"{HOME}/news/call-us-on-490715") == "https://saltby.example/news/call-us-on-490715"
