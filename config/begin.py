"""The first configuration, written from five answers; and subscriptions, written and put aside."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from config import typed
from config.catalogue import NAME
from config.load import FILE, chosen_folder, usual_folder
from config.mistakes import ConfigError, Mistake, Wrong
from config.recipients import place
from inspections.authorities import Authorities

# Key, question, and the answer that is taken where none is given.
QUESTIONS = (
    ("contact", "Your mail address or web page, shown to the sites that are read (empty: none)", ""),
    ("authorities", "Councils or regions to watch, divided by semicolons", "Blackburn with Darwen"),
    ("email", "Mail address that is told of what is found (empty: the log only)", ""),
    ("smtp", "Mail server that takes the messages, as host or host:port", "localhost:25"),
    ("archive", "Folder for everything that is kept (empty: the usual one)", ""),
)
_HERE = ("localhost", "127.0.0.1", "::1")


class AlreadyThere(Exception):
    """A file of that name stands there already. It was left as it is."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is already there and was left as it is; change it by hand, or name another")
        self.path = path


def begin(folder: Path | None, answers: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Write a folder that `load` can read, ofsted-watch.toml first; nothing that stands there is changed.

    Without a folder it is the one that `load` would take, else ~/.config/ofsted-watch.
    Raises AlreadyThere, and ConfigError for answers that cannot be used; then nothing is written.
    """
    where = chosen_folder(folder, environ) or usual_folder(environ)
    main, subscription = where / FILE, where / "subscriptions" / "first.toml"
    email = answers.get("email", "").strip()
    written = {main: _main_file(answers)}
    if email:
        written[subscription] = f"# Everything that is found, at once.\n\n[[to]]\nemail = {quoted(email)}\n"
    for path in written:
        if path.exists():
            raise AlreadyThere(path)
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(written)


def subscribe(folder: Path, name: str, recipient: Mapping[str, Any], filters: Mapping[str, Any]) -> Path:
    """Write subscriptions/NAME.toml. `recipient` is a [[to]] table, `filters` are keys as docs/config.md lists them.

    Raises AlreadyThere, and ConfigError for a name that cannot be a file's. What the keys hold is checked when the
    folder is loaded again.
    """
    if not NAME.match(name):
        said = f"{name!r} cannot name a subscription; only a-z, 0-9 and - may stand in it"
        raise ConfigError([Mistake(file="subscriptions", sentence=said)])
    path = folder / "subscriptions" / f"{name}.toml"
    if path.exists():
        raise AlreadyThere(path)
    lines = [f"{key} = {_toml(value)}" for key, value in filters.items()]
    lines += ["", "[[to]]", *(f"{key} = {_toml(value)}" for key, value in recipient.items())]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).lstrip() + "\n", encoding="utf-8")
    return path


def unsubscribe(folder: Path, name: str) -> Path:
    """Move a subscription's file to subscriptions/disabled/, and return where it lies now.

    Raises LookupError where there is none, and AlreadyThere where one of that name is already put aside.
    """
    path = folder / "subscriptions" / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in path.parent.glob("*.toml"))) or "none"
        raise LookupError(f"there is no subscription {name!r} in {path.parent}; there are: {known}")
    aside = path.parent / "disabled" / path.name
    if aside.exists():
        raise AlreadyThere(aside)
    aside.parent.mkdir(exist_ok=True)
    return path.rename(aside)


def quoted(text: str) -> str:
    """A text as it is written in TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _main_file(answers: Mapping[str, str]) -> str:
    """The default that ships, with the answers in their places."""
    given = {key: answers.get(key, "").strip() for key, _, _ in QUESTIONS}
    authorities = _authorities([word.strip() for word in given["authorities"].split(";") if word.strip()])
    values: dict[str, Any] = {"authorities": authorities}
    values |= {key: given[key] for key in ("contact", "archive") if given[key]}
    if "Blackburn with Darwen" not in authorities:
        values["sources"] = []
    if given["email"]:
        values |= _mail(given["email"], given["smtp"])
    text = (files("config") / FILE).read_text("utf-8")
    for key, value in values.items():
        written = f"{key} = {_toml(value)}".replace("\\", "\\\\")
        text = re.sub(rf"^(?:# )?{key} = [^\n]*", written, text, count=1, flags=re.MULTILINE)
    return text


def _authorities(words: Sequence[str]) -> list[str]:
    """The answers as the table's names and regions. Raises ConfigError, naming each that is neither."""
    read = place(Authorities.load())
    found, mistakes = [], []
    for word in words:
        try:
            found.append(read(word)[1])
        except Wrong as error:
            hint = f'; did you mean "{error.nearest}"?' if error.nearest else ""
            mistakes.append(Mistake(file="authorities", sentence=f'"{word}" is not {error.allowed}{hint}'))
    if mistakes:
        raise ConfigError(mistakes)
    return found


def _mail(email: str, server: str) -> dict[str, Any]:
    """[smtp] for this address. A server on this machine needs neither a password nor encryption."""
    host, _, port = server.rpartition(":") if re.search(r":\d+\Z", server) else (server, "", "")
    try:
        typed.mail_address(email)
    except Wrong as error:
        said = f'"{email}" is not {error.allowed}'
        raise ConfigError([Mistake(file="email", sentence=said)]) from error
    found: dict[str, Any] = {"host": host or "localhost", "sender": f"Ofsted Watch <{email}>"}
    if port:
        found["port"] = int(port)
    if found["host"] in _HERE:
        found["security"] = "none"
    return found


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    return quoted(str(value)) if not isinstance(value, int) else str(value)
