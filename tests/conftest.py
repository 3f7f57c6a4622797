"""What every test may use: the real documents where they lie beside the checkout, and no network but loopback."""

from __future__ import annotations

import os
import socket
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The real documents. They are other people's text and never part of this repository."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus of real documents is not beside this checkout")
    return CORPUS


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection that would leave this machine fails the test that makes it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            host = str(address[0])
            if not (host.startswith("127.") or host in ("::1", "localhost")):
                raise AssertionError(f"a test tried to connect to {address}, outside this machine")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The last lines say how many tests were skipped, and why."""
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()))
    terminalreporter.section("skipped, by reason" if reasons else "nothing was skipped")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:5} {reason.removeprefix('Skipped: ')}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where a browser is promised (.ci/run), a browser test that was skipped is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("OFSTED_WATCH_BROWSER") or reporter is None:
        return
    browser = [report for report in reporter.stats.get("skipped", ()) if "browser" in report.keywords]
    skipped = [report for report in browser if "hromium" in str(report.longrepr)]
    if skipped:
        reporter.write_line(f"{len(skipped)} browser tests were skipped, though a browser is here")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
