"""Words that reach out of the room they have on a sheet such as the cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recension.contract import Given
from recension.layout.weasy.measuring import find_excess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.layout.weasy.protocols import WeasyDocument

NEAR = 1.0
"""How far a line may reach out, in px: less is rounding."""
PX = 25.4 / 96
"""A px in mm."""


def find_overfull(document: WeasyDocument) -> Iterator[tuple[str, float]]:
    """Yield what is too small for its words, and by how much, in mm.

    Elements of class `fits` are measured, each named by the first of its classes.
    """
    for classes, excess in find_excess(document, Given.FITS):
        if excess > NEAR:
            yield classes[0], excess * PX
