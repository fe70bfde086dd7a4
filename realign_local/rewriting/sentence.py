"""`sentence`: a bare short answer to a question becomes one full sentence in the words of both.

The model writes it; the program takes it only where it can show that it says the answer and the
question, and nothing else: the answer stands in it in one piece, the question's words come in their
order and in their form, none that matters is missing, and what is added is an article, a
preposition or the verb that the question has. In doubt the bare answer stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from realign_local.base.records import Sample
from realign_local.engine.request import Completion, Span
from realign_local.rewriting.draft import Ask, Draft
from realign_local.rewriting.english_text import is_english
from realign_local.rewriting.prompts import read_prompt

NAME = "sentence"
PROMPT = read_prompt(NAME)
MOST_WORDS = 10
"""Of question and answer together. More of them told back word for word are no gain to a reader:
he has waited for the answer, and every flaw of the question is in it (benchmarks/LOG.md).
"""
LEAST_WORDS = 4

_WORD = re.compile(r"[^\W_]+(?:['’.&/-][^\W_]+)*")
_ASKS = re.compile(
    r"(?:(?:in|on|at|from|to|of|by|for|under) (?:what|which|whom?)|who|whom|what|which|where"
    r"|when|how many)\b",
    re.IGNORECASE,
)
_WH = frozenset(["who", "whom", "what", "which", "where", "when", "how", "why"])
_BE = frozenset(["is", "are", "was", "were"])
_DO = frozenset(["do", "does", "did"])
_HAVE = frozenset(["has", "have", "had"])
_AUXILIARIES = _BE | _DO | _HAVE | {"will", "would", "can", "could", "should", "must"}
_ARTICLES = frozenset(["the", "a", "an"])
_PREPOSITIONS = frozenset(["in", "on", "at", "of", "to", "by", "for", "from", "with"])
_ADDED = _ARTICLES | {"in", "on", "at"}
_IN_NAMES = _ARTICLES | _PREPOSITIONS | {"and", "de", "la", "van", "von", "al", "el", "bin", "du"}
_NAMING = frozenset(["name", "called", "named", "term", "word"])
_NO_FACT = re.compile(
    r"\b(?:or|which of|yours?|you|my|I|we)\b|\d\s*[-+*/x×÷%^]|\b(?:sum|difference|product"
    r"|square root|plural|opposite|synonyms?|antonyms?|spell|spelt|rhymes?|abbreviat\w+|stands? for"
    r"|mean|meaning|sentiment|category|topic|title|following|below|above|blank|true|false)\b"
    r"|_{2,}"
    r"|(?:^|\s)\(?[A-Da-d][).]\s",
    re.IGNORECASE,
)
"""Questions for a choice, a label, a word or a result, and those about the people who speak."""
_NO_ANSWER = re.compile(
    r"\b(?:it|its|they|their|he|she|his|her|you|your|we|our|i|me|my|this|that|these|those|there|not"
    r"|no|none|nothing|never|unknown|sorry|maybe|perhaps|yes|or|n/a|absolutely|depends|is|are|was"
    r"|were|be|been|has|have|had|does|did|because|to)\b|\b(?:can|could|will|would|should|may|must)\b"
)
_DATE = re.compile(
    r"(?:(?P<day>\d{1,2}(?:st|nd|rd|th)?,? )?(?P<month>January|February|March|April|May|June|July"
    r"|August|September|October|November|December)(?P<day_after> \d{1,2}(?:st|nd|rd|th)?,?)?"
    r"(?: \d{3,4})?|\d{4}|(?:the )?\d{4}s)$"
)
_NUMERIC = re.compile(r"[~<>±]?(?:about |around |over |nearly |almost )?[$€£]?\d")
_TIME = re.compile(r"\d.*(?::\d\d|[ap]\.?m\b|o'clock)")
_DEFINITE = re.compile(
    r"(?:(?:in|on|at|near|from) )?(?:the|a|an|all|both|every|each|two|three|four|five|six|seven)\b"
    r"(?!.*\b(?:the|a|an)\b)"
)
"""A thing and its article; with a second article it may be a sentence."""


@dataclass(frozen=True, slots=False)
class AskedQuestion:
    """A question in one line, and its parts."""

    text: str

    @cached_property
    def words(self) -> list[str]:
        """All its words but those that ask ("which", "how many", "in what")."""
        found = _WORD.findall(self.text)
        skip = next(n for n, word in enumerate(found) if word.lower() in _WH) + 1
        return found[skip + (self.counts) :]

    @property
    def counts(self) -> bool:
        """Whether it asks how many."""
        return self.text.lower().startswith("how many")

    @cached_property
    def auxiliaries(self) -> frozenset[str]:
        """Its forms of be, do and have, and the modal verbs; beside "do", "have" says something."""
        found = {word.lower() for word in self.words} & _AUXILIARIES
        return frozenset(found - _HAVE if found & _DO else found)

    @property
    def preposition(self) -> str:
        """What it begins with before the word that asks ("By whom ..."), or ""."""
        first = self.text.split(maxsplit=1)[0].lower()
        return first if first in _PREPOSITIONS else ""

    @cached_property
    def telling(self) -> list[str]:
        """The words that the sentence must have, in their order, in small letters.

        The kind of thing that is asked for ("Which African country ...") may be left out.
        """
        words = [word.lower().replace("’", "'") for word in self.words]
        first = next((n for n, word in enumerate(words) if word in _AUXILIARIES), None)
        asks_for_kind = re.match(r"(?:\w+ )?(?:what|which)\b", self.text, re.IGNORECASE)
        if asks_for_kind and not self.counts:
            words = words[first if first is not None and first <= 4 else 1 :]
        idle = _ARTICLES | _PREPOSITIONS | _NAMING | self.auxiliaries | {"and"}
        return [word for word in words if word not in idle]


def sentence(sample: Sample, text: str) -> Draft | None:
    """What to ask for a bare answer; None where it is none, or the question no question."""
    question, answer = asked(sample.instruction), text.strip().rstrip(".").strip()
    if question is None or not is_bare(answer, question):
        return None
    messages = PROMPT.ask(f"Question: {question.text}?\nAnswer: {answer}")
    tokens = len(answer) // 2 + len(question.text) // 2 + 16

    def finish(done: Sequence[Completion]) -> str | None:
        said = done[0].text.strip()
        return with_own_commas(answer, said) if answers_in_full(question, answer, said) else None

    span = Span(tokens, stop=("\n",), max_sentences=1, name=NAME)
    return Draft(NAME, (Ask(messages, (span,)),), finish, proven=True, varied=True)


def asked(instruction: str) -> AskedQuestion | None:
    """The question of fact in a request, None where there is none.

    A passage may follow after a blank line. Small letters throughout would come back in the
    sentence, so such a question is none.
    """
    line = " ".join(instruction.strip().split("\n\n")[0].split())
    words = _WORD.findall(line)
    if not _ASKS.match(line) or _WH.isdisjoint(word.lower() for word in words[:2]):
        return None  # "What's" hides its verb
    if not LEAST_WORDS - 1 <= len(words) <= MOST_WORDS + 1:  # with "how many"
        return None
    if (
        _NO_FACT.search(line)
        or re.search(r"(?<![A-Z])[?.!]\s", line)
        or re.search(r"\band (?:wh|how)", line)
    ):
        return None
    has_capitals = any(c.isupper() for c in line)
    return AskedQuestion(line.rstrip("?. ")) if has_capitals and is_english(line) else None


def is_bare(answer: str, question: AskedQuestion) -> bool:
    """Whether an answer is a name, a number, a date or a definite thing, and no sentence."""
    words = _WORD.findall(answer)
    if not words or _NO_ANSWER.search(answer.lower()):
        return False
    if len(words) + len(question.words) - len(question.auxiliaries & _DO) > MOST_WORDS:
        return False
    if re.search(r"[\n:;=<>{}\\|`*#?!]|https?:|[a-z]\.\s|\d\.\s| - ", answer):
        return False
    if {w.lower() for w in words} & set(question.telling):
        return False  # it speaks of what is asked: a sentence, or a choice
    named = all(w[0].isupper() or w.lower() in _IN_NAMES or w[0].isdigit() for w in words)
    return named or bool(_NUMERIC.match(answer) or _DEFINITE.match(answer.lower()))


def answers_in_full(question: AskedQuestion, answer: str, said: str) -> bool:
    """Whether a sentence says the answer to the question, and nothing beside."""
    said = said.replace('."', '".')
    place = _place_of(answer, said, many=bool(question.auxiliaries & {"are", "were"}))
    if not said.endswith(".") or place is None or said[0].islower():
        return False
    before, after = _WORD.findall(said[: place[0]]), _WORD.findall(said[place[1] :])
    left = [word.lower().replace("’", "'") for word in (*before, *after)]
    if len(_WORD.findall(said)) < LEAST_WORDS or set(left) & (_WH | _DO):
        return False
    if re.search(r"[,;:()]", said[: place[0]] + said[place[1] :]) and "," not in question.text:
        return False
    return (
        _in_order(question, left)
        and _keeps_verb(question, left)
        and _is_placed(question, answer, before, after)
    )


def _place_of(answer: str, said: str, *, many: bool) -> tuple[int, int] | None:
    """Where the answer stands in one piece; of `many`, "and" may join the last."""
    pattern = re.escape(answer).replace(r"\ ", r"\s+")
    if many:
        head, comma, last = pattern.rpartition(r",\s+")
        pattern = (
            rf"{head},?\s+(?:and\s+)?{last}" if comma and not last.startswith("and") else pattern
        )
    pattern = re.sub(r"\\s\+and\\s\+", r",?\\s+and\\s+", pattern)
    found = re.search(rf"(?<![\w]){pattern}(?![\w])", said)
    if found is None and answer[0].islower():  # an article at the head of the sentence
        found = re.match(rf"{re.escape(answer[0].upper())}{pattern[1:]}(?!\w)", said)
    return found.span() if found else None


def with_own_commas(answer: str, said: str) -> str:
    """The sentence without a comma before "and" that the answer has not."""
    place = _place_of(answer, said, many=False)
    if place is None:
        return said
    start, end = place
    return said[:start] + said[start] + answer[1:] + said[end:]


def _in_order(question: AskedQuestion, left: Sequence[str]) -> bool:
    """Every telling word once and in the question's order; all others small or the question's."""
    known = {word.lower().replace("’", "'") for word in question.words} | {question.preposition}
    wanted, changed = list(question.telling), 0
    for word in left:
        if wanted and word == wanted[0]:
            wanted.pop(0)
        elif wanted and _is_its_form(wanted[0], word, question.auxiliaries):
            wanted.pop(0)
            changed += 1
        elif word in question.telling or word not in known | _ADDED | _BE | _NAMING:
            return False
    # Without "did" or "does" one verb has to take the ending that they carried.
    return not wanted and changed == bool(question.auxiliaries & {"did", "does"})


def _is_its_form(base: str, other: str, auxiliaries: frozenset[str]) -> bool:
    """Whether a verb becomes this where "did" or "does" goes."""
    if "does" in auxiliaries:
        return other in (f"{base}s", f"{base}es", f"{base[:-1]}ies") or (base, other) == (
            "have",
            "has",
        )
    if "did" not in auxiliaries:
        return False
    return other in (f"{base}ed", f"{base}d", f"{base[:-1]}ied", *_PAST.get(base, ()))


def _keeps_verb(question: AskedQuestion, left: Sequence[str]) -> bool:
    """The same form of "be" as in the question, and none where it has none."""
    has = {word for word in left if word in _AUXILIARIES}
    wanted = set(question.auxiliaries) - _DO
    if question.auxiliaries & _DO:
        has -= _HAVE
    naming = {word for word in left if word in ("called", "named")}
    asked = question.text.lower()
    return has == wanted and all("name" in asked or word in asked for word in naming)


def _is_placed(
    question: AskedQuestion, answer: str, before: Sequence[str], after: Sequence[str]
) -> bool:
    """A count stands before what is counted, a date behind the right preposition."""
    last = before[-1].lower() if before else ""
    if question.counts:
        return bool(after) and after[0].lower() == question.words[0].lower()
    if before and after and not question.auxiliaries & _DO:
        return False  # in the middle it would stand for another part of the question
    if question.preposition and last != question.preposition and before:
        return False
    date = _DATE.fullmatch(answer)
    if date and before and not after:
        by_day = bool(date["day"] or date["day_after"])
        return last == ("on" if by_day else "in") or last in _BE
    if _TIME.search(answer) and before:
        return last == "at" or last in _BE
    starts = answer.split()[0].lower()
    if before and question.text.lower().startswith(("where", "when")):
        own = _PREPOSITIONS & {word.lower() for word in question.words}
        return starts in _PREPOSITIONS or last in {"in", "on", "to"} | own | _BE
    if last == "at" and not question.preposition:
        return False
    return last not in _ARTICLES or starts not in _ARTICLES


_PAST = {
    "go": ("went",), "have": ("had",), "come": ("came",), "become": ("became",),
    "begin": ("began",),
    "write": ("wrote",), "win": ("won",), "fall": ("fell",), "take": ("took",), "give": ("gave",),
    "make": ("made",), "find": ("found",), "found": ("founded",), "build": ("built",),
    "sell": ("sold",), "buy": ("bought",), "say": ("said",), "see": ("saw",), "sing": ("sang",),
    "speak": ("spoke",), "break": ("broke",), "lead": ("led",), "leave": ("left",),
    "lose": ("lost",), "meet": ("met",), "rise": ("rose",), "run": ("ran",), "sign": ("signed",),
    "die": ("died",), "grow": ("grew",), "hold": ("held",), "teach": ("taught",),
    "fight": ("fought",), "draw": ("drew",), "get": ("got",), "know": ("knew",), "lie": ("lay",),
    "marry": ("married",), "study": ("studied",), "carry": ("carried",), "occur": ("occurred",),
}  # fmt: skip
"""Past forms of irregular verbs."""
