"""Subscriptions written and put aside, by commands; what was written is read again before it counts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config import begin
from config.load import ConfigError, Mistake, chosen_folder, load
from service.assembly import UnknownName


def subscribed(folder: Path | None, name: str, recipient: Mapping[str, Any], filters: Mapping[str, Any]) -> Path:
    """Write it and return the file. Raises ConfigError, and leaves nothing behind, where it cannot be used."""
    where = _folder(folder)
    load(where, os.environ, secrets=False)
    try:
        written = begin.subscribe(where, name, recipient, filters)
    except begin.AlreadyThere as error:
        raise ConfigError([Mistake(file=str(error.path), sentence="is there already and was left as it is")]) from error
    try:
        load(where, os.environ, secrets=False)
    except ConfigError:
        written.unlink()
        raise
    return written


def unsubscribed(folder: Path | None, name: str) -> Path:
    """Put it aside and return where it lies now. Raises UnknownName where there is none."""
    try:
        return begin.unsubscribe(_folder(folder), name)
    except LookupError as error:
        raise UnknownName(str(error.args[0])) from error
    except begin.AlreadyThere as error:
        raise ConfigError(
            [Mistake(file=str(error.path), sentence="was put aside before; rename one of them")]
        ) from error


def _folder(folder: Path | None) -> Path:
    where = chosen_folder(folder, os.environ)
    if where is None:
        raise ConfigError(
            [Mistake(file="", sentence="there is no folder of settings yet; `ofsted-watch init` writes one")]
        )
    return where
