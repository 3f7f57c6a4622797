"""Whether an outcome is just out, still to come, or spoken of again: cues weighed against each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from inspections.days import Day
from inspections.model import Certainty
from scraper.announcements.cues import Hit, Sentence, cues, hits, phrase
from scraper.announcements.restated import AFTER

STALE = timedelta(days=21)  # a report published longer ago is not announced but spoken of again

_OUT = r"(?:publish\w*|releas\w+|issued|unveiled|made public|announc\w+|reveal\w+|received|came out|is out)"
_PAPER = r"(?:reports?|letters?|findings|judge?ments?|ratings?|outcomes?|results?|feedback|verdict|inspection)"
_BODY = r"(?:ofsted|inspectors?|watchdog|regulator|inspection|report|letter|findings|commission|cqc|inspectorate|visit)"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_FOUND = (
    r"(?:found|finds?|prais\w+|not(?:es|ed|ing)|highlight\w*|says?|said|recogni[sz]\w+|conclud\w+|identif\w+"
    r"|commend\w*|describ\w+|confirm\w*|acknowledg\w+|reveal\w*|warn\w*"
    r"|criticis\w+|judge[sd]?|rate[sd]?|grade[sd]?|states?|stated|point(?:s|ed)|show(?:s|ed)|hail\w*|applaud\w*"
    r"|impressed|see|saw|report(?:s|ed)|delivered|tells?|told|observed|applauded|raised|welcomed)"
)
_RATED = (
    r"(?:rated|judged|graded|awarded|given|handed|received|achieved|secured|earned|retained|maintained|kept|upgraded"
    r"|downgraded|moved|improved|declined|fallen|found|praised|recognised|hailed|commended|told|criticised|described"
    r"|branded|won|gained|scored|jumped)"
)

NEW = cues(
    ("published today", 7, rf"\b(?:{_OUT}|{_PAPER}|rat(?:ed|ing)|judged|said|out)\b[^.;]{{0,70}}\b(?:today(?!'s"
                           rf" children)|this (?:morning|afternoon|week)|yesterday|earlier this week)\b"),
    ("published today", 7, rf"\b(?:today(?! (?:are|is)\b)|this (?:morning|afternoon|week)|yesterday)\b[^.;]{{0,70}}"
                           rf"\b(?:{_OUT}|reports?|letter|findings|judge?ments?|(?<!-)rated|judged)\b"),
    ("published on a day", 5, rf"\b{_PAPER}\b[^.;]{{0,60}}\b{_OUT} (?:by ofsted )?(?:on|last) (?:{_DAY}|week|\w+"
                              rf" \d|\d)|\b{_OUT} (?:its|the|a|their)\b[^.;]{{0,40}}\b(?:on|last) (?:{_DAY}|week)"
                              rf"|\b(?:ofsted|inspectors|watchdog|regulator)(?: \w+)? (?:announc\w+|reveal\w+"
                              rf"|confirm\w+"
                              rf"|said|ruled|declared)(?: \w+)? (?:on|last) {_DAY}"),
    ("has now been published", 6, rf"\b(?:ofsted|inspectors|watchdog|regulator|cqc|commission"
                                  rf"|{_PAPER})\b[^.;]{{0,60}}\b(?:has|have) (?:now |just |today |recently |finally "
                                  rf"|also )*(?:been )?{_OUT}(?! its annual| guidance| new)"),
    ("has been rated", 5, rf"\b(?:has|have|'ve) (?:now |just |also |once |again |been |officially |all |both "
                          rf"|today |recently |successfully |proudly )*{_RATED}\b"),
    ("new report", 4, r"\b(?:new|latest|fresh|newly[- ]published|just[- ]published|recent(?:ly)?|glowing|damning"
                      r"|positive|scathing|highly critical|today's)(?: [\w'-]+){0,4}? (?:report|inspection|letter"
                      r"|judge?ment|rating|visit|findings|outcome)s?\b"),
    ("published a letter", 5, r"\b(?:have|has)? ?published (?:a|its|their|the)(?: [\w'-]+){0,3} (?:letter|report"
                              r"|findings)\b"),
    ("after an inspection", 2, r"\b(?:following|after)(?: [\w'-]+){0,6} (?:inspection|visit|review|assessment)\b"),
    ("inspectors found", 3, rf"\b{_BODY}\b[^.;]{{0,50}}\b{_FOUND}\b|\b(?:according to|in the eyes of|by|from|say"
                            rf"|says)(?: the)? (?:ofsted|inspectors|watchdog|a report)\b"),
    ("praised by inspectors", 4, r"\b(?:prais\w+|commend\w+|recogni[sz]\w+|hailed|highlight\w+|applauded"
                                 r"|criticis\w+|upgraded|rated|judged|graded|awarded|described)(?: [\w'-]+){0,8}"
                                 r" (?:by|from|in)(?: the| an| a)?(?: [\w'-]+){0,2} (?:ofsted|inspectors"
                                 r"|inspection|inspectorate|watchdog)\b"),
    ("the report is out", 4, r"\b(?:the )?(?:full )?(?:report|letter)(?: [\w'-]+){0,6} (?:is (?:now )?(?:available"
                             r"|online|out)|can be (?:read|found|viewed|seen)|is on|here)\b"),
)  # fmt: skip
HEADLINES = cues(
    ("a response in the headline", 4, r"\b(?:welcom\w+|respon\w+|accept\w+|reassur\w+|celebrat\w+|delight\w*"
                                      r"|prais\w+|hits? back|proud|pleased|recogni[sz]\w+|improv\w+|progress"
                                      r"|glowing|damning|positive|highlight\w*|commend\w*|applaud\w*)\b"),
    ("a rating in the headline", 4, r"\b(?:rated|rating|judge?ment|judged|graded|grade|awarded|top marks|verdict"
                                    r"|upgraded|downgraded|(?:outstanding|inadequate|requires improvement)(?!['\"]?"
                                    r" (?:school|nursery|home"
                                    r"|academy|college|council|team|work|staff|service|fostering|teacher|head|social"
                                    r" worker)))\b"
                                    r"|['\"]good['\"]"),
    ("a finding in the headline", 4, rf"\b(?:ofsted|inspect\w+|report|watchdog)\b.*\b{_FOUND}\b"
                                     rf"|\b{_FOUND}\b.*\b(?:ofsted|inspect\w+|watchdog)\b"),
)  # fmt: skip
BEFORE = cues(
    ("the outcome is expected", 7, rf"\b(?:{_PAPER}|grading)\b[^.;]{{0,60}}\b(?:expected|anticipated"
                                   rf"|(?<!long-)await\w+|due (?:to be|on|in|next|out|later|this|by|monday|before"
                                   rf"|within)|likely (?:to|not|until)|(?:will|would|should) (?:then )?(?:be"
                                   rf"|not be|also be|only be|come)"
                                   rf" (?:published|released|announced|made public|known|available|issued|confirmed"
                                   rf"|out|shared|in|after)"
                                   r"|is to be published|are to be published|to follow|yet to be|(?:have|has|had)"
                                   r" (?:not|yet)(?: yet)?(?: to)? be(?:en)? (?:published|released)|hasn't been"
                                   r"|not (?:yet )?(?:be )?(?:published|released)|set to be (?:published|released)"
                                   r"|pending)\b(?!.{0,20}standard)"),
    ("an unpublished report", 7, r"\b(?:unreleased|unpublished|draft (?:report|findings|letter|judge?ment)|report"
                                 r" (?:was |has been )?draft\w*|leaked|embargo\w*|delayed (?:ofsted )?report|not"
                                 r" yet published|still (?:has|have|hasn't|haven't)(?: not)? published|ahead of"
                                 r" (?:its|the) publication|(?:report|publication|findings"
                                 r"|rating)\b[^.;]{0,70}\b(?:delayed|postponed|put back|held back))\b"),
    ("awaiting the outcome", 7, rf"\b(?:(?<!long-)await\w*|wait(?:ing|s)? for|expect(?:s|ing)?|ahead of)(?:"
                                rf" [\w'-]+){{0,4}} (?:{_PAPER}|grade)\b(?! to improve)"),
    ("an inspection to come", 7, r"\b(?:is|are|was|were|be) (?:now |soon |currently )?(?:due (?:an?|for|its|to be"
                                 r" inspected|to (?:arrive|visit|begin|start|return|inspect))|to be (?:visited"
                                 r"|inspected)|about to be inspected|set to be inspected|being inspected|preparing"
                                 r" for|getting ready|under inspection|expecting (?:an?|the|ofsted))\b"),
    ("an inspection under way", 7, r"\b(?:inspection|inspectors|ofsted|watchdog|fieldwork)\b[^.;]{0,40}\b(?:(?:is"
                                   r"|are|currently) (?:now |currently )?(?:under ?way|on site|in"
                                   r" (?-i:[A-Z])\w+(?: \w+)? (?:this|next) week|in (?:the )?(?:city|town|borough"
                                   r"|county|area|council)|visiting|inspecting|carrying out|taking place)|(?:has"
                                   r"|have) (?:begun|started|arrived|returned|launched|come back|announced (?:that"
                                   r" |an |it |its ))|(?:begins|began|starts|started|arrive|arrived|return(?:s)?)"
                                   r" (?:on|yesterday|today|this|next"
                                   r"|in|to)|will (?:begin|start|arrive|visit|take place|be (?:visiting|inspecting"
                                   r"|in|here|carrying|on site|looking)|look at|carry out|speak|want))\b"),
    ("getting ready", 7, r"\b(?:read(?:y|ies|ying) (?:itself|themselves|for)|prepar(?:es|ing|ation|ations) for"
                         r" (?:an? |the |our |its |next )?(?:[\w-]+ ){0,3}(?:inspection|ofsted|visit)|brac(?:es|ed"
                         r"|ing) for|gear(?:s|ing) up for|inspection[- ]ready|get ready for|countdown)\b"),
    ("notice of an inspection", 7, r"\b(?:notified|notification|notice|told us) (?:of|that|by|about)(?:"
                                   r" [\w'-]+){0,6} (?:inspect\w+|ofsted)|days' notice\b|\b(?:complete|fill in"
                                   r"|take part in) (?:the|this|a|our)(?: [\w'-]+){0,3} survey\b|\bshare your"
                                   r" (?:views|experiences) with (?:the )?(?:ofsted|inspectors)|\bmeet (?:the"
                                   r" )?inspectors\b"),
    ("should be graded", 7, r"\b(?:should|will|could|might|may) (?:be|get|receive|find out|learn|hear)(?:"
                            r" [\w'-]+){0,4} (?:graded|its grade|its rating|new rating|a new rating|their fate)\b"),
    ("should be graded", 7, r"\b(?:will|to) (?:learn|find out|discover|hear|know)(?: [\w'-]+){0,3} (?:whether|if|how)\b"
                            r"|\b(?:ofsted|inspect\w+|report|verdict|ratings?|findings)\b[^.;]{0,40}\btomorrow\b"),
    ("an inspection foreseen", 2, r"\b(?:inspectors?|ofsted|they)\b(?: [\w'-]+){0,3} (?:will|is expected to|are"
                                  r" expected to|plans? to|due to) (?:return|re-?visit|re-?inspect|come back|carry"
                                  r" out further|monitor)\b|\b(?:next|future) (?:full )?inspection\b"),
)  # fmt: skip
_FUTURE = phrase(
    r"\b(?:will|would|to) be (?:published|released|announced)|\bexpected\b|\bunreleased\b|\bdraft\b|\bhas(?:n't|"
    r" not) (?:yet )?(?:been )?published|\bdelayed\b"
)
_OUTCOME = phrase(
    r"\b(?:ofsted|inspect\w*|watchdog|regulator|ratings?|rated|judge?ments?|judged|grade\w*|reports?|letter|visit"
    r"|verdict|findings|jtai)\b"
)
_PUBLISHED = phrase(rf"\b{_OUT}\b.*\b{_PAPER}\b|\b{_PAPER}\b.*\b{_OUT}\b")
_STARTS = phrase(
    r"\b(?:began|begun|begins?|start(?:s|ed|ing)?|arriv(?:e|es|ed|ing)|under ?way)\b(?: [\w'-]+){0,4} (?:today"
    r"|yesterday|this)\b"
)
_WILL = phrase(r"\b(?:will|we'll|they'll)\b")
_ANNIVERSARY = phrase(r"\bmarks\b|\banniversary\b|\b(?:months?|years?) (?:since|on|ago|after)\b")
_PAPERS = phrase(rf"\b(?:{_PAPER}|ofsted|inspectors|watchdog|regulator|rated|judged|graded)\b")
_AGED = phrase(r"\b(?:more than|over) (?:1|one|two|\d+) years? old\b")


# Cues that tell of a grade, and say nothing where the grade in their sentence is an earlier one.
_OF_A_GRADE = frozenset(
    {"has been rated", "praised by inspectors", "inspectors found", "a rating in the headline", "after an inspection"}
)


class Graded(Struct, frozen=True, kw_only=True):
    """Sentences that give a new grade, and those that give earlier ones or epithets alone, by index."""

    anew: frozenset[int]
    earlier: frozenset[int]
    epithets: frozenset[int]  # of the earlier, those of epithets alone: "Mayor visits outstanding school"
    scale: bool  # whether the kind has grades


class Timing(Struct, frozen=True, kw_only=True):
    """before, announced, after or undecided, and the cue that decided."""

    certainty: Certainty
    why: str
    cue: str = ""  # the name of the cue that decided, where one did


def timing(read: Sequence[Sentence], published: Day | None, now: date | None, graded: Graded) -> Timing:
    """Whether the page announces. published: when the outcome came out, as far as the text says; now: its own date."""
    before, after = hits(BEFORE, read), hits(AFTER, read)
    new = [hit for hit in hits(NEW, read) if not (hit.cue.weight > 2 and _FUTURE.search(hit.sentence.plain))]
    new += hits(HEADLINES, (sentence for sentence in read if sentence.title))
    new = [hit for hit in new if _counts(hit, graded)]
    spoken_of = [hit for hit in after if not (hit.cue.name == "some time ago" and hit.sentence.index in graded.anew)]
    opening = any(
        _OUTCOME.search(sentence.plain) or sentence.index in (graded.anew | graded.earlier) - graded.epithets
        for sentence in read[:2]
    )
    if not opening and not any(hit.cue.weight == 7 for hit in new):
        return Timing(
            certainty=Certainty.AFTER,
            why="no outcome in the headline or the first sentence: the page is about something else",
        )
    today = [hit for hit in new if hit.cue.weight == 7]
    spoken_of = [hit for hit in spoken_of if not (today and _follows(hit))]
    if stale := _stale(read, published, now):
        return Timing(certainty=Certainty.AFTER, why=stale, cue="an earlier report" if published else "")
    decisive = _decisive(before, today, new)
    if decisive:
        return Timing(certainty=Certainty.BEFORE, why=f"before the outcome: {decisive}", cue=decisive.cue.name)
    spoken = _decisive_after(spoken_of, today, new)
    if spoken:
        return Timing(certainty=Certainty.AFTER, why=f"an outcome told before: {spoken}", cue=spoken.cue.name)
    weighed = _weighed(new, before, spoken_of, graded)
    if weighed.certainty == Certainty.ANNOUNCED and _in_passing(read, new, graded):
        return Timing(certainty=Certainty.UNDECIDED, why=f"undecided: told by the way only, {weighed.why}")
    return weighed


def _follows(hit: Hit) -> bool:
    """Whether it is a step that somebody says will follow: a plan, money or a meeting to come makes nothing old."""
    steps = {*_SUBJECTS, "a plan approved"}
    return not hit.sentence.title and hit.cue.name in steps and bool(_WILL.search(hit.sentence.plain))


def _counts(hit: Hit, graded: Graded) -> bool:
    """Whether a cue of news is one: not where its sentence gives earlier grades alone, nor of what nobody inspected."""
    earlier = hit.sentence.index in graded.earlier
    if hit.cue.name == "published today":
        if _ANNIVERSARY.search(hit.words):
            return False
        if _STARTS.search(hit.sentence.plain):
            return False
        return bool((_PUBLISHED if earlier else _PAPERS).search(hit.sentence.plain))
    return not (earlier and hit.cue.name in _OF_A_GRADE)


def _stale(read: Sequence[Sentence], published: Day | None, now: date | None) -> str | None:
    if any(_AGED.search(sentence.plain) for sentence in read[:4]):
        return "an old page: it says so itself"
    if published and now and published.last and now - published.last > STALE:
        return f"an outcome told before: the report is of {published}"
    return None


def _decisive(before: Sequence[Hit], today: Sequence[Hit], new: Sequence[Hit]) -> Hit | None:
    """A word of the future that rules: in the headline or the lead, with nothing said to be published."""
    strong = [hit for hit in before if hit.cue.weight > 2]
    out = [hit for hit in new if hit.cue.weight >= 5 and hit.cue.name != "has been rated"]
    for hit in strong:
        if hit.sentence.title and not any(other.sentence.title for other in today):
            return hit
        if hit.sentence.lead and not [other for other in out if other.sentence.index <= hit.sentence.index]:
            return hit
    return None


_SUBJECTS = frozenset({"a strategy", "money", "politics", "an award or event"})  # beside an outcome as well as without
_IS_OUT = frozenset({"published on a day", "has now been published", "published a letter"})


def _decisive_after(after: Sequence[Hit], today: Sequence[Hit], new: Sequence[Hit]) -> Hit | None:
    """A word of the past that rules: in the first sentences, and not after what tells of an outcome just out."""
    if today:
        return None
    headline = any(hit.sentence.title and hit.cue.weight >= 4 for hit in new)
    strong = [
        hit for hit in after if hit.cue.weight >= 5 and (hit.sentence.index < 2 or (hit.sentence.lead and not headline))
    ]
    titled = [hit for hit in after if hit.sentence.title and hit.cue.weight >= 4]
    out = headline and any(hit.cue.name in _IS_OUT for hit in new if hit.sentence.lead)
    return next((hit for hit in [*titled, *strong] if not (out and hit.cue.name in _SUBJECTS)), None)


_IN_PASSING = phrase(
    r"(?<!report)(?<!inspection)(?<!letter)(?<!judgement),? (?:which|that|who|whose [\w'-]+)(?: (?:was|were|is|are"
    r"|has been"
    r"|have been|had been))? (?:ofsted |inspectors |the watchdog |the regulator )?(?:says?|said|rated|judged|graded"
    r"|found"
    r"|branded|deemed|told|described)\b"
)


def _in_passing(read: Sequence[Sentence], new: Sequence[Hit], graded: Graded) -> bool:
    """Whether an outcome is told only by the way, within a story whose headline is of something else."""
    if any(_OUTCOME.search(sentence.plain) or sentence.index in graded.anew for sentence in read[:1]):
        return False
    telling = [hit.sentence for hit in new if hit.cue.weight > 2]
    return bool(telling) and all(_IN_PASSING.search(sentence.plain) for sentence in telling)


def _weight(found: Sequence[Hit]) -> float:
    """Each cue once, at its best place: the headline counts twice."""
    best: dict[str, float] = {}
    for hit in found:
        place = 2.0 if hit.sentence.title else 1.5 if hit.sentence.lead else 1.0
        best[hit.cue.name] = max(best.get(hit.cue.name, 0.0), hit.cue.weight * place)
    return sum(best.values())


def _weighed(new: Sequence[Hit], before: Sequence[Hit], after: Sequence[Hit], graded: Graded) -> Timing:
    strength, earlier, later = (
        _weight(new) + (3 if graded.anew and graded.scale else 0),
        _weight(before),
        _weight(after),
    )
    said = next(iter(sorted(new, key=lambda hit: -hit.cue.weight)), None)
    if said is not None and strength >= 4 and strength > earlier and strength > later:
        return Timing(certainty=Certainty.ANNOUNCED, why=f"an outcome is out: {said}")
    if said is not None and strength >= 4 and strength >= 0.8 * max(earlier, later):
        other = max((*before, *after), key=lambda hit: hit.cue.weight)
        return Timing(certainty=Certainty.UNDECIDED, why=f"undecided: {said}, but {other}")
    if earlier > max(strength, later):
        said = max(before, key=lambda hit: hit.cue.weight)
        return Timing(certainty=Certainty.BEFORE, why=f"before the outcome: {said}", cue=said.cue.name)
    if later > strength:
        said = max(after, key=lambda hit: hit.cue.weight)
        return Timing(certainty=Certainty.AFTER, why=f"an outcome told before: {said}", cue=said.cue.name)
    if graded.anew and graded.scale:
        return Timing(certainty=Certainty.UNDECIDED, why="undecided: nothing tells whether the outcome is new")
    return Timing(certainty=Certainty.AFTER, why="nothing says that an outcome is out")
