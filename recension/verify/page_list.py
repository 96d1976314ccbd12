"""Checks of the printed pages in the EPUB: markers and page-list against the print."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from recension.access import XHTML, has_type
from recension.pagemap import read_roman, write_folio
from recension.verify.opened import Epub, Fault, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class _PageLabel(NamedTuple):
    """A printed page, as a marker or an entry has it: where, and its label."""

    place: Target
    label: str


def _find_markers(epub: Epub) -> list[_PageLabel]:
    """Return the markers in reading order (EPUB 3.3, SSV: pagebreak)."""
    return [
        _PageLabel(
            Target(name, element.get("id", "")),
            element.get("title") or element.get("aria-label") or "",
        )
        for name, page in epub.pages.items()
        for element in page.iter(f"{XHTML}*")
        if has_type(element, "pagebreak")
    ]


def _find_entries(epub: Epub) -> list[_PageLabel]:
    """Return the entries of the page-list in order (EPUB 3.3, 7.4.4)."""
    return [
        _PageLabel(
            epub.follow(epub.nav_name, link.get("href", "")),
            " ".join("".join(link.itertext()).split()),
        )
        for link in epub.links("page-list")
    ]


def check_listed(epub: Epub) -> Iterator[Fault]:
    """Check that each marker has its entry in the page-list."""
    places = {entry.place for entry in _find_entries(epub)}
    for marker in _find_markers(epub):
        if marker.place not in places:
            message = f"the marker of page `{marker.label}` is not in the page-list"
            yield Fault(marker.place.name, message)


def check_complete(epub: Epub) -> Iterator[Fault]:
    """Check that each printed page is there, and no other.

    The printed pages are those of the reading PDF; without it, those up to the last
    that the EPUB has.
    """
    markers = _find_markers(epub)
    found = {page.label for page in (*markers, *_find_entries(epub))}
    wanted = epub.labels or _count_up(found)
    for label in wanted:
        if label not in found:
            yield Fault(epub.nav_name, f"the printed page `{label}` is missing")
    for name, label in ((marker.place.name, marker.label) for marker in markers):
        if epub.labels and label not in wanted:
            yield Fault(name, f"the marked page `{label}` is not in the printed book")


def check_once(epub: Epub) -> Iterator[Fault]:
    """Check that each printed page has one marker and one entry."""
    markers, entries = _find_markers(epub), _find_entries(epub)
    for what, pages in (("marked", markers), ("listed", entries)):
        for label, times in Counter(page.label for page in pages).items():
            if times > 1:
                message = f"the printed page `{label}` is {what} {times} times"
                yield Fault(epub.nav_name, message)


def check_order(epub: Epub) -> Iterator[Fault]:
    """Check that the entries follow the text, and the markers the printed book."""
    markers = _find_markers(epub)
    places = {marker.place: n for n, marker in enumerate(markers)}
    entries = [entry for entry in _find_entries(epub) if entry.place in places]
    for before, after in _find_back(entries, [places[e.place] for e in entries]):
        message = f"the page-list has `{after.label}` after `{before.label}`"
        yield Fault(epub.nav_name, message)
    printed = epub.labels or _count_up([marker.label for marker in markers])
    ranks = {label: n for n, label in enumerate(printed)}
    known = [marker for marker in markers if marker.label in ranks]
    for before, after in _find_back(known, [ranks[m.label] for m in known]):
        message = f"the marker of page `{after.label}` stands after `{before.label}`"
        yield Fault(after.place.name, message)


def _find_back(
    pages: Sequence[_PageLabel], ranks: Sequence[int]
) -> Iterator[tuple[_PageLabel, _PageLabel]]:
    """Yield each page that stands after one of a higher rank, with that one."""
    pairs = zip(pairwise(pages), pairwise(ranks), strict=True)
    yield from (pair for pair, (one, next_) in pairs if next_ < one)


def check_landing(epub: Epub) -> Iterator[Fault]:
    """Check that each entry leads to the marker of its page."""
    markers = {marker.place: marker.label for marker in _find_markers(epub)}
    for entry in _find_entries(epub):
        label = markers.get(entry.place)
        if label is None:
            message = f"the entry `{entry.label}` of the page-list leads to no marker"
            yield Fault(epub.nav_name, message)
        elif label != entry.label:
            message = f"the entry `{entry.label}` of the page-list leads to `{label}`"
            yield Fault(epub.nav_name, message)


# --- labels --------------------------------------------------------------------------


def _count_up(labels: Iterable[str]) -> list[str]:
    """Return the labels from the first to the last of *labels*: i, ii, …, 1, 2, …."""
    romans = [number for label in labels if (number := read_roman(label))]
    figures = [int(label) for label in labels if label.isdecimal()]
    last = max(romans, default=0)
    counted = [write_folio(number, roman=True) for number in range(1, last + 1)]
    return counted + [str(number) for number in range(1, max(figures, default=0) + 1)]
