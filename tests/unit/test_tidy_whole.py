"""What is sure is mended in the whole text, or nothing is: blanks around marks, capitals, lists."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.rewriting.tidy import tidy
from realign_local.text.rules import rules

ASKED = "What should I know about the old mill? Tell me the whole story of it."
TIGHT = rules("tidy/tight")

MENDED = {
    # Blanks before marks.
    "a year": ("In 1782 , Ada Holm built it .", "In 1782, Ada Holm built it."),
    "a decade, and astray": (
        "It stood idle in the 1890s ,with no roof . Owls liked it .Children did , too .",
        "It stood idle in the 1890s, with no roof. Owls liked it. Children did, too.",
    ),
    "a quotation": ('She called it "home" . It was damp .', 'She called it "home". It was damp.'),
    "a date": (
        "It burned on Sept. 9 . The wheel stayed .",
        "It burned on Sept. 9. The wheel stayed.",
    ),
    "a row of years": (
        "It flooded , in 1801 , 1834 and 1902 .",
        "It flooded, in 1801, 1834 and 1902.",
    ),
    "two blanks, two marks": ("What a wheel  !! It turns  .", "What a wheel!! It turns."),
    "brackets": (
        "The wheel( 4 m high ) turns ( slowly ) . It is of oak .",
        "The wheel (4 m high) turns (slowly). It is of oak.",
    ),
    "within quotation marks": (
        'The sign said : " mind the wheel " . Few did .',
        'The sign said: "mind the wheel". Few did.',
    ),
    "alone in a line": (
        "It was sold , and then it was left\n.",
        "It was sold, and then it was left.",
    ),
    "behind a sentence and many blanks": (
        "It is dry !   Come in , please .   Bring bread .",
        "It is dry! Come in, please. Bring bread.",
    ),
    "two words": ("No ,never .", "No, never."),
    "a bracket and a version": ("We use it (see 3.5.2 ) . The rest is new.",
                                "We use it (see 3.5.2). The rest is new."),
    # Blanks that are missing behind them.
    "behind a number": (
        "It opened in 1782.The wheel came later.",
        "It opened in 1782. The wheel came later.",
    ),
    "small words": (
        "For me,I'm fond of it,so I go,he says.",
        "For me, I'm fond of it, so I go, he says.",
    ),
    "a bracket of names": (
        "Two towns (Holm,Stone-on-Sea) own it,but look,it leaks.",
        "Two towns (Holm, Stone-on-Sea) own it, but look, it leaks.",
    ),
    "semicolons, colons, money": (
        "It is old;it leaks.Remember:the door sticks,so push.Entry:$4,paid there.",
        "It is old; it leaks. Remember: the door sticks, so push. Entry: $4, paid there.",
    ),
    "a price behind a label, and many blanks": (
        "Open till 8 pm .   Entry:$4.50 , dogs free .",
        "Open till 8 pm. Entry: $4.50, dogs free.",
    ),
    "a label": (
        "Subject:Repair of the mill\n\nIt leaks.",
        "Subject: Repair of the mill\n\nIt leaks.",
    ),
    "one label tight, one apart": (
        "Wheel:The part that turns .\nRace : the water that turns it .",
        "Wheel: The part that turns.\nRace: the water that turns it.",
    ),
    "small letters behind stops": (
        "ok its easy.you lift the gate,then wait.its loud when it turns.enjoy",
        "ok its easy. you lift the gate, then wait. its loud when it turns. enjoy",
    ),
    "a sentence in brackets": (
        "It is loud.(It always was.)Then it stops,mostly.",
        "It is loud. (It always was.) Then it stops, mostly.",
    ),
    "shortened words, code, acronyms": (
        "Grind rye,e.g. once a day.Run `mill --on`,then wait.It is NABU.The rest is ours.",
        "Grind rye, e.g. once a day. Run `mill --on`, then wait. It is NABU. The rest is ours.",
    ),
    # Beginnings.
    "blanks and a small letter first": (
        "  it is basically a house with a wheel.", "It is basically a house with a wheel.",
    ),
    # Lists.
    "a number apart from its bracket": (
        "1) Lift the gate\n2 ) Wait\n3)Shut it", "1. Lift the gate\n2. Wait\n3. Shut it",
    ),
    "tight dashes of which one is another": (
        "Bring:\n-rye bread\n-dry socks\n-a lamp", "Bring:\n-rye bread\n-dry socks\n-a lamp",
    ),
    "tight dashes of words": (
        "Bring:\n-rye bread\n-dry socks\n-old lamps",
        "Bring:\n- rye bread\n- dry socks\n- old lamps",
    ),
    "text with a picture behind a list": (
        "How:\n\n1. Lift the gate.\n2. Wait.\nHave fun there!!! 🎉",
        "How:\n\n1. Lift the gate.\n2. Wait.\n\nHave fun there!!! 🎉",
    ),
    "a lead whose list is not set apart as the other one": (
        "This is to bring :\n- rye\n- salt\n\nThis is not :\n\n- dogs\n- cats , too",
        "This is to bring:\n\n- rye\n- salt\n\nThis is not:\n\n- dogs\n- cats, too",
    ),
    "titles between lists": (
        "Come if\n- it rains\n- you like owls\nStay away if\n- it storms\n- you fear owls",
        "Come if\n- it rains\n- you like owls\n\nStay away if\n- it storms\n- you fear owls",
    ),
    "a bare row of small letters": (
        "Its uses are: 1. rye 2. wheat 3. spelt 4. malt",
        "Its uses are:\n\n1. rye\n2. wheat\n3. spelt\n4. malt",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "new"), MENDED.values(), ids=MENDED)
def test_all_of_it_is_mended(text: str, new: str) -> None:
    assert tidy(text, ASKED).text == new
    assert tidy(new, ASKED).text == new
    assert first_failure(judge(Case(ASKED, text, new))) is None


LEFT = {
    "French": "Le moulin est vieux ; il grince : hélas ! On y va , demain .",
    "sums": "Take x , y and z. Then f(x,y) = x,y holds for a,b and c.",
    "chess": "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6",
    "a score": "It was 5 : 3 for the mill, and that was it.",
    "files and sites": "See mill.html and wheel.txt on mill.org. It is in www.mill.org,so look.",
    "a missing word": "It was sold to a . In it lived a family of . Owls came.",
    "options": "The options are:\n-wet grind it wet\n-dry grind it dry\n-fast grind it fast",
    "small letters throughout": "it is old. rye goes in. flour comes out.\n\nowls live there",
    "columns": "Rye   .   4\nOat   .   5\nIt is the list, as ever.",
    "a margin of all lines": "  it is old\n  it is dry and cold",
    "a title of software": "Mill:Origins",
    "ratios and times": "It opens at 10:30, and 3:2 is the ratio of 1,000 to 1.5.",
    "values of a table": "Ada Holm,rye\nBo Lind,malt\nCy Dahl,spelt",
    "colons in signs": "Meet me there :) or there ;) or else.",
}


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_nothing_of_it_is_mended(text: str) -> None:
    assert tidy(text, ASKED).text == text


KEPT_AMONG_SLIPS = {
    "names with dots": ("We like .NET ,and C# , but not Node.js . See .gitignore , too .",
                        "We like .NET, and C#, but not Node.js. See .gitignore, too."),
    "smileys": ("It is dry :) ,and warm ;) , too .", "It is dry :), and warm ;), too."),
    "quotation marks that are no pair": (
        'It was" damp" and "cold" , they say .', 'It was" damp" and "cold", they say.',
    ),
    "letters": ("Sets a,b,c are here,so take x , y ,then add .",
                "Sets a,b,c are here, so take x , y, then add."),
    "numbers": (
        "It is 3:2,or 1,000,but not 2.5,we think.",
        "It is 3:2, or 1,000, but not 2.5, we think.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "new"), KEPT_AMONG_SLIPS.values(), ids=KEPT_AMONG_SLIPS)
def test_what_is_no_slip_stays_among_slips(text: str, new: str) -> None:
    assert tidy(text, ASKED).text == new


def test_one_sentence_that_stays_small_keeps_the_others_small() -> None:
    half = "it turns. the gate is up. kwirl sleeps there. it is loud when the water comes."
    assert tidy(half.replace("it turns", "It turns"), ASKED).text.startswith("It turns. the gate")
    whole = "It turns. the gate is up. it is loud when the water comes."
    assert tidy(whole, ASKED).text == "It turns. The gate is up. It is loud when the water comes."


def test_a_label_that_the_request_has_too_is_left_over() -> None:
    assert tidy("Output: rye", "Output: what does it grind?").text == "rye"
    assert tidy("Output: rye", "Give me the output: what does it grind?").text == "Output: rye"


@pytest.mark.parametrize("word", [*TIGHT["files"]["words"], *TIGHT["sites"]["words"]])
def test_ends_of_names(word: str) -> None:
    text = f"It turns,it leaks.Then look into wheel.{word} there."
    assert f"into wheel.{word} there" in tidy(text, ASKED).text


@pytest.mark.parametrize("word", TIGHT["schemes"]["words"])
def test_beginnings_of_addresses(word: str) -> None:
    text = f"It turns,it leaks.Then look into {word}:Mill there,please."
    assert f"into {word}:Mill there" in tidy(text, ASKED).text


@pytest.mark.parametrize("word", TIGHT["chemistry"]["words"])
def test_words_of_chemistry(word: str) -> None:
    text = f"It turns,it leaks.Then add {word},keto acid there."
    assert f"add {word},keto acid" in tidy(text, ASKED).text
