"""The proof of the print: a file has every word that it should, once, in order.

What is held against a file is `Expected`, as `fold` leaves it. At a wild card stands
what the builder puts in; before and behind a unit a template may put a few words.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from recension.problems import Report, Span
from recension.verify.expected import FREE, WILD
from recension.verify.units import LOOSE, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from recension.verify.expected import Expected

_AROUND = 400
"""How many characters of a template may stand before and behind a unit."""
_WILDEST = 4000
"""How many the builder may put in at a wild card: a list of the ledger."""
_SHOWN = 8
"""How many words a message quotes."""
_LONG = 5
"""From how many words on it is no chance that a wording stands twice."""
_MOST = 5
"""How many differences are told: what makes more is one cause."""
_BULLETS = "–•◦▪"
_CARD = re.compile(f"([{WILD}{FREE}])")
_WORD = re.compile(r"\w+")
_HINT = "find what changes or hides it: a template or a style sheet of the edition"


def prove(
    expected: Sequence[Expected],
    files: Mapping[str, Mapping[str, str]],
    report: Report,
) -> dict[str, Mapping[str, int]]:
    """Hold the *files*, their units by name, against all that is *expected*.

    What differs is an error in *report*, at the line that it is written in. Return for
    each file the characters that it prints of each unit.
    """
    longest_first = sorted(expected, key=lambda one: -len(one.wording))
    proofs = {name: Proof(texts) for name, texts in files.items()}
    differences: list[tuple[Expected, Discrepancy, list[str]]] = []
    for one in longest_first:
        found = {
            name: difference
            for name, proof in proofs.items()
            for in_print in [name.endswith(".pdf")]
            if one.in_print or not in_print
            if (difference := proof.check(one, in_print=in_print))
        }
        if found:
            differences.append((one, next(iter(found.values())), list(found)))
    _tell(differences, report)
    for name, proof in proofs.items():
        for message in proof.find_doubles():
            report.error("V-002", message, Span(path=name), _HINT)
    return {name: proof.printed for name, proof in proofs.items()}


def _tell(
    differences: Sequence[tuple[Expected, Discrepancy, list[str]]], report: Report
) -> None:
    """Report the first *differences* in the order of the book, and count the others."""
    inside = sorted(differences, key=lambda found: _rank(found[0].span))
    for one, (at, message), names in inside[:_MOST]:
        told = f"{one.what} is not printed as it is in {' and '.join(names)}: {message}"
        report.error("V-002", told, _find_place(one, at), _HINT)
    if others := inside[_MOST:]:
        message = f"{len(others)} more are not printed as they are, from here on"
        report.error("V-002", message, others[0][0].span, _HINT)


def _rank(span: Span) -> tuple[str, int]:
    return span.path, span.line


def _find_place(expected: Expected, at: int) -> Span:
    """Return where the word number *at* of the wording is written, from 0.

    The file has words that are not printed, so it is found by those that follow.
    """
    words = _CARD.sub(" ", fold(expected.wording)).split()
    before = len(_WORD.findall(" ".join(words[:at])))
    wanted = _WORD.findall(" ".join(words[at : at + _SHOWN]))
    written = [fold(word.text) for word in expected.words]
    for count in range(len(wanted), 0, -1):
        places = [
            place
            for place in range(len(written))
            if written[place : place + count] == wanted[:count]
        ]
        if places:
            word = expected.words[min(places, key=lambda place: abs(place - before))]
            return Span(path=expected.span.path, line=word.line, column=word.column)
    return expected.span


def _is_none(_: str) -> bool:
    return False


def _is_word(label: str) -> bool:
    return label not in _BULLETS


class Discrepancy(NamedTuple):
    """The first word that a file has not: how many words of the wording stand before.

    *message* says what the file has in its place.
    """

    at: int
    message: str


@dataclass(slots=True)
class _Home:
    """The text of a part that holds many wordings, and where some have been found."""

    text: str
    taken: list[tuple[int, int]] = field(default_factory=list)
    wanted: Counter[str] = field(default_factory=Counter)

    def take(self, stretches: Sequence[str]) -> bool:
        """Take the first place that has the *stretches* and is free; tell if it is."""
        start = -1
        while (start := self.text.find(stretches[0], start + 1)) >= 0:
            spans = _follow(stretches, self.text, start)
            end = spans[-1][1] if spans else 0
            if end and all(end <= a or start >= b for a, b in self.taken):
                self.taken.append((start, end))
                return True
        return False


@dataclass(slots=True)
class Proof:
    """Holds a file, whose units have *texts*, against what it should print.

    *printed* counts by the id of each unit the characters of its wording that the file
    has.
    """

    texts: Mapping[str, str]
    homes: dict[str, _Home] = field(default_factory=dict)
    printed: dict[str, int] = field(default_factory=dict)

    def check(self, expected: Expected, *, in_print: bool) -> Discrepancy | None:
        """Return where the file differs from what is *expected*, None if nowhere.

        *in_print* tells that it is the printed book, not the EPUB.
        """
        if expected.id in self.texts:
            return self._check_unit(expected, in_print=in_print)
        if expected.home in self.texts:
            return self._check_home(expected)
        return Discrepancy(0, "it is not in the file")

    def _check_unit(self, expected: Expected, *, in_print: bool) -> Discrepancy | None:
        printed = self.texts[expected.id]
        found = compare(expected.wording, printed)
        if found and in_print and expected.short:
            found = compare(expected.short, printed) and found
        if not found:
            self.printed[expected.id] = len(expected.wording)
        return found

    def _check_home(self, expected: Expected) -> Discrepancy | None:
        """Find the wording anywhere in its part, where no other has been found."""
        stretches, _ = _cut(expected.wording)
        if not stretches:
            return None
        if expected.home not in self.homes:
            text = _join(self.texts[expected.home], _is_none)
            self.homes[expected.home] = _Home(text)
        home = self.homes[expected.home]
        home.wanted[stretches[0]] += 1
        if home.take(stretches):
            return None
        return Discrepancy(0, f"“{_quote(stretches[0].split())}” is missing")

    def find_doubles(self) -> Iterator[str]:
        """Yield what the parts of many wordings have more often than they should."""
        for home in self.homes.values():
            for wording, count in home.wanted.items():
                words = wording.split()
                if len(words) < _LONG or home.text.count(wording) <= count:
                    continue
                within = sum(n for other, n in home.wanted.items() if wording in other)
                if home.text.count(wording) > within:
                    yield f"“{_quote(words)}” is printed more than once"


def compare(expected: str, printed: str) -> Discrepancy | None:
    """Return the first word of the *expected* wording that is not *printed* in place.

    Labels of items count if the wording has them: numbers and terms, not mere dashes.
    """
    stretches, cards = _cut(expected)
    if not stretches:
        return None
    found: Discrepancy | None = None
    for keep in (_is_none, _is_word, bool):
        other = _compare(stretches, cards, _join(printed, keep))
        if not other:
            return None
        found = other if not found or other.at > found.at else found
    return found


def _compare(
    stretches: Sequence[str], cards: Sequence[str], printed: str
) -> Discrepancy | None:
    """Return the first difference of what is *printed* from the *stretches*.

    What stands before, between and behind them is what the *cards* let stand there.
    """
    start = printed.find(stretches[0])
    spans = _follow(stretches, printed, start) if start >= 0 else []
    if not spans:
        return _find_difference(stretches, printed)
    last = printed.rfind(stretches[-1])
    if cards[-2] and not cards[-1] and last > spans[-1][0]:
        spans[-1] = last, last + len(stretches[-1])  # the same words stood in the card
    bounds = [0, *(bound for span in spans for bound in span), len(printed)]
    for number, card in enumerate(cards):
        between = printed[bounds[2 * number] : bounds[2 * number + 1]]
        too_long = len(between) > (_WILDEST if card else _AROUND)
        if too_long or (card != FREE and _repeats(between, stretches)):
            words = _quote(between.split())
            at = _count(stretches[:number])
            return Discrepancy(at, f"“{words}” is printed beside it")
    return None


def _cut(wording: str) -> tuple[list[str], list[str]]:
    """Return the stretches of *wording*, folded, and the cards round them.

    A card stands before each stretch and behind the last; it is empty where words of
    the wording meet its beginning or its end.
    """
    stretches, cards = list[str](), [""]
    for part in _CARD.split(" ".join(fold(wording).split())):
        if _CARD.fullmatch(part):
            cards[-1] = max(cards[-1], part)  # FREE, of two
        elif part.strip():
            stretches.append(part.strip())
            cards.append("")
    return stretches, cards


def _join(printed: str, keep: Callable[[str], bool]) -> str:
    """Return what is *printed*, folded, with the labels of items that *keep* wants."""
    words = fold(printed).split()
    kept = (w for w in words if w[0] != LOOSE or keep(w.lstrip(LOOSE)))
    return " ".join(word.lstrip(LOOSE) for word in kept)


def _follow(
    stretches: Sequence[str], printed: str, start: int
) -> list[tuple[int, int]]:
    """Return where each of *stretches* stands, the first at *start*; or nothing."""
    spans = [(start, start + len(stretches[0]))]
    for stretch in stretches[1:]:
        end = spans[-1][1]
        found = printed.find(stretch, end, end + _WILDEST + len(stretch))
        if found < 0:
            return []
        spans.append((found, found + len(stretch)))
    return spans


def _repeats(around: str, stretches: Sequence[str]) -> bool:
    """Tell whether words of the *stretches* stand in what is *around* them."""
    words = around.split()
    runs = (" ".join(words[at : at + _LONG]) for at in range(len(words) - _LONG + 1))
    return any(run in stretch for run in runs for stretch in stretches)


def _find_difference(stretches: Sequence[str], printed: str) -> Discrepancy:
    """Return the first difference: the longest beginning of a stretch that is there."""
    at, end = 0, 0
    for stretch in stretches:
        found = printed.find(stretch, end)
        words = stretch.split()
        if found < 0:
            there = _count_there(words, printed[end:])
            begun = " ".join(words[:there])
            behind = printed[printed.find(begun, end) + len(begun) :].split()
            return Discrepancy(at + there, _describe(words[there:], behind))
        at, end = at + len(words), found + len(stretch)
    return Discrepancy(at, "its parts stand far from one another")


def _count_there(words: Sequence[str], printed: str) -> int:
    """Return how many of the first *words* stand together in what is *printed*."""
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if f"{' '.join(words[:middle])} " in f"{printed} ":
            low = middle
        else:
            high = middle - 1
    return low


def _describe(words: Sequence[str], printed: Sequence[str]) -> str:
    if not printed:
        return f"“{_quote(words)}” is missing"
    return f"“{_quote(words)}” is missing: “{_quote(printed)}” stands there"


def _count(stretches: Sequence[str]) -> int:
    return sum(len(stretch.split()) for stretch in stretches)


def _quote(words: Sequence[str]) -> str:
    return " ".join(words[:_SHOWN]) + (" …" if len(words) > _SHOWN else "")
