"""The layout engine: XHTML to pages, with the style and the fonts of one edition."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from recension.each import Each, anew
from recension.layout.drafts import Draft, DraftReader, read_back, read_front
from recension.layout.fonts import find_faces
from recension.layout.gate import check_pages
from recension.layout.plans import Plan, SettledPlans, plan_part, settle
from recension.layout.runs import (
    BoundBook,
    Run,
    Shop,
    bind,
    build_runs,
    correct_strings,
    find_compositor,
    start_runs,
)
from recension.layout.samples import measure_frame
from recension.layout.setting.typography import find_blemishes
from recension.layout.sheets import find_overfull
from recension.layout.tagging.tags import add_tags
from recension.layout.weasy.writing import write_plain, write_tagged
from recension.model import LaidOutBook, LaidOutPage, LaidOutPart, PrintedPage
from recension.pagemap import next_folio, write_folio
from recension.problems import OURS, Report, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from recension.config import EditionSettings, PrintSettings
    from recension.layout.runs import BoundPage, RecordedRun, Start
    from recension.layout.setting.typeset import BuiltPage, SetLine
    from recension.layout.weasy.documents import WeasyPrint
    from recension.layout.weasy.measuring import MeasuredPage

GRAVE = ("widow", "orphan", "heading at the foot", "ladder of hyphens")
"""The blemishes that are told in every build; the others stand in report.json."""


class Engine:
    """The layout engine with the styles and fonts of one edition.

    A part that is set line by line goes through `reader`, `plan` and `start_pages`; any
    part may be given to `lay_out`. *folders* are searched in order for fonts, styles
    and pictures; nothing outside them is read and no connection is opened. *start* has
    runs of pages set, here or elsewhere; *each* is what other work is done with.
    """

    def __init__(  # noqa: PLR0913 - all that a part is set with
        self,
        style: str,
        folders: Sequence[Path],
        settings: PrintSettings,
        report: Report,
        start: Start = start_runs,
        each: Each = anew,
    ) -> None:
        """Read *style*; what the engine cannot use of it is a problem in *report*.

        Raises ToolError when Pango is missing.
        """
        self._report, self._each = report, each
        places = tuple(folder.absolute() for folder in folders)
        shop = Shop(style, places, settings.line_numbers)
        self._start = partial(start, shop)
        self._weasy = find_compositor(shop).weasy
        self._tell_messages("print/style.css.jinja", self._weasy.complaints)
        self._frame = measure_frame(self._weasy)
        self.reader = DraftReader(
            weasy=self._weasy,
            faces=find_faces(folders),
            width=self._frame.width,
            fit=settings.lines,
        )

    def plan(
        self,
        drafts: Sequence[Draft],
        opening: int,
        refer: Callable[[str, int], str],
    ) -> SettledPlans:
        """Plan the pages of *drafts* until every reference is true: see `settle`."""
        return settle(drafts, self._frame, opening, refer, self._report, self._each)

    def start_pages(
        self, plan: Plan, spans: Mapping[str, Span]
    ) -> Callable[[], LaidOutPart]:
        """Start to lay out a part as planned; return what waits for its pages.

        What is not in its place on them is then an error in the report, *spans* telling
        where the editor wrote each note, each emendation and each work.
        """
        apart = not self._weasy.binds_pages(plan.draft.source)
        given = {plan.name: (plan, apart)}
        built, runs = self._each(build_runs, given)[plan.name]
        take = self._start(runs)
        return lambda: self._set_pages(plan, built, self._correct(runs, take()), spans)

    def _set_pages(
        self,
        plan: Plan,
        built: Sequence[BuiltPage],
        made: Sequence[RecordedRun],
        spans: Mapping[str, Span],
    ) -> LaidOutPart:
        draft = plan.draft
        fits = all(run.fits for run in made)
        if not fits:
            planned, found = len(built), sum(len(run.pages) for run in made)
            message = f"{planned} pages were planned, {found} came out other than so"
            hint = f"something changes the height of a line; {OURS}"
            self._report.error("Y-003", message, Span(path=draft.name), hint)
        lemmas = plan.division.lemmas
        check = partial(check_pages, lemmas=lemmas, spans=spans, report=self._report)
        part = self._finish(
            draft.name, made, plan.first_folio, check, roman=draft.roman
        )
        lines = [line for page in built for line in page.lines]
        return self._tell(part, plan, lines) if fits else part

    def _correct(
        self, runs: Sequence[Run], made: list[RecordedRun]
    ) -> list[RecordedRun]:
        """Set *runs*, which follow one another, until the strings on them are right."""
        for _ in runs:
            corrected = correct_strings(runs, made)
            wrong = [n for n, run in enumerate(runs) if corrected[n] is not run]
            if not wrong:
                break
            anew = self._start([corrected[n] for n in wrong])()
            for number, run in zip(wrong, anew, strict=True):
                made[number] = run
            runs = corrected
        return made

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
            read = read_front if roman else read_back
            draft = self._each(read, {name: (self.reader, name, xhtml, "")})[name]
            own = draft.galley.choose(references)
            given = {name: (draft, self._frame, first_folio, own)}
            plan = self._each(plan_part, given)[name]
            return self.start_pages(plan, spans or {})()
        made = self._start([Run(xhtml=xhtml, first_folio=first_folio)])()
        places = spans or {}
        check = partial(check_pages, lemmas={}, spans=places, report=self._report)
        return self._finish(name, made, first_folio, check, roman=roman)

    def count_pages(self, xhtml: str) -> int:
        """Return how many pages *xhtml* takes when it is laid out."""
        return self._each(_count_pages, {"": (self._weasy, xhtml)})[""]

    def combine(
        self, parts: Sequence[LaidOutPart], blank: str, edition: EditionSettings
    ) -> LaidOutBook:
        """Put the pages of *parts* in one document, each part on a recto.

        *blank* is the XHTML of an empty page; *edition* gives the metadata.
        """
        empty = self._start([Run(xhtml=blank, first_folio=1)])()
        self._tell_log("print/blank.xhtml.jinja", empty)
        printed: list[PrintedPage] = []
        bound: list[BoundPage] = []
        for part in parts:
            folios = [page.folio for page in part.pages]
            pages = cast("Sequence[BoundPage]", part.bound)
            printed += map(_describe_page, folios, pages)
            bound += pages
            if len(printed) % 2:
                folio = next_folio(folios[-1])
                printed.append(PrintedPage(folio=folio, letters=0, offsets={}))
                bound += bind(empty)
        facts = {
            "title": edition.title,
            "authors": list(edition.editors),
            "description": edition.description,
            "keywords": list(edition.subjects),
            "lang": edition.language,
        }
        document = self._weasy.bind([page.record for page in bound], facts)
        return LaidOutBook(pages=tuple(printed), bound=BoundBook(document, bound))

    def write(self, book: LaidOutBook) -> bytes:
        """Return *book* as a tagged PDF, uncompressed."""
        bound = cast("BoundBook", book.bound)
        return write_tagged(bound.document, bound.find_elements, add_tags)

    def list_pages(self, book: LaidOutBook) -> list[tuple[object, ...]]:
        """Return what can be seen of each page of *book*: two alike are equal."""
        return [page.record.seen for page in cast("BoundBook", book.bound).pages]

    def write_page(self, book: LaidOutBook, number: int) -> bytes:
        """Return the page *number*, from 0, of *book* as a PDF without tags."""
        page = cast("BoundBook", book.bound).pages[number]
        return write_plain(self._weasy.bind([page.record], {}))

    def write_sheet(self, xhtml: str, style: str) -> bytes:
        """Lay out a sheet of its own, such as the cover, and return it as a PDF.

        It has its own *style*. An element of class `fits` has a size of its own; words
        that reach out of it are an error in the report.
        """
        document = self._weasy.lay_out_sheet(xhtml, style)
        name = "cover/cover.css.jinja"
        self._tell_messages(name, self._weasy.take_log())
        for place, excess in find_overfull(document):
            message = f"the words of the {place} reach {excess:.0f} mm out of their box"
            hint = "shorten them, or give them more room in the style"
            self._report.error("Y-004", message, Span(path=name), hint)
        return write_plain(document)

    def _finish(
        self,
        name: str,
        made: Sequence[RecordedRun],
        first_folio: int,
        check: Callable[[str, Sequence[MeasuredPage]], None],
        *,
        roman: bool,
    ) -> LaidOutPart:
        """Return the part whose runs are *made*, once *check* has seen its pages."""
        bound = bind(made)
        measures = [page.record.measured for page in bound]
        check(name, measures)
        self._tell_log(name, made)
        laid_out = (
            LaidOutPage(
                folio=write_folio(number, roman=roman), anchors=tuple(page.tops)
            )
            for number, page in enumerate(measures, start=first_folio)
        )
        return LaidOutPart(
            name=name,
            pages=tuple(laid_out),
            bound=bound,
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

    def _tell_log(self, name: str, made: Sequence[RecordedRun]) -> None:
        """Tell what WeasyPrint has complained of in *made*, a part, each once."""
        self._tell_messages(name, dict.fromkeys(m for run in made for m in run.log))

    def _tell_messages(self, name: str, messages: Iterable[str]) -> None:
        for message in messages:
            hint = "mend the style or the picture that it names"
            lowered = message[:1].lower() + message[1:]
            self._report.warning("Y-004", lowered, Span(path=name), hint)


def _count_pages(weasy: WeasyPrint, xhtml: str) -> int:
    pages = weasy.lay_out(weasy.read(xhtml), 1).pages
    weasy.take_log()  # told when it is laid out to be printed
    return len(pages)


def _describe_page(folio: str, page: BoundPage) -> PrintedPage:
    """Return what the map of the printed pages has of a *page* and its *folio*."""
    record = page.record
    return PrintedPage(folio=folio, letters=record.letters, offsets=record.offsets)
