"""The EPUB's own lint: what no validator sees, each check under a code of its own.

Every check reads the finished file and nothing else, and yields what it finds amiss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from recension.problems import Report, Span
from recension.verify import footnotes, markup, package, page_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from recension.verify.opened import Epub, Fault


class _Check(NamedTuple):
    """A check with the code of what it finds and the hint that leads to the cure.

    *tell* puts it into a report: as a warning, where the editor may have a reason.
    """

    code: str
    find: Callable[[Epub], Iterator[Fault]]
    hint: str
    tell: Callable[[Report, str, str, Span, str], None] = Report.error


_TEMPLATE = "mend the template"
_LIST = "mend the page-list in `epub/nav.xhtml.jinja`"
_PACKAGE = "mend `epub/package.opf.jinja`"
CHECKS = (
    _Check("E-002", markup.check_ids, "rename the anchor, or mend the template"),
    _Check("E-003", markup.check_links, _TEMPLATE),
    _Check("E-004", footnotes.check_pairs, _TEMPLATE),
    _Check("E-005", footnotes.check_shared, "give each reference a note of its own"),
    _Check(
        "E-006", footnotes.check_backlinks, "end the note with a link to its reference"
    ),
    _Check("E-007", footnotes.check_order, "set the notes after the text"),
    _Check(
        "E-008",
        footnotes.check_lengths,
        "write the note longer, or divide it",
        Report.warning,
    ),
    _Check("E-009", footnotes.check_alone, "name the work again", Report.warning),
    _Check("E-010", markup.check_endnotes, "call it a `footnote`"),
    _Check(
        "E-011", markup.check_types, "take it out, or take a word of the vocabulary"
    ),
    _Check("E-012", markup.check_titles, "let the title be the heading"),
    _Check("E-013", markup.check_languages, "write both `lang` and `xml:lang`"),
    _Check("E-014", markup.check_pictures, "write an `alt`, or a `title` in the SVG"),
    _Check("E-015", page_list.check_listed, _LIST),
    _Check("E-016", page_list.check_complete, "mark each page of the print once"),
    _Check("E-017", page_list.check_once, "mark and list each page once"),
    _Check("E-018", page_list.check_order, "put them into the order of the print"),
    _Check("E-019", page_list.check_landing, _LIST),
    _Check("E-020", markup.check_two_ways, "take one of the two out"),
    _Check("E-021", package.check_reading_order, _PACKAGE),
    _Check("E-022", package.check_landmarks, "mend `epub/nav.xhtml.jinja`"),
    _Check("E-023", package.check_summary, _PACKAGE),
    _Check("E-024", package.check_claims, _PACKAGE),
    _Check("E-025", package.check_hazards, _PACKAGE),
    _Check("E-026", package.check_manifest, _PACKAGE),
)


def check_epub(
    path: Path,
    epub: Epub | None,
    unread: Sequence[Fault],
    spans: Mapping[str, Span],
    report: Report,
) -> None:
    """Check the EPUB at *path*, opened as *epub*; what is wrong goes into *report*.

    Where a file is *unread*, nothing else is checked: it would be told as missing.
    *spans* tells by the ids of notes where the editor wrote them.
    """
    for fault in unread:
        report.error("E-001", fault.message, _place(path, fault), _TEMPLATE)
    if epub is None or unread:
        return
    for check in CHECKS:
        for fault in check.find(epub):
            span = spans.get(fault.id) or _place(path, fault)
            check.tell(report, check.code, fault.message, span, check.hint)


def _place(path: Path, fault: Fault) -> Span:
    return Span(path=f"{path.name}/{fault.name}")
