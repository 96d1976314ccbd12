"""What setting asks of the styles of elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from recension.layout.setting.lines import Font

Length = Literal[
    "margin_top", "margin_right", "margin_bottom", "margin_left",
    "padding_top", "padding_right", "padding_bottom", "padding_left",
    "text_indent",
]  # fmt: skip
"""The lengths that setting asks for."""
LEFT: tuple[Length, ...] = ("margin_left", "padding_left")
RIGHT: tuple[Length, ...] = ("margin_right", "padding_right")


class Columns(NamedTuple):
    """How a block is divided: *many* columns of *width*, *gap* apart (px)."""

    many: int
    width: float
    gap: float


class Styles(Protocol):
    """The styles of the elements of a part."""

    def display(self, element: Element) -> str:
        """Return `block`, `inline` or `none`."""

    def font(self, element: Element) -> Font:
        """Return the font of the element's text."""

    def length(self, element: Element, name: Length) -> float:
        """Return a length of the element's style in px, 0 where it has none."""

    def line_height(self, element: Element) -> float:
        """Return the height of the element's lines in px."""

    def justified(self, element: Element) -> bool:
        """Tell whether the element's text is justified."""

    def kept(self, element: Element) -> bool:
        """Tell whether the element must stand on one page with what follows it."""

    def columns(self, element: Element, measure: float) -> Columns | None:
        """Return the columns into which *measure* px are divided, None if not."""

    def strings(self, element: Element, copy: Element) -> Iterator[tuple[str, str]]:
        """Yield the named strings that *element* sets, and their text in its *copy*."""

    def language(self, element: Element) -> str:
        """Return the language of the element's text."""
