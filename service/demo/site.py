"""Three sites on loopback that play Ofsted, a council's newsroom and a local blog."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from msgspec import Struct

from service.demo.pages import Answer, Pages, authorities_csv
from service.demo.story import ACTS

_NAMES = ("ofsted", "newsroom", "blog")


class Asked(Struct, frozen=True, kw_only=True):
    """One request and how it was answered."""

    site: str  # "ofsted", "newsroom" or "blog"
    path: str
    status: int
    conditional: bool
    act: int


class Replica:
    """The three sites, from `with` to its end, each on a free port of 127.0.0.1. `advance` shows the next act."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self._servers = {name: ThreadingHTTPServer(("127.0.0.1", 0), self._handler(name)) for name in _NAMES}
        self._pages = Pages(**{name: self.url(name) for name in _NAMES})
        self._changed: dict[tuple[str, str], tuple[str, datetime]] = {}  # (site, path) → ETag, and since when
        self._lock = threading.Lock()

    def url(self, site: str) -> str:
        """ "http://127.0.0.1:PORT" of "ofsted", "newsroom" or "blog"."""
        return f"http://127.0.0.1:{self._servers[site].server_address[1]}"

    @property
    def act(self) -> int:
        return self._pages.act

    def advance(self, act: int) -> None:
        """Show the sites as they are from that act on, 1 to 10. Raises ValueError for another number."""
        if act not in {each.number for each in ACTS}:
            raise ValueError(f"there is no act {act}: the story has acts 1 to {len(ACTS)}")
        with self._lock:
            self._pages.act = act

    def __enter__(self) -> Replica:
        for name, server in self._servers.items():
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.05,), name=f"replica of {name}", daemon=True).start()
        return self

    def __exit__(self, *failure: object) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def settings(self) -> dict[str, Any]:
        """What stands in ofsted-watch.toml for these sites; the driver adds archive, smtp and operator."""
        base = self.url("ofsted")
        return {
            "contact": "demo@ofsted-watch.invalid",
            "authorities": ["Marlshire", "Eastmere", "Westfold"],
            "ofsted": {"reports": base, "files": base, "every": "1s", "sweep": "1s", "allow_private": True},
            "fetch": {"gap": "0s", "attempts": 1},
        }

    def sources(self) -> dict[str, dict[str, Any]]:
        """The declarations of the newsroom and the blog, by id: the files of sources/."""
        return {
            "marlshire-news": {
                "name": "Marlshire News", "url": f"{self.url('newsroom')}/news/", "parser": "listing",
                "family": "shuttle", "authority": "Marlshire", "every": "1s", "allow_private": True,
            },
            "marl-valley-life": {
                "name": "Marl Valley Life", "publisher": "media", "parser": "wordpress", "every": "1s",
                "url": f"{self.url('blog')}/wp-json/wp/v2/posts?search=ofsted&per_page=100&orderby=date",
                "allow_private": True,
            },
        }  # fmt: skip

    def write_configuration(
        self, folder: Path, *, settings: Mapping[str, Any] | None = None,
        subscriptions: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:  # fmt: skip
        """A whole configuration folder. `settings` are merged into those above, table by table."""
        files: dict[str, Mapping[str, Any]] = {"ofsted-watch.toml": _merged(self.settings(), settings or {})}
        files |= {f"sources/{id}.toml": source for id, source in self.sources().items()}
        files |= {f"subscriptions/{id}.toml": subscription for id, subscription in (subscriptions or {}).items()}
        for name, values in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(toml(values), encoding="utf-8")
        (folder / "authorities.csv").write_text(authorities_csv(), encoding="utf-8")

    def _answer(self, site: str, path: str, headers: Mapping[str, str]) -> tuple[Answer, dict[str, str]]:
        """The page with its validators, or 304 without a body where those that were sent still hold (RFC 9110)."""
        with self._lock:
            answer: Answer = getattr(self._pages, site)(path)
            act = self._pages.act
            sent: dict[str, str] = {"Content-Type": answer.type}
            if answer.status == 200:
                etag = f'"{sha256(answer.body).hexdigest()[:16]}"'
                known = self._changed.get((site, path))
                since = known[1] if known and known[0] == etag else ACTS[act - 1].at
                self._changed[site, path] = (etag, since)
                sent |= {"ETag": etag, "Last-Modified": format_datetime(since, usegmt=True)}
                if _still_holds(headers, etag, since):
                    answer = Answer(body=b"", type=answer.type, status=304)
            conditional = "If-None-Match" in headers or "If-Modified-Since" in headers
            self.requests.append(Asked(site=site, path=path, status=answer.status, conditional=conditional, act=act))
        return answer, sent

    def _handler(self, site: str) -> type[BaseHTTPRequestHandler]:
        answer: Callable[..., tuple[Answer, dict[str, str]]] = self._answer

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            server_version, sys_version = "Replica", ""
            disable_nagle_algorithm = True
            timeout = 60

            def do_GET(self) -> None:
                found, headers = answer(site, self.path, self.headers)
                self.send_response(found.status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if found.status != 304:
                    self.send_header("Content-Length", str(len(found.body)))
                self.end_headers()
                self.wfile.write(found.body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: the driver tells what happens."""

        return Handler


def _still_holds(headers: Mapping[str, str], etag: str, since: datetime) -> bool:
    if "If-None-Match" in headers:
        return etag in [one.strip().removeprefix("W/") for one in headers["If-None-Match"].split(",")]
    try:
        return parsedate_to_datetime(headers.get("If-Modified-Since") or "") >= since
    except ValueError:
        return False


def toml(values: Mapping[str, Any]) -> str:
    """Text, numbers, lists and tables as TOML; a table within a list is written inline."""
    plain = {key: value for key, value in values.items() if not isinstance(value, Mapping)}
    lines = [f"{key} = {_inline(value)}" for key, value in plain.items()]
    for key, table in values.items():
        if isinstance(table, Mapping):
            lines += ["", f"[{key}]", *(f"{name} = {_inline(value)}" for name, value in table.items())]
    return "\n".join(lines) + "\n"


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_inline(one)}" for key, one in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_inline(one) for one in value) + "]"
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)


def _merged(ours: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    both = {**ours, **more}
    tables = [key for key in more if isinstance(ours.get(key), Mapping) and isinstance(more[key], Mapping)]
    return both | {key: {**ours[key], **more[key]} for key in tables}
