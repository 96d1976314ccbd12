"""Recension builds print-ready critical editions from plain text.

The pipeline, in order; nothing else knows it:

 1. load      edition folder          → Sources
 2. parse     Markdown                → Manuscript (pandoc's tree, with positions)
 3. annotate  marks in the tree       → notes, emendations, anchors, references
 4. collate   edited text ↔ source    → Ledger: every character accounted for
 5. cite      citekeys and locators   → formatted notes and works
 6. index     register ↔ texts        → mentions; with the pages, the index
 7. assemble                          → Book, in order and numbered
 8. construe  Book                    → what its words are: titles, languages, dates
 9. html      Book                    → XHTML through the templates
10. layout    XHTML                   → pages: folios, lines, where each note fell
11. pdf       pages                   → reading PDF, printer's PDF, cover
12. epub      Book                    → EPUB 3
13. verify    finished files          → Report
"""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

from recension.annotate import annotate
from recension.assemble import assemble
from recension.cite import cite, list_words
from recension.collate import collate
from recension.config import find_templates
from recension.finished import make_folder, move_set
from recension.index import index
from recension.layout import (
    check_glyphs,
    check_words,
    find_fonts,
    find_known,
    import_weasyprint,
)
from recension.load import load
from recension.parse import parse
from recension.problems import Report, ToolError
from recension.progress import Progress
from recension.tree import find_characters
from recension.workroom import Here, Workroom

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recension.model import Book, Manuscript, Sources
    from recension.production import Finished

FORMATS = ("pdf", "epub")
"""The names of the formats; `production.formats` has a row for each."""


def check(
    folder: Path, report: Report, progress: Progress | None = None
) -> tuple[Sources, Book]:
    """Run the stages load to assemble over the edition in *folder*.

    Faults go to *report*, as many as can be found in one run; raises BookError when
    there is one.
    """
    with report.gather():
        return _check(folder, report, progress or Progress())


def _check(folder: Path, report: Report, progress: Progress) -> tuple[Sources, Book]:
    with progress.stage("load") as remark:
        sources = load(folder, report)
        remark.append(f"{len(sources.texts)} texts")
    with progress.stage("parse"):
        manuscript = parse(sources, report)
        known = find_known(find_fonts(find_templates(sources.folder)), report)
        if known is not None:
            check_characters(sources, manuscript, known, report)
    with progress.stage("annotate") as remark:
        annotated = annotate(manuscript, report)
        parts = (*annotated.front, *annotated.texts)
        notes = sum(len(part.notes) for part in parts)
        emendations = sum(len(text.emendations) for text in annotated.texts)
        remark.append(f"{notes} notes, {emendations} emendations")
    rules = sources.settings.collation.normalise
    with (
        report.apart() as of_cite,  # a report of its own: it runs beside the others
        ThreadPoolExecutor(max_workers=1) as beside,
    ):
        cited = beside.submit(cite, sources, manuscript, annotated, of_cite)
        with progress.stage("collate") as remark:
            ledger = collate(annotated, rules, report)
            proved = sum(text.characters for text in ledger.texts)
            remark.append(f"{proved:,} characters proved")
        with progress.stage("index") as remark:
            indexed = index(annotated, report)
            mentions = sum(len(part.mentions) for part in indexed)
            remark.append(f"{mentions:,} mentions")
        with progress.stage("cite") as remark:
            citations = cited.result()
            if known is not None:
                words = list_words(citations.works, sources.bibliography)
                check_words(words, known, of_cite)
            remark.append(f"{len(citations.works)} works")
    report.stop_if_faulty()
    with progress.stage("assemble"):
        settings = sources.settings
        book = assemble(annotated, indexed, citations, ledger, settings, report)
    report.stop_if_faulty()
    return sources, book


def check_characters(
    sources: Sources, parsed: Manuscript, known: frozenset[str], report: Report
) -> None:
    """Report what is printed and not *known* to the fonts of the edition.

    Of texts and front parts that is what their trees have, of other files all.
    """
    others = [sources.written, *sources.tables.files]
    printed = [(file, frozenset(file.raw)) for file in others]
    printed += [
        (part.files.edited, find_characters(part.blocks))
        for part in (*parsed.front, *parsed.texts)
    ]
    check_glyphs(printed, known, report)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage seldom: the trees and boxes of a book are none until the end.

    Measured on the book: a quarter of the time, for a twentieth more memory.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@_rare_collections()
def build(  # noqa: PLR0913 - the choices of the command, by keyword
    folder: Path,
    target: Path,
    report: Report,
    *,
    formats: tuple[str, ...] = FORMATS,
    strict: bool = False,
    progress: Progress | None = None,
    room: Workroom | None = None,
) -> Finished:
    """Build the edition in *folder* and move the finished set to *target*.

    Pages are set in *room*; without one, in this process, and nothing is kept. Raises
    BookError when the book has a fault (with *strict*, a warning too): *target* is then
    left as it was.
    """
    progress = progress or Progress()
    warm_up = Thread(target=_import_engine)
    warm_up.start()
    try:
        sources, book = check(folder, report, progress)
    finally:
        warm_up.join()
    from recension.production import produce, write_report  # noqa: PLC0415 - slow

    with make_folder(target) as folder_, report.gather():
        here = room or Workroom(Here())
        made = produce(sources, book, folder_, formats, report, progress, target, here)
        if strict and report.problems:
            report.stop()
        report.stop_if_faulty()
        problems, seconds = report.sorted, progress.seconds
        write_report(made.facts, problems, seconds, folder_ / "report.json")
        move_set(folder_, target)
    return made


def _import_engine() -> None:
    """Import the layout engine, which takes long, while pandoc runs beside us.

    What it lacks is told when it is needed.
    """
    with suppress(ToolError, OSError, MemoryError):
        import_weasyprint()
