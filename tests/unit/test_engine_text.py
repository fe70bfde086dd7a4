"""Chat templates, the rules that end a span, and answers where parts meet inside a token."""

from __future__ import annotations

import pytest

from realign_local.engine.backends.scripted import ScriptedVocabulary
from realign_local.engine.chat import CHATML, ChatTemplate, Fragment, fold_system
from realign_local.engine.growing import Answer
from realign_local.engine.request import Given, Message, Part, Span
from realign_local.engine.text_ids import Codec, find_stop, sentences_end, whole_characters

SYSTEM, USER = Message("system", "Be brief."), Message("user", "Hi <|im_end|> {{ x }}")
NO_SYSTEM = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content | trim }}{% endfor %}"
    "{% if tools or documents %}never{% endif %}{% if add_generation_prompt %}[>]{% endif %}"
)


def plain(fragments: list[Fragment]) -> str:
    return "".join(fragment.text for fragment in fragments)


def test_contents_are_kept_apart_from_the_template() -> None:
    fragments = ChatTemplate(CHATML).render([SYSTEM, USER])
    assert [one.text for one in fragments if one.plain] == [SYSTEM.content, USER.content]
    assert plain(fragments).endswith("<|im_start|>assistant\n")


def test_a_refused_system_role_is_folded_into_the_first_user_message() -> None:
    fragments = ChatTemplate(NO_SYSTEM, bos="<s>").render([SYSTEM, USER])
    assert plain(fragments) == f"<s>[user]{SYSTEM.content}\n\n{USER.content}[>]"
    assert fold_system([USER]) == [USER]


@pytest.mark.parametrize(
    "broken", ["", "{% if %}", "{{ raise_exception('never') }}", "no contents"]
)
def test_a_template_that_does_not_work_gives_way_to_chatml(broken: str) -> None:
    assert ChatTemplate(broken).render([USER]) == ChatTemplate(CHATML).render([USER])


def test_templates_cannot_reach_python() -> None:
    nasty = "{{ messages.__class__.__mro__ }}{{ messages[0].content }}"
    assert ChatTemplate(nasty).render([USER]) == ChatTemplate(CHATML).render([USER])


def test_control_tokens_in_a_message_stay_text() -> None:
    vocabulary = ScriptedVocabulary()
    ids = Codec(vocabulary).prompt([USER])
    assert ids.count(vocabulary.end) == 1
    assert ids[-1] != vocabulary.end


@pytest.mark.parametrize(
    ("text", "count", "sentence"),
    [
        ("One. Two. Three.", 2, "One. Two."),
        ("It costs 3.50 euros. Yes.", 1, "It costs 3.50 euros."),
        ("See e.g. this one. And that.", 1, "See e.g. this one."),
        ("Dr. Smith met J. Doe. They", 1, "Dr. Smith met J. Doe."),
        ('He said "no." Then', 1, 'He said "no."'),
        ("1. First item here. Next", 1, "1. First item here."),
        ("Really?! Yes. ", 1, "Really?!"),
        ("水是蓝的。天也是。", 1, "水是蓝的。"),
        ("No end", 1, None),
        ("Not yet.", 1, None),
    ],
)
def test_sentences(text: str, count: int, sentence: str | None) -> None:
    end = sentences_end(text, count)
    assert (text[:end] if end >= 0 else None) == sentence


def test_a_number_ends_a_sentence_unless_it_opens_a_line() -> None:
    assert sentences_end("28. And", 1, opens_line=False) == 3
    assert sentences_end("28. And so on. ", 1) == len("28. And so on.")
    assert sentences_end("Not yet.", 1, final=True) == len("Not yet.")


def test_stops_and_characters() -> None:
    assert find_stop(b"abcabc", (b"c", b"b"), start=2) == 2
    assert find_stop(b"abc", (), start=0) == -1
    text = "aé水🙂".encode()
    for size in range(len(text) + 1):
        text[: whole_characters(text[:size])].decode()
    assert whole_characters(text) == len(text)
    assert whole_characters(b"") == 0


def answer_of(*parts: Part) -> tuple[Answer, ScriptedVocabulary, list[int]]:
    vocabulary = ScriptedVocabulary()
    answer = Answer(parts, Codec(vocabulary))
    return answer, vocabulary, answer.begin()


def text_of(vocabulary: ScriptedVocabulary, ids: list[int]) -> str:
    return b"".join(map(vocabulary.piece, ids)).decode()


def test_a_stop_inside_a_token_keeps_the_text_before_it() -> None:
    answer, vocabulary, _ = answer_of(Span(9, stop=("he",)), Given("END"), Span(2))
    (the,) = vocabulary.tokenize(" the", special=False)
    end = answer.take(the)
    assert end is not None
    assert (end.text, end.kept_tokens) == (" t", 0)
    assert text_of(vocabulary, end.following) == " tEND"


def test_a_stop_across_tokens_rewinds_to_the_token_before_it() -> None:
    answer, vocabulary, _ = answer_of(Span(9, stop=("x\ny",)), Given("!"), Span(1))
    ends = [answer.take(token) for token in vocabulary.tokenize("ax\ny", special=False)]
    assert ends[:3] == [None, None, None]
    assert ends[3] is not None
    assert (ends[3].text, ends[3].kept_tokens) == ("a", 1)


def test_bytes_that_are_no_text_do_not_move_the_end_of_a_sentence() -> None:
    answer, _, _ = answer_of(Span(9, stop=("\n",), max_sentences=1), Given("!"), Span(1))
    ends = [answer.take(byte) for byte in b"\xffHe ran.\n"]
    assert ends[:-1] == [None] * 8
    assert ends[-1] is not None
    assert ends[-1].text == "\N{REPLACEMENT CHARACTER}He ran."


def test_a_space_before_a_span_is_held_back_and_given_to_the_piece_before() -> None:
    answer, vocabulary, ids = answer_of(Given("1. "), Span(2), Given("."))
    assert text_of(vocabulary, ids) == "1."
    assert answer.must_begin_with == b" "
    answer.take(vocabulary.tokenize(" cat", special=False)[0])
    assert answer.must_begin_with == b""
    end = answer.take(vocabulary.end)
    assert end is not None
    assert answer.pieces == ["1. ", "cat", "."]


def test_the_end_of_turn_before_any_text_keeps_the_held_space() -> None:
    answer, vocabulary, _ = answer_of(Given("a "), Span(2), Given("b"), Span(1))
    end = answer.take(vocabulary.end)
    assert end is not None
    assert text_of(vocabulary, end.following) == " b"


def test_a_character_that_is_cut_off_by_max_tokens_is_dropped() -> None:
    answer, vocabulary, _ = answer_of(Span(2))
    assert answer.take(ord("a")) is None
    end = answer.take("é".encode()[0])
    assert end is not None
    assert (end.text, answer.cut_off) == ("a", True)
    assert text_of(vocabulary, end.following) == ""


def test_a_span_whose_last_token_completes_its_sentence_is_not_cut_off() -> None:
    answer, _, _ = answer_of(Span(3, max_sentences=1))
    results = [answer.take(ord(letter)) for letter in "ab."]
    assert results[2] is not None
    assert (results[2].text, answer.cut_off) == ("ab.", False)


def test_only_what_comes_before_a_span_is_counted_and_evaluated() -> None:
    answer, vocabulary, ids = answer_of(Given("the"), Span(4), Given("a long end"))
    assert len(ids) == answer.forced_tokens == 3
    assert answer.worst_tokens() < 3 + 4 + 2 * 8 + 1
    end = answer.take(vocabulary.end)
    assert end is not None
    assert answer.done
    assert end.following == []
