"""Pages: every line once and in order, every note on the page of its call."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from recension.layout.pagination import Frame, PagePlan, Row, paginate

LINE, NOTE = 18.0, 14.0
FRAME = Frame(height=20 * LINE, rule=6.0, longest=10 * NOTE)


def row(*notes: int, first: bool = True, last: bool = True, **more: object) -> Row:
    """Return a line that calls notes of so many lines each."""
    heights = tuple((NOTE,) * lines for lines in notes)
    return Row(height=LINE, notes=heights, first=first, last=last, **more)


def paragraph(lines: int, **more: object) -> list[Row]:
    return [
        row(first=index == 0, last=index == lines - 1, **more) for index in range(lines)
    ]


def height(rows: list[Row], plan: PagePlan) -> float:
    """Return how much of the page *plan* fills."""
    text = sum(
        r.height + r.head + (r.gap if index else 0.0)
        for index, r in enumerate(rows[plan.start : plan.stop])
    )
    foot = sum(sum(rows[p.row].notes[p.note][p.first : p.stop]) for p in plan.pieces)
    return text + foot + (FRAME.rule if plan.pieces else 0.0)


def check_plan(rows: list[Row], plans: tuple[PagePlan, ...]) -> None:
    """Assert what must hold of any division into pages."""
    assert plans[0].start == 0
    assert plans[-1].stop == len(rows)
    for plan, after in pairwise(plans):
        assert plan.stop == after.start
    set_lines: dict[tuple[int, int], list[int]] = {}
    for plan in plans:
        for piece in plan.pieces:
            key = (piece.row, piece.note)
            if piece.first == 0:
                assert plan.start <= piece.row < plan.stop, "begins with its call"
            set_lines.setdefault(key, []).extend(range(piece.first, piece.stop))
    wanted = {
        (index, note): list(range(len(lines)))
        for index, r in enumerate(rows)
        for note, lines in enumerate(r.notes)
    }
    assert set_lines == wanted


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


@settings(max_examples=40, deadline=None)
@given(st.lists(any_row, min_size=1, max_size=60))
def test_whatever_the_rows_each_is_set_once_with_its_notes(rows: list[Row]) -> None:
    check_plan(rows, paginate(rows, FRAME))
