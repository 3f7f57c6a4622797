"""Whether there is room to record what would be read: polling pauses while there is none, and goes on by itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from service.health.vitals import free_megabytes

log = logging.getLogger("ofsted_watch")

_AGAIN = 60.0  # seconds after which it is tried again whether the archive can be written


class Room:
    """The room on the archive's disk. A word is said when polling pauses, and when it goes on."""

    def __init__(
        self, folder: Path, free: Callable[[Path], int] = free_megabytes, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.lacking = ""  # why nothing is polled just now
        self._folder, self._free, self._clock = folder, free, clock
        self._failed, self._again = "", 0.0

    def lacks(self, floor: int) -> str:
        """Why nothing is to be polled: fewer than `floor` megabytes are free, or a write has just failed; "" if it is.

        What is not read now is not marked as read, so that it is read later.
        """
        free = self._free(self._folder)
        why = self._failed if self._clock() < self._again else ""
        if free < floor:
            why = f"{free} MB are free in {self._folder}, and [poll] free_space asks for {floor}"
        if why and not self.lacking:
            log.error("polling pauses: %s. Nothing is lost, messages are sent; it goes on when there is room", why)
            self.lacking = why
        elif not why and not self._failed:
            self._goes_on()
        return why

    def failed(self, error: Exception) -> None:
        """The archive could not be written, however much room the disk says it has: it is tried again in a minute."""
        self._failed, self._again = str(error).rstrip("."), self._clock() + _AGAIN

    def worked(self) -> None:
        """The archive could be written."""
        if self._failed:
            self._failed = ""
            self._goes_on()

    def _goes_on(self) -> None:
        if self.lacking:
            self.lacking = ""
            log.warning("polling goes on: there is room in %s again", self._folder)
