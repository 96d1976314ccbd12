"""Divide lines into pages: the breaks of a whole part at once.

A page holds lines of text from the top and at its foot, tier by tier, the asides that
belong to them. All lengths are CSS px. Plass, “Optimal Pagination Techniques” (1981),
in little: the best sequence of breaks by total demerits, with the asides as figures
that must not float.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.contract import Tier

WIDOW = 50_000.0
STRANDED = 25_000.0
"""Demerits of a heading with but one line, a whole paragraph, below it."""
HYPHEN_AT_TURN = 3_000.0
HYPHEN_AT_FOOT = 800.0
NEVER = 10_000_000.0
"""Demerits of a page that had to break a rule, so that there is always a way."""
PARTED = NEVER / 10
"""Demerits of a page that parts what must stand together: better so than overfull."""
EMPTY_LINE = 100.0
"""Demerits of a page that is short of a line; they grow as the square of the white."""
OVERFULL = -0.05
"""The slack below which a page is overfull: rounding alone makes less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of text in the column.

    *gap* is the white above it that vanishes at the top of a page, *head* what stays
    there; *asides* are those that belong to the line, tier by tier, each as the heights
    of its lines; *first* and *last* tell whether it begins or ends its block, *keep*
    that the next row must stand on the same page.
    """

    height: float
    gap: float = 0.0
    head: float = 0.0
    asides: tuple[tuple[tuple[float, ...], ...], ...] = ()
    first: bool = True
    last: bool = True
    keep: bool = False
    hyphen: bool = False


class FootTier(NamedTuple):
    """A tier as the style has it: the *rule* above it takes so much, with its white."""

    tier: Tier
    rule: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The type area: its *width*, its *height*, the *tiers* at its foot.

    *longest* is the most that one piece of an aside may fill; the first *short* pages
    are lower by *lead*.
    """

    width: float
    height: float
    tiers: tuple[FootTier, ...]
    longest: float
    lead: float = 0.0
    short: int = 0

    def room(self, number: int) -> float:
        """Return the height of the page *number*, counted from 1."""
        return self.height - (self.lead if number <= self.short else 0.0)


class AsidePiece(NamedTuple):
    """A piece of an aside, mostly the whole: the lines from *first* to *stop*.

    It is the aside *number* of its *tier* in the row *row*, all from 0.
    """

    row: int
    tier: int
    number: int
    first: int
    stop: int


class PagePlan(NamedTuple):
    """A page: the rows from *start* to *stop* and the pieces of asides at its foot.

    *columns* stand below the rows, each a plan like a page's.
    """

    start: int
    stop: int
    pieces: tuple[AsidePiece, ...] = ()
    columns: tuple[PagePlan, ...] = ()

    @property
    def rows(self) -> list[int]:
        """Every row of the page in order, its columns' too."""
        below = [row for column in self.columns for row in column.rows]
        return [*range(self.start, self.stop), *below]


class _State(NamedTuple):
    """The best way to a break: its last *page*, *number* from 1, what must run on."""

    demerits: float
    page: PagePlan | None
    pending: tuple[AsidePiece, ...]
    before: _State | None
    number: int


def paginate(rows: Sequence[Row], frame: Frame) -> tuple[PagePlan, ...]:
    """Return the pages of *rows*; the first page is a recto.

    Every aside begins on the page of its row; one longer than the frame allows runs on,
    if its tier lets it, at the foot of the next pages, before those of that page.
    """
    best: dict[tuple[int, tuple[AsidePiece, ...]], _State] = {}
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
        even = replace(frame, height=height, longest=height, lead=0.0, short=0)
        tried = paginate(rest, even)
        if len(tried) <= count:
            return [
                c._replace(start=c.start + start, stop=c.stop + start) for c in tried
            ]
        height += rest[0].height / 2  # rows are not all of one height
    return list(columns)


def _finish(rows: Sequence[Row], frame: Frame, state: _State) -> list[_State]:
    """Add pages of asides alone until nothing of them is pending."""
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
    pieces, waiting = _carry(rows, frame, state.pending)
    text, foot = 0.0, sum(_height(rows, piece) for piece in pieces)
    if start == len(rows):
        plan = PagePlan(start, start, tuple(pieces))
        yield _page(rows, state, plan, waiting, 0.0)
        return
    for stop in range(start + 1, len(rows) + 1):
        row = rows[stop - 1]
        text += row.height + row.head + (row.gap if stop - 1 > start else 0.0)
        for piece in _whole(rows, stop - 1):
            begun, rest = _cut(rows, frame, piece)
            pieces.append(begun)
            waiting += rest
            foot += _height(rows, begun)
        room = frame.room(state.number + 1)
        slack = room - text - foot - _rules(frame, pieces)
        overfull = slack < OVERFULL
        if overfull and stop > start + 1:
            return
        plan = PagePlan(start, stop, tuple(pieces))
        yield _page(rows, state, plan, waiting, slack)
        if overfull:
            return


def _whole(rows: Sequence[Row], row: int) -> Iterator[AsidePiece]:
    """Yield the asides of the row *row*, whole."""
    for tier, asides in enumerate(rows[row].asides):
        for number, lines in enumerate(asides):
            yield AsidePiece(row, tier, number, 0, len(lines))


def _rules(frame: Frame, pieces: Sequence[AsidePiece]) -> float:
    """Return what the rules above the tiers of *pieces* take."""
    used = {piece.tier for piece in pieces}
    return sum(foot.rule for tier, foot in enumerate(frame.tiers) if tier in used)


def _page(
    rows: Sequence[Row],
    state: _State,
    plan: PagePlan,
    waiting: Sequence[AsidePiece],
    slack: float,
) -> _State:
    number = state.number + 1
    demerits = state.demerits + _page_demerits(rows, plan.stop, slack, number)
    return _State(demerits, plan, tuple(waiting), state, number)


def _page_demerits(rows: Sequence[Row], stop: int, slack: float, number: int) -> float:
    line = rows[0].height
    if stop >= len(rows):
        return 0.0 if slack >= OVERFULL else NEVER
    demerits = (max(slack, 0.0) / line) ** 2 * EMPTY_LINE
    if slack < OVERFULL:
        demerits += NEVER
    last, following = rows[stop - 1], rows[stop]
    if last.keep:
        demerits += PARTED
    if stop > 1 and rows[stop - 2].keep and last.last:
        demerits += STRANDED
    if last.first and not last.last:
        demerits += WIDOW
    if following.last and not following.first:
        demerits += WIDOW
    if last.hyphen:
        demerits += HYPHEN_AT_TURN if number % 2 else HYPHEN_AT_FOOT
    return demerits


def _lines(rows: Sequence[Row], piece: AsidePiece) -> tuple[float, ...]:
    """Return the heights of the lines of the whole aside of *piece*."""
    return rows[piece.row].asides[piece.tier][piece.number]


def _height(rows: Sequence[Row], piece: AsidePiece) -> float:
    lines = _lines(rows, piece)
    mark = lines[piece.first] if piece.first else 0.0
    return sum(lines[piece.first : piece.stop]) + mark


def _cut(
    rows: Sequence[Row], frame: Frame, piece: AsidePiece
) -> tuple[AsidePiece, list[AsidePiece]]:
    """Cut an aside that may run on after as many lines as one page may hold.

    The rest begins with a line that marks it as continued.
    """
    if not frame.tiers[piece.tier].tier.runs_on:
        return piece, []
    lines = _lines(rows, piece)
    height, stop = (lines[piece.first] if piece.first else 0.0), piece.first
    while stop < len(lines) and (
        height + lines[stop] <= frame.longest or stop == piece.first
    ):
        height += lines[stop]
        stop += 1
    rest = [piece._replace(first=stop)] if stop < len(lines) else []
    return piece._replace(stop=stop), rest


def _carry(
    rows: Sequence[Row], frame: Frame, pending: Sequence[AsidePiece]
) -> tuple[list[AsidePiece], list[AsidePiece]]:
    """Take from *pending* what goes to the foot of this page; return the rest too."""
    taken: list[AsidePiece] = []
    left: list[AsidePiece] = []
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
