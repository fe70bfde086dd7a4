"""When to leave a response alone: the request sets a form of its own, or the response shows one."""

from __future__ import annotations

import re

_WORDS = {
    "COUNT": r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|a single"
    r"|a few|a couple of|several|half a)",
    "TEXT": r"(?:words?|sentences?|paragraphs?|bullets?|bullet[- ]points?|characters?|stanzas?"
    r"|verses?|tweets?|syllables?)",
    "UNIT": r"(?:{TEXT}|lines|items?|points|letters?|sections?|parts|pages?|entries)",
    "ANSWER": r"(?:(?:whole|entire|full|final|complete)\s+)?(?:response|answer|reply|output|text"
    r"|letter|essay|e-?mail|post|article|story|poem|summary|message|explanation|list|review"
    r"|description|paragraphs?|sentences?|lines?|result|translation|title|everything)",
    "MARKS": r"(?:[\"“`<\[{*_#]|(?:\w+\s+){0,2}(?:quot(?:es?|ations?)|brackets?|braces"
    r"|parenthes[ei]s|asterisks?|backticks?|tags?|underscores?|stars?|marks?)\b)",
    "PUT": r"(?:us(?:e|es|ing)|includ(?:e|es|ing)|contain(?:s|ing)?|mention(?:s|ing)?"
    r"|incorporat(?:e|es|ing)|featur(?:e|es|ing)|add|put|have|has)",
    "NOT": r"(?:do not|does not|don'?t|doesn'?t|must not|mustn'?t|should not|shouldn'?t|may not"
    r"|cannot|can'?t|without|avoid|avoiding|never|refrain\w*|leave out|leaving out|omit\w*"
    r"|exclud\w+"
    r"|skip\w*|free of|steer clear of|stay away from)",
    "THING": r"(?:commas?|bullets?|bullet points?|lists?|keywords?|capitals?|capital letters?"
    r"|punctuation\w*|exclamation\w*|digits?|numerals?|headers?|headings?|markdown|emojis?"
    r"|hashtags?|quotation marks?|quotes?|adjectives|contractions|line breaks|intro\w*|preamble"
    r"|explanations?|explaining|comments?|commentary|elaborat\w+|extra (?:text|words?|remarks?)"
    r"|(?:additional|further|other)\s+(?:words?|text|languages?|remarks?|comments?|information))",
    "TONGUE": r"(?-i:Arabic|Bengali|Bulgarian|Chinese|Dutch|Farsi|Finnish|French|German|Greek"
    r"|Gujarati|Hebrew|Hindi|Hungarian|Indonesian|Italian|Japanese|Kannada|Korean|Latin|Malay"
    r"|Marathi|Mandarin|Nepali|Norwegian|Persian|Polish|Portuguese|Punjabi|Romanian|Russian"
    r"|Spanish|Swahili|Swedish|Tagalog|Tamil|Telugu|Thai|Turkish|Ukrainian|Urdu|Vietnamese|Welsh"
    r"|English)",
}
"""What stands for a name in braces in the wordings below."""

DEMANDS: dict[str, tuple[str, ...]] = {
    "a data format": (
        r"\b(?:as|in|into|using|valid|return|output|produce|generate|create|build|make|write|give"
        r"|provide|format(?:ted)?)\b[^.\n?]{0,24}\b(?:json|xml|yaml|csv|markdown|toml|tsv)\b"
        r"(?! (?:file|parser|mean|stand))",
        r"\b(?:as|in|into|valid)\s+(?:a |an |the )?(?:valid )?(?:html|latex)\b",
        r"\bjson (?:format|object|array|block)\b",
        r"\b(?:output|return|print|as)\b[^.\n]{0,8}\bpython (?:list|tuple|dict\w*|set)\b",
        r"\b(?:inside|in|within|as)\s+(?:a |one )?(?:single )?code (?:block|fence)",
        r"\b(?:with|having)\s+(?:the |these |two |three |four )?columns?\b",
    ),
    "nothing but the answer": (
        r"(?<!not )\b(?:only|just|simply)\s+(?:the |with |your |a (?!lot|few|bit|little|minute)"
        r"|one (?:word|sentence|line|paragraph|letter|number|option|answer)|output|return|print"
        r"|give"
        r"|answer|respond|reply|write|provide|say|name|list|tell|show|state|send)",
        r"\b(?:nothing|anything)\s+(?:else|but|except|besides|other than)\b",
        r"\b(?:letters?|numbers?|words?|names?|options?|digits?|answers?|codes?|titles?|results?"
        r"|labels?|category|translation)\s+(?:only|alone)\b",
        r"\bno (?:explanation|other text|extra|need to explain)",
        r"\b(?:no|without)(?: any| an)? {THING}\b",
        r"\b(?:do not|don'?t) (?:explain|include any|add any|output any|say any|write any|give any"
        r"|elaborate|justify)",
    ),
    "one word": (
        r"\b(?:one|single|1|two|three)[- ]word\b(?! (?:problem|document))",
        r"\bin (?:one|a single|two|three) words?\b",
        r"\byes (?:or|/) ?no\b",
        r"\btrue (?:or|/) ?false\b(?=[^.\n]{0,12}[.:]\s*$|\s+only)",
    ),
    "a size": (
        r"\b(?:exactly|precisely|at least|at most|under|over|below|above|less than|fewer than"
        r"|more than|longer than|shorter than|greater than|no more than|no fewer than|no longer "
        r"than|no shorter than|around|about|approximately|roughly|max(?:imum)?(?: of)?|min(?:imum)?"
        r"(?: of)?|up to|between \w+ (?:and|to)|limit\w*(?: \w+){0,3} to|keep\w*(?: \w+){0,3} to"
        r"|stick to|restrict\w*(?: \w+){0,3} to|exceed|only)\s+{COUNT}\+?(?: or \w+)?[- ]"
        r"(?:\w+ )?{UNIT}\b(?! (?:per|a minute|an hour|every|problem))",
        r"\b(?:in|within|using|of|with|into|has|have|having|contain\w*|consist\w* of|all in|write"
        r"|want|need|be)\s+(?:at (?:least|most) |exactly |precisely |only |just |about |around |no "
        r"(?:more|fewer) than |more than )?{COUNT}\+?(?: or \w+)?[- ](?:\w+ )?{TEXT}\b"
        r"(?! (?:per|a minute|an hour|every|problem|below|above|order))",
        r"\b(?:in|within|into)\s+{COUNT} (?:\w+ )?(?:lines|points|parts|sections)\b",
        r"\b\d+\+?[- ](?:words?|sentences?|paragraphs?|characters?|bullets?|stanzas?|verses?"
        r"|syllables?)\b(?! (?:are|is|were|per|a minute|an hour|every|problem))",
        r"\b{COUNT} {UNIT} (?:or less|or fewer|or more|long|max|maximum|minimum|at most|at least"
        r"|in length|in total|(?:per|each) (?:paragraph|section))\b",
        r"\b{COUNT} or (?:less|fewer|more) {UNIT}\b",
        r"\b(?:tl;?dr|one-?liner|word (?:limit|count))\b",
        r"\b(?:concisely|in brief|short answer|brief answer|quick answer|short and sweet"
        r"|as (?:short|brief|concise)\w* as)\b",
        r"\b(?:keep|make) (?:it|this|that|your \w+|the \w+) (?:very |really |nice and )?(?:short"
        r"|brief"
        r"|concise)\b",
        r"\b{COUNT}-(?:word|sentence|paragraph|line|bullet|verse|stanza|page)\b(?! (?:problem"
        r"|title))",
        r"\b(?:past|beyond)\s+{COUNT} (?:\w+ )?{UNIT}\b",
        r"\b(?:a|one|two|a single|a couple of)\s(?:\w+ )?{TEXT} (?:will|would|should) do\b"
        r"|\b{TEXT} (?:is|are) (?:enough|plenty|fine)\b",
        r"\bbe (?:very |really )?(?:brief|concise|succinct)\b",
    ),
    "a rule for the writing": (
        r"\b{NOT}\s+(?:\w+\s+){0,4}{THING}(?!\w)",
        r"\b{NOT}\b[^.\n?]{0,30}\b(?:the|any|these|those|following|certain|forbidden)\s+(?:\w+\s+)?"
        r"(?:words?|terms?|phrases?|letters?)\b(?! to\b)",
        r"\b{NOT}\s+(?:\w+\s+){0,3}(?:words?|terms?|phrases?|letters?)\s+(?:such as|like|[\"“'‘«])",
        r"\b{NOT}\s+(?:us(?:e|ing)|say|saying|mention(?:ing)?|includ(?:e|ing)|writ(?:e"
        r"|ing))\s+[\"“'‘«]",
        r"\b(?:commas?|exclamation marks?|capital letters?) (?:are|is) (?:not|forbidden|banned"
        r"|off)",
        r"\b(?:comma|emoji|bullet)[- ]free\b",
        r"\b(?:banned|forbidden|prohibited|off[- ]limits|taboo) (?:words?|terms?)\b",
        r"\b(?:emojis?|hashtags?)\b",
        r"\b(?:leav|keep)\w*\s+(?:all |any |the )?{THING}\s+(?:out|away)\b",
        r"\b(?:words?|terms?|phrases?|letters?)\b[^.\n?]{0,40}\b(?:is|are) (?:forbidden|banned"
        r"|not allowed|off[- ]limits|prohibited|taboo)",
    ),
    "capital or small letters": (
        r"\b(?:lower|upper)[- ]?case(?:d)?\b",
        r"\b(?:all|only|entirely|in|full|block)\b[^.\n]{0,24}\b(?:caps|capitals|capital letters"
        r"|small letters|capitalized)\b",
        r"\b(?:capitali[sz]e|capitali[sz]ed)\s+(?:\w+\s+){0,2}(?:words?|letters?|every|each"
        r"|first)\b",
        r"\bcapital letters\b",
    ),
    "a fixed beginning or end": (
        r"\b(?:start|begin|end|finish|conclude|preface|close|wrap up|sign off)(?:s|ing|ning)?\b"
        r"[^.\n?]{0,40}\b(?:with|by|on)\b[^.\n?]{0,30}(?:[\"“«]|phrase|words?\b|sentence|letter"
        r"|repeat|question|mark\b|saying|asking|stating)",
        r"\b(?:first|last|final|opening|closing|very) (?:word|sentence|line|phrase|words|paragraph)"
        r"\b[^.\n?]{0,30}\b(?:should|must|has|have|needs?|is to|to be|be|read|begin|start|is)\b",
        r"\b(?:p\.?\s?s\.|p\.\s?p\.\s?s|p\.?\s?p\.?s)(?=\W|$)",
        r"\bpost-?scripts?\b",
        r"\b(?:first|before|begin|start)\b[^.\n]{0,40}\b(?:repeat\w*|restat\w+|copy\w*)\b",
        r"\brepeat\w* (?:\w+ ){0,3}(?:request|question|prompt|sentence|instruction|message)",
        r"\bword[- ](?:for|by)[- ]word\b|\bverbatim\b",
    ),
    "marks in the text": (
        r"\b(?:wrap\w*|enclos\w+|surround\w*|put|plac(?:e|ed|ing)"
        r"|delimit\w*)\b[^.\n?]{0,40}?\b(?:in"
        r"|with|by|inside|between|within)\s+(?:a |an |the |two )?(?:{MARKS}|json|xml|code)",
        r"\b(?:within|inside)\s+(?:two |double |single |a pair of )?{MARKS}|\bbetween\s+[<\[{*]",
        r"\b(?:double|single) quot\w+",
        r"\bquotation marks\b",
        r"\b(?:double |single )?(?:angular|angle|square|curly) brackets?\b",
        r"<<(?!\d)",
        r"\bhighlight(?:ed|ing)?\b(?! of\b)(?=[^.\n]{0,60}\b(?:at least|sections?|parts?|words?"
        r"|phrases?|passages?|markdown|with|key|important|any|each|every|\d|two|three|four)\b)",
        r"\bplaceholders?\b",
        r"\basterisks?\b",
        r"\b(?:separat|divid|delimit|split|join)\w*\b[^.\n?]{0,24}\b(?:by|with"
        r"|using)\s+(?:\w+\s+){0,3}"
        r"(?:[*\"'`|;,/-]|asterisks?|lines?|markdown|dividers?|semicolons?|commas?|blank|empty"
        r"|stars?"
        r"|dash\w*|hyphens?|pipes?|symbols?|slash\w*|\w+ (?:asterisk|line|star|dash)\w*)",
        r"\b(?:comma|semicolon|line|newline|space|tab|pipe)[- ](?:separated|delimited)\b",
        r"\b(?:per|single|separate|own|blank|empty|same) lines?\b|\beach on a new line\b",
        r"\b(?:in|using|use|make|put|with|as|have) (?:\w+ ){0,3}(?:bold|italics?)\b|\bbolded\b"
        r"|\bitalici[sz]\w+|\bitalic \w+",
        r"\bbold (?:the|each|all|every|at least|any|key|important|\d)",
        r"\bmarkdown\b",
        r"\b\*\*\*|\*{3,}",
        r"\b(?:with|use|using|include|have|under|separate|as|add|each|by|has|own|marked)\b[^.\n?]"
        r"{0,25}\b(?:headings?|headers?|subheadings?|section titles?)\b",
        r"(?-i:\b(?:SECTION|PART|PARAGRAPH|Section|Paragraph) (?:X|1)\b)",
        r"\b(?:has|have|having|contain\w*|includ\w+|(?<!up )with|needs?|add|give (?:it|the \w+"
        r"|your \w+))\s+(?:a|an)\s+(?:\w+\s+)?title\b",
        r"(?<![\w*])\*[a-z][^*\n]{1,60}[a-z.]\*(?![\w*])",
    ),
    "wording": (
        r"\b{PUT}\b[^.\n?]{0,36}\b(?:the (?:\w+ )?keywords?|keywords? [\"“'‘«]|the words?\b"
        r"|the terms?\b"
        r"|the phrases?\b|the letters?\b|the following (?:words|terms|phrases)"
        r"|(?:word|term|phrase|letter|keyword)s? [\"“'‘«])",
        r"\b(?:words?|terms?|phrases?|letters?|keywords?)\s+[\"“'‘«]?[\w-]+[\"”'’»]?(?:,? (?:and"
        r"|or) "
        r"[\"“'‘«]?[\w-]+[\"”'’»]?)?\s+(?:should|must|has to|have to|needs? to|appears?|occurs?"
        r"|shows? up|turns? up|at least|at most|exactly|less|more|fewer|no more)",
        r"\b(?:should|must|shall|has to|have to|needs? to)\s+(?:not\s+)?(?:appear|occur|be used"
        r"|show up"
        r"|be mentioned|turn up|come up(?! with)|be included)\b",
        r"\b(?:us(?:e|ed|ing)|appear\w*|occur\w*|mention\w*|includ\w+|show\w* up|turn\w* up"
        r"|come\w* up"
        r"|say\w*|work\w*|drop\w*|repeat\w*|contain\w*)\b[^.\n?]{0,60}\b(?:at least|at most|exactly"
        r"|no more than|no fewer than|less than|more than|fewer than|a minimum of|a maximum of)\s+"
        r"(?:\w+\s+times?|once|twice)\b(?! as\b)",
        r"\bat least (?:\w+ times|once|twice)\b(?! (?:as|a|per)\b)",
        r"\b(?:twice|{COUNT} times) or (?:more|less)\b",
        r"\b(?:answer|text|response|reply|poem|story|essay|post|review"
        r"|letter)\b[^.\n?]{0,20}\b(?:contains?"
        r"|includes?|uses?|features?|mentions?)\s+(?:(?:all|each|both|every) (?:of )?)?(?:the "
        r"|these )?"
        r"(?:keywords?|words?|terms?|phrases?)",
        r"\b(?:includ(?:e|es|ing)|us(?:e|ing)|incorporat(?:e|ing)"
        r"|work in)\s+(?:the )?(?:\w+ )?(?:keywords?"
        r"|key words?|key terms)\b",
        r"\bletter [\"'“‘]?[a-z][\"'”’]?\b[^.\n?]{0,40}\b(?:times|once|twice|least|most|appear"
        r"|occur"
        r"|used?|show|more|less|fewer)",
        r"\b(?:rhym\w+|alliterat\w+|acrostic)\b(?=[^.\n?]{0,30}\b(?:only|scheme|must|should)\b)",
        r"\bworking in (?:the )?(?:words?|terms?|phrases?|keywords?)\b",
    ),
    "an order or shape": (
        r"\b(?:format|structure|template|schema)\s*(?:is\b|:|should|must|as follows)",
        r"\b(?:in|follow\w*|use|using) (?:the|this|that|these) (?:\w+ )?(?:form|format|template"
        r"|layout)\b",
        r"\b(?:bullet(?:ed)?|numbered|ordered|unordered)[- ]?(?:points?|lists?)\b|\bbullets\b",
        r"\b(?:as|in|into) (?:a|an) (?:short |simple |single |markdown |\w+ed "
        r"|\w+-separated )?(?:list"
        r"|table|dialog\w*|rap|rhyme)\b",
        r"\b(?:as|into) (?:a|an) (?:\w+ )?(?:list|table|poem|haiku|tweet|limerick|sonnet|letter"
        r"|script"
        r"|song|conversation)\b",
        r"\bin (?:tabular form|table form|bullets?|list form|point form|the form of)\b",
        r"\b(?:write|compose|create|make|give|draft|generate)\b[^.\n?]{0,40}\b(?:haiku|limerick"
        r"|sonnet"
        r"|acrostic|tweet|rap|riddle|slogan|tagline|headline|advertisement|ad copy"
        r"|(?<!cover )resume)\b",
        r"\bnumbered\b|\b(?:like|as) a q\s?&\s?a\b|\b(?:start|begin)\w* with [A-Z]\w*:",
        r"\b(?:make|draw|produce|prepare|give me|need|want|as"
        r"|build)\b[^.\n?]{0,40}\btable\b(?! (?:of contents|reservation|tennis|for|by|in|manners"
        r"|lamp))",
    ),
    "a language": (
        r"\b(?:your|the|entire|whole|in your)\s+{ANSWER}\b[^.\n?]{0,30}\b(?:in|using)\s+(?:the )?"
        r"{TONGUE}\b",
        r"\b(?:answer|respond|reply|write|written|explain|describe)\b[^.\n?]{0,20}\bin"
        r" (?:the )?{TONGUE}\b",
        r"\bonly\b[^.\n?]{0,12}\b{TONGUE}\b|\b{TONGUE} (?:only|language only|please)\b",
        r"\bno other languages?\b|\bother languages? (?:is|are) (?:not )?allowed\b",
    ),
    "exact wording": (
        r"\bexact(?:ly)?\b[^.\n?]{0,40}\b(?:phrases?|format|like|words?|one of|sentence|options?"
        r"|string)\b",
        r"\b(?:entire|whole) (?:response|answer|reply|output|message)\b",
        r"\bchoose (?:just )?(?:one|from)\b",
        r"\b(?:answer|respond|reply)\s+(?:\w+\s+){0,2}(?:with|using)\s+(?:one of|either|only"
        r"|just|exactly"
        r"|a single|the (?:word|letter|number|option|phrase)|[\"“”‘'«])",
        r"\banswer [\"“”']",
        r"\bone of (?:the )?(?:following|these)\s+(?:\w+ )?(?:phrases?|options?|answers?|responses?"
        r"|sentences?|labels?|replies)",
        r"\b(?:your {ANSWER}|the (?:response|answer|reply|output)) (?:\w+ )?(?:should|must"
        r"|has to|have to"
        r"|needs? to|shall|ought to|may|can|cannot|is to) (?:not |also |only |always )?(?:be"
        r"|have|contain|include"
        r"|start|begin|end|use|consist|follow|say|fit|read|appear|finish|look|mention|come|exceed"
        r"|feature|stay|open|close)\b",
        r"\b(?:make|be) (?:sure|certain)\b[^.\n?]{0,60}\b(?:words?|keywords?|letters?|phrases?"
        r"|answer"
        r"|response|reply|sentences?|paragraphs?|titles?|sections?|times)\b",
        r"\bcannot be in the\b",
        r"\b(?:pick|choose|select)\b (?:your|an|the) (?:answer|reply|response) (?:from|out of)\b",
    ),
    "two answers": (
        r"\b(?:two|2|three|3|several) (?:\w+ )?(?:different |distinct |separate "
        r"|alternative )?(?:responses"
        r"|answers|versions|replies|variants|suggestions|alternatives|drafts|takes)\b",
        r"\bsix asterisk",
    ),
    "other scripts": (
        r"(?:只|仅|不要|不超过|以内|至少|格式|列表|表格|字数|\d+\s*(?:字|个字|句|段))",
    ),
}
"""What a request may ask of the form, and the wordings that ask for it."""


def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    joined = "|".join(patterns)
    for _ in range(2):  # one name may stand in the meaning of another
        for name, meaning in _WORDS.items():
            joined = joined.replace(f"{{{name}}}", meaning)
    return re.compile(joined, re.IGNORECASE)


_COMPILED = {name: _compiled(patterns) for name, patterns in DEMANDS.items()}
_QUESTION = re.compile(
    r"(?:^|(?<=[.!?\n] )|(?<=\n))(?:why|what(?:'s|’s)?|how|when|where|who|whose|which|is|are|was"
    r"|were|do"
    r"|does|did|has|have|should)\b[^.?!\n:,;]*\?",
    re.IGNORECASE,
)
"""A plain question: its words are what is asked about, not how to answer."""

HEAD_CHARS, TAIL_CHARS = 800, 400
"""Demands stand at the head or the tail of a request; what lies between is attached text."""


_CODE_ALONE = re.compile(
    r"\b(?:only|just|nothing but|solely)\s+(?:with\s+|return\s+|give\s+|output\s+|write\s+)?"
    r"(?:the |your |a |an |me )*(?:\w+ )?(?:code|function|query|command|script|program|snippet)\b"
    r"|\b(?:code|query|command|answer) (?:only|alone)\b|\bnothing else\b"
    r"|\b(?:no|without)(?: any| an| further| additional| extra| other)*"
    r" (?:explanations?|commentary|comments?|text|prose|markdown|fences?)\b"
    r"|\b(?:do not|don't)(?: \w+){0,3} (?:explain|explanations?|comments?|text|markdown|fences?)\b",
    re.IGNORECASE,
)
"""How a request for code asks for the code and nothing beside it."""


def form_demand(instruction: str, *, for_code: bool = False) -> str:
    """The kind of form that the request itself asks for, or "" where it leaves the form open.

    A request for code (`for_code`) tells what the code has to do with data: lists, words, capital
    letters and sizes in it are no demands on the answer.
    """
    text = instruction
    if len(text) > HEAD_CHARS + TAIL_CHARS:
        text = f"{text[:HEAD_CHARS]}\n{text[-TAIL_CHARS:]}"
    if for_code:
        return "nothing but the code" if _CODE_ALONE.search(text) else ""
    text = _QUESTION.sub("?", text)
    for name, pattern in _COMPILED.items():
        if pattern.search(text):
            return name
    return ""


_SHOWN: dict[str, re.Pattern[str]] = {
    "capital letters": re.compile(r"(?=(?:[^A-Za-z]*[A-Z]){30})[^a-z]+\Z"),
    "small letters": re.compile(r"(?=(?:[^A-Za-z]*[a-z]){100})[^A-Z{}=_/\\]+\Z"),
    "quotation marks around it all": re.compile(r'\s*"[^"]{200,}"\s*\Z'),
    "a postscript": re.compile(r"(?s:.*)\n\s*P\.\s?(?:P\.\s?)?S\b"),
    "a title in angle brackets": re.compile(r"(?s:.*)<<\s*[^\W\d][^<>\n]*>>"),
    "parts divided by asterisks": re.compile(r"(?s:.*\n)\s*\*(?:\s?\*){2,}\s*\n\s*\S"),
    "a data format": re.compile(r"\s*(?:```json\b|[{\[]\s*[\"{\[](?s:.*)[}\]]\s*\Z)"),
}


def form_shown(response: str) -> str:
    """The form that a response wears and hardly any does without being asked, else "".

    The request may have asked for it in words that `form_demand` does not know.
    """
    return next((name for name, shown in _SHOWN.items() if shown.match(response)), "")
