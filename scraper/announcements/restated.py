"""Words by which a page tells of an outcome again, or of something else that followed from it."""

from __future__ import annotations

from scraper.announcements.cues import cues

AFTER = cues(
    ("considered by councillors", 6, r"\b(?:cabinet|(?:scrutiny|select|overview|improvement) \w*|committee|board"
                                     r"|panel|councillors|executive|full council|members|leaders)\b(?! member|"
                                     r" lead)[^.;]{0,60}\b(?:consider(?:ed|s)?|discuss(?:ed|es)?|debated?|heard"
                                     r"|approv(?:ed|es)|agreed|met (?:\w+ )?(?:\w+ )?to|met (?:on|this|last)"
                                     r"|review(?:ed|s)|were told|was told|scrutinis\w+|presented|voted|sign(?:ed)?"
                                     r" off|received (?:a|the) (?:report|update)|quizzed|grilled|questioned)\b"
                                     r"|\b(?:report|update|paper) to (?:the |thursday's |tuesday's |monday's "
                                     r"|wednesday's |friday's |next week's |this week's )?(?:council'?s?"
                                     r" )?(?:cabinet|committee|executive|board|scrutiny|councillors|full"
                                     r" council)\b|\bat a(?: recent)? (?:meeting|cabinet|scrutiny)\b|\b(?:going"
                                     r"|goes|presented|put|brought|taken) (?:before|to) (?:the )?(?:cabinet"
                                     r"|committee|executive|scrutiny|councillors|full council)\b"),
    ("a plan approved", 6, r"\b(?:action plan|improvement plan|written statement of action|wsoa|statement of"
                           r" action)\b[^.;]{0,120}\b(?:approved|signed off|submitted|agreed|accepted|deemed fit"
                           r"|fit for purpose|in place|published|launched|unveiled|backed|developed)\b"
                           r"|\b(?:approv\w+|agree[sd]?|submit\w*|launch\w*|unveil\w*|publish\w*)(?: [\w'-]+){0,5}"
                           r" (?:action plan|improvement plan|written statement of action)\b"),
    ("a strategy", 5, r"\b(?:launch\w*|unveil\w*|adopt\w*|approv\w+|agree[sd]?|consult\w*|publish\w*|draw\w* up)(?:"
                      r" [\w'-]+){0,5} (?:strategy|vision|charter|sufficiency plan|transformation (?:plan|programme))\b"
                      r"|\bnew (?:[\w'-]+ ){0,4}(?:strategy|charter)\b"),
    ("some time ago", 5, r"\b(?:following|after|since|in) last (?:month|year|autumn|spring|summer|winter|january"
                         r"|february|march|april|may|june|july|august|september|october|november"
                         r"|december)'?s?\b(?! (?:visit|inspection) (?:found|shows))|\bearlier this year\b|\bin"
                         r" (?:january|february|march|april|may|june|july|august|september|october|november"
                         r"|december)(?: (?:this|last) year| 20\d\d)?,? (?:ofsted|inspectors|the"
                         r" watchdog)\b[^.;]{0,30}\b(?:rated|judged|graded|gave|published)\b|(?<!comes just over a"
                         r" )(?<!comes a )(?<!comes just a )\b(?:months|years?) (?:on|since|after)(?: from)?"
                         r" (?:its|the|an?|their|our|we|ofsted|being|inspectors)\b(?<!comes a year on from the)"
                         r"|\b(?:one"
                         r"|two|three|six|\d+) (?:years?|months) on\b|\bin the wake of\b|\bback in \w+\b"),
    ("an earlier report", 6, r"\b(?:our|the) (?:last|most recent) (?:[\w-]+ ){0,4}inspection\b[^.;]{0,60}\b(?:took"
                             r" place|was (?:in|carried|held|conducted))\b|\b(?:publish\w+|releas\w+|issued) last"
                             r" (?:month|year|summer|autumn|winter|spring)\b"),
    ("a look back on a year", 5, r"\b(?:reflect\w*|look\w*|look\w* back) (?:back )?(?:on|at) (?:the|a|this|last|an?"
                                 r" [\w-]+) (?:[\w-]+ )?(?:year|12 months|twelve months)\b|\b(?:year in review"
                                 r"|review of"
                                 r" the year|quite a year|(?:new year|christmas|end of year)(?:'s)? (?:message|blog"
                                 r"|round-?up)|highlights of (?:20\d\d|the (?:past )?year)|state of the"
                                 r" (?:city|borough|county))\b"),
    ("money", 4, r"(?:£\s?\d[\d.,]*\s?(?:m|k|bn|million|thousand)?\b[^.;]{0,60}\b(?:invest\w*|fund\w*|spen[dt]\w*"
                 r"|boost|extra|cost\w*|drive|overspend|towards|plan|improv\w+|needed|package|bid|save|saving)"
                 r"|\b(?:invest\w*|spend\w*|commits?|funding|boost|extra|cash)(?: \w+){0,4} £\s?\d|cash boost"
                 r"|funding boost|budget (?:gap|setting|proposals))"),
    ("a minister's or commissioner's word", 5, r"\b(?:minister|secretary of state|dfe|department for education"
                                               r"|education secretary|commissioner)\b[^.;]{0,60}\b(?:wrote|written"
                                               r"|writes|letter|congratulat\w+|lift\w*|appoint\w*|visit\w*"
                                               r"|order\w*|direct\w*|intervention|announced)\b|\bletter of"
                                               r" congratulations?\b|\bimprovement notice\b|\bintervention"
                                               r" (?:ends?|lifted|over)\b"),
    ("politics", 5, r"\b(?:inquest|coroner|tribunal|court case|ombudsman|legal action|council tax)\b|\b(?:resign\w*"
                    r"|step(?:ped|s|ping)? down|call(?:s|ed)? (?:for|on)(?: [\w'-]+){0,4} (?:to"
                    r" (?:resign|go|quit)|resignation)|petition|no[- ]confidence|election (?:leaflet|campaign"
                    r"|pledge)|motion|strikes?|take(?:s|n)? over|taking over|takeover|(?:to|will) close\b|closure"
                    r"|re-?opens?"
                    r"|retir(?:e|es|ed|ing)|industrial action|protest\w*|apolog\w+ (?:debate|motion)|restructur\w+"
                    r"|redundan\w+|new (?:director|chief executive|interim)|appointed (?:as )?(?:the )?(?:new"
                    r" )?(?:director|chief)|appointed (?:an?|its|the)(?: [\w'-]+){0,3} (?:director|chief)"
                    r"|(?:emergency|extraordinary|urgent|special) (?:[\w'-]+ ){0,2}(?:meeting|debate)|academy order"
                    r"|(?:change|changes|changing) hands|re-?broker\w*|academis\w+|new (?:academy )?sponsor"
                    r"|opens? (?:a |its |the )?(?:new|£)|in the (?:house of )?commons|prime minister)\b"),
    ("an award or event", 4, r"\b(?:wins?|won|scoops?|scooped|takes? home|picks? up|picked up|collects?|collected"
                             r"|crowned"
                             r"|lands?|nominated for)\b(?: [\w'-]+){0,8} (?:awards?|prize|accolade|trophy)\b"
                             r"|\b(?:shortlisted|finalists?|award[- ]winning|obe|mbe|honours list|open day|conference"
                             r"|anniversary|webinar|drop[- ]in|coffee morning|come along|come and (?:meet|join|see|say)"
                             r"|meet (?:our|the) (?:[\w'\"-]+ ){0,4}(?:team|carers|foster carers)|at the (?:\w+ ){0,2}"
                             r"(?:fair|fete|festival|fayre))\b"),
)  # fmt: skip
