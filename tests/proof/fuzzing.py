"""Seeded mutation of our own fixtures, for every parser: what it may answer with is a reading or an error in words.

    python tests/proof/fuzzing.py [--n 2000] [--seed 1] [--only NAME] [--save FOLDER]

Prints a table; exit 1 where a parser raised anything else or took longer than a second.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from config.load import ConfigError, load  # noqa: E402
from inspections.authorities import Authorities  # noqa: E402
from inspections.model import to_json  # noqa: E402
from scraper import dates, parse, robots  # noqa: E402
from scraper.model import Page, ScrapeError, Source  # noqa: E402
from scraper.reports import read_report  # noqa: E402

LIMIT = 1.0  # seconds for one input
TODAY = date(2026, 3, 11)
FIXTURES = ROOT / "fixtures"
FRAGMENTS = (
    b"<a ", b"<!--", b"<![CDATA[", b"</", b"<div>" * 60, b"<p>", b"&#0;", b"&#x110000;", b"&amp;" * 9, b"\x00", b"\xff\xfe", b"\xed\xa0\x80",
    b"\xe2\x80\xae", "é ’ – ●".encode(), b"{", b"}", b"[" * 50, b'"', b"\\u0000", b"null", b"-1", b"1e999", b"0" * 40,
    b"requires improvement to be good", b"Overall effectiveness", b"inadequate", b"31 February 2025", b"29/02/2023", b"XXXX",
    b"from 3 to 14 March", b"Inspection dates:", b"a" * 3000, b"\n" * 200, b"\xc2\xa0" * 50, b"http://[::1", b"javascript:alert(1)", b"//",
    b"<base href='http://127.0.0.1/'>", b"<meta charset=utf-16>", b"<?xml version='1.0'?>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"=", b"'''",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A parser, what it is fed with to begin with, and what it may raise."""

    name: str
    seeds: tuple[bytes, ...]
    read: Callable[[bytes], object]
    may_raise: tuple[type[Exception], ...] = (ScrapeError,)


@dataclass
class Outcome:
    """What became of all inputs of one parser."""

    read: int = 0
    refused: int = 0
    slowest: float = 0.0
    faults: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def kinds(self) -> Counter[str]:
        return Counter(said for said, _ in self.faults)


def mutated(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """A seed after one to eight changes: bytes flipped, cut, doubled, moved, or a fragment put in."""
    body = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(body) + 1)
        length = chance.choice((1, 2, 8, 60, 500))
        way = chance.randrange(7)
        if way == 0 and body:
            body[at % len(body)] = chance.randrange(256)
        elif way == 1:
            del body[at : at + length]
        elif way == 2:
            body[at:at] = body[at : at + length]
        elif way == 3:
            body[at:at] = chance.choice(FRAGMENTS)
        elif way == 4:
            part = body[at : at + length]
            del body[at : at + length]
            to = chance.randrange(len(body) + 1)
            body[to:to] = part
        elif way == 5:
            other = chance.choice(seeds)
            start = chance.randrange(len(other) + 1)
            body[at : at + length] = other[start : start + length]
        elif chance.random() < 0.2:
            del body[at:]
    return bytes(body)


def targets() -> list[Target]:
    authorities = Authorities.load()

    def page(body: bytes, url: str = "https://www.mere.example/news") -> Page:
        return Page(body=body, url=url, content_type="text/html", fetched_on=TODAY)

    def as_type(kind: str, **source: object) -> Callable[[bytes], object]:
        given = Source(id="mere", name="Mere", url="https://www.mere.example/news", **source) if source else None  # type: ignore[arg-type]
        return lambda body: to_json(parse.read(page(body), as_type=kind, source=given, authorities=authorities))

    def files(pattern: str) -> tuple[bytes, ...]:
        return tuple(path.read_bytes() for path in sorted(FIXTURES.glob(pattern)))

    stories = b"\n".join(files("announcements/*.toml"))
    texts = files("reports/*.txt")
    listings = {path.parent.name: path.read_bytes() for path in sorted(FIXTURES.glob("listings/*/listing.html"))}
    found = [
        Target("report text", texts, lambda body: to_json(
            read_report(body.decode("utf-8", "replace").split("\f"), authorities, TODAY))),
        Target("report PDF", pdfs(), as_type("report")),
        Target("provider page", files("listings/ofsted_provider/*.html"), as_type("provider")),
        Target("search page", files("listings/ofsted_search/*.html"), as_type("search")),
        Target("feed", FEEDS, as_type("feed")),
        Target("WordPress JSON", WORDPRESS, as_type("wordpress")),
        Target("article", (*files("listings/*/article.html"), *PLAIN), as_type("article")),
        Target("announcement", (*PLAIN, *(part[:1500] for part in stories.split(b"[[")[1:200])), as_type("article")),
        Target("listing by its signs", tuple(listings.values()), as_type("listing")),
        Target("any bytes", (*texts[:3], *listings.values(), *FEEDS, *WORDPRESS), lambda body: to_json(
            parse.read(page(body), authorities=authorities))),
        Target("dates", DATES, lambda body: [dates.spans(said := body.decode("utf-8", "replace")), dates.one(said), dates.whole(said)], ()),
        Target("robots.txt", ROBOTS, lambda body: robots.rules_of(200, body, datetime(2026, 3, 11, tzinfo=UTC)).allows("https://a.example/x"), ()),
        Target("configuration", CONFIGURATION, configured, (ConfigError,)),
    ]  # fmt: skip
    from scraper.listings.families import FAMILIES

    found += [
        Target(f"listing: {name}", (body,), as_type("listing", parser="listing", family=name))
        for name, body in listings.items() if name in FAMILIES and name != "selectors"
    ]  # fmt: skip
    return found


def pdfs() -> tuple[bytes, ...]:
    from fixtures import make_reports

    areas = ("leaders", "help_protection", "in_care", "care_leavers", "overall")
    return (make_reports.ilacs(authority="Leeds", days="3 to 14 March 2025", judgements=dict.fromkeys(areas, "Good")),)


def configured(body: bytes) -> object:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "subscriptions").mkdir()
        (folder / "sources").mkdir()
        parts = [*body.split(b"#---\n"), b"", b""][:3]
        for name, part in zip(
            ("ofsted-watch.toml", "subscriptions/desk.toml", "sources/mere.toml"), parts, strict=True
        ):
            (folder / name).write_bytes(part)
        settings = load(folder, {"HOME": temporary, "HOOK": "whsec_" + "QUJD" * 11})
        return settings.subscriptions


def tried(target: Target, n: int, seed: int) -> Outcome:
    """Feed it n mutated inputs; the same seed gives the same inputs."""
    outcome, chance = Outcome(), random.Random(f"{target.name} {seed}")
    for number in range(n):
        body = mutated(target.seeds, chance) if number else target.seeds[0]
        feed(target, body, outcome)
    return outcome


def feed(target: Target, body: bytes, outcome: Outcome) -> None:
    began = time.process_time()  # other work on the machine is no fault of the parser
    try:
        target.read(body)
        outcome.read += 1
    except target.may_raise:
        outcome.refused += 1
    except Exception as error:
        where = next(
            (frame for frame in reversed(traceback.extract_tb(error.__traceback__)) if ".venv" not in frame.filename),
            None,
        )
        place = f" at {Path(where.filename).name}:{where.lineno}" if where else ""
        outcome.faults.append((f"{type(error).__name__}: {str(error)[:60]}{place}", body))
    took = time.process_time() - began
    outcome.slowest = max(outcome.slowest, took)
    if took > LIMIT:
        outcome.faults.append((f"slower than {LIMIT:g} s", body))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--save", type=Path, help="write every input that broke a parser into this folder")
    given = parser.parse_args()
    with suppress(ImportError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, resource.getrlimit(resource.RLIMIT_AS)[1]))
    print("| parser | inputs | read | refused in words | faults | slowest | a second |\n|---|---|---|---|---|---|---|")
    bad = 0
    for target in targets():
        if given.only not in target.name:
            continue
        began = time.monotonic()
        outcome = tried(target, given.n, given.seed)
        bad += len(outcome.faults)
        print(f"| {target.name} | {given.n:,} | {outcome.read:,} | {outcome.refused:,} | {len(outcome.faults)} | "
              f"{outcome.slowest * 1000:.0f} ms | {given.n / (time.monotonic() - began):.0f} |", flush=True)  # fmt: skip
        for said, times in outcome.kinds.most_common(5):
            print(f"    {times} × {said}", file=sys.stderr)
        if given.save:
            given.save.mkdir(parents=True, exist_ok=True)
            for number, (_, body) in enumerate(outcome.faults[:20]):
                (given.save / f"{target.name.replace(' ', '-')}-{number}").write_bytes(body)
    return 1 if bad else 0


FEEDS = (
    b"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Mere</title><link>https://www.mere.example/</link>
<item><title>Children's services rated good by Ofsted</title><link>https://www.mere.example/news/1</link><guid>n-1</guid>
<pubDate>Wed, 11 Mar 2026 09:00:00 +0000</pubDate><description>&lt;p&gt;Good.&lt;/p&gt;</description></item>
<item><title>Bins</title><link>https://www.mere.example/news/2</link><pubDate>Tue, 10 Mar 2026 09:00 GMT</pubDate></item></channel></rss>""",
    b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Mere</title><id>x</id><entry><id>1</id><title type="html">Ofsted &amp;amp; us</title>
<link href="https://www.mere.example/a"/><updated>2026-03-11T09:00:00Z</updated><content type="html">&lt;p&gt;Words</content></entry></feed>""",
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "Mere", "items": [{"id": "1", "url": "https://www.mere.example/1", '
    b'"title": "News", "date_published": "2026-03-11T09:00:00Z", "content_html": "<p>x</p>"}]}',
)
WORDPRESS = (
    b'[{"id": 90601, "date_gmt": "2025-04-23T10:00:00", "modified_gmt": "2025-04-23T10:00:00", "link": '
    b'"https://www.mere.example/local-news/good", "title": {"rendered": "Rated good &#8217;"}, "content": {"rendered": "<p>x</p>"}}, '
    b'{"id": 2, "date_gmt": "2025-04-22T10:00:00", "link": "https://www.mere.example/2", "title": {"rendered": "Fair"}}]',
)
PLAIN = (
    "Children’s services rated good\nPublished Wednesday 23 April 2025 at 9:37\nChildren’s services in Leeds have been rated ‘Good’ by "
    "Ofsted, up from requires improvement in 2022. Inspectors, who visited from 3 to 14 March, said care leavers require improvement to "
    "be good. Councillor Vale said: “We are proud.”\n".encode(),
    b"Ofsted to visit Leeds next week\nThe inspection of services for children in need of help and protection begins on 3 March.\n",
)
DATES = (
    b"3 to 14 March 2025", b"Published Wednesday 23 April 2025 at 9:37am", b"between 28 February and 4 March 2022; 1/2/2023", b"2024-05-24T08:37:00Z",
    b"Monday 1st, Tuesday 2nd and Thursday 4th of Sept. 2019", b"January 2022", b"29 February 2024 \xe2\x80\x93 1 March", b"23.04.25, 23-Apr-2025",
)  # fmt: skip
ROBOTS = (
    b"User-agent: *\nDisallow: /private\nAllow: /private/$\nCrawl-delay: 5\nSitemap: https://a.example/s.xml\n",
    b"\xef\xbb\xbfUser-agent: ofsted-watch\nDisallow: /*?*x=\n\nUser-agent: a\nUser-agent: *\nDisallow:\n",
)
CONFIGURATION = (
    b'contact = "desk@example.org"\nauthorities = ["Leeds", "north-west"]\nproviders = ["116780"]\nremits = ["childrens_home"]\n'
    b'[fetch]\ngap = "5s"\nbudget = 500\n[poll]\nevery = "2h"\n[delivery]\nemail_schedule = ["1m", "10m"]\n[quiet]\nstart = "20:00"\n'
    b'end = "07:00"\n[smtp]\nhost = "mail.example.org"\nsender = "W <w@example.org>"\n#---\nkinds = ["ilacs"]\nregions = ["london"]\n'
    b'when = "weekly"\nat = "16:00"\n[[to]]\nemail = "desk@example.org"\n[[to]]\nwebhook = "https://r.example/x"\nsecret_env = "HOOK"\n'
    b'#---\nname = "Mere"\nurl = "https://www.mere.example/news"\nparser = "listing"\nfamily = "selectors"\n[options]\nitem = "article.card"\n'
    b'title = "h3"\nlink = "h3 a"\ndate = "time"\n',
)

if __name__ == "__main__":
    sys.exit(main())
