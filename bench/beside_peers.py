"""The measuring site that other tools were measured with, polled by ours: `python bench/beside_peers.py PEERS_PY`.

PEERS_PY is the harness (peers.py) beside this checkout, which is used and not copied. It starts its own test site,
receivers and kills; this writes our configuration for it and prints what it found.

    python bench/beside_peers.py ../shared/bench/peers.py --pages 300 --scenario unchanged cosmetic sinkdown smtpdown
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECRET = "whsec_" + "QUJD" * 11
MAIN = """contact = "bench@example.org"
archive = "{work}/archive"
[ofsted]
reports = "{site}"
files = "{site}"
allow_private = true
[fetch]
gap = "0s"
budget = 1000000
[poll]
documents = 50
[delivery]
storm = 1000
webhook_schedule = ["1s", "1s", "1s", "1s", "1s", "1s"]
email_schedule = ["1s"]
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
sender = "Ofsted Watch <watch@example.org>"
"""
WEBHOOK = '[[to]]\nwebhook = "{sink}/hook/x"\nsecret_env = "HOOK"\nallow_private = true\n'
MAIL = '[[to]]\nemail = "desk@example.org"\n'
NEWSROOM = """name = "page {n}"
url = "{site}/news/{n}"
parser = "listing"
family = "selectors"
publisher = "media"
allow_private = true
[options]
item = "article.news-item"
link = "h3 a"
title = "h3"
date = "time"
"""


def configure(work: Path, site: str, sink: str, smtp: str, pages: int, channel: str) -> None:
    """What the harness asks for before its first poll."""
    folder = work / "config"
    for name in ("sources", "subscriptions"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "ofsted-watch.toml").write_text(MAIN.format(work=work, site=site, smtp=smtp), "utf-8")
    told = MAIL if channel == "smtp" else WEBHOOK.format(sink=sink)
    (folder / "subscriptions" / "all.toml").write_text(told, "utf-8")
    for n in range(pages):
        (folder / "sources" / f"page-{n}.toml").write_text(NEWSROOM.format(site=site, n=n), "utf-8")


def described() -> dict[str, Any]:
    """Our product in the words of the harness."""
    ours = [sys.executable, str(ROOT / "bench" / "beside_peers.py")]
    return {
        "name": "ours",
        "files": {},
        "init": [*ours, "configure", "{work}", "{site}", "{sink}", "{smtp}", "{n}", "{channel}"],
        "poll": [sys.executable, "-m", "service", "poll", "--config", "{work}/config"],
        "env": {"HOOK": SECRET, "PYTHONPATH": str(ROOT)},
        "version": [sys.executable, "-m", "service", "--version"],
        "db": ["{work}/archive/archive.db"],
        "alert_regex": r'(?s)(?P<verb>inspection\.announced|Announced|announced|said).*?/news/(?P<page>\d+)',
        "verbs": dict.fromkeys(("inspection.announced", "Announced", "announced", "said"), "CHANGED"),
    }  # fmt: skip


def main() -> int:
    if sys.argv[1:2] == ["configure"]:
        work, site, sink, smtp, pages, channel = sys.argv[2:]
        configure(Path(work), site, sink, smtp, int(pages), channel)
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("harness", type=Path)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--port", type=int, default=8760)
    parser.add_argument("--scenario", nargs="*", default=["unchanged", "cosmetic", "sinkdown"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "ours.json").write_text(json.dumps(described()), "utf-8")
        subprocess.run(
            [sys.executable, str(given.harness.resolve()), "run", "--peer-config", str(folder / "ours.json"),
             "--pages", str(given.pages), "--port", str(given.port), "--work", str(folder / "work"),
             "--out", str(folder / "out"), "--scenario", *given.scenario],
            check=True, cwd=folder,
        )  # fmt: skip
        for path in sorted((folder / "out").glob("*.json")):
            print(path.stem, json.dumps(json.loads(path.read_text("utf-8"))["result"], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
