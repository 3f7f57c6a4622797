"""docs/config.md is the whole truth: every key, its default, and examples that load."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from alerts.model import QuietHours, Subscription
from config import typed
from config.catalogue import FAMILIES, PARSERS, PUBLISHERS
from config.load import _NOT_WRITTEN, ConfigError, load
from config.mistakes import Mistake, Writing
from config.model import DeliverySettings, FetchSettings, HealthSettings, OfstedSettings, PollSettings, WebSettings
from config.recipients import _BESIDE, DAYS, WAYS, SmtpFile
from config.settings import Settings
from config.watched import REMITS
from inspections.authorities import Authorities
from inspections.model import Kind
from scraper.model import Source

TEXT = (Path(__file__).parents[2] / "docs" / "config.md").read_text(encoding="utf-8")
SECTIONS: dict[str, tuple[type[Struct], set[str]]] = {
    "### [ofsted]": (OfstedSettings, set()),
    "### [fetch]": (FetchSettings, set()),
    "### [poll]": (PollSettings, set()),
    "### [delivery]": (DeliverySettings, set()),
    "### [smtp]": (SmtpFile, {"password"}),
    "### [quiet]": (QuietHours, set()),
    "### [web]": (WebSettings, set()),
    "### [health]": (HealthSettings, set()),
    "## subscriptions/*.toml": (Subscription, {"id"}),
    "## sources/*.toml": (Source, {"id"}),
}
# Defaults that are told in words, or that only a reader of its own turns into the record's value.
IN_WORDS = {"every": "[poll] every", "weekday": '"monday"'}
BLOCKS = re.findall(r"^```toml\n# (\S+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def table(heading: str) -> dict[str, str]:
    """Key → default of the first table below the heading."""
    below = TEXT.split(f"{heading}\n", 1)[1].split("\n| key |", 1)[1].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in below.splitlines()[2:]]
    return {row[0].strip("`"): row[2].strip("`") for row in rows}


def default_of(field: FieldInfo) -> object:
    return field.default_factory() if field.default is NODEFAULT and field.default_factory is not NODEFAULT else field.default  # fmt: skip


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_stands_in_its_table_with_its_default(heading: str) -> None:
    record, hidden = SECTIONS[heading]
    documented = table(heading)
    known = {field.name: field for field in fields(record) if field.name not in hidden}
    assert set(documented) - {"notes"} == set(known)
    for name, default in documented.items():
        if name == "notes" or default == IN_WORDS.get(name):
            continue
        actual = default_of(known[name])
        if default == "none":
            assert actual in (None, NODEFAULT, QuietHours()), name
            continue
        mistakes: list[Mistake] = []
        own = {"options": dict}
        written = tomllib.loads(f"{name} = {default}")
        values = typed.table(record, written, "", Writing("docs", "", mistakes), own=own)
        assert mistakes == []
        assert values[name] == actual, name


def test_the_keys_of_the_main_file_stand_in_its_tables() -> None:
    sections = {heading[5:-1] for heading in SECTIONS if heading.startswith("###")}
    known = {field.name for field in fields(Settings)} - set(_NOT_WRITTEN)
    assert set(table("## ofsted-watch.toml")) | sections == known


def test_every_word_that_is_allowed_is_named() -> None:
    words = (*PARSERS, *FAMILIES, *PUBLISHERS, *REMITS, *Kind, *Authorities.load().regions())
    assert [word for word in words if f'`"{word}"`' not in TEXT] == []
    assert all(f"`{way}`" in TEXT for way in (*WAYS, *_BESIDE["webhook"][:3]))
    assert DAYS[0] in TEXT


@pytest.mark.parametrize(("name", "block"), BLOCKS, ids=[f"{name}-{at}" for at, (name, _) in enumerate(BLOCKS)])
def test_every_example_loads(name: str, block: str, tmp_path: Path) -> None:
    smtp = '[smtp]\nhost = "mail.example.org"\nsender = "watch@example.org"\n'
    (tmp_path / "ofsted-watch.toml").write_text(smtp)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(block)
    environ = dict.fromkeys(re.findall(r"OFSTED_WATCH_\w+", TEXT), "whsec_x")
    environ["OFSTED_WATCH_NTFY"] = "ntfy://host/topic"
    found = load(tmp_path, environ)
    assert found.folder == tmp_path
    assert len(tomllib.loads(block)) > 0


def test_the_example_of_a_table_of_authorities_loads(tmp_path: Path) -> None:
    lines = re.search(r"^    code,name.*\n    .*\n", TEXT, re.MULTILINE)
    assert lines is not None
    (tmp_path / "authorities.csv").write_text("\n".join(line.strip() for line in lines[0].splitlines()))
    found = Authorities.load(tmp_path / "authorities.csv").find("Vale of Mere")
    assert found is not None
    assert found.urn == "99001"


def test_the_default_that_ships_shows_only_keys_that_exist_and_loads_with_all_of_them(tmp_path: Path) -> None:
    shipped = (Path(__file__).parents[2] / "config" / "ofsted-watch.toml").read_text(encoding="utf-8")
    (tmp_path / "ofsted-watch.toml").write_text(re.sub(r"^# (\w+ = )", r"\1", shipped, flags=re.MULTILINE))
    found = load(tmp_path, {"OFSTED_WATCH_SMTP_PASSWORD": "x"})
    assert found.smtp.password == "x"
    assert found.providers == ("116780", "SC043210")


SOURCE = 'name = "A"\nurl = "https://a.example/"\nparser = "feed"\n'
VALUES = ("1", "-5", "true", '"x"', "[1]", '["x"]', "{ a = 1 }", "2026-04-03", "07:00:00", "[[1]]")


@pytest.mark.parametrize("heading", ["## ofsted-watch.toml", *SECTIONS])
def test_no_value_of_any_key_is_answered_with_anything_but_a_sentence(heading: str, tmp_path: Path) -> None:
    place = heading.removeprefix("## ").removeprefix("### ")
    found: list[tuple[str, Mistake]] = []
    for key in table(heading):
        for value in VALUES:
            files = {"ofsted-watch.toml": "", "subscriptions/a.toml": "[[to]]\nlog = true\n", "sources/a.toml": SOURCE}
            if place in ("subscriptions/*.toml", "sources/*.toml"):
                name = place.replace("*", "a")
                files[name] = f"{key} = {value}\n" + (files[name] if key != "to" else "")
            else:
                section = f"{place}\n" if place.startswith("[") else ""
                files["ofsted-watch.toml"] = f"{section}{key} = {value}\n"
            for name, text in files.items():
                (tmp_path / name).parent.mkdir(exist_ok=True)
                (tmp_path / name).write_text(text)
            try:
                load(tmp_path, {"HOME": str(tmp_path)})
            except ConfigError as error:
                found += [(key, mistake) for mistake in error.mistakes]
    assert {key for key, _ in found} >= set(table(heading)) - {"notes"}
    assert all(mistake.sentence for _, mistake in found)
    assert [str(mistake) for key, mistake in found if mistake.key == key and not mistake.line] == []
