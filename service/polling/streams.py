"""Many sources read side by side, their steps handed on in a fixed order: hosts take turns, their sources queue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event as Flag
from urllib.parse import urlsplit

from scraper.model import STOPPED, Source
from service.polling.rounds import Done, Listed, Read

Step = Listed | Read | Done
_Steps = Queue[Step | BaseException]

_PATIENCE = 1.0  # seconds after which it is asked whether a thread still lives that gives nothing
_AHEAD = 4  # steps of one source that wait to be taken


def streams(
    sources: Sequence[Source], read: Callable[[Source], Iterator[Step]], stop: Flag
) -> Iterator[tuple[Source, Iterator[Step]]]:
    """Each source with its steps, the first of every host first, then the second of every host, and so on.

    One thread a host, and none where there is one host only: a host is asked for one thing at a time anyway, and a
    slow one holds up only its own. The order is the same at every run, whoever answers first. Take all steps of a
    source before the next; `stop` ends it early. An exception in `read` is raised where the steps are taken.
    """
    chains: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        chains[urlsplit(source.url).netloc].append(source)
    if len(chains) == 1:  # a thread could only hand on what this one can do itself
        for source in sources:
            if stop.is_set():
                return
            yield source, _until(stop, read(source))
        return
    waiting: dict[str, _Steps] = {source.id: Queue(maxsize=_AHEAD) for source in sources}
    workers: dict[str, Future[None]] = {}
    rank = {source.id: n for chain in chains.values() for n, source in enumerate(chain)}
    halted = Flag()
    with ThreadPoolExecutor(max_workers=max(1, len(chains)), thread_name_prefix="poll") as pool:
        try:
            for chain in chains.values():
                worker = pool.submit(_work, chain, waiting, read, stop, halted)
                workers |= {source.id: worker for source in chain}
            for source in sorted(sources, key=lambda one: rank[one.id]):
                if stop.is_set():
                    return
                yield source, _taken(waiting[source.id], workers[source.id])
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
            for step in _until(stop, read(source)):
                if not _put(waiting[source.id], step, halted):
                    break
        except BaseException as error:
            _put(waiting[source.id], error, halted)
        if halted.is_set():
            return


def _until(stop: Flag, steps: Iterator[Step]) -> Iterator[Step]:
    """The steps of one source to their end, or to `stop` between two of them."""
    for step in steps:
        yield step
        if isinstance(step, Done):
            return
        if stop.is_set():
            yield Done(outcome=STOPPED, complete=False)
            return


def _put(steps: _Steps, step: Step | BaseException, halted: Flag) -> bool:
    """Whether it was put: nobody takes anything any more once `halted` is set."""
    while not halted.is_set():
        with suppress(Full):
            steps.put(step, timeout=0.2)
            return True
    return False


def _taken(steps: _Steps, worker: Future[None]) -> Iterator[Step]:
    while True:
        try:
            step = steps.get(timeout=_PATIENCE)
        except Empty:
            if worker.done() and steps.empty():  # without memory it cannot even say so
                worker.result()
                step = Done(outcome=STOPPED, complete=False)
            else:
                continue
        if isinstance(step, BaseException):
            raise step
        yield step
        if isinstance(step, Done):
            return
