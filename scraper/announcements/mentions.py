"""Where a sentence gives a grade: the words of the scale, and what tells a grade from an ordinary "good"."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from inspections.model import Grade, Kind
from scraper.announcements.cues import Cue, Sentence, cues, phrase

EDUCATION = frozenset({Kind.SCHOOL, Kind.EARLY_YEARS, Kind.FURTHER_EDUCATION})

_TO_BE_GOOD = (
    r"(?:in order )?to be\W{1,3}(?:(?:rated|judged|graded|considered|classed|deemed) )?(?:as )?(?:a |an"
    r" )?(?:consistently )?['\"]?good['\"]?"
)
# The longest first: "requires improvement to be good" is one grade, and no "good" is left in it.
_WORDS: tuple[tuple[Grade, str], ...] = (
    (Grade.REQUIRES_IMPROVEMENT, rf"\b(?:requir(?:es?|ed|ing)|need(?:s|ed|ing)?)\b['\"]? (?:to )?(?:[a-z]+"
                                 rf" )?improve(?:ments?)?\b['\"]? {_TO_BE_GOOD}"),
    (Grade.REQUIRES_IMPROVEMENT, r"\brequir(?:es?|ed|ing)\b['\"]? (?:of )?improvements?\b"),
    (Grade.REQUIRES_IMPROVEMENT, r"\b(?-i:RI)\b(?: to be good)?"),
    (Grade.REQUIRES_IMPROVEMENT, r"(?<=['\"])improvement (?:is )?required(?=['\"])|(?<=['\"])needs"
                                 r" improvement(?=['\"])"),
    (Grade.NOT_JUDGED, r"\bnot (?:judged|graded)\b(?=['\"])"),
    (Grade.OUTSTANDING, r"\boutstanding\b"),
    (Grade.GOOD, r"\bgood\b"),
    (Grade.INADEQUATE, r"\binadequate(?:ly)?\b"),
    (Grade.ADEQUATE, r"\badequate\b"),
)  # fmt: skip
_REPORT_CARD: tuple[tuple[Grade, str], ...] = (
    (Grade.STRONG_STANDARD, r"\bstrong standard\b"),
    (Grade.EXPECTED_STANDARD, r"\bexpected standard\b"),
    (Grade.NEEDS_ATTENTION, r"\bneeds? attention\b"),
    (Grade.URGENT_IMPROVEMENT, r"\burgent improvement\b"),
    (Grade.EXCEPTIONAL, r"\bexceptional\b"),
    (Grade.NOT_MET, r"(?<=safeguarding )(?:[a-z' -]{0,40}?['\"]?)\bnot met\b"),
    (Grade.MET, r"(?<=safeguarding )(?:[a-z' -]{0,40}?['\"]?)\bmet\b"),
)  # fmt: skip
REPORT_CARD = frozenset(grade for grade, _ in _REPORT_CARD)
_OTHER_WORDS: tuple[tuple[Grade, str], ...] = (
    (Grade.GOOD, r"\bsecond[- ]highest (?:possible )?(?:ofsted )?(?:rating|grade|grading|judge?ment|mark)\b"),
    (Grade.OUTSTANDING, r"(?<!second[ -])\b(?:top|highest)(?:[- ]possible)?(?: ofsted)? (?:rating|grade|grading"
                        r"|judge?ment|mark)\b"),
    (Grade.INADEQUATE, r"(?<!second[ -])\blowest(?: possible)?(?: ofsted)? (?:rating|grade|grading|judge?ment|mark)\b"),
)  # fmt: skip
_GIVEN = phrase(
    r"\b(?:handed|award\w+|giv(?:en|es|ing)|gave|receiv\w+|achiev\w+|earn\w+|secur\w+|gain\w+|retain\w+|maintain\w+"
    r"|kept|land\w+|scor\w+|got"
    r"|won|hold(?:s|ing)?|held|attain\w+|obtain\w+|rated|celebrat\w+)\b[^.;]{0,70}\Z"
)

_RATING = (
    r"(?:ratings?|standards?|grad(?:e|es|ed|ing|ings)|judge?ments?|verdicts?|scores?|marks?|status|overall|ofsted"
    r"|outcomes?|results?|inspections?|reports?|category|assessments?)"
)
_RATE = (
    r"(?:rat(?:ed|es?|ing)|grad(?:ed|es?|ing)|judg(?:ed|es?|ing)|deem(?:ed|s|ing)?|rank(?:ed|s|ing)|scor(?:ed|es"
    r"|ing)|label(?:led|s|ling)|brand(?:ed|s|ing)"
    r"|class(?:ed|es|ified|ing)|assess(?:ed|es|ing)|declar(?:ed|es|ing)|consider(?:ed|s)?|found|finds|describ(?:ed"
    r"|es|ing)|mark(?:ed|s)|ruled|said|says|say|named"
    r"|call(?:s|ed)|conclud(?:ed|es|ing)|stat(?:ed|es|ing)|confirm(?:ed|s|ing)|hail(?:ed|s)|recognis(?:ed|es|ing))"
)
_GET = (
    r"(?:award(?:ed|s|ing)?|receiv(?:ed|es?|ing)|hand(?:ed|s)|giv(?:en|es|ing)|gave|achiev(?:ed|es?|ing)|secur(?:ed"
    r"|es?|ing)|earn(?:ed|s|ing)?|gain(?:ed|s|ing)?"
    r"|got|gets?|won|wins?|land(?:ed|s)|celebrat(?:ed|es|ing)|retain(?:ed|s|ing)?|maintain(?:ed|s|ing)?|keeps?|kept"
    r"|keeping|holds?|held|holding|sustain(?:ed|s|ing)"
    r"|remain(?:ed|s|ing)?|stay(?:ed|s|ing)?|upgrad(?:ed|es|ing)|downgrad(?:ed|es|ing)|improv(?:ed|es|ing)|mov(?:ed"
    r"|es|ing)|ris(?:en|es|ing)|rose|jump(?:ed|s|ing)?"
    r"|leap(?:t|s|ed)?|gone|went|goes|fell|fall(?:s|en)|slip(?:s|ped)|drop(?:s|ped)|raised?|lift(?:ed|s)"
    r"|progress(?:ed|es)|reach(?:ed|es)|return(?:ed|s|ing)?"
    r"|obtain(?:ed|s)|attain(?:ed|s)|scoops?|scooped|hits?|delivered|turn(?:ed|s)|spun|dub(?:bed|s)|become|became"
    r"|picked up|come out|came out|emerged|shed)"
)
_FILL = (
    r"(?:(?:as|to|to be|being|be|been|a|an|the|its|their|our|overall|now|only|just|simply|still|once|again|another"
    r"|first|ever|solid|coveted|prestigious|consistently|all|at|that|it|was|is|are|were|remains|official|prized|from"
    r"|of|back|straight|up|down|two|three|double|full|glowing|out)[\s,]+)*"
)
# What gives a grade, looked for to the left of the word, nearest first; and to its right.
LEFT = cues(
    ("rated so", 3, rf"\b{_RATE}[\s,]+{_FILL}['\"(]*\Z"),
    ("given the grade", 3, rf"\b{_GET}[\s,]+{_FILL}['\"(]*\Z"),
    ("rated so, after its object", 3, rf"\b(?:rat|grad|judg|deem|brand|rank|assess|class|mark)(?:ed|es|ing|e"
                                      rf"|s)\b(?: [^\s.;:]+){{1,40}}? (?:as |to be |is |are |being |was |were "
                                      rf"|remain(?:s|ed)? |at )?{_FILL}['\"(]*\Z"),
    ("moved to a grade", 3, rf"\b(?:upgrad|downgrad|lift|rais|mov|promot)(?:ed|es|ing|e|s)\b(?: [^\s.;:]+){{1,12}}? to"
                            rf" {_FILL}['\"(]*\Z"),
    ("from one grade to another", 3, r"\bfrom (?:\w+ ){0,5}?(?:an? )?['\"]?(?:outstanding|good|requir\w+"
                                     r" improvement|inadequate|adequate)\b.{0,40} to (?:be(?:ing|come)? )?(?:an?"
                                     r" )?(?:rating of )?['\"(]*\Z"),
    ("dated in brackets", 2, r"\((?:in |from |of )?\d{4}:? ?(?:rated |- )?['\"]*\Z"),
    ("a rating of", 3, rf"\b{_RATING} (?:of|as|is|was|to|at|remains|has been|being|now)[\s:]+{_FILL}['\"(]*\Z"),
    ("the area is", 3, r"\b(?:overall effectiveness|overall|protection|(?:in )?care|care leavers|leaders|leadership"
                       r"|adoption|children board|categor\w+|areas?|judge?ments?|ratings?)"
                       r"[\w\s,]{0,60}? (?:(?:is|are|was|were|has been|have been|remains?|being)(?: (?:now|all"
                       r"|also|therefore|still|both|found to be|judged|rated|graded|deemed))*|:|-) (?:as |to be"
                       r" )?['\"(]*\Z"),
    ("the services are", 2, r"\b(?:services?|department|authority|council|county|borough|city|provision|home|school"
                            r"|nursery|college"
                            r"|trust|it|they|them|we|agency|centre|pre-school|scheme|academy|corporation|partnership"
                            r"|company)\b"
                            r"(?: (?:overall|here|there)|(?:,)? (?:in|on|at|across|for|run by|provided by)(?:"
                            r" [\w'&-]+){1,6}?)?(?:'s|'re| (?:is|are|was|were|be|being|remains?|has been|have"
                            r" been|had been))(?: (?:no longer|now|again|still|currently|officially|all|both|also"
                            r"|already|previously"
                            r"|once again|now officially))* (?:as |a |an )?['\"(]*\Z"),
    ("the services require", 2, r"\b(?:services?|department|authority|council|provision|home|school|nursery|college"
                                r"|trust|it|they|which|who|areas?|categories|others|two|three|four|five|one|care"
                                r"|leavers"
                                r"|protection|leaders|leadership|management|education|development|attitudes|county|borough|city|also|still|both|all|and"
                                r"|agency|boss(?:es)?|previously|formerly|had|having|once)[ ,]+(?:also |still |now "
                                r"|all "
                                r"|both |continues? to |to )*['\"(]*\Z"),
)  # fmt: skip
RIGHT = cues(
    ("a rating", 3, rf"^['\")]*[\s-]+(?:{_RATING}|(?:overall|ofsted|and \w+|or \w+|children's services|new|latest"
                    rf"|inspection) {_RATING})\b"),
    ("for an area", 2, r"^['\")]*,? (?:for|in|across) (?:(?:its|the|all|every|our|their|both|each|overall|leader\w*"
                       r"|inclusion|achievement|attendance|curriculum"
                       r"|help|children|young people|care|those|impact|most|one|two|three|four|five|six|\d|another"
                       r"|quality"
                       r"|behaviour"
                       r"|personal|safeguarding|any|some|adoption|experiences)\b)"),
    ("in all areas", 2, r"^['\")]*,? (?:in|across) (?:all|every|each|the board)\b"),
    ("overall", 2, r"^['\")]*,? overall\b"),
    ("a list of areas", 2, r"^['\")]*:\s*\S"),
)  # fmt: skip
# The word that follows an adjective is its noun, unless it is one of these.
_NO_NOUN = phrase(
    r"^(?:['\")\]]*\s*(?:[.,;:!?()\]|/-]|\Z)|['\"]?\s*(?:by|in|for|across|after|following|and|or|but|with|at|on|from"
    r"|to|since|again|once|twice|when|while|as|which|that|who|the|because|despite"
    r"|under|rather|than|last|this|today|now|previously|until|before|throughout|during|due|a|an|against|it|its|their"
    r"|we|our|he|she|they|having|according|up|down|also|both"
    r"|nationally|for|though|although|where|between|just|almost|nearly|only|even|two|three|four|five|six|seven|eight"
    r"|nine|ten|second|first|third|too|through|whose|being|is|was|are|were"
    r"|has|have|had|says|said|wins|earns|because|so|then|there|upon|is|if|yet|not|inspectors|ofsted|watchdog|over"
    r"|every|all|no (?:more|longer)|across|via|within|without|six|thanks|regarding|against|recently|earlier"
    r"|apart|except|bar|other than)\b"
    rf"|['\"]?\s*{_RATING}\b|['\"]\s)"
)
_AREA_BEFORE = phrase(
    r"\b(?:achievement|inclusion|behaviour|development|well-?being|governance|management|teaching|provision"
    r"|leadership|years)(?: also| still)?[ :-]+\Z"
)
# An area of a report card, however it is joined to its band: "inclusion was at the 'expected standard'".
_OF_AN_AREA = phrase(
    r"\b(?:achievement|inclusion|behaviour|attitudes|development|well-?being|welfare|governance|management|teaching"
    r"|provision|leadership|routines|training)(?: (?:also|still|both|all|each|each of which|which))* (?:is|are|was|were"
    r"|as|being|at|met|meets?|reach(?:es|ed)|has|have)(?: (?:been|being|both|all|each|also|still|now|judged|rated"
    r"|graded"
    r"|found|deemed|to|be|as|at|of|meet\w*|the|an?))* ['\"(]*\Z"
)
# "A good result" and "outstanding results" are nobody's grade, unless somebody marks the word.
_ORDINARY_NOUN = phrase(r"^ (?:results?|outcomes?|reports?|inspections?|assessments?)\b")
_FROM_LEFT = phrase(r"\bfrom (?:(?:an?|being|its|the|rated|judged|previous) )*['\"]?\Z")
_TO_RIGHT = phrase(
    r"^['\")]* (?:(?:rating|grade|judge?ment) )?(?:(?:right|straight|all the way|up|down) )*(?:in)?to (?:(?:an?|being"
    r"|now|just) )*"
    r"['\"]?(?:outstanding|good|requir\w+ improvement|inadequate|adequate)\b"
)
_QUOTED = phrase(r"['\"]\Z"), phrase(r"^['\"]")

# A word of the scale that gives nobody a grade.
LEFT_BLOCKS = cues(
    ("an aim", 1, r"\b(?:journey|path|road|route|way|aims?|aiming|ambitions?|aspir\w+|striv\w+|want(?:s|ing)?"
                  r"|hop(?:e|es|ing)|goals?|target|towards?|become|becoming|determined|push|drive|driving"
                  r"|aspiration|potential|commit\w+|working|expect(?:s|ed)? to|could be|would be|will be|should be"
                  r"|may be|might be|can be|needed|need(?! (?:of )?(?:help|protection|support))|must be|if|whether)(?:"
                  r" [\w']+){0,6} ['\"(]*\Z"),
    ("short of it", 1, r"\b(?:short of|below|less than|not(?: yet)?(?: consistently)?|never|isn't|aren't|wasn't"
                       r"|weren't|nor|neither|close to|nearly|almost|just missed|lower than|far from|anything but"
                       r"|hardly|by no means)(?: (?:judged|rated"
                       r"|being|be|a|as|the|to|graded))* ['\"(]*\Z"),
    ("what it looks like", 1, r"\bwhat (?:a )?(?:\w+ )?['\"(]*\Z"),
    ("statistics", 1, r"(?:\d|per cent|percent|%|proportion|number|majority|most)[\w\s,.'-]{0,60} (?:schools"
                      r"|nurseries|providers|homes|settings|pupils|authorities|councils"
                      r"|boroughs)[\w\s]{0,40}['\"(]*\Z"),
    ("where it is required", 1, r"\b(?:aspects?|things|some|elements?|issues?|matters?|practice|work|where|what"
                                r"|however|recording|plans?|areas? (?:of practice |which |that |still |for )?(?:that"
                                r"|which|still|of|identified|it said|as)?)"
                                r"(?: (?:that|which|still|also|it|they))* ['\"(]*(?=\Z)(?<!\d)(?<!two areas"
                                r" )(?<!areas as )(?<!area as )"),
    ("compared to others", 1, r"\b(?:no other|any other|other (?:councils|authorities|homes"
                              r"|schools))[\w\s]{0,40}['\"(]*\Z"),
)  # fmt: skip
LEFT_BLOCKS += cues(
    ("one grade or another", 1, r"\b(?:outstanding|good|better|inadequate|improvement)['\"]? (?:or|and/or) ['\"(]*\Z"),
)
RIGHT_BLOCKS = cues(
    ("or another grade", 1, r"^['\"]* (?:or|and/or) (?:better|above|higher|good|outstanding|inadequate|requires"
                            r"|requiring)\b"),
    ("an ordinary good", 1, r"^['\"]* (?:for (?:everyone|us|them|you|children and|the (?:children|city|county"
                            r"|borough|area|town|community))|news|enough|in (?:parts|places|some)|at (?:\w+ing)|to"
                            r" (?:see|hear|have|know|read))\b"),
    ("in between", 1, r"^['\"]* (?:and|&) ['\"]*(?:outstanding|good|exceptional|poor) (?:practice|work|services"
                      r"|schools|providers|quality)"),
)  # fmt: skip
_SCALE = phrase(
    r"\b(?:either|range[sd]?|scale|four[- ](?:point|tier)|grading system|possible (?:grades|ratings|judge?ments"
    r"|outcomes)|one of (?:four|five)|ratings? (?:go|are|system)|grades (?:go|are)"
    r"|four (?:grades|ratings|categories|judge?ments|point)|ratings of|can be (?:rated|graded|judged)|are (?:rated"
    r"|graded) (?:as )?['\"]?(?:outstanding|inadequate))\b|\bgrade \d\b|\(\d\)"
)


class Mention(Struct, frozen=True, kw_only=True):
    """A grade given at a place in a sentence."""

    grade: Grade
    sentence: Sentence
    start: int
    end: int
    cue: Cue
    paraphrase: bool = False  # "the top rating"


def mentions(sentence: Sentence, kind: Kind) -> list[Mention]:
    """The grades that this sentence gives somebody, in order. A sentence that explains the scale gives none."""
    words = list(_words(sentence.plain, kind))
    if len({grade for grade, *_ in words}) >= 3 and _SCALE.search(sentence.plain):
        return []
    found = []
    for grade, start, end, paraphrase in words:
        cue = _cue(sentence, grade, start, end, paraphrase)
        if cue:
            found.append(Mention(grade=grade, sentence=sentence, start=start, end=end, cue=cue, paraphrase=paraphrase))
    return _continued(sentence, words, found)


def _words(text: str, kind: Kind) -> Iterator[tuple[Grade, int, int, bool]]:
    """(grade, start, end, whether paraphrased) of every word of the scale; none within another."""
    taken: list[tuple[int, int]] = []
    rows = [(grade, pattern, False) for grade, pattern in (_REPORT_CARD if kind in EDUCATION else ()) + _WORDS]
    rows += [(grade, pattern, True) for grade, pattern in _OTHER_WORDS]
    found = []
    for grade, pattern, paraphrase in rows:
        for match in phrase(pattern).finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                found.append((grade, *match.span(), paraphrase))
    yield from sorted(found, key=lambda row: row[1])


def _cue(sentence: Sentence, grade: Grade, start: int, end: int, paraphrase: bool) -> Cue | None:
    """What makes the word at start:end a grade; None where it is an ordinary word."""
    left, right = sentence.plain[max(0, start - 260) : start], sentence.plain[end : end + 80]
    left = left[max(left.rfind(";"), left.rfind(". ")) + 1 :]
    if any(row.pattern.search(left) for row in LEFT_BLOCKS) or any(row.pattern.search(right) for row in RIGHT_BLOCKS):
        return None
    if grade in (Grade.MET, Grade.NOT_MET):
        return IN_FULL
    if grade == Grade.NEEDS_ATTENTION and _AREA_BEFORE.search(left):
        return IN_FULL
    if grade in REPORT_CARD and _OF_AN_AREA.search(left):
        return IN_FULL
    if paraphrase:
        return LEFT[1] if _GIVEN.search(left) else None
    quoted = bool(_QUOTED[0].search(left) and _QUOTED[1].search(right))
    if not quoted and not _NO_NOUN.search(right):
        return None
    if not quoted and sentence.printed[start].islower() and _ORDINARY_NOUN.search(right):
        return None
    if sentence.labels:
        return LIST_LINE
    improvement = grade == Grade.REQUIRES_IMPROVEMENT
    own = [row for row in LEFT if improvement or row.name != "the services require"]
    found = next((row for row in own if row.pattern.search(left)), None)
    if found is None and _FROM_LEFT.search(left) and _TO_RIGHT.search(right):
        return FROM_TO
    found = found or next((row for row in RIGHT if row.pattern.search(right)), None)
    if (
        found is None
        and (sentence.bullet or sentence.header or len(sentence.plain) < 90)
        and phrase(r"[-:|]\s*['\"]*\Z").search(left)
    ):
        return LIST_LINE
    if found is None and phrase(r"\s[-:]\s*['\"]*\Z").search(left) and phrase(r"^['\"]*\s*(?:[;,.)]|\Z)").search(right):
        return LIST_LINE
    if found is None and start < 3 and len(sentence.plain) < 90 and phrase(r"^['\"]?\s*[-|]\s*\w").search(right):
        return LIST_LINE
    if found is None and improvement and phrase(r"\bto be\b").search(sentence.plain[start:end]):
        return IN_FULL
    if (
        found is None
        and quoted
        and (sentence.title or phrase(r"\b(?:ofsted|inspect\w+|watchdog)\b").search(sentence.plain))
    ):
        return QUOTED
    return found


LIST_LINE, IN_FULL, QUOTED = cues(
    ("a line of a list", 4, r"(?!)"), ("the grade in full", 3, r"(?!)"), ("the grade in quotation marks", 1, r"(?!)")
)
FROM_TO = cues(("from one grade to another", 3, r"(?!)"))[0]
CONTINUED = cues(("beside another grade", 2, r"(?!)"))[0]
_BESIDE = phrase(r"^['\"),]* (?:and|with|but|while|or|,)?[^.;]{0,60}\Z")


RESPECTIVELY = phrase(r"^['\"]*,? respectively\b")
_AREA_JUST_AFTER = phrase(
    r"^['\"]* (?:leaders and managers|leadership(?: and management)?|care leavers?|help and protection|children in"
    r" care)\b"
)
_AREA_JUST_BEFORE = phrase(
    r"\b(?:leadership|leaders|protection|in care|leavers|effectiveness)['\"]? (?:as |at"
    r" |to be )?['\"]?\Z"
)
_NEXT_GRADE = phrase(r"\b(?:from|and|to|or|but) (?:an? |being )?['\"]\Z")


def _continued(sentence: Sentence, words: list[tuple[Grade, int, int, bool]], found: list[Mention]) -> list[Mention]:
    """A bare grade word with an area beside it counts where the sentence has given a grade already."""
    if not found:
        return found
    known = {mention.start for mention in found}
    for grade, start, end, paraphrase in words:
        after = sentence.plain[end : end + 40]
        left, quoted = (
            sentence.plain[:start],
            bool(_QUOTED[0].search(sentence.plain[:start]) and _QUOTED[1].search(after)),
        )
        near = (
            bool(quoted and _NEXT_GRADE.search(left))
            or bool(RESPECTIVELY.search(after))
            or bool(_AREA_JUST_AFTER.search(after) and (quoted or sentence.printed[start].isupper()))
            or bool(_AREA_JUST_BEFORE.search(left) and (quoted or _NO_NOUN.search(after)))
            or any(
                row.name in ("for an area", "in all areas", "overall") and row.pattern.search(after) for row in RIGHT
            )
        )
        if start in known or paraphrase or start < found[0].start or not near:
            continue
        behind = max(mention.end for mention in found if mention.start < start)
        if _BESIDE.search(sentence.plain[found[0].end : start][-60:]) or _BESIDE.search(sentence.plain[behind:start]):
            found.append(Mention(grade=grade, sentence=sentence, start=start, end=end, cue=CONTINUED))
    return sorted(found, key=lambda mention: mention.start)
