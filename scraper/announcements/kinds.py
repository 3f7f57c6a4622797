"""What sort of inspection a page speaks of: cues weighed by place, without the sentences that look back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from inspections.model import Kind
from scraper.announcements.cues import Cue, Sentence, phrase

VISITS = frozenset({Kind.FOCUSED_VISIT, Kind.MONITORING_VISIT, Kind.ASSURANCE_VISIT})
UNGRADED = VISITS | {
    Kind.JTAI,
    Kind.AREA_SEND,
    Kind.AREA_SEND_2016,
    Kind.AREA_SEND_MONITORING,
    Kind.SUPPORTED_ACCOMMODATION,
}
_SEND_ANEW = date(2023, 1, 1)  # the outcome sentences took the place of written statements
_ILACS_BEGAN = date(2018, 1, 1)
_SIF_ENDED = date(2018, 8, 31)  # the last report


def _cues(*rows: tuple[Kind, int, str]) -> tuple[tuple[Kind, Cue], ...]:
    return tuple((kind, Cue(name=str(kind), pattern=phrase(pattern), weight=weight)) for kind, weight, pattern in rows)


_KINDS = _cues(
    (Kind.JTAI, 12, r"\bjoint(?:ly)? targeted area inspection|\bjtai\b"),
    (Kind.JTAI, 9, r"\bjoint\b.{0,60}\b(?:hmicfrs|hmic|constabulary|hmi probation|inspectorate of probation)\b"
                   r"|\b(?:hmicfrs|inspectorate of constabulary)\b"),
    (Kind.JTAI, 4, r"\bmulti-agency (?:response|safeguarding|arrangements)\b|\bresponse to (?:serious (?:youth"
                   r" )?violence|child (?:sexual )?exploitation|criminal exploitation|domestic abuse|neglect)\b"
                   r"|\bserious youth violence\b"),
    (Kind.FOCUSED_VISIT, 14, r"\bfocus(?:s?ed)? visits?\b"),
    (Kind.FOCUSED_VISIT, 9, r"\bfocuss?ed inspection\b|\bmini[- ]inspection\b|\btargeted visit\b|\btwo-day"
                            r" (?:focused )?visit\b"),
    (Kind.FOCUSED_VISIT, 3, r"\bvisit from (?:the )?ofsted\b|\bfront door\b"),
    (Kind.MONITORING_VISIT, 14, r"\bmonitoring (?:visits?|letter|inspection|report)\b"),
    (Kind.ASSURANCE_VISIT, 12, r"\bassurance visit\b"),
    (Kind.AREA_SEND, 9, r"\barea send\b|\blocal area (?:send )?(?:partnership|inspection)\b|\b(?:send|special"
                        r" educational needs|local) partnership\b|\btypically (?:lead|positive)|\binconsistent"
                        r" experiences\b|\bwidespread (?:and/or|and|or) systemic\b"),
    (Kind.AREA_SEND, 7, r"\b(?-i:SEND)\b|\bspecial educational needs\b|\b(?-i:SEN) services?\b|\bsped services\b"
                        r"|\bspecial needs\b"),
    (Kind.AREA_SEND, 5, r"\bwritten statement of action\b|\bwsoa\b|\bpriority action plan\b"),
    (Kind.AREA_SEND, 4, r"\b(?:ofsted and (?:the )?(?:cqc|care quality commission)|(?:cqc|care quality"
                        r" commission)(?: \(cqc\))? and ofsted|ofsted/cqc)\b"),
    (Kind.ILACS, 9, r"\bilacs\b|\binspection of (?:local authority )?children'?s (?:services|social care)\b"
                   r"|\bimpact of leaders\b"),
    (Kind.ILACS, 6, r"\bchild(?:ren)?(?:'?s)?(?: and (?:families|family|young people'?s?|education))?'? (?:social"
                    r" (?:care|services)|services?|department)\b|\bfamily services\b|\bchild(?:ren)?(?:"
                    r" protection)? services\b|\b(?:social care|services|provision) for (?:\w+ )?(?:children|young"
                    r" people|vulnerable)\b"),
    (Kind.ILACS, 4, r"\bchildren'?s (?:and (?:families|young people'?s) )?trust\b|\bchildren first\b"),
    (Kind.ILACS, 2, r"\b(?:help and protection|care leavers|children in care|impact of leaders|social workers?)\b"),
    (Kind.SIF, 12, r"\bsingle inspection framework\b|\b(?:the|ofsted'?s?) single inspection\b|\bsafeguarding"
                   r" children board\b|\blooked[- ]after and achieving permanence\b"),
    (Kind.SUPPORTED_ACCOMMODATION, 11, r"\bsupported accommodation\b|\bsupported living (?:provider|service"
                                       r"|accommodation)\b"),
    (Kind.RESIDENTIAL_FAMILY_CENTRE, 12, r"\bresidential family (?:assessment )?centre\b"),
    (Kind.CHILDRENS_HOME, 9, r"\b(?:children'?s?|residential|respite|short[- ]breaks?|secure children'?s)(?: care|"
                             r" children'?s?| residential| respite)? (?:homes?|unit|centre)\b|\bhomes? for"
                             r" (?:children|young people|looked)\b"),
    (Kind.FOSTERING, 10, r"\bfostering (?:service|agency|team|provider|panel|inspection|report)s?\b|\bindependent"
                         r" fostering\b|\bfostering\b.{0,40}\b(?:rated|rating|judged|ofsted|inspect\w+|good"
                         r"|outstanding)\b|\b(?:ofsted|inspect\w+)\b.{0,40}\bfostering\b"),
    (Kind.ADOPTION, 10, r"\b(?:regional |voluntary )?adoption (?:agency|support agency|service|partnership|team)\b"
                        r"|\badoption\b.{0,40}\b(?:rated|rating|judged|ofsted|inspect\w+)\b|\b(?:ofsted"
                        r"|inspect\w+)\b.{0,30}\badoption\b"),
    (Kind.FURTHER_EDUCATION, 10, r"\badult (?:education|learning|community learning|and community learning|skills"
                                 r"|& community learning)\b|\bcommunity learning\b|\blearning and skills"
                                 r" (?:service|provision)|\bapprenticeship (?:provider|provision|training)"
                                 r"|\btraining provider\b|\bemployment and skills service\b|\badult learners?\b"),
    (Kind.FURTHER_EDUCATION, 8, r"\b(?:(?:sixth[- ]form|further education|fe|technical|city|community|specialist)"
                                r" college|college (?:is|has|was|students|principal))\b|[a-z] College\b"),
    (Kind.EARLY_YEARS, 10, r"\b(?:(?:day |maintained )?nurser(?:y|ies)(?! school)|pre-?schools?|childminders?"
                           r"|playgroup|kindergarten|early years (?:setting|provider)|out[- ]of[- ]school club"
                           r"|after[- ]school club|holiday club)\b"),
    (Kind.EARLY_YEARS, 9, r"\bchildren's welfare and well-?being\b|\bestablishing routines\b"),
    (Kind.SCHOOL, 9, r"\b(?:primary|secondary|high|grammar|infants?|junior|special|free|nursery|first|middle|upper"
                     r"|boarding|comprehensive|catholic|church of england|c of e|community|academy) (?:primary "
                     r"|community |voluntary |aided |academy )*school\b|\bacademy\b(?! trust)|\bpupil referral"
                     r" unit\b"),
    (Kind.SCHOOL, 4, r"\b(?:school|pupils|head ?teacher|governors|classroom)\b"),
)  # fmt: skip
# Kinds that hardly anybody calls by another name: named anywhere in a page that gives no grade, they count.
_BY_NAME = VISITS | {Kind.JTAI}
_NAMED = 1.5
# "Looks back": another, earlier inspection; or somebody's office.
_BACKGROUND = phrase(
    r"\b(?:since|previous(?:ly)?|last (?:full )?(?:inspection|inspected)|earlier (?:inspection|focused|monitoring)"
    r"|(?:years?|months) (?:ago|earlier|after|on from)|a year on from|previous (?:focused|monitoring)|monitoring"
    r" visits took place|came after|it comes)\b"
)
_OFFICE = phrase(
    r"\b(?:executive|cabinet|lead|portfolio)\b[\w -]{0,12}(?:member|councillor|holder|director)? (?:member )?(?:for"
    r"|of|with)\b[^.:;\"]{0,80}|\bdirector (?:of|for) [^.:;\"]{0,60}|\bhead of [^.:;\"]{0,50}|\bchief executive"
    r" of[^.:;\"]{0,40}"
)
_SERVICES = phrase(
    r"\b(?:council|authority|borough|county|children)\b.*\bservices\b|\bchild protection\b"
    r"|\bservices in all (?:four|five) (?:areas|categories)\b"
)
_COUNCIL_RATED = phrase(
    r"\b(?:council\b(?! tax)|(?:london|royal) borough of [\w ]{3,40}?)(?: (?:has|have|had|is|was|been|now|once|again"
    r"|also|officially|just|both))* (?:rated|judged"
    r"|graded|awarded|given|handed|moved|upgraded|downgraded|secured|received|retain\w*)\b"
    r"|\bofsted\b[^.;]{0,30}\b(?:rated|rates|judged|judges|upgrades?d?|downgrades?d?)\b[^.;]{0,40}\bcouncil\b(?! tax)"
)
_LETTER = phrase(r"\b(?:in|published|publishes|its|their|the|a) (?:[\w-]+ ){0,2}letter\b")
_REPORT = phrase(r"\breports?\b|\brat(?:ed|ing)s?\b|\bjudge?(?:ments?|d)\b|\bgraded\b")
_2016 = phrase(
    r"\bwritten statement of action\b|\bwsoa\b|\bsignificant (?:areas of )?weakness(?:es)?\b|\bclinical"
    r" commissioning group\b|\bccgs?\b|\bsufficient progress\b"
)
_MONITORED = phrase(
    r"\bmonitoring inspection\b|\b(?:taken|taking|take) effective action\b|\beffective action (?:is|has)\b"
)
_TO_COME = phrase(r"\b(?:will|would|to be|next|can expect|expect(?:s|ed)? (?:a|another|to)|due|within)\b")
_OUTCOMES = phrase(
    r"\b(?:typically lead to positive|positive experiences and outcomes|inconsistent experiences|widespread"
    r" (?:and/or|and|or) systemic|systemic failings|'inconsistent'|\"inconsistent\"|priority (?:improvement )?action"
    r" plan|icb|integrated care board|area for priority action)\b"
)


def kind_of(read: Sequence[Sentence], graded: bool, published: date | None) -> tuple[Kind | None, str]:
    """The kind, and the words that decided; None where nothing names one. graded: headline or lead give a grade."""
    concluded = graded or any(_OUTCOMES.search(sentence.plain) for sentence in read)
    points: dict[Kind, float] = {}
    words: dict[Kind, tuple[float, str]] = {}
    for kind, cue in _KINDS:
        best, said = 0.0, ""
        for sentence in read:
            place = (
                3.0 if sentence.title else 2.0 if sentence.lead else _NAMED if kind in _BY_NAME and not graded else 0.7
            )
            found = cue.pattern.search(_OFFICE.sub(" ", sentence.plain))
            if found and not sentence.title and _BACKGROUND.search(sentence.plain[: found.start()]):
                place *= 0.35
            if found and concluded and kind == Kind.MONITORING_VISIT and _TO_COME.search(sentence.plain):
                place *= 0.35  # it follows the outcome that the page tells of
            if found and cue.weight * place > best:
                best, said = cue.weight * place, found[0]
        if best:
            points[kind] = points.get(kind, 0.0) + best
            words[kind] = max(words.get(kind, (0.0, "")), (best, said))
    if graded:
        for kind in VISITS & set(points):
            points[kind] *= 0.4
    if not points:
        said_so = (_SERVICES, _COUNCIL_RATED)
        matches = (pattern.search(sentence.plain) for sentence in read[:4] for pattern in said_so)
        services = next((match[0] for match in matches if match), None)
        if services and graded:
            return Kind.ILACS, f"{Kind.ILACS}: “{services}”"
        return None, "no words name a kind of inspection"
    best_kind = max(points, key=lambda kind: points[kind])
    exact = _exact(best_kind, read, points, published)
    if exact == Kind.ILACS and not graded and _of_a_letter(read):
        exact = Kind.FOCUSED_VISIT
    return exact, f"{exact}: “{words[best_kind][1].strip()}”"


def _of_a_letter(read: Sequence[Sentence]) -> bool:
    """Whether inspectors wrote a letter after a visit: a full inspection ends in a report."""
    text = " ".join(sentence.plain for sentence in read)
    return bool(_LETTER.search(text) and not _REPORT.search(text))


def _exact(kind: Kind, read: Sequence[Sentence], points: dict[Kind, float], published: date | None) -> Kind:
    """Between kinds that share their words: by the outcome's own phrases, then by the day."""
    text = " ".join(sentence.plain for sentence in read)
    monitored = " ".join(sentence.plain for sentence in read if not _TO_COME.search(sentence.plain))
    adult = points.get(Kind.FURTHER_EDUCATION, 0.0)
    if kind == Kind.MONITORING_VISIT and adult > 8:
        return Kind.FURTHER_EDUCATION
    if kind == Kind.MONITORING_VISIT and points.get(Kind.SCHOOL, 0.0) > max(8, points.get(Kind.ILACS, 0.0)):
        return Kind.SCHOOL
    send = points.get(Kind.AREA_SEND, 0.0)
    if kind == Kind.MONITORING_VISIT and send >= 12 and _MONITORED.search(monitored):
        return Kind.AREA_SEND_MONITORING
    if kind == Kind.AREA_SEND:
        return _send(text, monitored, published)
    if kind == Kind.ILACS and published and published < _ILACS_BEGAN:
        return Kind.SIF
    if kind == Kind.SIF and published and published > _SIF_ENDED:
        return Kind.ILACS
    return kind


def _send(text: str, monitored: str, published: date | None) -> Kind:
    if _MONITORED.search(monitored) and phrase(r"\bmonitoring\b|\binspectors (?:have )?returned\b").search(monitored):
        return Kind.AREA_SEND_MONITORING
    if _OUTCOMES.search(text):
        return Kind.AREA_SEND
    if _2016.search(text) or (published and published < _SEND_ANEW):
        return Kind.AREA_SEND_2016
    return Kind.AREA_SEND
