"""The gate: what must be true of the laid-out pages, as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from recension.layout.setting.lines import HYPHEN
from recension.problems import OURS, Report, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recension.layout.setting.divisions import Spot
    from recension.layout.weasy.measuring import (
        Area,
        MeasuredAside,
        MeasuredLine,
        MeasuredPage,
    )

TOLERANCE = 0.6
"""How far, in CSS px (0.16 mm), a glyph may stand outside the type area."""
MOST_HANGING = 6.0
"""How far, in CSS px (1.6 mm), a mark of punctuation may hang into the margin."""


def check_pages(
    name: str,
    pages: Sequence[MeasuredPage],
    lemmas: Mapping[str, Spot],
    spans: Mapping[str, Span],
    report: Report,
) -> None:
    """Report what does not stand on the page where it must.

    Each note is whole on the page of its call; each entry of the apparatus is on the
    page of its lemma and keyed to its line (*lemmas* has the place that was planned for
    each); no glyph strays outside the type area, no running head into its neighbour.
    All is measured on the boxes, not on extracted text; *spans* tells where notes,
    emendations and works stand in the files.
    """
    where = _Places(name, spans, lemmas)
    _check_keyed(where, pages, lemmas, report)
    _check_called(where, pages, report)
    _check_numbers(name, pages, report)
    for number, page in enumerate(pages, start=1):
        _check_type_area(where, pages[:number], report)
        _check_running_heads(name, number, page, report)


class _Places(NamedTuple):
    """Where to say that something is: the part's *name*, the *spans* of ids in it.

    *lemmas* has the spot of each emendation.
    """

    name: str
    spans: Mapping[str, Span]
    lemmas: Mapping[str, Spot]


# --- what is called ------------------------------------------------------------------


def _check_called(
    where: _Places, pages: Sequence[MeasuredPage], report: Report
) -> None:
    """Report what is not whole on the page of its call, or has none."""
    calls = [
        ((call.tier, call.id), number)
        for number, page in enumerate(pages)
        for call in page.calls
    ]
    bodies = [
        ((aside.tier, aside.id), number)
        for number, page in enumerate(pages)
        for aside in page.asides
        if not aside.tier.keyed
    ]
    for called, number in calls:
        found = [page for body, page in bodies if body == called]
        if found != [number]:
            _report_note(where, called[1], number, found, report)
    known = {called for called, _ in calls}
    for body, number in bodies:
        if body[1] and body not in known:
            _report_note(where, body[1], number, [], report)


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


def _check_numbers(name: str, pages: Sequence[MeasuredPage], report: Report) -> None:
    printed = [c.wording for page in pages for c in page.calls if c.tier.numbered]
    if printed:
        first = int(printed[0]) if printed[0].isdigit() else 1
        expected = [str(number) for number in range(first, first + len(printed))]
        if printed != expected:
            message = f"the notes are numbered {', '.join(printed)}"
            report.error("Y-002", message, Span(path=name), "this is a fault of ours")


# --- what is keyed to a line ---------------------------------------------------------


class _FoundEntry(NamedTuple):
    """An entry as set, and its page, from 0."""

    page: int
    aside: MeasuredAside


def _check_keyed(
    where: _Places,
    pages: Sequence[MeasuredPage],
    lemmas: Mapping[str, Spot],
    report: Report,
) -> None:
    """Report entries of the apparatus that are not keyed to the line of their lemma."""
    entries: dict[str, list[_FoundEntry]] = {id_: [] for id_ in lemmas}
    for number, page in enumerate(pages):
        for aside in page.asides:
            if aside.tier.keyed:
                entries.setdefault(aside.id, []).append(_FoundEntry(number, aside))
    for id_, found in entries.items():
        fault = _judge(pages, found, lemmas.get(id_))
        if fault:
            message = f"the entry `{id_}` of the apparatus {fault}"
            hint = OURS
            span = where.spans.get(id_, Span(path=where.name))
            report.error("Y-002", message, span, hint)


def _judge(
    pages: Sequence[MeasuredPage], found: Sequence[_FoundEntry], planned: Spot | None
) -> str:
    """Return what is wrong with an entry that was *found* so often, if anything is.

    *planned* is the place of its lemma.
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
    ((_, aside),) = found
    keyed = f"is keyed to line {aside.label} of page {page + 1} of the part"
    if aside.label != str(line):
        return f"{keyed}, {lemma}"
    if not _has_word(pages[page], aside.lemma, line):
        return f"{keyed}, where `{aside.lemma}` does not stand"
    return ""


def _has_word(page: MeasuredPage, sought: str, line: int) -> bool:
    """Tell whether the word *sought* stands on *line*, or begins there."""
    if not 0 < line <= len(page.flow):
        return False
    here = page.flow[line - 1].wording
    following = page.flow[line].wording if line < len(page.flow) else sought
    return sought in here or sought in here.rstrip(HYPHEN) + following


# --- the page ------------------------------------------------------------------------


def _check_running_heads(
    name: str, number: int, page: MeasuredPage, report: Report
) -> None:
    """Report a head that is too long for the line it shares with the folio."""
    heads = sorted(page.heads, key=lambda text: text.area.left)
    ends = [page.area.left - TOLERANCE, *(text.area.right for text in heads)]
    crowded = any(
        text.area.left < end or text.area.right > page.area.right + TOLERANCE
        for text, end in zip(heads, ends, strict=False)
    )
    if crowded:
        longest = max(heads, key=lambda text: text.area.width).wording
        message = f"the running head `{longest}` is too long (page {number})"
        hint = 'give the heading a short title: `## Title {short="…"}`'
        report.error("Y-005", message, Span(path=name), hint)


def _check_type_area(
    where: _Places, pages: Sequence[MeasuredPage], report: Report
) -> None:
    """Report what stands outside the type area of the last of *pages*."""
    number, page = len(pages), pages[-1]
    bottom = page.area.bottom
    floor = page.foot_top if page.foot_top is not None else bottom
    for drawing in page.drawings:
        if drawing.bottom > floor + TOLERANCE:
            message = f"a drawing is too high for page {number} of the part"
            hint = "draw fewer events with `line = true`, or enlarge the trim"
            report.error("Y-002", message, Span(path=where.name), hint)
    for lines, lowest in ((page.flow, floor), (page.foot, bottom)):
        for line in lines:
            texts = [text for text in line.texts if text.wording.strip()]
            low = line.area.bottom > lowest + TOLERANCE
            outside = [t for t in texts if low or not _within(t.area, page.area)]
            if outside:
                message = (
                    f"`{outside[0].wording.strip()[:40]}` stands outside the type area "
                    f"of page {number} of the part"
                )
                hint = "give it room: shorten it, or change the trim or the style"
                span = _find_place(where, pages, line)
                report.error("Y-002", message, span, hint)


def _find_place(
    where: _Places, pages: Sequence[MeasuredPage], line: MeasuredLine
) -> Span:
    """Return where *line*, of the last of *pages*, is written.

    That is the aside or the emendation in it, or what was the last to begin above.
    """
    *before, page = pages
    for id_, (number, count) in where.lemmas.items():
        if number == len(before) and line in page.flow[count - 1 : count]:
            return where.spans.get(id_, Span(path=where.name))
    for aside in page.asides:
        if aside.area.top <= line.area.top < aside.area.bottom and aside.id:
            return where.spans.get(aside.id, Span(path=where.name))
    begun = [
        [(top, id_) for id_, top in page.tops.items() if top <= line.area.top + 1],
        *([(top, id_) for id_, top in one.tops.items()] for one in reversed(before)),
    ]
    for tops in begun:
        for _, id_ in sorted(tops, reverse=True):
            if id_ in where.spans:
                return where.spans[id_]
    return Span(path=where.name)


def _within(area: Area, page: Area) -> bool:
    """Tell whether *area* is as wide as *page* allows, what hangs included."""
    return (
        area.left > page.left - MOST_HANGING and area.right < page.right + MOST_HANGING
    )
