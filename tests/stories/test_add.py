"""A newsroom is added by its address, and watched from then on."""

from __future__ import annotations

import pytest

from tests.servers import Reply
from tests.stories.conftest import Town, page


def test_a_newsroom_is_declared_by_its_address_and_read_from_then_on(town: Town) -> None:
    (town.folder / "sources" / "theshuttle.toml").unlink()
    told = town.run(
        "add", town.site.url("/news/"), "--authority", "Blackburn with Darwen", now="2024-05-20T09:00:00Z"
    ).stdout
    assert "Road works on Mill Lane, week 8" in told
    (path,) = (town.folder / "sources").glob("127-0-0-1.toml")
    assert 'family = "shuttle"' in path.read_text("utf-8")
    polled = town.run("poll", "127-0-0-1", now="2024-05-20T10:00:00Z").stdout
    assert "2 listed, 2 new" in polled


def test_a_page_without_news_is_not_declared(town: Town) -> None:
    town.site["/about/"] = page(b"<html><body><h1>About us</h1><p>Opening hours.</p></body></html>")
    told = town.run("add", town.site.url("/about/"), now="2024-05-20T09:00:00Z", code=1).stdout
    assert "no way was found" in told
    assert not list((town.folder / "sources").glob("127*"))


def test_a_declaration_that_a_person_wrote_is_never_replaced(town: Town) -> None:
    mine = town.folder / "sources" / "127-0-0-1.toml"
    text = f'name = "mine"\nurl = "{town.site.url("/news/")}"\nparser = "listing"\nfamily = "shuttle"\nallow_private = true\n'
    mine.write_text(text, "utf-8")
    town.run("add", town.site.url("/news/"), now="2024-05-20T09:00:00Z", code=1)
    assert mine.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (page(b'<html><head><title>News</title><script src="/app.js"></script></head><body><div id="root"></div>'
              b"<noscript>You need to enable JavaScript to run this app.</noscript></body></html>"),
         "filled by a script"),
        (page(b'<html><head><title>Newsroom</title></head><body><h1>Members</h1><form><p>Your account</p><input name="user">'
              b'<input type="password" name="word"></form></body></html>'), "asks for a log-in"),
        (page(b"<html><head><title>Log in</title></head><body><h1>Log in</h1></body></html>"), "log"),
        (Reply(status=403, body=b"<html><body><h1>Forbidden</h1></body></html>"), "403"),
        (Reply(status=404, body=b"no such page"), "404"),
        (page(b"<html><body><h1>About us</h1><p>Opening hours.</p></body></html>"), "no headline repeats"),
    ],
    ids=["script", "password", "log-in", "403", "404", "no news"],
)  # fmt: skip
def test_a_site_that_cannot_be_read_is_named_with_the_reason(town: Town, reply: Reply, reason: str) -> None:
    town.site["/press/"] = reply
    told = town.run("add", town.site.url("/press/"), now="2024-05-20T09:00:00Z", code=1).stdout
    assert town.site.url("/press/") in told
    assert reason in told.lower()
    assert not list((town.folder / "sources").glob("127*"))
