"""Runs a poll and a delivery in a child that is killed at a chosen line, moment or size of file.

    python tests/proof/crashing.py      jobs come as lines of JSON on stdin, answers go to stdout

Everything heavy is imported once; each job is a fork of this process, which has no thread and no open archive. Only the
parsing is done within the child instead of in one of its own, since a parser's lines hold nothing that can be lost.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from alerts.transports import email, webhook  # noqa: E402, F401  (warm)
from archive.model import ArchiveError, Busy, NoSpace  # noqa: E402
from inspections.authorities import Authorities  # noqa: E402
from scraper import article, parse, reports  # noqa: E402, F401
from scraper.child import Readers  # noqa: E402
from scraper.listings import html, ofsted, wordpress  # noqa: E402, F401
from scraper.model import Page, Reading, Source  # noqa: E402
from service.assembly import assemble  # noqa: E402
from service.deliver import deliver_due  # noqa: E402
from service.poll import poll  # noqa: E402

TRACED = ("service/", "archive/", "alerts/", "inspections/resolve", "inspections/compare", "scraper/fetch",
          "scraper/connect", "scraper/gate", "scraper/pace", "scraper/robots", "scraper/refusals")  # fmt: skip
NOT_TRACED = ("service/demo", "service/commands")


class InThisProcess(Readers):
    """Stands where the pool of parsing children stands, and starts none to read a page."""

    def __init__(self, authorities: Authorities) -> None:
        super().__init__()
        self.authorities = authorities

    def read(self, page: Page, *, as_type: str | None = None, source: Source | None = None) -> Reading:
        return parse.read(page, as_type=as_type, source=source, authorities=self.authorities)


class Trace:
    """Counts every executed line of ours, and kills the process at the n-th execution of one."""

    def __init__(self, at: tuple[str, int, int] | None) -> None:
        self.at = at
        self.counts: Counter[tuple[str, int]] = Counter()
        self._known: dict[str, str] = {}

    def begin(self) -> None:
        threading.settrace(self._call)
        sys.settrace(self._call)

    def _name(self, path: str) -> str:
        known = self._known.get(path)
        if known is None:
            short = os.path.relpath(path, ROOT) if path.startswith(str(ROOT)) else ""
            known = self._known[path] = short if short.startswith(TRACED) and not short.startswith(NOT_TRACED) else ""
        return known

    def _call(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self._line if self._name(frame.f_code.co_filename) else None

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            here = (self._name(frame.f_code.co_filename), frame.f_lineno)
            self.counts[here] += 1
            if self.at and here == self.at[:2] and self.counts[here] == self.at[2]:
                os.kill(os.getpid(), signal.SIGKILL)
        return self._line


def work(job: dict[str, Any], trace: Trace) -> str:
    now, later = datetime.fromisoformat(job["now"]), datetime.fromisoformat(job["later"])
    if job.get("fsize"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["fsize"], job["fsize"]))
    if job.get("memory"):  # so many bytes more than it has already
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * os.sysconf("SC_PAGE_SIZE") + job["memory"],) * 2)
    if job.get("at") or job.get("trace"):
        trace.begin()
    try:
        with assemble(Path(job["folder"]), now) as watch, watch.archive.poll_lock(now):
            if job.get("heap"):  # bytes that SQLite may have: the allocation beyond them fails
                watch.archive._rows(f"PRAGMA hard_heap_limit = {job['heap']}")
            watch.__dict__["readers"] = InThisProcess(watch.authorities)
            poll(watch, watch.named(()), now=now)
            deliver_due(watch, now)
            if later > now:
                deliver_due(watch, later)
            if job.get("stay"):  # until killed, with the archive open and its log not written back
                os.kill(os.getpid(), signal.SIGKILL)
    except (NoSpace, Busy, ArchiveError) as error:
        return f"{type(error).__name__}: {error}"
    except OSError as error:
        return f"OSError: {error}"
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError) or "start new thread" in str(error):
            return "out of memory"
        raise
    finally:
        threading.settrace(None)  # type: ignore[arg-type]
        sys.settrace(None)
    return "done"


def child(job: dict[str, Any], answer: int) -> None:
    trace = Trace(tuple(job["at"]) if job.get("at") else None)
    code = 0
    try:
        said = work(job, trace)
    except BaseException:
        said, code = traceback.format_exc(), 70
    lines = [[name, line, n] for (name, line), n in trace.counts.items()] if job.get("trace") else []
    with os.fdopen(answer, "w") as out:
        json.dump({"said": said, "lines": lines}, out)
    os._exit(code)


def forked(child: Callable[[dict[str, Any], int], object], job: dict[str, Any]) -> tuple[int, int]:
    """The id of a child that does the job, and where its answer is read. `child` never returns."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        child(job, writing)
    os.close(writing)
    return pid, reading


def run(job: dict[str, Any]) -> dict[str, Any]:
    pid, reading = forked(child, job)
    if job.get("after"):
        time.sleep(job["after"])
        os.kill(pid, signal.SIGKILL)
    if job.get("limit") and not select.select([reading], [], [], job["limit"])[0]:  # it hangs, as a supervisor sees it
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {"killed": killed, "status": status, **(json.loads(text) if text else {"said": "", "lines": []})}


def warm(job: dict[str, Any]) -> dict[str, Any]:
    """Do it here, so that every module, template and table that it needs is loaded in all children to come."""
    try:
        said = work(job, Trace(None))
    except Exception:
        said = traceback.format_exc()
    if threading.active_count() > 1:
        said = f"{said}: a thread was left, which would be missing in every child"
    return {"killed": False, "status": 0, "said": said, "lines": []}


if __name__ == "__main__":
    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps(warm(job) if job.get("warm") else run(job)), flush=True)
