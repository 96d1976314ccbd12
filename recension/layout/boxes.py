"""Read the boxes of a laid-out page. WeasyPrint's boxes are private API: all of it is
here; lengths are CSS px (96 to the inch)."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from recension.model import LaidOutPage

if TYPE_CHECKING:
    from collections.abc import Iterator

TOLERANCE = 0.6
"""How far, in CSS px (0.16 mm), a glyph may stand outside the type area."""
CONTINUED = "-continued"
"""What follows the id of a note in the id of its rest on a later page."""


@dataclass(slots=True)
class PageBoxes:
    """The boxes of one page that the checks and the references need.

    *calls* and *bodies* are (note id, box); *flow* and *foot* are line boxes, of the
    running text and of the notes.
    """

    page: Any
    calls: list[tuple[str, Any]] = field(default_factory=list)
    bodies: list[tuple[str, Any]] = field(default_factory=list)
    flow: list[Any] = field(default_factory=list)
    foot: list[Any] = field(default_factory=list)
    ids: dict[str, Any] = field(default_factory=dict)
    foot_top: float | None = None


def read_boxes(page: Any) -> PageBoxes:
    found = PageBoxes(page)
    for child in page._page_box.children:  # noqa: SLF001 - WeasyPrint's boxes
        kind = type(child).__name__
        if kind == "FootnoteAreaBox":
            found.foot_top = child.position_y
            for note in child.children:
                if note.element is not None:
                    found.bodies.append((note.element.get("id", ""), note))
                found.foot += find_line_boxes(note)
        elif kind != "MarginBox":
            _gather_flow(child, found)
    return found


def _gather_flow(box: Any, found: PageBoxes) -> None:
    element, tag = box.element, box.element_tag or ""
    if tag.endswith("::footnote-call"):
        if not hasattr(box, "text"):
            found.calls.append((element.get("id", ""), box))
    elif element is not None and element.get("id") and "::" not in tag:
        found.ids.setdefault(element.get("id"), box)
    if type(box).__name__ == "LineBox":
        found.flow.append(box)
    for child in getattr(box, "children", ()):
        _gather_flow(child, found)


def find_text_boxes(box: Any) -> Iterator[Any]:
    if hasattr(box, "text"):
        yield box
    for child in getattr(box, "children", ()):
        yield from find_text_boxes(child)


def find_line_boxes(box: Any) -> Iterator[Any]:
    if type(box).__name__ == "LineBox":
        yield box
    else:
        for child in getattr(box, "children", ()):
            yield from find_line_boxes(child)


def read_page(page: Any, number: int, *, roman: bool) -> LaidOutPage:
    boxes = read_boxes(page)
    tops = sorted({round(line.position_y, 1) for line in boxes.flow})
    return LaidOutPage(
        folio=_roman(number) if roman else str(number),
        lines=len(tops),
        anchors={
            id_: sum(top <= box.position_y + TOLERANCE for top in tops)
            for id_, box in boxes.ids.items()
        },
        notes=tuple(id_.removeprefix("note-") for id_, _ in boxes.calls),
    )


def next_folio(folio: str) -> str:
    """Return the folio after *folio*, in the same numerals."""
    if folio.isdigit():
        return str(int(folio) + 1)
    number = next(n for n in range(1, 1000) if _roman(n) == folio)
    return _roman(number + 1)


def _roman(number: int) -> str:
    numerals = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"))
    small = ((9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
    roman = ""
    for value, numeral in chain(numerals, small):
        count, number = divmod(number, value)
        roman += numeral * count
    return roman


def find_type_area(page: Any) -> tuple[float, float, float, float]:
    box = page._page_box  # noqa: SLF001 - WeasyPrint's boxes
    left, top = box.content_box_x(), box.content_box_y()
    return left, top, left + box.width, top + box.height


