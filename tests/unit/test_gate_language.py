"""The language gate over single sentences: nothing is added that the response does not speak."""

from __future__ import annotations

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import Case, language
from realign_local.text import small_words

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


@pytest.mark.parametrize("entry", small_words.table().values(), ids=lambda entry: entry["code"])
def test_the_small_words_tell_their_example(entry: dict[str, str]) -> None:
    assert small_words.speaks(entry["example"]) == entry["code"]


@pytest.mark.parametrize(
    ("spoken", "added"),
    [
        ("de", "Here are some facts."),
        ("de", "Hope this helps!"),
        ("de", "Enjoy your bread with butter!"),
        ("de", "Steps:"),
        ("de", "## Summary"),
        ("en", "Voici la réponse :"),
        ("en", "Zusammenfassung:"),
        ("en", "总结："),
        ("en", "다음은 답변입니다:"),
        ("ru", "Key points:"),
        ("zh", "Please ask again."),
        ("ja", "下面是对这个问题的说明。"),
        ("es", "Para fazer isso, veja o que há aqui."),
    ],
)
def test_short_lines_and_labels_of_another_language(spoken: str, added: str) -> None:
    instruction, text = TEXTS[spoken]
    verdict = language.check(Case(instruction, text, f"{added}\n\n{text}"))
    assert verdict.reason == Reason.LANGUAGE_CHANGED


CLOSE = {
    "da": ("Hvad er en ko?", "En ko er et dyr, der giver mælk og kun spiser græs af sig selv."),
    "no": ("Hva er en ku?", "En ku er et dyr som gir melk og bare spiser gress av seg selv."),
    "es": ("¿Qué es una vaca?", "Una vaca es un animal del campo que come hierba y da leche."),
    "pt": ("O que é uma vaca?", "Uma vaca é um animal do campo que come erva e dá leite."),
    "ru": ("Что такое корова?", "Корова — это животное, которое ест траву и даёт молоко."),
    "uk": ("Що таке корова?", "Корова — це тварина, яка їсть траву і дає молоко."),
}
LINES = {
    "da": "Sådan kan man forklare, hvad det er.",
    "no": "Slik kan man forklare hva det er for noe.",
    "es": "Aquí tienes la respuesta a tu pregunta.",
    "pt": "Aqui está a resposta à sua pergunta.",
    "ru": "Вот ответ, который вы искали.",
    "uk": "Ось відповідь, яку ви шукали.",
}


@pytest.mark.parametrize(
    ("one", "other"),
    [("da", "no"), ("no", "da"), ("es", "pt"), ("pt", "es"), ("ru", "uk"), ("uk", "ru")],
)
def test_close_languages_are_told_apart(one: str, other: str) -> None:
    instruction, text = CLOSE[one]
    for line, passes in ((LINES[one], True), (LINES[other], False)):
        verdict = language.check(Case(instruction, text, f"{line}\n\n{text}"))
        assert (verdict.outcome != "fail") is passes, (line, verdict)


@pytest.mark.parametrize(
    ("instruction", "text", "added"),
    [
        ("Name some bakeries of Porto.", "Pão da Ribeira, Forno da Sé, Massa e Mel, Casa do Trigo",
         "Here are the names:"),
        ("Name house plants.", "Aloe vera, Ficus elastica, Monstera deliciosa, Calathea orbifolia",
         "Here are some house plants:"),
        ("最近的手机有哪些？", "可以看看小米和华为的新手机，价格都不高。", "**Xiaomi Redmi Note**"),
        ("シャツの色は？", "シャツの色は白と青と黒です。どれも似合います。", "色彩一覧"),
        ("Кто написал программу?", "Программу написал учёный из Канады в прошлом веке.",
         "Деннис Ритчи (Dennis Ritchie)"),
    ],
)  # fmt: skip
def test_names_are_of_no_language(instruction: str, text: str, added: str) -> None:
    assert language.check(Case(instruction, text, f"{added}\n\n{text}")).outcome != "fail"
