"""What doctor finds, each fault planted once."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive
from config.load import load
from service.health.doctor import Finding, _sqlite, examined, kind_of_disk

NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
LOCAL = "/dev/sda1 / ext4 rw 0 0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "subscriptions").mkdir()
    write(tmp_path)
    (tmp_path / "subscriptions" / "desk.toml").write_text(f'[[to]]\nmaildir = "{tmp_path / "mail"}"\n', "utf-8")
    with Archive.open(tmp_path / "archive") as archive:
        archive.captures.put(b"a page")
    return tmp_path


def write(folder: Path, more: str = "") -> None:
    (folder / "ofsted-watch.toml").write_text(
        f'contact = "desk@example.org"\noperator = {{ log = true }}\nauthorities = ["Leeds"]\narchive = "{folder / "archive"}"\n{more}'
        "[health]\nfree_space = 1\n",
        "utf-8",
    )


def found(folder: Path, now: datetime = NOW, mounts: str = LOCAL) -> list[Finding]:
    return list(examined(load(folder, {}, secrets=False), now, mounts=lambda: mounts))


def problems(folder: Path, now: datetime = NOW, mounts: str = LOCAL) -> list[tuple[str, str]]:
    return [(one.about, one.text) for one in found(folder, now, mounts) if one.state == "problem"]


def test_a_sound_installation_has_no_problem_and_every_part_was_looked_at(folder: Path) -> None:
    assert problems(folder) == []
    assert {one.about for one in found(folder)} >= {
        "versions",
        "SQLite",
        "clock",
        "disk",
        "permissions",
        "archive",
        "sources",
    }


def test_nothing_is_changed_by_looking(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (folder / "archive").rglob("*") if path.is_file()}
    found(folder)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_an_old_sqlite_is_said_with_why_it_does_no_harm() -> None:
    assert _sqlite("3.51.3").state == _sqlite("3.60.0").state == "ok"
    old = _sqlite("3.40.1")
    assert old.state == "note"
    assert "3.40.1 is older than 3.51.3" in old.text
    assert "under a lock" in old.text


@pytest.mark.fault("S10")
@pytest.mark.parametrize("damage", ["text", "pages"])
def test_a_damaged_archive_is_named(folder: Path, damage: str) -> None:
    path = folder / "archive" / "archive.db"
    whole = path.read_bytes()
    path.write_bytes(
        b"this is not a database" * 100 if damage == "text" else whole[:8192] + b"\xff" * 4096 + whole[12288:]
    )
    [(about, text)] = problems(folder)
    assert (about, "archive.db" in text) == ("archive", True)


def test_an_archive_that_is_gone_though_its_originals_are_there_is_named(folder: Path) -> None:
    (folder / "archive" / "archive.db").unlink()
    assert [about for about, _ in problems(folder)] == ["archive"]


@pytest.mark.fault("S16")
def test_a_changed_original_is_named(folder: Path, archive_with_capture: Path) -> None:
    archive_with_capture.write_bytes(archive_with_capture.read_bytes()[:-4])
    [(about, text)] = problems(folder)
    assert (about, archive_with_capture.name in text) == ("archive", True)


@pytest.fixture
def archive_with_capture(folder: Path) -> Path:
    from inspections.model import Publication

    with Archive.open(folder / "archive") as archive:
        sha256 = archive.captures.put(b"<html>a page</html>")
        publication = Publication(
            source="leeds", ref="1", url="https://leeds.example/1", title="News", document_sha256=sha256, type="article"
        )
        with archive.writing():
            archive.record(publication, now=NOW, baseline=True, body=b"<html>a page</html>")
        return archive.captures.path(sha256)


@pytest.mark.fault("S19")
@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        (LOCAL, "ext4"),
        (LOCAL + "nas:/share /srv nfs4 rw 0 0\n", "nfs4"),
        (LOCAL + "nas:/share /srv/with\\040space nfs4 rw 0 0\n", "ext4"),
        ("", ""),
    ],
)
def test_the_disk_is_that_of_the_nearest_mount(mounts: str, kind: str) -> None:
    assert kind_of_disk(Path("/srv/ofsted-watch"), mounts) == kind


@pytest.mark.fault("S19")
def test_an_archive_on_a_network_or_in_a_synced_folder_is_a_problem(folder: Path) -> None:
    [(about, text)] = problems(folder, mounts=f"nas:/share {folder.resolve()} nfs4 rw 0 0\n")
    assert (about, "over a network" in text) == ("disk", True)
    synced = folder / "Dropbox"
    synced.mkdir()
    write(folder, "")
    settings = (folder / "ofsted-watch.toml").read_text("utf-8").replace(str(folder / "archive"), str(synced))
    (folder / "ofsted-watch.toml").write_text(settings, "utf-8")
    assert "copies files while they are written" in problems(folder)[0][1]


def test_what_everybody_can_read_is_a_problem(folder: Path) -> None:
    secret = folder / "password"
    secret.write_text("hidden", "utf-8")
    secret.chmod(0o644)
    (folder / "archive").chmod(0o755)
    (folder / "archive" / "archive.db").chmod(0o644)
    write(folder, '[smtp]\npassword_file = "password"\n')
    [(about, text)] = problems(folder)
    assert about == "permissions"
    assert f"chmod o-rwx {secret}" in text
    assert f"chmod o-rwx {folder / 'archive' / 'archive.db'}" in text
    assert "hidden" not in text
    secret.chmod(0o600)
    (folder / "archive").chmod(0o700)  # nobody else comes so far
    assert problems(folder) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.fault("S11")
def test_an_archive_that_cannot_be_written_is_a_problem(folder: Path) -> None:
    (folder / "archive").chmod(0o500)
    try:
        assert "cannot be written by this user" in problems(folder)[0][1]
    finally:
        (folder / "archive").chmod(0o700)


@pytest.mark.fault("T4")
def test_a_wrong_clock_is_a_problem(folder: Path) -> None:
    with Archive.open(folder / "archive") as archive:
        archive.polled("leeds", outcome="ok", now=NOW, next_due=NOW)
        archive.watch(list(load(folder, {}).watched(authorities())), NOW)
        archive.polled("ofsted-383", outcome="ok", now=NOW, next_due=NOW)
    assert ("clock" in dict(problems(folder, now=datetime(1970, 1, 1, tzinfo=UTC)))) is True
    assert problems(folder, now=NOW + timedelta(days=1)) == []


def authorities():  # type: ignore[no-untyped-def]
    from inspections.authorities import Authorities

    return Authorities.load()


@contextmanager
def mail_server(greeting: bytes, offers: bytes) -> Iterator[int]:
    """One that greets, says what it offers, and ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                connection.sendall(greeting)
                while line := connection.recv(1000):
                    connection.sendall(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else offers)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
        listening.close()
        thread.join(5)


@pytest.mark.parametrize(
    ("security", "offers", "said"),
    [
        ("none", b"250 mail\r\n", None),
        ("starttls", b"250-mail\r\n250 STARTTLS\r\n", None),
        ("starttls", b"250 mail\r\n", "offers no STARTTLS"),
    ],
)
def test_the_mail_server_is_greeted_and_sent_nothing(
    folder: Path, security: str, offers: bytes, said: str | None
) -> None:
    (folder / "subscriptions" / "desk.toml").write_text('[[to]]\nemail = "desk@example.org"\n', "utf-8")
    with mail_server(b"220 mail ready\r\n", offers) as port:
        write(folder, f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "{security}"\nsender = "a@example.org"\n')
        wrong = problems(folder)
    assert (wrong == []) if said is None else said in wrong[0][1]


def test_a_mail_server_that_does_not_answer_is_a_problem(folder: Path) -> None:
    (folder / "subscriptions" / "desk.toml").write_text('[[to]]\nemail = "desk@example.org"\n', "utf-8")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        write(folder, f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsender = "a@example.org"\n')
        assert "does not answer" in problems(folder)[0][1]


@pytest.mark.fault("K19")
def test_what_robots_txt_refuses_and_what_was_never_read_are_named(folder: Path) -> None:
    settings = load(folder, {})
    watched = settings.watched(authorities())
    newsroom = next(one for one in watched if not one.official)
    with Archive.open(folder / "archive") as archive:
        archive.watch(watched, NOW)
        archive.polled(newsroom.id, outcome="robots", now=NOW, next_due=NOW)
    assert [(about, newsroom.id in text) for about, text in problems(folder)] == [("robots", True)]
    notes = [one.text for one in found(folder) if one.state == "note" and one.about == "sources"]
    assert "were never read" in notes[0]
    assert f"Nobody has ever seen these read: {newsroom.id}" in notes[1]
