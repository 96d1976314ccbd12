"""Put recorded pages together as a PDF, and let its tags be ours."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from pydyf import Object

from recension.layout.weasy.embedding import load_font, make_font_class
from recension.layout.weasy.process import import_weasyprint, replaced
from recension.layout.weasy.resources import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from recension.layout.weasy.protocols import (
        Operator,
        PageStream,
        PdfDictionary,
        PdfFile,
        PdfStream,
        WeasyDocument,
    )
    from recension.layout.weasy.records import MarkedBox, PageRecord

Kept = TypeVar("Kept")
PROFILE = "sRGB2014.icc"
"""The colour profile that WeasyPrint brings, the International Color Consortium's."""


def read_profile() -> bytes:
    """Return the colour profile `PROFILE`."""
    return resources.files("weasyprint.pdf").joinpath(PROFILE).read_bytes()


def write_plain(document: WeasyDocument) -> bytes:
    """Return *document* as a PDF without tags."""
    return _write(document)


def write_tagged(
    document: WeasyDocument,
    elements: Callable[[int], Sequence[Element]],
    tag: Callable[[TaggedFile], None],
) -> bytes:
    """Return *document*, of recorded pages, as a PDF that *tag* has tagged.

    It is uncompressed. *elements* returns those of the tree that a page, by its number
    from 0, was made from. *tag* stands in the place of what WeasyPrint does when a PDF
    is to have tags.
    """

    def add_tags(
        pdf: PdfFile,
        document: WeasyDocument,
        _version: object,
        streams: Sequence[PageStream],
    ) -> None:
        tag(TaggedFile(pdf, document, pages, tuple(streams), elements))

    pages = cast("Sequence[RecordedPage]", document.pages)
    with replaced(import_weasyprint().pdf, "add_tags", add_tags):
        # qpdf compresses it, in half the time
        return _write(document, pdf_tags=True, uncompressed_pdf=True)


def _write(document: WeasyDocument, **options: bool) -> bytes:
    """Return *document* as a PDF with fonts that no library of the machine cuts."""
    with replaced(import_weasyprint().pdf.stream, "Font", make_font_class()):
        return document.write_pdf(pdf_identifier=b"recension", **options)


# --- pages out of records ------------------------------------------------------------


@dataclass(slots=True)
class _Linked:
    """Stands for the box of a link, on which WeasyPrint leaves its annotation.

    It asks the *element* of the box what an attached file is called.
    """

    element: Mapping[str, str | None]
    link_annotation: PdfDictionary | None = None


class RecordedPage:
    """A page of a document, drawn as its *record* has it: as `weasyprint.Page` is."""

    def __init__(self, record: PageRecord, fonts: object) -> None:
        """Draw with *fonts*, WeasyPrint's configuration of them."""
        self.record, self._fonts = record, fonts
        self.width, self.height, self.bleed = record.width, record.height, record.bleed
        self.anchors, self.bookmarks = record.anchors, record.bookmarks
        self.links = [
            (*link[:3], _Linked({"download": link.download})) for link in record.links
        ]
        self.forms: dict[None, list[object]] = {None: []}

    def paint(self, stream: PageStream, scale: float) -> None:  # noqa: ARG002 - WeasyPrint calls it
        """Give *stream* fonts and resources; its operators are those of the tags."""
        for use in self.record.fonts:
            font = stream._fonts.get(use.description)  # noqa: SLF001 - the door to WeasyPrint's streams
            if font is None:
                font = load_font(self._fonts, use.description, use.size)
                stream._fonts[use.description] = font  # noqa: SLF001 - the same
            _add_new(font.widths, use.widths)
            _add_new(font.to_unicode, use.characters)
            _add_new(font.missing, use.missing)
        for name, picture in self.record.pictures.items():
            stream._images.setdefault(name, _describe_picture(picture))  # noqa: SLF001 - the same
        resources = stream._resources  # noqa: SLF001 - the same
        for kind, named in self.record.resources.items():
            new = named.keys() - resources[kind].keys()
            for name in filter(new.__contains__, named):
                resources[kind][name] = decode(
                    named[name], resources["ColorSpace"], resources["XObject"]
                )

    def find_annotations(self) -> list[int | None]:
        """Return the numbers of the annotations of the links, None if one has none."""
        annotations = (box.link_annotation for *_, box in self.links)
        return [number_of(a.reference) if a else None for a in annotations]


class _Picture(NamedTuple):
    """Stands for a picture that has been *encoded* already."""

    encoded: Any

    def get_x_object(self, _interpolate: object, _ratio: object) -> Any:
        """Return it as an object of a PDF."""
        return decode(self.encoded, None)


def _describe_picture(encoded: Any) -> dict[str, Any]:
    """Return what WeasyPrint keeps of a picture until the PDF is written."""
    return {
        "image": _Picture(encoded),
        "interpolate": True,
        "dpi_ratios": {1},
        "x_object": None,
    }


def _add_new(known: dict[int, Kept], found: Mapping[int, Kept]) -> None:
    """Add to *known* what it has not of *found*."""
    for key, value in found.items():
        known.setdefault(key, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPage:
    """A page as drawn: its *height* in px, its boxes, its operators.

    *elements* are those of its tree and *annotations* the numbers of its links in the
    PDF, None for one that leads nowhere.
    """

    height: float
    boxes: tuple[MarkedBox, ...]
    operators: Sequence[bytes | int]
    elements: Sequence[Element]
    annotations: Sequence[int | None]


class _Raw(Object):  # type: ignore[misc]  # pydyf has no types
    """An object of the PDF whose bytes we write."""

    data = b""


class TaggedFile(NamedTuple):
    """A PDF of which all is drawn and nothing written, to be tagged.

    Its objects are known by their numbers.
    """

    pdf: PdfFile
    document: WeasyDocument
    pages: Sequence[RecordedPage]
    streams: tuple[PageStream, ...]
    elements: Callable[[int], Sequence[Element]]

    @property
    def language(self) -> str:
        """The language of the document."""
        return self.document.metadata.lang or ""

    @property
    def glyphs(self) -> dict[str, Mapping[int, str]]:
        """The characters of the glyphs of each font, by its name in the PDF."""
        return {font.hash: font.to_unicode for font in self.document.fonts.values()}

    @property
    def page_references(self) -> list[str]:
        """The references to the pages, in order."""
        return [page.decode("ascii") for page in self.pdf.page_references]

    def read_pages(self) -> Iterator[MarkedPage]:
        """Yield the pages as drawn, one after the other."""
        for number, page in enumerate(self.pages):
            yield MarkedPage(
                height=page.height,
                boxes=page.record.boxes,
                operators=page.record.operators,
                elements=self.elements(number),
                annotations=page.find_annotations(),
            )

    def rewrite(self, page: int, operators: list[Operator]) -> None:
        """Draw the *page*, from 0, with *operators*."""
        self.streams[page].stream = operators

    def rewrite_streams(
        self, mend: Callable[[list[Operator], Collection[str]], list[Operator]]
    ) -> None:
        """Have *mend* change each stream, the entries of whose dictionary it gets."""
        for written in self.pdf.objects:
            if operators := getattr(written, "stream", None):
                stream: PdfStream = written  # type: ignore[assignment]  # it has one
                stream.stream = mend(operators, stream.extra.keys())

    def reserve(self, count: int) -> list[int]:
        """Add so many objects to the file; return their numbers."""
        added = [_Raw() for _ in range(count)]
        for each in added:
            self.pdf.add_object(each)
        return [number_of(each.reference) for each in added]

    def write(self, number: int, data: str) -> None:
        """Let *data* be the object *number*, which has been reserved."""
        self.pdf.objects[number].data = data.encode("ascii")

    def set_entry(self, number: int, name: str, value: object) -> None:
        """Set an entry of the dictionary *number*."""
        self.pdf.objects[number][name] = value

    def set_catalog(self, name: str, value: str | bytes) -> None:
        """Set an entry of the catalog."""
        self.pdf.catalog[name] = value

    def remove_annotations(self, numbers: Collection[int]) -> None:
        """Take the annotations *numbers* off the pages."""
        for reference in self.pdf.page_references:
            page = self.pdf.objects[number_of(reference)]
            if annotations := page.get("Annots"):
                annotations[:] = [a for a in annotations if number_of(a) not in numbers]


def number_of(reference: bytes) -> int:
    """Return the number of the object that *reference* of a PDF names."""
    return int(reference.split()[0])
