"""The language gate over single sentences: nothing is added that the response does not speak."""

from __future__ import annotations

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import Case, language

TEXTS = {
    "de": ("Was ist Hefe?", "Hefe besteht aus winzigen Pilzen, die Zucker zu Alkohol vergären."),
    "fr": ("Qu'est-ce que la levure ?", "La levure est un champignon qui transforme le sucre."),
    "es": ("¿Qué es la levadura?", "La levadura es un hongo que convierte el azúcar en alcohol."),
    "pl": ("Co to są drożdże?", "Drożdże to grzyby, które zamieniają cukier w alkohol."),
    "ru": ("Что такое дрожжи?", "Дрожжи — это грибы, которые превращают сахар в спирт."),
    "zh": ("什么是酵母？", "酵母是一种把糖变成酒精的真菌。"),
    "ja": ("酵母とは何ですか。", "酵母は糖をアルコールに変える菌類です。"),
    "ko": ("효모란 무엇인가요?", "효모는 당을 알코올로 바꾸는 균류입니다."),
    "ar": ("ما هي الخميرة؟", "الخميرة فطر يحول السكر إلى كحول."),
    "th": ("ยีสต์คืออะไร", "ยีสต์เป็นเชื้อราที่เปลี่ยนน้ำตาลเป็นแอลกอฮอล์"),
    "en": ("What is yeast?", "Yeast is a fungus that turns sugar into alcohol and gas."),
}
ADDED = (
    "The question is what it is.",
    "Here is the answer to your question:",
    "What has to be answered is how this works.",
    "These are the main points that matter.",
)


@pytest.mark.parametrize("spoken", [name for name in TEXTS if name != "en"])
@pytest.mark.parametrize("added", ADDED)
def test_an_english_sentence_before_or_after_the_answer(spoken: str, added: str) -> None:
    instruction, text = TEXTS[spoken]
    for rewritten in (f"{added}\n\n{text}", f"{text}\n\n{added}", f"{added} {text}"):
        verdict = language.check(Case(instruction, text, rewritten))
        assert verdict.reason == Reason.LANGUAGE_CHANGED, rewritten


@pytest.mark.parametrize(
    ("spoken", "added"),
    [
        ("en", "Die Frage ist, was das ist und wie es wirkt."),
        ("en", "问题是什么是酵母。"),
        ("en", "La question est de savoir ce que c'est."),
        ("en", "Вопрос в том, что это такое."),
        ("de", "La question est de savoir ce que c'est."),
        ("fr", "Die Frage ist, was das ist und wie es wirkt."),
        ("zh", "答えは次のとおりです。それはきのこです。"),
        ("ru", "问题是什么是酵母。"),
    ],
)  # fmt: skip
def test_a_sentence_of_any_other_language(spoken: str, added: str) -> None:
    instruction, text = TEXTS[spoken]
    verdict = language.check(Case(instruction, text, f"{added}\n\n{text}"))
    assert verdict.reason == Reason.LANGUAGE_CHANGED


@pytest.mark.parametrize(
    ("spoken", "added"),
    [
        ("de", "Hier geht es um einen Pilz und seine Wirkung."),
        ("de", "Ein Beispiel dafür ist „The Art of Baking“ von Braun."),
        ("fr", "Voici ce que la levure fait du sucre."),
        ("es", "En resumen, la levadura es un hongo."),
        ("pl", "Oto najważniejsze informacje o drożdżach."),
        ("ru", "Итак, это грибы, и они едят сахар."),
        ("zh", "总之，酵母是真菌，英文叫 yeast。"),
        ("zh", "**Saccharomyces cerevisiae**"),
        ("ja", "つまり、酵母は菌類です。"),
        ("ko", "즉, 효모는 균류입니다."),
        ("en", "In Latin the baker's kind is called *Saccharomyces cerevisiae*."),
        ("en", "In short, yeast turns sugar into alcohol and gas."),
    ],
)
def test_a_sentence_of_the_same_language(spoken: str, added: str) -> None:
    instruction, text = TEXTS[spoken]
    verdict = language.check(Case(instruction, text, f"{added}\n\n{text}"))
    assert verdict.reason == ""


def test_what_is_said_about_a_translation_may_be_in_the_language_of_the_request() -> None:
    text = "Die Hefe lässt den Teig in einer Stunde aufgehen."
    asked = "Translate into German: The yeast makes the dough rise in an hour."
    added = "The verb stands at the end because of the modal that comes before it."
    assert language.check(Case(asked, text, f"{text}\n\n{added}")).reason == ""
