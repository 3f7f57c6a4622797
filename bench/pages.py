"""How fast the pages are: `python bench/pages.py FOLDER [SECONDS]`, over an archive that bench/archive_size.py kept.

Every page by itself, made anew and given again; then by HTTP with eight clients at once, SECONDS each (default 20), in
three ways: nothing is written meanwhile; the archive is written to once a second, as by a polling daemon, so that what
was kept is worth little; and readers who ask with If-None-Match. The server is a process of its own. The archive is
written to: notes of a poll that finds nothing new.
"""

from __future__ import annotations

import http.client
import platform
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from archive_size import COUNCILS

from archive import Archive, Filters
from inspections.authorities import Authorities
from inspections.model import Authority
from web.answers import Answers
from web.app import create_app, serve
from web.site import Settings

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REGIONS = ("North East", "North West", "Yorkshire and the Humber", "East Midlands", "West Midlands", "East of England",
           "London", "South East", "South West")  # fmt: skip
ROWS = tuple(
    Authority(code=str(200 + n), name=name, gss=None, urn=str(80400 + n), region=REGIONS[n % len(REGIONS)])
    for n, name in enumerate(COUNCILS)
)
CLIENTS = 8


def pages(archive: Archive) -> tuple[str, ...]:
    """Every kind of page, feed and list."""
    graded = archive.inspections(Filters(kinds=("ilacs",)), limit=1)[0].id
    home = archive.inspections(Filters(kinds=("childrens_home",)), limit=1)[0].id
    return (
        "/", "/authorities", "/authorities/northmoor", "/inspections", "/inspections?direction=down&area=overall",
        "/inspections?kind=childrens_home&grade=inadequate", "/inspections?region=london&kind=ilacs",
        f"/inspections/{graded}", f"/inspections/{home}", "/england", "/regions/london", "/due", "/search",
        "/search?q=neglect", "/search?q=children+care", "/search?q=%22care+leavers%22&region=london",
        "/search?q=care&order=best", "/search?since=2026-01-01", "/search?q=nothingholdsthat", "/sources", "/about",
        "/feeds/inspections.atom", "/feeds/inspections.json", "/feeds/inspections.ics", "/feeds/search.atom?q=care",
        "/api/inspections?limit=100", f"/api/inspections/{graded}", "/api/inspections.csv", "/api/search?q=care",
        "/api/authorities", "/api/openapi.json",
    )  # fmt: skip


def spread(taken: Sequence[float]) -> str:
    ordered = sorted(taken)
    p95, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.95, 0.99))
    return f"p50 {statistics.median(ordered):7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f}  max {ordered[-1]:7.1f} ms"


def each_alone(archive: Archive) -> None:
    """Milliseconds a page, made anew each time; then given again."""
    app = create_app(archive, Authorities(ROWS), clock=lambda: NOW)
    client = app.test_client()
    print(f"{'page':<50} {'bytes':>8}   made anew p50    p95   CPU p50   given again")
    for path in pages(archive):
        made, worked, again = [], [], []
        for _ in range(21):
            app.extensions["site"].answers = Answers()
            begun, working = time.perf_counter(), time.thread_time()
            answer = client.get(path)
            worked.append((time.thread_time() - working) * 1000)
            made.append((time.perf_counter() - begun) * 1000)
            begun = time.perf_counter()
            client.get(path)
            again.append((time.perf_counter() - begun) * 1000)
            assert answer.status_code == 200, path
        made.sort()
        print(f"{path:<50} {len(answer.data):>8}   {made[10]:13.1f} {made[19]:6.1f} {statistics.median(worked):9.1f} "
              f"{statistics.median(again):13.2f}", flush=True)  # fmt: skip


def asking(port: int, paths: Sequence[str], seconds: float, *, conditional: bool) -> None:
    """Eight clients, each with one connection, asking as fast as they are answered."""
    taken: dict[str, list[float]] = {path: [] for path in paths}
    codes: dict[int, int] = {}
    until = time.monotonic() + seconds

    def ask(seed: int) -> None:
        chance, known = random.Random(seed), dict[str, str]()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < until:
            path = chance.choice(paths)
            held = {"If-None-Match": known[path]} if conditional and path in known else {}
            begun = time.perf_counter()
            connection.request("GET", path, headers=held)
            answer = connection.getresponse()
            answer.read()
            taken[path].append((time.perf_counter() - begun) * 1000)
            if answer.status == 200:
                known[path] = answer.headers["ETag"]
            codes[answer.status] = codes.get(answer.status, 0) + 1

    clients = [threading.Thread(target=ask, args=(seed,)) for seed in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    everything = [one for each in taken.values() for one in each]
    print(f"{len(everything)} answers, {len(everything) / seconds:.0f} a second, {codes}: {spread(everything)}")
    slowest = sorted(taken, key=lambda path: -sorted(taken[path])[int(len(taken[path]) * 0.95)] if taken[path] else 0)
    for path in slowest[:5]:
        print(f"    {path:<50} n {len(taken[path]):>5}  {spread(taken[path])}", flush=True)


def writing(folder: Path, until: threading.Event) -> None:
    """A poll noted once a second, as a daemon does."""
    with Archive.open(folder) as archive:
        while not until.wait(1.0):
            archive.polled("bench", outcome="unchanged", now=datetime.now(UTC), next_due=NOW)


def main() -> None:
    if sys.argv[1] == "serve":
        with Archive.open(sys.argv[2], authorities=Authorities(ROWS), readonly=True) as archive:
            port = int(sys.argv[3])
            settings = Settings(base_url=f"http://127.0.0.1:{port}")
            serve(create_app(archive, Authorities(ROWS), clock=lambda: NOW, settings=settings),
                  host="127.0.0.1", port=port)  # fmt: skip
        return
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
    with Archive.open(folder, authorities=Authorities(ROWS), readonly=True) as archive:
        print(f"{archive.status().publications:,} publications; Python {platform.python_version()}")
        each_alone(archive)
        paths = pages(archive)
    port = free_port()
    server = subprocess.Popen([sys.executable, __file__, "serve", str(folder), str(port)])
    try:
        answered(port)
        print(f"\n{CLIENTS} clients at once, all pages at random")
        print("nothing written:      ", end="")
        asking(port, paths, seconds, conditional=False)
        print("If-None-Match:        ", end="")
        asking(port, paths, seconds, conditional=True)
        done = threading.Event()
        writer = threading.Thread(target=writing, args=(folder, done))
        writer.start()
        print("written every second: ", end="")
        asking(port, paths, seconds, conditional=False)
        done.set()
        writer.join()
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def answered(port: int) -> None:
    """Wait until the server answers."""
    latest = time.monotonic() + 30
    while time.monotonic() < latest:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/about")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("the server did not answer within half a minute")


if __name__ == "__main__":
    main()
