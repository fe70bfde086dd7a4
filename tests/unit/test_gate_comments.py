"""Comments and docstrings: kept, added or all translated; never dropped, reworded or moved."""

from __future__ import annotations

import random
import re

import pytest

from realign_local.gates.exact.comment_language import languages_in
from realign_local.gates.exact.same_code import check
from realign_local.gates.gate import Case
from realign_local.text.code.code_grammars import GRAMMARS, LANGUAGE_OF
from tests.mutation.comment_pairs import COMMENTED, DAMAGE, Commented, faithful, fenced


def outcome(original: str, rewritten: str, instruction: str = "") -> str:
    return check(Case(instruction, original, rewritten)).outcome


@pytest.mark.parametrize("sample", COMMENTED, ids=lambda sample: sample.label)
def test_comments_may_stay_and_be_added(sample: Commented) -> None:
    for original in (sample.code, fenced(sample.code, sample.label)):
        for rewritten in faithful(sample):
            if original != sample.code or "aside" not in rewritten:
                assert outcome(original, rewritten) == "pass", rewritten


@pytest.mark.parametrize("kind", DAMAGE)
@pytest.mark.parametrize("sample", COMMENTED, ids=lambda sample: sample.label)
def test_what_a_comment_says_is_kept(sample: Commented, kind: str) -> None:
    for original in (fenced(sample.code, sample.label), fenced(sample.code, "")):
        for spoiled in DAMAGE[kind](sample):
            assert outcome(original, fenced(spoiled, sample.label)) == "fail", spoiled


def test_most_damage_is_seen_where_nothing_is_fenced() -> None:
    """Not all: of code in a language without a grammar some is taken for prose."""
    text = "Try this.\n\n{}\n\nThat is all."
    tried = [
        outcome(text.format(sample.code), text.format(bad))
        for sample in COMMENTED
        for damage in DAMAGE.values()
        for bad in damage(sample)
    ]
    assert tried.count("fail") >= 0.97 * len(tried)


BARE = (
    "# a queue for jobs\nclass Queue\n  attr_reader :jobs # oldest first\nend",
    "-- squares a number\nsquare :: Int -> Int\nsquare x = x * x -- may overflow",
    ".note {\n  /* as wide as the page */\n  width: 100%; /* of its parent */\n}",
    "[mail]\n; the server of the office\nhost = mx1\nport = 25 ; never 587",
    "% two circles\nplot(x, y);\nhold(1) % the second one follows",
    "    mov ebx, 2 ; the exit status\n    int 0x80",
    "' greets whoever is there\nSub Greet()\n    MsgBox Name ' set elsewhere\nEnd Sub",
    "! adds what was read\ndo i = 1, n\n  s = s + a(i) ! n is small\nend do",
)
_NOTE = re.compile(
    r"^[ \t]*(?:#|--|/\*|;|%|'|!) .*\n|[ \t]+(?:#|--|/\*|;|%|'|!) [^\n]*", re.MULTILINE
)


@pytest.mark.parametrize("code", BARE)
def test_a_comment_that_is_gone_is_missed_in_any_language(code: str) -> None:
    text = f"It may be written in this way:\n\n{code}\n\nThat is all of it."
    notes = list(_NOTE.finditer(code))
    assert notes
    for note in notes:
        spoiled = code[: note.start()] + code[note.end() :]
        assert outcome(text, text.replace(code, spoiled)) == "fail", note[0]
        assert outcome(code, f"Here it is:\n\n{fenced(spoiled, '')}") == "fail", note[0]
        word = note[0].split()[2]
        changed = code.replace(note[0], note[0].replace(word, "other"))
        assert outcome(text, text.replace(code, changed)) == "fail", note[0]
    assert outcome(code, f"Here it is:\n\n{fenced(code, '')}") != "fail"
    assert outcome(text, text.replace(code, fenced(code, ""))) != "fail"


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("Tea -- 2 bags\nLemon -- half\nMix both.", "- Tea: 2 bags\n- Lemon: half\n\nMix both."),
        ("# Needed\n2 apples\n# Steps\nCut.", "**Needed**\n\n2 apples\n\n**Steps**\n\nCut."),
        ("# Result\na = 5\nb = 3", "The values are:\n\na = 5\nb = 3"),
        ("w = 1 # metres\nt = 2 # seconds", "- `w = 1` (metres)\n- `t = 2` (seconds)"),
        ("Salut ! Voici :\n- a = 1", "Voici :\n\n- a = 1"),
    ],
)  # fmt: skip
def test_signs_of_comments_in_prose(original: str, rewritten: str) -> None:
    assert outcome(original, rewritten) != "fail"


def test_code_from_the_middle_of_a_block_may_be_set_with_all_of_it() -> None:
    code = (
        "module Tools\n  # doubles each\n  def twice(list)\n    list.map { |x| x * 2 }\n  end\nend"
    )
    assert outcome(code, fenced(code, "ruby")) == "pass"
    assert outcome(code, fenced(code.replace("* 2", "* 3"), "ruby")) == "fail"


LOOP = """total = 0
for price in prices:
    # taxes differ by country
    total += price * rate
    print(total)  # for the log"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    print(total)  # for the log", "    # for the log\n    print(total)", "pass"),
        ("price * rate\n", "price * rate  # taxes differ by country\n", "pass"),
        ("    # taxes differ by country\n    total += price * rate",
         "    total += price * rate  # taxes differ by country", "pass"),
        ("    # taxes differ by country\n    total += price * rate\n",
         "    total += price * rate\n    # taxes differ by country\n", "fail"),
        ("    # taxes differ by country", "    # taxes differ\n    # by country", "pass"),
        ("    # taxes differ by country", "    #   taxes  differ by country", "pass"),
        ("# taxes differ by country", "# Taxes differ by country", "fail"),
    ],
)  # fmt: skip
def test_where_a_comment_stands(old: str, new: str, expected: str) -> None:
    rewritten = fenced(LOOP.replace(old, new), "python")
    assert outcome(fenced(LOOP, "python"), rewritten) == expected


def test_a_comment_may_become_the_heading_of_its_part() -> None:
    code = "# Read the data\nrows = load(path)\n# Draw the lines\nplot(rows)"
    parts = (
        f"### Read the data\n\n{fenced('rows = load(path)', 'python')}\n\n"
        f"**Draw the lines:**\n\n{fenced('plot(rows)', 'python')}"
    )
    assert outcome(fenced(code, "python"), parts) == "pass"
    assert outcome(fenced(code, "python"), parts.replace("lines", "points")) == "fail"


DOCUMENTED = '''def area(w, h):
    """Return the area in square metres.

    Both sides must be positive.
    """
    return w * h


def half(x):
    return x / 2'''


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("def half(x):\n", 'def half(x):\n    """Return a half."""\n', "pass"),
        ("    Both sides must be positive.\n", "", "fail"),
        ("positive", "negative", "fail"),
        ("square metres", "square feet", "fail"),
        ("Return the area in square metres.\n\n    Both sides must be positive.\n    ",
         "Return the area.", "fail"),
        ("def area", '"""Areas and halves."""\n\ndef area', "pass"),
    ],
)  # fmt: skip
def test_docstrings(old: str, new: str, expected: str) -> None:
    rewritten = fenced(DOCUMENTED.replace(old, new), "python")
    assert outcome(fenced(DOCUMENTED, "python"), rewritten) == expected


COUNT = "# count the open orders\nn = len(orders)  # at most 500"


@pytest.mark.parametrize(
    ("asked", "first", "second", "expected"),
    [
        ("用Python数一数未完成的订单。", "统计未完成的订单", "最多 500 个", "pass"),
        ("用Python数一数未完成的订单。", "统计未完成的订单", "最多 600 个", "fail"),
        ("用Python数一数未完成的订单。", "统计未完成的订单", "at most 500", "pass"),
        ("用Python数一数未完成的订单。", "统计未完成的订单", "no more than 500", "fail"),
        ("Count the orders.", "统计未完成的订单", "最多 500 个", "fail"),
        ("Schreibe Code, der die offenen Aufträge zählt.", "zählt die offenen Aufträge",
         "es sind nicht mehr als 500", "pass"),
        ("Schreibe Code, der die offenen Aufträge zählt.", "count of the unpaid bills",
         "up to the 500", "fail"),
        ("Посчитай открытые заказы.", "считаем открытые заказы", "не больше 500", "pass"),
        ("Посчитай открытые заказы.", "считаем", "не больше 500", "fail"),
    ],
)  # fmt: skip
def test_comments_may_all_be_translated(asked: str, first: str, second: str, expected: str) -> None:
    translated = COUNT.replace("count the open orders", first).replace("at most 500", second)
    assert outcome(fenced(COUNT, "python"), fenced(translated, "python"), asked) == expected


def test_a_translated_comment_is_as_long_as_the_old_one() -> None:
    old = "keep the newest reading of each sensor and throw the others away"
    asked = "Schreibe eine Funktion für die Sensoren."
    for new, expected in (
        ("den neuesten Wert jedes Sensors behalten und die anderen verwerfen", "pass"),
        ("den neuesten Wert der Sensoren", "fail"),
    ):
        before, after = (fenced(f"x = f(y)  # {text}", "python") for text in (old, new))
        assert outcome(before, after, asked) == expected


def test_chinese_comments_for_an_english_request() -> None:
    code = 'def f(x):\n    """返回两倍的值"""\n    return 2 * x  # 乘以二'
    english = 'def f(x):\n    """Return the double value."""\n    return 2 * x  # times two'
    asked = "Write a function that doubles a number."
    assert outcome(fenced(code, "python"), fenced(english, "python"), asked) == "pass"
    assert outcome(fenced(code, "python"), fenced(english, "python"), "写一个函数。") == "fail"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gibt die Zahl zurück", "de"),
        ("renvoie la liste des valeurs", "fr"),
        ("returns the list of values", "en"),
        ("вернуть список", "cyrillic"),
        ("リストを返す", "kana"),
        ("返回列表 list", "han"),
    ],
)
def test_the_language_of_a_few_words(text: str, expected: str) -> None:
    assert languages_in(text) == {expected}
    assert languages_in("x += 1") == frozenset()


@pytest.mark.parametrize(
    ("label", "code", "other", "expected"),
    [
        ("bash", "name=Ada\necho $name", "name = Ada\necho $name", "fail"),
        ("bash", "if [ -f x ]; then\n  ls\nfi", "if [-f x ]; then\n  ls\nfi", "fail"),
        ("bash", "ls|wc -l;pwd", "ls | wc -l; pwd", "pass"),
        ("bash", "if true; then\n  ls\nfi", "if true; then\n    ls\nfi", "pass"),
        ("yaml", "a: 1\nb:\n  - x", "a:1\nb:\n  - x", "fail"),
        ("yaml", "a: 1\nb:\n  - x", "a: 1\nb:\n  -x", "fail"),
        ("yaml", "a: [1,2]\nb:\n  c: 3", "a: [1, 2]\nb:\n    c: 3", "pass"),
        ("yaml", "a:\n  b: 1\n  c: 2", "a:\n  b: 1\nc: 2", "fail"),
        ("python", "q = '''\nselect a\n  from b\n'''", "q = '''\nselect a\nfrom b\n'''", "fail"),
        ("python", "x = a >= b", "x = a > = b", "fail"),
        ("python", "x=a>=b", "x = a >= b", "pass"),
        ("makefile", "all:\n\tcc x.c", "all:\n    cc x.c", "fail"),
        ("haskell", "f x = y\n  where\n    y = x", "f x = y\nwhere\n    y = x", "fail"),
        ("haskell", "f x = y\n  where\n    y = x", "f x = y\n    where\n        y = x", "pass"),
        ("java", "int x = 1;\nint y = 2;", "int x=1; int y=2;", "pass"),
        ("c", "for(i=0;i<n;i++) s+=i;", "for (i = 0; i < n; i++)\n    s += i;", "pass"),
        ("ruby", "x = 1\ny = 2", "x = 1 y = 2", "fail"),
    ],
)
def test_blanks_count_where_the_language_says_so(
    label: str, code: str, other: str, expected: str
) -> None:
    assert outcome(fenced(code, label), fenced(other, label)) == expected


def test_every_label_leads_to_a_language() -> None:
    assert set(LANGUAGE_OF.values()) == set(GRAMMARS)


def test_comments_of_very_long_texts() -> None:
    lines = [f"value_{n} = {n}  # the place of {n}" for n in range(4_000)]
    rng = random.Random(1)
    code = "\n".join(lines)
    number = rng.randrange(4_000)
    assert outcome(fenced(code, "python"), f"Here.\n\n{fenced(code, 'python')}") == "pass"
    changed = code.replace(f"the place of {number}\n", f"the home of {number}\n")
    assert outcome(fenced(code, "python"), f"Here.\n\n{fenced(changed, 'python')}") == "fail"
