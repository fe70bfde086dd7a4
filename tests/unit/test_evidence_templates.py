"""Templates as a reader sees them."""

from __future__ import annotations

import pytest

from realign_local.evidence.wiki import wikitext


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
        ("{{convert|28|mpgus}}", "28 miles per US gallon (8.4 L/100 km; 34 mpg‑imp)"),
        ("{{convert|8.4|l/100 km|mpgus|0|abbr=on}}", "8.4 L/100 km (28 mpg‑US)"),
        ("{{convert|12|e6ha}}", "12 million hectares (30 million acres)"),
        ("{{convert|11|st|7|lb|kg lb}}", "11 stone 7 pounds (73 kg; 161 lb)"),
        ("{{convert|2|h|min}}", "2 hours (120 min)"),
        ("{{frac|3|1|2}} and {{frac|5|8}}", "3 1/2 and 5/8"),
        ("{{val|1234.5|0.2|e=6|u=kg}}", "1,234.5±0.2×10^6 kg"),
        ("{{birth date and age|1950|1|2}}", "January 2, 1950"),
        ("{{death date and age|df=yes|2000|3|1|1930|3|2}}", "1 March 2000 (aged 69)"),
        ("{{death-date and age|9 May 2001|1 June 1930}}", "9 May 2001 (aged 70)"),
        ("{{ayd|1990|1|1|1995|1|11}}", "5 years, 10 days"),
        ("{{birth based on age as of date|32|2010|4|1}}", "1977 or 1978 (age 32)"),
        ("{{duration|1:02:33}} {{duration|m=3|s=5}}", "1:02:33 3:05"),
        ("{{start date|1999|12}}", "December 1999"),
        ("{{lang|de|Haus}} {{lang-fr|maison}} {{transl|ru|dom}}", "Haus maison dom"),
        ("{{nowrap|9 am}} {{abbr|km|kilometre}}", "9 am km"),
        ("{{chem|H|2|O}}", "H2O"),
        ("he {{sic|sayed}} so", "he sayed [sic] so"),
        ("{{circa|1500}}", "c. 1500"),
        ("{{Str left|Gloucester 1958|10}}", "Gloucester"),
        ("{{str right|AB-1207|3}} {{str rightc|AB-1207|4}}", "1207 1207"),
        ("{{str sub old|2003-07-19|5|2}} {{str index|pqr|2}}", "07 q"),
        ("{{str len|four}} {{str crop|12 km|3}} {{replace|1.5|.|,}}", "4 12 1,5"),
        ("{{Winning percentage|42|18|2}} {{winpct|9|0}}", ".694 1.000"),
        ("{{winning percentage|many|few}}", "many–few"),
        ("{{percentage|1|3|²}} {{rnd|2.5|99999}}", "33% 2.50000000000000000000"),
        ("{{str left|text|²}}", "t"),
        ("{{as of|2012|7|lc=y}}", "as of July 2012"),
        ("{{US$|1500}} or {{£|20}}", "$1,500 or £20"),
        ("{{quote|Be brief.|A. Writer}}", "“Be brief.” — A. Writer"),
        ("{{cquote|Be brief.|20px|20px|A. Writer}}", "“Be brief.” — A. Writer"),
        ("{{clarify span|About 60|date=May 2013}} fled", "About 60 fled"),
        ("{{Election result|votes=12|who=A. Lo|width=9}}", "votes: 12; who: A. Lo"),
        ("{{More footnotes|date=May 2013}} so", "so"),
        ("{|\n| rowspan=2 {{n/a}} || 7\n|}", "N/A | 7"),
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
    from realign_local.evidence.wiki.locales import read_table
    from realign_local.evidence.wiki.templates import RENDERERS, normal_name

    names = [name for names in read_table("templates")["render"].values() for name in names]
    assert all(normal_name(name) == name for name in names)
    assert set(names) <= set(RENDERERS)


def test_units_convert_there_and_back() -> None:
    from realign_local.evidence.wiki.measures import UNITS, unit_of

    for unit in UNITS.values():
        for name in unit.targets:
            target = unit_of(name)
            assert target is not None, f"{unit.symbol} has the unknown target {name}"
            assert target.kind == unit.kind
