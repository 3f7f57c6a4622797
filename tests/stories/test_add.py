"""A newsroom is added by its address, and watched from then on."""

from __future__ import annotations

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
