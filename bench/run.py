"""Every figure of the design, measured on this machine and printed as one table: `python bench/run.py [--full]`.

Quick by default (three minutes). `--full` measures the archive at a million publications and longer runs of the rest.
Everything is on loopback, in processes of its own, and ends by itself. Times under load say more about the load: the
table gives it.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import re
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.polling import Measured, idle_daemon, retry_after_kill, to_first_send, unchanged  # noqa: E402

Row = tuple[str, str, str, str]  # what, measured, figure to reach, command
OF_THE_ARCHIVE = {  # the figure to reach, by how a line of bench/archive_size.py begins
    "search, newest first": "p95 ≤ 50 ms", "search, ranked": "≤ 1,000 ms", "authority": "≤ 100 ms",
    "8 readers": "none failed, p99 ≤ 50 ms", "recordings": "p99 < 100 ms",
}  # fmt: skip
PACKAGES = ("requests", "urllib3", "lxml", "beautifulsoup4", "pypdfium2", "feedparser", "sqlite-utils", "msgspec")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--full", action="store_true", help="a million publications, and every real report")
    parser.add_argument("--publications", type=int, help="size of the archive that is searched")
    parser.add_argument("--sources", type=int, default=300)
    parser.add_argument("--hosts", type=int, default=60)
    given = parser.parse_args()
    size = given.publications or (1_000_000 if given.full else 5_000)
    print(machine())
    print("\n| what | measured | figure to reach | command |\n|---|---|---|---|")
    parts: list[Callable[[], Iterator[Row]]] = [
        starts,
        lambda: polling(given.sources, given.hosts),
        sending,
        daemon,
        pdfs,
        announcements,
        lambda: searching(size, given.full),
    ]
    for part in parts:
        try:
            for row in part():
                print(f"| {' | '.join(row)} |", flush=True)
        except (subprocess.SubprocessError, OSError, AssertionError) as error:
            print(f"| {getattr(part, '__name__', 'a part')} | not measured: {str(error)[:120]} | | |", flush=True)
    print(f"\nLoad at the end: {os.getloadavg()[0]:.1f}.")
    return 0


def machine() -> str:
    """What it was measured on."""
    model = platform.machine()
    with suppress(OSError):
        info = Path("/proc/cpuinfo").read_text("utf-8")
        model = (re.search(r"model name\s*: (.*)", info) or ["", model])[1]
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return (
        f"{platform.system()} {platform.release()}, {os.cpu_count()} cores ({model}), {memory} GB, load "
        f"{os.getloadavg()[0]:.1f} at the start; Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}; "
        f"{packages}."
    )


def starts() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ofsted-watch.toml").write_text(f'authorities = ["Leeds"]\narchive = "{folder}/a"\n', "utf-8")
        made = f"from archive import Archive; Archive.open({folder + '/a'!r}).close()"
        subprocess.run([sys.executable, "-c", made], check=True, timeout=60, cwd=ROOT)
        for arguments in (["--help"], ["status", "--config", folder]):
            runs = [timed([sys.executable, "-m", "service", *arguments]) for _ in range(7)]
            wall, cpu = zip(*runs, strict=True)
            middle, cost = statistics.median(wall), statistics.median(cpu)
            said = f"{middle:.2f} s median of 7, best {min(wall):.2f} s; {cost:.2f} s of CPU"
            yield f"start of `{arguments[0]}`", said, "≤ 0.3 s", f"`ofsted-watch {arguments[0]}`"


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds by the clock and of processor time."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, timeout=60, cwd=ROOT, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def polling(sources: int, hosts: int) -> Iterator[Row]:
    found: Measured = unchanged(sources, hosts)
    command = "`ofsted-watch poll` against `bench/polling.py`"
    what = f"{sources} unchanged sources on {hosts} hosts"
    yield (
        what,
        f"{found.requests} requests, {found.conditional} conditional, {found.not_modified} times 304",
        "one conditional request each",
        command,
    )
    yield f"{what}: received", f"{found.received:,} bytes of heads, {found.bodies:,} of bodies", "no body", command
    yield f"{what}: time", f"{found.wall:.2f} s, {found.cpu:.2f} s of CPU", "CPU < 0.80 s", command
    yield f"{what}: memory of the process tree", f"{found.peak_mb:.0f} MB at its peak", "≤ 120 MB", command
    yield f"{what}: at once to one host", str(found.at_once), "≤ 2", command


def sending() -> Iterator[Row]:
    command = "`ofsted-watch run` (bench/polling.py)"
    yield "new page, read, to first send", f"{to_first_send():.2f} s", "≤ 5 s", command
    try:
        said = f"{retry_after_kill():.2f} s"
    except AssertionError as error:
        said = str(error)
    yield "kill -9 while sending: restart to next try", said, "≤ 5 s", command


def daemon() -> Iterator[Row]:
    peak, own, cpu = idle_daemon(10.0)
    said = f"{peak:.0f} MB with its parsing children, {own:.0f} MB itself; {cpu:.2f} s of CPU in 10 s"
    yield "idle daemon", said, "≤ 120 MB", "`ofsted-watch run` (bench/polling.py)"


def pdfs() -> Iterator[Row]:
    from bench.documents import read_all

    count, median, worst, per_second, own = read_all()
    command = "`python bench/documents.py`"
    yield (
        f"one PDF, bytes to findings ({count} made ones)",
        f"{median:.0f} ms median, {worst:.0f} ms most",
        "≤ 100 ms",
        command,
    )
    yield "PDFs a second, two children", f"{per_second:.0f}", "", command
    yield "memory of a parsing child", f"{own:.0f} MB at its peak", "≤ 150 MB", command
    yield from _of_corpus("accuracy.py", "report PDFs (corpus)", "0 wrong grades; ≥ 99.5 % of grades read")


def announcements() -> Iterator[Row]:
    yield from _of_corpus(
        "announcements.py", "announcements (corpus)", "precision ≥ 0.98, recall ≥ 0.95; 0 wrong grades"
    )


def _of_corpus(script: str, what: str, figure: str) -> Iterator[Row]:
    """The lines with figures that another benchmark prints; it needs the corpus beside the checkout."""
    run = subprocess.run(
        [sys.executable, str(ROOT / "bench" / script)], capture_output=True, text=True, timeout=900, cwd=ROOT
    )
    if run.returncode == 2:
        yield what, "not measured: the corpus is not here", figure, f"`python bench/{script}`"
        return
    wanted = re.compile(r"grades|overall|precision|recall|wrong|median|ms ", re.IGNORECASE)
    lines = [
        " ".join(line.split()) for line in run.stdout.splitlines() if wanted.search(line) and re.search(r"\d", line)
    ]
    yield what, "; ".join(lines)[:300].replace("|", "/"), figure, f"`python bench/{script}`"


def searching(size: int, full: bool) -> Iterator[Row]:
    command = [sys.executable, str(ROOT / "bench" / "archive_size.py"), str(size)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=7200 if full else 300, cwd=ROOT, check=True)
    for line in run.stdout.splitlines():
        said = " ".join(line.split())
        if re.search(r"p95|poll|recording|search", said):
            yield (
                f"archive of {size:,}",
                said.replace("|", "/"),
                next((figure for name, figure in OF_THE_ARCHIVE.items() if said.startswith(name)), ""),
                f"`python bench/archive_size.py {size}`",
            )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
