"""The layout engine: XHTML to pages, with the style and the fonts of one edition."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from recension.layout.fonts import find_faces
from recension.layout.gate import check_pages
from recension.layout.letters import count_pages
from recension.layout.plans import Draft, Plan, SettledPlans, plan_part, settle
from recension.layout.samples import make_numbers, measure_frame
from recension.layout.setting.galleys import set_galley
from recension.layout.setting.paragraphs import Breaker
from recension.layout.setting.typeset import build_pages
from recension.layout.setting.typography import find_blemishes
from recension.layout.sheets import find_overfull
from recension.layout.tagging.tags import add_tags
from recension.layout.weasy.documents import WeasyPrint, bind, describe
from recension.layout.weasy.measuring import add_anchors, measure
from recension.layout.weasy.writing import write_plain, write_tagged
from recension.model import LaidOutBook, LaidOutPage, LaidOutPart, PrintedPage
from recension.pagemap import next_folio, write_folio
from recension.problems import OURS, Report, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from recension.config import EditionSettings, PrintSettings
    from recension.layout.setting.typeset import SetLine
    from recension.layout.weasy.documents import Source
    from recension.layout.weasy.measuring import MeasuredPage
    from recension.layout.weasy.protocols import WeasyDocument

GRAVE = ("widow", "orphan", "heading at the foot", "ladder of hyphens")
"""The blemishes that are told in every build; the others stand in report.json."""


class Engine:
    """The layout engine with the styles and fonts of one edition.

    A part that is set line by line goes through `read`, `plan` and `set_pages`; any
    part may be given to `lay_out`. *folders* are searched in order for fonts, styles
    and pictures; nothing outside them is read and no connection is opened.
    """

    def __init__(
        self,
        style: str,
        folders: Sequence[Path],
        settings: PrintSettings,
        report: Report,
    ) -> None:
        """Read *style*; what the engine cannot use of it is a problem in *report*.

        Raises ToolError when Pango is missing.
        """
        self._report = report
        self._fit = settings.lines
        self._faces = find_faces(folders)
        self._weasy = WeasyPrint(style, folders)
        self._report_log("print/style.css.jinja")
        self._frame = measure_frame(self._weasy)
        self._numbers = make_numbers(self._weasy, settings.line_numbers)

    def read(
        self,
        name: str,
        xhtml: str,
        continued: str,
        *,
        roman: bool = False,
        numbered: bool = False,
    ) -> Draft:
        """Read a part and break it into lines; its pages are not yet known.

        *name* is the file it comes from, for problems; *continued* marks the rest of a
        note that is cut; *roman* tells that its folios are roman, *numbered* that its
        lines have numbers.
        """
        source = self._weasy.read(xhtml)
        return self._draft(name, source, continued, roman=roman, numbered=numbered)

    def plan(
        self,
        drafts: Sequence[Draft],
        opening: int,
        refer: Callable[[str, int], str],
    ) -> SettledPlans:
        """Plan the pages of *drafts* until every reference is true: see `settle`."""
        return settle(drafts, self._frame, opening, refer, self._report)

    def set_pages(self, plan: Plan, spans: Mapping[str, Span]) -> LaidOutPart:
        """Lay out a part as planned.

        What is not in its place on the pages is an error in the report, *spans* telling
        where the editor wrote each note, each emendation and each work.
        """
        draft, division = plan.draft, plan.division
        built = build_pages(division, draft.continued)
        source = self._weasy.put_pages(draft.source, built.pages)
        document = self._weasy.lay_out(source, plan.first_folio)
        fits = self._weasy.adjust(source, document, built)
        pages = measure(document)
        if fits:
            add_anchors(document, pages, division.anchors)
        else:
            planned, found = len(built.pages), len(pages)
            message = f"{planned} pages were planned, {found} came out other than so"
            hint = f"something changes the height of a line; {OURS}"
            self._report.error("Y-003", message, Span(path=draft.name), hint)
        if self._numbers and draft.numbered:
            self._numbers.put(document, pages, plan.first_folio)
        check_pages(draft.name, pages, division.lemmas, spans, self._report)
        part = self._finish(
            draft.name, document, pages, plan.first_folio, roman=draft.roman
        )
        return self._tell(part, plan, built.lines) if fits else part

    def lay_out(  # noqa: PLR0913 - what a part of the back needs
        self,
        name: str,
        xhtml: str,
        first_folio: int,
        references: Mapping[str, str],
        *,
        roman: bool = False,
        spans: Mapping[str, Span] | None = None,
    ) -> LaidOutPart:
        """Lay out a part whose first page, a recto, has *first_folio*.

        A part whose body is of class `text` is set line by line as the texts are, with
        *references* as the words for anchors; any other by WeasyPrint alone. *spans* is
        as in `set_pages`.
        """
        source = self._weasy.read(xhtml)
        if source.is_text:
            draft = self._draft(name, source, "", roman=roman, numbered=False)
            plan = plan_part(draft, self._frame, first_folio, references)
            return self.set_pages(plan, spans or {})
        document = self._weasy.lay_out(source, first_folio)
        pages = measure(document)
        check_pages(name, pages, {}, spans or {}, self._report)
        return self._finish(name, document, pages, first_folio, roman=roman)

    def count_pages(self, xhtml: str) -> int:
        """Return how many pages *xhtml* takes when it is laid out."""
        document = self._weasy.lay_out(self._weasy.read(xhtml), 1)
        self._weasy.take_log()  # told when it is laid out to be printed
        return len(measure(document))

    def combine(
        self, parts: Sequence[LaidOutPart], blank: str, edition: EditionSettings
    ) -> LaidOutBook:
        """Put the pages of *parts* in one document, each part on a recto.

        *blank* is the XHTML of an empty page; *edition* gives the metadata.
        """
        empty = self._weasy.lay_out(self._weasy.read(blank), 1)
        printed: list[PrintedPage] = []
        for part in parts:
            folios = [page.folio for page in part.pages]
            printed += count_pages(_document_of(part), folios)
            if len(printed) % 2:
                folio = next_folio(folios[-1])
                printed.append(PrintedPage(folio=folio, letters=0, offsets={}))
        self._report_log("print/blank.xhtml.jinja")
        document = bind([_document_of(part) for part in parts], empty)
        describe(
            document,
            title=edition.title,
            authors=edition.editors,
            description=edition.description,
            subjects=edition.subjects,
            language=edition.language,
        )
        return LaidOutBook(pages=tuple(printed), document=document)

    def write(self, book: LaidOutBook) -> bytes:
        """Return *book* as a tagged PDF, uncompressed."""
        return write_tagged(_document_of(book), add_tags)

    def write_sheet(self, xhtml: str, style: str) -> bytes:
        """Lay out a sheet of its own, such as the cover, and return it as a PDF.

        It has its own *style*. An element of class `fits` has a size of its own; words
        that reach out of it are an error in the report.
        """
        document = self._weasy.lay_out_sheet(xhtml, style)
        name = "cover/cover.css.jinja"
        self._report_log(name)
        for place, excess in find_overfull(document):
            message = f"the words of the {place} reach {excess:.0f} mm out of their box"
            hint = "shorten them, or give them more room in the style"
            self._report.error("Y-004", message, Span(path=name), hint)
        return write_plain(document)

    def _draft(
        self,
        name: str,
        source: Source,
        continued: str,
        *,
        roman: bool,
        numbered: bool,
    ) -> Draft:
        breaker = Breaker(
            styles=self._weasy.compute_styles(source, self._faces),
            width=self._frame.width,
            fit=self._fit,
        )
        return Draft(
            name=name,
            source=source,
            breaker=breaker,
            galley=set_galley(source.body, breaker),
            continued=continued,
            roman=roman,
            numbered=numbered,
        )

    def _finish(
        self,
        name: str,
        document: WeasyDocument,
        pages: Sequence[MeasuredPage],
        first_folio: int,
        *,
        roman: bool,
    ) -> LaidOutPart:
        self._report_log(name)
        laid_out = (
            LaidOutPage(
                folio=write_folio(number, roman=roman), anchors=tuple(page.tops)
            )
            for number, page in enumerate(pages, start=first_folio)
        )
        return LaidOutPart(
            name=name,
            pages=tuple(laid_out),
            document=document,
            looseness=(),
            hyphens=(),
            blemishes=(),
        )

    def _tell(
        self, part: LaidOutPart, plan: Plan, lines: Sequence[SetLine]
    ) -> LaidOutPart:
        """Return *part* with what is to be told of its *lines*; warn of what is grave.

        That is what the pages could not avoid and the editor may.
        """
        folios = [page.folio for page in part.pages]
        blemishes = find_blemishes(plan.division.page_lines, folios, plan.first_folio)
        for blemish in blemishes:
            if blemish.kind in GRAVE:
                message = f"{blemish.kind}: page {blemish.folio}, line {blemish.line}"
                hint = "lengthen or shorten a note near it, or change the trim"
                self._report.warning("Y-006", message, Span(path=part.name), hint)
        return replace(
            part,
            looseness=tuple(round(s.line.looseness, 3) for s in lines if s.line),
            hyphens=plan.division.hyphens,
            blemishes=blemishes,
        )

    def _report_log(self, name: str) -> None:
        for message in self._weasy.take_log():
            hint = "mend the style or the picture that it names"
            lowered = message[:1].lower() + message[1:]
            self._report.warning("Y-004", lowered, Span(path=name), hint)


def _document_of(laid_out: LaidOutPart | LaidOutBook) -> WeasyDocument:
    """Return the document of *laid_out*, which nobody else looks into."""
    return cast("WeasyDocument", laid_out.document)
