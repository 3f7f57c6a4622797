"""The end of an attempt: a server that answers a byte at a time never trips a timeout of one step."""

from __future__ import annotations

import contextlib
import socket
import threading
from datetime import timedelta
from types import TracebackType


class Deadline:
    """Closes the connections that it watches when the time is over; whoever waits for them then gets an error.

    Used as a context: the clock runs inside it. `over` tells afterwards whether it was the clock that ended it.
    """

    def __init__(self, limit: timedelta) -> None:
        self.limit, self.over = limit, False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(limit.total_seconds(), self._end)
        self._timer.daemon = True

    def watch(self, connection: socket.socket) -> None:
        """Watches a connection, also after TLS has been laid over it: a second descriptor of it is kept."""
        with self._lock:
            self._sockets.append(connection.dup())
        if self.over:
            self._end()

    def _end(self) -> None:
        self.over = True
        with self._lock:
            for each in self._sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self, type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()
