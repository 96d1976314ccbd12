"""Stage 8, html: the book as XHTML, for print and for the EPUB. Alone knows Jinja2.

Templates hold all markup. A mark in a text (a note, a citation, an emendation) is set
by a macro of `marks.xhtml.jinja`, print's or the EPUB's (`marks`); the back matter is
made ready for both by `matter`: what depends on the medium (ibid., page references,
links) is decided here, from one set of data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from recension.access import Contents, find_access, parse_page
from recension.config import compact_isbn
from recension.html.folios import find_fault, mark_pages
from recension.html.fragments import Fragments, fill_places, write_fragments
from recension.html.matter import Located, Matter
from recension.html.medium import EPUB, PRINT
from recension.html.templates import Templates, open_templates, template_error
from recension.locales import write_count
from recension.model import EpubPage
from recension.tables import DESCRIBED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from recension.access import Access
    from recension.config import TextSettings
    from recension.model import Book, TextPart, Typeface

__all__ = [
    "EPUB",
    "PRINT",
    "Fragments",
    "Located",
    "Templates",
    "back_parts",
    "measure_timeline",
    "open_templates",
    "render_back",
    "render_blank",
    "render_opening",
    "render_package",
    "render_reading",
    "render_style",
    "render_texts",
    "write_fragments",
]

CONTENTS_DEPTH = 2
"""How deep the contents go: 1 for titles alone, 2 with the sections."""


# --- print -------------------------------------------------------------------------


def render_texts(
    book: Book, templates: Templates, fragments: Fragments
) -> tuple[str, ...]:
    """Return the XHTML of each part of *book* with its notes, ready to be laid out."""
    printed = fragments.parts
    return tuple(
        templates.render(
            "print/text.xhtml.jinja", book, text=part, content=printed[part.settings.id]
        )
        for part in book.parts
    )


def render_back(
    book: Book,
    templates: Templates,
    fragments: Fragments,
    located: Located,
) -> dict[str, str]:
    """Return the parts of the back matter by name, their places those of *located*."""
    rows = Matter(book, templates, fragments, located, PRINT).rows()
    return {
        name: templates.render(f"print/{name}.xhtml.jinja", book, part=name, **rows)
        for name in printed_parts(book)
    }


def render_opening(book: Book, templates: Templates, folios: Mapping[str, str]) -> str:
    """Return what opens the book, up to the contents.

    *folios* gives the printed page of the id of each part and section, once known.
    """
    contents = [
        {
            "id": heading.id,
            "level": heading.level,
            "title": heading.title,
            "author": part.settings.author if heading.level == 1 else "",
            "folio": folios.get(heading.id, ""),
        }
        for parts, depth in ((book.front, 1), (book.texts, CONTENTS_DEPTH))
        for part in parts
        for heading in part.headings
        if heading.level <= depth
    ]
    contents += [
        {
            "id": name,
            "level": 1,
            "title": templates.words[name],
            "author": "",
            "folio": folios.get(name, ""),
        }
        for name in printed_parts(book)
    ]
    return templates.render(
        "print/front.xhtml.jinja",
        book,
        contents=contents,
        totals=_ledger_totals(book),
    )


def render_blank(book: Book, templates: Templates) -> str:
    """Return the XHTML of an empty page."""
    return templates.render("print/blank.xhtml.jinja", book)


def render_style(book: Book, templates: Templates) -> str:
    """Return the style sheet of the printed page."""
    return templates.render("print/style.css.jinja", book)


def measure_timeline(templates: Templates, room: float) -> tuple[float, float]:
    """Return the height of the time-line and the least distance of its labels.

    *room* is the height of the type area in pt; the lengths are the drawing's own.
    """
    name = "timeline.svg.jinja"
    return (
        templates.measure(name, "height", room=room),
        templates.measure(name, "gap"),
    )


def back_parts(book: Book) -> list[str]:
    """Return the names of the parts of the back matter that *book* has, in order."""
    tables = book.tables
    has = {
        "parallels": tables.parallels,
        "chronology": tables.chronology,
        "persons": [e for e in tables.register if e.kind in DESCRIBED],
        "bibliography": book.bibliography,
        "apparatus": [e for text in book.texts for e in text.emendations],
        "index": tables.register,
    }
    return [name for name in has if has[name]]


def printed_parts(book: Book) -> list[str]:
    """Return the names of the parts of the back matter in print, in order."""
    at_back = book.settings.print.apparatus == "back"
    return [name for name in back_parts(book) if name != "apparatus" or at_back]


def _ledger_totals(book: Book) -> dict[str, str]:
    names = ("characters", "kept", "normalised", "emended", "omitted")
    sums = {name: sum(getattr(t, name) for t in book.ledger.texts) for name in names}
    language = book.settings.edition.language
    return {name: write_count(total, language) for name, total in sums.items()}


# --- the EPUB ----------------------------------------------------------------------


def render_reading(
    book: Book,
    templates: Templates,
    fragments: Fragments,
    located: Located,
    typeface: Typeface | None,
) -> tuple[EpubPage, ...]:
    """Return the pages of the EPUB in reading order, its navigation among them.

    *located* gives the pages and lines of the printed book for its references, and
    where its pages begin; *typeface* is what the imprint names, if fonts are embedded.
    """
    pages = _render_pages(book, templates, fragments, located, typeface)
    printed = located.printed
    if printed is None:
        return pages

    def write_mark(folio: str, in_nav: bool) -> str:  # noqa: FBT001 - a callback
        name = "epub/marks.xhtml.jinja"
        mark = templates.call(name, "page_break", folio=folio, in_nav=in_nav)
        if fault := find_fault(mark):
            raise template_error(name, 0, f"`page_break` gives no element: {fault}")
        return mark

    page_list = list_pages(mark_pages(pages, printed, write_mark))
    with_list = tuple(
        _render_nav(book, templates, page_list) if page.kind == "nav" else page
        for page in pages
    )
    return mark_pages(with_list, printed, write_mark)


def list_pages(pages: Sequence[EpubPage]) -> list[tuple[str, str]]:
    """Return the folio of each printed page, and the name of the page that has it."""
    return [(folio, page.name) for page in pages for folio in page.folios]


def _render_nav(
    book: Book, templates: Templates, page_list: Sequence[tuple[str, str]] = ()
) -> EpubPage:
    title = templates.words["contents"]
    xhtml = templates.render(
        "epub/nav.xhtml.jinja",
        book,
        page_title=title,
        back=back_parts(book),
        page_list=page_list,
    )
    return EpubPage(name="nav", title=title, kind="nav", xhtml=xhtml)


def _render_pages(
    book: Book,
    templates: Templates,
    fragments: Fragments,
    located: Located,
    typeface: Typeface | None,
) -> tuple[EpubPage, ...]:
    press = _Renderer(book, templates, fragments, located)
    words = templates.words
    totals = _ledger_totals(book)
    rows = Matter(book, templates, fragments, located, EPUB).rows()
    return (
        press.page("cover", words["cover"]),
        press.page("titlepage", words["title_page"]),
        press.page("imprint", words["imprint"], totals=totals, typeface=typeface),
        _render_nav(book, templates),
        *(press.text(part, "frontmatter") for part in book.front),
        *(press.text(part, "bodymatter") for part in book.texts),
        *(press.page(name, words[name], **rows) for name in back_parts(book)),
    )


class _Renderer(NamedTuple):
    """What the pages of the EPUB are rendered with."""

    book: Book
    templates: Templates
    fragments: Fragments
    located: Located

    def text(self, part: TextPart, division: str) -> EpubPage:
        """Return the page of a text or of a part of the front matter."""
        notes = [
            {
                "id": note.id,
                "number": note.number,
                "paragraphs": [self._fill(p) for p in self.fragments.notes[note.id]],
            }
            for note in part.notes
        ]
        content = self._fill(self.fragments.parts[part.settings.id])
        return self.page(
            "text",
            part.title,
            name=part.settings.id,
            text=part,
            content=content,
            notes=notes,
            division=division,
        )

    def page(self, kind: str, title: str, name: str = "", **values: object) -> EpubPage:
        """Return a page made by the template of its *kind*."""
        template = f"epub/{kind}.xhtml.jinja"
        xhtml = self.templates.render(template, self.book, page_title=title, **values)
        return EpubPage(name=name or kind, title=title, kind=kind, xhtml=xhtml)

    def _fill(self, fragment: Markup) -> Markup:
        def refer(anchor: str) -> str:
            return self.templates.refer(*self.located.places[anchor])

        return fill_places(fragment, refer)


def render_package(
    book: Book,
    templates: Templates,
    pages: Sequence[EpubPage],
    typeface: Typeface | None,
) -> dict[str, str]:
    """Return the other files of the EPUB by name: package, NCX, style."""
    page_list = list_pages(pages)
    values = {
        "pages": pages,
        "typeface": typeface,
        "page_list": page_list,
        "last_folio": max((int(f) for f, _ in page_list if f.isdigit()), default=0),
        "page_source": _name_printed(book, templates, len(page_list)),
    }
    render = templates.render
    files = {
        "toc.ncx": render("epub/toc.ncx.jinja", book, **values),
        "style.css": render("epub/style.css.jinja", book, **values),
        "META-INF/container.xml": render("epub/container.xml.jinja", book),
    }
    access = _find_access(pages, files)
    summary = " ".join(templates.words[name] for name in access.sentences)
    files["package.opf"] = render(
        "epub/package.opf.jinja",
        book,
        creators=_find_creators(book),
        access=access,
        summary=summary,
        **values,
    )
    return files


def _name_printed(book: Book, templates: Templates, count: int) -> str:
    """Return what names the printed book of *count* pages: its ISBN if it has one."""
    edition = book.settings.edition
    if edition.isbn:
        return f"urn:isbn:{compact_isbn(edition.isbn)}"
    date = templates.write_day(edition.date)
    words = templates.words["print_edition"]
    return words.format(title=edition.title, date=date, count=count)


def _find_access(pages: Sequence[EpubPage], files: Mapping[str, str]) -> Access:
    """Return what is true of the accessibility of *pages* and the other *files*."""
    trees = {page.name: parse_page(page.xhtml) for page in pages}
    return find_access(
        Contents(
            pages=[tree for tree in trees.values() if tree is not None],
            nav=trees["nav"],
            style=files["style.css"],
            names=list(files),
        )
    )


def _find_creators(book: Book) -> tuple[TextSettings, ...]:
    """Return the first text of each author that is known, in the order of the book."""
    first: dict[str, TextSettings] = {}
    for text in book.settings.texts:
        first.setdefault(text.author, text)
    return tuple(text for author, text in first.items() if author)
