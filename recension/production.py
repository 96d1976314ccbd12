"""The second half of the pipeline, from the book to its files: html to verify."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import version
from math import floor
from pathlib import Path
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

from recension.config import SETTINGS_PATH, EpubSettings, find_templates
from recension.construe import construe
from recension.index import locate
from recension.layout import Engine, SettledPlans, find_faces, read_profile
from recension.layout.setting.typography import LOOSE
from recension.model import PageMap
from recension.pagemap import find_digest, read_map, write_map
from recension.problems import Report, Span
from recension.timeline import draw_timeline
from recension.tree import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recension import Progress
    from recension.html import Fragments, Located, Templates
    from recension.layout import Draft
    from recension.model import (
        Book,
        LaidOutBook,
        LaidOutPart,
        Place,
        Sources,
        Typeface,
    )
    from recension.pdf.cover import Cover

_EPUB = ("epub",)
OVER_TIMELINE, SCALE, LABELS = 128.0, 0.845, 12.5
"""The room of the heading over the time-line, in pt; how far print reduces the drawing
(print/chronology.xhtml.jinja); and how far apart labels are in it, in its own pt."""
_SETTERS = ("pypandoc_binary", "pyphen", "uharfbuzz", "weasyprint")
"""The libraries that decide what stands on a page."""


def produce(  # noqa: PLR0913 - the pipeline's second half
    sources: Sources,
    book: Book,
    finished: Path,
    formats: tuple[str, ...],
    report: Report,
    progress: Progress,
    before: Path,
) -> dict[str, Any]:
    """Plan the pages, then make the formats; return the figures for report.json.

    *before* is the folder of the last finished set, whose map of the printed pages
    holds for an EPUB alone when nothing has changed that they are made from.
    """
    from recension import html  # noqa: PLC0415 - slow to import

    folders = find_templates(sources.folder)
    with progress.stage("construe"):
        construed = construe(book)
    with progress.stage("html"):
        templates = html.open_templates(folders, book.settings.edition.language)
        fragments = html.write_fragments(book, construed, templates)
        style = html.render_style(book, templates)
    map_name = f"{book.settings.edition.slug}-pages.json"
    with progress.stage("layout") as remark:
        reading = [*folders, sources.folder]
        engine = Engine(style, reading, book.settings.print, report)
        press = _Press(book, templates, fragments, engine)
        digest = press.find_digest()
        printed = read_map(before / map_name, digest) if formats == _EPUB else None
        if printed:
            remark.append(f"pages of the last layout, {digest[:12]}")
        planned = printed or press.plan()
        located = _locate(book, templates, planned.places)
    report.stop_if_faulty()
    facts = _count(book) | {"layout": {"digest": digest, "new": printed is None}}
    if isinstance(planned, SettledPlans) and (
        formats != _EPUB or book.settings.epub.page_list
    ):
        with progress.stage("layout") as remark:
            parts = _lay_out(press, planned, located)
            laid_out = press.combine(parts)
            report.stop_if_faulty()
            remark.append(f"{len(laid_out.pages)} pages, {digest[:12]}")
        facts |= {"pages": len(laid_out.pages), **_measure(parts)}
        places = planned.places
        printed = PageMap(digest=digest, pages=laid_out.pages, places=places)
        write_map(printed, finished / map_name)
        if "pdf" in formats:
            facts |= _make_pdf(press, laid_out, finished, report, progress)
    if "epub" in formats:
        _make_epub(press, located, printed, finished, progress)
    with progress.stage("verify"):
        listed = printed.pages if printed and book.settings.epub.page_list else ()
        folios = tuple(page.folio for page in listed)
        verify = import_module("recension.verify").verify
        verify(finished, book, templates.words["ibid"], folios, report)
    return facts


@dataclass(frozen=True, slots=True)
class _Press:
    """What the files are made with and from."""

    book: Book
    templates: Templates
    fragments: Mapping[str, Fragments]
    engine: Engine

    def find_digest(self) -> str:
        """Return the digest of what the pages are made from, the EPUB's left out.

        That is the book, the templates of print with fonts and words, and the builder.
        """
        bare = self.book.settings.model_copy(update={"epub": EpubSettings()})
        files = [
            path
            for folder in self.templates.folders
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.parent.name not in ("cover", "epub")
        ]
        files += sorted(Path(__file__).parent.rglob("*.py"))
        versions = [version(name) for name in _SETTERS]
        return find_digest([repr(replace(self.book, settings=bare)), *versions], files)

    def plan(self) -> SettledPlans:
        """Read the front parts and the texts, and plan their pages."""
        drafts, opening = self._read(), self._count_opening()
        return self.engine.plan(drafts, opening, self.templates.refer)

    def combine(self, parts: Sequence[LaidOutPart]) -> LaidOutBook:
        """Return *parts* as one book."""
        from recension import html  # noqa: PLC0415 - slow to import

        blank = html.render_blank(self.book, self.templates)
        return self.engine.combine(parts, blank, self.book.settings.edition)

    def _count_opening(self) -> int:
        """Return how many pages stand before the front parts, 0 if there are none."""
        from recension import html  # noqa: PLC0415 - slow to import

        if not self.book.front:
            return 0
        opening = html.render_opening(self.book, self.templates, {})
        return self.engine.count_pages(opening)

    def _read(self) -> list[Draft]:
        """Read the front parts and the texts and break them into lines."""
        from recension import html  # noqa: PLC0415 - slow to import

        parts = self.book.parts
        written = html.render_texts(self.book, self.templates, self.fragments)
        return [
            self.engine.read(
                part.settings.file,
                xhtml,
                self.templates.words["continued"],
                roman=number < len(self.book.front),
                numbered=number >= len(self.book.front),
            )
            for number, (part, xhtml) in enumerate(zip(parts, written, strict=True))
        ]


def _locate(book: Book, templates: Templates, places: Mapping[str, Place]) -> Located:
    """Return what the back matter needs to know of the pages."""
    from recension import html  # noqa: PLC0415 - slow to import

    words, parts = templates.words, book.parts
    headings = locate(
        book.indexed,
        book.tables,
        names=dict(_name_entries(book)),
        places=places,
        numbers={n.id: n.number for part in parts for n in part.notes},
        titles={
            part.settings.id: words["in_text"].format(siglum=part.settings.siglum)
            if part.settings.siglum
            else words["in_front"]
            for part in parts
        },
    )
    page = book.settings.print
    room = (page.trim[1] - page.margins[0] - page.margins[2]) / 25.4 * 72
    height = max(room - OVER_TIMELINE, LABELS) / SCALE
    timeline = draw_timeline(book.tables.chronology, height=height, gap=LABELS)
    return html.Located(places=places, index=headings, timeline=timeline)


def _name_entries(book: Book) -> Iterator[tuple[str, str]]:
    """Yield the plain name of each heading of the index, by entry or by wording."""
    for entry in book.tables.register:
        yield entry.id, plain_text(book.passages[entry.name.id])
        for wording in entry.see:
            yield wording.id, plain_text(book.passages[wording.id])


def _make_pdf(
    press: _Press,
    laid_out: LaidOutBook,
    finished: Path,
    report: Report,
    progress: Progress,
) -> dict[str, Any]:
    from recension import pdf  # noqa: PLC0415 - slow to import

    edition = press.book.settings.edition
    reading = finished / f"{edition.slug}.pdf"
    with progress.stage("pdf"):
        written = press.engine.write(laid_out)
        folios = tuple(page.folio for page in laid_out.pages)
        pdf.write_reading(written, folios, edition, read_profile(), reading)
    with progress.stage("print") as remark:
        printed = _make_print(press, reading, report)
        remark.append(f"{printed['pages']} pages, spine {printed['spine_mm']} mm")
    return {"print": printed}


def _measure(parts: Sequence[LaidOutPart]) -> dict[str, Any]:
    """Return the figures of the setting: word spaces, hyphens, blemishes.

    What a word space gains or loses is a share of a normal one.
    """
    gains = [gain for part in parts for gain in part.looseness]
    hyphens = {
        page.folio: count
        for part in parts
        for page, count in zip(part.pages, part.hyphens, strict=False)
    }
    steps = sorted(Counter(floor(gain * 10) for gain in gains).items())
    return {
        "lines": {
            "set": len(gains),
            "over_twice_normal": sum(gain > LOOSE for gain in gains),
            "hyphens": sum(hyphens.values()),
        },
        "word_spaces": {
            "mean_gain": round(fmean(gains), 3) if gains else 0.0,
            "standard_deviation": round(pstdev(gains), 3) if gains else 0.0,
            "lines_by_gain": {f"{step / 10:+.1f}": count for step, count in steps},
        },
        "hyphens_by_page": hyphens,
        "blemishes": [
            {"kind": blemish.kind, "page": blemish.folio, "line": blemish.line}
            for part in parts
            for blemish in part.blemishes
        ],
    }


def _make_print(press: _Press, reading: Path, report: Report) -> dict[str, Any]:
    """Make the printer's PDF of the file *reading* and the cover beside it; check both.

    There is no cover where the thickness of the paper is not known.
    """
    from recension import pdf, verify  # noqa: PLC0415 - slow to import

    edition, printing = press.book.settings.edition, press.book.settings.print.press
    profile = pdf.find_profile(press.templates.folders)
    target = reading.with_name(f"{edition.slug}-print.pdf")
    pages = pdf.write_print(reading, target, edition, printing, profile)
    verify.check_print(target, printing, report)
    facts = {
        "pages": pages,
        "signature": printing.signature,
        "paper": printing.paper or printing.caliper,
        "spine_mm": printing.spine(pages),
    }
    if printing.asks and printing.asks.standard:
        facts["printer_asks_for"] = printing.asks.standard
    if printing.caliper is None:
        message = f"the thickness of the paper of `{printing.printer}` is not known"
        hint = "set `caliper` in `[print]`, in mm a leaf, to have a cover"
        report.warning("L-009", message, Span(path=SETTINGS_PATH), hint)
        return facts
    cover = pdf.plan_cover(pages, printing, edition)
    sheet = reading.with_name(f"{edition.slug}-cover.pdf")
    pdf.write_cover(_lay_out_cover(press, cover), sheet, cover, edition, profile)
    verify.check_cover(sheet, cover.trim, cover.bleed, report)
    words = cover.spine_remark or f"words of {cover.spine_size} pt or less"
    return facts | {"spine_mm": cover.spine, "spine": words, "cover_mm": cover.sheet}


def _lay_out_cover(press: _Press, cover: Cover) -> bytes:
    """Return the sheet of *cover* as WeasyPrint sets it."""
    render, measures = press.templates.render, cover.measures()
    xhtml = render("cover/cover.xhtml.jinja", press.book, cover=measures)
    style = render("cover/cover.css.jinja", press.book, cover=measures)
    return press.engine.write_sheet(xhtml, style)


def _render_front(press: _Press) -> bytes:
    """Return the front of the cover as the picture that the EPUB has, a PNG."""
    from recension import pdf  # noqa: PLC0415 - slow to import

    front = pdf.plan_front(press.book.settings.print.press)
    return pdf.render_front(_lay_out_cover(press, front))


def _lay_out(
    press: _Press, settled: SettledPlans, located: Located
) -> list[LaidOutPart]:
    """Lay out every part; the opening comes last, since the contents need folios."""
    from recension import html  # noqa: PLC0415 - slow to import

    book, templates, engine = press.book, press.templates, press.engine
    spans = {note.id: note.span for part in book.parts for note in part.notes}
    spans |= {e.id: e.span for text in book.texts for e in text.emendations}
    parts = [engine.set_pages(plan, spans) for plan in settled.plans]
    folio = 1 + sum(len(p.pages) + len(p.pages) % 2 for p in parts[len(book.front) :])
    back_matter = html.render_back(book, templates, press.fragments, located)
    for name, xhtml in back_matter.items():
        parts.append(engine.lay_out(name, xhtml, folio, settled.references))
        folio += len(parts[-1].pages) + len(parts[-1].pages) % 2
    folios = {
        id_: page.folio
        for part in parts[::-1]
        for page in reversed(part.pages)
        for id_ in page.anchors
    }
    opening = html.render_opening(book, templates, folios)
    return [engine.lay_out("front", opening, 1, {}, roman=True), *parts]


def _make_epub(
    press: _Press,
    located: Located,
    printed: PageMap | None,
    finished: Path,
    progress: Progress,
) -> None:
    from recension import epub, html  # noqa: PLC0415 - slow to import

    book, templates = press.book, press.templates
    edition = book.settings.edition
    target = finished / f"{edition.slug}.epub"
    with progress.stage("html"):
        if book.settings.epub.page_list:
            located = replace(located, printed=printed)
        typeface = _find_typeface(press)
        pages = html.render_reading(book, templates, press.fragments, located, typeface)
        package = html.render_package(book, templates, pages, typeface)
    with progress.stage("epub") as remark:
        others = {"cover.png": _render_front(press)}
        if typeface:
            shown = [page.xhtml for page in pages]
            others |= epub.subset_faces(typeface, shown, package["style.css"])
        epub.write_epub(pages, package, others, edition.date, target)
        remark.append(f"{target.stat().st_size // 1024} KB")


def _find_typeface(press: _Press) -> Typeface | None:
    """Return the typeface that the EPUB embeds, none if the edition wants none."""
    from recension import epub  # noqa: PLC0415 - slow to import

    if not press.book.settings.epub.fonts:
        return None
    return epub.read_typeface(find_faces(press.templates.folders))


def _count(book: Book) -> dict[str, Any]:
    """Return the figures of the book for report.json."""
    return {
        "title": book.settings.edition.title,
        "notes": sum(len(part.notes) for part in book.parts),
        "works": sum(len(section.works) for section in book.bibliography),
        "emendations": sum(len(text.emendations) for text in book.texts),
        "ledger": [
            {
                "text": text.text_id,
                "characters": text.characters,
                "kept": text.kept,
                "normalised": text.normalised,
                "emended": text.emended,
                "omitted": text.omitted,
                "supplied": text.supplied,
                "normalisations": dict(text.normalisations),
            }
            for text in book.ledger.texts
        ],
    }
