"""What looks like a slip to an operation and is meant: each text stays, its neighbour is mended."""

from __future__ import annotations

import pytest

from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy import (
    boilerplate,
    characters,
    labels,
    lists,
    markdown,
    paragraphs,
    surface,
    tables,
)
from realign_local.text.rules import rules

BY_NAME: dict[str, Operation] = {
    operation.name: operation
    for module in (
        boilerplate, characters, labels, lists, markdown, paragraphs, surface, tables
    )
    for operation in module.OPERATIONS
}  # fmt: skip
HOW = "How do I look after the old boat that I have?"


MEANT: list[tuple[str, str, str]] = [
    # Rows of tildes and backticks that are no fences.
    ("unclosed", HOW, "Oars and sails\n~~~~~~~~~~~~~~\n\nOars are of ash"),
    ("unclosed", HOW, "The log said:\n   mast = rope + 3\n   ~~~~   ^~~~\nand so on"),
    ("unclosed", HOW, "Hulls\n~~~\nKeep them dry"),
    ("unclosed", HOW, "Hulls:\n``````\nKeep them dry"),
    ("unclosed", HOW, "Do this:\n```sh\nls /boats\nThat was all."),
    # Letters that the text speaks of.
    ("list_marks", HOW, "Boats are moved by\n\na. oars\nb. wind\nc. steam\n\nOf these, c is gone."),
    ("list_marks", HOW, "Which one floats?\na) Cork\nb) Lead\nc) Iron"),
    ("list_marks", HOW, "a. depth\nb. beam\nc. length\n\nThen a times b is the section."),
    ("list_marks", HOW, "a. depth\nb. beam\nc. length, which is twice b"),
    # Commas of commands, data and names.
    ("commas", HOW, "Run ls --sort size,time and look."),
    ("commas", HOW, "Run ls -o size,time and look, too."),
    ("commas", HOW, 'Enter "mast,keel" there, please.'),
    ("commas", HOW, "mast      ash,oak"),
    ("commas", HOW, "As ever, the columns are mast,keel,rudder"),
    ("commas", HOW, "Set mast,keel:nine on it, please."),
    ("commas", HOW, "Paints have gamma,delta-lactones in them, too."),
    ("commas", HOW, "Scrub it. The log is in keel.Txt, too."),
    ("commas", HOW, "The log is in keel.Local and there only."),
    # Half a mend would show the other half the more.
    ("commas", HOW, "The lime,alpha-side and the mast,keel-side of it are red,too."),
    ("commas", HOW, "It is at lx,ly on the chart."),
    ("blanks", HOW, "It is a boat of the .Net kind, and it is old."),
    # Signs that are named, and dots that are folders.
    ("blanks", HOW, "In the log the sign ! is for storms, and the ? is for fog."),
    ("blanks", HOW, "The log has ? for fog and that is all."),
    ("blanks", HOW, "They part the names with a comma , and the days with a semicolon ; there."),
    ("blanks", HOW, "Open the log with vim . It is long."),
    ("blanks", HOW, "Copy the log with cp -a log . The rest is easy."),
    ("blanks", "Which command shows the boats?", "It is ls . That is all of it."),
    # Analogies, ratios, and lines of which one would keep its blank.
    ("blanks", HOW, "Think of it so: oar : boat :: wheel : cart."),
    ("blanks", HOW, "The mix : good\nIt was 3 : 2 for the oil."),
    ("blanks", HOW, "m : the mast\nkeel : the keel of the boat"),
    ("list_marks", HOW, "- Leg 3 : 2 to us\n- Leg 1 : 0 to them"),
    # A profile has no header.
    ("tables", HOW, "Name | Old Salt\nCountry | Malta\nYear | 1912"),
    ("tables", "What is the model?", "Type\tModel\nColor\tBlue\nWeight\t900"),
    # Wording that the answer offers.
    ("boilerplate", HOW, "Sure! Tell the owner: It is dry again. Let me know if you need more."),
    ("boilerplate", HOW, "Say this:\nThe boat is dry. I hope this helps!"),
    ("boilerplate", "How do I answer my guests?", "The boat is dry. I hope this helps!"),
    # Abbreviations and names that are written small.
    ("stops", HOW, "Of masts, the std. is the one of ash."),
    ("stops", HOW, "It is told wrt. the keel, see chap. in the log."),
    ("stops", HOW, "The yard is called BoatXpress. not many know it."),
    ("stops", HOW, "kayakd is a service that counts the boats."),
    ("stops", HOW, "pip is a tool that counts the boats."),
    ("stops", HOW, "bell hooks was a writer of many books."),
    # Speech and verse.
    ("labels", "Write a scene on a boat.", "Mate: Set sail.\nCook: Stew is done.\nBoy: Fog ahead."),
    ("labels", HOW, "Mate: Good evening\nCook: A bowl of stew, sir\nBoy: This way"),
    ("labels", HOW, "The mate said: rest\nThe cook said: eat\nThe boy said: sleep"),
    ("labels", HOW, "Oak: for the keel,\nAsh: for the oar,\nElm: for the rest,"),
    ("labels", "What is the rhyme?", "One - for the keel\nTwo - for the oar\nSix - for the sail"),
    ("labels", HOW, "Book - Author\nEmma - Austen\nUlysses - Joyce\nDune - Herbert"),
    ("list_marks", HOW, "— Salut, dit le mousse\n— Bonsoir, dit Anne\n— Adieu, dit le vent"),
    ("list_marks", HOW, "They sang:\n— Heave\n— Ho\n— Haul"),
    ("list_marks", HOW, "– Hola, dijo\n– Adiós, dijo\n– Bueno, dijo"),
    # French has blanks before its marks, whatever the request speaks.
    ("blanks", HOW, "Elle part ; il reste ."),
    ("blanks", "Put 'Are you in the boat?' into French.", "Tu dors ?"),
    ("list_marks", HOW, "- Ville : Brest\n- Prix : dix"),
    # Lines that are no paragraph.
    (
        "unwrap", "How does the hymn go?",
        "Eternal Father, strong to save, whose arm hath bound the restless wave,\n"
        "Who bidd'st the mighty ocean deep its own appointed limits keep and hold,\n"
        "O hear us when we cry to Thee for those in peril on the wide and open sea,\n"
        "And ever let there rise to Thee glad hymns of praise from land and sea.",
    ),
    (
        "unwrap", HOW,
        "Long nights upon the water with the lantern burning low and dim and red,\n"
        "Cold mornings when the herring ran and no one of us had a word to say,\n"
        "The gulls behind the rudder and the harbour bells ahead of us and loud,\n"
        "Old boat, I hear you creaking yet as if you wanted to be far away.",
    ),
    # Number signs of directives, settings and hashtags.
    ("headings", HOW, "# The log\n\n#define mast\n\nIt is kept there."),
    ("headings", HOW, "# The log\n\n#Keel length: nine\n\nIt is kept there."),
    ("headings", HOW, "# The log\n#Masts Always\n\nIt is kept there."),
    ("headings", HOW, "# The log\n\nIt is kept there.\n\n#sail with friends"),
    # Half of the marks of a prompt.
    ("prompt_remains", HOW, f"<s>[INST] {HOW} [/INST] Keep it dry all year. </s>"),
    ("prompt_remains", HOW, "<|im_start|>user\nHow?<|im_end|>\n<|im_start|>bot\nDry.<|im_end|>"),
    # Footnotes.
    ("list_marks", HOW, "It was dry.*\n\n*Hull 1912, p. 3\n*Salt 1920, p. 8"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "request_", "text"), MEANT)
def test_what_is_meant_stays(name: str, request_: str, text: str) -> None:
    assert BY_NAME[name].apply(text, request_) == text


MENDED: list[tuple[str, str, str, str]] = [
    ("unclosed", HOW, "Do this:\n~~~\nls /boats", "Do this:\n~~~\nls /boats\n~~~"),
    ("unclosed", HOW, "Do this\n```sh\nls /boats", "Do this\n```sh\nls /boats\n```"),
    ("list_marks", HOW, "a. Dry a mast\nb. Oil it\nc. Wait", "1. Dry a mast\n2. Oil it\n3. Wait"),
    (
        "commas", HOW,
        "Scrub it well.Then dry it.Paint the hull,then the mast,too.",
        "Scrub it well. Then dry it. Paint the hull, then the mast, too.",
    ),
    ("commas", HOW, "Dry it.The log is in keel.Txt, too.", "Dry it. The log is in keel.Txt, too."),
    (
        "commas", HOW,
        "Rope,tar and oil,wax,too: keel.Result.NONE is there, and keel.Result.NO.",
        "Rope, tar and oil, wax, too: keel.Result.NONE is there, and keel.Result.NO.",
    ),
    (
        "commas", HOW,
        "Take rope,tar,wax and oil.Add tar,then wait.",
        "Take rope, tar, wax and oil. Add tar, then wait.",
    ),
    (
        "commas", HOW,
        "He sailed from Hull.His boat,the Ruhl,was red.It sank off cape alpha,beta-side.",
        "He sailed from Hull. His boat, the Ruhl, was red. It sank off cape alpha,beta-side.",
    ),
    (
        "commas", HOW, "Old Salt,A.B. Hull and Pier,Tom saw it, too.",
        "Old Salt, A.B. Hull and Pier, Tom saw it, too.",
    ),
    (
        "commas", "Was macht man im Winter mit dem Boot?",
        "Man holt es aus dem Wasser,wäscht es und trocknet es.Im Frühling malt man es an.",
        "Man holt es aus dem Wasser, wäscht es und trocknet es. Im Frühling malt man es an.",
    ),
    (
        "blanks", HOW,
        "Scrub the hull ,dry it ,and oil it .It keeps for a year .",
        "Scrub the hull, dry it, and oil it. It keeps for a year.",
    ),
    ("blanks", HOW, "Is it dry ? Then it is done .", "Is it dry? Then it is done."),
    ("blanks", HOW, "Note : the hull is old .", "Note: the hull is old."),
    (
        "tables", HOW, "Feature | Value\nSize | big\nColor | red",
        "| Feature | Value |\n| --- | --- |\n| Size | big |\n| Color | red |",
    ),
    ("boilerplate", HOW, "Sure! Keep it dry. I hope this helps!", "Keep it dry."),
    ("boilerplate", HOW, "Sure!\n\n  __\n<(o )__\n (  ._/\n\nA duck is dry.",
     "  __\n<(o )__\n (  ._/\n\nA duck is dry."),
    ("boilerplate", HOW, "Sure!\n  Keep it dry.\n\nAir it.", "Keep it dry.\n\nAir it."),
    ("stops", HOW, "It is in the harbour. it is dry.", "It is in the harbour. It is dry."),
    ("stops", HOW, "varnish, they say, is the best.", "Varnish, they say, is the best."),
    ("stops", HOW, "seasoning is what the wood needs.", "Seasoning is what the wood needs."),
    (
        "labels", "De quoi ai-je besoin ?",
        "Huile : un litre\nCire : deux pots\nÉponge : une grande, bien douce, de la mer",
        "- **Huile :** un litre\n- **Cire :** deux pots\n- **Éponge :** une grande, bien douce,"
        " de la mer",
    ),
    ("headings", HOW, "# Masts\n\n#Oars and sails\n\nDry.", "# Masts\n\n# Oars and sails\n\nDry."),
    ("prompt_remains", HOW, "[/INST] Keep it dry all year. </s>", "Keep it dry all year."),
    ("entities", HOW, "&iquest;D&oacute;nde est&aacute;? &laquo;A&ntilde;o&raquo;",
     "¿Dónde está? «Año»"),
    ("list_marks", HOW, "*Dry it\n*Oil it", "- Dry it\n- Oil it"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "request_", "before", "after"), MENDED)
def test_what_is_a_slip_is_mended(name: str, request_: str, before: str, after: str) -> None:
    assert BY_NAME[name].apply(before, request_) == after
    assert BY_NAME[name].apply(after, request_) == after


@pytest.mark.parametrize("word", rules("tidy/lists")["saying"]["words"])
def test_words_that_announce_speech(word: str) -> None:
    text = f"Anne {word}:\n– Oui\n– Non\n– Bien"
    assert BY_NAME["list_marks"].apply(text, HOW) == text
    assert BY_NAME["list_marks"].apply(text.replace(word, "buys"), HOW) != text


@pytest.mark.parametrize("word", rules("tidy/tables")["facts"]["words"])
def test_words_over_a_column_of_facts(word: str) -> None:
    text = f"{word.capitalize()} | Value\nSize | big\nColor | red"
    assert "| --- | --- |" in BY_NAME["tables"].apply(text, f"Which {word}?")


@pytest.mark.parametrize("word", rules("tidy/surface")["names"]["words"])
def test_words_before_a_sign_that_is_meant(word: str) -> None:
    text = f"The log has a {word} ; it is old."
    assert BY_NAME["blanks"].apply(text, HOW) == text
    assert BY_NAME["blanks"].apply(text.replace(word, "cover"), HOW) != text


@pytest.mark.parametrize("word", rules("tidy/surface")["runs"]["words"])
def test_words_before_a_command(word: str) -> None:
    text = f"You can {word} vim . It is old."
    assert BY_NAME["blanks"].apply(text, HOW) == text


@pytest.mark.parametrize("word", rules("tidy/boilerplate")["says"]["words"])
def test_words_that_offer_a_wording(word: str) -> None:
    text = f"You may {word}: The boat is dry. I hope this helps!"
    assert BY_NAME["boilerplate"].apply(text, HOW) == text


@pytest.mark.parametrize("word", rules("tidy/boilerplate")["people"]["words"])
def test_whom_one_wants_to_answer(word: str) -> None:
    text = "The boat is dry. I hope this helps!"
    assert BY_NAME["boilerplate"].apply(text, f"How do I answer {word} here?") == text
