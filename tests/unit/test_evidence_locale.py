"""Numbers, dates, centuries, money and places come out in the way of the wiki's language."""

from __future__ import annotations

import pytest

from realign_local.evidence.building.documents import Site
from realign_local.evidence.wiki import wikitext
from realign_local.evidence.wiki.locale import locale_of
from realign_local.evidence.wiki.locales import read_table


def seen(source: str, language: str) -> str:
    return "\n".join(t for _, t in wikitext.render(source, Site(language)).sections)


@pytest.mark.parametrize(
    ("language", "source", "shown"),
    [
        ("de", "{{EUR|8,75}} und {{USD|2,5}}", "8,75 € und 2,5 $"),
        ("de", "{{EUR|2.345,60}} und {{EUR|1.500}}", "2.345,60 € und 1.500 €"),
        ("de", "{{formatnum:1234567.5}}", "1.234.567,5"),
        ("fr", "{{euro|6,20}} pour {{unité|2,5|m|2}}", "6,20 € pour 2,5 m^2"),
        ("de", "{{Höhe|1234.5|DE-NHN}} und {{Höhe|87}}", "1.234,5 m und 87 m"),
        ("ru", "{{число|2345.5}} и {{formatnum:2345.5}}", "2 345,5 и 2 345,5"),
        ("nl", "{{getal|2345.5}}", "2.345,5"),
        ("en", "{{deg2DMS|23.5}}", "23.5°"),
        ("ja", "{{和暦|1921}}に", "1921年に"),
        ("fr", "{{unité|3|e=8|m||s|-1}} ou {{unité|10|×|12|m}}", "3×10^8 m s^-1 ou 10 × 12 m"),
        ("en", "{{EUR|12,50}} or {{EUR|1,250}}", "€12,50 or €1,250"),
        ("en", "{{convert|2,5|km|mi|abbr=on}}", "2,5 km (1.6 mi)"),
        ("sv", "{{convert|2.5|km|mi}}", "2,5 km (1,6 mi)"),
        ("de", "{{convert|1.250|m|ft}} hoch", "1.250 m hoch"),
        ("xx", "{{nts|1234.5}} {{start date|1899|5|3}}", "1234.5 1899-05-03"),
        ("fr", "{{date|5|avril|1908}}, {{date|7|juin}}", "5 avril 1908, 7 juin"),
        ("fr", "{{date||mai|1860}}; {{1er|juin|1902}}", "mai 1860; 1er juin 1902"),
        ("fr", "{{start date|1902|6|1}}", "1er juin 1902"),
        ("de", "{{start date|1899|5|3}}", "3. Mai 1899"),
        ("es", "{{fecha|3|5|1999}}; {{fecha de inicio|1999|5}}", "3 de mayo de 1999; mayo de 1999"),
        ("ru", "{{дата рождения|9|12|1921}}", "9 декабря 1921"),
        ("ja", "{{生年月日|1921|12|9}}", "1921年12月9日"),
        ("zh", "{{start date|1921|12}}", "1921年12月"),
        ("pt", "{{morte|3|5|2000|4|5|1930}}", "3 de maio de 2000 (69 anos)"),
        ("en", "{{start date|12|31|1999}}", "December 31, 1999"),
        ("en", "{{as of|2012|7|lc=y}} 19<sup>th</sup>", "as of July 2012 19th"),
        ("fr", "{{-s|V}}, {{XIIe siècle}}", "Ve siècle av. J.-C., XIIe siècle"),
        ("fr", "{{sp-|XV|e|et|XVI|e}}", "XVe et XVIe siècles"),
        ("fr", "{{s-|I}} ; XI<sup>e</sup> et XI{{e}}", "Ier siècle ; XIe et XIe"),
        ("es", "{{siglo|V|a}} y {{siglo|XX||s}}", "siglo V a. C. y siglo XX"),
        ("fr", "{{Population|4567}} habitants", "4 567 habitants"),
        ("fr", "{{coord|48|51|N|2|21|O}}", "48°51′N 2°21′O"),
        ("de", "{{Coordinate|NS=48/51/24/N|EW=2/21/3/E|region=X}}", "48°51′24″N 2°21′3″E"),
        ("en", "{{coord|-33.9|151.2|display=title}}", "-33.9°, 151.2°"),
        ("fr", "à {{FRA}} et {{Lien|fr=Ulm|lang=de|trad=Ulm (Stadt)}}", "à FRA et Ulm"),
        ("ja", "{{仮リンク|白い橋|en|White Bridge}}", "白い橋"),
        ("en", "{{Roman|14}} {{rnd|2.71828|2}} {{age in days|2000|1|1|2000|2|1}}", "XIV 2.72 31"),
        ("en", "{{PKRConvert|90|m}}", "PKR 90 million"),
    ],
)  # fmt: skip
def test_in_the_way_of_the_language(language: str, source: str, shown: str) -> None:
    assert seen(source, language) == shown


@pytest.mark.parametrize("language", ["en", "de", "fr", "zh", "ru", "xx"])
@pytest.mark.parametrize("amount", ["12,50", "7,5", "1.234,50", "1,234", "1.234", "0,05", "1,2,3"])
def test_a_comma_is_never_taken_for_nothing(language: str, amount: str) -> None:
    for name in ("EUR", "USD", "£", "nts", "formatnum", "Population"):
        shown = seen(f"x {{{{{name}|{amount}}}}} y", language)
        assert amount in shown or amount.replace(".", ",") in shown


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "1,234", 1234), ("en", "12,5", 12.5), ("en", "12,34,567", 1234567),
        ("de", "1,234", 1.234), ("de", "1.234", None), ("de", "1.234.567,5", 1234567.5),
        ("xx", "1,234", None), ("fr", "12 345,6", 12345.6), ("en", "9" * 400, None),
    ],
)  # fmt: skip
def test_a_number_is_read_or_left(language: str, text: str, value: float | None) -> None:
    assert locale_of(language).number_of(text) == value


def test_every_language_of_the_table_writes_a_whole_date() -> None:
    for language in set(read_table("languages")) - {"aliases", "namespaces"}:
        locale = locale_of(language)
        assert len(locale.month_names) in (0, 12)
        for month in range(1, 13):
            whole = locale.date_of("1987", month, "23")
            assert "1987" in whole
            assert "23" in whole
            assert "{" not in whole + locale.date_of("", month, "23") + locale.date_of(
                "1987", month, ""
            )
            assert "1987" not in locale.date_of("", month, "23")


def test_a_dialect_writes_like_its_language() -> None:
    assert locale_of("de-CH").months == locale_of("de").months
    assert locale_of("simple").is_english
