"""Kernel locks on files: they end with the process that holds them, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.model import Busy

_SHORTEST, _LONGEST = 0.0005, 0.05  # seconds between two tries


class FileLock:
    """A lock between processes. Within one process its user must take turns: threads are not told apart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    @contextmanager
    def held(self, *, wait: float) -> Iterator[None]:
        """Hold the lock; raises Busy after `wait` seconds in which another holds it."""
        self._take(wait)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _take(self, wait: float) -> None:
        latest = time.monotonic() + wait
        pause = _SHORTEST
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= latest:
                    raise Busy(self._who()) from None
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST)

    def sign(self, line: str) -> None:
        """Write who holds the lock, for the message of those who find it taken."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, line.encode("utf-8"), 0)

    def _who(self) -> str:
        signed = os.pread(self._file, 200, 0).decode("utf-8", "replace").strip()
        holder = signed or "another process"
        return f"{self.path} is held by {holder}: nothing was done. Try again when it has ended."
