"""Number the lines of a text in the outer margin, from 1 on each page.

The numbers are boxes of a sample page, copied into a margin box of each page: they
disturb nothing, cost next to nothing and are artefacts to a reader of the tags
(PDF/UA-1, 7.8). Lengths are CSS px.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recension.layout.weasy.boxes import find_lines, find_texts, margins_of, root_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recension.layout.weasy.measuring import Area, MeasuredLine, MeasuredPage
    from recension.layout.weasy.protocols import Box, LineBox, WeasyDocument, WeasyPage

MARGIN = "@line-numbers"
"""The name of the margin box that holds the numbers."""


@dataclass(frozen=True, slots=True)
class LineNumbers:
    """The boxes of the numbers, and their distance from the text."""

    boxes: Mapping[int, LineBox]
    gap: float

    def put(
        self, document: WeasyDocument, pages: Sequence[MeasuredPage], first_folio: int
    ) -> None:
        """Put numbers beside the lines of *document*, at the fore-edge.

        It is right on a recto, left on a verso. *pages* are the measures of *document*.
        """
        sheets = zip(document.pages, pages, strict=True)
        for folio, (sheet, page) in enumerate(sheets, start=first_folio):
            numbers = [
                self._place(box, page.flow[number - 1], page.area, recto=folio % 2 == 1)
                for number, box in self.boxes.items()
                if number <= len(page.flow)
            ]
            _add_margin(sheet, numbers)

    def _place(
        self, number: LineBox, line: MeasuredLine, area: Area, *, recto: bool
    ) -> Box:
        """Return a copy of the box *number* on the baseline of *line*."""
        copy = number.deepcopy()
        text = next(find_texts(copy))
        x = area.right + self.gap if recto else area.left - self.gap - text.width
        baseline = number.position_y + number.baseline
        copy.translate(x - text.position_x, line.baseline - baseline)
        return copy


def read_numbers(sample: WeasyDocument, step: int) -> LineNumbers:
    """Return the numbers of which *sample* has one a line, each *step* more.

    Their style gives the distance from the text. As many as the page holds are enough:
    the lines of the text are no closer.
    """
    page = sample.pages[0]
    lines, _ = find_lines(page)
    left = root_of(page).content_box_x()
    boxes = {number * step: line for number, line in enumerate(lines, start=1)}
    return LineNumbers(boxes, lines[0].position_x - left if lines else 0.0)


def _add_margin(page: WeasyPage, numbers: Sequence[Box]) -> None:
    margin = next(margins_of(page), None)
    if margin is None or not numbers:
        return
    holder = margin.copy_with_children(tuple(numbers))
    holder.at_keyword = MARGIN
    root = root_of(page)
    root.children = (*root.children, holder)
