"""What differs between two texts: every difference, none too many, in linear time."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from steps import count_steps

from recension.alignment import find_differences

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = st.lists(st.sampled_from("abcdefgh"), max_size=40)
LONG = [f"word{n * n % 977}" for n in range(600)]
"""More words than are compared each with each, some of them once, some often."""


def find_read(words: list[str], others: list[str]) -> list[tuple[str, str]]:
    """Return what the texts read at each difference."""
    return [
        (" ".join(words[a:b]), " ".join(others[c:d]))
        for a, b, c, d in find_differences(words, others)
    ]


def check_law(words: list[str], others: list[str]) -> None:
    """Check that the texts are equal between the differences, and there alone."""
    here = there = -1
    found = list(find_differences(words, others))
    for start, end, other_start, other_end in found:
        between = words[max(here, 0) : start]
        assert between == others[max(there, 0) : other_start]
        assert between or here < 0, "two differences side by side are one"
        assert start < end or other_start < other_end
        here, there = end, other_end
    assert words[max(here, 0) :] == others[max(there, 0) :]


@given(WORDS, WORDS)
def test_texts_are_equal_where_there_is_no_difference(
    words: list[str], others: list[str]
) -> None:
    check_law(words, others)


@pytest.mark.slow
@given(st.data())
def test_long_texts_too_are_equal_where_there_is_no_difference(
    data: st.DataObject,
) -> None:
    places = st.integers(0, len(LONG))
    words = list(LONG)
    for _ in range(data.draw(st.integers(1, 6))):
        start, length = data.draw(places), data.draw(st.integers(0, 120))
        words[start : start + length] = data.draw(WORDS)
    check_law(words, LONG)
    check_law(LONG, words)
    check_law(words, words[300:] + words[:300])


@pytest.mark.parametrize("place", [0, 1, 299, 598])
def test_a_word_changed_in_a_long_text_is_one_difference(place: int) -> None:
    changed = [*LONG[:place], "not", *LONG[place + 1 :]]
    assert find_read(changed, LONG) == [("not", LONG[place])]


@pytest.mark.parametrize("length", [1, 50, 400])
def test_a_passage_lost_from_a_long_text_is_one_difference(length: int) -> None:
    words = [f"word{n}" for n in range(600)]
    lost = " ".join(words[100 : 100 + length])
    left = words[:100] + words[100 + length :]
    assert find_read(left, words) == [("", lost)]
    assert find_read(words, left) == [(lost, "")]


def test_each_change_is_found_in_a_text_without_a_word_that_stands_once() -> None:
    """The words of a text that is repeated are paired in order."""
    text = [f"word{n}" for n in range(500)] * 4
    words = list(text)
    for place in range(0, len(words), 100):
        words[place] = "not"
    assert find_read(words, text) == [("not", text[n]) for n in range(0, 2000, 100)]


def test_long_texts_that_share_nothing_are_one_difference() -> None:
    words, others = ["a"] * 300, ["b"] * 300
    assert find_read(words, others) == [(" ".join(words), " ".join(others))]


def change(text: list[str]) -> list[str]:
    return [f"not {word}" if n % 20 == 10 else word for n, word in enumerate(text)]


def number(size: int) -> list[str]:
    return [f"word{n}" for n in range(size)]


def repeat(size: int) -> list[str]:
    return number(500) * (size // 500)


TEXTS: dict[str, Callable[[int], tuple[list[str], list[str]]]] = {
    "words that stand once": lambda n: (change(number(n)), number(n)),
    "a text repeated": lambda n: (change(repeat(n)), repeat(n)),
    "a word repeated": lambda n: (change(["a"] * n), ["a"] * n),
    "two words by turns": lambda n: (change(["a", "b"] * (n // 2)), ["b", "a"] * n),
    "backwards": lambda n: (number(n), number(n)[::-1]),
    "halves exchanged": lambda n: (number(n), number(n)[n // 2 :] + number(n // 2)),
    "nothing in common": lambda n: (number(n), ["a"] * n),
    "half of it lost": lambda n: (number(n)[::2], number(n)),
}


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_twice_as_long_takes_twice_as_long(text: str) -> None:
    sizes = [TEXTS[text](size) for size in (1000, 2000, 4000)]
    steps = [
        count_steps(lambda two=two: list(find_differences(*two)))  # type: ignore[misc]
        for two in sizes
    ]
    for shorter, longer in pairwise(steps):
        assert longer <= 2.6 * shorter, steps
