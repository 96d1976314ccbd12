"""From a character of a file to its place, from a key of TOML to its line."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recension.files import File
from recension.problems import Report
from recension.toml import Keys, read_toml

TEXTS = st.text(st.sampled_from("a é\n"), max_size=40)


@given(TEXTS, st.data())
def test_an_offset_and_its_place_are_one(raw: str, data: st.DataObject) -> None:
    file = File(path="x", raw=raw)
    offset = data.draw(st.integers(0, len(raw)))
    line, column = file.place(offset)
    assert sum(len(text) + 1 for text in file.lines[: line - 1]) + column - 1 == offset
    assert line == raw.count("\n", 0, offset) + 1


@given(TEXTS, st.data())
def test_a_span_shows_the_line_that_it_stands_in(raw: str, data: st.DataObject) -> None:
    file = File(path="x", raw=raw)
    start = data.draw(st.integers(0, len(raw)))
    span = file.span(start, start)
    assert (span.line, span.column) == file.place(start)
    assert (span.length, span.excerpt) == (1, raw.split("\n")[span.line - 1])


def test_a_line_that_is_not_there_is_shown_empty() -> None:
    assert File(path="x", raw="a").at(9).excerpt == ""


TOML = '''\
title = "one"

[print]
trim = [1,
  2]
"quoted key" = 1

[[texts]]
id = "a"

[[texts]]
id = "b"
words = """
id = "no key"
"""
[[texts.parts]]
of = ["x",
      "y"]
'''
PLACES = [
    (("title",), 1),
    (("print",), 3),
    (("print", "trim"), 4),
    (("print", "quoted key"), 6),
    (("print", "missing"), 3),
    (("texts",), 8),
    (("texts", 0, "id"), 9),
    (("texts", 1), 11),
    (("texts", 1, "id"), 12),
    (("texts", 1, "words"), 13),
    (("texts", 1, "parts", 0, "of"), 17),
    (("texts", 1, "parts", 0, "of", 1), 17),
    (("nowhere",), 1),
]


@pytest.mark.parametrize(("path", "line"), PLACES)
def test_a_key_is_found_where_it_stands_or_the_table_above_it(
    path: tuple[object, ...], line: int
) -> None:
    assert Keys(File(path="x", raw=TOML)).find(path).line == line


def test_a_value_is_found_in_an_array_over_several_lines() -> None:
    keys = Keys(File(path="x", raw=TOML))
    span = keys.find_value(("texts", 1, "parts", 0, "of"), "y")
    assert (span.line, span.column, span.length) == (18, 8, 1)


@given(st.lists(st.sampled_from("abc"), unique=True, min_size=1))
def test_every_key_that_tomllib_reads_is_found(keys: list[str]) -> None:
    raw = "\n".join(f"{key} = 1" for key in keys)
    found = Keys(File(path="x", raw=raw))
    assert [found.find((key,)).line for key in tomllib.loads(raw)] == [
        number for number, _ in enumerate(keys, start=1)
    ]


@pytest.mark.parametrize("raw", ["a = ", "a = 1\nb = ", "[x\n", 'a = "'])
def test_a_fault_of_toml_is_told_with_its_line(raw: str) -> None:
    report = Report()
    assert read_toml(File(path="x", raw=raw), report) is None
    assert [p.code for p in report.sorted] == ["L-003"]
    assert report.sorted[0].span.line == len(raw.rstrip("\n").split("\n"))
