"""Pages before an outcome and long after it: which of them speak of one inspection so plainly that they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import zip_longest

from msgspec import Struct

from inspections.days import Day
from inspections.model import Kind
from scraper import dates
from scraper.announcements import kinds
from scraper.announcements.cues import Sentence, cues, hits, phrase
from scraper.announcements.occasions import Occasion

SOON = timedelta(days=75)  # how long before its first day an inspection is spoken of as coming

_WHEN = r"(?:this (?:week|month)|next week|today|tomorrow|on (?-i:[A-Z])\w+day|from (?-i:[A-Z])\w+day|yesterday)"
# An inspection that is known to be under way or to come, or an outcome that is known to be on its way.
_KNOWN = cues(
    ("inspectors are there", 1, r"\b(?:ofsted|inspect(?:ors?|ions?)|watchdog|regulator)\b[^.;]{0,60}\b(?:(?:is|are|has"
                                r" been|have been)"
                                r" (?:now |currently )?(?:under ?way|on site|in (?-i:[A-Z])\w+|in the|visiting"
                                r"|inspecting"
                                r"|carrying|taking place|here|with us|at the council|assessing|back)|(?:has|have)"
                                r" (?:begun|started|arrived|returned|launched|completed|finished|come back|carried out"
                                r"|been told)|began|started|arrived?s?|returned|returns|starts|begins)\b"),
    ("inspectors will come", 1, rf"\b(?:ofsted|inspectors?|watchdog|inspection)\b[^.;]{{0,60}}\b(?:will (?:begin|start"
                                rf"|arrive|visit|take place|be (?:visiting|inspecting|in|here|carrying|on site))|(?:is|"
                                rf"are) (?:due|set|expected) to (?:begin|start|arrive|visit|take place))\b"
                                rf"|\b(?:to be (?:visited|inspected)|visited|inspected)(?: by (?:ofsted|inspectors))?"
                                rf" {_WHEN}"),
    ("the council is inspected", 1, r"\b(?:being inspected|under inspection|is currently inspected)\b"),
    ("notice was given", 1, r"\b(?:notified|notification|given notice|received notice|told us|been told)(?: (?:of"
                            r"|that|by"
                            r"|about))?(?: [\w'-]+){0,8} (?:inspect\w+|ofsted)|\bannounced (?:that |an |it |its"
                            r" )(?:[\w'-]+"
                            r" ){0,3}inspect\w+"),
    ("the outcome is on its way", 1, r"\b(?:reports?|letters?|findings|judge?ments?|ratings?|outcomes?|results?|verdict"
                                     r"|grade)\b[^.;]{0,80}\b(?:expected|anticipated|(?<!long-)await\w+|due|delayed|postponed|put"
                                     r" back|held back|embargo\w*|likely (?:to|not|until)|(?:will|would|should)"
                                     r" (?:then )?(?:be|not be|also be|only be|come) (?:published|released|announced"
                                     r"|made public|known|available|issued|confirmed|out|shared|in|after)|(?:is|are) to"
                                     r" be published|yet to be|not (?:yet )?(?:been )?(?:published|released)|pending)\b"
                                     r"|\b(?:(?<!long-)await\w*|wait(?:ing|s)? for)(?: [\w'-]+){0,5} (?:report|letter"
                                     r"|findings|judge?ment|rating|outcome|result|verdict|grade)\b"),
    ("an unpublished report", 1, r"\b(?:unreleased|unpublished|leaked|draft (?:report|findings|letter|judge?ment)"
                                 r"|report"
                                 r" (?:was |has been )?drafted|(?:has|have) (?:still |yet )*not (?:yet )?published"
                                 r"|still (?:has|have|hasn't|haven't)(?: not)?"
                                 r" published)\b"),
    ("a day for the grade", 1, r"\b(?:should|will) (?:be|get|receive|find out|learn|hear)(?: [\w'-]+){0,4} (?:graded"
                               r"|its"
                               r" (?:grade|rating)|(?:a )?new rating|their fate)\b"),
)  # fmt: skip
_OUTCOME_TO_COME = frozenset({"the outcome is on its way", "an unpublished report", "a day for the grade"})
# What is no inspection, or none that anybody has called yet.
_NO_CASE = cues(
    ("a yearly conversation, no inspection", 1, r"\bannual ['\"]?(?:conversation|engagement)"),
    ("no inspection has been called yet", 1, r"\b(?:prepar(?:es|ing|ation|ations|ed) for|readies|getting ready|get"
                                             r" ready"
                                             r"|gear(?:s|ing) up|brac(?:es|ing) for an? inspection|inspection[-"
                                             r" ]ready|in"
                                             r" readiness|will receive (?:\w+ )?(?:\w+ )?notice|is due an?|are due an?"
                                             r"|could (?:come|arrive|visit|be inspected) at any|at any time|any day now"
                                             r"|sometime|some time (?:this|next)|window|next (?:year|spring|summer"
                                             r"|autumn|winter)|in the (?:spring|summer|autumn|winter|new year)|mock"
                                             r" inspection|would inspect|if ofsted)\b"),
)  # fmt: skip
_UNSAID = phrase(r"\b(?:leaked|draft|unreleased|unpublished|hop\w+|expect\w*|confident|could|should|would|aim\w*)\b")
_AGAIN = frozenset({"considered by councillors", "a plan approved", "some time ago", "an earlier report",
                    "a minister's or commissioner's word"})  # fmt: skip
_COMING = phrase(
    r"\b(?:ofsted|inspect\w*|watchdog|regulator|visit|fieldwork)\b[^.;]{0,80}\b(?:will|(?:due|set|expected"
    r"|scheduled) to"
    r"|begin(?:s|ning)?|start(?:s|ing)?|began|started|arrived?s?|takes? place|(?:is|are) (?:now |currently )?(?:in"
    r"|at|on"
    r" site|visiting|inspecting|under ?way|taking place|here|with us|carrying out))\b[^.;]{0,60}\Z"
)
_OUT = phrase(
    r"\b(?:publish\w*|report|findings|outcome|rating|released|results?|graded?|letter|survey|judge?ment|verdict)\b"
    r"[^.;]{0,60}\Z|\bby\s\Z"
)
_LOOKS_BACK = phrase(r"\b(?:since|rated|judged|last|previous(?:ly)?|earlier)\b[^.;]{0,60}\Z")


_IT_BEGAN = phrase(r"\b(?:it|which) (?:will )?(?:began|begins?|started|starts?)(?: on)?(?: (?-i:[A-Z])\w+day,?)? ?\Z")
_ENDS = phrase(r"\b(?:end(?:s|ing)?|finish(?:es|ing)?|until|conclud(?:e|es|ing)|through)(?: [\w']+){0,3} ?\Z")


class Kept(Struct, frozen=True, kw_only=True):
    """Whether the page is kept as a finding, and the words that decide."""

    kept: bool
    why: str


def foretold(read: Sequence[Sentence]) -> Kept:
    """Whether an inspection is plainly under way or called, or its outcome plainly awaited."""
    head = [sentence for sentence in read if sentence.title or sentence.lead or sentence.index < 5]
    if vague := next((hit for hit in hits(_NO_CASE, head) if hit.cue.name.startswith("a yearly")), None):
        return Kept(kept=False, why=f"not kept as an inspection: {vague}")
    known = hits(_KNOWN, head)
    vague = next(iter(hits(_NO_CASE, head)), None)
    sure = [hit for hit in known if vague is None or hit.sentence is not vague.sentence]
    if sure and (vague is None or any(hit.cue.name in _OUTCOME_TO_COME for hit in sure)):
        return Kept(kept=True, why=f"an inspection known of: {sure[0]}")
    said = str(vague) if vague else "nothing says that one is under way, called, or waits for its outcome"
    return Kept(kept=False, why=f"not kept as an inspection: {said}")


def kind_ahead(read: Sequence[Sentence], on: date | None) -> tuple[Kind | None, str]:
    """The kind by the sentences that tell of the inspection to come, else by all: an earlier visit is not meant."""
    known = {hit.sentence.index for hit in hits(_KNOWN, read)}
    kind, why = kinds.kind_of([each for each in read if each.title or each.index in known], False, on)
    return (kind, why) if kind else kinds.kind_of(read, True, on)


def recalled(cue: str) -> Kept:
    """Whether a page after the outcome is about that outcome: not where money, people or politics are its subject."""
    kept = cue in _AGAIN
    return Kept(kept=kept, why="an outcome restated" if kept else "not kept: the page is about something else")


def stated_earlier(sentence: Sentence) -> bool:
    """Whether a grade in this sentence of a page before the outcome is one that stands, not one hoped for or leaked."""
    return not _UNSAID.search(sentence.plain)


def coming(read: Sequence[Sentence], latest: date | None) -> Occasion | None:
    """The days on which inspectors will come, or are there: their year counts forward from `latest`."""
    for sentence in read:
        found = dates.spans(sentence.plain)
        for span, following in zip_longest(found, found[1:]):
            before = sentence.plain[: span.start]
            begun = _IT_BEGAN.search(before)
            if not begun and (not _COMING.search(before) or _OUT.search(before) or _LOOKS_BACK.search(before)):
                continue
            first, last = _ahead(span, latest)
            if following and _ENDS.search(sentence.plain[span.end : following.start]):
                last = _ahead(following, latest)[1]
            return Occasion(first=first, last=last, sentence=sentence)
    return None


def _ahead(span: dates.Span, latest: date | None) -> tuple[Day, Day]:
    if latest is None or span.first.year is not None:
        return span.first, span.last
    near = dates.resolve_year(span, latest + SOON)
    return near.first, near.last


def expected(read: Sequence[Sentence]) -> Sentence | None:
    """The sentence that says when the outcome is expected; the headline where no other does."""
    found = [hit.sentence for hit in hits(_KNOWN, read) if hit.cue.name in _OUTCOME_TO_COME]
    return next((sentence for sentence in found if not sentence.title), next(iter(found), None))
