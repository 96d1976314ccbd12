"""Draw laid-out pages and make records of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recension.layout.weasy.boxes import root_of
from recension.layout.weasy.embedding import make_font_class
from recension.layout.weasy.marking import read_boxes
from recension.layout.weasy.process import import_weasyprint, replaced
from recension.layout.weasy.records import FontUse, PageLink, PageRecord
from recension.layout.weasy.resources import (
    COLOURS,
    KINDS,
    encode,
    encode_resources,
    rename,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from recension.layout.weasy.measuring import MeasuredPage
    from recension.layout.weasy.protocols import (
        Box,
        Operator,
        PageStream,
        PdfFont,
        WeasyPage,
    )
    from recension.layout.weasy.records import Corners, Drawn

SCALE = 0.75
"""A px in pt."""


def record_page(
    page: WeasyPage,
    elements: Mapping[Element, int],
    measured: MeasuredPage,
    letters: int,
    offsets: Mapping[str, int],
) -> PageRecord:
    """Draw *page* and return its record.

    *elements* numbers those of the tree that it was made from; *measured*, *letters*
    and *offsets* are as in `PageRecord`.
    """
    stream, named, pictures = _draw(page)
    links = {id(box): number for number, (*_, box) in enumerate(page.links)}
    resources, operators = rename(encode_resources(named), stream.stream)
    return PageRecord(
        width=page.width,
        height=page.height,
        bleed=page.bleed,
        operators=tuple(map(_encode_operator, operators)),
        resources=resources,
        pictures=pictures,
        fonts=tuple(map(_read_font, stream._fonts.values())),  # noqa: SLF001 - the door to WeasyPrint's streams
        links=tuple(map(_read_link, page.links)),
        anchors=page.anchors,
        bookmarks=tuple(page.bookmarks),
        boxes=read_boxes(page, stream, elements, links),
        measured=measured,
        letters=letters,
        offsets=offsets,
        strings=dict(_find_strings(page)),
    )


def _draw(
    page: WeasyPage,
) -> tuple[PageStream, dict[str, dict[str, Any]], dict[str, Any]]:
    """Draw *page* as WeasyPrint does for a PDF with tags.

    Return what it names too, and the pictures, encoded.
    """
    weasy = import_weasyprint()
    named: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    resources, images = {**named, "ColorSpace": COLOURS}, dict[str, dict[str, Any]]()
    bleed = page.bleed
    size = (
        page.width + bleed["left"] + bleed["right"],
        page.height + bleed["top"] + bleed["bottom"],
    )
    area = (-bleed["left"], -bleed["top"], *size)
    stream: PageStream = weasy.pdf.stream.Stream(
        {}, area, resources, images, {}, {}, ""
    )
    stream.transform(d=-1, f=page.height * SCALE)
    with replaced(weasy.pdf.stream, "Font", make_font_class()):
        page.paint(stream, SCALE)
    pictures = {name: _encode_picture(image) for name, image in images.items()}
    return stream, named, pictures


def _encode_picture(image: dict[str, Any]) -> Any:
    """Return *image*, which WeasyPrint is to put into a PDF, as plain data."""
    ratio = max(image["dpi_ratios"])
    return encode(image["image"].get_x_object(image["interpolate"], ratio))


def _encode_operator(operator: Operator) -> Drawn:
    """Return *operator* as bytes, the properties of a mark as its number."""
    if isinstance(operator, dict):
        return operator["MCID"]
    return operator if isinstance(operator, bytes) else operator.encode("ascii")


def _read_link(link: tuple[str, str, Corners, Box]) -> PageLink:
    kind, target, area, box = link
    download = None if box.element is None else box.element.get("download")
    return PageLink(kind, target, area, download)


def _read_font(font: PdfFont) -> FontUse:
    return FontUse(
        description=font.description,
        size=font.font_size,
        widths=font.widths,
        characters=font.to_unicode,
        missing=font.missing,
    )


def _find_strings(page: WeasyPage) -> Iterator[tuple[str, str]]:
    """Yield the named strings that are set on *page*, with their text."""
    for box in root_of(page).descendants(placeholders=False):
        if box.string_set and not isinstance(box.string_set, str):
            yield from box.string_set
