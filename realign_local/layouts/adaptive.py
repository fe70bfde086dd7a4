"""When to leave a response alone: the request sets a form of its own."""

from __future__ import annotations

import re

COUNT = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|a single)"
UNIT = (
    r"(?:words?|sentences?|paragraphs?|lines?|bullets?|bullet points?|items?|points?|characters?"
    r"|letters?|sections?|stanzas?|tweets?)"
)

DEMANDS: dict[str, tuple[str, ...]] = {
    "a data format": (
        r"\b(?:as|in|into|using|valid|return|output|produce)\s+(?:a |an |"
        r"the )?(?:valid )?(?:json|xml|yaml|csv|html|latex|markdown|toml|tsv)\b",
        r"\bjson (?:format|object|array|block)\b",
    ),
    "nothing but the answer": (
        r"\b(?:only|just|simply)\s+(?:the |with |your |a |output|return|print|give|answer|"
        r"respond|reply|write|provide|say|name|list)",
        r"\bnothing else\b",
        r"\bno (?:explanation|other text|extra)",
        r"\bwithout (?:any )?(?:explanation|further|additional|other)",
        r"\bdo not (?:explain|include any|add any|output any|say anything)",
        r"\bdon't (?:explain|add|include)",
    ),
    "one word": (
        r"\b(?:one|single|1)[- ]word\b",
        r"\bin (?:one|a single) word\b",
        r"\byes or no\b",
    ),
    "a size": (
        r"\b(?:exactly|at least|at most|under|over|less than|fewer than|more than|"
        r"no more than|no longer than|around|about|approximately|maximum(?: of)?|"
        r"minimum(?: of)?|up to|within|between \d+ and|limit\w*(?: \w+){0,3} to|in|using|of|"
        r"with)\s+{COUNT}\+?[- ]{UNIT}\b",
        r"\b\d+\+?[- ](?:word|sentence|paragraph|line|character|bullet|stanza)s?\b",
        r"\b{COUNT} {UNIT} (?:or less|or fewer|or more|long|max|maximum|minimum)\b",
        r"\b{COUNT} or (?:less|fewer|more) {UNIT}\b",
    ),
    "a rule for the writing": (
        r"\b(?:do not|don't|without|avoid|never|refrain from)\s+(?:use|using|include|"
        r"including|contain\w*|writ\w+|any)\b[^.\n]{0,40}\b(?:comma|bullet|list|letter|word|"
        r"capital|punctuation|exclamation|keyword|number|digit|header|heading|markdown)",
        r"\bno (?:commas?|bullets?|lists?|capital|lists|numbers|headings)\b",
    ),
    "capital or small letters": (
        r"\b(?:all|only|entirely)\b[^.\n]{0,24}\b(?:caps|capitals?|capital letters|uppercase|"
        r"lowercase|lower case|upper case|small letters)\b",
        r"\b(?:capital|uppercase|lowercase) letters\b",
        r"\bin (?:all )?(?:caps|lowercase|uppercase)\b",
        r"\bno capital\b",
    ),
    "a fixed beginning or end": (
        r"\b(?:start|begin|end|finish|conclude|preface|close)\b[^.\n]{0,40}\b(?:with|"
        r"by)\b[^.\n]{0,30}(?:[\x22“'«]|phrase|words?|sentence|letter|repeat)",
        r"\bp\.?\s?p?\.?s\b",
        r"\bpostscript\b",
        r"\b(?:first|before)\b[^.\n]{0,20}\brepeat\b",
        r"\brepeat the (?:request|question|prompt|sentence)",
    ),
    "marks in the text": (
        r"\bwrap\w*\b",
        r"\bquotation marks\b",
        r"\bdouble quotes\b",
        r"\bangular brackets\b",
        r"<<",
        r"\bhighlight\w*\b",
        r"\bplaceholders?\b",
        r"\bsquare brackets\b",
        r"\basterisks?\b",
        r"\bseparat\w+ (?:by|with)\b",
        r"\bdivid\w+ by\b",
        r"\bbold(?:ed)?\b",
        r"\bitalic\w*\b",
        r"\bmarked? with\b",
        r"\bmarkdown\b",
        r"\b\*\*\*",
        r"\bheadings?\b",
        r"\bheaders?\b",
    ),
    "wording": (
        r"\b(?:include|use|contain|mention|incorporate|using)\w*\b[^.\n]{0,30}\b(?:keywords?|"
        r"the words?|the phrase|the letter|the following words)\b",
        r"\bletter ['\x22]?[a-z]['\x22]?\b",
        r"\b(?:should|must|shall)\s+(?:not\s+)?(?:appear|occur|be used)\b",
        r"\bat least \w+ times\b",
        r"\bkeywords?\b[^.\n]{0,20}[:\x22“']",
    ),
    "an order or shape": (
        r"\b(?:format|structure|template|schema)\s*(?:is|:|should|must|as follows)",
        r"\bin the (?:following )?(?:form|format|style|shape) (?:of|:)",
        r"\bfollowing (?:format|template|form)",
        r"\b(?:bullet(?:ed)?|numbered)[- ](?:points?|list)\b",
        r"\bas a (?:list|table|poem|letter|dialogue|script|haiku|tweet|rap|song|limerick)\b",
        r"\bin (?:a )?(?:table|list|bullets?)\b",
        r"\b(?:write|compose|create|make|give|draft|generate)\b[^.\n]{0,40}\b(?:haiku|"
        r"limerick|sonnet|acrostic|tweet|rap|riddle|slogan|tagline|headline|advertisement|"
        r"ad copy|resume)\b",
    ),
    "a language": (
        r"\b(?:entire|whole|your|the)\s+(?:response|answer|reply|output|letter)\b[^.\n]{0,30}"
        r"\b(?:in|using)\s+(?-i:[A-Z][a-z]+)",
        r"\bno other language\b",
        r"\banswer in (?-i:[A-Z][a-z]+)\b",
    ),
    "exact wording": (
        r"\bexact(?:ly)?\b[^.\n]{0,40}\b(?:phrases?|format|like|words?|one of)\b",
        r"\bentire response\b",
        r"\bchoose (?:just )?(?:one|from)\b",
        r"\bfollowing phrases\b",
        r"\bat least \w+ times?\b",
        r"\banswer [\x22“”']",
        r"\bcannot be in the\b",
        r"\bthe words? ['\x22]?\w+['\x22]? (?:appears?|should|must)",
    ),
    "two answers": (
        r"\btwo (?:different )?(?:responses|answers|versions)\b",
        r"\bsix asterisk",
    ),
    "other scripts": (
        r"(?:只|仅|不要|不超过|以内|至少|格式|列表|表格|字数|\d+\s*(?:字|个字|句|段))",
    ),
}
"""What a request may ask of the form, and the wordings that ask for it."""

_COMPILED = {
    name: re.compile(
        "|".join(patterns).replace("{COUNT}", COUNT).replace("{UNIT}", UNIT), re.IGNORECASE
    )
    for name, patterns in DEMANDS.items()
}
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
    for name, pattern in _COMPILED.items():
        if pattern.search(text):
            return name
    return ""
