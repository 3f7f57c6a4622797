"""The grades that a provider's own page shows. Ofsted hides those of older reports once a school has a report card."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import TYPE_CHECKING

from inspections import frameworks
from inspections.days import Day
from inspections.model import OVERALL, SAFEGUARDING, Certainty, Evidence, Finding, Grade, Kind, Provider
from scraper import dates, markup
from scraper.listings.labels import kind_of
from scraper.model import Item

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

QUOTE = 300  # characters of evidence a field

_BANDS = frozenset(frameworks.SCALES["five"])
_INSPECTED = re.compile(r"\bon (?P<when>.{6,60}?)(?: (?:was|were)\b|:|\.|$)")
_CARD = re.compile(r"Inspection report:\s*(?P<when>[^<|]{6,40})", re.IGNORECASE)
_SAFEGUARDING = re.compile(r"\ASafeguarding (?:standards (?:are )?)?(?P<grade>not met|met)\Z", re.IGNORECASE)
_LEGEND = re.compile(r"\A(?:our grades explained|how we (?:grade|evaluate)|about (?:our|this))", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:<|&(?:amp;)*lt;)h[1-6]\b", re.IGNORECASE)

# Printed areas that have a name of their own among our keys; any other is the snake_case of its words.
_AREAS = (
    (re.compile(r"\Aoverall (?:effectiveness|experiences)", re.IGNORECASE), OVERALL),
    (
        re.compile(r"\A(?:how well )?children and young people (?:are )?helped and protected", re.IGNORECASE),
        "help_protection",
    ),
    (re.compile(r"\A(?:the )?effectiveness of leaders", re.IGNORECASE), "leaders"),
    (re.compile(r"\Asafeguarding", re.IGNORECASE), SAFEGUARDING),
)

Graded = tuple[str, str, str, str]  # area as printed, grade as printed, words, CSS path


def own_findings(tree: BeautifulSoup, provider: Provider, entries: list[Item]) -> tuple[tuple[Finding, ...], list[str]]:
    """What the page says of the latest inspection, at most one finding a block, and notes on what was not read.

    entries: the page's documents; the one of the same inspection day gives the finding's day of publication.
    """
    findings: list[Finding] = []
    notes: list[str] = []
    for when, graded in (_card(tree, notes), _rated(tree)):
        if not graded:
            continue
        day = dates.one(when)
        if day is None or day.date is None:
            shown = ", ".join(f"{area}: {grade}" for area, grade, *_ in graded)
            notes.append(f"the page shows grades without the day of their inspection ({shown}); they were not kept")
            continue
        findings.append(_finding(day, graded, provider, entries))
    for finding in findings:
        notes += [note for note in finding.notes if note not in notes]
    return tuple(findings), notes


def area_key(printed: str) -> str:
    """The key of a printed area: "Leadership and management:" → "leadership_and_management"."""
    text = " ".join(printed.split()).rstrip(" :")
    own = next((key for pattern, key in _AREAS if pattern.search(text)), None)
    return own or re.sub(r"[^a-z0-9]+", "_", re.sub(r"['’]", "", text.casefold())).strip("_")


def _finding(day: Day, graded: list[Graded], provider: Provider, entries: list[Item]) -> Finding:
    entry = next((item for item in entries if item.inspected_on == day), None)
    labelled = kind_of(entry.title, provider.type, day) if entry else None
    kind = provider.kind or labelled or Kind.OTHER
    judgements: dict[str, Grade | None] = {}
    evidence: dict[str, Evidence] = {}
    notes: list[str] = []
    for printed, value, words, path in graded:
        area, grade = area_key(printed), frameworks.grade(value)
        if area in judgements and judgements[area] != grade:
            notes.append(f"the page states {area} twice, as {judgements[area]} and as {value!r}; it is left unknown")
            grade = None
        elif grade is None or not _of_scale(kind, day.date, area, grade):
            notes.append(
                f"the page states {printed!r} as {value!r}, which is no grade of that kind and time; left unknown"
            )
            grade = None
        judgements[area] = grade
        evidence[f"judgements.{area}"] = Evidence(text=words[:QUOTE], path=path)
    return Finding(
        kind=kind, authority=provider.authority, provider=provider.name, urn=provider.urn,
        certainty=Certainty.PUBLISHED, inspected_from=day,
        published_on=entry.published_on if entry else None, published_origin="provider page" if entry else None,
        judgements=judgements, evidence=evidence, notes=tuple(notes),
    )  # fmt: skip


def _of_scale(kind: Kind, began: date | None, area: str, grade: Grade) -> bool:
    """False where the framework of that day knows the area and gives it other grades."""
    row = frameworks.framework(kind, began)
    known = row.grades(area) if row else ()
    return not known or grade in known or grade is Grade.NOT_JUDGED


def _rated(tree: BeautifulSoup) -> tuple[str, list[Graded]]:
    """The key judgements of an inspection, and the overall grade that stood above them until August 2024."""
    head = tree.select_one(".subjudgements__overall, .subjudgements__no__overall")
    said = markup.words(head)
    when = _INSPECTED.search(said)
    graded: list[Graded] = []
    if head and "subjudgements__overall" in head.get_attribute_list("class"):
        value = markup.words(head.select_one("strong") or head.find_next_sibling("strong"))
        if value:
            graded.append(("Overall effectiveness", value, _quote(said, value), ".subjudgements__overall"))
    for item in tree.select(".subjudgements__rates__item"):
        label, value = markup.words(item.select_one("p")), markup.words(item.select_one("strong"))
        if label and value:
            graded.append((label, value, f"{label} {value}", ".subjudgements__rates__item"))
    if not graded and (latest := tree.select_one(".latest-rating__title span")):
        graded.append(
            ("Overall effectiveness", markup.words(latest), markup.words(latest.parent), ".latest-rating__title")
        )
    return (when["when"] if when else ""), graded


def _quote(said: str, value: str) -> str:
    return said if said.endswith(value) else f"{said} {value}"


def _card(tree: BeautifulSoup, notes: list[str]) -> tuple[str, list[Graded]]:
    """A report card: a heading for each grade that was given, best first, and the areas with that grade beneath it.

    There is no overall grade, though the first heading looks like one.
    """
    card, path = _card_markup(tree)
    if card is None:
        return "", []
    when = _CARD.search(markup.words(card))
    graded: list[Graded] = []
    band = ""
    for heading in _headings(card):
        text = markup.words(heading)
        if _LEGEND.match(text):
            break
        grade = frameworks.grade(text)
        if safe := _SAFEGUARDING.match(text):
            graded.append(("Safeguarding", safe["grade"], text, path))
        elif grade in _BANDS:
            band = text
        elif band:
            area, _, own = text.rpartition(":") if ":" in text else (text, "", "")
            graded.append((area or text, own.strip() or band, f"{band}: {text}", path))
    _hold_against_dots(card, graded, notes)
    return (when["when"] if when else ""), graded


def _headings(card: Tag) -> Iterator[Tag]:
    """Headings below the band rows of the chart, in order."""
    for heading in card.find_all(re.compile(r"\Ah[1-6]\Z")):
        if not heading.find_parent(class_="w-48"):
            yield heading


def _hold_against_dots(card: Tag, graded: list[Graded], notes: list[str]) -> None:
    """The chart has a dot for every area on the row of its grade: where they differ in number, something was missed."""
    for row in card.select(".w-48"):
        name = markup.words(row)
        dots = len(row.parent.select(".rounded-full")) if row.parent else 0
        read = sum(1 for area, value, *_ in graded if value == name and area != "Safeguarding")
        if dots != read and frameworks.grade(name) in _BANDS:
            notes.append(f"the report card's chart shows {dots} areas with {name!r}, of which {read} could be read")


def _card_markup(tree: BeautifulSoup) -> tuple[Tag | None, str]:
    """The card as a tree. Its markup stands escaped, once or twice, in an attribute or text, or in the page itself."""
    from bs4 import BeautifulSoup

    for element in tree.select("main *") or tree.find_all(True):
        values = [value for value in element.attrs.values() if isinstance(value, str)]
        values += [str(text) for text in element.find_all(string=True, recursive=False)]
        for value in values:
            if not _ESCAPED.search(value):
                continue
            text = value
            while "<h" not in text and text != unescape(text):
                text = unescape(text)
            if _CARD.search(text):
                classes = ".".join(element.get_attribute_list("class"))
                return BeautifulSoup(text, "lxml"), f"{element.name}.{classes}" if classes else element.name
    for heading in tree.select("main h2, main h3"):
        if _CARD.match(markup.words(heading)) and heading.parent:
            return heading.parent, "main"
    return None, ""
