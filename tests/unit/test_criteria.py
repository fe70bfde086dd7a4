"""The 46 criteria that ship, and the paper's: complete, consistent, examples that lose nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from realign_local.base.config import Settings
from realign_local.base.criterion import (
    Criteria,
    Criterion,
    Example,
    Section,
    read_criteria,
    read_criterion,
)
from realign_local.base.errors import AcceptanceError, UsageError
from realign_local.base.progress import Silent
from realign_local.cli.setup.criteria import command as criteria_command
from realign_local.commands.lint import lint
from realign_local.rewriting.plan import names
from realign_local.run.tidying import TidyTools, tell
from realign_local.run.tools import criteria_of

FOLDER = Path(__file__).parents[2] / "criteria"
PAPER = FOLDER / "paper"

GROUPS = {
    "Generation": "question_generation story_generation poem_generation email_generation "
    "data_generation text_to_text_translation",
    "Brainstorming": "advice_giving recommendations how_to_generation planning",
    "Code": "code_correction code_simplification explain_code text_to_code_translation "
    "code_to_code_translation language_learning_questions code_language_classification "
    "code_to_text_translation",
    "Rewriting": "instructional_rewriting language_polishing paraphrasing text_correction",
    "Extraction": "information_extraction keywords_extraction table_extraction",
    "Summarization": "title_generation text_summarization note_summarization",
    "Conversation": "open_qa closed_qa fact_verification value_judgement roleplay explain_answer",
    "Specialized Educational Dialog": "natural_language_learning_tutor exam_problem_solving_tutor "
    "ml_ai_language_model_tutor math_puzzles fill_in_the_blank",
    "Classification": "general_classification ordering sentiment_analysis "
    "language_classification topic_classification",
    "Others": "default rejecting",
}
NOT_REWRITTEN = {
    *GROUPS["Summarization"].split(),
    "story_generation",
    "poem_generation",
    "advice_giving",
    "paraphrasing",
    "code_simplification",
    "table_extraction",
    "roleplay",
    "default",
}
WITH_EVIDENCE = {
    "how_to_generation",
    "open_qa",
    "fact_verification",
    "recommendations",
    "explain_answer",
}
TASKS = sorted(" ".join(GROUPS.values()).split())
REWRITTEN = [task for task in TASKS if task not in NOT_REWRITTEN]

MARKER = re.compile(r"(?m)^\s*(?:[-*+]|\d+[.)])\s+")
LABEL = re.compile(r"\*\*[^*\n]+:\*\*\s*")
FENCE = re.compile(r"(?m)^\s*```\w*\s*$")
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


@pytest.fixture(scope="module")
def criteria() -> Criteria:
    return read_criteria(FOLDER)


@pytest.fixture(scope="module")
def paper() -> Criteria:
    return read_criteria(PAPER)


def content(text: str) -> str:
    """The text without what a layout may add or change: list marks, labels, fences, spacing."""
    for marks in (MARKER, LABEL, FENCE):
        text = marks.sub("", text)
    return re.sub(r"\s+", " ", text).strip()


def parts(text: str) -> list[str]:
    """Lines, and their sentences; a line of short terms falls into its terms."""
    found: list[str] = []
    for line in FENCE.sub("", MARKER.sub("", text)).splitlines():
        if is_list_of_terms(line):
            found += [term.strip() for term in re.split(r"[,;]", line)]
        else:
            found += re.split(r"(?<=[.!?])\s+", line)
    return [content(part) for part in found if part.strip()]


def is_list_of_terms(line: str) -> bool:
    terms = re.split(r"[,;]", line)
    return len(terms) > 2 and all(len(term.split()) < 5 for term in terms)


def all_examples(criteria: Criteria) -> list[tuple[str, Example]]:
    return [(c.task, e) for c in criteria.values() for e in c.examples]


def test_every_task_of_the_paper_has_its_file(criteria: Criteria) -> None:
    assert list(criteria) == TASKS
    assert len(TASKS) == 46


@pytest.mark.parametrize("task", TASKS)
def test_group_and_flags_are_the_papers(criteria: Criteria, task: str) -> None:
    criterion = criteria[task]
    assert task in GROUPS[criterion.group].split()
    assert criterion.rewrite == (task not in NOT_REWRITTEN)
    assert criterion.needs_evidence == (task in WITH_EVIDENCE)
    assert len(criterion.queries) >= 10


def test_the_papers_tasks_are_the_same_and_are_recognised_alike(
    criteria: Criteria, paper: Criteria
) -> None:
    same = {"task", "group", "description", "rewrite", "needs_evidence", "queries"}
    for own, other in zip(criteria.values(), paper.values(), strict=True):
        assert own.model_dump(include=same) == other.model_dump(include=same)
    assert criteria_of("paper").sha256 == paper.sha256
    assert criteria_of(None).sha256 == criteria.sha256 != paper.sha256


@pytest.mark.parametrize("task", REWRITTEN)
def test_a_rewritten_task_has_a_full_criterion(criteria: Criteria, task: str) -> None:
    criterion = criteria[task]
    assert len(criterion.examples) == 3
    assert 2 <= len(re.findall(r"[.!?](?:\s|$)", criterion.format)) <= 9
    assert not criterion.layout
    assert set(criterion.operations) <= set(names())


@pytest.mark.parametrize("task", REWRITTEN)
def test_one_example_is_good_as_it_is(criteria: Criteria, task: str) -> None:
    same = [e.rewritten.strip() == e.response.strip() for e in criteria[task].examples]
    assert sum(same) == 1


def test_words_are_only_given_to_tasks_of_prose(criteria: Criteria) -> None:
    for criterion in criteria.values():
        if criterion.operations:
            assert criterion.rewrite, criterion.task
            assert criterion.group != "Code", criterion.task


@pytest.mark.parametrize("task", REWRITTEN)
def test_a_task_of_the_paper_has_a_layout_that_takes_the_original(
    paper: Criteria, task: str
) -> None:
    criterion = paper[task]
    assert 2 <= len(criterion.examples) <= 3
    assert any(s.kind in ("verbatim", "items") for s in criterion.layout)
    assert not criterion.operations


@pytest.mark.parametrize("task", sorted(WITH_EVIDENCE))
def test_evidence_has_an_example(criteria: Criteria, paper: Criteria, task: str) -> None:
    for examples in (criteria[task].examples, paper[task].examples):
        assert any(example.evidence for example in examples)
        assert any(not example.evidence for example in examples)


@pytest.mark.parametrize("folder", [None, "paper"])
def test_every_worked_example_passes_the_gates(folder: str | None) -> None:
    assert list(lint(criteria_of(folder))) == []


@pytest.mark.parametrize("task", REWRITTEN)
def test_the_papers_examples_lose_nothing(paper: Criteria, task: str) -> None:
    for example in paper[task].examples:
        rewritten = content(example.rewritten)
        lost = [part for part in parts(example.response) if part not in rewritten]
        assert not lost, example.instruction


@pytest.mark.parametrize("task", REWRITTEN)
def test_examples_add_no_number(criteria: Criteria, paper: Criteria, task: str) -> None:
    for example in (*criteria[task].examples, *paper[task].examples):
        known = NUMBER.findall(" ".join([example.instruction, example.response, *example.evidence]))
        found = NUMBER.findall(MARKER.sub("", example.rewritten))
        assert set(found) <= set(known), example.instruction


@pytest.mark.parametrize("task", REWRITTEN)
def test_the_papers_lists_stand_in_their_order(paper: Criteria, task: str) -> None:
    for example in paper[task].examples:
        place = 0
        for section in paper[task].layout:
            if section.kind == "items":
                mark = r"\d+\. " if section.style == "numbered" else "- "
                found = re.finditer(rf"(?m)^{mark}", example.rewritten)
                starts = [m.start() for m in found if m.start() >= place]
                assert section.optional or len(starts) >= section.min_items, example.instruction
                place = starts[0] + 1 if starts else place


def test_examples_are_tidy_and_finished(criteria: Criteria, paper: Criteria) -> None:
    for task, example in (*all_examples(criteria), *all_examples(paper)):
        assert not example.rewritten.rstrip().endswith(":"), task
        assert example.rewritten == example.rewritten.strip("\n "), task
        assert "\n\n\n" not in example.rewritten, task


def test_queries_and_examples_are_all_different(criteria: Criteria) -> None:
    seen: dict[str, str] = {}
    for criterion in criteria.values():
        asked = [*criterion.queries, *(example.instruction for example in criterion.examples)]
        for text in (re.sub(r"\W+", " ", one).lower().strip() for one in asked):
            assert text not in seen, f"{criterion.task} and {seen[text]}: {text}"
            seen[text] = criterion.task


def test_descriptions_are_all_different(criteria: Criteria) -> None:
    assert len({criterion.description for criterion in criteria.values()}) == len(criteria)


def test_the_task_in_the_readme_can_be_used(tmp_path: Path) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", readme, re.DOTALL)
    assert example
    (tmp_path / "glossary.toml").write_text(example[1], encoding="utf-8")
    assert list(read_criteria(tmp_path)) == ["glossary"]


def test_the_readme_explains_every_key() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    missing = {*Section.model_fields, *Criterion.model_fields} - set(re.findall(r"`(\w+)`", readme))
    assert not missing


MINIMAL = 'task = "x"\ngroup = "Mine"\ndescription = "Something."\nrewrite = false\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("task = ", "not valid TOML"),
        (MINIMAL + 'colour = "red"\n', "colour"),
        (MINIMAL.replace('"x"', '"y"'), "'x'"),
        (MINIMAL.replace("false", "true"), "must have a format"),
        (MINIMAL + 'operations = "proofread"\n', "operations"),
        (MINIMAL + '[[layout]]\nkind = "items"\nname = "a"\n', "must name a part"),
        (MINIMAL + '[[layout]]\nkind = "write"\nname = "a"\npart = "all"\n', "takes no part"),
        (MINIMAL + '[[layout]]\nkind = "items"\nname = "a"\npart = "all"\n', "must be numbered"),
        (MINIMAL + '[[layout]]\nkind = "write"\nname = "a"\n' * 2, "the same name"),
        (MINIMAL + '[[layout]]\nkind = "write"\nname = "a"\nopenings = ["So"]\n', "openings"),
    ],
)
def test_a_faulty_file_is_named_with_its_fault(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(told)) as caught:
        read_criterion(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no criteria"):
        read_criteria(tmp_path)


def test_comments_and_spacing_do_not_change_the_hash(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(MINIMAL, encoding="utf-8")
    before = read_criterion(path).sha256
    path.write_text("# note\n\n" + MINIMAL, encoding="utf-8")
    assert read_criterion(path).sha256 == before
    path.write_text(MINIMAL.replace("Something", "Other"), encoding="utf-8")
    assert read_criterion(path).sha256 != before


def test_lint_names_every_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "first.toml").write_text("task = ", encoding="utf-8")
    (tmp_path / "second.toml").write_text('task = "other"', encoding="utf-8")
    result = CliRunner().invoke(criteria_command, ["lint", str(tmp_path)])
    assert "first.toml" in result.output
    assert "second.toml" in result.output
    assert isinstance(result.exception, AcceptanceError)


def test_lint_turns_down_an_example_that_its_own_layout_or_a_gate_turns_down(
    tmp_path: Path,
) -> None:
    example = '[[examples]]\ninstruction = "How old is it?"\nresponse = "It is 12."\n'
    text = MINIMAL.replace("false", "true") + 'format = "A sentence."\n'
    good, bad = (f'{example}rewritten = "It is {n} years old."\n' for n in (12, 13))
    listed = '[[layout]]\nkind = "items"\nname = "a"\npart = "all"\nstyle = "bullets"\n'
    for layout, examples, told in (
        ("", good + good, []),
        ("", good + bad, ["x, example 2: "]),
        ("", good, ["x: two worked examples needed"]),
        (listed, good + good, ["x, example 1: layout", "x, example 2: layout"]),
    ):
        (tmp_path / "x.toml").write_text(text + layout + examples, encoding="utf-8")
        found = list(lint(read_criteria(tmp_path)))
        assert {line.startswith(tuple(told)) for line in found} <= {True}
        assert [any(line.startswith(start) for line in found) for start in told] == [True] * len(
            told
        )


def test_the_list_keeps_to_one_line_a_task() -> None:
    result = CliRunner().invoke(criteria_command, ["list"])
    table, _, legend = result.output.partition("\n\n")
    assert len(table.splitlines()) == 47
    assert legend.startswith("rewritten: yes is tidied, and the model may")
    (line,) = (line for line in result.output.splitlines() if line.startswith("open_qa"))
    assert line.split()[1:] == ["Conversation", "yes", "yes", "sentence,", "proofread"]


def test_show_has_format_and_examples() -> None:
    result = CliRunner().invoke(criteria_command, ["show", "open_qa"])
    assert "A bare name, number or date becomes one full sentence" in result.output
    assert result.output.count("--- rewritten") == 3


def test_criteria_without_a_default_are_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One criterion alone takes every row, whatever it is about."""
    for name in ("open_qa", "default"):
        text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        warnings = list[str]()
        told = Silent()
        monkeypatch.setattr(told, "warn", warnings.append)
        tell(TidyTools(Settings(mode="tidy", criteria=str(tmp_path))), told)
        linted = CliRunner().invoke(criteria_command, ["lint", str(tmp_path)])
        assert linted.exit_code == 0
        warned = "there is no criterion 'default'"
        both = [any(warned in line for line in warnings), warned in linted.stderr]
        assert both == [name != "default"] * 2
