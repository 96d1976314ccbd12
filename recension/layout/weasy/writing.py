"""Write laid-out pages as a PDF, and let its tags be ours."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from pydyf import Object

from recension.layout.weasy.embedding import make_font_class
from recension.layout.weasy.marking import number_of, read_marked
from recension.layout.weasy.process import import_weasyprint, replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from recension.layout.weasy.marking import MarkedPage
    from recension.layout.weasy.protocols import (
        Operator,
        PageStream,
        PdfFile,
        PdfStream,
        WeasyDocument,
    )

PROFILE = "sRGB2014.icc"
"""The colour profile that WeasyPrint brings, the International Color Consortium's."""


def read_profile() -> bytes:
    """Return the colour profile `PROFILE`."""
    return resources.files("weasyprint.pdf").joinpath(PROFILE).read_bytes()


def write_plain(document: WeasyDocument) -> bytes:
    """Return *document* as a PDF without tags."""
    return _write(document)


def write_tagged(document: WeasyDocument, tag: Callable[[TaggedFile], None]) -> bytes:
    """Return *document* as a PDF that *tag* has tagged, uncompressed.

    *tag* stands in the place of what WeasyPrint does when a PDF is to have tags.
    """

    def add_tags(
        pdf: PdfFile,
        document: WeasyDocument,
        _version: object,
        streams: Sequence[PageStream],
    ) -> None:
        tag(TaggedFile(pdf=pdf, document=document, streams=tuple(streams)))

    with replaced(import_weasyprint().pdf, "add_tags", add_tags):
        # qpdf compresses it, in half the time
        return _write(document, pdf_tags=True, uncompressed_pdf=True)


def _write(document: WeasyDocument, **options: bool) -> bytes:
    """Return *document* as a PDF with fonts that no library of the machine cuts."""
    with replaced(import_weasyprint().pdf.stream, "Font", make_font_class()):
        return document.write_pdf(pdf_identifier=b"recension", **options)


class _Raw(Object):  # type: ignore[misc]  # pydyf has no types
    """An object of the PDF whose bytes we write."""

    data = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedFile:
    """A PDF of which all is drawn and nothing written, to be tagged.

    Its objects are known by their numbers.
    """

    pdf: PdfFile
    document: WeasyDocument
    streams: tuple[PageStream, ...]

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
        for page, stream in zip(self.document.pages, self.streams, strict=True):
            yield read_marked(page, stream)

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
