"""Answers that were given, kept as long as nothing that they are made from has changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from flask import Response
from msgspec import Struct

_MOST = 24_000_000  # bytes of bodies: some hundreds of pages


class _Given(Struct, frozen=True, kw_only=True):
    body: bytes
    headers: tuple[tuple[str, str], ...]


class Answers:
    """Answers by address, each as it was made from one state of things; those of any other state are forgotten.

    Usable from several threads. The longest unused go first when they are too many.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most, self._bytes = most, 0
        self._turn = threading.Lock()
        self._state: Hashable = None
        self._given: OrderedDict[Hashable, _Given] = OrderedDict()

    def get(self, state: Hashable, address: Hashable) -> Response | None:
        """The answer given at this address in this very state."""
        with self._turn:
            if state != self._state or address not in self._given:
                return None
            self._given.move_to_end(address)
            found = self._given[address]
        return Response(found.body, headers=list(found.headers))

    def put(self, state: Hashable, address: Hashable, answer: Response) -> None:
        """Keep what was made. state: as it was before anything of it was read, so that it is never thought newer."""
        given = _Given(body=answer.get_data(), headers=tuple(answer.headers))
        with self._turn:
            if state != self._state:
                self._given.clear()
                self._state, self._bytes = state, 0
            if address not in self._given and len(given.body) <= self._most:
                self._given[address] = given
                self._bytes += len(given.body)
            while self._bytes > self._most:
                self._bytes -= len(self._given.popitem(last=False)[1].body)
