"""Walk the boxes of laid-out pages, and put lines where they were planned.

Lengths are CSS px (96 to the inch).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recension.contract import Made, classes_of
from recension.layout.setting.lines import SPACES
from recension.layout.weasy.protocols import is_line, is_margin, is_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.layout.weasy.protocols import (
        Box,
        LineBox,
        MarginBox,
        TextBox,
        WeasyDocument,
        WeasyPage,
    )


def root_of(page: WeasyPage) -> Box:
    """Return the box of the whole *page*."""
    return page._page_box  # noqa: SLF001 - the door to WeasyPrint's boxes


def margins_of(page: WeasyPage) -> Iterator[MarginBox]:
    """Yield the margin boxes of *page*."""
    return (box for box in root_of(page).children if is_margin(box))


def content_of(page: WeasyPage) -> Iterator[Box]:
    """Yield what stands in the type area of *page*."""
    return (box for box in root_of(page).children if not is_margin(box))


def walk(page: WeasyPage) -> Iterator[tuple[Box, bool]]:
    """Yield the boxes in the type area of *page*, and whether they are at the foot.

    Of the label of an entry only the outermost box is yielded: it is no line's part.
    """
    for box in content_of(page):
        yield from _walk(box, at_foot=False)


def _walk(box: Box, *, at_foot: bool) -> Iterator[tuple[Box, bool]]:
    classes = box_classes(box)
    at_foot = at_foot or Made.FOOT in classes
    yield box, at_foot
    if Made.LABEL not in classes:
        for child in box.children:
            yield from _walk(child, at_foot=at_foot)


def box_classes(box: Box) -> list[str]:
    """Return the classes of the element of *box*, none for one of characters."""
    return [] if box.element is None or is_text(box) else classes_of(box.element)


def find_lines(page: WeasyPage) -> tuple[list[LineBox], list[LineBox]]:
    """Return the lines of the running text of *page*, and those at its foot."""
    found: tuple[list[LineBox], list[LineBox]] = ([], [])
    for box, at_foot in walk(page):
        if is_line(box):
            found[at_foot].append(box)
    return found


def find_texts(box: Box) -> Iterator[TextBox]:
    """Yield the boxes of characters in *box*, in order."""
    if is_text(box):
        yield box
    for child in box.children:
        yield from find_texts(child)


# --- lines as planned ----------------------------------------------------------------


def adjust_lines(
    document: WeasyDocument, widths: Sequence[Sequence[tuple[float | None, float]]]
) -> bool:
    """Give the lines of *document* the widths and places that were planned for them.

    *widths* has for each line of each page what its glyphs must fill, None for their
    own width, and how far it hangs into the margin: its word spaces grow or shrink.
    Returns False, with nothing adjusted, when pages or lines are other than planned.
    """
    pages = [[*flow, *foot] for flow, foot in map(find_lines, document.pages)]
    if list(map(len, pages)) != list(map(len, widths)):
        return False
    for boxes, planned in zip(pages, widths, strict=True):
        for box, (width, hang) in zip(boxes, planned, strict=True):
            _adjust_line(box, width, hang)
    document.pages = [_read_again(page) for page in document.pages]
    return True


def _read_again(page: WeasyPage) -> WeasyPage:
    """Return *page* with its links where the lines now are, bookmarks in one line."""
    again = type(page)(root_of(page))  # type: ignore[call-arg]  # a page is made of its box
    again.bookmarks = [
        (level, " ".join(label.split()), target, state)
        for level, label, target, state in again.bookmarks
    ]
    return again


def _adjust_line(box: LineBox, width: float | None, hang: float) -> None:
    texts = list(find_texts(box))
    spaces = sum(_count_spaces(text) for text in texts)
    if width is not None and spaces:
        start = min(text.position_x for text in texts)
        end = max(text.position_x + text.width for text in texts)
        _widen(box, (width - (end - start)) / spaces, 0.0)
    if hang:
        for child in box.children:
            child.translate(-hang, 0)


def _count_spaces(text: TextBox) -> int:
    return sum(character in SPACES for character in text.text)


def _widen(box: Box, gain: float, advance: float) -> float:
    """Add *gain* to each word space in *box*, which moves right by *advance*.

    As WeasyPrint's `add_word_spacing` does, which it keeps for lines of its own.
    """
    box.position_x += advance
    if is_text(box):
        extra = gain * _count_spaces(box)
        box.justification_spacing = gain
        box.pango_layout.justification_spacing = gain
        box.width += extra
        return advance + extra
    before = advance
    for child in box.children:
        advance = _widen(child, gain, advance)
    box.width += advance - before
    return advance
