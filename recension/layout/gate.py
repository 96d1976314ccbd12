"""The gate: what must be true of the laid-out pages, measured on their boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from recension.layout.boxes import (
    TOLERANCE,
    PageBoxes,
    find_text_boxes,
    find_type_area,
    read_boxes,
    read_words,
)
from recension.layout.lines import HYPHEN
from recension.problems import Report, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HANGING = 6.0
"""How far, in CSS px (1.6 mm), a mark of punctuation may hang into the margin."""


def check_pages(
    name: str,
    document: Any,
    lemmas: Mapping[str, tuple[int, int]],
    spans: Mapping[str, Span],
    report: Report,
) -> None:
    """Report what does not stand on the page where it must.

    Each note is whole on the page of its call; each entry of the apparatus is on the
    page of its lemma and keyed to its line (*lemmas* has the page, from 0, and the line
    that were planned for each); no glyph strays outside the type area, no running head
    into its neighbour. All is measured on the boxes, not on extracted text; *spans*
    tells where notes and emendations stand in the files.
    """
    where = _Places(name, spans)
    pages = [read_boxes(page) for page in document.pages]
    _check_variants(where, pages, lemmas, report)
    calls = [(id_, i) for i, page in enumerate(pages) for id_, _ in page.calls]
    bodies = [(id_, i) for i, page in enumerate(pages) for id_, _ in page.bodies]
    for id_, page_number in calls:
        found = [number for body, number in bodies if body == id_]
        if found != [page_number]:
            _report_note(where, id_, page_number, found, report)
    called = {id_ for id_, _ in calls}
    for id_, page_number in bodies:
        if id_ and id_ not in called:
            _report_note(where, id_, page_number, [], report)
    _check_numbers(name, pages, report)
    for number, page in enumerate(pages, start=1):
        _check_type_area(name, number, page, report)
        _check_running_heads(name, number, page, report)


class _Places(NamedTuple):
    """Where to say that something is: the part's *name*, the notes' *spans*."""

    name: str
    spans: Mapping[str, Span]


def _report_note(
    where: _Places, id_: str, page: int, found: list[int], report: Report
) -> None:
    pages = ", ".join(str(number + 1) for number in found) or "no page"
    message = (
        f"the note `{id_}` is called on page {page + 1} of the part and set on {pages}"
    )
    hint = "shorten the note, or move its call by a line"
    span = where.spans.get(id_, Span(path=where.name))
    report.error("Y-002", message, span, hint)


class _Entry(NamedTuple):
    """An entry of the apparatus as set: its page, from 0, its *label* and its box."""

    page: int
    label: str
    box: Any


def _check_variants(
    where: _Places,
    pages: Sequence[PageBoxes],
    lemmas: Mapping[str, tuple[int, int]],
    report: Report,
) -> None:
    """Report entries of the apparatus that are not keyed to the line of their lemma."""
    entries: dict[str, list[_Entry]] = {id_: [] for id_ in lemmas}
    for number, page in enumerate(pages):
        # a style that makes no block of an entry has labels only: all are lost then
        for (id_, box), label in zip(page.variants, page.labels, strict=False):
            entry = _Entry(number, read_words(label), box)
            entries.setdefault(id_, []).append(entry)
    for id_, found in entries.items():
        fault = _judge(pages, found, lemmas.get(id_))
        if fault:
            message = f"the entry `{id_}` of the apparatus {fault}"
            hint = "this is a fault of the style or of ours: mend print/style.css.jinja"
            span = where.spans.get(id_, Span(path=where.name))
            report.error("Y-002", message, span, hint)


def _judge(
    pages: Sequence[PageBoxes],
    found: Sequence[_Entry],
    planned: tuple[int, int] | None,
) -> str:
    """Return what is wrong with an entry that was *found* so often, if anything is.

    *planned* is the page, from 0, and the line, from 1, of its lemma.
    """
    on = " and ".join(str(entry.page + 1) for entry in found)
    on = f"is on page{'s' if len(found) > 1 else ''} {on} of the part"
    if planned is None:
        return f"{on} and has no lemma"
    page, line = planned
    lemma = f"its lemma stands on line {line}"
    if not found:
        return f"is on no page, {lemma} of page {page + 1} of the part"
    if [entry.page for entry in found] != [page]:
        return f"{on}, {lemma} of page {page + 1}"
    (entry,) = found
    keyed = f"is keyed to line {entry.label} of page {page + 1} of the part"
    if entry.label != str(line):
        return f"{keyed}, {lemma}"
    sought = entry.box.element.get("data-lemma", "")
    return (
        ""
        if _has_word(pages[page], sought, line)
        else (f"{keyed}, where `{sought}` does not stand")
    )


def _has_word(page: PageBoxes, sought: str, line: int) -> bool:
    """Tell whether the word *sought* stands on *line*, or begins there."""
    if not 0 < line <= len(page.flow):
        return False
    here = read_words(page.flow[line - 1])
    following = read_words(page.flow[line]) if line < len(page.flow) else sought
    return sought in here or sought in here.rstrip(HYPHEN) + following


def _check_running_heads(
    name: str, number: int, page: PageBoxes, report: Report
) -> None:
    """Report a head that is too long for the line it shares with the folio."""
    left, _, right, _ = find_type_area(page.page)
    heads = sorted(page.heads, key=lambda text: float(text.position_x))
    ends = [left - TOLERANCE, *(text.position_x + text.width for text in heads)]
    crowded = any(
        text.position_x < end or text.position_x + text.width > right + TOLERANCE
        for text, end in zip(heads, ends, strict=False)
    )
    if crowded:
        longest = max(heads, key=lambda text: float(text.width)).text
        message = f"the running head `{longest}` is too long (page {number})"
        hint = 'give the heading a short title: `## Title {short="…"}`'
        report.error("Y-005", message, Span(path=name), hint)


def _check_numbers(name: str, pages: Sequence[PageBoxes], report: Report) -> None:
    printed = [read_words(box) for page in pages for _, box in page.calls]
    if printed:
        first = int(printed[0]) if printed[0].isdigit() else 1
        expected = [str(number) for number in range(first, first + len(printed))]
        if printed != expected:
            message = f"the notes are numbered {', '.join(printed)}"
            report.error("Y-002", message, Span(path=name), "this is a fault of ours")


def _check_type_area(name: str, number: int, page: PageBoxes, report: Report) -> None:
    left, _, right, bottom = find_type_area(page.page)
    floor = page.foot_top if page.foot_top is not None else bottom
    for drawing in page.drawings:
        if drawing.position_y + drawing.height > floor + TOLERANCE:
            message = f"a drawing is too high for page {number} of the part"
            hint = "draw fewer events with `line = true`, or enlarge the trim"
            report.error("Y-002", message, Span(path=name), hint)
    for lines, lowest in ((page.flow, floor), (page.foot, bottom)):
        for line in lines:
            texts = [text for text in find_text_boxes(line) if text.text.strip()]
            low = line.position_y + line.height > lowest + TOLERANCE
            outside = [t for t in texts if low or not _within(t, left, right)]
            if outside:
                message = (
                    f"`{outside[0].text.strip()[:40]}` stands outside the type area "
                    f"of page {number} of the part"
                )
                hint = "give it room: shorten it, or change the trim or the style"
                report.error("Y-002", message, Span(path=name), hint)


def _within(text: Any, left: float, right: float) -> bool:
    start: float = text.position_x
    end: float = start + text.width
    return start > left - HANGING and end < right + HANGING
