"""The second half of the pipeline, from the book to its files: construe to verify.

`formats` is the table of the formats, `workbench` what they are made with, `facts` what
report.json says of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recension.model import PageMap
from recension.pagemap import read_map, write_map
from recension.production.beside import open_beside
from recension.production.facts import Facts, measure, write_report
from recension.production.formats import FORMATS, Job, Need
from recension.production.workbench import open_workbench
from recension.verify import compare

__all__ = ["Finished", "produce", "write_report"]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
class _Planned:
    """The pages as far as they are needed: planned, taken over or laid out."""

    digest: str
    located: Located
    printed: PageMap | None
    new: bool = True
    settled: SettledPlans | None = None
    parts: tuple[LaidOutPart, ...] = ()
    laid_out: LaidOutBook | None = None


def produce(  # noqa: PLR0913 - the pipeline's second half
    sources: Sources,
    book: Book,
    folder: Path,
    formats: Sequence[str],
    report: Report,
    progress: Progress,
    last: Path,
    room: Workroom,
) -> Finished:
    """Plan the pages, then make *formats* in *folder*; pages are set in *room*.

    *last* is the folder of the last finished set, whose map of the printed pages holds
    for formats without sheets when nothing has changed that they are made from.
    """
    bench = open_workbench(sources, book, report, progress, room)
    need = max(FORMATS[name].needs(book.settings) for name in formats)
    name = f"{book.settings.edition.slug}-pages.json"
    with progress.stage("layout") as remark:
        planned = _plan(bench, need, last / name, report)
        count = f"{len(planned.laid_out.pages)} pages, " if planned.laid_out else ""
        remark.append(
            f"{count}{planned.digest[:12]}{'' if planned.new else ', as before'}"
        )
    if planned.printed and planned.new:
        write_map(planned.printed, folder / name)
    job = Job(
        bench=bench,
        located=planned.located,
        printed=planned.printed,
        laid_out=planned.laid_out,
        folder=folder,
        report=report,
        progress=progress,
    )
    made, printed = _make(job, formats, room)
    laid_out = planned.laid_out
    facts = Facts(
        book=book,
        digest=planned.digest,
        new=planned.new,
        setting=measure(planned.parts, len(laid_out.pages)) if laid_out else None,
        printing=made,
        printed=printed,
    )
    plans = planned.settled.plans if planned.settled else ()
    return Finished(book=book, facts=facts, parts=planned.parts, plans=tuple(plans))


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


def _plan(bench: Workbench, need: Need, map_: Path, report: Report) -> _Planned:
    """Plan the pages, lay them out if they are needed; the *map_* may tell enough."""
    digest = bench.find_digest()
    if need < Need.SHEETS and (printed := read_map(map_, digest)):
        located = bench.locate(printed.places)
        return _Planned(digest=digest, located=located, printed=printed, new=False)
    settled = bench.plan()
    located = bench.locate(settled.places)
    report.stop_if_faulty()
    if need < Need.MAP:
        return _Planned(digest=digest, located=located, printed=None, settled=settled)
    parts = bench.lay_out(settled, located)
    edition = bench.book.settings.edition
    laid_out = bench.engine.combine(parts, bench.render_blank(), edition)
    report.stop_if_faulty()
    places = settled.places
    return _Planned(
        digest=digest,
        located=located,
        printed=PageMap(digest=digest, pages=laid_out.pages, places=places),
        settled=settled,
        parts=tuple(parts),
        laid_out=laid_out,
    )
