"""Stage 9, layout: XHTML to pages. Alone knows WeasyPrint.

Each part is laid out once, by itself; the pages of all parts are combined when they are
written. Texts are broken into lines (`lines`) and divided into pages (`pagination`) by
us, and WeasyPrint sets what it is given (`typeset` prepares its tree); the boxes it
makes (`boxes`) are measured (`gate`). The exact version of WeasyPrint is pinned.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

from recension.layout.boxes import (
    add_anchors,
    adjust_lines,
    read_boxes,
    read_page,
)
from recension.layout.fonts import check_glyphs, find_faces, find_fonts
from recension.layout.gate import check_pages
from recension.layout.letters import count_page
from recension.layout.numbers import Numbers
from recension.layout.pagination import Frame
from recension.layout.sheets import find_overfull
from recension.layout.styles import ComputedStyles
from recension.layout.tags import add_tags
from recension.layout.typeset import Setting, Typesetter, find_texts
from recension.layout.typography import find_blemishes
from recension.model import LaidOutBook, LaidOutPart, PrintedPage
from recension.pagemap import next_folio, write_folio
from recension.problems import Report, Span, ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from recension.config import EditionSettings, PrintSettings

__all__ = [
    "Draft",
    "Engine",
    "check_glyphs",
    "find_faces",
    "find_fonts",
    "import_weasyprint",
]

LONGEST_NOTE = 0.55
"""The share of the type area's height that a piece of a note may fill."""

MOST_PASSES = 6
"""How often the pages are planned anew for the references to settle."""

MOST_LINES = 100
"""How many lines of a page can be numbered: more than the greatest trim holds."""

GRAVE = ("widow", "orphan", "heading at the foot", "ladder of hyphens")
"""The blemishes that are told in every build; the others stand in report.json."""

_TEXT = re.compile(r'<body[^>]* class="text[" ]')
_BASE_URL = "file:///edition/"
_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><cachedir>{cache}</cachedir></fontconfig>
"""
_PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
_NO_FONTS = "No fonts configured in FontConfig"
_SAMPLE = """<!DOCTYPE html><html><body class="text"><div class="page"
 style="height: 100px"><p>x</p><div class="foot"><div class="notes">
<p class="note" id="note-x">x</p></div><div class="variants">
<p class="variant">x</p></div></div></div></body></html>"""


@dataclass(slots=True)
class Draft:
    """A text on its way to pages: its tree, broken into lines, and its plan.

    *roman* tells that its folios are roman, *numbered* that its lines have numbers.
    """

    name: str
    roman: bool
    numbered: bool
    html: Any
    body: Element
    typesetter: Typesetter
    first_folio: int = 1
    setting: Setting = Setting(pages=(), anchors={}, lemmas={})  # noqa: RUF009 - frozen, empty


class Engine:
    """The layout engine with the styles and fonts of one edition.

    *folders* are searched in order for fonts, styles and pictures; nothing outside
    them is read and no connection is opened.
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
        self._weasyprint = import_weasyprint()
        self._report = report
        self._references: Mapping[str, str] = {}
        self._fit = settings.lines
        self._fonts = self._weasyprint.text.fonts.FontConfiguration()
        self._faces = find_faces(folders)
        self._fetcher = _make_fetcher(self._weasyprint, folders)
        self._log = _Log()
        with self._log:
            self._style = self._read_style(style, self._fonts)
        self._report_log("print/style.css.jinja")
        self._width, self._frame = self._measure_frame()
        self._numbers = self._make_numbers(settings.line_numbers)

    def draft(
        self,
        name: str,
        xhtml: str,
        continued: str,
        *,
        roman: bool = False,
        numbered: bool = False,
    ) -> Draft:
        """Read a text and break it into lines; its pages are not yet known.

        *name* is the file it comes from, for problems; *continued* marks the rest of a
        note that is split.
        """
        with self._log:
            html = self._read(xhtml)
            body = next(find_texts(html.etree_element))
            typesetter = Typesetter(
                styles=ComputedStyles(self._compute_styles(html), self._faces),
                width=self._width,
                frame=self._frame,
                fit=self._fit,
                continued=continued,
            )
            typesetter.read(body)
        return Draft(
            name=name,
            roman=roman,
            numbered=numbered,
            html=html,
            body=body,
            typesetter=typesetter,
        )

    def settle(
        self,
        drafts: Sequence[Draft],
        opening: int,
        refer: Callable[[str, int], str],
    ) -> dict[str, tuple[str, int]]:
        """Plan the pages of *drafts* until every reference is true.

        The front matter follows on *opening* pages; the first text begins on folio 1,
        each part on a recto. *refer* gives the words for a folio and a line. Returns
        the folio and line of every anchor.
        """
        references: dict[str, str] = {}
        places: dict[str, tuple[str, int]] = {}
        for _ in range(MOST_PASSES):
            places = {}
            for roman, first in ((True, opening + opening % 2 + 1), (False, 1)):
                run = [draft for draft in drafts if draft.roman == roman]
                places |= _plan(run, first, references)
            words = {id_: refer(*place) for id_, place in places.items()}
            if words == references:
                self._references = words
                return places
            references = words
        message = "the references by page and line do not settle"
        span = Span(path=drafts[0].name)
        self._report.error("Y-003", message, span, "move a reference by a word or two")
        return places

    def lay_out_text(self, draft: Draft, spans: Mapping[str, Span]) -> LaidOutPart:
        """Lay out a text as planned.

        What is not in its place on the pages is an error in the report, *spans* telling
        where the editor wrote each note and each emendation.
        """
        lines = draft.typesetter.build(draft.body, draft.setting)
        wrapper = self._weasyprint.cssselect2.ElementWrapper
        draft.html.wrapper_element = wrapper.from_html_root(
            draft.html.etree_element, content_language=None
        )
        document = self._render(draft.html, draft.first_folio)
        planned, found = len(draft.setting.pages), len(document.pages)
        if planned != found or not adjust_lines(document, lines):
            message = f"{planned} pages were planned, {found} came out other than so"
            hint = "the style changes the height of a line: mend print/style.css.jinja"
            self._report.error("Y-003", message, Span(path=draft.name), hint)
        else:
            add_anchors(document, draft.setting.anchors)
        if self._numbers and draft.numbered:
            self._numbers.put(document.pages, draft.first_folio)
        first, roman = draft.first_folio, draft.roman
        check_pages(draft.name, document, draft.setting.lemmas, spans, self._report)
        part = self._finish(draft.name, document, first, roman=roman)
        if planned != found:
            return part
        part = replace(
            part,
            looseness=tuple(round(s.line.looseness, 3) for s in lines if s.line),
            hyphens=draft.typesetter.count_hyphens(draft.setting),
            blemishes=find_blemishes(
                draft.typesetter.placed_lines(draft.setting),
                [page.folio for page in part.pages],
                draft.first_folio,
            ),
        )
        self._report_blemishes(part)
        return part

    def lay_out(
        self, name: str, xhtml: str, first_folio: int, *, roman: bool = False
    ) -> LaidOutPart:
        """Lay out a part whose first page, a recto, has *first_folio*.

        A part whose body is of class `text` is set line by line as the texts are, any
        other by WeasyPrint alone; its references have the words of `settle`.
        """
        if _TEXT.search(xhtml):
            draft = self.draft(name, xhtml, "", roman=roman)
            draft.first_folio = first_folio
            draft.setting = draft.typesetter.plan(self._references)
            return self.lay_out_text(draft, {})
        document = self._render(self._read(xhtml), first_folio)
        check_pages(name, document, {}, {}, self._report)
        return self._finish(name, document, first_folio, roman=roman)

    def count_pages(self, xhtml: str) -> int:
        """Return how many pages *xhtml* takes when it is laid out."""
        pages = self._render(self._read(xhtml), 1).pages
        self._log.take()  # told when it is laid out to be printed
        return len(pages)

    def _finish(
        self,
        name: str,
        document: Any,
        first_folio: int,
        *,
        roman: bool,
    ) -> LaidOutPart:
        pages = tuple(
            read_page(page, first_folio + index, roman=roman)
            for index, page in enumerate(document.pages)
        )
        self._report_log(name)
        return LaidOutPart(
            name=name,
            pages=pages,
            document=document,
            looseness=(),
            hyphens=(),
            blemishes=(),
        )

    def combine(
        self, parts: Sequence[LaidOutPart], blank: str, edition: EditionSettings
    ) -> LaidOutBook:
        """Put the pages of *parts* in one document, each part on a recto.

        *blank* is the XHTML of an empty page; *edition* gives the metadata.
        """
        empty = self._render(self._read(blank), 1)
        pages: list[Any] = []
        printed: list[PrintedPage] = []
        for part in parts:
            pages += part.document.pages
            sheets = zip(part.document.pages, part.pages, strict=True)
            printed += [count_page(sheet, page.folio) for sheet, page in sheets]
            if len(pages) % 2:
                pages += empty.pages[:1]
                folio = next_folio(part.pages[-1].folio)
                printed.append(PrintedPage(folio=folio, letters=0, offsets={}))
        self._report_log("print/blank.xhtml.jinja")
        document = parts[0].document.copy(pages)
        document.metadata.title = edition.title
        document.metadata.authors = list(edition.editors)
        document.metadata.description = edition.description
        document.metadata.keywords = list(edition.subjects)
        document.metadata.lang = edition.language
        return LaidOutBook(pages=tuple(printed), document=document)

    def write_sheet(self, xhtml: str, style: str) -> bytes:
        """Lay out a sheet of its own, such as the cover, and return it as a PDF.

        It has its own *style*. An element of class `fits` has a size of its own; words
        that reach out of it are an error in the report.
        """
        fonts = self._weasyprint.text.fonts.FontConfiguration()
        with self._log:
            own = self._read_style(style, fonts)
            document = self._read(xhtml).render(font_config=fonts, stylesheets=[own])
            written: bytes = document.write_pdf(pdf_identifier=b"recension")
        name = "cover/cover.css.jinja"
        self._report_log(name)
        for place, excess in find_overfull(document):
            message = f"the words of the {place} reach {excess:.0f} mm out of their box"
            hint = "shorten them, or give them more room in the style"
            self._report.error("Y-004", message, Span(path=name), hint)
        return written

    def _read(self, xhtml: str) -> Any:
        return self._weasyprint.HTML(
            string=xhtml, base_url=_BASE_URL, url_fetcher=self._fetcher
        )

    def _read_style(self, style: str, fonts: Any) -> Any:
        return self._weasyprint.CSS(
            string=style,
            base_url=_BASE_URL,
            url_fetcher=self._fetcher,
            font_config=fonts,
        )

    def _compute_styles(self, html: Any) -> Any:
        return self._weasyprint.css.get_all_computed_styles(
            html, [self._style], font_config=self._fonts, page_rules=[], layers=[]
        )

    def _render(self, html: Any, first_folio: int) -> Any:
        folio = f"@page :first {{ counter-set: page {first_folio} }}"
        start = self._weasyprint.CSS(string=folio)
        with self._log:
            return html.render(
                font_config=self._fonts, stylesheets=[self._style, start]
            )

    def _measure_frame(self) -> tuple[float, Frame]:
        """Return the measure and the frame of a page, from a page set as a sample."""
        page = self._render(self._read(_SAMPLE), 1).pages[0]
        box = page._page_box  # noqa: SLF001 - WeasyPrint's boxes
        found = read_boxes(page)
        note, variant = found.bodies[0][1], found.variants[0][1]
        rule = note.position_y - (found.foot_top or 0.0)
        second_rule = variant.position_y - note.position_y - note.height
        frame = Frame(
            height=box.height,
            rule=rule,
            second_rule=second_rule,
            longest=(box.height - rule) * LONGEST_NOTE,
        )
        return box.width, frame

    def _make_numbers(self, step: int) -> Numbers | None:
        if not step:
            return None
        numbers = Numbers(step)
        sample = numbers.sample(MOST_LINES)
        numbers.read(self._render(self._read(sample), 1).pages[0])
        return numbers

    def _report_blemishes(self, part: LaidOutPart) -> None:
        """Warn of what the pages could not avoid and the editor may."""
        for blemish in part.blemishes:
            if blemish.kind in GRAVE:
                message = f"{blemish.kind}: page {blemish.folio}, line {blemish.line}"
                hint = "lengthen or shorten a note near it, or change the trim"
                self._report.warning("Y-006", message, Span(path=part.name), hint)

    def _report_log(self, name: str) -> None:
        for message in self._log.take():
            hint = "mend the style or the picture that it names"
            lowered = message[:1].lower() + message[1:]
            self._report.warning("Y-004", lowered, Span(path=name), hint)


def _plan(
    drafts: Sequence[Draft], first: int, references: Mapping[str, str]
) -> dict[str, tuple[str, int]]:
    """Plan *drafts* from the folio *first* on; return the places of their anchors."""
    places: dict[str, tuple[str, int]] = {}
    for draft in drafts:
        draft.first_folio = first
        draft.setting = draft.typesetter.plan(references)
        for id_, (page, line) in draft.setting.anchors.items():
            places[id_] = (write_folio(first + page, roman=draft.roman), line)
        first += len(draft.setting.pages) + len(draft.setting.pages) % 2
    return places


# --- the engine --------------------------------------------------------------------


def import_weasyprint() -> Any:
    """Import WeasyPrint with no font of the machine in reach."""
    folder = Path(tempfile.gettempdir()) / f"recension-fontconfig-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    settings = folder / "fonts.conf"
    fresh = folder / f"fonts-{os.getpid()}.conf"  # another build may be reading it
    fresh.write_text(_FONTCONFIG.format(cache=folder / "cache"), "utf-8")
    fresh.replace(settings)
    os.environ["FONTCONFIG_FILE"] = str(settings)
    # WeasyPrint warns when it is imported and finds no fonts: we want it to find none.
    # No `catch_warnings`, which would not be safe beside the main thread.
    warnings.filterwarnings("ignore", _NO_FONTS, UserWarning, "weasyprint.text.fonts")
    try:
        import weasyprint  # noqa: PLC0415 - slow, and needs the line above first
        import weasyprint.pdf  # noqa: PLC0415 - the same
        import weasyprint.text.fonts  # noqa: PLC0415 - the same
    except OSError as fault:
        message = "WeasyPrint needs Pango, which this machine lacks"
        raise ToolError(message, f"apt-get install {_PANGO}") from fault
    weasyprint.pdf.add_tags = add_tags
    return weasyprint


def _make_fetcher(weasyprint: Any, folders: Sequence[Path]) -> Any:
    roots = [folder.resolve() for folder in folders]

    class _Fetcher(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # an untyped base
        """Fetch files of the edition and of the builder's templates, nothing else."""

        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - WeasyPrint calls it
            if url.startswith(_BASE_URL):
                name = unquote(urlparse(url).path).removeprefix("/edition/")
                for root in roots:
                    path = (root / name).resolve()
                    if path.is_relative_to(root) and path.is_file():
                        content = path.read_bytes()
                        return weasyprint.urls.URLFetcherResponse(url, content)
            reason = f"`{url}` is not a file of the edition"
            raise ValueError(reason)

    return _Fetcher()


class _Log:
    """Gather what WeasyPrint and fontTools log while the engine works."""

    def __init__(self) -> None:
        self._handler = logging.Handler(logging.WARNING)
        self._handler.emit = self._emit  # type: ignore[method-assign]  # one method of a handler
        self._messages: dict[str, None] = {}

    def _emit(self, record: logging.LogRecord) -> None:
        self._messages[record.getMessage()] = None

    def __enter__(self) -> None:
        logging.captureWarnings(capture=True)
        logging.getLogger("weasyprint").addHandler(self._handler)
        logging.getLogger("weasyprint").propagate = False
        logging.getLogger("py.warnings").addHandler(logging.NullHandler())
        logging.getLogger("py.warnings").propagate = False

    def __exit__(self, *_: object) -> None:
        logging.getLogger("weasyprint").removeHandler(self._handler)
        logging.captureWarnings(capture=False)

    def take(self) -> tuple[str, ...]:
        messages = tuple(self._messages)
        self._messages.clear()
        return messages
