"""What is planted, old or made to look like something else: links on the disk and in alerts, dependencies, addresses."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import html as lxml_html
from msgspec.structs import replace

from alerts.wording import message
from archive import Archive
from archive.captures import Captures
from archive.model import ArchiveError
from service.commands import cli

NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)
BODY = b"<html>a page</html>"
# What reliability asks for: below these a hole is known.
FLOORS = {"urllib3": "2.7", "requests": "2.33", "lxml": "6", "beautifulsoup4": "4.13", "apscheduler": "3.11.3",
          "sqlite-utils": "4.2", "feedparser": "6.0.14", "defusedxml": "0.7.1", "jinja2": "3.1.6"}  # fmt: skip
ROOT = Path(__file__).parents[2]


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


@pytest.mark.fault("K11")
@pytest.mark.parametrize("name", ["archive.lock", "poll.lock"])
def test_a_link_in_place_of_a_lock_is_not_followed(tmp_path: Path, name: str) -> None:
    folder, aim = tmp_path / "state", tmp_path / "precious"
    aim.write_text("precious")
    folder.mkdir()
    (folder / name).symlink_to(aim)
    with pytest.raises((ArchiveError, OSError)), Archive.open(folder) as archive, archive.poll_lock(NOW):
        pass
    assert aim.read_text() == "precious"


@pytest.mark.fault("K11")
def test_a_link_in_place_of_an_original_is_never_written_through_nor_served(tmp_path: Path) -> None:
    captures, aim = Captures(tmp_path / "captures"), tmp_path / "precious"
    aim.write_text("precious")
    sha256 = hashlib.sha256(BODY).hexdigest()
    place = captures.path(sha256)
    place.parent.mkdir(parents=True)
    place.symlink_to(aim)
    with pytest.raises(ArchiveError, match="is a link"):
        captures.get(sha256)
    captures.put(BODY)
    assert aim.read_text() == "precious"
    assert captures.get(sha256) == BODY and not place.is_symlink(), "the original lies where the link was"
    refused = captures.refused("news")
    refused.parent.mkdir(parents=True)
    refused.symlink_to(aim)
    captures.refuse("news", BODY)
    assert aim.read_text() == "precious"
    assert refused.read_bytes() == BODY and not refused.is_symlink()


@pytest.mark.fault("K11")
def test_a_link_in_place_of_a_folder_of_originals_is_not_written_through(tmp_path: Path) -> None:
    captures, aim = Captures(tmp_path / "captures"), tmp_path / "elsewhere"
    aim.mkdir()
    captures.folder.mkdir()
    captures.path(hashlib.sha256(BODY).hexdigest()).parent.symlink_to(aim)
    with pytest.raises(ArchiveError, match="is a link"):
        captures.put(BODY)
    assert list(aim.iterdir()) == []


@pytest.mark.fault("K11")
@pytest.mark.parametrize("name", ["archive.commits", "archive.lock"])
def test_a_link_beside_the_archive_is_not_followed(tmp_path: Path, name: str) -> None:
    Archive.open(tmp_path / "state").close()
    aim = tmp_path / "precious"
    aim.write_text("precious")
    (tmp_path / "state" / name).unlink()
    (tmp_path / "state" / name).symlink_to(aim)
    with pytest.raises(ArchiveError):
        Archive.open(tmp_path / "state")
    assert aim.read_text() == "precious"


@pytest.mark.fault("K11")
def test_everything_in_the_archive_is_its_owner_s_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Archive.open(tmp_path / "state") as archive:
            archive.captures.put(BODY)
            archive.captures.refuse("news", BODY)
            archive.keep_note("a", "b")
            with archive.poll_lock(NOW):
                found = [tmp_path / "state", *(tmp_path / "state").rglob("*")]
                modes = {str(each.relative_to(tmp_path)): each.stat().st_mode & 0o077 for each in found}
        archive_copy = tmp_path / "copy.zip"
        with Archive.open(tmp_path / "state") as archive:
            archive.backup(archive_copy, now=NOW)
    finally:
        os.umask(before)
    assert len(modes) > 8
    assert set(modes.values()) == {0}, {name: oct(mode) for name, mode in modes.items() if mode}
    assert archive_copy.stat().st_mode & 0o077 == 0


@pytest.mark.fault("K11")
def test_an_operator_who_lets_a_group_in_is_not_overruled(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o750)
    folder.chmod(0o2750)
    Archive.open(folder).close()
    (folder / "captures").chmod(0o2750)
    with Archive.open(folder) as archive:
        path = archive.captures.path(archive.captures.put(BODY))
    assert folder.stat().st_mode & 0o7777 == 0o2750
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o750, 0o640)


@pytest.mark.fault("K22")
@pytest.mark.parametrize("name", FLOORS)
def test_no_dependency_is_older_than_the_last_hole_known_of_it(name: str) -> None:
    assert numbers(version(name)) >= numbers(FLOORS[name])
    declared = re.search(rf'"{name}>=([\d.]+)', (ROOT / "pyproject.toml").read_text("utf-8"), re.IGNORECASE)
    assert declared is not None and numbers(declared[1]) >= numbers(FLOORS[name])


@pytest.mark.fault("K22")
def test_the_doctor_names_a_dependency_that_is_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from service.health import doctor

    monkeypatch.setattr(doctor, "version", lambda name: "1.0" if name.lower() == "urllib3" else version(name))
    (tmp_path / "ofsted-watch.toml").write_text(f'archive = "{tmp_path / "archive"}"\n', "utf-8")
    said = CliRunner().invoke(cli, ["doctor", "--config", str(tmp_path)])
    assert said.exit_code == 1
    assert "urllib3 1.0, 2.7 is needed" in " ".join(said.output.split())


@pytest.mark.fault("K24")
@pytest.mark.parametrize(
    ("address", "host"),
    [("https://оfsted.gov.uk/x", "xn--fsted-iye.gov.uk"), ("https://files.ofsted.example:8443/x", "files.ofsted.example:8443")],
)  # fmt: skip
def test_a_letter_shows_in_plain_letters_whose_site_a_link_leads_to(invented: Any, address: str, host: str) -> None:
    one = invented.inspection(judgements=invented.grades(overall="good"))
    claim = replace(invented.claim(one, official=False, title="reports.ofsted.gov.uk"), url=address, page_url=None)
    made = message("k", invented.story(one, claim), now=invented.NOW)
    assert host in made.text and "оfsted" not in made.text
    page = lxml_html.document_fromstring(made.html)
    (link,) = page.xpath(f"//a[@href='https://{host}/x' and text()='reports.ofsted.gov.uk']/following-sibling::span[1]")
    assert link.text == host
    assert [link["official"] for link in made.payload["data"]["links"]] == [False]
