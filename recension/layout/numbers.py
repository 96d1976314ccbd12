"""Number the lines of a text in the outer margin, from 1 on each page.

The numbers are boxes of a sample page, copied into a margin box of each page: they
disturb nothing, cost next to nothing and are artefacts to a reader of the tags
(PDF/UA-1, 7.8). Lengths are CSS px.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recension.layout.boxes import find_text_boxes, find_type_area, read_boxes

if TYPE_CHECKING:
    from collections.abc import Sequence

MARGIN = "@line-numbers"
"""The name of the margin box that holds the numbers."""


class Numbers:
    """The numbers of the lines, every *step* lines: the boxes of a sample page."""

    def __init__(self, step: int) -> None:
        """Have no boxes yet: `read` takes them from the sample, laid out."""
        self._step = step
        self._boxes: dict[int, Any] = {}
        self._gap = 0.0

    def sample(self, most: int) -> str:
        """Return the XHTML of a page with every number up to *most*."""
        numbers = "".join(
            f'<p class="line-number">{number}</p>'
            for number in range(self._step, most + 1, self._step)
        )
        return f'<!DOCTYPE html><html><body class="back">{numbers}</body></html>'

    def read(self, page: Any) -> None:
        """Take the boxes of the sample *page*; its style gives their distance."""
        lines = read_boxes(page).flow
        self._boxes = {n * self._step: line for n, line in enumerate(lines, start=1)}
        self._gap = lines[0].position_x - find_type_area(page)[0] if lines else 0.0

    def put(self, pages: Sequence[Any], first_folio: int) -> None:
        """Put numbers beside the lines of *pages*, at the fore-edge.

        It is right on a recto, left on a verso.
        """
        for folio, page in enumerate(pages, start=first_folio):
            lines = read_boxes(page).flow
            numbers = [
                _place(box, lines[number - 1], page, self._gap, recto=bool(folio % 2))
                for number, box in self._boxes.items()
                if number <= len(lines)
            ]
            _add_margin(page, numbers)


def _place(number: Any, line: Any, page: Any, gap: float, *, recto: bool) -> Any:
    """Return a copy of the box *number* on the baseline of *line*."""
    copy = number.deepcopy()
    left, _, right, _ = find_type_area(page)
    text = next(find_text_boxes(copy))
    x = right + gap if recto else left - gap - text.width
    copy.translate(x - text.position_x, _baseline(line) - _baseline(copy))
    return copy


def _baseline(line: Any) -> float:
    """Return the height of the baseline of a line box, from the top of the page."""
    height: float = line.position_y + line.baseline
    return height


def _add_margin(page: Any, numbers: Sequence[Any]) -> None:
    box = page._page_box  # noqa: SLF001 - WeasyPrint's boxes
    margins = (child for child in box.children if hasattr(child, "at_keyword"))
    margin = next(margins, None)
    if margin is None or not numbers:
        return
    holder = margin.copy_with_children(tuple(numbers))
    holder.at_keyword = MARGIN
    box.children = (*box.children, holder)
