"""What the operations of clean text change, and what they leave alone."""

from __future__ import annotations

import re

import pytest

from realign_local.gates import first_failure, judge
from realign_local.gates.gate import Case
from realign_local.gates.talk.phrases import phrases, sentence_of
from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy import boilerplate, characters, markdown, surface

BY_NAME: dict[str, Operation] = {
    operation.name: operation
    for module in (characters, boilerplate, markdown, surface)
    for operation in module.OPERATIONS
}
REQUEST = "Tell me about the old harbour."

CHANGED: list[tuple[str, str, str, str]] = [
    ("mojibake", REQUEST, "The cafÃ© isnâ€™t open.", "The café isn’t open."),
    ("mojibake", REQUEST, "RÃ©sumÃ© in `cafÃ©`.", "Résumé in `cafÃ©`."),
    ("mojibake", REQUEST, "Ð¿Ñ€Ð¸Ð²ÐµÑ‚, Ð¼Ð¸Ñ€", "привет, мир"),
    ("entities", REQUEST, "Fish &amp; chips for &#39;tea&#39;.", "Fish & chips for 'tea'."),
    ("entities", REQUEST, "Fish &amp;amp; chips, 5 &lt; 7.", "Fish & chips, 5 < 7."),
    ("entities", REQUEST, "So &lt;&lt;4/2=2&gt;&gt;2.", "So <<4/2=2>>2."),
    ("entities", REQUEST, "AT&amp;T &amp;&#39;s", "AT&T &'s"),
    ("entities", REQUEST, "One.<br>Two.<br/>Three.", "One.\nTwo.\nThree."),
    ("entities", REQUEST, "<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
    (
        "entities", REQUEST,
        "It is <b>old</b> and <em>cold </em>here.",
        "It is **old** and *cold* here.",
    ),
    (
        "entities", REQUEST,
        "Boats:<ul><li>ketch</li><li>yawl</li></ul>",
        "Boats:\n\n- ketch\n- yawl",
    ),
    ("escapes", REQUEST, "One boat.\\nTwo boats.\\nA pier.", "One boat.\nTwo boats.\nA pier."),
    ("escapes", REQUEST, 'They call it \\"the pit\\" here.', 'They call it "the pit" here.'),
    ("invisible", REQUEST, "\ufeffThe har\u00adbour\u200b is\u00a0old.", "The harbour is old."),
    ("quotes", REQUEST, "They call it ``the pit'' here.", 'They call it "the pit" here.'),
    ("quotes", REQUEST, 'They call it “the pit" here.', "They call it “the pit” here."),
    ("quotes", REQUEST, 'They call it "the pit” here.', "They call it “the pit” here."),
    (
        "quotes", "Erzähl vom Hafen.",
        "Der Hafen ist alt und die Leute nennen ihn ,,die Grube'', weil er nicht mit dem Meer"
        " auf einer Höhe liegt und das Wasser für die Boote zu tief ist.",
        "Der Hafen ist alt und die Leute nennen ihn „die Grube“, weil er nicht mit dem Meer"
        " auf einer Höhe liegt und das Wasser für die Boote zu tief ist.",
    ),
    ("unclosed", REQUEST, "Run this:\n```sh\nls -l /pier", "Run this:\n```sh\nls -l /pier\n```"),
    ("unclosed", REQUEST, "**Old harbour\n\nIt is old.", "**Old harbour**\n\nIt is old."),
    ("unclosed", REQUEST, "It is old and cold.**", "It is old and cold."),
    (
        "unclosed", REQUEST,
        "- **Depth:** nine metres\n- **Age: 300 years",
        "- **Depth:** nine metres\n- **Age:** 300 years",
    ),
    ("headings", REQUEST, "##Age\nOld.\n## Depth\nDeep.", "## Age\nOld.\n## Depth\nDeep."),
    ("headings", REQUEST, "#Harbour\nOld.\n\n##Pier\nLong.", "# Harbour\nOld.\n\n## Pier\nLong."),
    (
        "headings", REQUEST,
        "##Age\nOld.\n\n##Depth\nDeep.\n\n#pier #sunset",
        "## Age\nOld.\n\n## Depth\nDeep.\n\n#pier #sunset",
    ),
    (
        "headings", REQUEST,
        "Harbour\n=======\n\n## Age\nOld.\n\nDepth\n-----\nDeep.",
        "# Harbour\n\n## Age\nOld.\n\n## Depth\nDeep.",
    ),
    (
        "headings", REQUEST,
        "## 1. Age\nOld.\n\n**2. Depth**\nDeep.\n\n## 3. Boats\nMany.",
        "## 1. Age\nOld.\n\n## 2. Depth\nDeep.\n\n## 3. Boats\nMany.",
    ),
    (
        "headings", REQUEST,
        "## Age\nOld.\n\n## Depth\nDeep.\n\n**Conclusion:**\nWorth a visit.",
        "## Age\nOld.\n\n## Depth\nDeep.\n\n## Conclusion\nWorth a visit.",
    ),
    (
        "math_marks", REQUEST,
        "Let \\(x\\) and \\( y \\) be sides of $z$.",
        "Let \\(x\\) and \\( y \\) be sides of \\(z\\).",
    ),
    (
        "math_marks", REQUEST,
        "Let $x$ and $y = x$ be sides of \\( z \\).", "Let $x$ and $y = x$ be sides of $z$.",
    ),
    (
        "math_marks", REQUEST,
        "$$a$$ then $$b$$ then \\[c\n= d\\]", "$$a$$ then $$b$$ then $$c\n= d$$",
    ),
    ("blanks", REQUEST, "The pier is  old .", "The pier is old."),
    ("blanks", REQUEST, "The pier , they say, is old !", "The pier, they say, is old!"),
    ("blanks", REQUEST, "The pier is old.\n\n\n\nIt creaks.", "The pier is old.\n\nIt creaks."),
    (
        "spacing", REQUEST,
        "The pier is old. \nIt creaks.  It leans.",
        "The pier is old.\nIt creaks. It leans.",
    ),
    (
        "commas", REQUEST,
        "The pier is old,and it leans, too.",
        "The pier is old, and it leans, too.",
    ),
    (
        "commas", REQUEST,
        "The pier is old.It leans to the left.",
        "The pier is old. It leans to the left.",
    ),
    ("stops", REQUEST, "The pier is 90 metres long", "The pier is 90 metres long."),
    (
        "stops", REQUEST,
        "The pier is old. It creaks under every step of a guest",
        "The pier is old. It creaks under every step of a guest.",
    ),
    (
        "stops", REQUEST,
        "The pier is old. it creaks when guests come.",
        "The pier is old. It creaks when guests come.",
    ),
    ("stops", REQUEST, "the pier is 90 metres long.", "The pier is 90 metres long."),
    ("prompt_remains", REQUEST, "### Response:\nThe pier is old.", "The pier is old."),
    ("prompt_remains", REQUEST, "A: The pier is old.<|im_end|>", "The pier is old."),
    (
        "boilerplate", "Can you tell me about the old harbour?",
        "Of course! I'd be happy to help. The harbour was dug by hand. I hope this helps! 😊",
        "The harbour was dug by hand.",
    ),
    (
        "boilerplate", "Write a short poem about the old harbour.",
        "Sure, here is a short poem about the old harbour:\n\nGrey boats doze\nbelow the wall.",
        "Grey boats doze\nbelow the wall.",
    ),
    (
        "boilerplate", "Thanks for the help! How deep is the old harbour?",
        "It is nine metres deep.\n\nLet me know if you have any other questions!",
        "It is nine metres deep.",
    ),
    (
        "boilerplate", "Danke, und wie tief ist der Hafen?",
        "Der Hafen ist neun Meter tief. Lass mich wissen, wenn du weitere Fragen hast!",
        "Der Hafen ist neun Meter tief.",
    ),
    (
        "boilerplate", "How deep is the old harbour? Thank you!",
        "It is nine metres deep. Let me know if you have any other questions!",
        "It is nine metres deep.",
    ),
    (
        "boilerplate", "How do I tie a boat up?",
        "Sure, here are three knots that hold:\n- bowline\n- cleat hitch\n- sheet bend",
        "Here are three knots that hold:\n- bowline\n- cleat hitch\n- sheet bend",
    ),
]  # fmt: skip

LEFT_ALONE: list[tuple[str, str, str]] = [
    ("mojibake", REQUEST, "A naïve—and cliché—café in São Paulo, «voilà»…"),
    ("mojibake", "Which encoding turns é into Ã©?", "UTF-8 read as Latin-1 gives Ã© for é."),
    ("mojibake", REQUEST, "“Curly” ﬁne ｗｉｄｅ e\u0301 stays."),
    ("entities", "How do I write & in HTML?", "Write &amp; for it, and <br> for a line break."),
    ("entities", REQUEST, "Type &lt;pier&gt; where 5 &lt; 7."),
    ("escapes", REQUEST, "A pier\\na wall."),
    ("blanks", REQUEST, "The pier is old.  It leans.\r\nIt creaks."),
    ("entities", REQUEST, "AT&T and R&D; see `&amp;`."),
    ("entities", REQUEST, "An <a href='x'>anchor</a><br>stays with its tags."),
    ("entities", REQUEST, "A <b>bold start that never ends<br>stays."),
    ("entities", REQUEST, "| Pier | Age<br>in years |\n|---|---|\n| east | 90 |"),
    ("escapes", "What does \\n mean in a string?", "It ends a line: one\\ntwo\\nthree."),
    ("escapes", REQUEST, "The files are in C:\\new\\notes\\tar."),
    ("escapes", REQUEST, "The gradient \\nabla f and \\theta are \\neq here."),
    ("escapes", REQUEST, "One.\\nTwo.\\nThree.\nA real line."),
    ("invisible", REQUEST, "می\u200cخواهم and 👩\u200d👧 stay."),
    ("invisible", REQUEST, "Il est 10\u00a0h\u00a0: tout va bien\u00a0!"),
    ("quotes", REQUEST, 'The pipe is 5" wide and “cold”.'),
    ("quotes", REQUEST, "Use ``code'' and ``code`` here."),
    ("quotes", REQUEST, "He said \"it's 'old'\" and “left”."),
    ("quotes", REQUEST, "```\nx = ``like this''\n```"),
    ("unclosed", REQUEST, "It is old.\n```"),
    ("unclosed", REQUEST, "Run this:\n```sh\nls -l\n\nThen we walk down to the old harbour."),
    ("unclosed", REQUEST, "Run this:\n```js\nfunction pier() {\n  return ["),
    ("unclosed", REQUEST, "**The pier is old\nand it leans.**"),
    ("unclosed", REQUEST, "Price** is per boat.\n\n**Without tax."),
    ("unclosed", REQUEST, "So 2 ** 3 is eight."),
    ("headings", REQUEST, "So 9 * 8 = 72.\n\n#### 72"),
    ("headings", REQUEST, "##Age\nOld.\n\n#pier by night\n\n##Depth\nDeep."),
    ("headings", REQUEST, "What a day! #harbour\n#OldPier #Sunset"),
    ("headings", REQUEST, "**Age**\nOld.\n\n**Depth**\nDeep."),
    ("headings", REQUEST, "## Age\nIt was dug long ago.\n---\n## Depth\nDeep."),
    (
        "headings", REQUEST,
        "## Pancakes\n**Ingredients**\nMilk.\n\n## Waffles\n**Ingredients**\nEggs.",
    ),
    ("math_marks", REQUEST, "A boat costs $5 and \\(x\\) boats cost $5x in \\(y\\) days."),
    ("math_marks", REQUEST, "Let \\(x\\) be $y$."),
    ("math_marks", REQUEST, "From $5 to 6$ for \\(x\\) and \\(y\\)."),
    ("math_marks", REQUEST, "Only $x$ and $y$ and $$z$$."),
    (
        "blanks", "Parle-moi du port.",
        "Le port est vieux : les bateaux y sont rares ; la mer est grise !",
    ),
    ("blanks", REQUEST, "Name   Age\nPier   90\nWall   80"),
    ("blanks", REQUEST, "| Pier  | Age |\n|-------|-----|\n| east  | 90  |"),
    ("blanks", REQUEST, "Use .5 or ... and :) as you like , \tno."),
    ("blanks", REQUEST, "- one\n    - two  \n      three"),
    ("blanks", REQUEST, "def f(a):\n    return a  + 1\n\n\n\nprint(f(1) , 2)"),
    ("spacing", REQUEST, "A line with a break  \nand its second half."),
    ("commas", REQUEST, "It is 1,000.50 in U.S.A and Node.js, see pier.Txt or a,b."),
    ("commas", REQUEST, "red,green,blue"),
    ("commas", REQUEST, "He signed as Old Salt,alpha-side,Tom Wall, and others."),
    ("blanks", REQUEST, "It is one of the . Some say more."),
    ("stops", REQUEST, "It is Jack vs. the sea, says Pier et al. and others."),
    ("stops", REQUEST, "The pier was opened on May 3, 2011,"),
    ("commas", REQUEST, "See harbour.example.com/pier,old or `a,bb`."),
    ("stops", REQUEST, "The Old Man and the Sea"),
    ("stops", REQUEST, "Ernest Hemingway"),
    ("stops", REQUEST, "Depth: it is nine metres deep"),
    ("stops", REQUEST, "- The pier is 90 metres long"),
    ("stops", REQUEST, "How old is the pier in the harbour"),
    ("stops", REQUEST, "The pier is old and was built by the"),
    ("stops", "Give me a title for my essay.", "The pier is 90 metres long"),
    ("stops", "Translate: Der Steg ist lang", "The landing stage is very long"),
    ("stops", REQUEST, "grey boats doze\nthe wall is cold tonight\nand gulls are asleep"),
    ("stops", REQUEST, "We sell ropes, e.g. iPhone straps, approx. the length of an arm."),
    ("stops", "Complete: The pier is old because", "it was built by the great-grandfathers."),
    ("stops", "Was ist ein Steg?", "ein Steg ist ein schmaler Weg, der auf das Wasser führt."),
    ("stops", "Use lower case only.", "the pier is old. it was built long ago."),
    ("stops", REQUEST, "van Gogh was a painter of boats."),
    ("stops", REQUEST, 'He wrote "Stop. the end is near" on the wall.'),
    ("prompt_remains", "Q: How old is it?\nA:", "A: The pier is old."),
    ("prompt_remains", "Which one?\nA) pier\nB) wall", "A: pier"),
    ("prompt_remains", REQUEST, "Output: seven\nReason: it is prime."),
    ("boilerplate", "Write an e-mail to a guest.", "Sure! We are open. I hope this helps!"),
    (
        "boilerplate", "Thanks, now write a thank-you note to the pilot.",
        "You brought us in, thank you. Let me know if you have any other questions!",
    ),
    ("boilerplate", "Can I swim in the harbour?", "Absolutely! The water is clean."),
    ("boilerplate", "Act as a harbour master.", "Certainly! I hope this helps."),
    ("boilerplate", "How do I greet a guest?", "Dear guest,\nThe pier is open. I hope this helps!"),
    ("boilerplate", "Tell me a lie.", "I'm sorry, but I cannot help with that."),
    ("boilerplate", "Plan a trip for me.", "Of course! Please tell me where you want to go."),
    ("boilerplate", "Name a knot.", "Sure! Bowline."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "request_", "before", "after"), CHANGED)
def test_changes(name: str, request_: str, before: str, after: str) -> None:
    assert BY_NAME[name].apply(before, request_) == after
    assert BY_NAME[name].apply(after, request_) == after


@pytest.mark.parametrize(("name", "request_", "text"), LEFT_ALONE)
def test_leaves_alone(name: str, request_: str, text: str) -> None:
    assert BY_NAME[name].apply(text, request_) == text


GATED = [row[1:] for row in CHANGED if row[0] not in ("boilerplate", "mojibake", "entities")]
ABOVE = "The harbour was dug by hand three hundred years ago and has never dried out since."


@pytest.mark.parametrize(("request_", "before", "after"), GATED)
def test_gates_pass(request_: str, before: str, after: str) -> None:
    case = Case(request_, f"{ABOVE}\n\n{before}", f"{ABOVE}\n\n{after}")
    assert first_failure(judge(case)) is None


def test_what_nobody_notices_is_marked() -> None:
    assert {name for name, operation in BY_NAME.items() if not operation.shows} == {
        "invisible",
        "spacing",
    }


PHRASES = [
    (kind, number)
    for kind, entries in phrases().items()
    if isinstance(entries, list)
    for number in range(len(entries))
]


@pytest.mark.parametrize(("kind", "number"), PHRASES)
def test_every_phrase_has_its_example(kind: str, number: int) -> None:
    entry = phrases()[kind][number]
    operation = BY_NAME["prompt_remains" if kind == "remains" else "boilerplate"]
    request = entry.get("request", "Why do leaves fall?")
    assert operation.apply(entry["example"], request) == entry["left"]
    assert operation.apply(entry["counter"], request) == entry["counter"]
    assert operation.apply(entry["left"], request) == entry["left"]


@pytest.mark.parametrize(("kind", "number"), PHRASES)
def test_no_phrase_is_covered_by_another(kind: str, number: int) -> None:
    """An entry without which its own example would still be mended says nothing."""
    entries = phrases()[kind]
    own = [sentence_of(entry) if kind == "farewell" else entry["phrase"] for entry in entries]
    others = [phrase for at, phrase in enumerate(own) if at != number]
    plain = entries[number]["example"].lower().rstrip("!.? ")
    found = re.search(own[number], plain)
    assert found
    assert not any(re.fullmatch(other, found[0]) for other in others)
