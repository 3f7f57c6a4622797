"""The catalogue of newsrooms: every declaration loads, belongs to a council, and is a kind of site that we can read."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config import catalogue as declarations
from config.catalogue import FAMILIES, PARSERS, catalogue, declared, names
from config.load import ConfigError
from config.mistakes import Mistake, Writing
from inspections.authorities import Authorities
from scraper.listings import families
from scraper.parse import PARSERS as READERS

TABLE = Authorities.load()
DOCS = Path(__file__).parents[2] / "docs" / "newsrooms.md"


def written(name: str) -> dict[str, object]:
    return tomllib.loads((files("config") / "sources" / f"{name}.toml").read_text("utf-8"))


def test_every_declaration_loads() -> None:
    found = catalogue()
    assert set(found) == set(names())
    assert len(found) == 132


@pytest.mark.parametrize("name", names())
def test_a_declaration_names_its_council_and_its_vintage_and_claims_nothing(name: str) -> None:
    source = catalogue()[name]
    notes = written(name)["notes"]
    assert isinstance(notes, dict)
    assert re.search(r"20\d\d", notes["vintage"])
    assert source.verified_on is None
    assert urlsplit(source.url).hostname
    assert not source.allow_private
    if source.publisher == "council":
        found = TABLE.find(source.authority or "")
        assert found is not None
        assert found.name == source.authority
        assert found.valid_to is None or found.valid_to.year > 2026


def test_a_council_has_one_newsroom_and_no_two_declarations_share_an_address() -> None:
    councils = [source.authority for source in catalogue().values() if source.authority]
    assert len(councils) == len(set(councils)) == 131
    addresses = [source.url for source in catalogue().values()]
    assert len(addresses) == len(set(addresses))


def test_the_shuttle_is_of_its_family_and_blackburn_life_is_chosen_only_by_name() -> None:
    shuttle, life = catalogue()["theshuttle"], catalogue()["blackburn-life"]
    assert (shuttle.url, shuttle.parser, shuttle.family) == ("https://theshuttle.org.uk/news/", "listing", "shuttle")
    assert shuttle.authority == "Blackburn with Darwen"
    assert (life.parser, life.publisher, life.authority) == ("wordpress", "media", None)


def test_parsers_and_families_are_those_that_the_scraper_has() -> None:
    assert set(FAMILIES) == set(families.FAMILIES)
    assert set(PARSERS) <= set(READERS)
    used = {source.family for source in catalogue().values() if source.family}
    assert used <= set(FAMILIES)


def test_every_council_of_today_has_a_newsroom_or_stands_in_the_list_of_those_that_have_none() -> None:
    have = {source.authority for source in catalogue().values() if source.authority}
    listed = DOCS.read_text(encoding="utf-8").split("## Known, but not readable", 1)[1]
    without = {mention.authority.name for mention in TABLE.mentioned(listed)}
    councils = {row.name for region in TABLE.regions() for row in TABLE.in_region(region)}
    assert len(councils) == 153
    assert have | without == councils
    assert not have & without


def test_a_declaration_that_cannot_be_read_is_named_with_its_lines() -> None:
    mistakes: list[Mistake] = []
    text = 'name = "Mere"\nparser = "lsting"\nevery = "1m"\nfamly = "jadu"\n[options]\na = [1]\n'
    assert declared("Mere News", Writing("x.toml", text, mistakes), every=declarations.SHORTEST) is None
    assert [str(each) for each in mistakes] == [
        "x.toml: the name of the file is 'Mere News'; it is the source's id, so only a-z, 0-9 and - may stand in it",
        'x.toml, line 2: parser is "lsting"; expected one of feed, wordpress, listing, ofsted_search, ofsted_provider; '
        'did you mean "listing"?',
        "x.toml, line 4: unknown key 'famly'; did you mean \"family\"?",
        "x.toml, line 5: options is {'a': [1]}; expected a table whose values are text, whole numbers or lists of text",
        "x.toml: url is missing; a declaration needs name, url and parser",
        'x.toml, line 3: every is "1m"; expected 15 minutes or more; less only with allow_private = true',
    ]
    assert ConfigError(mistakes).mistakes == mistakes


def test_a_declaration_has_at_most_eight_options() -> None:
    mistakes: list[Mistake] = []
    many = "".join(f'k{number} = "x"\n' for number in range(9))
    text = f'name = "M"\nurl = "https://m.example/"\nparser = "listing"\n[options]\n{many}'
    assert declared("m", Writing("m.toml", text, mistakes), every=declarations.SHORTEST) is None
    assert "a table of at most 8 keys" in mistakes[0].sentence
