"""A printed page as poppler reads it: lines, both tiers at the foot, margins.

Nothing of the builder is used here. Lengths are in pt from the top left of the page.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from conftest import XHTML

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conftest import Built

MM = 72 / 25.4
ASCENT, DESCENT = 1.007, 0.298
"""How high and how deep EB Garamond reaches, as shares of its size (its `hhea`)."""
BODY, NOTE, VARIANT = 10.5, 8.5, 8.25
"""The sizes of the running text, of a note and of an entry of the apparatus."""
GRID = 13.5
HYPHEN, SOFT = "\u2010", "\u00ad"
"""A hyphen, and what copies of the text have where the builder divides a word."""
SAME = 2.0
"""How far apart the baselines of the words of one line may be."""
HANGING = 6.0
"""How far a mark may hang into the margin."""


class Word(NamedTuple):
    """A word and its box."""

    top: float
    left: float
    right: float
    foot: float
    text: str

    @property
    def size(self) -> float:
        """The size of its font."""
        return (self.foot - self.top) / (ASCENT + DESCENT)

    @property
    def baseline(self) -> float:
        """The height of what it stands on."""
        return self.top + self.size * ASCENT


class Line(NamedTuple):
    """Words on one baseline, from left to right."""

    words: tuple[Word, ...]

    @property
    def baseline(self) -> float:
        """The height of what most of its words stand on."""
        return self.words[0].baseline

    @property
    def text(self) -> str:
        """Its words with spaces between."""
        return " ".join(word.text for word in self.words)


class Entry(NamedTuple):
    """An entry of the apparatus: the line it is keyed to, and its wording."""

    label: int
    wording: str

    @property
    def lemma(self) -> str:
        """What stands before the bracket."""
        return self.wording.partition("]")[0].strip()


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A page: its *folio*, the lines of its text, what its foot and its margins have.

    *beside* are the words at the left and the right of the type area.
    """

    number: int
    folio: str
    lines: tuple[Line, ...] = ()
    notes: tuple[Line, ...] = ()
    entries: tuple[Entry, ...] = ()
    beside: dict[str, tuple[Word, ...]] = field(default_factory=dict)

    @property
    def is_recto(self) -> bool:
        """Tell whether the page is on the right: the first page of the file is."""
        return self.number % 2 == 0


def letters(text: str) -> str:
    """Return the letters and figures of *text* run together, ligatures undone."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))


@cache
def read_pages(built: Built) -> tuple[PrintedPage, ...]:
    """Return every page of the reading PDF."""
    return tuple(_read_page(built, number) for number in range(len(built.labels())))


def pages_of(built: Built, texts: Sequence[str] | None = None) -> list[PrintedPage]:
    """Return the pages of the *texts* with these ids, of all texts if none is named."""
    targets, wanted = built.targets(), list[PrintedPage]()
    starts = [(targets[part.headings[0].id][0], part) for part in built.parts]
    ends = [start for start, _ in starts[1:]] + [targets[built.printed_back[0]][0]]
    for (start, part), end in zip(starts, ends, strict=True):
        of_text = bool(part.settings.siglum)
        if part.settings.id in texts if texts is not None else of_text:
            wanted += read_pages(built)[start:end]
    return wanted


def _read_page(built: Built, number: int) -> PrintedPage:
    top, outer, bottom, inner = (
        side * MM for side in built.book.settings.print.margins
    )
    element = built.boxes()[number]
    left, right = (inner, outer) if number % 2 == 0 else (outer, inner)
    right = float(element.get("width", "0")) - right
    low = float(element.get("height", "0")) - bottom
    inside: list[Word] = []
    beside: dict[str, list[Word]] = {"left": [], "right": []}
    for found in element.iterfind(f"{XHTML}word"):
        sides = (float(found.get(s, "0")) for s in ("yMin", "xMin", "xMax", "yMax"))
        word = Word(*sides, (found.text or "").replace(SOFT, HYPHEN))
        if not (top - HANGING < word.baseline and word.baseline < low + HANGING):
            continue
        if word.right < left - HANGING / 2:
            beside["left"].append(word)
        elif word.left > right + HANGING / 2:
            beside["right"].append(word)
        else:
            inside.append(word)
    return PrintedPage(
        number=number,
        folio=built.labels()[number],
        lines=_find_lines(word for word in inside if word.size > NOTE + 0.5),
        notes=_find_lines(word for word in inside if abs(word.size - NOTE) < 0.1),
        entries=tuple(_find_entries(inside, left)),
        beside={side: tuple(words) for side, words in beside.items()},
    )


def _find_lines(words: Iterable[Word]) -> tuple[Line, ...]:
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.baseline):
        if rows and word.baseline - rows[-1][0].baseline < SAME:
            rows[-1].append(word)
        else:
            rows.append([word])
    return tuple(Line(tuple(sorted(row, key=lambda word: word.left))) for row in rows)


def _find_entries(words: Sequence[Word], left: float) -> Iterator[Entry]:
    """Yield the entries of the apparatus: each begins with the number of a line."""
    lines = _find_lines(word for word in words if abs(word.size - VARIANT) < 0.1)
    entries: list[list[Word]] = []
    for line in lines:
        first = line.words[0]
        if first.text.isdigit() and first.right < left + 1.5 * VARIANT:
            entries.append(list(line.words))
        elif entries:
            entries[-1] += line.words
        else:
            entries.append([Word(0.0, 0.0, 0.0, 0.0, "0"), *line.words])
    for label, *rest in entries:
        yield Entry(int(label.text), " ".join(word.text for word in rest))


def check_grid(lines: Iterable[Line], origin: float) -> list[str]:
    """Return the lines of body size that stand off the grid that begins at *origin*."""
    return [
        line.text
        for line in lines
        if abs(line.words[0].size - BODY) < 0.1
        and abs((line.baseline - origin + 0.5) % GRID - 0.5) > 0.1
    ]


def turns(pages: Sequence[PrintedPage]) -> Iterator[tuple[PrintedPage, PrintedPage]]:
    """Yield each recto with the verso behind it."""
    yield from ((page, after) for page, after in pairwise(pages) if page.is_recto)
