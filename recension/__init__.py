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
import json
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from recension.annotate import annotate
from recension.assemble import assemble
from recension.cite import cite
from recension.collate import collate
from recension.config import find_templates
from recension.index import index
from recension.layout import check_glyphs, find_fonts, import_weasyprint
from recension.load import load
from recension.parse import parse
from recension.problems import BookError, Report, ToolError
from recension.production import produce

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recension.model import Book, Sources

FORMATS = ("pdf", "epub")


@dataclass(slots=True)
class Progress:
    """Tell each stage as it ends: *tell* gets its name, its seconds and a remark."""

    tell: Callable[[str, float, str], None] = lambda _name, _seconds, _remark: None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[list[str]]:
        """Time the stage *name*; what is put into the list is its remark."""
        start, remark = time.perf_counter(), list[str]()
        yield remark
        spent = time.perf_counter() - start
        self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)
        self.tell(name, spent, " ".join(remark))


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
        check_characters(sources, report)
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
            remark.append(f"{len(citations.works)} works")
    report.stop_if_faulty()
    with progress.stage("assemble"):
        settings = sources.settings
        book = assemble(annotated, indexed, citations, ledger, settings, report)
    report.stop_if_faulty()
    return sources, book


def check_characters(sources: Sources, report: Report) -> None:
    """Report each character that the fonts of the edition lack."""
    files = [sources.written]
    files += [part.edited for part in (*sources.front, *sources.texts)]
    files += sources.tables.files
    files += [sources.bibliography] if sources.bibliography else []
    fonts = find_fonts(find_templates(sources.folder))
    check_glyphs(files, fonts, report)


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
) -> dict[str, Any]:
    """Build the edition in *folder* and move the finished set to *target*.

    Returns what report.json holds. Raises BookError when the book has a fault (with
    *strict*, a warning too): *target* is then left as it was.
    """
    progress = progress or Progress()
    warm_up = Thread(target=_import_engine)
    warm_up.start()
    try:
        sources, book = check(folder, report, progress)
    finally:
        warm_up.join()
    with _make_folder(target) as finished, report.gather():
        facts = produce(sources, book, finished, formats, report, progress, target)
        if strict and report.problems:
            raise BookError(report.sorted)
        report.stop_if_faulty()
        facts |= {
            "problems": [
                {
                    "code": problem.code,
                    "severity": problem.severity.value,
                    "path": problem.span.path,
                    "line": problem.span.line,
                    "column": problem.span.column,
                    "message": problem.message,
                    "hint": problem.hint,
                }
                for problem in report.sorted
            ],
            "seconds": progress.seconds,
        }
        written = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
        (finished / "report.json").write_text(written, "utf-8")
        _move(finished, target)
    return facts


@contextmanager
def _make_folder(target: Path) -> Iterator[Path]:
    """Give a folder beside *target* for the time of a build.

    Raises ToolError when nothing can be written there.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(dir=target.parent, prefix=".recension-")
    except OSError as fault:
        raise _cannot_write(target.parent, fault) from fault
    with folder as name:
        yield Path(name)


def _move(finished: Path, target: Path) -> None:
    paths = sorted(finished.iterdir())
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path in paths:
            if (target / path.name).is_dir():
                raise IsADirectoryError(0, "a folder is in the way", path.name)
        for path in paths:
            path.replace(target / path.name)
    except OSError as fault:
        raise _cannot_write(target, fault) from fault


def _cannot_write(target: Path, fault: OSError) -> ToolError:
    reason = (fault.strerror or "no reason is known").lower()
    message = f"nothing can be written to {target}: {reason}"
    return ToolError(message, "name another folder with --out")


def _import_engine() -> None:
    """Import the layout engine, which takes long, while pandoc runs beside us."""
    with suppress(ToolError):
        import_weasyprint()
