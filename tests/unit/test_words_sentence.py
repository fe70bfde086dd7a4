"""A bare answer as a full sentence: when it is asked for, and which sentences are taken."""

from __future__ import annotations

import pytest

from realign_local.base.records import Sample
from realign_local.engine.request import Completion, Finish, Span
from realign_local.rewriting.draft import Draft
from realign_local.rewriting.sentence import Question, answers_in_full, asked, is_bare, sentence

REVIEW = "What do you think of it?\n\nI liked the film."


def _draft(question: str, answer: str) -> Draft | None:
    return sentence(Sample(0, 0, "a", question, answer), answer)


def _question(text: str) -> Question:
    question = asked(text)
    assert question is not None, text
    return question


def _taken(question: str, answer: str, said: str) -> bool:
    """Whether the sentence stands in the end, whichever of the rules would turn it down."""
    draft = _draft(question, answer)
    if draft is None:
        return False
    made = draft.finish([Completion("", (said,), Finish.STOP)])
    assert made in (None, said.strip())
    return made is not None


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
    assert _draft(question, answer) is not None


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
    ],
)  # fmt: skip
def test_what_is_a_sentence_a_list_or_a_label_already_is_left_alone(
    what: str, question: str, answer: str
) -> None:
    assert not is_bare(answer, _question(question)), what
    assert _draft(question, answer) is None


def test_where_nothing_is_asked_no_answer_is_bare() -> None:
    assert _draft("Describe the harbour at night.", "Georges Bizet") is None
    assert _draft("Name three Baltic states.", "Estonia, Latvia, Lithuania") is None


def test_the_model_reads_the_question_and_not_what_stands_below_it() -> None:
    draft = _draft("Who wrote\nMiddlemarch?\n\nA long text.", "George Eliot.\n")
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
    assert _taken(question, answer, f" {said} ")


@pytest.mark.parametrize(
    ("answer", "said", "taken"),
    [
        ("Ann, Bo and Cy", "Ann, Bo, and Cy sang the song.", "Ann, Bo and Cy sang the song."),
        ("Ann and Bo", "Ann, and Bo sang the song.", "Ann and Bo sang the song."),
        ("Ann, Bo, and Cy", "Ann, Bo, and Cy sang the song.", "Ann, Bo, and Cy sang the song."),
    ],
)  # fmt: skip
def test_no_comma_is_added_to_the_answer(answer: str, said: str, taken: str) -> None:
    draft = _draft("Who sang the song?", answer)
    assert draft is not None
    assert draft.finish([Completion("", (said,), Finish.STOP)]) == taken


@pytest.mark.parametrize(("question", "answer", "said"), GOOD)
def test_every_word_of_the_answer_counts(question: str, answer: str, said: str) -> None:
    """A name that is not in the sentence is missed, and a word from nowhere is seen."""
    one = _question(question)
    assert answers_in_full(one, answer, said)
    assert not answers_in_full(one, f"{answer} Zorro", said)
    assert not answers_in_full(one, answer, said.replace(" ", " quickly ", 1))


TURNED_DOWN = [
    ("adds a word", "Who composed the opera Carmen?", "Georges Bizet",
     "Georges Bizet composed the French opera Carmen."),
    ("adds a date", "Who composed the opera Carmen?", "Georges Bizet",
     "Georges Bizet composed the opera Carmen in 1875."),
    ("adds a clause", "Where was Marie Curie born?", "Warsaw",
     "Marie Curie was born in Warsaw, the capital of Poland."),
    ("adds a sentence", "Where was Marie Curie born?", "Warsaw",
     "Marie Curie was born in Warsaw. Warsaw lies on the Vistula."),
    ("adds a judgement", "What is the capital of Mongolia?", "Ulaanbaatar",
     "The capital of Mongolia is certainly Ulaanbaatar."),
    ("adds a doubt", "What is the capital of Mongolia?", "Ulaanbaatar",
     "The capital of Mongolia is probably Ulaanbaatar."),
    ("adds a verb", "Where is the painting now?", "Louvre",
     "The painting is now made in the Louvre."),
    ("adds a verb", "Who are the members of the band?", "Ole, Kai",
     "The members of the band include Ole and Kai."),
    ("adds some", "Which animals hunt at night?", "Owls and Bats",
     "Some Owls and Bats hunt at night."),
    ("adds all", "Which metals are magnetic?", "Iron, Nickel and Cobalt",
     "All metals magnetic are Iron, Nickel and Cobalt."),
    ("adds all", "Which animals are mammals at sea?", "Whales and Dolphins",
     "All Whales and Dolphins are mammals at sea."),
    ("adds of", "What did Ada buy there?", "The Red Boat", "Ada bought the sail of the Red Boat."),
    ("a word twice", "Which food do pandas eat?", "Bamboo", "Pandas eat Bamboo bamboo."),
    ("a word twice", "Who wrote the novel Emma?", "Jane Austen",
     "Jane Austen wrote the novel Emma, the novel Emma."),
    ("drops a word", "Where did Ada grow up?", "a small village near Leeds",
     "Ada grew up in a village near Leeds."),
    ("drops about", "How many islands has Greece?", "about 6000", "6000 islands has Greece."),
    ("drops an entry", "Who sang the song?", "Peter, Paul and Mary",
     "Peter and Mary sang the song."),
    ("moves an entry", "Who sang the song?", "Peter, Paul and Mary",
     "Mary, Peter and Paul sang the song."),
    ("adds an entry", "Who sang the song?", "Peter, Paul", "Peter, Paul and Mary sang the song."),
    ("drops twice", "Who has won the cup twice?", "Uruguay", "Uruguay has won the cup."),
    ("drops second", "Which planet is the second largest?", "Saturn",
     "Saturn is the largest planet."),
    ("drops first", "What was the first capital of Australia?", "Melbourne",
     "The capital of Australia was Melbourne."),
    ("drops youngest", "Who is the youngest Nobel laureate ever?", "Malala Yousafzai",
     "Malala Yousafzai is the Nobel laureate."),
    ("drops only", "What is the only even prime number?", "2", "The even prime number is 2."),
    ("changes a number", "When was the Eiffel Tower completed?", "1889",
     "The Eiffel Tower was completed in 1890."),
    ("writes a number anew", "What is the height of Mont Blanc?", "4,808 m",
     "The height of Mont Blanc is 4808 m."),
    ("spells out a number", "How many moons orbit Mars?", "2", "Two moons orbit Mars."),
    ("changes a unit", "What is the height of Mont Blanc?", "4,808 m",
     "The height of Mont Blanc is 4,808 km."),
    ("changes a name", "Who composed the opera Carmen?", "Georges Bizet",
     "George Bizet composed the opera Carmen."),
    ("changes capitals", "Which alliance was founded in 1949?", "NATO",
     "Nato was the alliance founded in 1949."),
    ("changes capitals", "Which country joined the war in 1917?", "US",
     "Us was the country that joined the war in 1917."),
    ("drops a sign", "Which grade did Mia get?", "B+", "Mia got B."),
    ("drops a sign", "Which language is Linux written in?", "C++",
     "Linux is written in the language C."),
    ("drops brackets", "Where was the treaty signed?", "Ghent (Belgium)",
     "The treaty was signed in Ghent Belgium."),
    ("drops the", "Who sang the song?", "The Band", "Band sang the song."),
    ("tears the answer apart", "Where was the treaty signed?", "Ghent, Belgium",
     "The treaty of Ghent was signed in Belgium."),
    ("tears the answer apart", "Who won the chess game?", "Anna Berg",
     "The chess game Anna won was by Berg."),
    ("tears the answer apart", "When was the lock built, and by whom?", "1820, Telford",
     "The lock was built 1820 by Telford."),
    ("denies", "Which river flows through Cologne?", "the Rhine",
     "The Rhine does not flow through Cologne."),
    ("denies shortly", "Which river flows through Cologne?", "the Rhine",
     "The Rhine doesn't flow through Cologne."),
    ("loses not", "Who did not sign the treaty?", "Switzerland",
     "Switzerland did sign the treaty."),
    ("loses never", "Which English king never married?", "Edward VI", "Edward VI married."),
    ("turned round", "Which team beat Arsenal in 2006?", "Barcelona",
     "Arsenal beat Barcelona in 2006."),
    ("turned round", "Which company bought Skype in 2011?", "Microsoft",
     "Skype bought Microsoft in 2011."),
    ("turned round", "Who defeated Napoleon at Waterloo?", "Wellington",
     "Napoleon defeated Wellington at Waterloo."),
    ("turned round", "Who killed Hamlet's father?", "Claudius", "Hamlet's father killed Claudius."),
    ("turned round", "Who did Otto marry in Kiel?", "Ada Berg", "Ada Berg married Otto in Kiel."),
    ("turned round", "Who is the father of Alexander?", "Philip",
     "Alexander is the father of Philip."),
    ("turned round", "Who was the wife of Otto?", "Ada", "Otto was the wife of Ada."),
    ("turned round", "Who was born before Bach?", "Otto Berg", "Bach was born before Otto Berg."),
    ("turned round", "Which is the larger planet than Mars?", "Venus",
     "Mars is the larger planet than Venus."),
    ("passive", "Who composed the opera Carmen?", "Georges Bizet",
     "The opera Carmen was composed by Georges Bizet."),
    ("passive", "Who founded the firm?", "Ole Berg", "The firm was made by Ole Berg."),
    ("no verb", "What is the capital of Mongolia?", "Ulaanbaatar",
     "Ulaanbaatar the capital of Mongolia."),
    ("another verb", "Who swept the yard?", "Ole", "Ole cleaned the yard."),
    ("another tense", "Who runs the bank?", "Ms Hale", "Ms Hale ran the bank."),
    ("another tense", "When will the bridge open?", "2031", "The bridge opened in 2031."),
    ("another tense", "When will the bridge open?", "2031", "The bridge has been open in 2031."),
    ("another tense", "Where is the Louvre?", "Paris", "The Louvre was in Paris."),
    ("did stays", "When did Iceland become a republic?", "1944",
     "Iceland did become a republic in 1944."),
    ("did stays", "Where did the Beatles come from?", "Liverpool",
     "The Beatles did come from Liverpool."),
    ("does stays", "How many bones does an adult human have?", "206",
     "An adult human does have 206 bones."),
    ("another degree", "Which is the smallest bone?", "the stirrup",
     "The stirrup is the small bone."),
    ("another degree", "Which is the oldest university?", "Bologna",
     "Bologna is the older university."),
    ("another form", "Which cheese is made from sheep's milk?", "Roquefort",
     "Roquefort is made from sheep milk cheese."),
    ("the question again", "What is the capital of Mongolia?", "Ulaanbaatar",
     "What is the capital of Mongolia is Ulaanbaatar."),
    ("the question again", "Which river flows through Cologne?", "the Rhine",
     "Which river flows through Cologne the Rhine."),
    ("the question again", "Who composed the opera Carmen?", "Georges Bizet",
     "Who composed the opera Carmen Georges Bizet."),
    ("the question again", "Where do penguins live?", "Antarctica",
     "Where penguins live is Antarctica."),
    ("the question again", "When was Rome founded?", "753 BC", "When Rome was founded was 753 BC."),
    ("the question again", "How many people live in Oslo?", "700,000",
     "How many people live in Oslo is 700,000."),
    ("a count at the wrong place", "How many people live in Oslo?", "700,000",
     "Many people live in Oslo 700,000."),
    ("a count at the wrong place", "How many people live in Oslo?", "700,000",
     "People live in Oslo 700,000."),
    ("a day without on", "When did the war end?", "2 September 1945",
     "The war ended in 2 September 1945."),
    ("a year with on", "When was the Eiffel Tower completed?", "1889",
     "The Eiffel Tower was completed on 1889."),
    ("two articles", "Which river flows through Cologne?", "the Rhine",
     "The the Rhine flows through Cologne."),
    ("an answer that is a sentence", "What causes tides?", "The Moon pulls the water",
     "The Moon pulls the water causes tides."),
    ("an answer that is an order", "What to do in Rome?", "Visit the Forum",
     "In Rome, visit the Forum."),
    ("a comma", "What is the capital of Mongolia?", "Ulaanbaatar",
     "The capital, of Mongolia is Ulaanbaatar."),
    ("a pronoun", "Where was Marie Curie born?", "Warsaw", "She was born in Warsaw."),
    ("points back", "What is the capital of Mongolia?", "Ulaanbaatar",
     "It is the capital of Mongolia, Ulaanbaatar."),
    ("a question", "What is the capital of Mongolia?", "Ulaanbaatar",
     "Is Ulaanbaatar the capital of Mongolia?"),
    ("an echo", "What is the capital of Mongolia?", "Ulaanbaatar", "Ulaanbaatar."),
    ("the bare answer", "Where does the Danube rise?", "in the Black Forest",
     "In the Black Forest."),
    ("too little of the question", "Which old bridge crosses the river Severn?", "Iron",
     "The bridge is called Iron."),
    ("another question", "When did Mara open the bakery?", "in 1920", "Mara was born in 1920."),
    ("no full stop", "Where was Marie Curie born?", "Warsaw", "Marie Curie was born in Warsaw"),
    ("small letter", "Where was Marie Curie born?", "Warsaw", "marie Curie was born in Warsaw."),
    ("an exclamation", "Where was Marie Curie born?", "Warsaw", "Marie Curie was born in Warsaw!"),
    ("a preface", "Where was Marie Curie born?", "Warsaw",
     "The answer: Marie Curie was born in Warsaw."),
    ("another language", "Where was Marie Curie born?", "Warsaw",
     "Marie Curie wurde in Warsaw geboren."),
    ("nothing", "Where was Marie Curie born?", "Warsaw", ""),
    ("a long tail", "Where was Marie Curie born?", "Warsaw",
     f"Marie Curie was born in Warsaw {'of the ' * 15}born."),
]  # fmt: skip


@pytest.mark.parametrize(("what", "question", "answer", "said"), TURNED_DOWN)
def test_anything_else_is_turned_down(what: str, question: str, answer: str, said: str) -> None:
    assert not _taken(question, answer, said), what


SUBTLE = [
    ("a verb without did", "When did Iceland become a republic?", "1944",
     "Iceland become a republic in 1944."),
    ("a verb without did", "Where did the Beatles come from?", "Liverpool",
     "The Beatles come from Liverpool."),
    ("the present for did", "Who did Anna meet in Rome?", "Otto", "Anna meets Otto in Rome."),
    ("the past for does", "Where does Anna live now?", "Kiel", "Anna lived now in Kiel."),
    ("loses not", "Who is not a member of the band?", "Otto", "Otto is a member of the band."),
    ("loses most", "What is the most common blood group?", "O", "The common blood group is O."),
    ("loses after", "Who came after Otto as king?", "Karl", "Karl came of Otto as king."),
    ("turned round", "Who is the father of Alexander?", "Philip",
     "The father of Philip is Alexander."),
    ("turned round", "What is the capital of Mongolia?", "Ulaanbaatar",
     "The capital of Ulaanbaatar is Mongolia."),
    ("no preposition", "When does the show start?", "7 p.m.", "The show starts 7 p.m."),
    ("no preposition", "Where was the treaty signed?", "Ghent", "The treaty was signed Ghent."),
    ("another preposition", "Where is Timbuktu?", "Mali", "Timbuktu is at Mali."),
    ("another preposition", "From what country does Ada come?", "Spain", "Ada comes in Spain."),
    ("another preposition", "By whom was Carmen composed?", "Bizet",
     "Carmen was composed in Bizet."),
    ("a place becomes two", "Where was the treaty signed?", "Ghent, Belgium",
     "The treaty was signed in Ghent and Belgium."),
    ("drops a comma", "Where is the house?", "in Rome, Italy", "The house is in Rome Italy."),
    ("a label in the answer", "Who won the 1930 World Cup?", "Answer - Uruguay",
     "Answer - Uruguay won the 1930 World Cup."),
    ("a list in the answer", "Who were the two poets?", "1. Keats 2. Shelley",
     "The two poets were 1. Keats 2. Shelley."),
    ("whose without its noun", "Whose dog won the race?", "Otto", "The dog Otto won the race."),
    ("a noun without its kind", "Which of Otto's sons was king?", "Karl", "Karl was Otto's king."),
    ("no English", "What size is it?", "XL", "It is XL size."),
]  # fmt: skip
"""Each of these once got through."""


@pytest.mark.parametrize(("what", "question", "answer", "said"), SUBTLE)
def test_subtle_faults_are_seen(what: str, question: str, answer: str, said: str) -> None:
    assert not _taken(question, answer, said), what


@pytest.mark.parametrize(
    "question",
    ["What's the past tense of go?", "Who's the king of Spain?", "Where's the town of Kiel?"],
)
def test_a_question_with_a_short_form_does_not_raise(question: str) -> None:
    assert not _taken(question, "Otto", "Otto is it.")
