"""The differences of two texts, word by word, in a time that grows as the texts do.

Words that both have equally often are anchors, the rarest first, as in patience diff,
which Bram Cohen wrote for Bazaar, and histogram diff, which JGit has: between them the
stretches are short, and those are compared closely.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CLOSE = 10_000
"""How many pairs of words are compared each with each: more take too long."""
_ROUNDS = 20
"""How often anchors are looked for between anchors; a text needs two or three."""


class Difference(NamedTuple):
    """Words of the one text that stand for words of the other, one of both at least.

    The words are those from *start* to *end*, and from *other_start* to *other_end*.
    """

    start: int
    end: int
    other_start: int
    other_end: int


def find_differences(
    words: Sequence[str], others: Sequence[str], rounds: int = _ROUNDS
) -> Iterator[Difference]:
    """Yield the differences of *words* from *others*, in order.

    Anchors are looked for *rounds* times; a long stretch without is one difference.
    """
    before, behind = _count_equal_ends(words, others)
    words = words[before : len(words) - behind]
    others = others[before : len(others) - behind]
    if not words and not others:
        return
    for found in _compare(words, others, rounds):
        yield Difference(*(before + place for place in found))


def _count_equal_ends(words: Sequence[str], others: Sequence[str]) -> tuple[int, int]:
    """Return how many words are equal at the beginning and, of the rest, at the end."""
    most = min(len(words), len(others))
    before = 0
    while before < most and words[before] == others[before]:
        before += 1
    behind = 0
    while behind < most - before and words[-1 - behind] == others[-1 - behind]:
        behind += 1
    return before, behind


def _compare(
    words: Sequence[str], others: Sequence[str], rounds: int
) -> Iterator[Difference]:
    """Yield the differences of two stretches whose first and last words differ."""
    if len(words) * len(others) <= _CLOSE:
        yield from _compare_closely(words, others)
        return
    anchors = _find_anchors(words, others) if rounds else []
    if not anchors:
        yield Difference(0, len(words), 0, len(others))
        return
    here = there = 0
    for end, other_end in (*anchors, (len(words), len(others))):
        between = words[here:end], others[there:other_end]
        for found in find_differences(*between, rounds - 1):
            yield Difference(
                here + found.start,
                here + found.end,
                there + found.other_start,
                there + found.other_end,
            )
        here, there = end + 1, other_end + 1


def _compare_closely(
    words: Sequence[str], others: Sequence[str]
) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    for tag, *places in matcher.get_opcodes():
        if tag != "equal":
            yield Difference(*places)


def _find_anchors(words: Sequence[str], others: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of words that surely stand for each other, in order.

    Of the words that both sides have equally often the rarest are taken: the first of
    them for the first, the second for the second.
    """
    counts, other_counts = Counter(words), Counter(others)
    alike = {word: n for word, n in counts.items() if other_counts[word] == n}
    rarest = min(alike.values(), default=0)
    places: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(reversed(others)):
        if alike.get(word) == rarest:
            places[word].append(len(others) - 1 - place)
    pairs = [
        (place, places[word].pop())
        for place, word in enumerate(words)
        if alike.get(word) == rarest
    ]
    return _choose_ascending(pairs)


def _choose_ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the most of *pairs*, ascending in the first, that ascend in both."""
    lasts: list[int] = []  # by length of a chain: the least second that ends one
    ends: list[int] = []  # the same as indices of pairs
    before: list[int] = []  # by index of a pair: that of the one before it, or -1
    for index, (_, second) in enumerate(pairs):
        length = bisect_left(lasts, second)
        before.append(ends[length - 1] if length else -1)
        lasts[length : length + 1] = [second]
        ends[length : length + 1] = [index]
    chain: list[tuple[int, int]] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]
