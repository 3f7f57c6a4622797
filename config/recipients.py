"""Subscriptions, recipients and their secrets: subscriptions/*.toml, `operator` and [smtp]."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct

from alerts.model import Channel, QuietHours, SmtpSettings, Subscription
from config import typed
from config.catalogue import authority_of, toml
from config.mistakes import Writing, Wrong, nearest
from inspections import frameworks
from inspections.authorities import Authorities, slug
from inspections.model import Grade

WAYS = ("email", "webhook", "apprise", "apprise_env", "maildir", "log")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BESIDE = {
    "webhook": ("secret_env", "secret_file", "secrets_env", "allow_private"),
    "email": (), "apprise": (), "apprise_env": (), "maildir": (), "log": (),
}  # fmt: skip
_VARIABLE = re.compile(r"(?!whsec_)[A-Za-z_][A-Za-z0-9_]*\Z")
_PLAIN_SECRETS = ("secret", "secrets", "password", "token", "key")


class Surroundings(Struct, frozen=True, kw_only=True):
    """What reading a recipient needs: where relative paths begin, the environment, whether secrets are looked up."""

    folder: Path
    environ: Mapping[str, str]
    secrets: bool = True


class SmtpFile(SmtpSettings, frozen=True, kw_only=True):
    """[smtp] as it is written: where the password is, instead of the password."""

    password_env: str = ""
    password_file: str = ""


def subscription(
    name: str, file: Writing, around: Surroundings, authorities: Authorities, sources: Sequence[str], quiet: QuietHours
) -> Subscription | None:
    """The subscription that a file holds; its mistakes are noted in the file. None where it cannot be used."""
    found = toml(file)
    if found is None:
        return None
    before = len(file.mistakes)
    readers: dict[str, typed.Read] = {
        "authorities": typed.listed(place(authorities)),
        "regions": typed.listed(region_of(authorities)),
        "providers": typed.listed(urn),
        "grades": typed.listed(_grade),
        "directions": typed.listed(typed.choice(("up", "down", "same"))),
        "sources": typed.listed(typed.choice(tuple(sources))),
        "when": typed.choice(("instant", "daily", "weekly")),
        "weekday": lambda value: DAYS.index(typed.choice(DAYS)(value)),
        "to": lambda value: value,
        "quiet": lambda value: quiet_hours(value, "quiet", file),
    }
    values = typed.table(Subscription, found, "", file, own=readers, leave=("id",))
    places = values.pop("authorities", ())
    values["authorities"] = tuple(name for is_region, name in places if not is_region)
    values["regions"] = (*values.get("regions", ()), *(name for is_region, name in places if is_region))
    values.setdefault("quiet", quiet)
    values["to"] = _recipients(found.get("to"), file, around)
    return Subscription(id=name, **values) if len(file.mistakes) == before else None


def channel(found: Mapping[str, Any], key: str, file: Writing, around: Surroundings) -> Channel | None:
    """One recipient, as a table says it: exactly one way, and beside it what belongs to that way."""
    ways = [way for way in WAYS if way in found]
    plain = [name for name in _PLAIN_SECRETS if name in found]
    for name in plain:
        said = f"{key}.{name} holds a secret in plain text; put it into the environment and write secret_env, its name"
        file.note(f"{key}.{name}", said)
    allowed = (ways[0], *_BESIDE[ways[0]]) if len(ways) == 1 else {*WAYS, *_BESIDE["webhook"]}
    for name in found:
        if name not in (*allowed, *plain):
            file.unknown(f"{key}.{name}", allowed)
    if len(ways) != 1:
        said = f"has {' and '.join(ways)}" if ways else "says nowhere to send to"
        file.note(key, f"{key} {said}; expected exactly one of {', '.join(WAYS)}")
        return None
    try:
        return _WAYS[ways[0]](found, key, file, around)
    except Wrong as error:
        file.wrong(f"{key}.{ways[0]}", _masked(found[ways[0]]), error)
        return None


def smtp(found: Any, file: Writing, around: Surroundings) -> SmtpSettings:
    """[smtp], its password looked up."""
    if not isinstance(found, dict):
        file.wrong("smtp", found, Wrong("a table, [smtp]"))
        return SmtpSettings()
    if "password" in found:
        said = (
            "smtp.password holds a secret in plain text; put it into the environment and write password_env, its name"
        )
        file.note("smtp.password", said)
        found = {key: value for key, value in found.items() if key != "password"}
    own: dict[str, typed.Read] = {
        "security": typed.choice(("starttls", "tls", "none")),
        "ca_file": lambda value: str(path_of(value, around)),
    }
    values = typed.table(SmtpFile, found, "smtp", file, own=own, leave=("password",))
    where = values.pop("password_env", ""), values.pop("password_file", "")
    if any(where):
        values["password"] = _secret("smtp.password", *where, file, around) or None
    if values.get("security") == "tls":
        values.setdefault("port", 465)
    settings = SmtpSettings(**values)
    if settings.security == "none" and settings.password and settings.host not in ("localhost", "127.0.0.1", "::1"):
        file.note("smtp.security", f'smtp.security is "none": the password would go to {settings.host} unencrypted')
    return settings


def quiet_hours(found: Any, key: str, file: Writing) -> QuietHours:
    quiet: QuietHours = typed.section(QuietHours, found, key, file)
    if (quiet.start is None) != (quiet.end is None):
        file.note(key, f"{key} has only one of start and end; expected both, or neither")
    return quiet


def urn(value: Any) -> str:
    """Reads an Ofsted URN: "80430", "SC043210", "EY123456"."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text.isalnum() or not 4 <= len(text) <= 10 or not text[-1].isdigit():
        raise Wrong('a URN such as "116780" or "SC043210"')
    return text.upper()


def region_of(authorities: Authorities) -> typed.Read:
    """Reads a region, by name or slug, as its slug."""

    def one(value: Any) -> str:
        known = authorities.regions()
        if isinstance(value, str) and slug(value) in known:
            return slug(value)
        raise Wrong(f"a region: {', '.join(known)}", nearest=nearest(slug(str(value)), known))

    return one


def place(authorities: Authorities) -> typed.Read:
    """Reads an authority or a region, as (whether it is a region, its name or slug)."""

    def one(value: Any) -> tuple[bool, str]:
        if isinstance(value, str) and authorities.find(value) is None and slug(value) in authorities.regions():
            return True, slug(value)
        try:
            return False, authority_of(authorities)(value)
        except Wrong as error:
            near = authorities.nearest(value) if isinstance(value, str) else None
            raise Wrong("an authority or a region", nearest=near) from error

    return one


def _grade(value: Any) -> Grade:
    printed = frameworks.grade(value) if isinstance(value, str) else None
    return printed or typed.choice(list(Grade))(value)


def _recipients(found: Any, file: Writing, around: Surroundings) -> tuple[Channel, ...]:
    if not isinstance(found, list) or not found or not all(isinstance(each, dict) for each in found):
        file.note("to" if found is not None else "", "nobody is told: expected at least one [[to]] table")
        return ()
    read = [channel(each, f"to[{number}]", file, around) for number, each in enumerate(found)]
    return tuple(each for each in read if each is not None)


def _email(found: Mapping[str, Any], key: str, file: Writing, around: Surroundings) -> Channel:
    return Channel(kind="email", address=typed.mail_address(found["email"]))


def _webhook(found: Mapping[str, Any], key: str, file: Writing, around: Surroundings) -> Channel:
    url = typed.web_page(found["webhook"])
    private = found.get("allow_private", False)
    if not isinstance(private, bool):
        file.wrong(f"{key}.allow_private", private, Wrong("true or false"))
    if url.startswith("http:") and not private:
        raise Wrong("an https address; http only with allow_private = true, for a receiver on this machine")
    several = found.get("secrets_env", [])
    if not isinstance(several, list) or not all(isinstance(each, str) for each in several):
        file.wrong(f"{key}.secrets_env", several, Wrong('a list of names, ["NEW", "OLD"]'))
        several = []
    where = [(name, "") for name in several]
    if "secret_env" in found or "secret_file" in found:
        where.insert(0, (str(found.get("secret_env", "")), str(found.get("secret_file", ""))))
    if not where:
        file.note(
            f"{key}.webhook", f"{key} has no secret to sign with; write secret_env or secret_file beside the address"
        )
    secrets = [_secret(f"{key}.secret", *each, file, around) for each in where]
    return Channel(kind="webhook", address=url, secrets=tuple(filter(None, secrets)), allow_private=private is True)


def _apprise(found: Mapping[str, Any], key: str, file: Writing, around: Surroundings) -> Channel:
    url = typed.text(found["apprise"])
    service, _, rest = url.partition("://")
    if not service or not rest:
        raise Wrong('an Apprise address such as "ntfy://topic"; one that holds a token belongs into apprise_env')
    return Channel(kind="apprise", address=url, label=f"{service}:{sha256(url.encode()).hexdigest()[:12]}")


def _apprise_env(found: Mapping[str, Any], key: str, file: Writing, around: Surroundings) -> Channel:
    name = typed.text(found["apprise_env"])
    return Channel(kind="apprise", address=_secret(f"{key}.apprise", name, "", file, around), label=name)


def _maildir(found: Mapping[str, Any], key: str, file: Writing, around: Surroundings) -> Channel:
    return Channel(kind="maildir", address=str(path_of(found["maildir"], around)))


def _log(found: Mapping[str, Any], key: str, file: Writing, around: Surroundings) -> Channel:
    if found["log"] is not True:
        raise Wrong("true")
    return Channel(kind="log", address="")


def _secret(key: str, variable: str, name: str, file: Writing, around: Surroundings) -> str:
    """What a variable or a file holds; "" with a note where it holds nothing."""
    if not around.secrets:
        return ""
    if variable:
        if not _VARIABLE.match(variable):
            file.note(
                key, f"{key} has no name of an environment variable where one is expected, as OFSTED_WATCH_SECRET"
            )
            return ""
        found = around.environ.get(variable, "")
        said = f"the environment variable {variable} is not set"
    else:
        path = path_of(name, around)
        credentials = around.environ.get("CREDENTIALS_DIRECTORY")
        if credentials and (Path(credentials) / name).is_file():
            path = Path(credentials) / name
        found, said = _content(path), f"the file {path} is empty or cannot be read"
    if not found.strip():
        file.note(key, f"{key} is missing: {said}")
    return found.strip()


def _masked(value: Any) -> Any:
    """An address without what may be a secret: its path, and whom it logs in as."""
    scheme, mark, _ = str(value).partition("://")
    return f"{scheme}://…" if mark else value


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def path_of(value: Any, around: Surroundings) -> Path:
    """A path as written, "~" filled in; a relative one begins at the folder of the configuration."""
    path = typed.text(value)
    if not path:
        raise Wrong("a path")
    return around.folder / (Path(around.environ.get("HOME", "~")) / path[2:] if path.startswith("~/") else path)


_WAYS = {
    "email": _email, "webhook": _webhook, "apprise": _apprise, "apprise_env": _apprise_env, "maildir": _maildir,
    "log": _log,
}  # fmt: skip
