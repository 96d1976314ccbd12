"""Stage 12, verify: look at the finished files as their readers will get them.

What runs in every build is here: it needs no tool beyond the Python packages. The
validators that need Java or a browser run in the tests.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pikepdf
from lxml import etree

from recension.problems import Report, Span
from recension.verify.preflight import check_cover, check_print

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recension.model import Book

__all__ = ["check_cover", "check_print", "verify"]

XHTML = "{http://www.w3.org/1999/xhtml}"
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Epub:
    """An EPUB as read: the *names* of its files, its XHTML *pages* and their *ids*."""

    path: Path
    names: frozenset[str]
    pages: dict[str, etree._Element]
    ids: dict[str, frozenset[str]]


def verify(folder: Path, book: Book, report: Report) -> None:
    """Check the finished files in *folder*; what is wrong is an error in *report*."""
    slug = book.settings.edition.slug
    reading, epub = folder / f"{slug}.pdf", folder / f"{slug}.epub"
    if reading.exists():
        _verify_pdf(reading, report)
    if epub.exists():
        _verify_epub(epub, report)


def _verify_pdf(path: Path, report: Report) -> None:
    with pikepdf.open(path) as pdf:
        for font in _fonts(pdf):
            descriptor: Any = font.get("/FontDescriptor", {})
            if not any(key in descriptor for key in ("/FontFile2", "/FontFile3")):
                name = str(font.get("/BaseFont", "a font"))
                message = f"the font `{name}` is not embedded"
                report.error("V-001", message, Span(path=path.name), "mend the style")


def _fonts(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font":
            yield from item.get("/DescendantFonts", [item])


def _read_epub(path: Path, report: Report) -> _Epub:
    with zipfile.ZipFile(path) as packed:
        names = packed.namelist()
        pages = {}
        for name in names:
            if name.endswith(".xhtml"):
                try:
                    pages[name] = etree.fromstring(packed.read(name))
                except etree.XMLSyntaxError as fault:
                    message = f"{name} is not XHTML: {fault.msg}"
                    place = Span(path=path.name)
                    report.error("V-001", message, place, "mend the template")
    ids = {
        name: frozenset(element.get("id", "") for element in page.iterfind(".//*[@id]"))
        for name, page in pages.items()
    }
    return _Epub(path=path, names=frozenset(names), pages=pages, ids=ids)


def _verify_epub(path: Path, report: Report) -> None:
    epub = _read_epub(path, report)
    ids = Counter(
        element.get("id")
        for page in epub.pages.values()
        for element in page.iterfind(".//*[@id]")
    )
    for id_, times in ids.items():
        if times > 1:
            message = f"the id `{id_}` stands {times} times in the EPUB"
            report.error("V-001", message, Span(path=path.name), "give each its own id")
    for name, page in epub.pages.items():
        for link in page.iterfind(f".//{XHTML}a[@href]"):
            _check_link(epub, name, link.get("href", ""), report)
        _check_notes(name, page, path, report)


def _check_link(epub: _Epub, name: str, href: str, report: Report) -> None:
    if ":" in href:
        return
    file, _, fragment = href.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), file))
    target = target if file else name
    lost = target not in epub.names
    if fragment and target in epub.pages:
        lost = fragment not in epub.ids[target]
    if lost:
        message = f"the link `{href}` in {name} leads nowhere"
        report.error("V-001", message, Span(path=epub.path.name), "mend the template")


def _check_notes(name: str, page: etree._Element, path: Path, report: Report) -> None:
    """Check that references, notes and backlinks are one to one (EPUB 3.3, 5.5)."""
    calls = {
        link.get("href", "").removeprefix("#"): link.get("id")
        for link in page.iterfind(f".//{XHTML}a[@{EPUB_TYPE}='noteref']")
    }
    notes = {
        aside.get("id"): aside
        for aside in page.iterfind(f".//{XHTML}aside[@{EPUB_TYPE}='footnote']")
    }
    for id_ in calls.keys() ^ notes.keys():
        message = f"`{id_}` in {name} has a reference and no note, or the reverse"
        report.error("V-001", message, Span(path=path.name), "mend the template")
    for id_ in calls.keys() & notes.keys():
        links = notes[id_].findall(f".//{XHTML}a[@role='doc-backlink']")
        if [link.get("href") for link in links] != [f"#{calls[id_]}"]:
            message = f"the note `{id_}` in {name} has no way back to its reference"
            report.error("V-001", message, Span(path=path.name), "mend the template")
