"""Words that reach out of the room they have on a sheet such as the cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

NEAR = 1.0
"""How far a line may reach out, in px: less is rounding."""
MM = 25.4 / 96
"""A px in mm."""


def find_overfull(document: Any) -> Iterator[tuple[str, float]]:
    """Yield what is too small for its words, and by how much, in mm.

    Elements of class `fits` are measured, each named by the first of its classes.
    """
    for page in document.pages:
        seen: set[int] = set()
        for box in page._page_box.descendants(placeholders=True):  # noqa: SLF001 - its boxes
            classes = (
                [] if box.element is None else box.element.get("class", "").split()
            )
            if "fits" in classes and id(box.element) not in seen:
                seen.add(id(box.element))
                excess = _measure_excess(box)
                if excess > NEAR:
                    yield classes[0], excess * MM


def _measure_excess(box: Any) -> float:
    """Return how far the lines in *box* reach below it or beyond its right, in px."""
    held = box.descendants(placeholders=True)
    lines = [line for line in held if type(line).__name__ == "LineBox"]
    down = max((line.position_y + line.height for line in lines), default=0.0)
    along = max((line.position_x + line.width for line in lines), default=0.0)
    bottom = box.content_box_y() + box.height
    right = box.content_box_x() + box.width
    return float(max(down - bottom, along - right))
