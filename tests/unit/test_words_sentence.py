"""A bare answer as a full sentence: when it is asked for, and which sentences are taken."""

from __future__ import annotations

import pytest

from realign_local.engine.request import Completion, Finish, Span
from realign_local.rewriting.sentence import AskedQuestion, answers_in_full, asked, is_bare
from tests.worded import draft_for, is_taken

REVIEW = "What do you think of it?\n\nI liked the film."


def _question(text: str) -> AskedQuestion:
    question = asked(text)
    assert question is not None, text
    return question


@pytest.mark.parametrize(
    ("instruction", "question"),
    [
        ("Who composed the opera Carmen?", "Who composed the opera Carmen"),
        ("Who composed the opera Carmen", "Who composed the opera Carmen"),
        ("  Which river flows\nthrough Cologne? ", "Which river flows through Cologne"),
        ("Where is Timbuktu?\n\nTimbuktu is a city in Mali.", "Where is Timbuktu"),
        ("In which month does Ramadan fall?", "In which month does Ramadan fall"),
        ("How many people live in Oslo?", "How many people live in Oslo"),
        ("Who was the U.S. president in 1920?", "Who was the U.S. president in 1920"),
    ],
)
def test_what_is_a_question_of_fact(instruction: str, question: str) -> None:
    assert _question(instruction).text == question


@pytest.mark.parametrize(
    ("what", "instruction"),
    [
        ("no question", "Describe the harbour at night."),
        ("no question", "Whole grains are good for you."),
        ("no question", "Tell me about Lagos"),
        ("no question", "Tell me a joke"),
        ("no question", "Name that tune"),
        ("nothing", ""),
        ("nothing", "\n\n"),
        ("too short", "What else?"),
        ("too short", "How are you?"),
        ("too long", f"Who swept the yard {'and the street ' * 20}?"),
        ("below a passage", "Timbuktu is a city in Mali.\n\nWhere is Timbuktu?"),
        ("of a passage", "From the passage, who led the party?\n\nLena led the party."),
        ("of a passage", "Based on this paragraph, when did the war end?\n\nIt ended in 1815."),
        ("of a passage", "Given the text, who was king?\n\nOtto was king."),
        ("in small letters", "who was the first woman in space"),
        ("in small letters", "what is the capital of mongolia"),
        ("in small letters", "who founded ikea"),
        ("in small letters", "what is a quokka"),
        ("yes or no", "Is tin a metal, yes or no?"),
        ("yes or no", "Is Pluto a planet?"),
        ("yes or no", "Did Kafka finish The Trial?"),
        ("yes or no", "Can dogs eat grapes?"),
        ("yes or no", "Does the shop open on Sunday?"),
        ("yes or no", "Is the Louvre in Paris?"),
        ("a choice", "Which is heavier, tin or lead?"),
        ("a choice", "Which is a metal? A) tin B) wood"),
        ("a choice", "Which of the following is a metal?"),
        ("a choice", "Which planet is bigger: Mars or Venus?"),
        ("a label", "What is the sentiment of this review?"),
        ("a label", "Classify: is tin a metal?"),
        ("a title", "What is a good title for a story about rain?"),
        ("a word", "What is a synonym for brave?"),
        ("a word", "What is the plural of mouse?"),
        ("a word", "What does HTML stand for?"),
        ("a word", "Which word rhymes with cat?"),
        ("a word", "How do you spell necessary?"),
        ("a word", "Can you translate house into Danish?"),
        ("a gap", "Who wrote ____ in 1871?"),
        ("a result", "What is the sum of 3 and 4?"),
        ("a result", "What is 12 * 12 in the end?"),
        ("a result", "How much is 5% of 200?"),
        ("an example", "Give me an example of a metaphor"),
        ("an invention", "Give me a name for my cat"),
        ("an invention", "Give me a good band name"),
        ("advice", "How do I get to Rome?"),
        ("advice", "How can I lose weight?"),
        ("a cause", "Why was the show cancelled?"),
        ("a cause", "Why do cats purr?"),
        ("a measure", "How far is the Moon?"),
        ("a measure", "How long does tea brew?"),
        ("a list", "Name three Baltic states."),
        ("two at once", "When and where was Bach born?"),
        ("two at once", "Who is the hero of Dune and what planet is it set on?"),
        ("a riddle", "Who am I? I have keys but open no lock."),
        ("the speakers", "What is your favourite colour?"),
        ("the speakers", "What would you call a group of crows?"),
        ("the speakers", "What should I name my boat?"),
        ("the speakers", "Where is my phone?"),
        ("the speakers", "Who is my father's mother?"),
        ("the speakers", "Who are you voting for in 2024?"),
        ("the speakers", REVIEW),
        ("German", "Was ist das für ein Hund?"),
        ("German", "Wer hat den Faust geschrieben?"),
        ("French", "Quelle est la capitale de la France?"),
        ("French", "Qui a peint Guernica?"),
        ("Spanish", "¿Quién pintó Las Meninas?"),
        ("Italian", "Dove nasce il Po?"),
        ("Russian", "Кто написал этот роман?"),
        ("half Chinese", "Who 是 这本书 的 作者?"),
        ("Japanese", "この本を書いたのは誰ですか?"),
    ],
)
def test_what_is_none(what: str, instruction: str) -> None:
    assert asked(instruction) is None, what


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who composed the opera Carmen?", "Georges Bizet"),
        ("Who composed the opera Carmen?", " Georges Bizet.\n"),
        ("Who signed the bill?", "Lyndon B. Johnson"),
        ("Who sang the song?", "Peter, Paul and Mary"),
        ("When was the Eiffel Tower completed?", "1889"),
        ("When did Iceland become a republic?", "17 June 1944"),
        ("When does the show start?", "7 p.m."),
        ("What is the boiling point of ethanol?", "78.4 °C"),
        ("How many islands has Greece?", "about 6000"),
        ("Where does the Danube rise?", "in the Black Forest"),
        ("Where did Ada grow up?", "a small village near Leeds"),
        ("Which river flows through Cologne?", "the Rhine"),
    ],
)
def test_a_bare_answer_is_asked_about(question: str, answer: str) -> None:
    assert is_bare(answer.strip().rstrip("."), _question(question))
    assert draft_for(question, answer) is not None


@pytest.mark.parametrize(
    ("what", "question", "answer"),
    [
        ("a sentence", "Who composed the opera Carmen?", "Carmen was composed by Georges Bizet."),
        ("a sentence", "Who composed the opera Carmen?", "It's Georges Bizet"),
        ("a sentence", "Who composed the opera Carmen?", "It’s Georges Bizet"),
        ("a sentence", "Who wrote the novel Emma?", "Jane Austen wrote it"),
        ("a sentence", "Who wrote the novel Emma?", "Jane Austen wrote the novel Emma"),
        ("a sentence", "Who discovered penicillin in London?", "Fleming discovered it in London"),
        ("a sentence", "Where does the honey come from?", "Bees produce honey from nectar"),
        ("a choice", "Which is the bigger planet, Mars and Venus?", "Venus"),
        ("no answer", "Who won the 1930 World Cup?", "I think Uruguay"),
        ("no answer", "Who won the 1930 World Cup?", "I don't know"),
        ("no answer", "Who won the 1930 World Cup?", "Unknown"),
        ("no answer", "Who won the 1930 World Cup?", "None"),
        ("no answer", "Who won the 1930 World Cup?", "No idea"),
        ("no answer", "Who won the 1930 World Cup?", "N/A"),
        ("no answer", "Who won the 1930 World Cup?", "Sorry, no clue"),
        ("a doubt", "When did the shop open?", "probably 1920"),
        ("a doubt", "Which do people keep as pets?", "cats or dogs"),
        ("small letters", "Who won the 1930 World Cup?", "uruguay"),
        ("small letters", "What is a lumen in physics?", "unit of light"),
        ("small letters", "What does DNA carry?", "genetic information"),
        ("small letters", "What colours does the flag have?", "red, blue"),
        ("small letters", "Which animals hunt at night?", "owls and bats"),
        ("small letters", "Which metals are magnetic?", "iron, nickel and cobalt"),
        ("small letters", "What is heavier than gold?", "platinum"),
        ("small letters", "Which device was sold first?", "iPod"),
        ("small letters", "Which name stands in the file?", "foo_bar"),
        ("several lines", "Who were the two poets?", "Keats\nShelley"),
        ("a label", "Who were the two poets?", "Poets: Keats, Shelley"),
        ("a list", "Who were the two poets?", "Keats; Shelley"),
        ("marks", "Who were the two poets?", "**Keats** and **Shelley**"),
        ("marks", "Who were the two poets?", "Keats?"),
        ("marks", "Who won the 1930 World Cup?", "Uruguay!"),
        ("marks", "Who is the CEO of Acme?", "Jo Li since 2019: true"),
        ("code", "What gives a list of files?", "`ls`"),
        ("code", "Which language is Linux written in?", "C#"),
        ("a bound", "What is the heat of the oven?", "> 200 °C"),
        ("an address", "Where is the text about tin?", "https://tin.example"),
        ("nothing", "What is a lumen in physics?", ""),
        ("nothing", "What is a lumen in physics?", "..."),
        ("too long", "Where did Ada grow up?",
         "a small village near Leeds with a river, a church, a mill and a school for the boys"),
        ("too long together", "Who led the walk to the old harbour in May?", "Ada Lovelace"),
    ],
)  # fmt: skip
def test_what_is_a_sentence_a_list_or_a_label_already_is_left_alone(
    what: str, question: str, answer: str
) -> None:
    assert not is_bare(answer, _question(question)), what
    assert draft_for(question, answer) is None


def test_where_nothing_is_asked_no_answer_is_bare() -> None:
    assert draft_for("Describe the harbour at night.", "Georges Bizet") is None
    assert draft_for("Name three Baltic states.", "Estonia, Latvia, Lithuania") is None


def test_the_model_reads_the_question_and_not_what_stands_below_it() -> None:
    draft = draft_for("Who wrote\nMiddlemarch?\n\nA long text.", "George Eliot.\n")
    assert draft is not None
    (ask,) = draft.asks
    shown = ask.messages[-1].content
    assert shown.startswith("Question: Who wrote Middlemarch")
    assert shown.endswith("\nAnswer: George Eliot")
    assert "long text" not in shown
    (span,) = ask.answer
    assert isinstance(span, Span)
    assert (span.max_sentences, span.stop) == (1, ("\n",))
    assert (draft.operation, draft.proven, draft.varied) == ("sentence", True, True)


GOOD = [
    ("Who composed the opera Carmen?", "Georges Bizet",
     "Georges Bizet composed the opera Carmen."),
    ("Who won the 1930 World Cup?", "Uruguay", "Uruguay won the 1930 World Cup."),
    ("Who sang the song?", "Peter, Paul and Mary", "Peter, Paul and Mary sang the song."),
    ("Who was the U.S. president in 1920?", "Woodrow Wilson",
     "The U.S. president in 1920 was Woodrow Wilson."),
    ('Who wrote the song "Imagine"?', "John Lennon", 'John Lennon wrote the song "Imagine."'),
    ('Who wrote the song "Imagine"?', "John Lennon", 'John Lennon wrote the song "Imagine".'),
    ("Who lives in a pineapple under the sea?", "SpongeBob SquarePants",
     "SpongeBob SquarePants lives in a pineapple under the sea."),
    ("When was the Eiffel Tower completed?", "1889", "The Eiffel Tower was completed in 1889."),
    ("When was D-Day?", "June 6, 1944", "D-Day was on June 6, 1944."),
    ("When did the war end?", "September 2, 1945", "The war ended on September 2, 1945."),
    ("When did Iceland become a republic?", "17 June 1944",
     "Iceland became a republic on 17 June 1944."),
    ("When does the show start?", "7 p.m.", "The show starts at 7 p.m."),
    ("What is the capital of Mongolia?", "Ulaanbaatar", "The capital of Mongolia is Ulaanbaatar."),
    ("What is the capital of Mongolia?", "Ulaanbaatar", "Ulaanbaatar is the capital of Mongolia."),
    ("What is the boiling point of ethanol?", "78.4 °C",
     "The boiling point of ethanol is 78.4 °C."),
    ("What is the population of Malta?", "500,000", "The population of Malta is 500,000."),
    ("What is the chemical symbol for gold?", "Au", "The chemical symbol for gold is Au."),
    ("What is Messi's middle name?", "Andrés", "Messi's middle name is Andrés."),
    ("What is the name of Sherlock Holmes’s brother?", "Mycroft",
     "Sherlock Holmes's brother is called Mycroft."),
    ("What is the name of the oldest town in Norway?", "Oslo",
     "The name of the oldest town in Norway is Oslo."),
    ("What was Mozart's last opera?", "The Magic Flute",
     "Mozart's last opera was The Magic Flute."),
    ("What was the first capital of Australia?", "Melbourne",
     "The first capital of Australia was Melbourne."),
    ("Where was Marie Curie born?", "Warsaw", "Marie Curie was born in Warsaw."),
    ("Where does the Danube rise?", "in the Black Forest", "The Danube rises in the Black Forest."),
    ("Where did the Beatles come from?", "Liverpool", "The Beatles came from Liverpool."),
    ("Where is Timbuktu located?", "Mali", "Timbuktu is located in Mali."),
    ("Where was the treaty signed?", "Ghent, Belgium",
     "The treaty was signed in Ghent, Belgium."),
    ("Which river flows through Cologne?", "the Rhine", "The Rhine flows through Cologne."),
    ("Which president signed the bill?", "Lyndon B. Johnson", "Lyndon B. Johnson signed the bill."),
    ("Which African country has the most people?", "Nigeria", "Nigeria has the most people."),
    ("In what year was Carmen composed?", "1875", "Carmen was composed in 1875."),
    ("How many people live in Oslo?", "700,000", "700,000 people live in Oslo."),
    ("How many moons orbit Mars?", "Two", "Two moons orbit Mars."),
]  # fmt: skip


@pytest.mark.parametrize(("question", "answer", "said"), GOOD)
def test_question_and_answer_in_one_sentence_are_taken(
    question: str, answer: str, said: str
) -> None:
    assert is_taken(question, answer, f" {said} ")


@pytest.mark.parametrize(
    ("answer", "said", "taken"),
    [
        ("Ann, Bo and Cy", "Ann, Bo, and Cy sang the song.", "Ann, Bo and Cy sang the song."),
        ("Ann and Bo", "Ann, and Bo sang the song.", "Ann and Bo sang the song."),
        ("Ann, Bo, and Cy", "Ann, Bo, and Cy sang the song.", "Ann, Bo, and Cy sang the song."),
    ],
)  # fmt: skip
def test_no_comma_is_added_to_the_answer(answer: str, said: str, taken: str) -> None:
    draft = draft_for("Who sang the song?", answer)
    assert draft is not None
    assert draft.finish([Completion("", (said,), Finish.STOP)]) == taken


@pytest.mark.parametrize(("question", "answer", "said"), GOOD)
def test_every_word_of_the_answer_counts(question: str, answer: str, said: str) -> None:
    """A name that is not in the sentence is missed, and a word from nowhere is seen."""
    one = _question(question)
    assert answers_in_full(one, answer, said)
    assert not answers_in_full(one, f"{answer} Zorro", said)
    assert not answers_in_full(one, answer, said.replace(" ", " quickly ", 1))
