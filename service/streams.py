"""Many sources read side by side, their steps handed on in a fixed order: hosts take turns, their sources queue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Full, Queue
from threading import Event as Flag
from urllib.parse import urlsplit

from scraper.model import Source
from service.rounds import Done, Listed, Read

Step = Listed | Read | Done
_Steps = Queue[Step | BaseException]

_AHEAD = 4  # steps of one source that wait to be taken


def streams(
    sources: Sequence[Source], read: Callable[[Source], Iterator[Step]], stop: Flag
) -> Iterator[tuple[Source, Iterator[Step]]]:
    """Each source with its steps, the first of every host first, then the second of every host, and so on.

    One thread a host: a host is asked for one thing at a time anyway, and a slow one holds up only its own. The order
    is the same at every run, whoever answers first. Take all steps of a source before the next; `stop` ends it early.
    An exception in `read` is raised where the steps are taken.
    """
    chains: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        chains[urlsplit(source.url).netloc].append(source)
    waiting: dict[str, _Steps] = {source.id: Queue(maxsize=_AHEAD) for source in sources}
    rank = {source.id: n for chain in chains.values() for n, source in enumerate(chain)}
    halted = Flag()
    with ThreadPoolExecutor(max_workers=max(1, len(chains)), thread_name_prefix="poll") as pool:
        try:
            for chain in chains.values():
                pool.submit(_work, chain, waiting, read, stop, halted)
            for source in sorted(sources, key=lambda one: rank[one.id]):
                if stop.is_set():
                    return
                yield source, _taken(waiting[source.id])
        finally:
            halted.set()


def _work(
    chain: Sequence[Source],
    waiting: dict[str, _Steps],
    read: Callable[[Source], Iterator[Step]],
    stop: Flag,
    halted: Flag,
) -> None:
    for source in chain:
        try:
            for step in read(source):
                if not _put(waiting[source.id], step, halted) or isinstance(step, Done):
                    break
                if stop.is_set():
                    _put(waiting[source.id], Done(outcome="stopped", complete=False), halted)
                    break
        except BaseException as error:
            _put(waiting[source.id], error, halted)
        if halted.is_set():
            return


def _put(steps: _Steps, step: Step | BaseException, halted: Flag) -> bool:
    """Whether it was put: nobody takes anything any more once `halted` is set."""
    while not halted.is_set():
        with suppress(Full):
            steps.put(step, timeout=0.2)
            return True
    return False


def _taken(steps: _Steps) -> Iterator[Step]:
    while True:
        step = steps.get()
        if isinstance(step, BaseException):
            raise step
        yield step
        if isinstance(step, Done):
            return
