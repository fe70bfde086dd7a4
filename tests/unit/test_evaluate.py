"""`realign evaluate RUN`: gold answers by hand count, claims against passages, the judge's word."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from realign_local.base.errors import DataError
from realign_local.base.progress import Silent
from realign_local.base.records import Passage
from realign_local.cli import realign
from realign_local.commands.evaluate import Gold, evaluate, read_answers
from realign_local.engine.request import Completion, Finish, Request
from realign_local.gates.support import support
from realign_local.run.files.finished import FinishedRun, open_finished
from tests.scripted import ScriptedTools, run

ROWS = [
    {"instruction": "Which trees line the street?", "output": "1)Oak.\n2)Ash.\n3)Elm."},
    {"instruction": "Who painted the mill?", "output": "Jan Vermeulen painted the mill in 1874."},
    {"instruction": "Where is the ferry?", "output": "The ferry leaves from Kiel."},
]


@pytest.fixture
def finished(tmp_path: Path) -> FinishedRun:
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    run(source, tmp_path / "run", ScriptedTools())
    return open_finished(tmp_path / "run")


def test_gold_answers_in_order_and_by_question(finished: FinishedRun) -> None:
    in_order = [Gold("x", ("ASH",)), Gold("y", ("Monet", "vermeulen")), Gold("z", ("Oslo",))]
    found = evaluate(finished, answers=in_order, progress=Silent()).as_dict()
    assert found["rows"] == 3
    assert (found["factuality"]["gold_before"], found["factuality"]["gold_after"]) == (2, 2)
    by_question = [Gold(" where is  the FERRY?", ("kiel",)), Gold("Never asked?", ("x",))]
    found = evaluate(finished, answers=by_question, progress=Silent()).as_dict()
    assert found["factuality"]["questions"] == 1
    assert found["factuality"]["questions_of_no_response"] == 1
    assert found["factuality"]["gold_after"] == 1
    low, high = found["factuality"]["gold_after_interval"]
    assert 0 < low < high == 1
    with pytest.raises(DataError, match="fit none"):
        evaluate(finished, answers=[Gold("Never asked?", ("x",))], progress=Silent())


def test_answers_in_another_order_are_found_by_their_questions(finished: FinishedRun) -> None:
    told = {"Which trees line the street?": "ash", "Who painted the mill?": "Vermeulen"}
    answers = [Gold(q, (a,)) for q, a in told.items()] + [Gold("Where is the ferry?", ("KIEL",))]
    for order in (answers, answers[::-1], [answers[1], answers[2], answers[0]]):
        found = evaluate(finished, answers=order, progress=Silent()).as_dict()["factuality"]
        assert (found["questions"], found["gold_after"]) == (3, 3)
    one_worded_otherwise = [answers[1], Gold("The painter?", ("Kiel",)), answers[0]]
    found = evaluate(finished, answers=one_worded_otherwise, progress=Silent()).as_dict()
    assert found["factuality"] == found["factuality"] | {"questions": 2, "gold_after": 2}


def test_a_question_asked_twice_has_the_answers_of_its_place(tmp_path: Path) -> None:
    rows = [
        {"instruction": "Name a tree.", "output": name} for name in ("Oak it is.", "Elm it is.")
    ]
    rows.append({"instruction": "Read this.\n\nWhere is the ferry?", "output": "In Kiel."})
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run(source, tmp_path / "run", ScriptedTools())
    answers = [Gold("Name a tree.", ("oak",)), Gold("Name a tree.", ("elm",))]
    answers.append(Gold("Where is the ferry?", ("kiel",)))
    found = evaluate(open_finished(tmp_path / "run"), answers=answers, progress=Silent())
    assert (found.asked, found.gold["before"]) == (3, 3)


def test_claims_are_looked_up_sentence_by_sentence(finished: FinishedRun) -> None:
    def search(queries: Sequence[str], k: int) -> list[list[Passage]]:
        mill = Passage("1", "The mill", "", "The mill was painted by Jan Vermeulen in 1874.")
        return [[mill][:k] if "mill" in query else [] for query in queries]

    facts = evaluate(finished, search=search, progress=Silent()).as_dict()["factuality"]
    assert facts["supported"] == facts["supported_before"] == 1
    assert facts["unsupported"] == 0
    assert facts["undecided"] == 4


@pytest.mark.parametrize(
    ("lean", "outcome"), [(2.0, "win"), (-2.0, "loss"), (0.0, "tie"), (None, "tie")]
)
def test_only_what_changed_is_judged(
    finished: FinishedRun, lean: float | None, outcome: str
) -> None:
    asked: list[str] = []

    def generate(requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            asked.append(request.key)
            order, letter, _ = request.key.split("|", 2)
            new = letter == ("B" if order == "in order" else "A")
            log = 0.0 if not new else lean or 0.0
            finish = Finish.FAILED if lean is None else Finish.STOP
            yield Completion(request.key, (letter,), finish, log_probability=log)

    read = evaluate(finished, generate=generate, progress=Silent()).as_dict()["readability"]
    assert len(asked) == 4
    assert {k: read[k] for k in ("win", "tie", "loss")} == {
        **dict.fromkeys(("win", "tie", "loss"), 0),
        outcome: 1,
    }
    assert list(read["by_task"]) == ["open_qa"]


PLACE = "Lake Venner. The lake lies in Hallin and is 31 km long. Its ferry was built in 1961."


@pytest.mark.parametrize(
    ("sentence", "request_", "passages", "said"),
    [
        ("Lake Venner is 31 km long.", "Tell me about Lake Venner.", [PLACE], "supported"),
        ("It lies in Hallin.", "Tell me about Lake Venner.", [PLACE], "supported"),
        ("Lake Venner is 37 km long.", "Tell me about Lake Venner.", [PLACE], "unsupported"),
        ("The lake lies in Ostrava.", "Tell me about Lake Venner.", [PLACE], "unsupported"),
        ("It is loved by painters.", "Tell me about Lake Venner.", [PLACE], "undecided"),
        ("It has 4,000 people.", "Tell me about the town of Brask.", [PLACE], "undecided"),
        ("Hello!", "Hi", [PLACE], "undecided"),
        ("Lake Venner is 31 km long.", "Tell me about Lake Venner.", [], "undecided"),
    ],
)
def test_what_passages_say_to_a_sentence(
    sentence: str, request_: str, passages: list[str], said: str
) -> None:
    assert support(sentence, request_, passages) == said


def test_who_is_meant_by_a_pronoun_is_not_borne_out_by_another_one_s_passage() -> None:
    other = "Karel Mrak. Karel Mrak was a tailor who died in Graz in 1902."
    own = "Ilse Toman. Ilse Toman was a tailor who was born in Linz."
    request, other_s_death = "Tell me about Ilse Toman.", "She died in Graz in 1902."
    assert support(other_s_death, request, [other]) == "undecided"
    assert support(other_s_death, request, [own, other]) == "unsupported"
    assert support("Karel Mrak died in Graz in 1902.", request, [other]) == "supported"
    assert support("She was born in Linz as a tailor.", request, [own]) == "supported"


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"question": "x"}', '{"question": 1, "answers": ["x"]}',
     '{"question": "x", "answers": []}', '{"question": "x", "answers": [3]}', ""],
)  # fmt: skip
def test_answers_that_are_none(tmp_path: Path, line: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DataError):
        read_answers(path)


def test_the_command_on_a_run(finished: FinishedRun, tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    rows = [{"question": row["instruction"], "answers": [row["output"][-5:]]} for row in ROWS]
    gold.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = ["evaluate", str(finished.folder), "--answers", str(gold)]
    done = CliRunner().invoke(realign, [*command, "--json"])
    found = json.loads(done.stdout)
    assert set(found) == {"rows", "factuality", "readability", "judge_agreement"}
    assert found["factuality"]["gold_before"] == 3
    assert "3 of 3" in CliRunner().invoke(realign, command).stdout
    for wrong in (["evaluate"], ["evaluate", str(finished.folder)], [*command, "--pairs", "x"]):
        refused = CliRunner().invoke(realign, wrong, standalone_mode=False)
        assert type(refused.exception).__name__ == "UsageError"
