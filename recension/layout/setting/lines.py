"""Break a paragraph into lines as TeX does: the breaks of all its lines at once.

Knuth and Plass, “Breaking Paragraphs into Lines” (Software: Practice and Experience 11,
1981). Widths come from HarfBuzz with the fonts and features of the page. All lengths
are CSS px.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

import uharfbuzz

from recension.layout.setting.breaks import (
    FORCED,
    HYPHEN_PENALTY,
    Break,
    divide_address,
    find_addresses,
    find_breaks,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SPACES = " \u00a0"
HYPHEN = "\u2010"
SHRINK = 1 / 3
"""How much of itself a word space may lose."""
TOLERANCES = (2 / 3, 1.0, 2.0, 6.0)
"""How much of itself a word space may gain, tried in turn until all lines fit."""
CONSECUTIVE_DEMERITS = 4000.0
SHORT_LAST_DEMERITS = 40_000.0
HYPHEN_BEFORE_LAST_DEMERITS = 20_000.0
UGLY = 20_000.0
"""Demerits of a paragraph that is worth a try with looser lines."""
LINE_PENALTY = 10.0
BADNESS = 100.0
"""Of a line whose spaces gain or lose all they should: TeX's (TeXbook, chapter 14)."""
LONE_WORD = 1 / 4
"""The share of a word space by which a line of one word is judged: never a good one."""
LAST_INDENTS, LAST_SHARE = 2, 12
"""A last line is short that is not as long as two indents, one of which the next line
has above it, or as a twelfth of the measure, where there is no indent."""
MOST_HYPHENS = 2
"""How many lines running may end in a hyphen (the Chicago Manual allows three).

There are more only where a line can end nowhere else: within a word longer than it.
"""

HANGING = {
    HYPHEN: 0.6, "-": 0.6, ".": 0.6, ",": 0.6, "”": 0.4, "’": 0.6, "—": 0.15,
    ";": 0.2, ":": 0.2,
}  # fmt: skip
"""The share of its width by which a mark hangs into the margin at a line's end."""
HANGING_LEFT = {"“": 0.4, "‘": 0.6}
"""The same at a line's beginning."""


class Font(NamedTuple):
    """A font as a run of text uses it: file, size in px, OpenType features, spacing."""

    path: Path
    size: float
    features: tuple[tuple[str, int], ...]
    letter_spacing: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a paragraph: the characters from *start* to *end*.

    *width* is what the line's glyphs must fill by wider or narrower word spaces (px),
    None where they keep their own width; *left* is how far the line hangs into the left
    margin (px); *looseness* is what a word space gains, as a share of itself.
    """

    start: int
    end: int
    hyphen: bool
    width: float | None
    left: float
    looseness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStyle:
    """How the lines of a paragraph are set.

    The *measure*, the first line's *indent*, a normal *space* and the *hyphen* are in
    px; *fit* is `total-fit` or `first-fit`. Ragged text (*justify* false) is never
    hyphenated.
    """

    measure: float
    indent: float
    language: str
    space: float
    hyphen: float
    justify: bool
    balance: bool = False
    fit: str = "total-fit"

    def room(self, start: int) -> float:
        """Return the width of the line that begins at offset *start*."""
        return self.measure - (self.indent if start == 0 else 0.0)


@lru_cache
def _open(path: Path) -> tuple[uharfbuzz.Font, int]:
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
    return uharfbuzz.Font(face), face.upem


@lru_cache(maxsize=65536)
def advances(text: str, font: Font) -> tuple[float, ...]:
    """Return the width of each character of *text* as the page will set it.

    A ligature's width is shared by its characters, a kern stands at the glyph before.
    """
    shaper, upem = _open(font.path)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.cluster_level = uharfbuzz.BufferClusterLevel.MONOTONE_CHARACTERS
    uharfbuzz.shape(shaper, buffer, dict(font.features))
    widths = [0.0] * len(text)
    scale = font.size / upem
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        widths[info.cluster] += position.x_advance * scale + font.letter_spacing
    clusters = sorted({info.cluster for info in buffer.glyph_infos})
    for first, after in pairwise([*clusters, len(text)]):
        if after - first > 1:
            widths[first:after] = [widths[first] / (after - first)] * (after - first)
    return tuple(widths)


def _divide_long(
    table: _Widths, stops: Sequence[Break], measure: float
) -> Iterator[Break]:
    """Yield breaks at each letter of an address where no line holds it till a sign."""
    for start, end in find_addresses(table.text):
        inside = [stop.start for stop in stops if start < stop.start < end]
        for first, last in pairwise([start, *inside, end]):
            if table.sums[last] - table.sums[first] > measure:
                for offset in range(first + 1, last):
                    yield divide_address(offset, HYPHEN_PENALTY)


class _Widths:
    """Widths of stretches of a text by running sums."""

    def __init__(self, text: str, widths: Sequence[float], hyphen: float) -> None:
        self.text = text
        self.widths = widths
        self.hyphen = hyphen
        self.sums = list(accumulate(widths, initial=0.0))
        self.spaces = list(accumulate((c in SPACES for c in text), initial=0))

    def hanging(self, start: int, stop: Break) -> tuple[float, float]:
        left = HANGING_LEFT.get(self.text[start], 0.0) * self.widths[start]
        if stop.hyphen:
            return left, HANGING[HYPHEN] * self.hyphen
        last = stop.end - 1
        return left, HANGING.get(self.text[last], 0.0) * self.widths[last]

    def is_too_loose(
        self, start: int, stop: Break, gain: float, room: float, *, whole: bool
    ) -> bool:
        """Tell, before anything dear is done, that a line cannot fill its *room*.

        *gain* is the most that a word space may gain; a *whole* line need not fill it.
        """
        width = self.sums[stop.end] - self.sums[start]
        spaces = self.spaces[stop.end] - self.spaces[start]
        whole = whole or (stop.address and not spaces)
        return not whole and width + spaces * gain + self.hyphen < room

    def natural(self, start: int, stop: Break) -> float:
        return self.sums[stop.end] - self.sums[start] + stop.hyphen * self.hyphen

    def count_spaces(self, start: int, stop: Break) -> int:
        return self.spaces[stop.end] - self.spaces[start]


class _LineEnd(NamedTuple):
    demerits: float
    start: int
    hyphens: int
    looseness: float
    stop: Break | None
    before: _LineEnd | None


class _Candidate(NamedTuple):
    """A line from *node* to *stop*: its *slack*, and its *ratio* to the word spaces."""

    node: _LineEnd
    stop: Break
    slack: float
    ratio: float


def break_lines(
    text: str,
    widths: Sequence[float],
    style: LineStyle,
    *,
    unbroken: frozenset[int] = frozenset(),
) -> tuple[Line, ...]:
    """Return the lines of *text*, whose characters are *widths* wide.

    No line begins at an offset of *unbroken*.
    """
    table = _Widths(text, widths, style.hyphen)
    stops = find_breaks(text, style.language, unbroken, hyphenate=style.justify)
    stops = sorted({*stops, *_divide_long(table, stops, style.measure)})
    stops.append(Break(len(text), len(text), 0.0, hyphen=False))
    if not text:
        return ()
    if style.balance:
        chosen = _balance(table, stops, style)
    elif style.fit == "first-fit" or not style.justify:
        chosen = list(_first_fit(table, stops, style))
    else:
        chosen = _total_fit(table, stops, style)
    return tuple(_lines(table, chosen, style))


def _balance(table: _Widths, stops: Sequence[Break], style: LineStyle) -> list[Break]:
    """Break a ragged text, such as a heading, into lines of even length."""
    chosen = list(_first_fit(table, stops, style))
    narrow, wide = style.measure / 2, style.measure
    while len(chosen) > 1 and wide - narrow > 1:
        middle = (narrow + wide) / 2
        tried = list(_first_fit(table, stops, replace(style, measure=middle)))
        if len(tried) == len(chosen) and _fits(table, tried, middle):
            chosen, wide = tried, middle
        else:
            narrow = middle
    return chosen


def _fits(table: _Widths, chosen: Sequence[Break], measure: float) -> bool:
    starts = [0, *(stop.start for stop in chosen)]
    return all(
        table.natural(start, stop) <= measure
        for start, stop in zip(starts, chosen, strict=False)
    )


def _first_fit(
    table: _Widths, stops: Sequence[Break], style: LineStyle
) -> Iterator[Break]:
    """Yield where each line ends that takes as much as fits on it.

    After too many hyphens running the last break without one is taken, if there is any.
    """
    start, room, fitting = 0, style.room(0), None
    index, hyphens = 0, 0
    while index < len(stops):
        stop = stops[index]
        hanging = sum(table.hanging(start, stop)) if stop.end > start else 0.0
        if table.natural(start, stop) <= room + hanging or fitting is None:
            barred = stop.hyphen and hyphens >= MOST_HYPHENS
            if fitting is None or fitting[1].hyphen or not barred:
                fitting = (index, stop)
            index += 1
            if stop.penalty != FORCED:
                continue
        yield fitting[1]
        hyphens = hyphens + 1 if fitting[1].hyphen else 0
        index, start = fitting[0] + 1, fitting[1].start
        room, fitting = style.measure, None
    if fitting:
        yield fitting[1]


def _total_fit(table: _Widths, stops: Sequence[Break], style: LineStyle) -> list[Break]:
    found: _LineEnd | None = None
    for tolerance in TOLERANCES:
        last = _best_end(table, stops, style, tolerance)
        if last and (found is None or last.demerits < found.demerits):
            found = last
        if found and (found.demerits < UGLY or tolerance >= 1):
            return _chain(found)
    return list(_first_fit(table, stops, style))


def _chain(node: _LineEnd | None) -> list[Break]:
    chosen = []
    while node and node.stop:
        chosen.append(node.stop)
        node = node.before
    return chosen[::-1]


def _best_end(
    table: _Widths, stops: Sequence[Break], style: LineStyle, tolerance: float
) -> _LineEnd | None:
    active = [_LineEnd(0.0, 0, 0, 0.0, None, None)]
    final = stops[-1]
    for stop in stops:
        whole = stop is final or stop.penalty == FORCED
        best: dict[int, _LineEnd] = {}
        kept = []
        loosest = 0.0 if whole else style.space * tolerance
        for node in active:
            if node.start >= stop.end or table.is_too_loose(
                node.start, stop, loosest, style.room(node.start), whole=whole
            ):
                kept.append(node)
                continue
            line = _try_line(table, style, node, stop)
            if line.ratio < -SHRINK:
                continue
            if stop.penalty != FORCED:
                kept.append(node)
            found = _extend(line, style, tolerance, final=stop is final)
            if found and (
                found.hyphens not in best
                or found.demerits < best[found.hyphens].demerits
            ):
                best[found.hyphens] = found
        active = kept + list(best.values())
        if not active:
            return None
        if stop is final:
            return min(best.values(), default=None, key=lambda node: node.demerits)
    return None


def _try_line(
    table: _Widths, style: LineStyle, node: _LineEnd, stop: Break
) -> _Candidate:
    room = style.room(node.start) + sum(table.hanging(node.start, stop))
    spaces = table.count_spaces(node.start, stop)
    slack = room - table.natural(node.start, stop)
    space = style.space
    alone = room if stop.address and slack > 0 else space * LONE_WORD
    ratio = slack / (spaces * space if spaces else alone)
    return _Candidate(node, stop, slack, ratio)


def _extend(
    line: _Candidate, style: LineStyle, tolerance: float, *, final: bool
) -> _LineEnd | None:
    node, stop, slack, ratio = line
    if final or stop.penalty == FORCED:
        ratio = min(ratio, 0.0)
    if ratio > tolerance:
        return None
    hyphens = node.hyphens + 1 if stop.hyphen else 0
    if hyphens > MOST_HYPHENS:
        return None
    limit = SHRINK if ratio < 0 else TOLERANCES[0]
    badness = BADNESS * (abs(ratio) / limit) ** 3
    penalty = 0.0 if stop.penalty == FORCED else stop.penalty
    demerits = (LINE_PENALTY + badness) ** 2 + penalty**2
    if hyphens > 1:
        demerits += CONSECUTIVE_DEMERITS
    if abs(ratio - node.looseness) > TOLERANCES[0] and node.stop:
        demerits += CONSECUTIVE_DEMERITS
    shortest = max(LAST_INDENTS * style.indent, style.measure / LAST_SHARE)
    if final and style.measure - slack < shortest:
        demerits += SHORT_LAST_DEMERITS
    if final and node.hyphens:
        demerits += HYPHEN_BEFORE_LAST_DEMERITS
    return _LineEnd(node.demerits + demerits, stop.start, hyphens, ratio, stop, node)


def _lines(table: _Widths, chosen: Sequence[Break], style: LineStyle) -> Iterator[Line]:
    start = 0
    for stop in chosen:
        room = style.room(start)
        left, right = table.hanging(start, stop) if style.justify else (0.0, 0.0)
        spaces = table.count_spaces(start, stop)
        slack = room + left + right - table.natural(start, stop)
        last = stop is chosen[-1] or stop.penalty == FORCED
        gain = slack / spaces if spaces and style.justify else 0.0
        gain = min(gain, 0.0) if last else gain
        yield Line(
            start=start,
            end=stop.end,
            hyphen=stop.hyphen,
            width=room + left + right if gain else None,
            left=left,
            looseness=gain / style.space if style.space else 0.0,
        )
        start = stop.start
