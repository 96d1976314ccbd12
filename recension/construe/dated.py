"""Find the dates in a tree and mark them for machines, without changing a letter.

A date may run over the marks of emendations and mentions: it is found in the characters
of a paragraph, and marked where the nodes in it are whole.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from recension.locales import find_orders, name_months
from recension.tree import (
    BARRIER,
    QUOTES,
    SpanClass,
    children,
    has_class,
    make_span,
    make_word,
    replace_lines,
    with_children,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.model import Blocks, Node

_ORDINAL = r"(?:st|nd|rd|th|er)?"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_SHARED = r"(?:\s?[-–—/&,]\s?|\s\w{1,5}\s)$"
"""What stands between two dates of which the first is not told in full."""
_NEAR = 40
"""How far back, in characters, such a date is looked for."""


ORDERS = (
    "{day} {month} {year}",
    "{day} {month}, {year}",
    "{month} {day}, {year}",
    "{month} {year}",
    "{month}, {year}",
)
"""How dates are written in English and most languages; each may have its own too."""


class FoundDate(NamedTuple):
    """A date from character *start* to *end*, as *machine* wants it: `1940-05-24`."""

    start: int
    end: int
    machine: str


class Dates:
    """Find the dates of one *language*, a tag such as `en-GB`."""

    def __init__(self, language: str) -> None:
        """Make ready to find dates as *language* writes them."""
        self.months = name_months(language)
        either = "|".join(map(re.escape, self.months))
        forms = dict.fromkeys((*ORDERS, *find_orders(language)))
        by_length = sorted(forms, key=lambda form: "{day}" not in form)
        written = "|".join(
            _match_form(form, either, number) for number, form in enumerate(by_length)
        )
        until = rf"[-–/]\d{{2,4}}\b(?!\s(?:{either}))"
        self.pattern = re.compile(rf"(?<!\w)(?:{written})(?!\w|{until})")
        self.shared = re.compile(rf"(?<!\w)(?:{_DAY}{_ORDINAL}\.?|{either}){_SHARED}")

    def find(self, text: str) -> Iterator[FoundDate]:
        """Yield each complete date in *text*.

        What shares month or year with a date before it (`26–27 May 1940`) is a range,
        of which no date stands complete.
        """
        for found in self.pattern.finditer(text):
            machine = self._write(found)
            before = text[max(0, found.start() - _NEAR) : found.start()]
            if machine and not self.shared.search(before):
                yield FoundDate(*found.span(), machine)

    def _write(self, found: re.Match[str]) -> str:
        """Return the date for machines, nothing if there is no such day."""
        parts = {k.rstrip("0123456789"): v for k, v in found.groupdict().items() if v}
        year, month = int(parts["year"]), self.months.index(parts["month"]) + 1
        try:
            day = date(year, month, int(parts.get("day", 1)))
        except ValueError:
            return ""
        return day.isoformat() if "day" in parts else day.isoformat()[:7]


def _match_form(form: str, months: str, number: int) -> str:
    """Return the pattern of a *form* such as `{day} {month} {year}`.

    The names of its groups end in *number*, since one pattern has several forms.
    """
    groups = {
        "day": rf"(?P<day{number}>\d{{1,2}}){_ORDINAL}",
        "month": rf"(?P<month{number}>{months})",
        "year": rf"(?P<year{number}>\d{{4}})",
    }
    return "".join(
        groups[name] if name else r"\s" if other.isspace() else re.escape(other)
        for name, other in re.findall(r"\{(\w+)\}|(.)", form)
    )


def mark_dates(blocks: Blocks, dates: Dates) -> Blocks:
    """Return *blocks* with each date in a span of class `date`."""

    def mark(inlines: list[Node]) -> list[Node]:
        found = list(dates.find(_read(inlines)))
        return _mark(inlines, 0, found) if found else inlines

    return replace_lines(blocks, mark)


def _read(inlines: Sequence[Node]) -> str:
    """Return the characters of *inlines*; no date runs over a note's number."""
    return "".join(map(_characters, inlines))


def _characters(node: Node) -> str:
    if node["t"] == "Str":
        return str(node["c"])
    if node["t"] in ("Space", "SoftBreak"):
        return " "
    inner = children(node)
    if inner is None or has_class(node, SpanClass.NOTE_CALL):
        return BARRIER
    if has_class(node, SpanClass.REFERENCE) and not inner:
        return BARRIER  # the page and the line that will be told here
    before, behind = _marks_of(node)
    return before + _read(inner) + behind


def _marks_of(node: Node) -> tuple[str, str]:
    """Return the marks of a quotation, nothing for other nodes."""
    return QUOTES[node["c"][0]["t"]] if node["t"] == "Quoted" else ("", "")


class _Ranged(NamedTuple):
    """A node, from character *start* to *end* of its paragraph."""

    node: Node
    start: int
    end: int


def _mark(
    inlines: Sequence[Node], start: int, found: Sequence[FoundDate]
) -> list[Node]:
    """Return *inlines*, which begin at character *start*, with the dates *found*."""
    pieces = list(_place(inlines, start))
    here = [one for one in found if _is_whole(one, pieces)]
    cuts = {cut for one in here for cut in (one.start, one.end)}
    ends = {one.start: one for one in here}
    marked: list[Node] = []
    dated: list[Node] = []
    until = None
    for piece in _cut(pieces, cuts):
        if until is not None and piece.start >= until.end:
            marked.append(make_span(dated, SpanClass.DATE, machine=until.machine))
            dated, until = [], None
        if piece.start < piece.end:
            until = until or ends.get(piece.start)
        inner = [o for o in found if piece.start <= o.start and o.end <= piece.end]
        node = _mark_within(piece, inner) if until is None else piece.node
        (marked if until is None else dated).append(node)
    if until is not None:
        marked.append(make_span(dated, SpanClass.DATE, machine=until.machine))
    return marked


def _mark_within(piece: _Ranged, found: Sequence[FoundDate]) -> Node:
    inner = children(piece.node)
    if inner is None or not found:
        return piece.node
    start = piece.start + len(_marks_of(piece.node)[0])
    return with_children(piece.node, _mark(inner, start, found))


def _place(inlines: Sequence[Node], start: int) -> Iterator[_Ranged]:
    for node in inlines:
        end = start + len(_characters(node))
        yield _Ranged(node, start, end)
        start = end


def _is_whole(one: FoundDate, pieces: Sequence[_Ranged]) -> bool:
    """Tell whether a date takes in whole nodes of *pieces*, more than one or a word."""
    held = [p for p in pieces if p.start < one.end and p.end > one.start]
    first, last = held[0], held[-1]
    if len(held) == 1:
        return bool(first.node["t"] == "Str")
    begins = first.node["t"] == "Str" or first.start == one.start
    ends = last.node["t"] == "Str" or last.end == one.end
    return bool(begins and ends)


def _cut(pieces: Sequence[_Ranged], cuts: set[int]) -> Iterator[_Ranged]:
    """Yield *pieces*, words cut in two at *cuts*."""
    for piece in pieces:
        inside = sorted(cut for cut in cuts if piece.start < cut < piece.end)
        if piece.node["t"] != "Str" or not inside:
            yield piece
            continue
        for left, right in pairwise([piece.start, *inside, piece.end]):
            part = piece.node["c"][left - piece.start : right - piece.start]
            yield _Ranged(make_word(part), left, right)
