"""Parsing in guarded children: a hostile page costs a child, never the daemon.

All parsing happens here, of HTML too, so that the parent imports no parser. A child is `python -m scraper.child`: a
session of its own, an empty folder, no inherited file, environment or socket; it reads one frame, answers with one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING

from msgspec import Struct

from scraper.frames import Answer, Limits, Request, Start, decode, encode, expect, put, receive
from scraper.model import Code, Page, ParseError, Reading, Source
from scraper.probe import Candidate

if TYPE_CHECKING:
    from inspections.authorities import Authorities

_BLOCKED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")
_MOST_FILES = 64
_CRASHES = {signal.SIGSEGV, signal.SIGBUS}


class Readers:
    """A pool of parsing children. Thread-safe: any number of threads may read, and wait for a free child.

    Children start when first needed. `tables` are files of further authorities; each child loads them at its start.
    """

    def __init__(self, tables: Sequence[Path] = (), *, number: int = 2, limits: Limits | None = None) -> None:
        self._tables = tuple(str(path.resolve()) for path in tables)
        self._limits = limits or Limits()
        self._slots = threading.BoundedSemaphore(number)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def read(self, page: Page, *, as_type: str | None = None, source: Source | None = None) -> Reading:
        """What `scraper.parse.read` says of the page in a child, with its errors as they were raised there.

        ParseError `limit` where the page took more time or memory than is allowed, `damaged` where it crashed the
        parser, `unreadable` where the parser failed on it. The next page is read by another child.
        """
        answer = self._asked(Request(page=page, as_type=as_type, source=source))
        assert answer.reading is not None
        return answer.reading

    def discover(self, page: Page) -> list[Candidate]:
        """What `scraper.probe.discover` says of the page in a child, with errors as `read` has them."""
        return self._asked(Request(page=page, discover=True)).candidates or []

    def _asked(self, request: Request) -> Answer:
        """An answer without an error; otherwise that error is raised."""
        if len(request.page.body) > self._limits.body:
            said = f"the document has {len(request.page.body):,} bytes; at most {self._limits.body:,} are read"
            raise ParseError(said, code=Code.TOO_LARGE)
        with self._slots:
            child = self._take()
            try:
                answer = child.ask(request)
            finally:
                self._give_back(child)
        if answer.reading is not None or answer.candidates is not None:
            return answer
        if answer.code is None:
            raise LookupError(answer.message)
        raise ParseError(answer.message, code=answer.code, outcome=answer.outcome)

    def rest(self, seconds: float = 60.0) -> None:
        """Ends the children that have had nothing to do for so long; others start when they are needed."""
        with self._lock:
            asleep = [child for child in self._idle if time.monotonic() - child.used_at >= seconds]
            self._idle = [child for child in self._idle if child not in asleep]
        for child in asleep:
            child.end()

    def close(self) -> None:
        """Ends all children, also those that are reading. Nothing can be read afterwards."""
        with self._lock:
            self._closed = True
            idle, busy = list(self._idle), list(self._busy)
            self._idle.clear()
        for child in busy:
            child.stop("reading was ended because the service stops")
        for child in idle:
            child.end()
        with self._lock:
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _take(self) -> _Child:
        with self._lock:
            if self._closed:
                raise RuntimeError("these readers are closed")
            child = self._idle.pop() if self._idle else None
            if child is None or not child.usable:
                if self._folder is None:
                    self._folder = tempfile.TemporaryDirectory(prefix="ofsted-watch-")
                child = _Child(self._folder.name, self._tables, self._limits)
            self._busy.add(child)
            return child

    def _give_back(self, child: _Child) -> None:
        with self._lock:
            self._busy.discard(child)
            keep = child.usable and not self._closed
            if keep:
                child.used_at = time.monotonic()
                self._idle.append(child)
        if not keep:
            child.end()


class _Child:
    """One process. It is used by one thread at a time."""

    def __init__(self, folder: str, tables: tuple[str, ...], limits: Limits) -> None:
        self._limits = limits
        self._read = 0
        self.used_at = time.monotonic()
        self._stopped = ""  # why we killed it
        here = [os.path.abspath(path or ".") for path in sys.path]
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", "scraper.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env={"PYTHONPATH": os.pathsep.join(here), "LANG": "C.UTF-8", "PYTHONSAFEPATH": "1"},
            start_new_session=True,
        )
        self._send(Start(tables=tables, limits=limits))

    @property
    def usable(self) -> bool:
        """Whether it lives and may read another document."""
        return not self._stopped and self._read < self._limits.documents and self._process.poll() is None

    def ask(self, request: Request) -> Answer:
        """Its answer, or one that says how it ended."""
        self._read += 1
        overdue = f"reading took longer than {self._limits.wall_seconds:g} s"
        watch = threading.Timer(self._limits.wall_seconds, self.stop, [overdue])
        watch.daemon = True
        watch.start()
        try:
            self._send(request)
            body = receive(self._stream("stdout"), self._limits.answer)
        except OSError:
            body = None
        finally:
            watch.cancel()
        if body is None:
            return self._epitaph()
        return decode(body, Answer)

    def end(self) -> None:
        """Kills its process group and waits for it."""
        self._kill()
        for name in ("stdin", "stdout"):
            try:
                self._stream(name).close()
            except OSError:
                continue  # what it did not read any more is of no use
        self._process.wait()

    def _stream(self, name: str) -> IO[bytes]:
        stream: IO[bytes] = getattr(self._process, name)
        return stream

    def _send(self, message: Struct) -> None:
        put(self._stream("stdin"), message)

    def stop(self, why: str) -> None:
        """Kills it; the thread that waits for its answer is told why, and ends it."""
        self._stopped = why
        self._kill()

    def _kill(self) -> None:
        if self._process.poll() is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self._process.kill()  # it had not become the leader of its session yet

    def _epitaph(self) -> Answer:
        """Why it ended without an answer, in a sentence."""
        self._kill_unanswered()
        status = self._process.wait()
        limits = self._limits
        rest = "The document was given up; nothing else was lost."
        if self._stopped:
            return Answer(code=Code.LIMIT, message=f"{self._stopped}. {rest}")
        if status == -signal.SIGXCPU:
            said = f"reading took more than {limits.cpu_seconds} s of processor time"
            return Answer(code=Code.LIMIT, message=f"{said}. {rest}")
        if status < 0 and -status in _CRASHES:
            return Answer(code=Code.DAMAGED, message=f"the document crashed its parser (signal {-status}). {rest}")
        if status >= 0:
            said = f"the parsing process ended by itself (status {status}); its reason stands in the log above"
            return Answer(code=Code.UNREADABLE, message=f"{said}. {rest}")
        said = f"reading was stopped (status {status}); it asked for more than {limits.memory >> 20} MB of memory"
        return Answer(code=Code.LIMIT, message=f"{said}, or its answer was longer than is allowed. {rest}")

    def _kill_unanswered(self) -> None:
        """A child that closed its end is on its way out; one that sent an oversized answer must be helped."""
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._kill()


def confine(limits: Limits) -> None:
    """Takes from this process what a parser does not need. Where the platform has no such limit, it goes without."""
    import resource

    wanted = {
        "RLIMIT_AS": limits.memory,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": _MOST_FILES,
    }
    for name, most in wanted.items():
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (AttributeError, ValueError, OSError):
            continue  # macOS has no limit of the address space
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_BLOCKED):
        raise PermissionError(f"a parser may not do this: {event}")


def _allow_time(seconds: int) -> None:
    """Moves the soft limit of processor time to what was used, and so many seconds."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _answer(request: Request, authorities: Authorities, limits: Limits) -> bytes:
    """The answer as bytes, at most as long as is allowed."""
    from scraper import parse, probe

    try:
        if request.discover:
            body = encode(Answer(candidates=probe.discover(request.page)))
        else:
            read = parse.read(request.page, as_type=request.as_type, source=request.source, authorities=authorities)
            body = encode(Answer(reading=read))
        if len(body) <= limits.answer:
            return body
        answer = Answer(message=f"what was read from it is longer than {limits.answer:,} bytes", code=Code.LIMIT)
    except ParseError as error:
        answer = Answer(message=str(error), code=error.code, outcome=error.outcome)
    except MemoryError:
        answer = Answer(message="reading it takes more memory than is allowed", code=Code.LIMIT)
    except RecursionError:
        answer = Answer(message="its elements are nested too deeply to be read", code=Code.LIMIT)
    except Exception as error:
        if type(error) is LookupError:  # a type that does not exist; a KeyError is a fault
            answer = Answer(message=str(error))
        else:
            said = f"the parser failed on it ({type(error).__name__}: {error}); this is a fault of the parser"
            answer = Answer(message=said[:500], code=Code.UNREADABLE)
    return encode(answer)


def main() -> None:
    """Reads frames from stdin and answers on stdout until its parent is gone."""
    questions = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    start = expect(questions, Start, 1 << 20)
    if start is None:
        return
    from inspections.authorities import Authorities
    from scraper import parse, reports  # noqa: F401  (warm before the walls stand)

    authorities = Authorities.load(*map(Path, start.tables))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # what a parser prints is no answer
    os.dup2(nowhere, 2)
    confine(start.limits)
    while True:
        request = expect(questions, Request, start.limits.body + (1 << 20))
        if request is None:
            return
        _allow_time(start.limits.cpu_seconds)
        put(answers, _answer(request, authorities, start.limits))


if __name__ == "__main__":
    main()
