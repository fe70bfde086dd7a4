"""Light edits by hand, that change the form alone, and damages that look like them."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge

FAITHFUL = [
    ("Explain the game.", "Two to 4 people play.", "Between 2 and 4 people play."),
    (
        "Explain the game.",
        "Three to six players share a deck of sixty tiles.",
        "- 3 to 6 players share a deck of 60 tiles.",
    ),
    (
        "Where is the manual?",
        "You can find the manual on its page, https://example.org/manual/. Print it.",
        "You can find the manual on its page: https://example.org/manual/\n\nPrint it.",
    ),
    ("A vat of 160 l is 3/8 full.", "3/8 of 160 is 60 litres.", "3/8 × 160 = 60 litres"),
    (
        "What do the sheds measure?",
        "Shed Oak: width 310 cm, weight 95.5 kg. Shed Elm: width 280 cm, weight 81.2 kg.",
        "| Shed | Width (cm) | Weight (kg)* |\n|---|---|---|\n| Oak | 310 | 95.5 |\n"
        "| Elm | 280 | 81.2 |",
    ),
    ("Sum up the year.", "Sales were $7.2m, up 4%.", "**Sales:** $7.2 million, up 4%"),
    (
        "Sum up the meeting.",
        "Jo Tanaka said that the Leeds branch will close on 3 June. Nobody objected.",
        "- **Leeds branch:** Jo Tanaka said that it will close on 3 June.\n- Nobody objected.",
    ),
    (
        "Write a review.",
        "We stayed 2 night's in Dezember. Wifi was abit slow, the heater dont work. "
        "We payed 90 pounds per night.",
        "We stayed 2 nights in December. Wi-Fi was a bit slow, and the heater doesn't work. "
        "We paid £90 per night.",
    ),
    (
        "Write a dialogue at a ticket desk.",
        "A: Good evening, one ticket please. B: Front or back? A: Back. "
        "B: Here you are, have a nice day!",
        "**A:** Good evening, one ticket, please.\n\n**B:** Front or back?\n\n**A:** Back.\n\n"
        "**B:** Here you are, have a nice day!",
    ),
    (
        "How do I repot a fern?",
        "The best time to repot a fern is March. You need a pot and fresh soil. "
        "Water the fern first. "
        "Lift it out of its pot. Then set it into the fresh soil. Wait a week before you feed it. "
        "Garden soil isn't suitable because it stays wet. Happy potting!",
        "The best time to repot a fern is March.\n\n## You need\n\n- A pot\n- Fresh soil\n\n"
        "Garden soil isn't suitable because it stays wet.\n\n## Steps\n\n1. Water the fern first.\n"
        "2. Lift it out of its pot.\n3. Set it into the fresh soil.\n"
        "4. Wait a week before you feed it.",
    ),
    (
        'Say for each whether it is true: 1) "Lead floats" 2) "Ice floats" 3) "Cork floats"',
        "1 false, 2 true, 3 true",
        '1. "Lead floats" – **false**\n2. "Ice floats" – **true**\n3. "Cork floats" – **true**',
    ),
    (
        "A jar costs $3.20. What do 15 jars cost?",
        "At $3.20 each that is 15 * 3.20 = $48. #### 48",
        "15 × $3.20 = $48.\n\n**Answer:** $48",
    ),
    ("Can I eat ivy?", "No.", "No, you can not eat ivy."),
    (
        "Vad gäller på stranden?",
        "Man får bada hela dagen. Man får inte elda, röka eller ta med hundar.",
        "Man får bada hela dagen.\n\n**Det är förbjudet att**\n- elda\n- röka\n- ta med hundar",
    ),
    (
        "Give the timeline.",
        "Work began in March 2019. It stopped in October of the same year.",
        "- **March 2019:** Work began.\n- **October 2019:** It stopped.",
    ),
    (
        "What do I pack?",
        "You'll want boots, a coat and some rope. Don't forget a lamp.",
        "- Boots\n- A coat\n- Some rope\n- A lamp",
    ),
]

DAMAGED = [
    (
        "What do I need?",
        "Members show their card and sign the list at the door.",
        "- **Members:** show their card or sign the list at the door",
    ),
    (
        "Who won?",
        "First place went to Ida Holm, 88 points. Second was Per Lund, 80. Third was Bo Dahl, 71.",
        "| Place | Name | Points |\n|---|---|---|\n| 1 | Ida Holm | 88 |\n| 2 | Bo Dahl | 71 |\n"
        "| 3 | Per Lund | 80 |",
    ),
    (
        "Compare the seeds.",
        "Per 100 g: flax has 534 kcal, 18 g protein and 42 g fat; chia has 486 kcal, 17 g protein "
        "and 31 g fat.",
        "| Per 100 g | Energy (kcal) | Protein (g) | Fat (g) |\n|---|---|---|---|\n"
        "| Flax | 534 | 42 | 18 |\n| Chia | 486 | 17 | 31 |",
    ),
    (
        "What happened?",
        "Vara Foods has taken over Milo Bakeries for 9 million dollars.",
        "- Milo Bakeries has taken over Vara Foods for $9 million.",
    ),
    (
        "What did the study find?",
        "In a study of 90 cooks, long shifts led to more burns in the same week.",
        "**Study of 90 cooks**\n\n- More burns led to long shifts in the same week.",
    ),
    (
        "Who are the neighbours?",
        "Zambia borders Angola, Malawi, Namibia and Botswana.",
        "Zambia borders:\n\n- Angola\n- Malawi\n- Uganda\n- Namibia\n- Botswana",
    ),
    (
        "Et la récolte ?",
        "Selon la ferme, la récolte pourrait baisser de 12 % cette année.",
        "- Selon la ferme, la récolte va baisser de 12 % cette année.",
    ),
    (
        "Find the roots.",
        "The roots are x = (8 ± √(64 - 28))/2 = (8 ± 6)/2, so x = 7 or x = 1.",
        "$$x = \\frac{8 \\pm \\sqrt{64-28}}{4} = \\frac{8 \\pm 6}{2}$$\n\nSo $x = 7$ or $x = 1$.",
    ),
    ("How fast?", "It falls with 1/d^3, as measured.", "It falls with €1/d^3$, as measured."),
    (
        "Fill in the table.",
        "Hut 1: N, Y, N. Hut 2: Y, Y, N.",
        "| | Oven | Bath | Lamp |\n|---|---|---|---|\n| Hut 1 | Y | N | N |\n| Hut 2 | Y | Y | N |",
    ),
    (
        "When do they ripen?",
        "The first come in May: peas. In June the beans follow, in July plums, in August figs.",
        "**Early**\n- Peas: May\n- Beans: July\n\n**Late**\n- Plums: June\n- Figs: August",
    ),
    (
        "怎样换滤芯?",
        "首先关掉水阀,然后拧下外壳,接着换上滤芯,最后打开水阀。",
        "1. 拧下外壳\n2. 关掉水阀\n3. 换上滤芯\n4. 打开水阀",
    ),
    (
        "เปลี่ยนสินค้าได้ไหม",
        "เปลี่ยนสินค้าได้ภายใน 7 วัน หากยังไม่เปิดกล่องและมีใบเสร็จ",
        "- เปลี่ยนสินค้าได้ภายใน 7 วัน\n- **เงื่อนไข:** ต้องมีใบเสร็จ",
    ),
    ("Is ivy safe?", "Yes, if cooked.", "No, ivy is not safe if cooked."),
    (
        "Write a guide.",
        "Dig the bed. Rake it flat. Sow the seed.",
        "### 1. Dig\nDig the bed.\n\n### 2. Rake\nRake it flat.\n\n### 7. Sow\nSow the seed.",
    ),
]


@pytest.mark.parametrize(("asked", "original", "rewritten"), FAITHFUL)
def test_what_changes_only_the_form_passes(asked: str, original: str, rewritten: str) -> None:
    assert first_failure(judge(Case(asked, original, rewritten))) is None


@pytest.mark.parametrize(("asked", "original", "rewritten"), DAMAGED)
def test_what_says_something_else_fails(asked: str, original: str, rewritten: str) -> None:
    assert first_failure(judge(Case(asked, original, rewritten))) is not None
