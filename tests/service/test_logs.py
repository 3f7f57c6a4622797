"""Log lines: one an event, whatever a page said, for journald and for machines."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from service.logs import Json, Text, event

HOSTILE = [
    "a\nERROR forged",
    "\x1b[2Jgone",
    "a\r\nb",
    "\u2028split\u2029",
    "\x00",
    "right\u202eleft",
    '{"level": "error"}',
]


@pytest.fixture
def lines() -> list[logging.LogRecord]:
    return []


@pytest.fixture
def log(lines: list[logging.LogRecord]) -> logging.Logger:
    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record)

    one = logging.getLogger("ofsted_watch.test")
    one.handlers[:] = [Kept()]
    one.propagate = False
    one.setLevel(logging.DEBUG)
    return one


@pytest.mark.fault("K18")
@pytest.mark.parametrize("said", HOSTILE)
def test_what_a_page_says_stays_on_its_line(log: logging.Logger, lines: list[logging.LogRecord], said: str) -> None:
    event(log, logging.WARNING, "poll", said, source="news", outcome="suspect")
    text = Text().format(lines[0])
    assert text.startswith("WARNING poll source=news outcome=suspect ")
    assert text.isprintable()
    found = json.loads(Json().format(lines[0]))
    assert found["level"] == "warning"
    assert found["outcome"] == "suspect"
    assert said in found["message"]
    assert len(Json().format(lines[0]).splitlines()) == 1


@pytest.mark.parametrize(
    ("level", "mark"), [(logging.ERROR, "<3>"), (logging.WARNING, "<4>"), (logging.INFO, "<6>"), (logging.DEBUG, "<7>")]
)
def test_journald_is_told_the_priority(
    log: logging.Logger, lines: list[logging.LogRecord], level: int, mark: str
) -> None:
    event(log, level, "poll", source="news")
    assert Text(journald=True).format(lines[0]).startswith(mark + logging.getLevelName(level))
    assert not Text().format(lines[0]).startswith("<")


def test_a_fault_of_ours_is_one_line_with_its_traceback(log: logging.Logger, lines: list[logging.LogRecord]) -> None:
    try:
        raise ValueError("of ours")
    except ValueError:
        log.exception("the job failed")
    assert "\\n" in Text().format(lines[0])
    assert len(Text().format(lines[0]).splitlines()) == 1
    assert "ValueError: of ours" in json.loads(Json().format(lines[0]))["error"]


@pytest.mark.fault("O12")
def test_a_closed_pipe_does_not_stop_who_logs() -> None:
    code = """
import logging, os, sys
from service.logs import to_stderr
to_stderr("text", logging.INFO)
sys.stdin.read()
for _ in range(1000): logging.getLogger("x").info("a line " * 100)
print("still here")
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as one:  # fmt: skip
        assert one.stderr is not None and one.stdin is not None and one.stdout is not None
        one.stderr.close()
        one.stdin.close()
        assert one.stdout.read() == b"still here\n"
        assert one.wait(20) == 0
