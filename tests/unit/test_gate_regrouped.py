"""Sentences that became bullets, tables or steps: faithful ones pass, one damage each is seen."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, judge

REGROUPED = [
    (
        "What grows in a bog?",
        "In a bog grow sundew, cotton grass and cranberry. Sundew catches small flies with sticky "
        "hairs. The water is sour and brown, and the peat below it is up to 6 m deep. Walk only "
        "on the planks, before the fog comes.",
        "**Plants**\n- Sundew, which catches small flies with sticky hairs\n- Cotton grass\n"
        "- Cranberry\n\n**Ground**\n- The water is sour and brown.\n- The peat below it is up to "
        "6 m deep.\n\nWalk only on the planks, before the fog comes.",
        [
            ("sticky hairs", "sticky leaves"),
            ("sour and brown", "sweet and brown"),
            ("- Cotton grass\n", ""),
            ("before the fog", "after the fog"),
            ("sour and brown", "sour and clear"),
        ],
    ),
    (
        "How do I dye wool with onion skins?",
        "Boil the skins in a pot for an hour and pour the liquid through a sieve. Wet the wool, "
        "lay it into the liquid and warm it slowly for forty minutes. Let it cool in the pot, "
        "rinse it and hang it in the shade.",
        "1. Boil the skins in a pot for an hour.\n2. Pour the liquid through a sieve.\n"
        "3. Wet the wool, lay it into the liquid and warm it slowly for 40 minutes.\n"
        "4. Let it cool in the pot.\n5. Rinse it and hang it in the shade.",
        [
            (
                "2. Pour the liquid through a sieve.\n3. Wet the wool, lay it into the liquid and "
                "warm it slowly for 40 minutes.",
                "2. Wet the wool, lay it into the liquid and warm it slowly for 40 minutes.\n"
                "3. Pour the liquid through a sieve.",
            ),
            ("warm it slowly", "warm it quickly"),
            ("40 minutes", "40 hours"),
        ],
    ),
    (
        "When does the ferry run?",
        "The ferry runs on Mondays and Thursdays at 7 am and at half past four, from May to "
        "August. On Sundays it does not run. A ticket costs $6.",
        "**Ferry**\n- Monday, Thursday: 7:00 a.m. and 4:30 p.m.\n- Season: May to August\n"
        "- Sunday: does not run\n- Ticket: $6",
        [("Thursday:", "Friday:"), ("4:30", "5:30"), ("May to", "March to"), ("$6", "$9")],
    ),
    (
        "Quand la bibliothèque est-elle ouverte ?",
        "La bibliothèque est ouverte les mardis de 10 h à 18 h et les samedis de 9 h à midi. "
        "Elle ferme le 14 juillet. On peut emprunter cinq livres au maximum.",
        "- Mardi : 10h00–18h00\n- Samedi : 9h00–12h00\n- Fermée le 14/07\n"
        "- Emprunt : 5 livres au maximum",
        [("18h00", "19h00"), ("14/07", "14/08"), ("maximum", "minimum"), ("Mardi", "Jeudi")],
    ),
    (
        "Wie halte ich Hühner?",
        "Hühner brauchen einen trockenen Stall und drei Sitzstangen. Gib ihnen morgens Körner und "
        "am Abend frisches Wasser. Die Tür muss um 20 Uhr zu sein, weil der Fuchs kommt.",
        "**Stall**\n- Trocken, mit 3 Sitzstangen\n- Tür: um 20:00 Uhr zu, weil der Fuchs kommt\n\n"
        "**Futter**\n- Morgens: Körner\n- Am Abend: frisches Wasser",
        [("Fuchs", "Marder"), ("20:00", "21:00"), ("frisches Wasser", "warmes Wasser")],
    ),
    (
        "怎么煮面？",
        "先在锅里放一升水，大火烧开。放入两百克面条，小火煮三分钟。最后加盐和葱花，不要加糖。",
        "1. 在锅里放1升水，大火烧开。\n2. 放入200克面条，小火煮3分钟。\n"
        "3. 最后加盐和葱花，不要加糖。",
        [("小火煮", "大火煮"), ("加盐", "加醋"), ("3分钟", "5分钟")],
    ),
    (
        "プールはいつ開いていますか？",
        "プールは水曜日と土曜日の午前九時から午後六時まで開いています。着替えてからシャワーを"
        "浴びてください。",
        "- 水曜日、土曜日：9:00〜18:00\n- 着替えてからシャワーを浴びてください。",
        [("水曜日", "木曜日"), ("着替えてから", "着替える前に"), ("18:00", "19:00")],
    ),
    (
        "Como cuido de uma orquídea?",
        "A orquídea gosta de luz indireta. Regue no máximo duas vezes por semana e nunca deixe "
        "água no prato. Em 3 de maio comece a adubar.",
        "- **Luz:** indireta\n- **Rega:** no máximo 2 vezes por semana; nunca deixe água no prato"
        "\n- **Adubo:** comece em 03/05",
        [("máximo", "mínimo"), ("03/05", "03/06"), ("prato", "vaso")],
    ),
]


def failed(case: Case) -> dict[str, str]:
    return {name: v.detail for name, v in judge(case).items() if v.outcome == "fail"}


@pytest.mark.parametrize(("request_", "original", "rewritten", "_"), REGROUPED)
def test_a_faithful_layout_passes(
    request_: str, original: str, rewritten: str, _: list[tuple[str, str]]
) -> None:
    assert failed(Case(request_, original, rewritten)) == {}


@pytest.mark.parametrize(
    ("request_", "original", "damaged"),
    [
        (asked, original, rewritten.replace(old, new, 1))
        for asked, original, rewritten, changes in REGROUPED
        for old, new in changes
    ],
)
def test_one_damage_is_seen(request_: str, original: str, damaged: str) -> None:
    assert failed(Case(request_, original, damaged))


COMPARED = "Lynxes hunt alone and eat hares. Wolves hunt in packs and eat deer."
TABLE = "| | Lynxes | Wolves |\n|---|---|---|\n| Hunt | alone | in packs |\n| Eat | hares | deer |"


def test_cells_that_trade_places() -> None:
    asked = "How do lynxes and wolves hunt?"
    assert failed(Case(asked, COMPARED, TABLE)) == {}
    assert failed(Case(asked, COMPARED, TABLE.replace("hares | deer", "deer | hares")))


SHELF = "Plums, cherries and figs need sun. Ferns, mosses and ivy need shade."
SHELVES = "| Sun | Shade |\n|---|---|\n| Plums | Ferns |\n| Cherries | Mosses |\n| Figs | Ivy |"


def test_an_item_under_the_head_of_others() -> None:
    asked = "What needs sun?"
    assert failed(Case(asked, SHELF, SHELVES)) == {}
    assert failed(Case(asked, SHELF, SHELVES.replace("Figs | Ivy", "Ivy | Figs")))


def test_ranks_that_trade_places() -> None:
    text = "Oak burns the longest, beech comes second and birch third. Pine spits."
    faithful = "1. Oak (burns the longest)\n2. Beech\n3. Birch\n\nPine spits."
    assert failed(Case("Which wood burns longest?", text, faithful)) == {}
    turned = faithful.replace("2. Beech\n3. Birch", "2. Birch\n3. Beech")
    assert failed(Case("Which wood burns longest?", text, turned))


def test_steps_that_the_text_itself_turns_round() -> None:
    text = "Pour the batter into the tin and bake it, but grease the tin before you fill it."
    steps = "1. Grease the tin.\n2. Pour the batter into the tin and bake it."
    assert "order" not in failed(Case("How do I bake it?", text, steps))


@pytest.mark.parametrize(
    ("request_", "original", "faithful", "damaged"),
    [
        (
            "Plan the party.",
            "Nora will bake the cake and Emil will hang the lamps.",
            "- Nora will bake the cake.\n- Emil will hang the lamps.",
            "- Emil will bake the cake.\n- Nora will hang the lamps.",
        ),
        (
            "比较船和车。",
            "船要三个半小时，票价很低。车只要两个小时，票价很高。",
            "| | 船 | 车 |\n|---|---|---|\n| 时间 | 3.5小时 | 2小时 |\n| 票价 | 很低 | 很高 |",
            "| | 船 | 车 |\n|---|---|---|\n| 时间 | 4.5小时 | 2小时 |\n| 票价 | 很低 | 很高 |",
        ),
        (
            "Compara el pan y la pasta.",
            "El pan se hornea a 220 grados y es crujiente. La pasta se cuece a 100 grados y es "
            "blanda.",
            "| | Pan | Pasta |\n|---|---|---|\n| Calor | 220 °C | 100 °C |\n"
            "| Textura | crujiente | blanda |",
            "| | Pan | Pasta |\n|---|---|---|\n| Calor | 220 °C | 100 °C |\n"
            "| Textura | blanda | crujiente |",
        ),
        (
            "Wie lagere ich Äpfel?",
            "Lege die Äpfel in eine Kiste im Keller. Der Raum soll dunkel sein, und die Birnen "
            "gehören in ein anderes Regal.",
            "- Lege die Äpfel in eine Kiste im Keller.\n- Raum: dunkel\n"
            "- Birnen: gehören in ein anderes Regal",
            "- Lege die Äpfel in eine Kiste im Garten.\n- Raum: dunkel\n"
            "- Birnen: gehören in ein anderes Regal",
        ),
        (
            "Как хранить мёд?",
            "Храните мёд в тёмном шкафу, банка должна быть сухой.",
            "- Место: тёмный шкаф\n- Банка: должна быть сухой",
            "- Место: тёмный погреб\n- Банка: должна быть сухой",
        ),
        (
            "O que é um farol?",
            "Um farol é uma torre com uma luz forte no topo.",
            "**Farol:** uma torre com uma luz forte no topo.",
            "Reformule o texto a seguir:\n\n**Farol:** uma torre com uma luz forte no topo.",
        ),
    ],
)
def test_one_layout_faithful_and_damaged(
    request_: str, original: str, faithful: str, damaged: str
) -> None:
    assert failed(Case(request_, original, faithful)) == {}
    assert failed(Case(request_, original, damaged))
