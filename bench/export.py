"""What an export costs: `python bench/export.py [PUBLICATIONS…]`.

Builds archives of these sizes and writes each as open data, workbook, CSV and JSON Lines, every one in a process of
its own. Memory must not grow with the archive: compare the rows.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from archive import Archive  # noqa: E402
from archive.export import write_csv, write_json_lines  # noqa: E402
from archive.package import write_package  # noqa: E402
from archive.summary import write_summary  # noqa: E402
from bench.archive_size import COUNCILS, NOW, build  # noqa: E402
from inspections.model import Authority  # noqa: E402

TABLE = [Authority(code=f"{n:03d}", name=name, region=f"Region {n % 9}") for n, name in enumerate(COUNCILS)]
FORMS = ("folder", "xlsx", "csv", "jsonl")


def export(archive: Archive, form: str, to: Path) -> None:
    if form == "folder":
        write_package(archive, TABLE, to)
    elif form == "xlsx":
        write_summary(archive, TABLE, to, today=NOW.date(), made=NOW)
    else:
        with archive.reading(), to.open("w", encoding="utf-8", newline="") as file:
            if form == "csv":
                write_csv(archive.every_inspection(), file, TABLE, archive.areas())
            else:
                write_json_lines(archive.every_inspection(), file)


def measured(folder: Path, form: str, to: Path) -> dict[str, float]:
    """Seconds and peak memory of one export, in a child: the peak of a process never falls."""
    words = [sys.executable, __file__, "--one", str(folder), form, str(to)]
    told: dict[str, float] = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return told


def _peak() -> float:
    """Of this program alone: what getrusage gives begins with the memory of the process that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes
    return int(status.read_text("utf-8").split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        folder, form, to = sys.argv[2:]
        with Archive.open(folder, readonly=True) as archive:
            begun = time.perf_counter()
            export(archive, form, Path(to))
        print(json.dumps({"seconds": time.perf_counter() - begun, "megabytes": _peak()}))
        return
    for count in [int(each) for each in sys.argv[1:]] or [2_000, 8_000]:
        with tempfile.TemporaryDirectory() as temporary:
            with Archive.open(Path(temporary) / "archive") as archive:
                build(archive, count)
                publications, inspections = archive.counted()
            print(f"{publications:,} publications, {inspections:,} inspections; load {os.getloadavg()[0]:.1f}")
            for form in FORMS:
                to = Path(temporary) / f"all.{form}"
                found = measured(Path(temporary) / "archive", form, to)
                size = sum(path.stat().st_size for path in (to.rglob("*") if to.is_dir() else [to])) / 1e6
                print(f"  {form:<7} {found['seconds']:7.2f} s  peak {found['megabytes']:6.1f} MB  file {size:7.1f} MB")


if __name__ == "__main__":
    main()
