"""The background service: a tick that polls what is due, one that delivers, and the chores of the day."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from config.load import ConfigError
from service.assembly import Watch
from service.deliver import Sent, deliver_due
from service.health import look_after
from service.poll import Polled, poll

log = logging.getLogger("ofsted_watch")
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that finds the last one still at work is no news

TICK = timedelta(seconds=5)
CHORES = timedelta(minutes=10)
SOURCES_A_TICK = 60  # so that a tick ends, and SIGTERM is heard, in good time
LAST_WORDS = 12.0  # seconds that a stop waits for what is under way


class Daemon:
    """Runs until `stop` is set or a signal comes. When a source is due stands in the archive, not in a timer.

    `clock` gives the moment by which things are due; the ticks themselves run in real time. Only one process polls an
    archive: `run` raises archive.Busy at once where another does.
    """

    def __init__(
        self, watch: Watch, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), tick: timedelta = TICK,
        on_poll: Callable[[Polled], None] = lambda polled: None, on_send: Callable[[Sent], None] = lambda sent: None,
    ) -> None:  # fmt: skip
        self.watch, self.clock, self.tick = watch, clock, tick
        self.on_poll, self.on_send = on_poll, on_send
        self.stop = threading.Event()
        self.reload = threading.Event()
        self.ticked = time.monotonic()  # when the polling tick last ended well
        self.rounds = 0

    def run(self, *, signals: bool = True) -> None:
        """Poll, deliver and look after things until told to stop; then let what is under way come to its end."""
        with self.watch.archive.poll_lock(self.clock()):
            scheduler = self._scheduler()
            if signals:
                for name in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(name, lambda *_: self.stop.set())
                signal.signal(signal.SIGHUP, lambda *_: self.reload.set())
            scheduler.start()
            log.info("started: %d sources, archive in %s", len(self.watch.sources), self.watch.archive.folder)
            try:
                self.stop.wait()
            finally:
                self.stop.set()
                self.watch.fetcher.close()
                self._wind_down(scheduler)
                log.info("stopped; nothing was lost")

    def poll_due(self) -> None:
        """Read every source that is due now."""
        now = self.clock()
        if self.reload.is_set():
            self.reload.clear()
            self._reconfigure(now)
        for polled in poll(
            self.watch, self.watch.due(now, SOURCES_A_TICK), now=now, report=self._polled, stop=self.stop
        ):
            log.debug("polled source=%s outcome=%s", polled.source, polled.outcome)
        self.ticked = time.monotonic()
        self.rounds += 1

    def deliver(self) -> None:
        """Send every message that is due now."""
        deliver_due(self.watch, self.clock(), report=self._sent)

    def chores(self) -> None:
        """What time alone changes: reports overdue, sources gone quiet."""
        look_after(self.watch, self.clock())

    def _scheduler(self) -> BackgroundScheduler:
        # UTC and in memory: London's clock changes and restarts concern only the due times in the archive.
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(3)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        first = datetime.now(UTC)
        for name, job, every in (
            ("poll", self.poll_due, self.tick), ("deliver", self.deliver, self.tick), ("chores", self.chores, CHORES),
        ):  # fmt: skip
            scheduler.add_job(
                job, "interval", seconds=every.total_seconds(), id=name, replace_existing=True, next_run_time=first
            )
        scheduler.add_listener(self._fault, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        return scheduler

    def _reconfigure(self, now: datetime) -> None:
        try:
            self.watch.reconfigure(now)
        except ConfigError as error:
            log.error("the new configuration is not taken, the old one stays in force: %s", error)
        else:
            log.info("configuration read anew: %d sources", len(self.watch.sources))

    def _wind_down(self, scheduler: BackgroundScheduler) -> None:
        scheduler.pause()
        ending = threading.Thread(target=scheduler.shutdown, kwargs={"wait": True}, daemon=True)
        ending.start()
        ending.join(LAST_WORDS)

    def _polled(self, polled: Polled) -> None:
        level = logging.WARNING if polled.failed else logging.INFO
        log.log(level, "poll source=%s outcome=%s seen=%d new=%d %s", polled.source, polled.outcome, polled.seen,
                polled.new, polled.note)  # fmt: skip
        self.on_poll(polled)

    def _sent(self, sent: Sent) -> None:
        level = logging.INFO if sent.outcome == "sent" else logging.WARNING
        log.log(
            level, "delivery key=%s recipient=%s outcome=%s %s", sent.key, sent.recipient, sent.outcome, sent.answer
        )
        self.on_send(sent)

    def _fault(self, event: JobExecutionEvent) -> None:
        error = getattr(event, "exception", None)
        log.error("the job %s failed and runs again at its next tick", event.job_id, exc_info=error)
