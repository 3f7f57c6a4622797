"""The operator's folder, read as Settings: ofsted-watch.toml, subscriptions/, sources/ and authorities.csv."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from alerts.model import Channel, QuietHours, Subscription
from config import recipients, typed
from config.catalogue import SHORTEST, names, opened, own_sources, toml
from config.mistakes import ConfigError, Mistake, Writing, Wrong
from config.model import DeliverySettings, FetchSettings, HealthSettings, OfstedSettings, PollSettings, WebSettings
from config.recipients import Surroundings
from config.settings import Settings
from config.watched import REMITS
from inspections.authorities import Authorities, AuthoritiesError

__all__ = ["FILE", "ConfigError", "Mistake", "Settings", "chosen_folder", "load", "usual_folder"]

FILE = "ofsted-watch.toml"
_NOT_WRITTEN = ("folder", "subscriptions", "own_sources", "authorities_files")
_EVERYBODY = Subscription(id="log", to=(Channel(kind="log", address=""),))


def load(folder: Path | None, environ: Mapping[str, str], *, secrets: bool = True) -> Settings:
    """The settings in this folder, else in the folder that `chosen_folder` finds, else the defaults that ship.

    secrets: False leaves secrets empty, for commands that send nothing and run without the service's environment.
    Raises ConfigError, which holds every mistake.
    """
    mistakes: list[Mistake] = []
    where = chosen_folder(folder, environ)
    around = Surroundings(folder=where or Path.cwd(), environ=environ, secrets=secrets)
    file = _main_file(where, mistakes)
    if file is None:
        raise ConfigError(mistakes)
    authorities, tables = _authorities(where, mistakes)
    found = toml(file) or {}
    every = _interval(found)
    own = own_sources(where / "sources", mistakes, every=every, authorities=authorities) if where else []
    known = sorted({*names(), *(path.stem for path in where.glob("sources/*.toml"))} if where else names())
    values = _values(found, file, around, authorities, known)
    quiet = values.get("quiet", QuietHours())
    told = [
        one
        for path in (sorted(where.glob("subscriptions/*.toml")) if where else ())
        if (written := opened(path, mistakes))
        and (one := recipients.subscription(path.stem, written, around, authorities, known, quiet))
    ]
    values.setdefault("archive", _state_folder(environ))
    settings = Settings(
        folder=where, subscriptions=tuple(told) or (_EVERYBODY,), own_sources=tuple(own), authorities_files=tables,
        **values,
    )  # fmt: skip
    _together(settings, found, file)
    if mistakes:
        raise ConfigError(mistakes)
    return settings


def chosen_folder(folder: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The argument, else OFSTED_WATCH_CONFIG, else CONFIGURATION_DIRECTORY, else ~/.config/ofsted-watch, if there."""
    named = environ.get("OFSTED_WATCH_CONFIG") or environ.get("CONFIGURATION_DIRECTORY", "").partition(":")[0]
    if folder is not None or named:
        return Path(folder or named).expanduser().absolute()
    usual = usual_folder(environ)
    return usual if usual.is_dir() else None


def usual_folder(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_CONFIG_HOME") or _home(environ) / ".config") / "ofsted-watch"


def _main_file(where: Path | None, mistakes: list[Mistake]) -> Writing | None:
    if where is None:
        return Writing(f"config/{FILE}", (files("config") / FILE).read_text("utf-8"), mistakes)
    if not (where / FILE).is_file():
        missing = f"there is no {FILE} in this folder" if where.is_dir() else "there is no such folder"
        said = f"{missing}; `ofsted-watch init` writes one, and OFSTED_WATCH_CONFIG or --config name another"
        mistakes.append(Mistake(file=str(where), sentence=said))
        return None
    return opened(where / FILE, mistakes)


def _authorities(where: Path | None, mistakes: list[Mistake]) -> tuple[Authorities, tuple[Path, ...]]:
    """The table with the operator's rows; without them where they cannot be read."""
    tables = tuple(path for path in [where / "authorities.csv"] if path.is_file()) if where else ()
    try:
        return Authorities.load(*tables), tables
    except AuthoritiesError as error:
        mistakes += [Mistake(file=name, line=line, sentence=said) for name, line, said in error.mistakes]
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(Mistake(file=str(tables[0]), sentence=f"the table cannot be read: {error}"))
    return Authorities.load(), ()


def _values(
    found: Mapping[str, Any], file: Writing, around: Surroundings, authorities: Authorities, known: list[str]
) -> dict[str, Any]:
    """The keys of ofsted-watch.toml that are right, by field of Settings."""
    place = recipients.place(authorities)
    ofsted = {"reports": typed.web_site, "files": typed.web_site}
    health = {"heartbeat": lambda value: typed.web_page(value) if value else ""}
    own: dict[str, typed.Read] = {
        "archive": lambda value: recipients.path_of(value, around),
        "operator": lambda value: _operator(value, file, around),
        "authorities": typed.listed(lambda value: place(value)[1]),
        "providers": typed.listed(recipients.urn),
        "remits": typed.listed(typed.choice(tuple(REMITS))),
        "sources": typed.listed(typed.choice(known)),
        "ofsted": lambda value: typed.section(OfstedSettings, value, "ofsted", file, own=ofsted),
        "fetch": lambda value: typed.section(FetchSettings, value, "fetch", file),
        "poll": lambda value: typed.section(PollSettings, value, "poll", file),
        "delivery": lambda value: typed.section(DeliverySettings, value, "delivery", file),
        "smtp": lambda value: recipients.smtp(value, file, around),
        "quiet": lambda value: recipients.quiet_hours(value, "quiet", file),
        "web": lambda value: typed.section(WebSettings, value, "web", file),
        "health": lambda value: typed.section(HealthSettings, value, "health", file, own=health),
    }
    return typed.table(Settings, found, "", file, own=own, leave=_NOT_WRITTEN)


def _operator(value: Any, file: Writing, around: Surroundings) -> Channel | None:
    """A mail address, or a table as of a recipient: { webhook = "https://…", secret_env = "…" }."""
    if isinstance(value, dict):
        return recipients.channel(value, "operator", file, around)
    if isinstance(value, str) and "://" in value:
        raise Wrong('a mail address, or for a webhook { webhook = "https://…", secret_env = "…" }')
    return Channel(kind="email", address=typed.mail_address(value))


def _interval(found: Mapping[str, Any]) -> timedelta:
    """[poll] every, for the declarations that are read before the rest; a wrong one is noted with the rest."""
    poll = found.get("poll")
    try:
        return typed.duration(poll["every"]) if isinstance(poll, dict) and "every" in poll else PollSettings().every
    except Wrong:
        return PollSettings().every


def _together(settings: Settings, found: Mapping[str, Any], file: Writing) -> None:
    """What is wrong only where two settings meet."""
    private = settings.ofsted.allow_private or any(source.allow_private for source in settings.own_sources)
    for key, value in (("ofsted.every", settings.ofsted.every), ("ofsted.sweep", settings.ofsted.sweep),
                       ("poll.every", settings.poll.every)):  # fmt: skip
        if value < SHORTEST and not private:
            section, name = key.split(".")
            allowed = "15 minutes or more; less only for a replica, with allow_private = true"
            file.wrong(key, found[section][name], Wrong(allowed))
    if settings.fetch.gap < timedelta(seconds=1) and not private:
        allowed = '"1s" or more; less only for a replica, with allow_private = true'
        file.wrong("fetch.gap", found["fetch"]["gap"], Wrong(allowed))
    mailed = [one.id for one in settings.subscriptions if any(channel.kind == "email" for channel in one.to)]
    if settings.operator and settings.operator.kind == "email":
        mailed.insert(0, "operator")
    missing = [name for name in ("host", "sender") if not getattr(settings.smtp, name)]
    if mailed and missing:
        who = ", ".join(mailed[:3])
        said = f"[smtp] needs {' and '.join(missing)}: mail is to be sent to the recipients of {who}"
        file.note("smtp" if "smtp" in found else "", said)


def _state_folder(environ: Mapping[str, str]) -> Path:
    """systemd's STATE_DIRECTORY, else the user's state folder."""
    if given := environ.get("STATE_DIRECTORY", "").partition(":")[0]:
        return Path(given).absolute()
    return Path(environ.get("XDG_STATE_HOME") or _home(environ) / ".local" / "state") / "ofsted-watch"


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ["HOME"]) if environ.get("HOME") else Path.home()
