"""The sign of life to an outside watcher: an address of the operator's that is asked for while all is well."""

from __future__ import annotations

import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from email.message import Message
from typing import IO
from urllib.parse import urlsplit

log = logging.getLogger("ofsted_watch")

_LIMIT = 10.0  # seconds


class _Straight(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: a redirect is a failure."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


class Heartbeat:
    """Asks for the address at most once an interval, and only when told that all is well."""

    def __init__(self, url: str, every: timedelta, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.url, self._every, self._monotonic = url, every.total_seconds(), monotonic
        self._next = float("-inf")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Straight())

    def beat(self, well: Callable[[], bool]) -> bool:
        """Whether the watcher has been told. A watcher that does not answer is logged, and tried at the next beat."""
        if not self.url or self._monotonic() < self._next:
            return False
        self._next = self._monotonic() + self._every
        if not well():
            return False
        try:
            with self._opener.open(self.url, timeout=_LIMIT) as answer:
                answer.read(1000)
        except (OSError, urllib.error.HTTPError, ValueError) as error:
            # The path of such an address is the key to it: only the host is logged.
            log.warning("heartbeat host=%s outcome=failed %s", urlsplit(self.url).hostname, type(error).__name__)
            return False
        return True
