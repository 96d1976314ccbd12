"""What the files of a book are made with: templates, trees, the layout engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from recension import html
from recension.config import EpubSettings, find_templates
from recension.construe import construe
from recension.contract import work_id
from recension.epub import read_typeface
from recension.index import locate
from recension.layout import (
    Engine,
    RecordedRun,
    describe_shop,
    find_faces,
    read_front,
    read_text,
    set_runs,
    watch_files,
)
from recension.pagemap import find_digest
from recension.printers import MM
from recension.timeline import draw_timeline
from recension.tree import plain_text
from recension.workroom import Task, describe_tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recension.each import Each
    from recension.html import Fragments, Located, Templates
    from recension.layout import Draft, SettledPlans
    from recension.model import (
        Book,
        ConstruedBook,
        LaidOutPart,
        Place,
        Sources,
        Typeface,
    )
    from recension.pdf.cover import Cover
    from recension.problems import Report
    from recension.progress import Progress
    from recension.workroom import Workroom

SETTING = Task(
    name="setting",
    do=set_runs,
    describe=describe_shop,
    watch=watch_files,
    kind=RecordedRun,
)
"""The work on pages: to lay them out, to draw and to measure them."""


def open_workbench(  # noqa: PLR0913 - what the second half is given
    sources: Sources,
    book: Book,
    report: Report,
    progress: Progress,
    room: Workroom,
    each: Each,
) -> Workbench:
    """Open the templates of an edition, write its trees, start the layout engine."""
    folders = find_templates(sources.folder)
    with progress.stage("construe"):
        construed = construe(book, each)
    with progress.stage("html"):
        settings = book.settings
        templates = html.open_templates(
            folders, settings.edition.language, settings.limits.steps
        )
        printed = html.write_fragments(book, construed, templates, html.PRINT)
        style = html.render_style(book, templates)
    with progress.stage("layout"):
        reading = [*folders, sources.folder]
        start = partial(room.start, SETTING)
        engine = Engine(style, reading, book.settings.print, report, start, each)
    return Workbench(book, construed, templates, printed, engine, each)


@dataclass(frozen=True, slots=True)
class Workbench:
    """What the files of *book* are made with and from; *printed* is for the pages."""

    book: Book
    construed: ConstruedBook
    templates: Templates
    printed: Fragments
    engine: Engine
    each: Each

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
        told = [repr(replace(self.book, settings=bare)), *describe_tools()]
        return find_digest(told, files)

    # -- pages ------------------------------------------------------------------

    def plan(self) -> SettledPlans:
        """Read the front parts and the texts, and plan their pages."""
        drafts, opening = self._read(), self._count_opening()
        return self.engine.plan(drafts, opening, self.templates.refer)

    def _read(self) -> list[Draft]:
        """Read the front parts and the texts and break them into lines."""
        written = html.render_texts(self.book, self.templates, self.printed)
        continued = self.templates.words["continued"]
        given = {
            part.settings.id: (self.engine.reader, part.settings.file, xhtml, continued)
            for part, xhtml in zip(self.book.parts, written, strict=True)
        }
        front = {part.settings.id for part in self.book.front}
        drafts = self.each(
            read_front, {id_: given[id_] for id_ in given if id_ in front}
        )
        drafts |= self.each(
            read_text, {id_: given[id_] for id_ in given if id_ not in front}
        )
        return [drafts[id_] for id_ in given]

    def _count_opening(self) -> int:
        """Return how many pages stand before the front parts, 0 if there are none."""
        if not self.book.front:
            return 0
        opening = html.render_opening(self.book, self.templates, {})
        return self.engine.count_pages(opening)

    def locate(self, places: Mapping[str, Place]) -> Located:
        """Return what the back matter needs to know of the pages."""
        words, parts = self.templates.words, self.book.parts
        headings = locate(
            self.book.indexed,
            self.book.tables,
            names=dict(self._name_entries()),
            places=places,
            numbers={n.id: n.number for part in parts for n in part.notes},
            titles={
                part.settings.id: words["in_text"].format(siglum=part.settings.siglum)
                if part.settings.siglum
                else words["in_front"]
                for part in parts
            },
        )
        page = self.book.settings.print
        room = (page.trim[1] - page.margins[0] - page.margins[2]) * MM
        height, gap = html.measure_timeline(self.templates, room)
        events = self.book.tables.chronology
        timeline = draw_timeline(events, height=height, gap=gap)
        return html.Located(places=places, index=headings, timeline=timeline)

    def _name_entries(self) -> Iterator[tuple[str, str]]:
        """Yield the plain name of each heading of the index, by entry or wording."""
        passages = self.book.passages
        for entry in self.book.tables.register:
            for wording in (entry.name, *entry.see):
                id_ = entry.id if wording is entry.name else wording.id
                yield id_, plain_text(passages[wording.id])

    def lay_out(self, settled: SettledPlans, located: Located) -> list[LaidOutPart]:
        """Lay out every part; the opening is last, since the contents need folios."""
        book, engine = self.book, self.engine
        spans = {note.id: note.span for part in book.parts for note in part.notes}
        spans |= {e.id: e.span for text in book.texts for e in text.emendations}
        begun = [engine.start_pages(plan, spans) for plan in settled.plans]
        texts = settled.plans[len(book.front) :]
        folio = 1 + sum(_even(len(plan.division.pages)) for plan in texts)
        back = html.render_back(book, self.templates, self.printed, located)
        works = [w for section in book.bibliography for w in section.works]
        spans = {work_id(work.citekey): work.span for work in works}
        references = settled.references
        behind: list[LaidOutPart] = []
        for name, xhtml in back.items():
            behind.append(engine.lay_out(name, xhtml, folio, references, spans=spans))
            folio += _even(len(behind[-1].pages))
        parts = [*(take() for take in begun), *behind]
        folios = {
            id_: page.folio
            for part in parts[::-1]
            for page in reversed(part.pages)
            for id_ in page.anchors
        }
        opening = html.render_opening(book, self.templates, folios)
        return [engine.lay_out("front", opening, 1, {}, roman=True), *parts]

    def render_blank(self) -> str:
        """Return the XHTML of an empty page."""
        return html.render_blank(self.book, self.templates)

    # -- what several formats have ------------------------------------------------

    def set_cover(self, cover: Cover) -> bytes:
        """Return the sheet of *cover* as WeasyPrint sets it."""
        render, measures = self.templates.render, cover.measures()
        xhtml = render("cover/cover.xhtml.jinja", self.book, cover=measures)
        style = render("cover/cover.css.jinja", self.book, cover=measures)
        return self.engine.write_sheet(xhtml, style)

    def find_typeface(self) -> Typeface | None:
        """Return the typeface that the EPUB embeds, none if the edition wants none."""
        if not self.book.settings.epub.fonts:
            return None
        return read_typeface(find_faces(self.templates.folders))


def _even(pages: int) -> int:
    """Return so many *pages* with the blank one before the next recto."""
    return pages + pages % 2
