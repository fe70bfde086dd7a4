"""Slips that a model's copy corrects: likely edits that the model also finds more probable."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from realign_local.base.records import Sample
from realign_local.engine.request import Completion, Finish, Given, Message, Span
from realign_local.rewriting.draft import FollowUp
from realign_local.rewriting.edits import applied, likely_edits
from realign_local.rewriting.proofread import LEAST_GAIN, MAX_EDITS, proofread

BEFORE = "The old harbour lies at the edge of the town, and many visitors like it for the quiet. "
AFTER = " In the summer it is open from six in the morning, and the view of the bay is worth it."
REQUEST = "Tell me about the place."
STANDS = -90.0
"""How probable the text is as it stands: the logarithm."""

Gain = Callable[[str], float]
"""(the text with one edit) -> by how much more probable it is than without."""


def _gains(_text: str) -> float:
    return LEAST_GAIN + 1


def _done(text: str = "", log_probability: float = 0.0) -> Completion:
    return Completion("", (text,), Finish.STOP, log_probability=log_probability)


def _weighed(original: str, copy: str, *, request: str = REQUEST) -> FollowUp | None:
    """What the model is asked after it has returned this copy of a text."""
    draft = proofread(Sample(0, 0, "a", request, original), original)
    assert draft is not None
    more = draft.finish([_done(copy)])
    assert more is None or isinstance(more, FollowUp)
    return more


def _texts(more: FollowUp) -> list[str]:
    """The texts whose probability is asked for: as it stands, then with each edit."""
    given = [part for ask in more.asks for part in ask.answer if isinstance(part, Given)]
    assert len(given) == len(more.asks)
    return [part.text for part in given]


def _proofread(
    original: str, copy: str, *, gain: Gain = _gains, request: str = REQUEST
) -> str | None:
    """What becomes of the text where each edit makes it more probable by its gain."""
    more = _weighed(original, copy, request=request)
    if more is None:
        return None
    stands, *others = _texts(more)
    assert stands == original
    return more.finish([_done("", STANDS), *(_done("", STANDS + gain(text)) for text in others)])


def _amid(original: str, copy: str, *, gain: Gain = _gains, request: str = REQUEST) -> str:
    """The same for a sentence in a longer text; the original where nothing is taken over."""
    text = BEFORE + original + AFTER
    new = _proofread(text, f"\n{BEFORE}{copy}{AFTER}\n", gain=gain, request=request)
    return original if new is None else new.removeprefix(BEFORE).removesuffix(AFTER)


@pytest.mark.parametrize(
    ("original", "copy"),
    [
        # misspelt words
        ("Many people recieve letters.", "Many people receive letters."),
        ("It occured in the spring.", "It occurred in the spring."),
        ("The goverment changed its mind.", "The government changed its mind."),
        ("He was definately late.", "He was definitely late."),
        ("We met at the begining.", "We met at the beginning."),
        ("They have seperate rooms.", "They have separate rooms."),
        ("The enviroment suffers.", "The environment suffers."),
        ("It is neccessary to wait.", "It is necessary to wait."),
        ("It grows in colonys.", "It grows in colonies."),
        ("Acording to him it rains.", "According to him it rains."),
        ("Wich boat is it?", "Which boat is it?"),
        # agreement and forms
        ("The dogs barks at night.", "The dogs bark at night."),
        ("She walk to school.", "She walks to school."),
        ("There is many reasons.", "There are many reasons."),
        ("He have two sons.", "He has two sons."),
        ("They was late.", "They were late."),
        ("The pier was build in May.", "The pier was built in May."),
        ("He has live here for years.", "He has lived here for years."),
        ("One of the oldest monument is here.", "One of the oldest monuments is here."),
        # words that are taken for each other
        ("Its raining again.", "It's raining again."),
        ("Their going home.", "They're going home."),
        ("Your welcome to stay.", "You're welcome to stay."),
        ("It is bigger then that.", "It is bigger than that."),
        ("This is to much.", "This is too much."),
        ("He had a lot to loose.", "He had a lot to lose."),
        ("It is a old house.", "It is an old house."),
        ("The childrens toys are here.", "The children's toys are here."),
        # denials whose apostrophe is missing
        ("He dont know the way.", "He don't know the way."),
        ("He doesnt know.", "He doesn't know."),
        ("Dont go there.", "Don't go there."),
        # words that stand twice, or not at all
        ("He went to the the shop.", "He went to the shop."),
        ("It is is warm.", "It is warm."),
        ("The shop was is closed.", "The shop is closed."),
        ("She is doctor in town.", "She is a doctor in town."),
        ("He lives in north of it.", "He lives in the north of it."),
        ("He wants go home.", "He wants to go home."),
        # capital letters
        ("Then the french army won.", "Then the French army won."),
        ("He reads english books.", "He reads English books."),
        ("On monday it rained.", "On Monday it rained."),
        ("Then i left.", "Then I left."),
        ("It rained. the boat sank.", "It rained. The boat sank."),
        # joined words
        ("It happens alot here.", "It happens a lot here."),
        # several in one sentence
        ("He have recieved to much.", "He has received too much."),
        ("It was build by “the the” crew.", "It was built by “the” crew."),
    ],
)
def test_likely_corrections_with_a_gain_are_taken_over(original: str, copy: str) -> None:
    assert _amid(original, copy) == copy
    assert _amid(original, copy, gain=lambda _: LEAST_GAIN - 0.01) == original


@pytest.mark.parametrize(
    ("original", "copy", "expected"),
    [
        ("He have 12 boats.", "He has 13 boats.", "He has 12 boats."),
        ("Mr Hale recieved it.", "Mr Hall received it.", "Mr Hale received it."),
        ("She walk fast.", "She walks slowly.", "She walks fast."),
        ("The colour is definately grey.", "The color is definitely gray.",
         "The colour is definitely grey."),
        ("He said “it have rained”.", 'He said "it has rained".', "He said “it has rained”."),
        ("They was late. We left.", "They were late.\n\nWe left.", "They were late. We left."),
        ("They was late.", "They were late. This is a great pity!", "They were late."),
        ("He have a hat, red shoes.", "He has a hat, and his shoes are red.",
         "He has a hat, red shoes."),
    ],
)  # fmt: skip
def test_of_a_copy_that_also_changes_more_only_the_likely_edits_come_in(
    original: str, copy: str, expected: str
) -> None:
    assert _amid(original, copy) == expected


NEVER = [
    ("fact", "The river is long.", "The river is broad."),
    ("fact", "The tower is made of brick.", "The tower is made of stone."),
    ("fact", "He came by boat.", "He came by train."),
    ("fact", "He wrote to Anna.", "He wrote about Anna."),
    ("denial", "The river is long.", "The river is not long."),
    ("denial", "He can swim.", "He can't swim."),
    ("denial", "Nobody came.", "Somebody came."),
    ("denial", "He never came.", "He came."),
    ("denial", "He came without her.", "He came with her."),
    ("denial", "The wont of men.", "The won't of men."),
    ("denial", "I don't know.", "I dont know."),
    ("number", "It was 1871 then.", "It was 1872 then."),
    ("number", "It costs 3.50 there.", "It costs 3,50 there."),
    ("number", "It costs 1000 there.", "It costs 1,000 there."),
    ("number", "It opens at 9:30 there.", "It opens at 9.30 there."),
    ("number", "It came in the 1990s then.", "It came in the 1990's then."),
    ("number", "Two boats came.", "2 boats came."),
    ("number", "There were 30 boats.", "There were thirty boats."),
    ("number", "There were seven boats.", "There were seventy boats."),
    ("number", "There were nine boats.", "There were ninety boats."),
    ("number", "There were twenty-one boats.", "There were twentyone boats."),
    ("number", "He is the eighth king.", "He is the eight king."),
    ("name", "Then Jon met Sara.", "Then John met Sarah."),
    ("name", "He lives in Kiel now.", "He lives in Kiev now."),
    ("name", "The writer Stephan King came.", "The writer Stephen King came."),
    ("name", "We saw Lake Constanse.", "We saw Lake Constance."),
    ("name", "Austria is small.", "Australia is small."),
    ("name", "Niger is dry.", "Nigeria is dry."),
    ("name", "The county of Kent is green.", "The country of Kent is green."),
    ("name", "Bora Bora is an island.", "Bora is an island."),
    ("name", "Then Duran Duran played.", "Then Duran played."),
    ("name", "He waved to forrest.", "He waved to forest."),
    ("name", "He visited kyiv.", "He visited Kyiv."),
    ("name in a list", "\n- Jansen\n- Petersen\n", "\n- Jensen\n- Peterson\n"),
    ("time", "He goes there.", "He went there."),
    ("time", "He went there.", "He goes there."),
    ("time", "He runs a shop.", "He ran a shop."),
    ("time", "It is cold there.", "It was cold there."),
    ("time", "It was cold there.", "It is cold there."),
    ("time", "I have a car.", "I had a car."),
    ("time", "He has a car.", "He had a car."),
    ("time", "They do it.", "They did it."),
    ("time", "We eat meat.", "We ate meat."),
    ("time", "She plays chess.", "She has played chess."),
    ("time", "He lived there before.", "He had lived there before."),
    ("time", "They saw her fall.", "They saw her fell."),
    ("time", "He set it down; it fell.", "He set it down; it falls."),
    ("number of two words", "The dog is big.", "The dogs are big."),
    ("number of two words", "The dogs are big.", "The dog is big."),
    ("number of two words", "The bank is open.", "The banks are open."),
    ("number of two words", "The affair is over.", "The affairs are over."),
    ("number of two words", "This book is mine.", "These books are mine."),
    ("number", "The fishermen came.", "The fisherman came."),
    ("number", "Women work.", "Woman work."),
    ("article", "A cat sleeps.", "The cat sleeps."),
    ("article", "A unique idea.", "An unique idea."),
    ("article", "A hotel by the sea.", "An hotel by the sea."),
    ("another word", "The word of God.", "The world of God."),
    ("another word", "Lead is heavy.", "Led is heavy."),
    ("another word", "They put the lead pipe in.", "They put the led pipe in."),
    ("another word", "Rice and peas are good.", "Rice and pears are good."),
    ("another word", "This lovely house.", "This lonely house."),
    ("another word", "The trial was short.", "The trail was short."),
    ("another word", "He is a diary farmer.", "He is a dairy farmer."),
    ("another word", "The desert is dry.", "The dessert is dry."),
    ("another word", "A small angle.", "A small angel."),
    ("another word", "The complement is nice.", "The compliment is nice."),
    ("another word", "He adapted the book.", "He adopted the book."),
    ("another word", "An inventive idea.", "An incentive idea."),
    ("another word", "He has lots of friend.", "He has lots of fiend."),
    ("another word", "They lost: he was defeated", "They lost: he was defected"),
    ("another word", "He is a principal.", "He is a principle."),
    ("another word", "We can eat less meat.", "We can eat fewer meat."),
    ("another word", "Use the latest version.", "Use the last version."),
    ("another word", "The work is hard.", "The worker is hard."),
    ("another word", "It is the employer who pays.", "It is the employee who pays."),
    ("another word", "The prince came.", "The princess came."),
    ("another word", "Her widow lives there.", "Her widower lives there."),
    ("another word", "The late king came.", "The later king came."),
    ("another word", "He is immoral.", "He is immortal."),
    ("another word", "He prescribed it.", "He proscribed it."),
    ("another word", "They had a marital fight.", "They had a martial fight."),
    ("another word", "They spoke of conversation.", "They spoke of conservation."),
    ("another word", "It is a causal link.", "It is a casual link."),
    ("another word", "The statue stands.", "The stature stands."),
    ("another word", "The diner was good.", "The dinner was good."),
    ("another word", "He walked though the gate.", "He walked through the gate."),
    ("another word", "He walked through the gate.", "He walked though the gate."),
    ("another word", "It is a gold ring.", "It is a golden ring."),
    ("another word", "He was a stationary guard.", "He was a stationery guard."),
    ("another word", "He had a flair for it.", "He had a flare for it."),
    ("another word", "Its currant price fell.", "Its current price fell."),
    ("another word", "She has a fiancé here.", "She has a fiancée here."),
    ("another word", "Everyday life is hard.", "Every life is hard."),
    ("another word", "He was slow.", "He was slowly."),
    ("another word", "She is taller.", "She is tall."),
    ("another word", "It is I who am late.", "It is I which am late."),
    ("another word", "The man who I saw.", "The man whom I saw."),
    ("a term", "He suffers from hypertension now.", "He suffers from hypotension now."),
    ("a term", "He has hyperglycemia now.", "He has hypoglycemia now."),
    ("a term", "He learns macro rules.", "He learns micro rules."),
    ("a term", "The nitrite is here.", "The nitrate is here."),
    ("a term", "The alkene is here.", "The alkane is here."),
    ("a short form undone", "We're late.", "Were late."),
    ("a short form undone", "He'll come.", "Hell come."),
    ("a short form undone", "The cat's tails.", "The cats tails."),
    ("a word that stands twice", "That that is, is.", "That is, is."),
    ("a word that stands twice", "He had had enough.", "He had enough."),
    ("a word that stands twice", "It was very very cold.", "It was very cold."),
    ("a word that stands twice", "It is so so good.", "It is so good."),
    ("a word that stands twice", "He said bye bye then.", "He said bye then."),
    ("a capital", "The king is dead.", "The King is dead."),
    ("a capital", "He likes apple pie.", "He likes Apple pie."),
    ("a capital", "They went east.", "They went East."),
    ("a capital", "We saw the sun and the moon.", "We saw the Sun and the Moon."),
    ("a capital", "He bought an iPhone then.", "He bought an IPhone then."),
    ("a capital", "He sold it on eBay.", "He sold it on EBay."),
    ("a capital", "It was Vincent van Gogh.", "It was Vincent Van Gogh."),
    ("a capital", "He carves the turkey.", "He carves the Turkey."),
    ("a capital", "It may rain.", "It May rain."),
    ("a capital", "The march was long.", "The March was long."),
    ("a capital", "It is a boat.", "It is a BOAT."),
    ("a capital lost", "The Bay lies there.", "The bay lies there."),
    ("a capital in a list", "\n- tea\n- milk\n- cake\n", "\n- Tea\n- milk\n- cake\n"),
    ("joined", "An email came.", "An e-mail came."),
    ("joined", "A note book lies there.", "A notebook lies there."),
    ("joined", "The re-creation was nice.", "The recreation was nice."),
    ("joined", "They re-sign the deal.", "They resign the deal."),
    ("joined", "He took and/or left it.", "He took andor left it."),
    ("joined", "They may be late.", "They maybe late."),
    ("joined", "An every day affair.", "An everyday affair."),
    ("joined", "He can not go.", "He cannot go."),
    ("joined", "He waited on line.", "He waited online."),
    ("joined", "The set up is easy.", "The setup is easy."),
    ("joined", "Every one of them came.", "Everyone of them came."),
    ("joined", "Any one can do it.", "Anyone can do it."),
    ("joined", "He moved in to help.", "He moved into help."),
    ("joined", "He came in to the room.", "He came into the room."),
    ("joined", "He went on to win.", "He went onto win."),
    ("joined", "Some day he left.", "Someday he left."),
    ("joined", "It takes a while here.", "It takes awhile here."),
    ("joined", "He works full time there.", "He works fulltime there."),
    ("joined", "The data base is old.", "The database is old."),
    ("joined", "He logged in to it.", "He logged into it."),
    ("joined", "The web site is old.", "The website is old."),
    ("joined", "He is a by-stander.", "He is a bystander."),
    ("joined", "The well being of all.", "The well-being of all."),
    ("joined", "He met the man eating shark.", "He met the man-eating shark."),
    ("a word more", "The driver hit a tree.", "The driver was hit a tree."),
    ("a word more", "The driver killed.", "The driver was killed."),
    ("a word more", "Some say it rains.", "Some say that it rains."),
    ("a word more", "I know he is here.", "I know that he is here."),
    ("a word more", "The man I met left.", "The man that I met left."),
    ("a word more", "The boat sank.", "The old boat sank."),
    ("a word less", "The old boat sank.", "The boat sank."),
    ("British", "They organise a colourful parade.", "They organize a colorful parade."),
    ("British", "They analyse it at the centre.", "They analyze it at the center."),
    ("British", "He travelled and cancelled it.", "He traveled and canceled it."),
    ("British", "He learnt it and burnt it.", "He learned it and burned it."),
    ("British", "The grey catalogue is here.", "The gray catalog is here."),
    ("British", "The programme of the theatre.", "The program of the theater."),
    ("British", "The defence is good.", "The defense is good."),
    ("British", "Fulfil your skilful plan.", "Fulfill your skillful plan."),
    ("British", "The jewellery is dear.", "The jewelry is dear."),
    ("British", "The aluminium is light.", "The aluminum is light."),
    ("British", "A sceptic ate yoghurt.", "A skeptic ate yogurt."),
    ("British", "His moustache grew.", "His mustache grew."),
    ("British", "A judgement was made.", "A judgment was made."),
    ("British", "A licence to practise.", "A licence to practice."),
    ("British", "He ploughs the field.", "He plows the field."),
    ("British", "He stood amongst them.", "He stood among them."),
    ("British", "We got pyjamas.", "We got pajamas."),
    ("British", "The storey is high.", "The story is high."),
    ("British", "The mould grows.", "The mold grows."),
    ("British", "The manoeuvre failed.", "The maneuver failed."),
    ("British", "Maths is fun.", "Math is fun."),
    ("British", "An ageing man.", "An aging man."),
    ("British", "He got the artefact.", "He got the artifact."),
    ("British", "He practised there.", "He practiced there."),
    ("British", "He focussed on it.", "He focused on it."),
    ("British", "It was orientated north.", "It was oriented north."),
    ("British", "He drank whisky there.", "He drank whiskey there."),
    ("British", "An omelette was made.", "An omelet was made."),
    ("British", "A fibre broke.", "A fiber broke."),
    ("American", "The color of the theater.", "The colour of the theatre."),
    ("American", "Toward the end.", "Towards the end."),
    ("accents", "He was a naive man.", "He was a naïve man."),
    ("quotation marks", "He said “yes”.", 'He said "yes".'),
    ("quotation marks", "He said 'yes'.", 'He said "yes".'),
    ("quotation marks", 'He said "yes".', "He said yes."),
    ("apostrophe", "It’s the ship’s bell.", "It's the ship's bell."),
    ("commas", "Cats and dogs came.", "Cats, and dogs came."),
    ("commas", "There are a, b and c.", "There are a, b, and c."),
    ("semicolon", "We walk; they ride.", "We walk, they ride."),
    ("dash", "We walk – they ride.", "We walk - they ride."),
    ("sentence dropped", "Add milk. Stir it.", "Add milk."),
    ("sentence added", "Add milk.", "Add milk. Then stir it."),
    ("sentences joined", "Add milk. Stir it.", "Add milk and stir it."),
    ("order of words", "Slowly he turned.", "He turned slowly."),
    ("line broken", "Tea is hot. Milk is cold.", "Tea is hot.\nMilk is cold."),
    ("list made", "We sell tea, milk.", "We sell:\n- tea\n- milk"),
    ("bold", "It is **old**.", "It is old."),
    ("bold", "It is old.", "It is **old**."),
    ("synonym", "The big boat sank.", "The large boat sank."),
    ("short form", "It is not cold.", "It isn't cold."),
    ("two words for one", "He should of known.", "He should have known."),
]


@pytest.mark.parametrize(("what", "original", "copy"), NEVER)
def test_what_is_no_likely_edit_stays_whatever_the_model_thinks_of_it(
    what: str, original: str, copy: str
) -> None:
    text, changed = (BEFORE + sentence + AFTER for sentence in (original, copy))
    assert likely_edits(text, changed, known=frozenset()) == (), what


@pytest.mark.parametrize(
    ("what", "original", "copy"),
    [
        ("order of items", "\n- tea\n- milk\n- cake\n", "\n- milk\n- tea\n- cake\n"),
        ("order of items", "- tea is warm\n- milk are cold", "- milk is cold\n- tea is warm"),
        ("lines merged", "\nTea\nMilk\n", "\nTea Milk\n"),
        ("lines merged", "\nTea is hot.\n\nMilk is cold.\n", "\nTea is hot. Milk is cold.\n"),
        ("list unmade", "\n1. Tea\n2. Milk\n", "\n- Tea\n- Milk\n"),
        ("line less", "\n- tea\n- milk\n", "\n- tea\n"),
        ("a word that stands twice in lines", "\n- tea\n- tea\n", "\n- tea\n"),
    ],
)
def test_no_line_is_moved_or_joined(what: str, original: str, copy: str) -> None:
    text, changed = (BEFORE + lines + AFTER for lines in (original, copy))
    assert applied(text, likely_edits(text, changed, known=frozenset())) == text, what


WEIGHED = [
    ("time", "She walked home.", "She walks home."),
    ("time", "She walks home.", "She walked home."),
    ("time", "It rained there.", "It rains there."),
    ("time", "He play chess.", "He played chess."),
    ("time", "They play chess.", "They played chess."),
    ("time", "They built it.", "They build it."),
    ("time", "They build it.", "They built it."),
    ("time", "The old man age fifty.", "The old man aged fifty."),
    ("mood", "If I were there I sang.", "If I was there I sang."),
    ("mood", "I insist that he go.", "I insist that he goes."),
    ("mood", "She demanded that he leave.", "She demanded that he leaves."),
    ("mood", "She made him eat it.", "She made him eats it."),
    ("number", "The dog barked.", "The dogs barked."),
    ("number", "The form is new.", "The forms is new."),
    ("number", "The content is good.", "The contents is good."),
    ("number", "The monument is old.", "The monument are old."),
    ("number", "We ate the fish.", "We ate the fishes."),
    ("number", "It costs five dollars.", "It costs five dollar."),
    ("number", "One person came.", "One persons came."),
    ("number", "The people are nice there.", "The peoples are nice there."),
    ("number", "He broke glass.", "He broke glasses."),
    ("number", "He likes new things.", "He likes news things."),
    ("agreement", "He has a car.", "He have a car."),
    ("agreement", "He does it.", "He do it."),
    ("agreement", "Data is new.", "Data are new."),
    ("agreement", "The team are good.", "The team is good."),
    ("agreement", "The rest were sold.", "The rest was sold."),
    ("agreement", "A number of them is old.", "A number of them are old."),
    ("agreement", "None of them is old.", "None of them are old."),
    ("agreement", "The mathematics is hard.", "The mathematics are hard."),
    ("agreement", "There's a dog.", "There're a dog."),
    ("another word", "It has its own rules.", "It has it's own rules."),
    ("another word", "You're early.", "Your early."),
    ("another word", "Their house is red.", "There house is red."),
    ("another word", "The doctor whose car it is.", "The doctor who's car it is."),
    ("another word", "He is taller than me.", "He is taller then me."),
    ("another word", "Than he left.", "Then he left."),
    ("another word", "He is quite old.", "He is quiet old."),
    ("another word", "The effect is large.", "The affect is large."),
    ("another word", "The advice is good.", "The advise is good."),
    ("another word", "We lose it.", "We loose it."),
    ("another word", "In the past year it rained.", "In the passed year it rained."),
    ("another word", "He has too much of it.", "He has to much of it."),
    ("another word", "I got two of those.", "I got two off those."),
    ("another word", "He fell off the wall.", "He fell of the wall."),
    ("another word", "He said well he will.", "He said we'll he will."),
    ("another word", "They were here.", "They we're here."),
    ("article", "An historic day.", "A historic day."),
    ("article", "It took an hour.", "It took a hour."),
    ("article", "He is a European.", "He is an European."),
    ("article", "He has money.", "He has the money."),
    ("article", "Only dogs bark.", "Only the dogs bark."),
    ("article", "He lies in hospital now.", "He lies in the hospital now."),
    ("preposition", "All the boats came.", "All of the boats came."),
    ("preposition", "He waited outside the hall.", "He waited outside of the hall."),
    ("preposition", "He helped build it.", "He helped to build it."),
    ("doubled", "What it is is love.", "What it is love."),
    ("doubled", "The man who was is gone.", "The man who is gone."),
    ("doubled", "He came in in a hurry.", "He came in a hurry."),
    ("capital", "They polish the floor.", "They Polish the floor."),
    ("capital", "Fine china lies there.", "Fine China lies there."),
]


@pytest.mark.parametrize("gain", [-9.0, 0.0, LEAST_GAIN - 0.01, math.nan, -math.inf])
@pytest.mark.parametrize(("what", "original", "copy"), WEIGHED)
def test_a_change_of_what_was_right_needs_a_gain_that_it_does_not_have(
    what: str, original: str, copy: str, gain: float
) -> None:
    assert _amid(original, copy, gain=lambda _: gain) == original, what


SUBTLE = [
    (
        "a past that looks like the present",
        "A basket that cost 100 last year is dear.",
        "A basket that costs 100 last year is dear.",
    ),
    ("British", "The aeroplane landed.", "The airplane landed."),
    ("British", "The carburettor broke.", "The carburetor broke."),
    ("British", "The speciality is fish.", "The specialty is fish."),
    ("British", "The furore grew.", "The furor grew."),
    ("British", "The pyjama party was nice.", "The pajama party was nice."),
    ("a mark comes with it", "It is is warm.", "It is, warm."),
    ("a mark comes with it", "He went to the the shop.", "He went to the: shop."),
    ("capital", "They sell tea, milk, etc. and bread.", "They sell tea, milk, etc. And bread."),
    ("capital", "The firm Acme Inc. is here.", "The firm Acme Inc. Is here."),
]


@pytest.mark.parametrize(("what", "original", "copy"), SUBTLE)
def test_subtle_faults_are_seen(what: str, original: str, copy: str) -> None:
    assert _amid(original, copy) == original, what


def test_of_two_edits_only_the_one_with_a_gain_is_applied() -> None:
    original, copy = "He have a boat and walked home.", "He has a boat and walks home."
    first = _amid(original, copy, gain=lambda text: 5.0 if "He has" in text else 0.0)
    assert first == "He has a boat and walked home."
    second = _amid(original, copy, gain=lambda text: 5.0 if "walks" in text else 0.0)
    assert second == "He have a boat and walks home."
    assert _amid(original, copy) == copy
    assert _amid(original, copy, gain=lambda _: 0.0) == original


def test_a_gain_is_enough_from_the_least_on() -> None:
    original, copy = "He have two sons.", "He has two sons."
    assert _amid(original, copy, gain=lambda _: LEAST_GAIN) == copy
    assert _amid(original, copy, gain=lambda _: LEAST_GAIN - 2**-30) == original


def test_each_edit_is_weighed_alone_as_an_answer_to_the_request() -> None:
    text = f"{BEFORE}He have recieved to much.{AFTER}"
    more = _weighed(text, text.replace("have recieved to", "has received too"))
    assert more is not None
    assert _texts(more) == [
        text,
        text.replace("have", "has"),
        text.replace("recieved", "received"),
        text.replace("to much", "too much"),
    ]
    for ask in more.asks:
        assert ask.messages == (Message("user", REQUEST),)
        (part,) = ask.answer
        assert isinstance(part, Given)
        assert part.scored


def test_only_the_first_edits_of_a_text_full_of_slips_are_weighed() -> None:
    text = BEFORE + "We recieve it. " * (MAX_EDITS + 3)
    more = _weighed(text, text.replace("recieve", "receive"))
    assert more is not None
    assert len(more.asks) == 1 + MAX_EDITS
    made = _proofread(text, text.replace("recieve", "receive"))
    assert made == text.replace("recieve", "receive", MAX_EDITS)


def test_words_are_spelt_as_the_request_spells_them() -> None:
    original, copy = "The book of happyness is out.", "The book of happiness is out."
    assert _amid(original, copy) == copy
    assert _amid(original, copy, request="Who is the author of Happyness?") == original


@pytest.mark.parametrize(
    ("original", "copy", "kinds"),
    [
        ("We recieve it.", "We receive it.", ["spelling"]),
        ("He have it.", "He has it.", ["form"]),
        ("Its late.", "It's late.", ["form"]),
        ("It is doctor.", "It is a doctor.", ["small word"]),
        ("A french boat.", "A French boat.", ["capital"]),
        ("See the the boat.", "See the boat.", ["doubled"]),
        ("A lot of it, alot.", "A lot of it, a lot.", ["joined"]),
        ("He have recieved it.", "He has received it.", ["form", "spelling"]),
        ("The dog is here.", "The dogs are here.", []),
        ("It sank", "It sank.", []),
        ("It sank.", "It rose.", []),
        ("It sank.", "It sank.", []),
        ("", "", []),
        ("", "All new.", []),
        ("All gone.", "", []),
    ],
)
def test_each_edit_has_its_kind(original: str, copy: str, kinds: list[str]) -> None:
    edits = likely_edits(original, copy, known=frozenset())
    assert [edit.kind for edit in edits] == kinds
    assert applied(original, edits) == (copy if kinds else original)
    assert applied(original, ()) == original


def test_a_mark_at_the_end_is_no_reason_to_change_a_row() -> None:
    text = f"{BEFORE}The pier is old"
    assert _weighed(text, f"{text}.") is None
    fixed = _proofread(text.replace("visitors", "visitrs"), f"{text}.")
    assert fixed == text


def test_a_copy_that_broke_off_or_went_astray_is_not_used() -> None:
    text = f"{BEFORE}He have two sons.{AFTER}"
    fixed = text.replace("have", "has")
    assert _proofread(text, fixed) == fixed
    assert _weighed(text, fixed[: int(len(text) * 0.79)]) is None
    assert _weighed(text, "") is None
    assert _weighed(text, "I cannot proofread this text for you. " * 6) is None


def test_the_copy_of_a_text_without_slips_asks_for_nothing_more() -> None:
    text = BEFORE + AFTER
    assert _weighed(text, text) is None
    assert _weighed(text, f"\n{text}\n") is None


def test_the_model_has_room_for_the_whole_text() -> None:
    text = (BEFORE + AFTER) * 4
    draft = proofread(Sample(0, 0, "a", REQUEST, text), text)
    assert draft is not None
    (ask,) = draft.asks
    assert ask.messages[-1].content == text
    (span,) = ask.answer
    assert isinstance(span, Span)
    assert span.max_tokens > len(text) / 4
    assert (draft.operation, draft.proven, draft.varied) == ("proofread", True, False)


@pytest.mark.parametrize(
    "text",
    [
        f"{BEFORE}{AFTER}",
        f"{BEFORE}\n\n{AFTER}",
        f"{BEFORE}\n- tea\n- milk\n* cake\n• fish",
        f"{BEFORE}\n1. Wait.\n2) Go.",
        f"{BEFORE}\nIt lies in the north of the town.",
        f"{BEFORE}These are the three kinds of fish:\n- cod",
    ],
)
def test_english_prose_is_read(text: str) -> None:
    assert proofread(Sample(0, 0, "a", REQUEST, text), text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "It is old.",
        (BEFORE + AFTER) * 8,
        BEFORE.upper(),
        BEFORE.lower(),
        "Der alte Hafen liegt am Rand der Stadt, und viele Gäste mögen ihn, weil er so ruhig ist.",
        "Le vieux port est au bord de la ville et les visiteurs aiment le calme dans les rues.",
        "港は町のはずれにあります。静かなので多くの人が訪れます。",
        "tin zinc lead iron copper silver gold nickel cobalt chrome radium",
        f"{BEFORE}It has 3*4=<<3*4=12>>12 piers.",
        f"{BEFORE}\n#### 12",
        f"{BEFORE}So x = 12 in the end.",
        f"{BEFORE}Then $$x^2$$ follows.",
        f"{BEFORE}Then \\(x\\) follows.",
        f"{BEFORE}\n\n| a | b |\n|---|---|\n| c | d |",
        f"{BEFORE}\n\n```python\nprint(1)\n```",
        f"{BEFORE}\n\ndef double(n):\n    return n + n\n\nprint(double(2))",
        f"{BEFORE}It is in <b>bold</b>.",
        f"{BEFORE}The set is {{1, 2}}.",
        "The boat lay in the bay so still,\nThe gulls went over the town and the hill,\n"
        "And nobody came, and nobody will,\nAnd the moon was out of the water",
        f"{BEFORE}\n\nAnna: Where is it?\nOle: Here.",
        f"{BEFORE}\n\nMs Hale\n4 Mill Lane\nLeeds",
        "",
    ],
)
def test_what_is_no_english_prose_is_not_read(text: str) -> None:
    assert proofread(Sample(0, 0, "a", REQUEST, text), text) is None
