"""Answers in the place of the page that was asked for: maintenance, a challenge, something that is no text."""

from __future__ import annotations

import re

from msgspec.structs import replace

from scraper import markup
from scraper.model import Code, Page, ParseError

_HEAD = 1024  # bytes within which a PDF says that it is one
_SHORT = 700  # characters; a page that is all notice says little more
_LARGEST = 60_000  # bytes

_WEB_PAGE = re.compile(r"<(?:!doctype html|html|body|h1)\b", re.IGNORECASE)

# What such pages say in their heading, or as all they say; their status may well be 200.
_NOTICES: dict[str, tuple[str, ...]] = {
    "maintenance": (
        r"we(?:['’]ll| will) be (?:right )?back(?: soon| shortly)?|back soon\b",
        r"(?:temporarily|currently) (?:unavailable|offline|down)|(?:down|closed) for (?:\w+ )?maintenance",
        r"(?:under|undergoing|scheduled|essential|planned) (?:\w+ )?maintenance",
        r"(?:web)?site is (?:being (?:updated|upgraded)|unavailable)|service (?:is )?(?:temporarily )?unavailable",
    ),
    "blocked": (
        r"checking your browser|just a moment|attention required|access (?:is )?denied|security check|incapsula",
        r"verify(?:ing)? (?:that )?you are (?:a )?human|are you a (?:ro)?bot|complete the captcha|captcha challenge",
        r"enable javascript and cookies|request (?:was )?blocked|(?:sign|log) ?in to (?:continue|your account)",
    ),
}
_PATTERNS = {outcome: re.compile("|".join(said), re.IGNORECASE) for outcome, said in _NOTICES.items()}


def is_pdf(body: bytes) -> bool:
    return b"%PDF-" in body[:_HEAD]


def refuse_binary(page: Page) -> None:
    """Raises ParseError for a PDF in the place of a page, and for what is no text at all."""
    if is_pdf(page.body):
        raise ParseError("the body is a PDF; expected a page or feed. Nothing was read.", code=Code.NOT_RECOGNISED)
    head = markup.decoded(replace(page, body=page.body[:4096]))
    strange = sum(1 for each in head if each < " " and each not in "\t\n\r\f\v\x1b") + head.count("\ufffd")
    if strange * 20 > len(head):
        said = "the body is neither text nor a PDF"
        raise ParseError(f"{said}; it begins with {page.body[:8]!r}. Nothing was read.", code=Code.NOT_RECOGNISED)


def refuse_notice(page: Page) -> None:
    """Raises ParseError for a page that only says why the right one is not there: "maintenance" or "blocked".

    News that speaks of maintenance says more than such a page does.
    """
    if len(page.body) > _LARGEST:
        return
    text = markup.decoded(page)
    if not _WEB_PAGE.search(text) or not any(pattern.search(text) for pattern in _PATTERNS.values()):
        return
    tree = markup.soup(page)
    for hidden in tree(["script", "style", "noscript", "template"]):
        hidden.decompose()
    headings = " · ".join(markup.words(element) for element in tree.select("title, h1"))
    said = markup.words(tree.body)
    for outcome, pattern in _PATTERNS.items():
        in_heading = len(said) < 3 * _SHORT and pattern.search(headings)
        if in_heading or (len(said) < _SHORT and pattern.search(said)):
            shown = headings.partition(" · ")[0] or said
            raise ParseError(
                f"the page is not the one that was asked for: it says “{shown[:80]}”. Nothing was read, and what was"
                " known is not lost; the next poll tries again.",
                code=Code.NOT_RECOGNISED,
                outcome=outcome,
            )
