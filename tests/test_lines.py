"""Total-fit lines: what TeX promises of a paragraph holds for ours."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recension.layout.setting.breaks import find_breaks
from recension.layout.setting.lines import (
    MOST_HYPHENS,
    Line,
    LineStyle,
    break_lines,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, SPACE, HYPHEN = 6.0, 3.0, 3.0
TEXT = (
    "Chaque compagnon tenait son composteur de la main gauche et levait la lettre de "
    "la droite. Un bon ouvrier levait douze cents lettres à l’heure; le vieux Lambert "
    "en levait seize cents, sans jamais regarder ses doigts. On disait de lui qu’il "
    "lisait avec le pouce, et que son pouce ne se trompait pas: une lettre retournée, "
    "il la sentait froide, comme une pièce fausse entre deux pièces bonnes."
)

LONG_WORDS = (
    "la révolution internationale et la bureaucratie administrative se combattaient "
    "impitoyablement dans toutes les organisations syndicales " * 8
)
"""Words that can be divided at the end of nearly every line."""


def widths_of(text: str) -> list[float]:
    return [SPACE if c == " " else 0.0 if c == "\n" else WIDTH for c in text]


def set_lines(
    text: str = TEXT,
    measure: float = 360.0,
    unbroken: frozenset[int] = frozenset(),
    **more: Any,
) -> tuple[Line, ...]:
    """Return the lines of *text*; it is justified if *more* does not say otherwise."""
    usual = {"indent": 12.0, "language": "fr", "space": SPACE, "hyphen": HYPHEN}
    style = LineStyle(measure=measure, **{"justify": True, **usual, **more})
    return break_lines(text, widths_of(text), style, unbroken=unbroken)


def natural(line: Line, text: str = TEXT) -> float:
    """Return how wide *line* is with spaces neither stretched nor shrunk."""
    return sum(widths_of(text[line.start : line.end])) + line.hyphen * HYPHEN


def spaces(line: Line, text: str = TEXT) -> int:
    return text[line.start : line.end].count(" ")


def test_the_lines_are_the_text_whole_and_in_order() -> None:
    lines = set_lines()
    assert lines[0].start == 0
    assert lines[-1].end == len(TEXT)
    for line, after in pairwise(lines):
        assert TEXT[line.end : after.start].strip() == ""


@pytest.mark.parametrize("fit", ["total-fit", "first-fit"])
def test_every_line_but_the_last_fills_the_measure(fit: str) -> None:
    """And hangs a mark of punctuation into the margins, no more than itself."""
    lines = set_lines(fit=fit)
    for line in lines[:-1]:
        room = 360.0 - (12.0 if line.start == 0 else 0.0)
        assert line.width is not None
        assert room - 1e-6 <= line.width <= room + WIDTH


def test_the_looseness_is_what_a_space_gains() -> None:
    for line in set_lines()[:-1]:
        assert line.width is not None
        gain = (line.width - natural(line)) / spaces(line)
        assert line.looseness == pytest.approx(gain / SPACE, abs=0.01)


def test_no_space_shrinks_by_more_than_a_third() -> None:
    for measure in range(150, 420, 7):
        for line in set_lines(measure=float(measure)):
            assert line.looseness >= -1 / 3 - 1e-9


def test_a_space_may_shrink_by_a_third_to_the_last_bit() -> None:
    """Two words that miss their line by a third of the space between them."""
    text, room = "aaaa bbbb", 8 * WIDTH + SPACE - SPACE / 3
    assert len(set_lines(text, 12.0 + room)) == 1
    assert len(set_lines(text, 12.0 + room - 0.01)) == 2


@pytest.mark.parametrize(("mark", "share"), [("“", 0.4), ("‘", 0.6), ("(", 0.0)])
def test_a_quotation_mark_hangs_into_the_left_margin(mark: str, share: float) -> None:
    for line in set_lines(TEXT.replace(" l", f" {mark}l")):
        begins = TEXT.replace(" l", f" {mark}l")[line.start] == mark
        assert line.left == pytest.approx(begins * share * WIDTH)


@pytest.mark.parametrize(
    ("mark", "share"),
    [
        *((".", 0.6), (",", 0.6), ("’", 0.6), ("-", 0.6), ("”", 0.4)),
        *((";", 0.2), (":", 0.2), ("—", 0.15), ("!", 0.0)),
    ],
)
def test_a_mark_at_the_end_of_a_line_hangs_into_the_right_margin(
    mark: str, share: float
) -> None:
    text = f"aaaaa{mark} " * 40
    for line in set_lines(text, indent=0.0)[:-1]:
        assert line.width == pytest.approx(360.0 + share * WIDTH)


def test_the_lines_of_a_heading_are_as_even_as_can_be() -> None:
    """Two of them, or three: no line could be shorter without one more line."""
    for words, count in ((TEXT[:80], 2), (TEXT[:130], 3)):
        lines = set_lines(words.strip(), 360.0, justify=False, balance=True)
        widths = [natural(line, words) for line in lines]
        assert len(lines) == count
        assert max(widths) < sum(widths) / count + 6 * WIDTH


def test_total_fit_is_more_even_than_first_fit() -> None:
    """Summed over measures: fewer loose lines, and not more lines."""

    def loose(fit: str) -> float:
        found = 0.0
        for measure in range(240, 420, 10):
            lines = set_lines(measure=float(measure), fit=fit)
            found += sum(max(0.0, line.looseness) ** 2 for line in lines)
        return found

    assert loose("total-fit") < 0.7 * loose("first-fit")


def hyphens_running(lines: Sequence[Line]) -> int:
    """Return how many lines running end in a hyphen, at most."""
    runs = groupby(lines, key=lambda line: line.hyphen)
    return max((len([*run]) for hyphen, run in runs if hyphen), default=0)


@pytest.mark.parametrize("fit", ["total-fit", "first-fit"])
def test_no_more_than_two_lines_running_end_in_a_hyphen(fit: str) -> None:
    """In narrow columns too, where no total fit is found and first fit steps in."""
    running = [
        hyphens_running(set_lines(LONG_WORDS, float(measure), fit=fit))
        for measure in range(96, 376, 8)
    ]
    assert max(running) == MOST_HYPHENS


def test_two_lines_running_may_end_in_a_hyphen_lest_another_be_full_of_holes() -> None:
    lines = set_lines(LONG_WORDS, 264.0)
    assert hyphens_running(lines) == MOST_HYPHENS
    assert max(line.looseness for line in lines) < 1


def test_a_word_that_no_line_holds_is_divided_as_often_as_it_must_be() -> None:
    """The limit of hyphens gives way where a line has no other end."""
    word = "anticonstitutionnellement" * 4
    lines = set_lines(word, 120.0)
    assert hyphens_running(lines) > MOST_HYPHENS
    widths = [natural(line, word) for line in lines]
    assert all(90 < width < 126 for width in widths[1:-1])


def test_a_hyphen_leaves_two_letters_and_carries_three_over() -> None:
    for stop in find_breaks(TEXT, "fr", frozenset(), hyphenate=True):
        if stop.hyphen:
            assert TEXT[stop.end - 2 : stop.end].isalpha()
            assert TEXT[stop.end : stop.end + 3].isalpha()


def test_no_line_begins_with_a_note_call() -> None:
    """A call belongs to the word before it, even after a space or a dash."""
    for offset in [i + 1 for i, c in enumerate(TEXT) if c == " "]:
        lines = set_lines(measure=240.0, unbroken=frozenset({offset}))
        assert offset not in {line.start for line in lines}


def test_a_forced_break_ends_its_line_and_no_other() -> None:
    text = "Jeanne Morel\n31 janvier"
    lines = set_lines(text)
    assert [text[line.start : line.end] for line in lines] == text.split("\n")
    assert all(line.looseness == 0 for line in lines)


def test_the_last_line_keeps_its_spaces_or_shrinks_them() -> None:
    for measure in range(150, 420, 7):
        assert set_lines(measure=float(measure))[-1].looseness <= 0


def test_ragged_text_is_neither_hyphenated_nor_stretched() -> None:
    for line in set_lines(justify=False):
        assert not line.hyphen
        assert line.looseness == 0
        assert natural(line) <= 360.0


def test_no_text_has_no_lines() -> None:
    assert set_lines("") == ()


def test_a_word_wider_than_the_measure_does_not_stop_the_builder() -> None:
    text = f"Un {'0' * 100} mot."
    lines = set_lines(text, measure=120.0)
    assert "".join(text[line.start : line.end] for line in lines).replace(
        " ", ""
    ) == text.replace(" ", "")


wordings = st.lists(
    st.text("abcdefghijklmnoéà", min_size=1, max_size=14), min_size=1, max_size=60
)


@settings(max_examples=60)
@given(wordings, st.integers(100, 500))
def test_whatever_the_text_no_character_is_lost(text: list[str], measure: int) -> None:
    wording = " ".join(text)
    lines = set_lines(wording, float(measure))
    set_text = "".join(wording[line.start : line.end] for line in lines)
    assert set_text.replace(" ", "") == wording.replace(" ", "")
    assert [line.start for line in lines] == sorted({line.start for line in lines})
