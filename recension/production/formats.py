"""The formats of a book: what each needs of the pages, and how it is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from recension import epub, html, pdf, verify
from recension.config import SETTINGS_PATH
from recension.layout import find_fonts, read_profile
from recension.problems import Report, Span
from recension.production.facts import PrintFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from recension.config import Settings
    from recension.html import Located
    from recension.model import LaidOutBook, PageMap
    from recension.production.workbench import Workbench
    from recension.progress import Progress


class Need(IntEnum):
    """What a format needs to know of the printed book; each has what those before have.

    PLACES: the folio and line of each anchor; MAP: where the pages begin; SHEETS: the
    pages themselves.
    """

    PLACES = 0
    MAP = 1
    SHEETS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a format is made of, and the *folder* where its files go.

    *printed* and *laid_out* are there if a format needs them.
    """

    bench: Workbench
    located: Located
    printed: PageMap | None
    laid_out: LaidOutBook | None
    folder: Path
    report: Report
    progress: Progress

    @property
    def folios(self) -> tuple[str, ...]:
        """The folios of the printed pages, none where they are not known."""
        return tuple(page.folio for page in self.printed.pages) if self.printed else ()

    def name(self, ending: str) -> Path:
        """Return the path of the file with this *ending*."""
        return self.folder / f"{self.bench.book.settings.edition.slug}{ending}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format: what it *needs* under some settings, and what makes it.

    *make* makes the file that is proved, in another process if it needs no sheets.
    *verify* checks that file, in the other process, and returns its units, if it can be
    read; *finish* makes of it what else there is.
    """

    needs: Callable[[Settings], Need]
    make: Callable[[Job], None]
    verify: Callable[[Job], Mapping[str, str] | None]
    finish: Callable[[Job], PrintFacts] | None = None


# --- PDF ---------------------------------------------------------------------------


def _make_reading(job: Job) -> None:
    """Make the reading PDF."""
    assert job.laid_out, "this format needs sheets"  # noqa: S101 - for the type
    reading, edition = job.name(".pdf"), job.bench.book.settings.edition
    with job.progress.stage("pdf") as remark:
        written = job.bench.engine.write(job.laid_out)
        pdf.write_reading(written, job.folios, edition, read_profile(), reading)
        remark.append(f"{len(job.folios)} pages to read")


def _verify_reading(job: Job) -> Mapping[str, str]:
    """Check the reading PDF; return its units."""
    path, fonts = job.name(".pdf"), find_fonts(job.bench.templates.folders)
    with job.progress.stage("verify"):
        return verify.verify_reading(path, job.folios, fonts, job.report)


def _finish_pdf(job: Job) -> PrintFacts:
    """Make of the reading PDF the printer's, and the cover."""
    with job.progress.stage("pdf") as remark:
        facts = _make_print(job)
        remark.append(f"{facts.pages} pages to print, spine {facts.spine_mm} mm")
    return facts


def _make_print(job: Job) -> PrintFacts:
    """Make the printer's PDF of the reading PDF and the cover beside it; check both.

    There is no cover where the thickness of the paper is not known.
    """
    reading, settings = job.name(".pdf"), job.bench.book.settings
    printing = settings.print.press
    profile = pdf.find_profile(job.bench.templates.folders)
    target = job.name("-print.pdf")
    pages = pdf.write_print(reading, target, settings.edition, printing, profile)
    verify.check_print(target, printing, job.report)
    facts = PrintFacts(
        pages=pages,
        signature=printing.signature,
        paper=printing.paper or printing.caliper,
        spine_mm=printing.spine(pages),
        printer_asks_for=(printing.asks and printing.asks.standard) or "",
    )
    if printing.caliper is None:
        message = f"the thickness of the paper of `{printing.printer}` is not known"
        hint = "set `caliper` in `[print]`, in mm a leaf, to have a cover"
        job.report.warning("L-009", message, Span(path=SETTINGS_PATH), hint)
        return facts
    return _make_cover(job, facts, profile)


def _make_cover(job: Job, facts: PrintFacts, profile: bytes) -> PrintFacts:
    """Make the cover of the printed pages; return *facts* with its measures."""
    settings = job.bench.book.settings
    cover = pdf.plan_cover(facts.pages, settings.print.press, settings.edition)
    sheet = job.name("-cover.pdf")
    set_ = job.bench.set_cover(cover)
    pdf.write_cover(set_, sheet, cover, settings.edition, profile)
    verify.check_cover(sheet, cover.trim, cover.bleed, job.report)
    words = cover.spine_remark or f"words of {cover.spine_size} pt or less"
    return replace(facts, spine_mm=cover.spine, spine=words, cover_mm=cover.sheet)


# --- EPUB --------------------------------------------------------------------------


def _make_epub(job: Job) -> None:
    """Make the EPUB; its picture is the front of the cover."""
    book, bench = job.bench.book, job.bench
    target, located = job.name(".epub"), job.located
    if book.settings.epub.page_list:
        located = replace(located, printed=job.printed)
    with job.progress.stage("html"):
        face = bench.find_typeface()
        given = (book, bench.construed, bench.templates, html.EPUB)
        fragments = html.write_fragments(*given)
        pages = html.render_reading(book, bench.templates, fragments, located, face)
        package = html.render_package(book, bench.templates, pages, face)
    with job.progress.stage("epub") as remark:
        front = bench.set_cover(pdf.plan_front(book.settings.print.press))
        others = {"cover.png": pdf.render_front(front)}
        if face:
            shown = [page.xhtml for page in pages]
            others |= epub.subset_faces(face, shown, package["style.css"])
        epub.write_epub(pages, package, others, book.settings.edition.date, target)
        remark.append(f"{target.stat().st_size // 1024} KB")


def _verify_epub(job: Job) -> Mapping[str, str] | None:
    """Check the EPUB; return its units, None where it cannot be read."""
    book, ibid = job.bench.book, job.bench.templates.words["ibid"]
    folios = job.folios if book.settings.epub.page_list else ()
    with job.progress.stage("verify"):
        return verify.verify_epub(job.name(".epub"), book, ibid, folios, job.report)


FORMATS: Mapping[str, Format] = {
    "pdf": Format(
        needs=lambda _: Need.SHEETS,
        make=_make_reading,
        verify=_verify_reading,
        finish=_finish_pdf,
    ),
    "epub": Format(
        needs=lambda settings: Need.MAP if settings.epub.page_list else Need.PLACES,
        make=_make_epub,
        verify=_verify_epub,
    ),
}
"""The formats by name, in the order in which they are made."""
