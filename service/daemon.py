"""The background service: a tick that polls what is due, one that delivers, and the chores of the day."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from archive import NoSpace
from config.load import ConfigError
from service.assembly import Watch
from service.clock import Clock
from service.deliver import Sent, deliver_due
from service.health.heartbeat import Heartbeat
from service.health.incidents import Fault, look_after
from service.health.room import Room
from service.health.supervisor import Beats, notify
from service.health.vitals import Vitals, exposition, free_megabytes, served, vitals
from service.logs import event
from service.poll import Polled, poll
from service.telling.lost import lost_work, take_back
from service.timetable import longest_wait

log = logging.getLogger("ofsted_watch")
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that finds the last one still at work is no news
logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)  # a job that failed is logged here

TICK = timedelta(seconds=5)
CHORES = timedelta(minutes=10)
HEART = timedelta(seconds=1)  # how often it is seen whether a heartbeat is due
SOURCES_A_TICK = 60  # so that a tick ends, and SIGTERM is heard, in good time
LAST_WORDS = 12.0  # seconds that a stop waits for what is under way
_KEPT_POLLS = timedelta(days=120)
# Seconds after which a part is taken for dead. A poll gives a sign after each source, whose documents may take long.
LIMITS = {"scheduler": 90.0, "poll": 3600.0, "deliver": 1800.0, "chores": 3600.0}


class Ending(StrEnum):
    """How a daemon came to its end. What was under way at another than the first is done again at the next start."""

    CLEAN = "clean"
    CUT_SHORT = "cut short"  # something did not end in time
    WATCHDOG = "watchdog"  # a part gave no sign of life, or there was no memory


class Daemon:
    """Runs until `stop` is set or a signal comes. When a source is due stands in the archive, not in a timer.

    `clock` gives the moment by which things are due; the ticks themselves run in real time. Only one process polls an
    archive: `run` raises archive.Busy at once where another does.
    """

    def __init__(
        self, watch: Watch, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), tick: timedelta = TICK,
        on_poll: Callable[[Polled], None] = lambda polled: None, on_send: Callable[[Sent], None] = lambda sent: None,
        limits: dict[str, float] = LIMITS, free: Callable[[Path], int] = free_megabytes,
    ) -> None:  # fmt: skip
        self.watch, self.clock, self.tick = watch, clock, tick
        self.on_poll, self.on_send = on_poll, on_send
        self.stop = threading.Event()
        self.reload = threading.Event()
        self.rounds = 0
        self.beats = Beats(limits)
        self._jobs: BackgroundScheduler | None = None
        self._workers = ThreadPoolExecutor(5)
        self.wall = Clock(clock)
        self.refused = ""  # the mistakes of a configuration that was not taken
        self.room = Room(watch.archive.folder, free)
        self.memory = True  # whether there is enough
        self.port = 0  # of /healthz, while it is served
        self._heart = Heartbeat(watch.settings.health.heartbeat, watch.settings.health.heartbeat_every)
        self._tidied = time.monotonic()

    def run(self, *, signals: bool = True) -> Ending:
        """Poll, deliver and look after things until told to stop; then let what is under way come to its end."""
        with self.watch.archive.poll_lock(self.clock()), self._asked():
            scheduler = self._jobs = self._scheduler()
            if signals:
                self._heed_signals()
            self._put_right(self.clock())
            take_back(self.watch, self.clock())  # before the first delivery looks for what is due
            scheduler.start()
            log.info("started: %d sources, archive in %s", len(self.watch.sources), self.watch.archive.folder)
            notify("READY=1")
            try:
                late = self._stand_by()
            finally:
                self.stop.set()
                notify("STOPPING=1")
                self.watch.fetcher.close()
                ended = self._wind_down(scheduler)
            if not self.memory:
                log.critical("there is no memory left. It ends, so that it is started again; nothing was lost")
                return Ending.WATCHDOG
            if late:
                log.critical("no sign of life: %s. It ends, so that it is started again; nothing was lost", late)
                return Ending.WATCHDOG
            log.info("stopped; nothing was lost")
            return Ending.CLEAN if ended else Ending.CUT_SHORT

    def poll_due(self) -> None:
        """Read the sources that are due now; after a jump of the clock not all at once, and none without room."""
        now = self.clock()
        if self.reload.is_set():
            self.reload.clear()
            self._reconfigure(now)
        if self.wall.jumped():
            log.warning("the clock jumped by %s; due times are put right", self.wall.jump)
            self._put_right(now)
        limit = self.wall.allowance(len(self.watch.sources), SOURCES_A_TICK, self.tick)
        if limit and not self.room.lacks(self.watch.settings.poll.free_space):
            for polled in poll(self.watch, self.watch.due(now, limit), now=now, report=self._polled, stop=self.stop):
                self.room.worked()
                log.debug("polled source=%s outcome=%s", polled.source, polled.outcome)
        if "readers" in self.watch.__dict__:
            self.watch.readers.rest()
        self.beats.mark("poll")
        self.rounds += 1

    def deliver(self) -> None:
        """Send every message that is due now."""
        deliver_due(self.watch, self.clock(), report=self._sent)
        self.beats.mark("deliver")

    def chores(self) -> None:
        """What time alone changes: reports overdue, faults begun or over; once a day the archive is tidied."""
        now = self.clock()
        for sentence in lost_work(self.watch, now):
            log.error("mended, and it should not have been needed: %s", sentence)
        look_after(self.watch, now, own=self._own_faults())
        if time.monotonic() - self._tidied > timedelta(days=1).total_seconds():
            self._tidied = time.monotonic()
            self.watch.archive.forget_polls(now - _KEPT_POLLS)
            self.watch.archive.sweep(now)
            self.watch.archive.optimise()
        self.beats.mark("chores")

    def vitals(self) -> Vitals:
        notes = (f"the new configuration was not taken: {self.refused}",) if self.refused else ()
        return vitals(self.watch, self.beats, self.clock(), notes)

    def _stand_by(self) -> str:
        """Until told to stop: "", or what gave no sign of life for too long."""
        while not self.stop.wait(min(5.0, self.tick.total_seconds())):
            late = self.beats.late()
            if late:
                return late
            notify("WATCHDOG=1")
        return ""

    def _heed_signals(self) -> None:
        def end(*_: object) -> None:
            if self.stop.is_set():
                os._exit(0)  # asked twice: at once; every transaction is whole or not there
            self.stop.set()

        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, end)
        signal.signal(signal.SIGHUP, lambda *_: self.reload.set())

    def _scheduler(self) -> BackgroundScheduler:
        # UTC and in memory: London's clock changes and restarts concern only the due times in the archive.
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": self._workers},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        first = datetime.now(UTC)
        for name, job, every in (
            ("poll", self.poll_due, self.tick), ("deliver", self.deliver, self.tick), ("chores", self.chores, CHORES),
            ("scheduler", lambda: self.beats.mark("scheduler"), self.tick),
            ("heartbeat", lambda: self._heart.beat(lambda: self.vitals().well), max(self.tick, HEART)),
        ):  # fmt: skip
            scheduler.add_job(
                job, "interval", seconds=every.total_seconds(), id=name, replace_existing=True, next_run_time=first
            )
        scheduler.add_listener(self._fault, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        return scheduler

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """/healthz and /metrics, where a port is set."""
        wanted = self.watch.settings.health
        if not wanted.port:
            yield
            return
        with served(wanted.host, wanted.port, self._answer) as self.port:
            yield

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        if path not in ("/healthz", "/metrics"):
            return 404, "text/plain", b"not here; ask for /healthz or /metrics\n"
        found = self.vitals()
        if path == "/healthz":
            said = {"healthy": found.well, "why": found.why, "notes": list(found.notes)}
            return 200 if found.well else 503, "application/json", json.dumps(said).encode() + b"\n"
        try:
            return 200, "text/plain; version=0.0.4", exposition(self.watch, self.beats, found.well)
        except ImportError:
            return 501, "text/plain", b"metrics need the extra: pip install 'ofsted-watch[metrics]'\n"

    def _put_right(self, now: datetime) -> None:
        """What was due by a clock that was wrong, later than any interval allows, becomes due now."""
        longest = longest_wait(self.watch.sources)
        reset = self.watch.archive.reset_far_due(now, longest)
        for row in self.watch.archive.messages(state="pending", limit=10_000):
            if row.next_at and row.next_at > now + longest:
                reset += self.watch.archive.retry(row.key, now)
        if reset:
            log.warning("%d due times lay further ahead than any interval allows, and are due now", reset)

    def _reconfigure(self, now: datetime) -> None:
        try:
            self.watch.reconfigure(now)
        except ConfigError as error:
            self.refused = str(error)
            log.error("the new configuration is not taken, the old one stays in force: %s", error)
        else:
            self.refused = ""
            wanted = self.watch.settings.health
            self._heart = Heartbeat(wanted.heartbeat, wanted.heartbeat_every)
            log.info("configuration read anew: %d sources", len(self.watch.sources))

    def _own_faults(self) -> Iterator[Fault]:
        if self.room.lacking:
            yield Fault(
                code="disk", subject="archive", text=f"Polling pauses: {self.room.lacking}. Messages are still sent, "
                "and it goes on by itself when there is room. Nothing is lost: what is not read now is read later. "
                "Make room, or move the archive.",
            )  # fmt: skip
        if self.refused:
            yield Fault(
                code="configuration", subject="settings", text="The configuration was changed and has mistakes, so "
                f"that the old one stays in force. Mend it and send SIGHUP again.\n\n{self.refused}",
            )  # fmt: skip

    def _wind_down(self, scheduler: BackgroundScheduler) -> bool:
        """Whether everything that was under way has come to its end."""
        # Told to wait itself, the scheduler does so under the lock that a job needs to bring the next delivery forward.
        scheduler.shutdown(wait=False)
        ending = threading.Thread(target=self._workers.shutdown, daemon=True)
        ending.start()
        ending.join(LAST_WORDS)
        return not ending.is_alive()

    def _polled(self, polled: Polled) -> None:
        self.beats.mark("poll")
        if polled.events and self._jobs is not None:
            with suppress(JobLookupError):  # it is stopping: what is due goes out after the next start
                self._jobs.modify_job("deliver", next_run_time=datetime.now(UTC))  # not at the next tick, but now
        level = logging.WARNING if polled.failed else logging.INFO
        event(log, level, "poll", polled.note, source=polled.source, outcome=polled.outcome, seen=polled.seen,
              new=polled.new)  # fmt: skip
        self.on_poll(polled)

    def _sent(self, sent: Sent) -> None:
        self.beats.mark("deliver")
        level = logging.INFO if sent.outcome == "sent" else logging.WARNING
        event(log, level, "delivery", sent.answer, key=sent.key, recipient=sent.recipient, outcome=sent.outcome)
        self.on_send(sent)

    def _fault(self, job: JobExecutionEvent) -> None:
        error = getattr(job, "exception", None)
        if isinstance(error, NoSpace):
            self.room.failed(error)
            return
        if isinstance(error, MemoryError):  # whatever goes on now may fail anywhere
            self.memory = False
            self.stop.set()
        log.error("the job %s failed and runs again at its next tick", job.job_id, exc_info=error)
