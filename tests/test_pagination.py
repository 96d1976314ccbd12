"""Pages: every line once and in order, every note on the page of its call."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recension.contract import APPARATUS, NOTES
from recension.layout.setting.pagination import (
    AsidePiece,
    FootTier,
    Frame,
    PagePlan,
    Row,
    paginate,
    paginate_columns,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE, NOTE, VARIANT = 18.0, 14.0, 13.0
RULE, SECOND_RULE = 6.0, 9.0
FRAME = Frame(
    width=300.0,
    height=20 * LINE,
    tiers=(FootTier(NOTES, RULE), FootTier(APPARATUS, SECOND_RULE)),
    longest=10 * NOTE,
)


def row(*notes: int, entries: int = 0, **more: object) -> Row:
    """Return a line that calls notes of so many lines each, with so many entries."""
    asides = tuple((NOTE,) * lines for lines in notes), ((VARIANT,),) * entries
    return Row(height=LINE, asides=asides, **more)


def paragraph(lines: int, **more: object) -> list[Row]:
    return [
        row(first=index == 0, last=index == lines - 1, **more) for index in range(lines)
    ]


def height(rows: list[Row], plan: PagePlan) -> float:
    """Return how much of the page *plan* fills, its foot included.

    What is left of a note begins with a line that says so.
    """
    lines = rows[plan.start : plan.stop]
    text = sum(r.height + r.head for r in lines) + sum(r.gap for r in lines[1:])
    foot = 0.0
    for piece in plan.pieces:
        heights = rows[piece.row].asides[piece.tier][piece.number]
        foot += sum(heights[piece.first : piece.stop])
        foot += heights[piece.first] if piece.first else 0.0
    used = {piece.tier for piece in plan.pieces}
    return text + foot + sum(FRAME.tiers[tier].rule for tier in used)


def check_plan(rows: list[Row], plans: tuple[PagePlan, ...]) -> None:
    """Assert what must hold of any division into pages."""
    assert plans[0].start == 0
    assert plans[-1].stop == len(rows)
    for plan, after in pairwise(plans):
        assert plan.stop == after.start
    set_lines: dict[tuple[int, int, int], list[int]] = {}
    for plan in plans:
        for piece in plan.pieces:
            if piece.first == 0:
                assert plan.start <= piece.row < plan.stop, "begins with its row"
            lines = set_lines.setdefault(piece[:3], [])
            lines.extend(range(piece.first, piece.stop))
        assert is_in_order(plan.pieces), "the asides of a page"
    wanted = {
        (index, tier, number): list(range(len(lines)))
        for index, r in enumerate(rows)
        for tier, asides in enumerate(r.asides)
        for number, lines in enumerate(asides)
    }
    assert set_lines == wanted
    pieces = [piece for plan in plans for piece in plan.pieces]
    assert is_in_order([piece for piece in pieces if not piece.first]), "beginnings"
    assert is_in_order([piece for piece in pieces if piece.first]), "what is left"


def is_in_order(pieces: Sequence[AsidePiece]) -> bool:
    """Tell whether *pieces* stand, tier by tier, in the order of their asides."""
    return all(
        tier == sorted(tier)
        for number in range(len(FRAME.tiers))
        for tier in [[piece[:3] for piece in pieces if piece.tier == number]]
    )


def test_a_text_without_notes_fills_its_pages() -> None:
    rows = [r for _ in range(12) for r in paragraph(5)]
    plans = paginate(rows, FRAME)
    check_plan(rows, plans)
    assert [plan.stop - plan.start for plan in plans] == [20, 20, 20]


def test_no_page_is_fuller_than_it_can_be() -> None:
    rows = [row(2) if index % 4 == 0 else row() for index in range(120)]
    plans = paginate(rows, FRAME)
    check_plan(rows, plans)
    assert all(height(rows, plan) <= FRAME.height + 0.1 for plan in plans)


def test_neither_a_first_line_nor_a_last_stands_alone() -> None:
    """No widow and no orphan where paragraphs of three lines allow it."""
    rows = [r for _ in range(30) for r in paragraph(3)]
    for plan in paginate(rows, FRAME)[:-1]:
        assert not (rows[plan.stop - 1].first and not rows[plan.stop - 1].last)
        assert not (rows[plan.stop].last and not rows[plan.stop].first)


def test_a_heading_stands_with_the_lines_after_it() -> None:
    for before in range(14, 22):
        rows = [*paragraph(before), row(keep=True), *paragraph(8)]
        for plan in paginate(rows, FRAME)[:-1]:
            assert not rows[plan.stop - 1].keep


def test_a_heading_has_two_lines_below_it_where_each_is_a_paragraph() -> None:
    """As in a list, where neither is the first line of a longer paragraph."""
    for before in range(14, 22):
        rows = [*paragraph(before), row(keep=True), *entries(*[1] * 8)]
        for plan in paginate(rows, FRAME)[:-1]:
            assert not any(r.keep for r in rows[plan.stop - 2 : plan.stop])


def test_white_above_a_heading_goes_at_the_top_of_a_page() -> None:
    rows = [*paragraph(20), row(gap=36.0, keep=True), *paragraph(19)]
    plans = paginate(rows, FRAME)
    assert [plan.stop for plan in plans] == [20, 40]


def test_a_long_note_runs_on_at_the_foot_of_the_next_pages() -> None:
    rows = [row(), row(35), *paragraph(60)]
    plans = paginate(rows, FRAME)
    check_plan(rows, plans)
    pieces = [piece for plan in plans for piece in plan.pieces]
    assert len(pieces) >= 3
    longest = max(piece.stop - piece.first for piece in pieces)
    assert longest * NOTE <= FRAME.longest
    with_notes = [index for index, plan in enumerate(plans) if plan.pieces]
    assert with_notes == list(range(with_notes[0], with_notes[0] + len(with_notes)))


def test_a_long_note_on_the_last_line_gets_pages_of_its_own() -> None:
    rows = [*paragraph(3), row(45)]
    plans = paginate(rows, FRAME)
    check_plan(rows, plans)
    assert plans[-1].start == plans[-1].stop == len(rows)


def test_what_is_left_of_a_note_stands_before_the_pages_own() -> None:
    rows = [row(), row(15), *paragraph(12), row(2), *paragraph(20)]
    plans = paginate(rows, FRAME)
    check_plan(rows, plans)
    for plan in plans:
        firsts = [piece.row for piece in plan.pieces]
        assert firsts == sorted(firsts)


@pytest.mark.parametrize("sizes", [*product((11, 18), repeat=3)], ids=str)
def test_what_is_left_of_several_notes_stands_in_the_order_of_the_notes(
    sizes: tuple[int, int, int],
) -> None:
    rows = [row(), row(*sizes), *paragraph(40)]
    plans = paginate(rows, FRAME)
    check_plan(rows, plans)
    left = [piece.number for plan in plans for piece in plan.pieces if piece.first]
    assert left == [0, 1, 2]


def test_a_line_with_more_notes_than_a_page_holds_is_set_all_the_same() -> None:
    rows = [row(), row(10, 10, 10), *paragraph(10)]
    check_plan(rows, paginate(rows, FRAME))


any_row = st.builds(
    row,
    st.integers(1, 30),
    st.integers(1, 6),
    first=st.booleans(),
    last=st.booleans(),
) | st.builds(
    row,
    first=st.booleans(),
    last=st.booleans(),
    keep=st.sampled_from([False, False, False, True]),
    hyphen=st.booleans(),
    gap=st.sampled_from([0.0, 0.0, LINE]),
)


@settings(max_examples=40)
@given(st.lists(any_row, min_size=1, max_size=60))
def test_whatever_the_rows_each_is_set_once_with_its_notes(rows: list[Row]) -> None:
    check_plan(rows, paginate(rows, FRAME))


# --- the apparatus -------------------------------------------------------------------


def test_the_apparatus_of_a_page_takes_its_room_from_the_text() -> None:
    rows = [row(entries=1) for _ in range(40)]
    plans = paginate(rows, FRAME)
    check_plan(rows, plans)
    most = int((FRAME.height - SECOND_RULE) / (LINE + VARIANT))
    assert [plan.stop - plan.start for plan in plans[:-1]] == [most] * (len(plans) - 1)


def test_a_tier_without_asides_has_no_rule() -> None:
    """The rule takes room only where something stands below it."""
    rows = [r for _ in range(4) for r in paragraph(5)]
    assert len(paginate(rows, FRAME)) == 1
    slight = replace(rows[0], asides=((), ((0.5,),)))
    assert len(paginate([slight, *rows[1:]], FRAME)) == 2


def test_an_entry_stands_on_the_page_of_its_line_whatever_it_pushes_over() -> None:
    rows = [*paragraph(19), row(entries=3), *paragraph(5)]
    plans = paginate(rows, FRAME)
    check_plan(rows, plans)
    assert all(height(rows, plan) <= FRAME.height + 0.05 for plan in plans)
    assert plans[0].stop <= 19


def test_what_may_not_run_on_is_never_cut() -> None:
    """However long: an entry of the apparatus is whole on the page of its line."""
    long = replace(row(), asides=((), ((VARIANT,) * 30,)))
    rows = [*paragraph(3), long, *paragraph(3)]
    plans = paginate(rows, FRAME)
    check_plan(rows, plans)
    (piece,) = (piece for plan in plans for piece in plan.pieces)
    assert (piece.first, piece.stop) == (0, 30)


with_entries = st.builds(
    row,
    st.integers(1, 12),
    first=st.booleans(),
    last=st.booleans(),
    keep=st.sampled_from([False, False, False, True]),
    gap=st.sampled_from([0.0, 0.0, LINE]),
    entries=st.sampled_from([0, 0, 1, 3]),
)
without_notes = st.builds(
    row,
    first=st.booleans(),
    last=st.booleans(),
    hyphen=st.booleans(),
    entries=st.sampled_from([0, 0, 1, 2]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(with_entries | without_notes, min_size=1, max_size=60))
def test_no_page_of_several_lines_is_overfull(rows: list[Row]) -> None:
    """A line that alone is too much for a page is set alone: nothing else may be."""
    plans = paginate(rows, FRAME)
    check_plan(rows, plans)
    for plan in plans:
        if plan.stop - plan.start > 1:
            assert height(rows, plan) <= FRAME.height + 0.06


# --- columns -------------------------------------------------------------------------


def entries(*sizes: int) -> list[Row]:
    return [r for size in sizes for r in paragraph(size)]


def column_height(rows: list[Row], column: PagePlan) -> float:
    inside = rows[column.start : column.stop]
    return sum(r.height + r.head for r in inside) + sum(r.gap for r in inside[1:])


def check_columns(
    rows: list[Row], plans: tuple[PagePlan, ...], first: int, count: int
) -> None:
    """Assert that every row has one place, in order, and no page too many columns."""
    assert [number for plan in plans for number in plan.rows] == list(range(len(rows)))
    assert (plans[0].start, plans[0].stop) == (0, first)
    for plan in plans[1:]:
        assert plan.start == plan.stop, "only the first page has what spans the columns"
    for plan in plans:
        assert 1 <= len(plan.columns) <= count
    for plan in plans[:-1]:
        assert len(plan.columns) == count, "a page that is not the last is full"


def check_heights(rows: list[Row], plans: tuple[PagePlan, ...], first: int) -> None:
    """Assert that no column reaches out of its page, the first page's heading over it.

    A column of one row may: there is no other way.
    """
    lead = sum(r.height + r.head for r in rows[:first])
    lead += sum(r.gap for r in rows[1 : first + 1])
    for number, plan in enumerate(plans):
        room = FRAME.height - (0 if number else lead)
        for column in plan.columns:
            if column.stop - column.start > 1:
                assert column_height(rows, column) <= room + 0.06


def test_columns_stand_below_the_heading_of_the_first_page() -> None:
    """The heading takes the same from every column of its page, and of no other."""
    heading = row(head=2 * LINE, keep=True)
    rows = [heading, *entries(*[1] * 17 * 2), *entries(*[1] * 20 * 2)]
    plans = paginate_columns(rows, FRAME, 1, 2)
    check_columns(rows, plans, 1, 2)
    check_heights(rows, plans, 1)
    sizes = [[len(column.rows) for column in plan.columns] for plan in plans]
    assert sizes == [[17, 17], [20, 20]]


def test_the_columns_of_the_last_page_are_even() -> None:
    for many in range(1, 41):
        rows = entries(*[1] * (40 + many))
        plans = paginate_columns(rows, FRAME, 0, 2)
        check_columns(rows, plans, 0, 2)
        sizes = [len(column.rows) for column in plans[-1].columns]
        assert sizes[0] - sum(sizes[1:]) in (0, 1), sizes


def test_an_index_of_one_page_is_even_too() -> None:
    rows = [row(keep=True), *entries(*[1] * 10)]
    (plan,) = paginate_columns(rows, FRAME, 1, 2)
    assert [len(column.rows) for column in plan.columns] == [5, 5]


def test_three_columns_are_possible() -> None:
    rows = entries(*[2] * 45)
    plans = paginate_columns(rows, FRAME, 0, 3)
    check_columns(rows, plans, 0, 3)
    assert [len(column.rows) for column in plans[-1].columns] == [10, 10, 10]


@settings(max_examples=60)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=60),
    st.integers(0, 2),
    st.integers(2, 3),
)
def test_whatever_the_entries_each_row_stands_once_and_in_order(
    sizes: list[int], first: int, count: int
) -> None:
    rows = [*[row(keep=True)] * first, *entries(*sizes)]
    plans = paginate_columns(rows, FRAME, first, count)
    check_columns(rows, plans, first, count)
    check_heights(rows, plans, first)
