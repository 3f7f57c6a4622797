"""What a person would look at first when something is wrong: versions, disk, clock, mail, permissions, the archive."""

from __future__ import annotations

import re
import smtplib
import ssl
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from alerts.model import SmtpSettings
from archive import Archive
from archive.model import ArchiveError, QueryError, SourceState
from config.load import Settings
from inspections.authorities import Authorities
from scraper.model import Source
from service.health.vitals import free_megabytes

SOUND_SQLITE = (3, 51, 3)
_EARLIEST = 2026  # a clock before the year of this program is wrong
_OVER_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.rclone", "glusterfs", "ceph")
_SYNCED = ("dropbox", "onedrive", "google drive", "nextcloud", "icloud", "syncthing")
_MAIL_LIMIT = 10.0  # seconds
_SHOWN = 5


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `state`: "ok", "note" (nothing has to be done), or "problem"."""

    state: str
    about: str
    text: str


def examined(
    settings: Settings, now: datetime, *, captures: bool = True, mounts: Callable[[], str] | None = None
) -> Iterator[Finding]:
    """Every finding, as it is made. Changes nothing, reads no site, sends nothing; the mail server is greeted only.

    captures: read every stored original and compare its hash. mounts: the text of /proc/mounts.
    """
    yield from _versions()
    yield from _clock(now)
    yield from _places(settings, mounts or _mounts)
    yield from _mail(settings)
    yield from _archive(settings, now, captures=captures)


def _versions() -> Iterator[Finding]:
    where = f"Python {sys.version.split()[0]} on {sys.platform}"
    try:
        needed = requires("ofsted-watch") or []
    except PackageNotFoundError:
        yield _problem("versions", f"{where}; ofsted-watch itself is not installed.")
        return
    old, missing = [], []
    for one in needed:
        found = re.match(r"([\w.-]+)[^;]*?>=\s*([\d.]+)", one)
        if found is None or ";" in one:
            continue
        name, floor = found.groups()
        try:
            have = version(name)
        except PackageNotFoundError:
            missing.append(name)
            continue
        if _numbers(have) < _numbers(floor):
            old.append(f"{name} {have}, {floor} is needed")
    said = f"ofsted-watch {version('ofsted-watch')}, {where}"
    if old or missing:
        wrong = "; ".join([*old, *(f"{name} is missing" for name in missing)])
        yield _problem("versions", f"{said}. {wrong}: install it anew with its constraints.")
    else:
        yield _ok("versions", f"{said}; every package is as new as it must be.")
    extras = {"apprise": "apprise", "metrics": "prometheus_client", "datasette": "datasette"}
    absent = [extra for extra, name in extras.items() if not _installed(name)]
    if absent:
        text = f"Not installed: {', '.join(absent)} (pip install 'ofsted-watch[{absent[0]}]')."
        yield _note("extras", text)


def _ok(about: str, text: str) -> Finding:
    return Finding(state="ok", about=about, text=text)


def _note(about: str, text: str) -> Finding:
    return Finding(state="note", about=about, text=text)


def _problem(about: str, text: str) -> Finding:
    return Finding(state="problem", about=about, text=text)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _installed(name: str) -> bool:
    with suppress(PackageNotFoundError):
        return bool(version(name))
    return False


def _sqlite(said: str) -> Finding:
    if _numbers(said) >= SOUND_SQLITE:
        return _ok("SQLite", f"SQLite {said}.")
    sound = ".".join(map(str, SOUND_SQLITE))
    return _note(
        "SQLite",
        f"SQLite {said} is older than {sound}, in which a fault was mended that can damage a file when two connections "
        "write its log back at once. Here only one at a time does, under a lock, so that it cannot happen; let no "
        "other program write to the archive.",
    )


def _clock(now: datetime) -> Iterator[Finding]:
    try:
        local = now.astimezone(ZoneInfo("Europe/London"))
    except ZoneInfoNotFoundError:
        yield _problem("clock", "Europe/London is unknown here: pip install tzdata.")
        return
    if now.year < _EARLIEST:
        text = f"It is {now:%d %B %Y} by this machine's clock, which is wrong; certificates will seem not yet valid."
        yield _problem("clock", text)
        return
    yield _ok("clock", f"{now:%Y-%m-%dT%H:%M}Z, {local:%a %d %b %H:%M} in London.")


def _places(settings: Settings, mounts: Callable[[], str]) -> Iterator[Finding]:
    folder = settings.archive
    if not folder.is_dir():
        yield _note("archive", f"There is none in {folder} yet; `poll` or `run` begins one.")
        return
    free, wanted = free_megabytes(folder), settings.health.free_space
    enough = free >= wanted
    text = f"{free} MB are free in {folder}" + ("." if enough else f", {wanted} MB are wanted: make room.")
    yield Finding(state="ok" if enough else "problem", about="disk", text=text)
    kind = kind_of_disk(folder, mounts())
    if kind in _OVER_NETWORK:
        text = f"{folder} lies on {kind}, over a network, where locks cannot be trusted. Move it to a local disk."
        yield _problem("disk", text)
    synced = next((part for part in folder.parts if part.casefold() in _SYNCED), None)
    if synced:
        text = f"{folder} is within {synced}, which copies files while they are written. Move the archive elsewhere."
        yield _problem("disk", text)
    yield from _permissions(settings)


def _permissions(settings: Settings) -> Iterator[Finding]:
    """Whether others can read what is private, and whether we can write what we must."""
    folder = settings.archive
    database = folder / "archive.db"
    private = [*_secret_files(settings), *([database] if folder.stat().st_mode & stat.S_IXOTH else [])]
    wrong = [
        f"{path} can be read by everybody: chmod o-rwx {path}"
        for path in private
        if path.exists() and path.stat().st_mode & stat.S_IROTH
    ]
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        wrong.append(f"{folder} cannot be written by this user ({error.strerror}); run `doctor` as the service's user")
    if wrong:
        yield _problem("permissions", "; ".join(wrong) + ".")
    else:
        yield _ok("permissions", f"{folder} is ours, and others cannot read it.")


def _secret_files(settings: Settings) -> Iterator[Path]:
    """The files that hold secrets, as the configuration names them."""
    if settings.folder is None:
        return
    for file in (settings.folder / "ofsted-watch.toml", *settings.folder.glob("subscriptions/*.toml")):
        if file.is_file():
            for name in re.findall(r'^\s*\w*_file\s*=\s*"([^"]+)"', file.read_text("utf-8", "replace"), re.MULTILINE):
                if not name.endswith(".pem"):
                    yield settings.folder / Path(name).expanduser()


def kind_of_disk(folder: Path, mounts: str) -> str:
    """The type of the file system that holds the folder, as /proc/mounts names it; "" where it is not known."""
    best, found = -1, ""
    place = folder.resolve()
    for line in mounts.splitlines():
        _, at, kind = [*line.split(), "", "", ""][:3]
        point = Path(at.replace("\\040", " ")) if at else None
        if point and (point == place or point in place.parents) and len(point.parts) > best:
            best, found = len(point.parts), kind
    return found


def _mounts() -> str:
    with suppress(OSError):
        return Path("/proc/self/mounts").read_text("utf-8", "replace")
    return ""


def _mail(settings: Settings) -> Iterator[Finding]:
    channels = [channel for one in settings.subscriptions for channel in one.to]
    mailed = [one for one in [*channels, settings.operator] if one is not None and one.kind == "email"]
    if not settings.operator:
        text = "No operator is named: faults stand in `status` and in the log, and nobody is told of them."
        yield _note("operator", text)
    if not settings.contact:
        text = "No contact is named: sites cannot reach you, and some refuse those who do not say who they are."
        yield _note("contact", text)
    if mailed:
        yield _greeted(settings.smtp)
    elif {one.kind for one in channels} <= {"log"}:
        yield _note("mail", "Nobody is mailed: what is found goes to the log.")


def _greeted(smtp: SmtpSettings) -> Finding:
    """The mail server, greeted and left again: no login, no message."""
    at = f"{smtp.host}:{smtp.port}"
    try:
        if smtp.security == "tls":
            context = ssl.create_default_context(cafile=smtp.ca_file or None)
            server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=_MAIL_LIMIT, context=context)
        else:
            server = smtplib.SMTP(smtp.host, smtp.port, timeout=_MAIL_LIMIT)
        with server:
            server.ehlo()
            offered = server.has_extn("starttls")
    except (OSError, smtplib.SMTPException) as error:
        text = f"The mail server {at} does not answer ({error}). Messages wait; nothing is lost."
        return _problem("mail", text)
    if smtp.security == "starttls" and not offered:
        text = f"The mail server {at} offers no STARTTLS, so that nothing is sent there: see [smtp] security."
        return _problem("mail", text)
    return _ok("mail", f"The mail server {at} answers. `alerts test` really sends a message.")


def _archive(settings: Settings, now: datetime, *, captures: bool) -> Iterator[Finding]:
    if not (settings.archive / "archive.db").exists():
        if (settings.archive / "captures").is_dir() and any((settings.archive / "captures").iterdir()):
            text = f"archive.db is missing in {settings.archive}, though captures lie there: `restore` a backup."
            yield _problem("archive", text)
        return
    authorities = Authorities.load(*settings.authorities_files)
    try:
        with Archive.open(settings.archive, authorities=authorities, readonly=True) as archive:
            problems = archive.integrity(captures=captures)
            states = archive.source_states()
            said = str(archive.sql("SELECT sqlite_version()").rows[0][0])
    except (ArchiveError, QueryError) as error:
        yield _problem("archive", str(error))
        return
    yield _sqlite(said)
    if problems:
        yield _problem("archive", "; ".join(problems[:_SHOWN]))
    else:
        read = "every page of the file and every original" if captures else "every page of the file"
        yield _ok("archive", f"{settings.archive}: {read} is whole.")
    ahead = [state for state in states if state.last_polled and state.last_polled > now + timedelta(hours=1)]
    if ahead:
        when = f"{ahead[0].last_polled:%Y-%m-%dT%H:%MZ}"
        text = f"{ahead[0].id} was read at {when}, in the future: the clock is, or was, wrong."
        yield _problem("clock", text)
    yield from _sources(settings.watched(authorities, now.date()), {state.id: state for state in states})


def _sources(watched: Sequence[Source], states: dict[str, SourceState]) -> Iterator[Finding]:
    never = [one.id for one in watched if one.id not in states or not states[one.id].last_ok]
    unverified = [one.id for one in watched if not one.official and one.verified_on is None and one.id in never]
    refused = [one.id for one in watched if one.id in states and states[one.id].outcome == "robots"]
    if refused:
        text = f"robots.txt of these sites does not allow them to be read, and it is obeyed: {_some(refused)}."
        yield _problem("robots", text)
    if never:
        yield _note("sources", f"{len(never)} of {len(watched)} were never read: {_some(never)}.")
    if unverified:
        text = f"Nobody has ever seen these read: {_some(unverified)}. `ofsted-watch check NAME` tries one."
        yield _note("sources", text)
    if not never and not refused:
        yield _ok("sources", f"All {len(watched)} were read at least once.")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
