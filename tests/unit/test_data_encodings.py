"""The encoding that a text which is no UTF-8 is most likely in, for the languages of each."""

from __future__ import annotations

import json

import pytest

from realign_local.data.reading.encodings import guess

TEXTS = [
    ("cp1252", "Größe, Maß: 5"),
    ("cp1252", "Die Äpfel sind schön, und die Füße sind müde."),
    ("cp1252", "Où était-il en août ? La forêt est près du château."),
    ("cp1252", "As informações não estão disponíveis."),
    ("cp1252", "Hva er klokken nå? Vi må løpe til skolen, ærlig talt."),
    ("cp1252", "¿Dónde está el niño que comió mañana?"),
    ("cp1252", "Perché la città è così bella? È più là."),
    ("cp1250", "Hogyan készül a gulyás? Először a hagymát kell felvágni."),
    ("cp1250", "Zażółć gęślą jaźń, proszę bardzo."),
    ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy."),
    ("cp1250", "Môžeš mi povedať, koľko je hodín?"),
    ("cp1254", "Şu çılgın ağaç için güzel bir gün değil mi?"),
    ("cp1251", "Так он и жил: в лесу, у старой мельницы."),
    ("cp1251", "Як справи? Дуже добре, дякую тобі."),
    ("koi8-r", "Так он и жил: в лесу, у старой мельницы."),
    ("cp1253", "Τι ώρα είναι τώρα; Είναι αργά, πάμε."),
    ("cp1255", "כיצד מכינים עוגת שוקולד? מערבבים קמח, סוכר וביצים."),
    ("cp1255", "מה השעה עכשיו? תודה רבה לך."),
    ("cp1256", "كم الساعة الآن؟ شكرا جزيلا لك."),
]


@pytest.mark.parametrize(("codec", "text"), TEXTS)
@pytest.mark.parametrize("in_a_row", [False, True])
def test_the_encoding_of_a_language_is_named(codec: str, text: str, in_a_row: bool) -> None:
    row = {"instruction": "Say it.", "output": f"{text}\n{text}"}
    data = (json.dumps(row, ensure_ascii=False) if in_a_row else text).encode(codec)
    found = guess(data)
    assert found
    assert data.decode(found.codec) == data.decode(codec)
