"""Laws of splicing: what is replaced is replaced, and no other character of the row moves."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from realign_local.data.json_text import JsonPath, annotate, encode, locate, parse, splice

TEXTS = st.text(st.characters(codec=None, exclude_categories=[]), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, width=32) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=5)


@st.composite
def written(draw: st.DrawFn) -> str:
    """A JSON object as somebody may have written it: any spacing, escaped or not."""
    return json.dumps(
        draw(OBJECTS),
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 0, 1, "\t"])),
        separators=draw(st.sampled_from([None, (",", ":"), (" , ", "  : ")])),
    )


def paths(value: Any, at: JsonPath = ()) -> list[JsonPath]:
    """The paths of all values inside `value`."""
    inner: list[JsonPath] = []
    for key, item in value.items() if isinstance(value, dict) else []:
        inner += paths(item, (*at, key))
    for number, item in enumerate(value) if isinstance(value, list) else []:
        inner += paths(item, (*at, number))
    return [at, *inner]


@given(written(), st.data())
def test_every_value_is_found_where_it_stands(text: str, data: st.DataObject) -> None:
    whole = parse(text)
    path = data.draw(st.sampled_from(paths(whole)))
    start, end = locate(text, path)
    value = whole
    for part in path:
        value = value[part]
    assert parse(text[start:end]) == value


@given(written(), TEXTS, st.data())
def test_a_splice_changes_one_value_and_no_other_character(
    text: str, new: str, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from([p for p in paths(parse(text)) if p] or [()]))
    start, end = locate(text, path)
    spliced = splice(text, {path: new})
    assert spliced == text[:start] + encode(new) + text[end:]
    expected: Any = json.loads(text)
    if path:
        place = expected
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = json.loads(encode(new))
        assert json.loads(spliced) == expected


@given(TEXTS)
def test_an_encoded_text_is_one_line_of_utf8(text: str) -> None:
    encoded = encode(text)
    assert encoded.encode("utf-8")
    assert "\n" not in encoded
    assert "\r" not in encoded
    assert json.loads(encoded) == json.loads(json.dumps(text))


@given(written(), st.dictionaries(TEXTS, TEXTS | st.floats(0, 1) | st.integers(), max_size=3))
def test_annotating_adds_columns_and_keeps_the_rest(text: str, columns: dict[str, Any]) -> None:
    columns = json.loads(json.dumps(columns))
    assert json.loads(annotate(text, columns)) == {**json.loads(text), **columns}
