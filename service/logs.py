"""Log lines for journald or for machines: one line an event, always the same keys."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

# What journald reads at the beginning of a line as its priority (sd-daemon(3)).
_PRIORITIES = ((logging.CRITICAL, "<2>"), (logging.ERROR, "<3>"), (logging.WARNING, "<4>"), (logging.INFO, "<6>"))
_FACTS = "facts"


def to_stderr(form: str, level: int, environ: Mapping[str, str] = os.environ) -> None:
    """Send what is logged to standard error, as text or as JSON objects. Whatever a site says stays on its line.

    A log that cannot be written, since its pipe is closed or its disk is full, never stops the service.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text(journald="JOURNAL_STREAM" in environ))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.raiseExceptions = False


def event(log: logging.Logger, level: int, name: str, note: str = "", **facts: str | int) -> None:
    """One event with its facts: `poll source=theshuttle outcome=ok …` as text, keys of their own in JSON."""
    said = " ".join([name, *(f"{key}={value}" for key, value in facts.items()), *([note] if note else [])])
    log.log(level, "%s", said, extra={_FACTS: {"event": name, **facts}})


class Text(logging.Formatter):
    """LEVEL and the message, on one line; before it the priority, where journald reads along."""

    def __init__(self, *, journald: bool = False) -> None:
        super().__init__("%(levelname)s %(message)s")
        self.journald = journald

    def format(self, record: logging.LogRecord) -> str:
        line = one_line(super().format(record))
        priority = next((mark for level, mark in _PRIORITIES if record.levelno >= level), "<7>")
        return priority + line if self.journald else line


class Json(logging.Formatter):
    """One object a line: at, level, logger, message; of an event its facts; of a fault the traceback as `error`."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        line = {"at": at, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        line |= getattr(record, _FACTS, {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


def one_line(text: str) -> str:
    """Line breaks and control characters as escapes: a page's words can neither end a line nor move a cursor."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
