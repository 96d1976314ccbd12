"""The EPUB's own lint: what no validator sees, each check under a code of its own.

Every check reads the finished file and nothing else, and yields what it finds amiss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from recension.popups import HINTS
from recension.problems import OURS, Report, Span
from recension.verify import footnotes, markup, package, page_list

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence
    from pathlib import Path

    from recension.verify.opened import Epub, Fault


class _Check(NamedTuple):
    """A check with the code of what it finds and the hint that leads to the cure."""

    code: str
    find: Callable[[Epub], Iterator[Fault]]
    hint: str


CHECKS = (
    _Check("E-002", markup.check_ids, "rename the anchor, if it is one"),
    _Check("E-003", markup.check_links, OURS),
    _Check("E-004", footnotes.check_pairs, OURS),
    _Check("E-005", footnotes.check_shared, "give each reference a note of its own"),
    _Check(
        "E-006", footnotes.check_backlinks, "end the note with a link to its reference"
    ),
    _Check("E-007", footnotes.check_order, "set the notes after the text"),
    _Check("E-008", footnotes.check_lengths, HINTS["E-008"]),
    _Check("E-009", footnotes.check_alone, HINTS["E-009"]),
    _Check("E-010", markup.check_endnotes, "call it a `footnote`"),
    _Check(
        "E-011", markup.check_types, "take it out, or take a word of the vocabulary"
    ),
    _Check("E-012", markup.check_titles, "let the title be the heading"),
    _Check("E-013", markup.check_languages, "write both `lang` and `xml:lang`"),
    _Check("E-014", markup.check_pictures, "write an `alt`, or a `title` in the SVG"),
    _Check("E-015", page_list.check_listed, OURS),
    _Check("E-016", page_list.check_complete, "mark each page of the print once"),
    _Check("E-017", page_list.check_once, "mark and list each page once"),
    _Check("E-018", page_list.check_order, "put them into the order of the print"),
    _Check("E-019", page_list.check_landing, OURS),
    _Check("E-020", markup.check_two_ways, "take one of the two out"),
    _Check("E-021", package.check_reading_order, OURS),
    _Check("E-022", package.check_landmarks, OURS),
    _Check("E-023", package.check_summary, OURS),
    _Check("E-024", package.check_claims, OURS),
    _Check("E-025", package.check_hazards, OURS),
    _Check("E-026", package.check_manifest, OURS),
)


def check_epub(
    path: Path,
    epub: Epub | None,
    unread: Sequence[Fault],
    told: Container[tuple[str, str]],
    report: Report,
) -> None:
    """Check the EPUB at *path*, opened as *epub*; each fault is an error in *report*.

    What an editor may have wanted of a note is a warning, and nothing if it is among
    those that were *told* before, by their ids. Where a file is *unread*, nothing else
    is checked: it would be told as missing.
    """
    for fault in unread:
        report.error("E-001", fault.message, _place(path, fault), OURS)
    if epub is None or unread:
        return
    for check in CHECKS:
        for fault in check.find(epub):
            if not fault.note:
                report.error(check.code, fault.message, _place(path, fault), check.hint)
            elif (check.code, fault.note) not in told:
                place = _place(path, fault)
                report.warning(check.code, fault.message, place, check.hint)


def _place(path: Path, fault: Fault) -> Span:
    return Span(path=f"{path.name}/{fault.name}")
