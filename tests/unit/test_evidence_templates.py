"""Templates as a reader sees them."""

from __future__ import annotations

import pytest

from realign_local.evidence import wikitext


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("{{convert|5|km|mi}}", "5 kilometres (3.1 mi)"),
        ("{{convert|100|km|mi|abbr=on}}", "100 km (62 mi)"),
        ("{{convert|1000|ft|m}}", "1,000 feet (300 m)"),
        ("{{convert|10|to|20|C|F}}", "10 to 20 °C (50 to 68 °F)"),
        ("{{convert|5|ft|8|in|cm}}", "5 feet 8 inches (173 cm)"),
        ("{{convert|7.5|m|ftin}}", "7.5 metres (24 ft 7 in)"),
        ("{{convert|120|lb|kg|order=flip}}", "54 kg (120 pounds)"),
        ("{{convert|891.3|km2|sqmi|0}}", "891.3 square kilometres (344 sq mi)"),
        ("{{cvt|12|oddunits}}", "12 oddunits"),
        ("{{frac|3|1|2}} and {{frac|5|8}}", "3 1/2 and 5/8"),
        ("{{val|1234.5|0.2|e=6|u=kg}}", "1,234.5±0.2×10^6 kg"),
        ("{{birth date and age|1950|1|2}}", "January 2, 1950"),
        ("{{death date and age|df=yes|2000|3|1|1930|3|2}}", "1 March 2000 (aged 69)"),
        ("{{start date|1999|12}}", "December 1999"),
        ("{{lang|de|Haus}} {{lang-fr|maison}} {{transl|ru|dom}}", "Haus maison dom"),
        ("{{nowrap|9 am}} {{abbr|km|kilometre}}", "9 am km"),
        ("{{chem|H|2|O}}", "H2O"),
        ("he {{sic|sayed}} so", "he sayed [sic] so"),
        ("{{circa|1500}}", "c. 1500"),
        ("{{as of|2012|7|lc=y}}", "as of July 2012"),
        ("{{US$|1500}} or {{£|20}}", "$1,500 or £20"),
        ("{{quote|Be brief.|A. Writer}}", "“Be brief.” — A. Writer"),
        ("{{ubl|one|two}}", "- one\n- two"),
        ("{{hlist|one|two}}", "one, two"),
        ("{{coord|52|31|N|13|24|E|type:city}}", "52°31′N 13°24′E"),
        ("{{nihongo|Tokyo|東京|Tōkyō}}", "Tokyo (東京, Tōkyō)"),
        ("{{formatnum:1234567}}", "1,234,567"),
        ("{{USS|Iowa|BB-61}}", "USS Iowa (BB-61)"),
        ("{{US Census population|1990=500|2000=1200}}", "- 1990: 500\n- 2000: 1,200"),
        ("1990{{ndash}}2000", "1990–2000"),
    ],
)
def test_rendering(source: str, seen: str) -> None:
    (found,) = (text for _, text in wikitext.render(source).sections)
    assert found == seen


def test_every_rendering_of_the_table_exists_and_every_name_is_normal() -> None:
    from realign_local.evidence.tables import read_table
    from realign_local.evidence.templates import RENDERERS, normal_name

    names = [name for names in read_table("templates")["render"].values() for name in names]
    assert all(normal_name(name) == name for name in names)
    assert set(names) <= set(RENDERERS)


def test_units_convert_there_and_back() -> None:
    from realign_local.evidence.measures import UNITS, unit_of

    for unit in UNITS.values():
        for name in unit.targets:
            target = unit_of(name)
            assert target is not None, f"{unit.symbol} has the unknown target {name}"
            assert target.kind == unit.kind
