"""The finished PDF: labels, language, metadata, fonts, bookmarks, links."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Built

pytestmark = pytest.mark.slow


@pytest.fixture
def pdf(built: Built) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(built.pdf) as opened:
        yield opened


def labels(pdf: pikepdf.Pdf) -> list[str]:
    """Return the folio of each page as a reader of the file shows it."""
    return [page.label for page in pdf.pages]


def test_labels_are_roman_for_the_front_and_arabic_from_the_first_text(
    pdf: pikepdf.Pdf,
) -> None:
    shown = labels(pdf)
    front = shown.index("1")
    assert shown[:4] == ["i", "ii", "iii", "iv"]
    assert shown[front:] == [str(n) for n in range(1, len(shown) - front + 1)]
    assert front % 2 == 0


def test_the_printed_folio_is_the_label(built: Built, pdf: pikepdf.Pdf) -> None:
    """What stands in the head or at the foot of a page is its label."""
    printed = 0
    pages = built.pdf_text("-layout").split("\f")
    for label, page in zip(labels(pdf), pages, strict=True):
        lines = [line.strip() for line in page.split("\n") if line.strip()]
        if not lines or not label.isdigit():
            continue
        head = lines[0].split()
        assert label in (head[0], head[-1], lines[-1]), (label, lines[0], lines[-1])
        printed += 1
    assert printed >= built.facts["pages"] // 2 - 4


def test_parts_open_on_a_recto(built: Built, pdf: pikepdf.Pdf) -> None:
    """So does the back matter, whose own parts each have a new page."""
    opened = [" ".join(title.split()) for title, _ in bookmarks(pdf, deep=False)]
    titles = [part.title for part in built.parts]
    assert [title for title in opened if title in titles] == titles
    tops = [page for _, page in bookmarks(pdf, deep=False)]
    rectos = tops[: len(tops) - len(built.back) + 1]
    assert [page % 2 for page in rectos] == [0] * len(rectos)
    assert len(set(tops)) == len(tops)


def bookmarks(pdf: pikepdf.Pdf, *, deep: bool = True) -> list[tuple[str, int]]:
    """Return the title and page index of each bookmark, in order."""
    pages = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
    names = pikepdf.NameTree(pdf.Root.Names.Dests) if "/Names" in pdf.Root else {}
    found: list[tuple[str, int]] = []

    def walk(items: Any) -> None:
        for item in items:
            target: Any = item.destination or item.action.D
            if isinstance(target, pikepdf.String):
                target = names[str(target)]
            found.append((item.title, pages[target[0].objgen]))
            if deep:
                walk(item.children)

    with pdf.open_outline() as outline:
        walk(outline.root)
    return found


def test_every_section_has_its_bookmark_in_order(
    built: Built, pdf: pikepdf.Pdf
) -> None:
    wanted = [heading.title for part in built.parts for heading in part.headings]
    shown = [" ".join(title.split()) for title, _ in bookmarks(pdf)]
    assert [title for title in shown if title in wanted] == wanted
    pages = [page for _, page in bookmarks(pdf)]
    assert pages == sorted(pages)


def test_a_bookmark_is_one_line(pdf: pikepdf.Pdf) -> None:
    """A heading of several lines is one line in the outline."""
    assert [title for title, _ in bookmarks(pdf) if "\n" in title] == []


def test_the_contents_give_the_folio_of_each_section(
    built: Built, pdf: pikepdf.Pdf
) -> None:
    places = {" ".join(title.split()): page for title, page in bookmarks(pdf)}
    contents = next(
        page
        for page in built.pdf_text("-layout").split("\f")
        if page.lstrip().startswith(("Contents", "Table des matières"))
    )
    letters = "".join(contents.split())
    for text in built.book.texts:
        for heading in text.headings[1:]:
            if heading.level == 2:
                folio = labels(pdf)[places[heading.title]]
                title = "".join(heading.title.split())
                assert f"{title}{folio}" in letters or folio in contents


def test_language_and_title_are_told(built: Built, pdf: pikepdf.Pdf) -> None:
    edition = built.book.settings.edition
    assert str(pdf.Root.Lang) == edition.language
    assert pdf.Root.ViewerPreferences.DisplayDocTitle is True
    assert str(pdf.docinfo["/Title"]) == edition.title


def test_metadata_are_the_editions(built: Built, pdf: pikepdf.Pdf) -> None:
    edition = built.book.settings.edition
    meta = pdf.open_metadata()
    assert meta["dc:title"] == edition.title
    assert list(meta["dc:creator"]) == list(edition.editors)
    assert meta["dc:identifier"] == edition.identifier
    assert meta["xmp:CreateDate"].startswith(edition.date.isoformat())
    assert meta["xmp:ModifyDate"].startswith(edition.date.isoformat())
    stamp = edition.date.strftime("D:%Y%m%d")
    assert str(pdf.docinfo["/CreationDate"]).startswith(stamp)


def test_every_font_is_an_embedded_subset_of_the_projects(built: Built) -> None:
    told = subprocess.run(
        ["pdffonts", built.pdf], check=True, capture_output=True, text=True
    ).stdout
    fonts = told.splitlines()[2:]
    assert fonts
    for font in fonts:
        name, *_, embedded, subset, unicode_, _, _ = font.split()
        assert name.partition("+")[2].startswith("Recension")
        assert (embedded, subset, unicode_) == ("yes", "yes", "yes")


def test_the_file_is_sound(built: Built) -> None:
    checked = subprocess.run(
        ["qpdf", "--check", built.pdf], check=False, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


def test_pages_have_the_trim_of_the_settings(built: Built, pdf: pikepdf.Pdf) -> None:
    wanted = [side / 25.4 * 72 for side in built.book.settings.print.trim]
    for page in pdf.pages:
        left, bottom, right, top = (float(side) for side in page.mediabox)
        assert [right - left, top - bottom] == pytest.approx(wanted, abs=0.1)


def test_every_link_inside_the_book_lands(pdf: pikepdf.Pdf) -> None:
    names = set(pikepdf.NameTree(pdf.Root.Names.Dests))
    links = 0
    for page in pdf.pages:
        for annotation in page.get("/Annots", []):
            target = annotation.get("/Dest")
            action = annotation.get("/A")
            if action is not None and action.get("/S") == "/GoTo":
                target = action.D
            if isinstance(target, pikepdf.String):
                assert str(target) in names
                links += 1
    assert links > 0


def test_nothing_in_the_file_runs_or_calls_out(pdf: pikepdf.Pdf) -> None:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary):
            assert "/JS" not in item
            assert item.get("/S") not in ("/JavaScript", "/Launch", "/SubmitForm")
    assert "/OpenAction" not in pdf.Root
