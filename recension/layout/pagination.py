"""Divide lines into pages: the breaks of a whole part at once.

A page holds lines of text from the top and the notes called on them at the foot. All
lengths are CSS px. Plass, “Optimal Pagination Techniques” (1981), in little: the best
sequence of breaks by total demerits, with the notes as figures that must not float.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDOW = 50_000.0
STRANDED = 25_000.0
"""Demerits of a heading with but one line, a whole paragraph, below it."""
HYPHEN_AT_TURN = 3_000.0
HYPHEN_AT_FOOT = 800.0
NEVER = 10_000_000.0
"""Demerits of a page that had to break a rule, so that there is always a way."""
OVERFULL = -0.05
"""The slack below which a page is overfull: rounding alone makes less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of text in the column.

    *gap* is the white above it that vanishes at the top of a page, *head* what stays
    there; *notes* are the heights of the notes it calls, each as its lines', *variants*
    the height of its entries of the apparatus; *first* and *last* tell whether it
    begins or ends its block, *keep* that the next row must stand on the same page.
    """

    height: float
    gap: float = 0.0
    head: float = 0.0
    notes: tuple[tuple[float, ...], ...] = ()
    variants: float = 0.0
    first: bool = True
    last: bool = True
    keep: bool = False
    hyphen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The type area: its *height*, what the *rule* above notes takes.

    *second_rule* is what the one above the apparatus takes, *longest* the most that one
    piece of a note may fill; the first *short* pages are lower by *lead*.
    """

    height: float
    rule: float
    second_rule: float = 0.0
    longest: float
    lead: float = 0.0
    short: int = 0

    def room(self, number: int) -> float:
        """Return the height of the page *number*, counted from 1."""
        return self.height - (self.lead if number <= self.short else 0.0)


class Piece(NamedTuple):
    """A piece of a note: *row* that calls it, *note* of that row, its lines' range."""

    row: int
    note: int
    first: int
    stop: int


class PagePlan(NamedTuple):
    """A page: the rows from *start* to *stop* and the pieces of notes at its foot.

    *columns* stand below the rows, each a plan like a page's.
    """

    start: int
    stop: int
    pieces: tuple[Piece, ...] = ()
    columns: tuple[PagePlan, ...] = ()

    @property
    def rows(self) -> list[int]:
        """Every row of the page in order, its columns' too."""
        below = [row for column in self.columns for row in column.rows]
        return [*range(self.start, self.stop), *below]


class _State(NamedTuple):
    demerits: float
    page: PagePlan | None
    pending: tuple[Piece, ...]
    before: _State | None
    number: int


def paginate(rows: Sequence[Row], frame: Frame) -> tuple[PagePlan, ...]:
    """Return the pages of *rows*; the first page is a recto.

    Every note begins on the page of its call; a note longer than the frame allows runs
    on at the foot of the next pages, before that page's own notes.
    """
    best: dict[tuple[int, tuple[Piece, ...]], _State] = {}
    best[0, ()] = _State(0.0, None, (), None, 0)
    finished: list[_State] = []
    for start in range(len(rows) + 1):
        for key in [key for key in best if key[0] == start]:
            state = best.pop(key)
            if start == len(rows) and not state.pending:
                finished.append(state)
                continue
            for found in _pages_from(rows, frame, start, state):
                stop = found.page.stop if found.page else start
                place = (stop, found.pending)
                if stop == start:
                    finished += _finish(rows, frame, found)
                elif place not in best or found.demerits < best[place].demerits:
                    best[place] = found
    return _unroll(min(finished, key=lambda state: state.demerits))


def paginate_columns(
    rows: Sequence[Row], frame: Frame, first: int, count: int
) -> tuple[PagePlan, ...]:
    """Return pages of *count* columns: the rows from *first* on fill the columns.

    The rows before stand above the columns of the first page, over their whole width.
    Those of the last page are made as equal as can be.
    """
    lead = sum(row.height + row.head for row in rows[:first])
    lead += sum(row.gap for row in rows[1 : first + 1])
    narrow = replace(frame, lead=lead, short=count)
    columns = list(paginate(rows[first:], narrow))
    last = (len(columns) - 1) // count * count
    columns[last:] = _balance(rows[first:], narrow, columns[last:], last)
    moved = _move(columns, first)
    return tuple(
        PagePlan(
            0 if start == 0 else first, first, (), tuple(moved[start : start + count])
        )
        for start in range(0, len(moved), count)
    )


def _move(columns: Sequence[PagePlan], by: int) -> list[PagePlan]:
    return [c._replace(start=c.start + by, stop=c.stop + by) for c in columns]


def _balance(
    rows: Sequence[Row], frame: Frame, columns: Sequence[PagePlan], before: int
) -> list[PagePlan]:
    """Return *columns*, those of the last page, at the least height that holds them.

    *before* is how many columns there are on the pages before.
    """
    start, count = columns[0].start, max(frame.short, 1)
    room = frame.room(before + 1)
    rest = rows[start:]
    height = sum(row.height + row.gap + row.head for row in rest) / count
    while height < room:
        tried = paginate(rest, Frame(height=height, rule=0.0, longest=height))
        if len(tried) <= count:
            return [
                c._replace(start=c.start + start, stop=c.stop + start) for c in tried
            ]
        height += rest[0].height / 2
    return list(columns)


def _finish(rows: Sequence[Row], frame: Frame, state: _State) -> list[_State]:
    """Add pages of notes alone until nothing of them is pending."""
    while state.pending:
        state = next(_pages_from(rows, frame, len(rows), state))
    return [state]


def _unroll(state: _State | None) -> tuple[PagePlan, ...]:
    pages = []
    while state and state.page:
        pages.append(state.page)
        state = state.before
    return tuple(pages[::-1])


def _pages_from(
    rows: Sequence[Row], frame: Frame, start: int, state: _State
) -> Iterator[_State]:
    """Yield every way to fill the page that begins at row *start*."""
    carried, pending = _carry(rows, frame, state.pending)
    foot = sum(_height(rows, piece) for piece in carried)
    text, variants = 0.0, 0.0
    pieces, waiting = list(carried), list(pending)
    found_one = False
    if start == len(rows):
        plan = PagePlan(start, start, tuple(pieces))
        yield _page(rows, state, plan, waiting, 0.0)
        return
    for stop in range(start + 1, len(rows) + 1):
        row = rows[stop - 1]
        text += row.height + row.head + (row.gap if stop - 1 > start else 0.0)
        variants += row.variants
        for note in range(len(row.notes)):
            piece, rest = _cut(rows, frame, Piece(stop - 1, note, 0, -1))
            pieces.append(piece)
            waiting += rest
            foot += _height(rows, piece)
        rules = frame.rule * bool(pieces) + frame.second_rule * bool(variants)
        room = frame.room(state.number + 1)
        slack = room - text - foot - variants - rules
        if slack < OVERFULL and found_one:
            return
        found_one = True
        plan = PagePlan(start, stop, tuple(pieces))
        yield _page(rows, state, plan, waiting, slack)
        if slack < OVERFULL:
            return


def _page(
    rows: Sequence[Row],
    state: _State,
    plan: PagePlan,
    waiting: Sequence[Piece],
    slack: float,
) -> _State:
    number = state.number + 1
    demerits = state.demerits + _page_demerits(rows, plan.stop, slack, number)
    return _State(demerits, plan, tuple(waiting), state, number)


def _page_demerits(rows: Sequence[Row], stop: int, slack: float, number: int) -> float:
    line = rows[0].height
    if stop >= len(rows):
        return 0.0 if slack >= OVERFULL else NEVER
    demerits = (max(slack, 0.0) / line) ** 2 * 100
    if slack < OVERFULL:
        demerits += NEVER
    last, following = rows[stop - 1], rows[stop]
    if last.keep:
        demerits += NEVER / 10
    if stop > 1 and rows[stop - 2].keep and last.last:
        demerits += STRANDED
    if last.first and not last.last:
        demerits += WIDOW
    if following.last and not following.first:
        demerits += WIDOW
    if last.hyphen:
        demerits += HYPHEN_AT_TURN if number % 2 else HYPHEN_AT_FOOT
    return demerits


def _height(rows: Sequence[Row], piece: Piece) -> float:
    lines = rows[piece.row].notes[piece.note]
    mark = lines[piece.first] if piece.first else 0.0
    return sum(lines[piece.first : piece.stop]) + mark


def _cut(rows: Sequence[Row], frame: Frame, piece: Piece) -> tuple[Piece, list[Piece]]:
    """Cut a note's lines after as many as one page may hold.

    The rest of a note begins with a line that marks it as continued.
    """
    lines = rows[piece.row].notes[piece.note]
    height, stop = (lines[piece.first] if piece.first else 0.0), piece.first
    while stop < len(lines) and (
        height + lines[stop] <= frame.longest or stop == piece.first
    ):
        height += lines[stop]
        stop += 1
    rest = [piece._replace(first=stop)] if stop < len(lines) else []
    return piece._replace(stop=stop), rest


def _carry(
    rows: Sequence[Row], frame: Frame, pending: Sequence[Piece]
) -> tuple[list[Piece], list[Piece]]:
    """Take from *pending* what goes to the foot of this page; return the rest too."""
    taken: list[Piece] = []
    left: list[Piece] = []
    height = 0.0
    for piece in pending:
        head, rest = _cut(rows, frame, piece)
        if not left and (not taken or height + _height(rows, head) <= frame.longest):
            taken.append(head)
            left += rest
            height += _height(rows, head)
        else:
            left.append(piece)
    return taken, left
