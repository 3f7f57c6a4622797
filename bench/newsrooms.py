"""Newsrooms on loopback that change, publish and fail at random, and the receivers who are told: see endurance.py."""

from __future__ import annotations

import json
import random
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.polling import announcement_page  # noqa: E402
from fixtures import make_reports  # noqa: E402
from inspections.authorities import Authorities, stood  # noqa: E402
from tests.proof.scene import Receivers  # noqa: E402
from tests.servers import Asked, FaultServer, Reply  # noqa: E402
from tests.stories.conftest import Report, Town, page  # noqa: E402

OFSTED, URN = "Solihull", "80554"  # Ofsted's own page of it is watched, and no newsroom of the catalogue is its
GRADES = dict.fromkeys(("leaders", "help_protection", "in_care", "care_leavers", "overall"), "Good")
PAUSES = ", ".join(['"5m"'] * 30)  # between tries of a message; short, as hours would outlast a benchmark
_MOST_KEPT = 30  # items of a listing; the oldest go

OF_ANYTHING: tuple[Callable[[Reply], Reply], ...] = (
    lambda reply: Reply(status=503),
    lambda reply: Reply(status=500, body=b"<h1>Internal Server Error</h1>"),
    lambda reply: Reply(status=429, headers={"Retry-After": "1"}),
    lambda reply: Reply(body=reply.body, reset_after=40),
    lambda reply: Reply(body=reply.body, headers=reply.headers, length=len(reply.body) + 900),  # cut off
    lambda reply: Reply(body=reply.body, headers=reply.headers, pause_before=9),  # stands still
)
OF_LISTINGS: tuple[Callable[[Reply], Reply], ...] = (
    lambda reply: Reply(body=b"<html><body></body></html>", headers={"Content-Type": "text/html"}),
    lambda reply: Reply(body=b"<html><body><h1>Down for maintenance</h1></body></html>"),
    lambda reply: Reply(body=reply.body, headers={"Content-Type": "text/html"}),  # whole, without its validators
)


class Unsteady(FaultServer):
    """Fails as often as `faulty` says, in a way drawn anew each time.

    The same listing is never empty twice running: that is no passing fault, and a person is rightly told of it.
    """

    def __init__(self, address: str, chance: random.Random) -> None:
        super().__init__(address)
        self.faulty = 0.0
        self.answered = self.failed = 0
        self.on_asked: Callable[[FaultServer, Asked], None] = lambda site, asked: None
        self._chance = chance
        self._emptied: set[str] = set()

    def _reply(self, asked: Asked) -> Reply:
        self.on_asked(self, asked)
        reply = super()._reply(asked)
        del self.requests[:-100]  # a day's would fill the memory
        self.answered += 1
        emptied = asked.path in self._emptied
        self._emptied.discard(asked.path)
        if self._chance.random() >= self.faulty:
            return reply
        self.failed += 1
        a_listing = asked.path.endswith("/") and reply.status == 200 and not emptied
        if not (a_listing and self._chance.random() < 0.5):
            return self._chance.choice(OF_ANYTHING)(reply)
        self._emptied.add(asked.path)
        return self._chance.choice(OF_LISTINGS)(reply)


class World:
    """Some newsrooms on some hosts, Ofsted's page of one authority, a webhook, and the operator's mailbox.

    Each planted announcement is of another authority, so that each must be told exactly once.
    """

    def __init__(
        self, folder: Path, *, sources: int, hosts: int, every: str, attempts: int = 3, seed: int = 1,
        gap: str = "0s", budget: int = 10_000_000,
    ) -> None:  # fmt: skip
        self.folder, self.every, self.attempts, self.gap, self.budget = folder, every, attempts, gap, budget
        self.chance = random.Random(seed)
        self.sites = [Unsteady(f"127.0.0.{n + 2}", self.chance) for n in range(hosts + 1)]
        self.items: list[list[int]] = [[0] for _ in range(sources)]
        self.looks = [0] * sources  # changes when a page changes without news
        self.stories: dict[int, str] = {}  # item → authority that it is about; "" of the rest
        self.planted: dict[str, float] = {}
        self.heard: dict[str, float] = {}  # when a message about it was accepted first
        today = datetime.now(UTC).date()
        names = [one.name for one in Authorities.load() if stood(one, today) and one.name != OFSTED]
        self._names = self.chance.sample(sorted(set(names)), len(set(names)))
        self._next = 1
        self._receivers: Receivers | None = None

    def __enter__(self) -> World:
        for site in self.sites:
            site.__enter__()
        self.receivers = self._receivers = Receivers()
        self._configure()
        self.town = Town(self.sites[-1], self.folder, authority=OFSTED, urn=URN)
        self.town.reports.append(self._report("50300001", date(2024, 3, 4)))
        self.town.open()
        for n in range(len(self.items)):
            self._open(n)
            self._article(n, 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:  # fmt: skip
        for site in self.sites:
            site.__exit__(kind, error, trace)
        if self._receivers:
            self._receivers.close()

    def site_of(self, source: int) -> Unsteady:
        return self.sites[source % (len(self.sites) - 1)]

    def fail(self, share: float) -> None:
        """From now on this share of all answers is wrong; also of the webhook's, by the second."""
        for site in self.sites:
            site.faulty = share
        self.receivers.answer = 503 if self.chance.random() < share else 204

    def plant(self, now: float) -> bool:
        """One more announcement somewhere; whether there was an authority left for it."""
        if not self._names:
            return False
        self.planted[authority := self._names.pop()] = now
        self._publish(authority)
        return True

    def publish_report(self, now: float) -> None:
        """A report on Ofsted's own page."""
        self.planted[OFSTED] = now
        self.town.reports.append(self._report("50300002", datetime.now(UTC).date()))
        self.town.refresh()

    def stir(self) -> None:
        """A page changes, or has something that is no news of ours."""
        if self.chance.random() < 0.5:
            self.looks[self.chance.randrange(len(self.looks))] += 1
        else:
            self._publish("")

    def told(self) -> dict[str, list[str]]:
        """Authority → the keys of the messages that were accepted about it, each key once."""
        found: dict[str, list[str]] = defaultdict(list)
        hooks = [key for kind, key in self.receivers.got if kind == "webhook"]
        bodies = [body for body in self.receivers.bodies if body.startswith(b"{")]
        for key, body in zip(hooks, bodies, strict=False):
            data = json.loads(body)["data"]
            for inspection in [data["inspection"], *(item["inspection"] for item in data["items"])]:
                if inspection and key not in found[inspection["authority"]]:
                    found[inspection["authority"]].append(key)
        return found

    def listen(self, now: float) -> None:
        for authority in self.told():
            self.heard.setdefault(authority, now)

    def notices(self) -> list[str]:
        """The subjects of what the operator was mailed."""
        mails = [body for body in self.receivers.bodies if not body.startswith(b"{")]
        heads = [line for mail in mails for line in mail.decode("utf-8", "replace").splitlines()]
        return [line for line in heads if line.lower().startswith("subject:")]

    def _open(self, source: int) -> None:
        self.site_of(source)[f"/{source}/"] = lambda asked: page(self._listing(source), asked)

    def _publish(self, authority: str) -> None:
        source, item = self.chance.randrange(len(self.items)), self._next
        self._next += 1
        self.stories[item] = authority
        self._article(source, item)
        self.items[source] = [item, *self.items[source]][:_MOST_KEPT]

    def _article(self, source: int, item: int) -> None:
        text = announcement_page(self.headline(item), self.stories.get(item, ""))
        self.site_of(source)[f"/{source}/item-{item}"] = lambda asked: page(text, asked)

    def headline(self, item: int) -> str:
        authority = self.stories.get(item)
        return f"{authority} children's services rated good by Ofsted" if authority else f"Road works, week {item}"

    def _listing(self, source: int) -> bytes:
        cards = "".join(
            f'<li class="card"><a href="/{source}/item-{item}"><h3>{self.headline(item)}</h3></a></li>'
            for item in self.items[source]
        )
        return f"<html><body><p>Seen {self.looks[source]} times</p><ul>{cards}</ul></body></html>".encode()

    def _report(self, id: str, out: date) -> Report:
        days = f"2 to 13 February {out.year}"
        body = make_reports.ilacs(authority=OFSTED, days=days, judgements=GRADES)
        return Report(id, "Children's services inspection", f"02 February {out.year}", f"{out:%d %B %Y}", body)

    def _configure(self) -> None:
        for name in ("sources", "subscriptions"):
            (self.folder / name).mkdir(parents=True)
        secret = self.folder / "hook.secret"
        secret.write_text("whsec_" + "QUJD" * 11, "utf-8")
        secret.chmod(0o600)
        ofsted = self.sites[-1].url("").rstrip("/")
        (self.folder / "ofsted-watch.toml").write_text(
            f'contact = "bench@example.org"\nauthorities = ["{OFSTED}"]\nsources = []\n'
            f'archive = "{self.folder}/archive"\noperator = "desk@example.org"\n'
            f'[ofsted]\nreports = "{ofsted}"\nfiles = "{ofsted}"\nevery = "{self.every}"\nsweep = "{self.every}"\n'
            f'allow_private = true\n[fetch]\ngap = "{self.gap}"\nbudget = {self.budget}\nattempts = {self.attempts}\n'
            'timeout = "2s"\ndocument_timeout = "2s"\n'
            f'[delivery]\nstorm = 1000\nwebhook_schedule = ["5s", "1m", {PAUSES}]\n'
            f'[smtp]\nhost = "127.0.0.1"\nport = {self.receivers.mail.port}\nsecurity = "none"\n'
            'sender = "Ofsted Watch <watch@example.org>"\n', "utf-8",
        )  # fmt: skip
        (self.folder / "subscriptions" / "desk.toml").write_text(
            f'[[to]]\nwebhook = "http://127.0.0.1:{self.receivers.hook.server_port}/hook"\n'
            f'secret_file = "{secret}"\nallow_private = true\n', "utf-8",
        )  # fmt: skip
        for n in range(len(self.items)):
            (self.folder / "sources" / f"news-{n:02}.toml").write_text(
                f'name = "News {n}"\nurl = "{self.site_of(n).url(f"/{n}/")}"\nparser = "listing"\n'
                f'family = "selectors"\npublisher = "media"\nevery = "{self.every}"\nallow_private = true\n'
                '[options]\nitem = "li.card"\ntitle = "h3"\nlink = "a"\n', "utf-8",
            )  # fmt: skip
