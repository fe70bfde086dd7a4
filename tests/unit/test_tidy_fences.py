"""Fences round bare code: what is code, what is none, and what could be cut wrongly."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.rewriting.tidy.fences import fences
from realign_local.text.code.code_labels import language_of
from tests.code_rows import CODE, LANGUAGES

TOLD: list[tuple[str, str]] = [
    (
        "Which git commands do I need?",
        "git fetch loads commits; git merge joins them; git log shows all.",
    ),
    ("What are npm commands?", "npm start runs the app\nnpm test checks it\nnpm audit finds holes"),
    ("List kubectl commands.", "kubectl get – shows pods\nkubectl apply – changes them"),
    ("List git commands.", "git tag: names a commit\ngit stash: puts changes away"),
    ("List git commands.", "git fetch, git merge, git rebase, git log"),
    ("List git commands.", "git fetch to load; git merge to join; git log to look"),
    ("Erkläre die Befehle.", "git fetch holt alles; git merge fügt es ein; git log zeigt es."),
    ("Explain SQL.", "SELECT takes columns\nJOIN combines tables\nHAVING keeps groups"),
    ("Explain SQL.", "SELECT – columns\nFROM – tables\nLIMIT – rows"),
    ("Which SQL keywords are there?", "SELECT, JOIN, HAVING, LIMIT"),
    ("What is in a Dockerfile?", "FROM names the base\nCOPY brings files\nCMD starts it"),
    ("Which JavaScript keywords are there?", "const fixes names; let declares variables;"),
    ("Which Python functions are there?", "abs(x), round(x), min(a, b) and pow(a, b)."),
    ("Which JavaScript methods are there?", ".map(), .filter(), .find()"),
    (
        "Explain generators in JS",
        "A generator stops and goes on. Example: function* g() { yield 1; } const it = g();",
    ),
    ("Explain lambdas in JS", "They are short, e.g. const f = (x) => { return x * 2; };"),
    ("Explain loops in C", 'for (int i = 0; i < 4; i++) { puts("a"); } This prints four lines.'),
    ("Explain loops", 'Loop: for (int i = 0; i < 4; i++) { puts("a"); }'),
]
"""Sentences about code, or with code in them; a fence would turn words into code."""

STILL_CODE = [
    ("Set up the project.", "mkdir docs tests\ncd docs\ntouch notes.txt"),
    ("How do I install them with pip?", "pip install requests flask"),
    ("Make a commit with git.", 'git add .; git commit -m "saves the files of them"'),
    ("Write a query in SQL.", "SELECT names\nFROM orders\nWHERE items > 3"),
]

NO_CODE: list[tuple[str, str]] = [
    ("What is the capital of France?", "Paris"),
    ("What does this Python code print? print(2 + 3)", "5"),
    ("What is the output of this Python code?\n\nprint([1, 2])", "[1, 2]"),
    ("Which language is this code in?", "Python"),
    ("Explain what the Python function does.", "It returns the sum (or None) of the list."),
    ("Solve for x: 2x = 10", "2x = 10\nx = 10 / 2\nx = 5"),
    ("Find the derivative of the function f(x) = x^2.", "f'(x) = 2x"),
    ("Solve the system.", "x + y = 5\nx - y = 1\nSo 2x = 6 and x = 3, y = 2."),
    ("Add 123 and 989.", "  123\n+ 989\n-----\n 1112"),
    ("What is the area code of Berlin?", "(030)"),
    ("Convert 25 to binary code.", "11001"),
    ("Decode this Morse code.", ".... . .-.. .-.. ---"),
    ("Write a haiku.", "An old silent pond\nA frog jumps into the pond\nSplash! Silence again"),
    (
        "Write a poem for me.",
        "For all the stars,\nif they were mine;\nfor all the nights,\nwhile they may shine:",
    ),
    ("Write lyrics.", "[Verse 1]\nI = you, you = me\n[Chorus]\nLet it be; let it be;"),
    ("Continue the dialogue.", "Ann: Where are you?\nBen: At home.\nAnn: Wait (for me)!"),
    (
        "Write an e-mail.",
        "Subject: Leave\n\nDear Ms. Stone,\n\nI will be away on Monday.\n\nBest,\nAnn",
    ),
    ("List three fruits.", "- apple\n- pear\n- plum"),
    ("List three steps.", "1. Import the goods\n2. Return the form\n3. Print (twice)"),
    ("Make a table.", "| a | b |\n|---|---|\n| 1 | 2 |"),
    ("Give the data.", "Name    Age\nAnn     12\nBen     9"),
    ("Give the answer as JSON.", '{"name": "Ann", "age": 12}'),
    ("Name: Ann. Age?", "Name: Ann\nAge: 12\nCity: Rome"),
    ("Classify the items.", "Fruit: apple, pear\nColor: red, blue"),
    ("How many are left?", "Tom has 5 - 2 = 3 apples.\n#### 3"),
    ("Draw a house.", "   /\\\n  /  \\\n /____\\\n |    |\n |____|"),
    ("Write a play.", "ROMEO\nWho is there? (enters)\n\nJULIET\nIt is I."),
    ("Give a recipe.", "Ingredients:\n2 eggs\n1 cup of milk\n\nMix; bake; eat."),
    ("What is 3 < 5?", "3 < 5 is true"),
    (
        "Schreibe ein Gedicht.",
        "Der Mond ist aufgegangen,\ndie goldnen Sternlein prangen\nam Himmel hell und klar;",
    ),
    ("写一首诗", "床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。"),
    ("Напиши стих.", "Мороз и солнце; день чудесный!\nЕще ты дремлешь, друг прелестный"),
    ("Convert to camel case: my name", "myName"),
    ("Prove it.", "Let x = 2.\nThen x^2 = 4.\nHence x > 0."),
    ("Give the coordinates.", "(3, 4)\n(5, 6)\n(7, 8)"),
    ("Give the chords.", "C  G  Am  F\nLet it be, let it be"),
    ("Balance the equation.", "2H2 + O2 -> 2H2O"),
    ("Fill in the form.", "Name: [your name]\nDate: [date]\nSigned: ____"),
    (
        "What does SELECT do?",
        "Select the rows from the table where the name is known, then update it.",
    ),
    ("How do I list files?", "Use the command ls -la to see all of the files in the folder."),
    ("Schedule?", "9:00 - Breakfast\n10:00 - Walk (by the lake)\n12:00 - Lunch"),
    (
        "Write a letter as a template.",
        "Dear <name>,\n\nThank you for <reason>.\n\nYours,\n<sender>",
    ),
    ("What command shows the date?", "The date command shows it."),
    ("Explain loops in Python.", "A loop repeats a block: for each item (say, x) it runs once."),
]


@pytest.mark.parametrize(("label", "request_", "code"), CODE)
def test_bare_code_gets_a_fence_with_its_language(label: str, request_: str, code: str) -> None:
    body = code.strip("\n")
    fenced = fences(code, request_)
    assert fenced == f"```{label}\n{body}\n```"
    assert fences(fenced, request_) == fenced
    assert first_failure(judge(Case(request_, code, fenced))) is None


@pytest.mark.parametrize(("request_", "text"), NO_CODE)
def test_what_is_no_code_stays(request_: str, text: str) -> None:
    assert fences(text, request_) == text
    assert fences(text, "Write it.") == text


@pytest.mark.parametrize(("request_", "text"), TOLD)
def test_sentences_about_code_get_no_fence(request_: str, text: str) -> None:
    assert fences(text, request_) == text


@pytest.mark.parametrize(("request_", "text"), STILL_CODE)
def test_commands_that_look_like_sentences_are_commands(request_: str, text: str) -> None:
    assert fences(text, request_).startswith("```")


def _named(entry: dict[str, object]) -> str:
    names = entry["names"]
    assert isinstance(names, list)
    name = {"c": "C", "r": "R", "go": "Go"}.get(names[0], names[0])
    return f"Write it in {name}." if entry.get("asked") else "Do it."


@pytest.mark.parametrize("key", LANGUAGES)
def test_each_language_is_told_by_its_example(key: str) -> None:
    entry = LANGUAGES[key]
    request_ = _named(entry)
    assert language_of(entry["example"].strip("\n"), request_) == entry.get("label", key)
    for asked in (request_, f"Write it in {entry['names'][0]}."):
        assert fences(entry["counter"], asked) == entry["counter"]


@pytest.mark.parametrize("end", ["This prints 3.", "This", "OK"])
def test_code_among_prose_gets_a_fence_and_the_prose_stays(end: str) -> None:
    code = "def add(a, b):\n    return a + b\n\nprint(add(1, 2))"
    text = f"Sure! Here you go:\n\n{code}\n\n{end}"
    fenced = f"Sure! Here you go:\n\n```python\n{code}\n```\n\n{end}"
    assert fences(text, "Write a Python function.") == fenced


@pytest.mark.parametrize(
    ("before", "code", "after", "label"),
    [
        ("Install it with pip:\n\n", "pip install numpy", "\n\nThen import it.", "bash"),
        ("Run this:\n", "git checkout -b topic", "", "bash"),
        ("You can join the two:\n\n", "SELECT a.x\nFROM a\nJOIN b ON a.id = b.id;", "", "sql"),
        ("代码如下：\n\n", "def f(x):\n    return x", "\n\n完成。", "python"),
        ("Вот код:\n\n", "def f(x):\n    return x", "\n\nВот и всё.", "python"),
        ("Here it is:\n\n", '{\n  "a": 1,\n  "b": [1, 2]\n}', "\n\nThat is all.", "json"),
        ("", "for i in range(3):\n    print(i)", "\n\nOutput:\n0\n1\n2", "python"),
        ("Create it:\n\n", "services:\n  web:\n    image: nginx", "\n\nStart it.", "yaml"),
    ],
)
def test_a_block_of_code(before: str, code: str, after: str, label: str) -> None:
    text, request_ = before + code + after, "How do I do it with docker-compose?"
    fenced = fences(text, request_)
    assert fenced == f"{before}```{label}\n{code}\n```{after}"
    assert fences(fenced, request_) == fenced


def test_a_docstring_with_sections_is_not_cut() -> None:
    code = (
        'def f(x):\n    """Twice the number.\n\n    Args:\n        x: The number.\n\n    Returns:\n'
        '        The result of it.\n    """\n    return 2 * x'
    )
    fenced = fences(f"Here you go:\n\n{code}\n\nOutput:\n\n4", "Write it in Python.")
    assert fenced == f"Here you go:\n\n```python\n{code}\n```\n\nOutput:\n\n4"


def test_a_block_in_a_list_item_keeps_the_margin_of_the_item() -> None:
    text = "- Install it:\n  pip install x\n  pip install y\n- Run it."
    fenced = "- Install it:\n  ```bash\n  pip install x\n  pip install y\n  ```\n- Run it."
    assert fences(text, "How?") == fenced


@pytest.mark.parametrize(
    "text",
    [
        "Undo it:\n\n    git reset --soft HEAD~1\n\nThe changes stay.",  # a block already
        "Write it in LaTeX:\n\n\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}\n\nand compile.",
        "Step 1: include the header\n#include <stdio.h>\nStep 2: write main\nint main() { "
        "return 0; }",
        "1. Look:\ngit log\n2. Reset:\ngit reset --hard HEAD~1\n3. Done.",
        "First define it.\n\nx = 5\n\nThen use it.",
    ],
)
def test_what_could_be_cut_wrongly_stays(text: str) -> None:
    assert fences(text, "Write C code.") == text


def test_no_line_of_the_code_is_left_outside() -> None:
    text = "BEGIN_NAME_SPACE\n\n  template<typename T>\n    struct A;\n\n  struct B;"
    assert fences(text, "Do it.") == text


def test_a_fence_without_a_label_gets_the_sure_one() -> None:
    text = "```\ndef f(x):\n    return x\n```\n\nOutput:\n\n```\n3\n```\n\n```java\nx = 1\n```"
    assert fences(text, "Write Python.") == text.replace("```\ndef", "```python\ndef")


def test_a_fence_that_is_never_closed_gets_no_label() -> None:
    text = "```\ndef f(x):\n    return x"
    assert fences(text, "Write Python.") == text


def test_line_ends_and_fences_in_code_are_kept() -> None:
    windows = "def f(x):\r\n    return x\r\n"
    assert fences(windows, "x") == "```python\r\ndef f(x):\r\n    return x\r\n```"


DIFF = (
    "--- a/box.py\n+++ b/box.py\n@@ -1,4 +1,5 @@\n def lid(x):\n-    side = 2\n+    side = 3\n"
    "+    # it is as wide as the box itself\n-    return side * x * x\n+    return side * x * x * x"
)


@pytest.mark.parametrize("end", ["Then run the tests.", "- It is wider.\n- It is deeper."])
@pytest.mark.parametrize("lead", ["Apply this:\n\n", ""])
def test_a_diff_is_fenced_as_a_whole_and_nothing_else(lead: str, end: str) -> None:
    new = fences(f"{lead}{DIFF}\n\n{end}", "What is to be changed?")
    assert new == f"{lead}```diff\n{DIFF}\n```\n\n{end}"


def test_a_diff_goes_on_behind_a_blank_line() -> None:
    more = f"{DIFF}\n\n     last = 1\n+    first = 2"
    assert fences(more, "Show the patch.") == f"```diff\n{more}\n```"
