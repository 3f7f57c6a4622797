"""Whether a page is about an Ofsted inspection of somebody at all: what else speaks in the same words."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.announcements.cues import Hit, Sentence, cues, hits, phrase

_OURS = phrase(
    r"\bofsted\b(?!-rated)|\bjtai\b|\bjoint targeted area inspection|\bilacs\b|\beducation watchdog\b"
    r"|\barea send inspection|\blocal area partnership|\bwidespread (?:and/or|and|or) systemic failings"
)

_GRADE = r"(?:outstanding|good|requires improvement|inadequate)"
# Each alone tells that the page is about something else, where it stands in the headline or among the first sentences.
ELSEWHERE = cues(
    ("another inspectorate: CQC, adult social care", 6, r"\b(?:adult(?:s'?|'s)? social care|social care for"
                                                        r" adults)\b(?!.{0,80}\bchildren)"),
    ("another inspectorate: HMI Probation, youth justice", 6,
        r"\b(?:youth (?:justice|offending) (?:service|team|partnership)s?|hmi probation|inspectorate of probation"
        r"|probation inspect\w+|probation service)\b"),
    ("another inspectorate: CQC, health services", 6, r"\b(?:health visit\w+|public health nursing|0-19 service"
                                                      r"|hospital|care home|gp surgery|ambulance|mental health trust"
                                                      r"|maternity)\b.{0,120}\b(?:cqc|care quality commission)\b"
                                                       r"|\b(?:cqc|care quality commission)\b.{0,120}\b(?:health"
                                                       r" visit\w+|public health nursing|0-19 service|hospital"
                                                       r"|care home|gp surgery|ambulance|maternity)\b"),
    ("another inspectorate: police, prisons, housing or audit", 6,
        r"\b(?:prison|ombudsman|regulator of social housing|food hygiene|estyn|education scotland"
        r"|planning inspect\w+|local plan\b|care"
        r" inspectorate wales|care inspectorate|independent schools inspectorate|etps?)\b"),
    ("another review: peer review or award", 6, r"\b(?:peer (?:review|challenge)|lga (?:review|challenge)|quality"
                                                r" mark|award ceremony|awards night)\b"),
    ("a commissioner's or minister's paper", 6, r"\b(?:commissioner'?s?(?: \w+)? (?:report|review|recommend\w+)"
                                                r"|report (?:from|by) the(?: \w+)? commissioner|statutory"
                                                r" direction|improvement notice|commissioner (?:has been |is"
                                                r" )?appointed)\b"),
    ("policy", 6, r"\b(?:new|revised|updated|reformed|proposed|changes to(?: the| its| how)?)(?: \w+){0,3}"
                  r" (?:inspection )?(?:framework|handbook|methodology|approach to inspection|inspection regime"
                  r"|inspection arrangements|grading system)\b"
                  r"|\b(?:single[- ]word|one[- ]word|headline) (?:judge?ments?|grades?|ratings?) (?:to be |are |will"
                  r" |have been |scrapped|removed|ends?|dropped|abolish)|\b(?:remov\w+|scrap\w*|abolish\w*|drop\w*"
                  r"|ditch\w*|end\w*)(?: (?:the|its|of))* (?:headline|overall|single[- ]word|one[- ]word)(?:"
                  r" \w+){0,3} (?:grad\w+|judge?ments?|ratings?)\b|\b(?:will|would) no longer (?:be )?(?:give|given"
                  r"|award\w*|receive|issue\w*|used?)\b|\bpublished? guidance\b|\bguidance for\b"
                  r"|\boverall (?:effectiveness )?(?:judge?ments?|grades?) (?:to be |will be |are to be"
                  r" )?(?:scrapped|removed|dropped|abolished|ended)"),
    ("policy", 6, r"\bofsted(?:'s)? annual report\b|\bannual report (?:from|by) ofsted\b"),
    ("policy", 5, r"\b(?:inspections? (?:to|will) (?:focus|look at|be (?:paused|suspended|resumed|strengthened))"
                  r"|hm chief inspector(?:'s)?(?: \w+)? (?:annual report|speech|said in|commentary)|annual report"
                  r" of|white paper|the bill|act of parliament)\b"),
    ("consultation", 6, r"\b(?:consultation|consulting on|call for evidence|have your say on)\b"),
    ("statistics", 6, r"\bstatistics\b|\bdata (?:released?|published|shows?|from|reveals?)\b|\bfigures (?:show"
                      r"|reveal|released|published|from)\b|\bleague tables?\b|\bofficial figures\b|\banalysis"
                      r" (?:of|by|shows)\b"),
    ("statistics", 6, rf"(?:\d(?:\.\d+)?\s?(?:%|per cent|percent)|proportion|number|percentage) of (?:[\w'-]+"
                      rf" ){{1,8}}(?:rated|judged|graded|in|attend\w+|are|is|at)\b.{{0,80}}\b{_GRADE}\b"),
    ("statistics", 6, r"\b(?:nine|eight|seven|six|four|three|two|one|\d+) (?:in|out of) (?:every )?(?:ten|five|four"
                      r"|three|\d+)"
                      r" (?:[\w'-]+ ){0,3}(?:schools|nurseries|settings|homes|pupils|councils|providers|children)\b"),
    ("statistics", 6, r"(?:\d\s?%|\bper cent|\bpercent)(?: of [\w ]{1,40})? (?:are|is|were) (?:now |currently"
                      r" )?(?:rated|judged|graded)\b"),
    ("statistics", 6, rf"\b(?:every|all|how many|which)(?: [\w'-]+){{1,6}} (?:in|across) [A-Z][\w ]{{2,30}}\b(?:is"
                      rf" |are |has |have )?(?:either |now )?(?:rated |judged |graded )?['\"]?{_GRADE}['\"]? or\b"),
    ("another report", 6, r"\b(?:complaints|performance|sufficiency|workforce|accounts) (?:annual )?report\b"
                          r"|\b(?:report|research|review)\b[^.;]{0,40}\b(?:for|by|from) the (?:local government"
                          r" association|lga|county councils network|national audit office)\b"
                          r"|^[^:]{0,40}\bannual"
                          r" report\b"),
    ("exams", 6, r"\b(?:gcse|a[- ]level|t[- ]level|exam|sats|btec|key stage \d) (?:results?|grades|students)\b"
                 r"|\bresults day\b"),
    ("a job", 6, r"\b(?:apply (?:now|today|online|by|for (?:this|the|our))|closing date|salary|vacanc(?:y|ies)|job"
                 r" description|per annum|we are (?:recruiting|looking for|hiring)|join (?:our|us|the) (?:team|as)\b"
                 r"|could you foster|foster with (?:us|an?)\b|fostering fortnight|(?:wants?|needs?|seek\w*|recruit\w*)"
                 r" (?:more |new )?(?:foster )?carers|looking for (?:new |more )?(?:foster )?(?:carers|adopters|social"
                 r" workers|staff"
                 r"|governors)|become a (?:foster carer|social worker)|information (?:event|evening|session)"
                 r"|careers?:?|recruitment (?:day|event|campaign|fair)"
                 r"|social work careers|work for us|working for us)\b"),
    ("an explainer", 6, r"\b(?:what (?:happens|is|does|do)|how (?:does|do|are|is))(?: [\w'-]+){0,4} (?:ofsted"
                        r"|inspect\w+|ilacs|jtai)|(?<!of three )(?<!of the three )\bpossible outcomes\b"
                        r"|\bfrequently asked questions\b|\bfaqs?\b|\bexplained\b|\bguide to\b|\bwhat happens next\b"
                        r"|\bwhat (?:it|this"
                        r"|that|the \w+) means(?: for you)?\b(?=\s*$)|\bwhat does (?:it|this) mean\b|\bthere are"
                        r" (?:three|3|four|4) possible\b"),
    ("a committee paper", 6, r"\bagenda item\b|\bminutes of\b|\bmodern\.?gov\b|\breport (?:of|to) the (?:director"
                             r"|executive director|cabinet|scrutiny|overview)\b|\bpurpose of (?:the|this) report\b"
                             r"|\bforward plan\b"),
    ("an evergreen page", 6, r"^(?:about )?(?:our|the) (?:latest )?ofsted (?:ratings?|reports?|inspections?"
                             r"|judge?ments?)"
                             r"(?: (?:and|of|for) .{0,40})?$|^ofsted (?:ratings?|reports?|inspections?)(?: and"
                             r" .{0,30})?$"),
    ("an evergreen page", 5, r"\b(?:ofsted (?:reports|inspections?|ratings?) (?:and|for) (?:our )?(?:schools"
                             r"|nurseries|homes)|find an ofsted report|view (?:a copy of )?(?:the|our|all)"
                             r" (?:latest )?ofsted (?:report|inspection)s?|about (?:us|our service)|how we are"
                             r" (?:doing|performing))\b"),
)  # fmt: skip
# Words of a fresh outcome, which outweigh one of the above that is not in the headline.
_FRESH = phrase(
    r"\bofsted\b.{0,80}\b(?:publish\w+|rated|judged|graded|found|praised|awarded|upgraded)\b|\b(?:rated|judged"
    r"|graded|awarded|inspection|report|letter|findings|visit)\b.{0,60}\bofsted\b|\bpublished today\b"
)


# What Ofsted alone inspects and grades in England, and the words of others that do so elsewhere or for other services.
_INSPECTED_BY_IT = phrase(
    r"\bchild(?:ren)?(?:'s|s'?)? (?:social (?:care|services|work)|services|homes?)\b|\bfostering (?:service|agency)\b"
    r"|\b(?-i:SEND)\b|\bspecial educational needs\b|\b(?:in|into|out of) special measures\b"
)
_JUDGED = phrase(
    rf"\b(?:rated|judged|graded|gained|judge?ment|rating|grading|grade)\b[^.;]{{0,60}}\b{_GRADE}\b"
    rf"|\b{_GRADE}['\"]? (?:overall )?(?:judge?ment|rating|grade|grading)\b"
    r"|\binspectors\b.*\b(?:typically (?:have |lead to )?positive|inconsistent) experiences\b"
)
_BY_OTHERS = phrase(
    r"\b(?:cqc|care quality|probation|hmip|estyn|independent schools inspectorate|isi|care inspectorate|audit|adults?"
    r"|survey"
    r"|wales|welsh|scotland|scottish|northern ireland)\b"
)
_JOINT = phrase(r"\bjoint targeted area inspection|\bjtai\b|\bjoint (?:inspection|report)\b")


def elsewhere(read: Sequence[Sentence]) -> str | None:
    """Why the page announces no outcome of an Ofsted inspection; None where it may."""
    text = " ".join(sentence.plain for sentence in read)
    if not _OURS.search(text):
        other = next((hit for hit in hits(ELSEWHERE, read)), None)
        if other or not _meant(read):
            return str(other) if other else "Ofsted is not spoken of"
        return None
    return next((str(hit) for hit in hits(ELSEWHERE, read) if _rules(hit, read)), None)


def _meant(read: Sequence[Sentence]) -> bool:
    """Whether a service that Ofsted alone inspects is said to be graded, though nobody names who did it."""
    text = " ".join(sentence.plain for sentence in read)
    told = any(_INSPECTED_BY_IT.search(sentence.plain) for sentence in read if sentence.title or sentence.lead)
    return bool(told and _JUDGED.search(text) and not _BY_OTHERS.search(text))


def _rules(hit: Hit, read: Sequence[Sentence]) -> bool:
    """Whether the cue is what the page is about: in its headline, or before any word of an outcome by Ofsted."""
    if hit.cue.name.startswith("another inspectorate") and any(_JOINT.search(sentence.plain) for sentence in read):
        return False
    if hit.sentence.title:
        return not (hit.cue.name.startswith("another inspectorate") and _OURS.search(hit.sentence.plain))
    if hit.sentence.index > 4:
        return False
    if hit.cue.name in ("a committee paper", "an evergreen page"):
        return True
    earlier = [sentence for sentence in read if sentence.index <= hit.sentence.index]
    return not any(
        _FRESH.search(sentence.plain) for sentence in earlier if sentence is not hit.sentence or sentence.title
    )
