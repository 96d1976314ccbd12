"""The pipeline up to the book: load to assemble, in order.

`recension` numbers all its steps.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from recension.annotate import annotate
from recension.assemble import assemble
from recension.cite import cite, list_words
from recension.collate import collate
from recension.config import find_templates
from recension.each import Each, anew
from recension.index import index
from recension.layout import (
    check_glyphs,
    check_words,
    find_fonts,
    find_known,
)
from recension.load import load
from recension.parse import parse
from recension.progress import Progress
from recension.tree import find_characters

if TYPE_CHECKING:
    from pathlib import Path

    from recension.model import Book, Manuscript, Sources
    from recension.problems import Report


def check(
    folder: Path, report: Report, progress: Progress | None = None, each: Each = anew
) -> tuple[Sources, Book]:
    """Run the stages load to assemble over the edition in *folder*.

    Faults go to *report*, as many as can be found in one run; raises BookError when
    there is one. *each* is what work on many things is done with.
    """
    with report.gather():
        return _check(folder, report, progress or Progress(), each)


def _check(
    folder: Path, report: Report, progress: Progress, each: Each
) -> tuple[Sources, Book]:
    with progress.stage("load") as remark:
        sources = load(folder, report)
        remark.append(f"{len(sources.texts)} texts")
    with progress.stage("parse"):
        manuscript = parse(sources, report, each)
        known = find_known(find_fonts(find_templates(sources.folder)), report)
        if known is not None:
            check_characters(sources, manuscript, known, report, each)
    with progress.stage("annotate") as remark:
        annotated = annotate(manuscript, report, each)
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
            ledger = collate(annotated, rules, report, each)
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
    sources: Sources,
    parsed: Manuscript,
    known: frozenset[str],
    report: Report,
    each: Each = anew,
) -> None:
    """Report what is printed and not *known* to the fonts of the edition.

    Of texts and front parts that is what their trees have, of other files all.
    """
    others = [sources.written, *sources.tables.files]
    printed = [(file, frozenset(file.raw)) for file in others]
    parts = {part.files.settings.id: part for part in (*parsed.front, *parsed.texts)}
    found = each(find_characters, {id_: (of.blocks,) for id_, of in parts.items()})
    printed += [(part.files.edited, found[id_]) for id_, part in parts.items()]
    check_glyphs(printed, known, report)
