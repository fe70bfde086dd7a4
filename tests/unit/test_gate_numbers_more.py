"""Numbers in other scripts and forms: what is a change and what is only another way of writing."""

from __future__ import annotations

import pytest

from realign_local.gates import Case
from realign_local.gates.exact import same_numbers
from realign_local.text.numbers import number_dates, number_marks, units
from realign_local.text.numbers.han_numerals import han_numbers
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.numbers.number_marks import canonical, comma_is_decimal, decimal_mark
from realign_local.text.numbers.units import same_unit, unit_of
from realign_local.text.segments import plain


def passes(original: str, rewritten: str, instruction: str = "") -> bool:
    return same_numbers.check(Case(instruction, original, rewritten)).outcome != "fail"


@pytest.mark.parametrize("example", units.data()["examples"], ids=lambda e: e["text"])
def test_units_and_currencies(example: dict[str, list[str]]) -> None:
    found = [f"{q.value} {q.unit}" for q in quantities(plain(str(example["text"])))]
    assert found == example["found"]


@pytest.mark.parametrize("example", number_dates.data()["examples"], ids=lambda e: e["text"])
def test_dates_and_times(example: dict[str, list[str]]) -> None:
    assert [q.value for q in quantities(str(example["text"]))] == example["found"]


@pytest.mark.parametrize("example", number_marks.data()["examples"], ids=lambda e: e["text"])
def test_decimal_marks(example: dict[str, str]) -> None:
    assert decimal_mark(example["text"]) == example["mark"]


def test_no_word_tells_both_marks() -> None:
    comma, point = (
        {word for listed in number_marks.data()[mark].values() for word in listed.split()}
        for mark in ("comma", "point")
    )
    assert comma.isdisjoint(point)


def test_a_short_text_leaves_the_mark_to_the_next() -> None:
    assert comma_is_decimal("12.500", "Wie viele Menschen leben in der Stadt?")
    assert not comma_is_decimal("12.500", "How many people live there?")
    assert not comma_is_decimal("The town has 12,500 people.", "Wie viele sind es in der Stadt?")


@pytest.mark.parametrize(
    ("numeral", "comma", "value"),
    [
        ("12.500", True, "12500"),
        ("12.500", False, "12.5"),
        ("12,500", False, "12500"),
        ("12,500", True, "12.5"),
        ("0.125", True, "0.125"),
        ("0,125", False, "0.125"),
        ("1.250.000", False, "1250000"),
        ("12 500,50", True, "12500.5"),
        ("1,50,000", False, "150000"),
        ("1.20.10", False, "1.20.10"),
    ],
)
def test_canonical(numeral: str, comma: bool, value: str) -> None:
    assert canonical(numeral, comma) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("三千五百人", ["3500"]),
        ("三千五", ["3500"]),
        ("三千零五", ["3005"]),
        ("一亿二千万", ["120000000"]),
        ("二〇一九年", ["2019"]),
        ("百分之十二点五", ["12.5"]),
        ("三分之二", ["2", "3"]),
        ("第三章", ["3"]),
        ("三本书", ["3"]),
        ("一起去，十分好，万一，千万不要，三思", []),
    ],
)
def test_chinese_numerals(text: str, values: list[str]) -> None:
    assert [value for _, _, value, _ in han_numbers(text)] == values


@pytest.mark.parametrize(
    "digits", ["৩৫০", "๓๕๐", "३५०", "٣٥٠", "۳۵۰", "３５０", "೩೫೦", "၃၅၀", "𝟛𝟝𝟘"]
)
def test_digits_of_every_script(digits: str) -> None:
    assert quantities(digits)[0].value == "350"
    assert passes(f"a {digits} b c d", "a 350 b c d")
    assert not passes(f"a {digits} b c d", f"a {digits[::-1]} b c d")


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("Ein Sofa kostet 890 € im Markt.", "Ein Sofa kostet 890 Euro im Markt."),
        ("Ein Sofa kostet 890 € im Markt.", "Ein Sofa kostet € 890 im Markt."),
        ("Ein Sofa kostet 890 € im Markt.", "Ein Sofa kostet 890 EUR im Markt."),
        ("En soffa kostar 890 SEK i dag.", "En soffa kostar 890 kr i dag."),
        ("A sofa is Rs. 890 in the shop.", "A sofa is 890 rupees in the shop."),
        ("A sofa is £890 in the shop.", "A sofa is 890 pounds in the shop."),
        ("Buy 4 $25 cards at the till.", "Buy four $25 cards at the till."),
        ("Der See fasst 48.300 Liter.", "Der See fasst 48300 Liter."),
        ("Der See fasst 48.300 Liter.", "Der See fasst 48 300 Liter."),
        ("Il lago contiene 48.300 litri.", "Il lago contiene 48'300 litri."),
        ("A vila tem 48.300 habitantes.", "A vila tem 48300 habitantes."),
        ("The beam is 2.500 m long.", "The beam is 2.5 m long."),
        ("The lake has 48,300 fish.", "The lake has 48 300 fish."),
        ("The shed has 40 m² of floor.", "The shed has 40 square metres of floor."),
        ("A mass of 4 × 10¹² kg is it.", "A mass of 4 × 10^12 kg is it."),
        ("Stir in ⅝ cup of cold milk.", "Stir in 5/8 cup of cold milk."),
        ("She was 4th in the long race.", "She was fourth in the long race."),
        ("She was fourth in the long race.", "She was 4th in the long race."),
        ("Read pages 30–45 by Monday.", "Read pages 30 to 45 by Monday."),
        ("The walk is 5-10 km long.", "The walk is 5 km to 10 km long."),
        ("The walk is 5 km to 10 km long.", "The walk is between 5 and 10 km long."),
        ("It opened on 2019-11-04 in Bern.", "It opened on 4 November 2019 in Bern."),
        ("Er kam am 04.11.2019 nach Bern.", "Er kam am 4. November 2019 nach Bern."),
        ("Открыто 4 ноября 2019 года здесь.", "Открыто 04.11.2019 здесь."),
        ("The gate opens at 6:45 p.m. on Fridays.", "The gate opens at 18:45 on Fridays."),
        ("Der Bus fährt um 16.20 Uhr ab.", "Der Bus fährt um 16:20 Uhr ab."),
        ("村里有四百五十人。", "村里有450人。"),
        ("人口是3亿5000万。", "人口是3.5亿。"),
        ("A mean of 4.50 is what Ida got.", "A mean of 4.5 is what Ida got."),
    ],
)
def test_another_way_of_writing(original: str, rewritten: str) -> None:
    assert passes(original, rewritten)


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("Ein Sofa kostet 890 € im Markt.", "Ein Sofa kostet 890 $ im Markt."),
        ("Ein Sofa kostet 890 € im Markt.", "Ein Sofa kostet 890 im Markt."),
        ("En soffa kostar 890 kr i dag.", "En soffa kostar 890 € i dag."),
        ("Un sofá cuesta R$ 890 hoy.", "Un sofá cuesta US$ 890 hoy."),
        ("A bed is 890 € and a lamp 70 $.", "A bed is 890 $ and a lamp 70 €."),
        ("A sofa is Rs. 890 in the shop.", "A sofa is $890 in the shop."),
        ("Der Topf fasst 2,5 Liter.", "Der Topf fasst 2.500 Liter."),
        ("Der See fasst 48.300 Liter.", "Der See fasst 48,3 Liter."),
        ("De stad heeft 48.300 inwoners.", "De stad heeft 48,300 inwoners."),
        ("The lake has 48,300 fish.", "The lake has 48.300 fish."),
        ("The beam is 2.500 m long.", "The beam is 2500 m long."),
        ("Install Python 3.10 on it.", "Install Python 3.1 on it."),
        ("It needs version 2.20 at least.", "It needs version 2.2 at least."),
        ("It needs tools>=2.20 at least.", "It needs tools>=2.2 at least."),
        ("Ping 10.0.0.20 from the host.", "Ping 10.0.0.2 from the host."),
        ("The limit is 0.8‰ on roads.", "The limit is 0.8% on roads."),
        ("A mass of 4 × 10¹² kg is it.", "A mass of 4 × 10¹³ kg is it."),
        ("The shed has 40 m² of floor.", "The shed has 40 m³ of floor."),
        ("Town beat City 4:1 at home.", "Town beat City 1:4 at home."),
        ("The gate opens at 6:45 pm.", "The gate opens at 6:45 am."),
        ("Er kam am 04.11.2019 nach Bern.", "Er kam am 11.04.2019 nach Bern."),
        ("完成了三分之二的工作。", "完成了三分之一的工作。"),
        ("村里有四百五十人。", "村里有五百四十人。"),
        ("人口是350万。", "人口是350亿。"),
        ("গ্রামে ৪২ লাখ মানুষ আছে।", "গ্রামে ৪২ কোটি মানুষ আছে।"),
        ("ร้านขาย ๙๐ บาท วันนี้", "ร้านขาย ๙๐ ดอลลาร์ วันนี้"),
        ("가격은 5만 원입니다.", "가격은 5억 원입니다."),
    ],
)
def test_a_change(original: str, rewritten: str) -> None:
    assert not passes(original, rewritten)


def test_a_passage_has_marks_of_its_own() -> None:
    added = "Der Ort liegt am See. Er hat 48.300 Einwohner."
    case = Case("", "Der Ort liegt am See.", added, ("The town has 48,300 people.",))
    assert same_numbers.check(case).outcome != "fail"


@pytest.mark.parametrize(
    ("instruction", "answer"),
    [
        ("How many square metres has the room?", "It has 40 square metres of floor."),
        ("At how many degrees Celsius is it best?", "It has 40 degrees Celsius at best."),
        ("How much is it in €?", "It has 40 € in value."),
    ],
)
def test_a_unit_may_come_from_the_question(instruction: str, answer: str) -> None:
    assert passes("40", f"40\n\n{answer}", instruction)
    assert not passes("40", f"40\n\n{answer}", "How much is it?")


def test_names_of_units() -> None:
    assert unit_of("Kilometres") == unit_of("km")
    assert unit_of("kilome\u0300tres") == unit_of("kilomètres") == "km"
    assert same_unit("kr", "norwegian")
    assert not same_unit("norwegian", "danish")
    assert not same_unit(unit_of("lbs"), unit_of("£"))


@pytest.mark.parametrize(
    ("original", "rewritten", "right"),
    [
        ("We halve it. So the share is 1/4.", "We halve it. So the share is 0.25.", True),
        ("We halve it. So the share is 1/4.", "We halve it. So the share is 0.2.", False),
        ("It leaves on 3/5/2021 at noon.", "It leaves on 0.6/2021 at noon.", False),
        ("We part it. So the share is 1/3.", "We part it. So the share is 0.33.", False),
    ],
)
def test_a_fraction_may_become_its_decimal(original: str, rewritten: str, right: bool) -> None:
    assert passes(original, rewritten) is right


@pytest.mark.parametrize(
    ("original", "rewritten", "holds"),
    [
        ("Stir a cup of rice and a spoon of oil.", "- 1 cup of rice\n- 1 spoon of oil", True),
        ("Stir a cup of rice into the broth.", "- 4 cups of rice\n- the broth", False),
        ("Bring 1 blanket for the night.", "- a blanket for the night", True),
    ],
)
def test_an_article_may_become_a_one(original: str, rewritten: str, holds: bool) -> None:
    found = same_numbers.check(Case("What do I need?", original, rewritten)).outcome
    assert (found != "fail") is holds
