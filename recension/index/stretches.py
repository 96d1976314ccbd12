"""Put marks around the words that stand for an entry."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from recension.index.words import Words
from recension.tree import (
    SPACES,
    THIN_SPACE,
    SpanClass,
    children,
    has_class,
    make_span,
    make_word,
    walk,
    with_children,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.model import Node


@dataclass(frozen=True, slots=True)
class Stretch:
    """A mention of *entry* from character *start* to *end*, counted from 0."""

    id: str
    start: int
    end: int
    entry: str


@dataclass(slots=True)
class Marker:
    """Put marks into the inlines of a text; *people* are still to be met in it."""

    people: set[str]

    def mark(
        self, inlines: list[Node], marks: list[Stretch], start: int, *, linked: bool
    ) -> list[Node]:
        """Return *inlines*, which begin at *start*, with *marks*, which are in order.

        Inside a link (*linked*) there is no other.
        """
        cuts = {cut for mark in marks for cut in (mark.start, mark.end)}
        pieces = list(_cut(inlines, start, cuts))
        waiting, at = list(marks), 0
        marked: list[Node] = []
        while at < len(pieces):
            node, begin, end = pieces[at]
            if begin == end or not waiting or waiting[0].start >= end:
                marked.append(node)
                at += 1
            elif _is_within(waiting[0], pieces[at]):
                within = [_clip(mark, end) for mark in waiting if mark.start < end]
                del waiting[: len(within)]
                link = linked or _is_link(node)
                inner = self.mark(children(node) or [], within, begin, linked=link)
                marked.append(with_children(node, inner))
                at += 1
            else:
                mark = waiting.pop(0)
                last = _find_end(pieces, at, mark)
                words = [piece[0] for piece in pieces[at:last]]
                marked.append(self._wrap(mark, words, linked=linked))
                at = last
        return [*marked, *(self._wrap(mark, [], linked=linked) for mark in waiting)]

    def _wrap(self, mark: Stretch, words: list[Node], *, linked: bool) -> Node:
        pairs: dict[str, str] = {}
        if mark.entry in self.people and words and not (linked or _holds_link(words)):
            self.people.remove(mark.entry)
            pairs = {"who": mark.entry}
        return make_span(words, SpanClass.MENTION, id_=mark.id, **pairs)


def _clip(mark: Stretch, end: int) -> Stretch:
    """Return *mark*, as a point where it runs beyond *end*."""
    if mark.end <= end:
        return mark
    return Stretch(mark.id, mark.start, mark.start, mark.entry)


def _is_link(node: Node) -> bool:
    marks = (SpanClass.REFERENCE, SpanClass.NOTE_CALL)
    return node["t"] in ("Link", "Cite") or any(has_class(node, m) for m in marks)


def _holds_link(inlines: list[Node]) -> bool:
    return any(map(_is_link, walk(inlines)))


def _cut(
    inlines: list[Node], start: int, cuts: set[int]
) -> Iterator[tuple[Node, int, int]]:
    """Yield each of *inlines* with start and end, words cut in two at *cuts*."""
    for node in inlines:
        end = start + _measure(node)
        if node["t"] == "Str" and not cuts.isdisjoint(range(start + 1, end)):
            inside = sorted(cuts.intersection(range(start + 1, end)))
            for left, right in pairwise([start, *inside, end]):
                part = node["c"][left - start : right - start]
                yield make_word(part), left, right
        else:
            yield node, start, end
        start = end


def _measure(node: Node) -> int:
    """Return how many characters *node* has; it is asked of every word, hence quick."""
    if node["t"] == "Str":
        return 0 if node["c"] == THIN_SPACE else len(node["c"])
    return 1 if node["t"] in SPACES else Words().add([node]).length


def _is_within(mark: Stretch, piece: tuple[Node, int, int]) -> bool:
    """Tell whether *mark* belongs to the inlines in *piece*, not around it."""
    node, begin, end = piece
    whole = mark.start == begin < mark.end <= end
    return children(node) is not None and (mark.start > begin or whole)


def _find_end(pieces: list[tuple[Node, int, int]], at: int, mark: Stretch) -> int:
    """Return the piece after those that *mark* covers, *at* if it cuts one."""
    if not pieces[at][1] == mark.start < mark.end:
        return at
    last = at
    while pieces[last][2] < mark.end:
        last += 1
    return last + 1 if pieces[last][2] == mark.end else at
