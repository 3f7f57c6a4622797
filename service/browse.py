"""Datasette on the archive: an extra, another program's process, read-only and on this machine only."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

_SETTINGS = {"suggest_facets": "off", "sql_time_limit_ms": "1000", "allow_download": "off", "max_returned_rows": "1000"}

_QUESTIONS = {
    "fallen": "select i.authority, i.on_day, j.area, j.before, j.grade from judgements j join inspections i "
    "on i.id = j.inspection where j.direction = 'down' order by i.on_day desc limit 200",
    "latest_overall": "select i.authority, j.grade, max(i.on_day) as published from judgements j join inspections i "
    "on i.id = j.inspection where j.area = 'overall' and i.kind in ('ilacs', 'sif') group by i.authority",
    "open_cases": "select id, authority, kind, state, on_day from inspections "
    "where state in ('announced', 'under_way', 'due', 'overdue') order by on_day",
}

# What people look at first; the text of other publishers is for this machine only.
_FACETS = {"inspections": ["kind", "state", "authority"], "judgements": ["area", "grade", "direction"],
           "publications": ["source", "type"]}  # fmt: skip


def browse(path: Path, port: int, echo: Callable[[str], None]) -> int:
    """Run Datasette until it ends; its exit code, or 2 where it is not installed."""
    if importlib.util.find_spec("datasette") is None:
        echo('Datasette is an extra, which is not installed. Install it with: pip install "ofsted-watch[datasette]"')
        return 2
    about = {
        "title": "Ofsted Watch",
        "license": "Open Government Licence v3.0 for what is Ofsted's",
        "databases": {
            path.stem: {
                "tables": {name: {"facets": facets} for name, facets in _FACETS.items()},
                "queries": {name: {"sql": sql} for name, sql in _QUESTIONS.items()},
            }
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        metadata = Path(folder) / "metadata.json"
        metadata.write_text(json.dumps(about), "utf-8")
        words = [sys.executable, "-m", "datasette", "serve", str(path), "--host", "127.0.0.1", "--port", str(port)]
        for name, value in _SETTINGS.items():
            words += ["--setting", name, value]
        return subprocess.call([*words, "--metadata", str(metadata)])
