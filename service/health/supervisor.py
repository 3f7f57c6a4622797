"""Whoever watches the daemon: systemd by its socket, and the daemon itself by the signs of life of its parts."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping


def notify(state: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell systemd (sd_notify(3)): "READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=…". Whether anybody listens."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
        try:
            speaker.connect(address.replace("@", "\0", 1) if address[0] == "@" else address)
            speaker.sendall(state.encode())
        except OSError:
            return False  # a supervisor that is gone must not stop the service
    return True


class Beats:
    """When each part last gave a sign of life, by a clock that neither jumps nor runs while the machine sleeps."""

    def __init__(self, limits: Mapping[str, float], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._monotonic = dict(limits), monotonic
        self._lock = threading.Lock()
        self._last = dict.fromkeys(limits, monotonic())

    def mark(self, part: str) -> None:
        with self._lock:
            self._last[part] = self._monotonic()

    def ages(self) -> dict[str, float]:
        """Part → seconds since its last sign."""
        with self._lock:
            return {part: self._monotonic() - at for part, at in self._last.items()}

    def late(self) -> str:
        """Which part has been silent for longer than it may, and how long; "" where none has."""
        found = [f"{part} for {age:.0f} s" for part, age in self.ages().items() if age > self._limits[part]]
        return ", ".join(found)
