"""How long a report takes from its bytes to its findings, in the guarded children: `python bench/documents.py`.

The reports are made by fixtures/make_reports.py, of the lengths that real ones have; `bench/accuracy.py`
times real ones.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from fixtures import make_reports  # noqa: E402
from scraper.child import Readers  # noqa: E402
from scraper.model import Page  # noqa: E402

AREAS = ("leaders", "help_protection", "in_care", "care_leavers", "overall")


def made(count: int = 40) -> list[bytes]:
    grades = ("Outstanding", "Good", "Requires improvement to be good", "Inadequate")
    return [
        make_reports.ilacs(
            authority="Leeds", days=f"{n % 20 + 1} to {n % 20 + 8} March 2025",
            judgements={area: grades[(n + at) % 4] for at, area in enumerate(AREAS)},
        )
        for n in range(count)
    ]  # fmt: skip


def read_all() -> tuple[int, float, float, float, float]:
    """How many, milliseconds in the median and at most, how many a second with two children, their most memory (MB)."""
    pages = [Page(body=body, url="https://files.example/v1/file/1", fetched_on=date(2025, 6, 1)) for body in made()]
    with Readers(number=2) as readers:
        warm = [threading.Thread(target=readers.read, args=(pages[0],), kwargs={"as_type": "report"}) for _ in range(2)]
        for thread in warm:
            thread.start()
        for thread in warm:
            thread.join()
        times = []
        for page in pages:
            began = time.perf_counter()
            assert readers.read(page, as_type="report").findings
            times.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        halves = [threading.Thread(target=lambda n=n: [readers.read(page, as_type="report") for page in pages[n::2]])  # type: ignore[misc]
                  for n in range(2)]  # fmt: skip
        for thread in halves:
            thread.start()
        for thread in halves:
            thread.join()
        per_second = len(pages) / (time.perf_counter() - began)
        memory = max(_peak(child._process.pid) for child in readers._idle)
    return len(pages), statistics.median(times), max(times), per_second, memory


def _peak(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1000
    return 0.0


if __name__ == "__main__":
    count, median, worst, per_second, memory = read_all()
    print(f"{count} reports: {median:.0f} ms median, {worst:.0f} ms most, {per_second:.0f} a second")
    print(f"{memory:.0f} MB a child at its peak")
