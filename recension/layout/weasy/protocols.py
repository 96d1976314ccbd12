"""All that is touched of WeasyPrint's objects, private for the most part.

What is not named here is not used: `mypy` sees to the one, a test of these names to the
other, that the pinned version has them. Lengths are CSS px (96 to the inch) from the
top left of the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypedDict, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, MutableSequence, Sequence
    from xml.etree.ElementTree import Element

    from recension.layout.weasy.records import Bookmark, Corners

Operator = bytes | str | dict[str, int]
"""An operator of a page's stream with its operands; properties are a dictionary."""


class HtmlSource(Protocol):
    """A document as parsed: `weasyprint.HTML`."""

    etree_element: Element
    wrapper_element: object

    def render(
        self, *, font_config: object, stylesheets: Sequence[object]
    ) -> WeasyDocument:
        """Lay it out."""


class Metadata(Protocol):
    """The metadata of a document."""

    lang: str | None


class PdfFont(Protocol):
    """A font of a PDF: its name there and Pango's, the widths, characters of glyphs.

    *missing* gives the glyph for a character that it has not.
    """

    hash: str
    description: str
    font_size: float
    widths: dict[int, int]
    to_unicode: dict[int, str]
    missing: dict[int, int]


class WeasyPage(Protocol):
    """A laid-out page: `weasyprint.Page`."""

    width: float
    height: float
    bleed: dict[str, float]
    anchors: dict[str, Corners]
    bookmarks: list[Bookmark]
    links: list[tuple[str, str, Corners, Box]]
    _page_box: Box

    def paint(self, stream: PageStream, scale: float) -> None:
        """Draw it."""


class WeasyDocument(Protocol):
    """A laid-out document: `weasyprint.Document`."""

    pages: list[WeasyPage]
    metadata: Metadata
    fonts: Mapping[str, PdfFont]

    def write_pdf(self, **options: object) -> bytes:
        """Return it as a PDF."""


# --- styles --------------------------------------------------------------------------


class Dimension(Protocol):
    """A length of a style with its unit."""

    value: float
    unit: str | None


class Style(TypedDict):
    """The computed style of an element: the properties that are asked for."""

    display: tuple[str, ...]
    font_style: str
    font_weight: int
    font_size: float
    font_feature_settings: str | tuple[tuple[str, int], ...]
    font_variant_caps: str
    letter_spacing: str | float
    line_height: Dimension
    text_align_all: str
    text_indent: Dimension
    break_after: str
    column_count: str | int
    column_gap: str | Dimension
    string_set: str | tuple[tuple[str, tuple[tuple[str, object], ...]], ...]
    lang: str | None
    margin_top: str | Dimension
    margin_right: str | Dimension
    margin_bottom: str | Dimension
    margin_left: str | Dimension
    padding_top: Dimension
    padding_right: Dimension
    padding_bottom: Dimension
    padding_left: Dimension


class StyleFor(Protocol):
    """Gives the computed style of an element."""

    def __call__(self, element: Element) -> Style:
        """Return the style of *element*."""


# --- boxes ---------------------------------------------------------------------------


class Box(Protocol):
    """A box of a laid-out page."""

    element: Element | None
    element_tag: str
    children: Sequence[Box]
    position_x: float
    position_y: float
    width: float
    height: float
    link: object
    string_set: str | Sequence[tuple[str, str]] | None
    style: object
    transformation_matrix: Matrix | None

    def all_children(self) -> Iterable[Box]:
        """Return what it holds, the groups of a table's columns too."""

    def hit_area(self) -> tuple[float, float, float, float]:
        """Return left, top, width and height of what a link to it shows."""

    def content_box_x(self) -> float:
        """Return the left edge of what it holds."""

    def content_box_y(self) -> float:
        """Return the upper edge of what it holds."""

    def descendants(self, *, placeholders: bool) -> Iterator[Box]:
        """Yield it and what it holds."""

    def translate(self, dx: float, dy: float) -> None:
        """Move it and what it holds."""

    def deepcopy(self) -> Box:
        """Return a copy of it and of what it holds."""


class Matrix(Protocol):
    """What moves and turns a box."""

    def transform_point(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point comes to stand."""


class TextBox(Box, Protocol):
    """Characters of one font, as Pango has set them."""

    text: str
    justification_spacing: float
    pango_layout: PangoLayout


class PangoLayout(Protocol):
    """What Pango knows of the characters of a text box."""

    justification_spacing: float


class LineBox(Box, Protocol):
    """A line."""

    baseline: float


class MarginBox(Box, Protocol):
    """A margin box of a page."""

    at_keyword: str

    def copy_with_children(self, children: Sequence[Box]) -> MarginBox:
        """Return a copy of it that holds *children*."""


class GroupBox(Box, Protocol):
    """The head, the body or the foot of a table."""

    is_header: bool


class CellBox(Box, Protocol):
    """A cell of a table."""

    grid_x: int


class DrawingBox(Box, Protocol):
    """A picture."""

    replacement: object


def is_text(box: Box) -> TypeGuard[TextBox]:
    """Tell whether *box* has characters."""
    return _is_a(box, "TextBox")


def is_line(box: Box) -> TypeGuard[LineBox]:
    """Tell whether *box* is a line."""
    return _is_a(box, "LineBox")


def is_margin(box: Box) -> TypeGuard[MarginBox]:
    """Tell whether *box* is a margin box."""
    return _is_a(box, "MarginBox")


def is_group(box: Box) -> TypeGuard[GroupBox]:
    """Tell whether *box* is the head, the body or the foot of a table."""
    return _is_a(box, "TableRowGroupBox")


def is_cell(box: Box) -> TypeGuard[CellBox]:
    """Tell whether *box* is a cell of a table."""
    return _is_a(box, "TableCellBox")


def is_block(box: Box) -> bool:
    """Tell whether *box* is a block that is in the flow."""
    return _is_a(box, "BlockBox")


def is_inline(box: Box) -> bool:
    """Tell whether *box* is a part of a line."""
    return _is_a(box, "InlineBox")


def is_drawing(box: Box) -> TypeGuard[DrawingBox]:
    """Tell whether *box* is a picture, in the flow or out of it."""
    return hasattr(box, "replacement")


def _is_a(box: Box, kind: str) -> bool:
    """Tell by the name of its class what *box* is: to import it is slow."""
    return type(box).__name__ == kind


# --- the PDF -------------------------------------------------------------------------


class PdfDictionary(Protocol):
    """An object of a PDF, mostly a dictionary; *data* are its bytes."""

    reference: bytes
    data: bytes

    def __setitem__(self, name: str, value: object) -> None:
        """Set an entry."""

    def get(self, name: str) -> MutableSequence[bytes] | None:
        """Return an entry, such as the annotations of a page."""


class PageStream(Protocol):
    """The stream of a page, the fonts and resources that it names.

    *_tags* has the numbers of its marked contents, by box.
    """

    stream: list[Operator]
    _tags: Mapping[Box, Mapping[str, int]] | None
    _fonts: dict[str, PdfFont]
    _resources: dict[str, dict[str, object]]
    _images: dict[str, dict[str, Any]]

    def transform(self, *, d: float, f: float) -> None:
        """Let what follows be moved and turned."""


class PdfStream(Protocol):
    """A stream of a PDF and the entries of its dictionary."""

    stream: list[Operator]
    extra: Mapping[str, object]


class PdfFile(Protocol):
    """A PDF as it is written: `pydyf.PDF`."""

    objects: Sequence[PdfDictionary]
    catalog: PdfDictionary
    page_references: Sequence[bytes]

    def add_object(self, added: object) -> None:
        """Give *added* a number and put it in the file."""
