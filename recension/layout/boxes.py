"""Read the boxes of a laid-out page.

WeasyPrint's boxes are private API: all of it is here. Lengths are CSS px (96 to the
inch).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recension.layout.lines import SPACES
from recension.model import LaidOutPage
from recension.pagemap import write_folio

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recension.layout.typeset import SetLine

TOLERANCE = 0.6
"""How far, in CSS px (0.16 mm), a glyph may stand outside the type area."""


@dataclass(slots=True)
class PageBoxes:
    """The boxes of one page that the checks and the references need.

    *calls* and *bodies* are (note id, box), the id empty for the rest of a split
    note; *variants* are (emendation id, box) of the apparatus, *labels* the boxes of
    their line numbers; *flow* and *foot* are line boxes, of the running text and of
    what stands below it; *heads* are the text boxes of the top margin, *drawings* stand
    in the flow.
    """

    page: Any
    calls: list[tuple[str, Any]] = field(default_factory=list)
    bodies: list[tuple[str, Any]] = field(default_factory=list)
    variants: list[tuple[str, Any]] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    flow: list[Any] = field(default_factory=list)
    foot: list[Any] = field(default_factory=list)
    heads: list[Any] = field(default_factory=list)
    drawings: list[Any] = field(default_factory=list)
    ids: dict[str, Any] = field(default_factory=dict)
    foot_top: float | None = None


def read_boxes(page: Any) -> PageBoxes:
    """Gather the boxes of a laid-out *page*."""
    found = PageBoxes(page)
    for child in page._page_box.children:  # noqa: SLF001 - WeasyPrint's boxes
        if type(child).__name__ == "MarginBox":
            at_top = child.at_keyword.startswith("@top")
            found.heads += find_text_boxes(child) if at_top else []
        else:
            _gather(child, found, in_foot=False)
    return found


def _gather(box: Any, found: PageBoxes, *, in_foot: bool) -> None:
    element = box.element
    if element is not None and not hasattr(box, "text"):
        classes, id_ = element.get("class", "").split(), element.get("id", "")
        if "line" in classes:
            found.labels.append(box)
            return
        if "foot" in classes and not in_foot:
            found.foot_top, in_foot = box.position_y, True
        _gather_mark(box, classes, id_, found)
        if id_:
            found.ids.setdefault(id_, box)
    if hasattr(box, "replacement"):
        found.drawings.append(box)
    if type(box).__name__ == "LineBox":
        (found.foot if in_foot else found.flow).append(box)
    for child in getattr(box, "children", ()):
        _gather(child, found, in_foot=in_foot)


def _gather_mark(box: Any, classes: Sequence[str], id_: str, found: PageBoxes) -> None:
    """Note a call, a note or an entry of the apparatus."""
    is_block = type(box).__name__ == "BlockBox"
    if "call" in classes:
        found.calls.append((id_.removeprefix("call-"), box))
    elif "note" in classes and is_block:
        found.bodies.append((id_.removeprefix("note-"), box))
    elif "variant" in classes and is_block:
        # the block of the line's number makes an anonymous block of the rest
        known = [other.element for _, other in found.variants]
        if not any(box.element is element for element in known):
            found.variants.append((id_.removeprefix("variant-"), box))


def adjust_lines(document: Any, lines: Sequence[SetLine]) -> bool:
    """Give the lines of *document* the widths and places that were planned for them.

    Its word spaces grow or shrink until a line's glyphs fill its width, and a line that
    begins with a mark hangs into the margin. Returns False, with nothing adjusted, when
    the lines of the document are not *lines*.
    """
    found = [box for page in document.pages for box in _lines_in_order(page)]
    if len(found) != len(lines):
        return False
    for box, planned in zip(found, lines, strict=True):
        _adjust_line(box, planned)
    document.pages = [_read_again(page) for page in document.pages]
    return True


def _read_again(page: Any) -> Any:
    """Return *page* with its links where the lines now are, bookmarks in one line."""
    again = type(page)(page._page_box)  # noqa: SLF001 - WeasyPrint's boxes
    again.bookmarks = [
        (level, " ".join(label.split()), target, state)
        for level, label, target, state in again.bookmarks
    ]
    return again


def _lines_in_order(page: Any) -> list[Any]:
    boxes = read_boxes(page)
    return [*boxes.flow, *boxes.foot]


def _adjust_line(box: Any, planned: SetLine) -> None:
    texts = list(find_text_boxes(box))
    spaces = sum(_count_spaces(text) for text in texts)
    if planned.width is not None and spaces:
        start = min(text.position_x for text in texts)
        end = max(text.position_x + text.width for text in texts)
        _widen(box, (planned.width - (end - start)) / spaces, 0.0)
    if planned.line and planned.line.left:
        for child in box.children:
            child.translate(-planned.line.left, 0)


def _count_spaces(text: Any) -> int:
    return sum(character in SPACES for character in text.text)


def _widen(box: Any, gain: float, advance: float) -> float:
    """Add *gain* to each word space in *box*, which moves right by *advance*.

    As WeasyPrint's `add_word_spacing` does, which it keeps for lines of its own.
    """
    box.position_x += advance
    if hasattr(box, "text"):
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


def find_text_boxes(box: Any) -> Iterator[Any]:
    """Yield the text boxes in *box*, in order."""
    if hasattr(box, "text"):
        yield box
    for child in getattr(box, "children", ()):
        yield from find_text_boxes(child)


def read_page(page: Any, number: int, *, roman: bool) -> LaidOutPage:
    """Return what the book needs to know of a laid-out *page* with folio *number*."""
    boxes = read_boxes(page)
    tops = sorted({round(line.position_y, 1) for line in boxes.flow})
    return LaidOutPage(
        folio=write_folio(number, roman=roman),
        lines=len(tops),
        anchors={
            id_: sum(top <= box.position_y + TOLERANCE for top in tops)
            for id_, box in boxes.ids.items()
        },
        notes=tuple(id_ for id_, _ in boxes.calls),
    )


def add_anchors(document: Any, anchors: Mapping[str, tuple[int, int]]) -> None:
    """Let links find *anchors* that have no box: the page, from 0, and line, from 1."""
    lines = [read_boxes(page).flow for page in document.pages]
    for id_, (page, line) in anchors.items():
        known = document.pages[page].anchors
        if id_ not in known and line <= len(lines[page]):
            box = lines[page][line - 1]
            right, foot = box.position_x + box.width, box.position_y + box.height
            known[id_] = (box.position_x, box.position_y, right, foot)


def read_words(box: Any) -> str:
    """Return the characters that stand in *box*."""
    return "".join(text.text for text in find_text_boxes(box))


def find_type_area(page: Any) -> tuple[float, float, float, float]:
    """Return the left, top, right and bottom edges of the type area of *page*."""
    box = page._page_box  # noqa: SLF001 - WeasyPrint's boxes
    left, top = box.content_box_x(), box.content_box_y()
    return left, top, left + box.width, top + box.height
