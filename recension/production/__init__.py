"""The second half of the pipeline, from the book to its files: construe to verify.

`formats` is the table of the formats, `workbench` what they are made with, `facts` what
report.json says of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from recension.each import Each, anew
from recension.model import PageMap
from recension.pagemap import read_map, write_map
from recension.pdf import draw_page
from recension.production.beside import open_beside
from recension.production.facts import Facts, measure, write_report
from recension.production.formats import FORMATS, Job, Need
from recension.production.workbench import open_workbench
from recension.verify import compare

__all__ = ["Finished", "Prepared", "make", "prepare", "write_report"]

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from recension.html import Located
    from recension.layout import SettledPlans
    from recension.layout.plans import Plan
    from recension.model import Book, LaidOutBook, LaidOutPart, Sources
    from recension.problems import Report
    from recension.production.facts import PrintFacts
    from recension.production.workbench import Workbench
    from recension.progress import Progress
    from recension.workroom import Workroom


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What has been made: the book, its figures, its pages.

    *parts* are the parts as laid out and *plans* those that were set line by line; both
    are empty where no pages were laid out.
    """

    book: Book
    facts: Facts
    parts: tuple[LaidOutPart, ...] = ()
    plans: tuple[Plan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A book whose pages are known as far as the *formats* need them.

    They are planned, taken over from the last finished set, or laid out. Files are made
    with *bench* and *room*; *report* has the problems, *progress* is told.
    """

    bench: Workbench
    room: Workroom
    report: Report
    progress: Progress
    formats: Sequence[str]
    digest: str
    located: Located
    printed: PageMap | None
    new: bool = True
    settled: SettledPlans | None = None
    parts: tuple[LaidOutPart, ...] = ()
    laid_out: LaidOutBook | None = None

    @property
    def book(self) -> Book:
        """The book."""
        return self.bench.book

    @property
    def pages(self) -> list[tuple[object, ...]]:
        """What can be seen of each of the laid-out pages: two alike are equal."""
        return self.bench.engine.list_pages(self.laid_out) if self.laid_out else []

    @property
    def folios(self) -> tuple[str, ...]:
        """The folios of the laid-out pages."""
        pages = self.laid_out.pages if self.laid_out else ()
        return tuple(page.folio for page in pages)

    def write_page(self, number: int) -> bytes:
        """Return the page *number*, from 0, as a PDF; it has been laid out."""
        assert self.laid_out, "pages have been laid out"  # noqa: S101 - for the type
        return self.bench.engine.write_page(self.laid_out, number)

    def draw_page(self, number: int, dots: int) -> bytes:
        """Return the page *number* as a PNG, with so many *dots* to the inch."""
        return draw_page(self.write_page(number), dots)


def prepare(  # noqa: PLR0913 - the pipeline's second half
    sources: Sources,
    book: Book,
    *,
    formats: Sequence[str],
    report: Report,
    progress: Progress,
    last: Path,
    room: Workroom,
    each: Each = anew,
) -> Prepared:
    """Plan the pages that *formats* need and lay them out, in *room*.

    *last* is the folder of the last finished set, whose map of the printed pages holds
    for formats without sheets when nothing has changed that they are made from.
    """
    bench = open_workbench(sources, book, report, progress, room, each)
    tell = partial(
        Prepared,
        bench=bench,
        room=room,
        report=report,
        progress=progress,
        formats=formats,
    )
    need = max(FORMATS[name].needs(book.settings) for name in formats)
    with progress.stage("layout") as remark:
        prepared = _plan(bench, need, last, report, tell)
        laid_out = prepared.laid_out
        count = f"{len(laid_out.pages)} pages, " if laid_out else ""
        remark.append(
            f"{count}{prepared.digest[:12]}{'' if prepared.new else ', as before'}"
        )
    return prepared


def make(prepared: Prepared, folder: Path) -> Finished:
    """Make the files of a book in *folder* and verify them."""
    book = prepared.book
    if prepared.printed and prepared.new:
        write_map(prepared.printed, folder / name_map(book))
    job = Job(
        bench=prepared.bench,
        located=prepared.located,
        printed=prepared.printed,
        laid_out=prepared.laid_out,
        folder=folder,
        report=prepared.report,
        progress=prepared.progress,
    )
    made, printed = _make(job, prepared.formats, prepared.room)
    laid_out = prepared.laid_out
    facts = Facts(
        book=book,
        digest=prepared.digest,
        new=prepared.new,
        setting=measure(prepared.parts, len(laid_out.pages)) if laid_out else None,
        printing=made,
        printed=printed,
    )
    plans = prepared.settled.plans if prepared.settled else ()
    return Finished(book=book, facts=facts, parts=prepared.parts, plans=tuple(plans))


def _make(
    job: Job, formats: Sequence[str], room: Workroom
) -> tuple[PrintFacts | None, dict[str, dict[str, int]]]:
    """Make *formats* and verify them; return facts, and the characters by format.

    What needs sheets is made here, where they are; the rest and the proof are beside.
    """
    rows = {name: row for name, row in FORMATS.items() if name in formats}
    settings = job.bench.book.settings
    here = [name for name in rows if rows[name].needs(settings) is Need.SHEETS]
    with open_beside(job, alone=room.hands == 1) as other:
        apart = [name for name in rows if name not in here]
        made = [other.start(rows[name].make) for name in apart]
        read = {name: other.start(rows[name].verify) for name in apart}
        for name in here:
            rows[name].make(job)
            read[name] = other.start(rows[name].verify)
        facts = [row.finish(job) for row in rows.values() if row.finish]
        for take in made:
            take()
        found = {name: read[name]() for name in rows}
    units = {name: texts for name, texts in found.items() if texts is not None}
    return next(iter(facts), None), _compare(job, units)


def _compare(
    job: Job, units: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, int]]:
    """Hold what the files of *job* print against what they should.

    *units* are those of each format; return by format the characters of each text.
    """
    ibid = job.bench.templates.words["ibid"]
    named = {job.name(f".{name}").name: units[name] for name in units}
    with job.progress.stage("verify") as remark:
        counts = compare(job.bench.book, ibid, named, job.report)
        told = (f"{sum(of.values()):,} in {name}" for name, of in counts.items())
        remark.append(f"characters of the texts: {', '.join(told)}")
    return counts


def _plan(
    bench: Workbench,
    need: Need,
    last: Path,
    report: Report,
    tell: Callable[..., Prepared],
) -> Prepared:
    """Plan the pages, lay them out if they are needed; the map in *last* may do.

    *tell* makes the answer of what is known of the pages.
    """
    digest = bench.find_digest()
    map_ = last / name_map(bench.book)
    if need < Need.SHEETS and (printed := read_map(map_, digest)):
        located = bench.locate(printed.places)
        return tell(digest=digest, located=located, printed=printed, new=False)
    settled = bench.plan()
    located = bench.locate(settled.places)
    report.stop_if_faulty()
    if need < Need.MAP:
        return tell(digest=digest, located=located, printed=None, settled=settled)
    parts = bench.lay_out(settled, located)
    edition = bench.book.settings.edition
    laid_out = bench.engine.combine(parts, bench.render_blank(), edition)
    report.stop_if_faulty()
    places = settled.places
    return tell(
        digest=digest,
        located=located,
        printed=PageMap(digest=digest, pages=laid_out.pages, places=places),
        settled=settled,
        parts=tuple(parts),
        laid_out=laid_out,
    )


def name_map(book: Book) -> str:
    """Return the name of the file with the map of the printed pages of *book*."""
    return f"{book.settings.edition.slug}-pages.json"
