"""Labels and values that trade places where one text has them in sentences, the other in a layout.

`Gold went to Norway, silver to Sweden.` says of each value which label is its own: the one that
stands in the same sentence, or, of several, the one that it alternates with. A table or a list may
say nothing else of them. A fault is only what trades places: values that all belong to another of
the same labels.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise, permutations

from realign_local.text.order.ordering import phrases, says
from realign_local.text.outline import MAX_SIGNS, Piece, said
from realign_local.text.segments import content, plain, units

Couple = tuple[str, str]
"""A label and a value."""
MAX_COUPLES = 40
MAX_LABEL_WORDS = 6
MAX_SEARCHED_SIGNS = 4_000_000
"""Labels and values times the signs of the text; large tables are compared cell by cell."""
_BOLD = re.compile(
    r"^[ \t]*(?:[-*+] +|\d+[.)] +)?\*\*([^*\n:]{1,60})\*\* +(\w[^\n|]*)", re.MULTILINE
)
"""A label in bold type that is a word of its sentence."""
_LETTERS_THAT_ARE_WORDS = frozenset("aàeèéiouyöswаивокусяіз")
"""`A: have a nice day`: as a label such a letter has a mark behind it."""
MANY_RIGHT = 3
LEAST_BENT = 6
"""A label of so many letters may have another ending in a sentence: `Batteri`, `un batterio`."""
LEAST_BENT_SHORTLY = 4
"""So short a name loses its last letter at most: `Πάρος`, `στην Πάρο`."""
MAX_BEFORE_SIGNS = 60
"""How far before the first name `the third is` may stand."""
_YEAR = re.compile(r"(?<!\d)(?:1\d{3}|20\d\d)(?!\d)")
_DATED = re.compile(
    r"(?:[^\W\d_]+\.? (?:\d{1,2}(?:st|nd|rd|th)?,? )?(?:de |del )?)?(?<!\d)(?:1\d{3}|20\d\d)(?!\d)"
)
"""A year with the word before it, which may be its month."""
_CLAUSE = re.compile(r"[,;，；、] *| (?:and|und|et|y|e|en|i|и) ")
_DETAIL = re.compile(r" *[:(,]| - ")
_SENTENCE = re.compile(r"(?<=[.!?…;])[\"')\]]*\s+|(?<=[。！？；])|\n+")
_SPACELESS = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")


def traded(pieces: Sequence[Piece], laid_out: str, text: str) -> Iterator[tuple[str, str, str]]:
    """Values of the pieces that another label owns in the text: value, owner there, label here.

    `laid_out` is what the pieces are of.
    """
    if len(text) > MAX_SIGNS:
        return
    sentences: list[str] = []
    searched = 0
    bold = _told_apart([(a, said(b)) for a, b in _BOLD.findall(laid_out.casefold())])
    for couples in chain(_rivals(pieces), [bold] if bold else []):
        searched += 2 * len(couples) * len(text)
        if searched > MAX_SEARCHED_SIGNS:
            return
        sentences = sentences or [s for s in _SENTENCE.split(plain(text).casefold()) if s.strip()]
        owners = _owners(couples, sentences)
        owned = [(value, owners[value], label) for label, value in couples if value in owners]
        wrong = [entry for entry in owned if entry[1] != entry[2]]
        wrong = [entry for entry in wrong if not _is_its_own(*entry, sentences)]
        if wrong and (_trade(wrong) or _are_few(wrong, owned)):
            yield wrong[0]


def _is_its_own(value: str, owner: str, label: str, sentences: Sequence[str]) -> bool:
    """Whether the value stands beside its label alone, between two commas: `a small torch`."""
    mine, own, other = _pattern(value, exact=True), _pattern(label), _pattern(owner)
    return any(
        mine.search(clause) and own.search(clause) and not other.search(clause)
        for sentence in sentences
        for clause in _CLAUSE.split(sentence)
    )


def _trade(wrong: Sequence[tuple[str, str, str]]) -> bool:
    return {owner for _, owner, _ in wrong} == {label for _, _, label in wrong}


def _are_few(wrong: Sequence[tuple[str, str, str]], owned: Sequence[tuple[str, str, str]]) -> bool:
    """Where nearly all values hang on what owns them, some on each label, the rest is astray."""
    right = Counter(label for _, owner, label in owned if owner == label)
    involved = {label for _, *both in wrong for label in both}
    return MANY_RIGHT * len(wrong) <= right.total() and all(right[label] for label in involved)


def ranked(pieces: Sequence[Piece], text: str) -> Iterator[tuple[str, str]]:
    """Names that are numbered in another order than the text ranks them: name, the one before it.

    `The largest is Oslo, followed by Bergen` ranks; a list of names with no such word does not.
    """
    if len(text) > MAX_SIGNS:
        return
    told = plain(text).casefold()
    lists = [*_numbered_names(pieces)]
    searched = len(told) * sum(map(len, lists))
    if not lists or searched > MAX_SEARCHED_SIGNS or not says("ranking", told):
        return
    for names in lists:
        found = [(name, _pattern(name, exact=True)) for name in names]
        spots = [(name, [*name_in.finditer(told)]) for name, name_in in found]
        once = [(name, at[0].start(), at[0].end()) for name, at in spots if len(at) == 1]
        in_text = sorted(once, key=lambda entry: entry[1])
        if not _is_ranking(told, [(start, end) for _, start, end in in_text]):
            continue
        for (one, start, _), (other, next_start, _) in pairwise(once):
            if next_start < start:
                yield other, one


def _numbered_names(pieces: Sequence[Piece]) -> Iterator[list[str]]:
    """The items of numbered lists and tables by their number, each without what is told of it."""
    runs: dict[tuple[object, ...], dict[int, str]] = {}
    for piece in pieces:
        if piece.number and piece.text and piece.kind == "numbered":
            run = piece.run[:-1] if piece.run[-1] == ":" else piece.run
            name = _DETAIL.split(piece.text, maxsplit=1)[0]
            if len(name.split()) <= MAX_LABEL_WORDS:
                runs.setdefault(run, {}).setdefault(piece.number, name)
    for names in runs.values():
        if len(names) > 1 and len(set(names.values())) == len(names) <= MAX_COUPLES:
            yield [names[number] for number in sorted(names)]


def _is_ranking(told: str, spots: Sequence[tuple[int, int]]) -> bool:
    """Whether what stands between the names says that each comes behind the one before."""
    if len(spots) < 2:
        return False
    first, last = spots[0][0], spots[-1][1]
    between = [told[a[1] : b[0]] for a, b in pairwise(spots)]
    if not says("follows", between[0]) or says("leads", told[first:last]):
        return False
    if any("\n" in gap or not (says("follows", gap) or says("joins", gap)) for gap in between):
        return False
    stretch = told[max(0, first - MAX_BEFORE_SIGNS) : last]
    if not says("ranking", stretch):
        return False
    ranks = [rank for _, rank in sorted((m.start(), rank) for rank, m in _ranks(stretch))]
    return ranks == sorted(ranks)


def _ranks(stretch: str) -> Iterator[tuple[int, re.Match[str]]]:
    for entry in phrases()["rank"]:
        yield from ((entry["number"], m) for m in re.finditer(entry["phrase"], stretch))


def redated(original: str, rewritten: str) -> Iterator[tuple[str, str]]:
    """Years of two sentences that now tell each other's event: the one year, the other."""
    if len(original) > MAX_SIGNS or len(set(_YEAR.findall(original))) < 2:
        return
    old, new = _by_year(original), _by_year(rewritten)
    shared = [year for year in old if year in new][:MAX_COUPLES]
    for one, other in permutations(shared, 2):
        own, others = old[one] - old[other], old[other] - old[one]
        if own & new[one] or not own & new[other]:
            continue
        if (others & new[one]) - new[other]:
            yield one, other


def _by_year(text: str) -> dict[str, frozenset[str]]:
    """What is told beside each year that comes once, by its sentence or its part of one."""
    found: dict[str, frozenset[str]] = {}
    body = [part for unit in units(text) for part in _parts_with_a_year(unit)]
    years = Counter(year for part in body for year in _YEAR.findall(part))
    for part in body:
        held = [year for year in _YEAR.findall(part) if years[year] == 1]
        if held:
            told = content(_DATED.sub(" ", part))
            found[held[0]] = frozenset(word for word in told if not word[0].isdigit())
    return found


def _parts_with_a_year(unit: str) -> list[str]:
    """A sentence with several years is cut at its commas and `and`s."""
    if len(set(_YEAR.findall(unit))) < 2:
        return [unit]
    return [part for part in _CLAUSE.split(unit) if _YEAR.search(part)]


def _rivals(pieces: Sequence[Piece]) -> Iterator[list[Couple]]:
    """The couples of labels that stand side by side: items of a list, rows, columns."""
    found: dict[tuple[object, ...], list[Couple]] = {}
    for piece in pieces:
        if not piece.text or not piece.labels or piece.run[-1] == ":":
            continue
        *outer, last = piece.labels
        found.setdefault((piece.run[0], *outer), []).append((last, piece.text))
        if outer and piece.run[0] != "|":
            found.setdefault(("under all headings",), []).append((last, piece.text))
        if piece.run[0] == "|" and len(piece.run) == 3:
            head = outer[-1] if piece.run[2] and outer else last
            found.setdefault(("columns", piece.run[1]), []).append((head, piece.text))
        if piece.run[0] == "|" and outer:
            place = (*outer[:-1], None, last)
            found.setdefault((piece.run[0], *place), []).append((outer[-1], piece.text))
    for couples in found.values():
        yield from filter(None, (_told_apart(couples), _told_apart([*_word_by_word(couples)])))


def _word_by_word(couples: Sequence[Couple]) -> Iterator[Couple]:
    """The words of short values, which a sentence may tell in another order."""
    often = Counter(word for _, value in couples for word in content(value))
    for label, value in couples:
        if 1 < len(value.split()) <= MAX_LABEL_WORDS:
            yield from (
                (label, word)
                for word in sorted(content(value))
                if word.isalpha() and often[word] == 1
            )


def _told_apart(couples: Sequence[Couple]) -> list[Couple]:
    """The couples of which each can be looked for; nothing where that is only one label."""
    alone = [couple for couple in dict.fromkeys(couples) if _can_be_told(*couple)]
    values = [value for _, value in alone]
    alone = [couple for couple in alone if values.count(couple[1]) == 1]
    return alone if len({label for label, _ in alone}) > 1 and len(alone) <= MAX_COUPLES else []


def _can_be_told(label: str, value: str) -> bool:
    return 0 < len(label.split()) <= MAX_LABEL_WORDS and not _pattern(label).search(value)


def _owners(couples: Sequence[Couple], sentences: Sequence[str]) -> dict[str, str]:
    """The label that each value has in the sentences, where that is clear."""
    names = _names({label for label, _ in couples})
    places: dict[int, list[tuple[int, int, str, bool]]] = {}
    for _, value in couples:
        spots = _spots(_pattern(value, exact=True), sentences)
        if len(spots) == 1:
            (at, start, end) = spots[0]
            places.setdefault(at, []).append((start, end, value, True))
    owners: dict[str, str] = {}
    for at, values in places.items():
        marks = list(values)
        for label, name in names.items():
            for m in name.finditer(sentences[at]):
                if not any(start < m.end() and m.start() < end for start, end, *_ in values):
                    marks.append((*m.span(), label, False))
        owners.update(_paired(sorted(marks)))
    return owners


def _behind_their_labels(
    marks: Sequence[tuple[int, int, str, bool]], labels: set[str]
) -> Iterator[tuple[str, str]]:
    """`Of the north are A and B, of the south C and D`: each label stands before its own."""
    if (
        sum(not is_value for *_, is_value in marks) != len(labels)
        or marks[0][3]
        or not marks[-1][3]
    ):
        return
    owner = ""
    for *_, text, is_value in marks:
        if is_value:
            yield text, owner
        else:
            owner = text


def _names(labels: set[str]) -> dict[str, re.Pattern[str]]:
    """What finds each label in any of its forms, or as it is where that would find another one."""
    names = {label: _pattern(label) for label in labels}
    alike = {a for a in labels for b in labels if a != b and names[a].search(b)}
    return names | {label: _pattern(label, exact=True) for label in alike}


def _spots(pattern: re.Pattern[str], sentences: Sequence[str]) -> list[tuple[int, int, int]]:
    return [(at, *m.span()) for at, text in enumerate(sentences) for m in pattern.finditer(text)]


def _paired(marks: Sequence[tuple[int, int, str, bool]]) -> Iterator[tuple[str, str]]:
    """One label owns all values of its sentence; several alternate with as many values."""
    labels = {text for *_, text, is_value in marks if not is_value}
    if len(labels) == 1:
        yield from ((text, next(iter(labels))) for *_, text, is_value in marks if is_value)
        return
    if len(marks) > 2 * len(labels):
        yield from _behind_their_labels(marks, labels)
    if len(marks) != 2 * len(labels):
        return
    couples = list(zip(marks[::2], marks[1::2], strict=True))
    if all(one[3] != other[3] for one, other in couples):
        for one, other in couples:
            value, label = (one, other) if one[3] else (other, one)
            yield value[2], label[2]


def _pattern(text: str, *, exact: bool = False) -> re.Pattern[str]:
    """The words of a text wherever they stand; a label may have its plural."""
    words = re.escape(text)
    if text in _LETTERS_THAT_ARE_WORDS:
        return re.compile(rf"(?<!\w){words}(?= ?[^\w\s])")
    if _SPACELESS.search(text):
        return re.compile(words)
    if exact:
        return re.compile(rf"(?<!\w){words}(?!\w)")
    if LEAST_BENT_SHORTLY <= len(text) < LEAST_BENT and not text.isascii() and " " not in text:
        return re.compile(rf"(?<!\w){re.escape(text[:-1])}\w{{0,2}}(?!\w)")
    if " " in text or len(text) < LEAST_BENT:
        return re.compile(rf"(?<!\w){words.removesuffix('s')}s?(?!\w)")
    stem = re.escape(text[:-2])
    return re.compile(rf"(?<!\w){stem}\w{{0,4}}(?!\w)")
