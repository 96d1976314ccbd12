"""A workshop: an edition that stays open, is revised and made again.

The command line opens one, makes the files once and leaves; a program that stays asks
it again after each change of files. Both go the same way: what has been made before is
found in the store of its room, on disk or, while the workshop is open, in memory.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from recension import pandoc, pipeline
from recension.each import Memory, anew
from recension.finished import make_folder, move_set
from recension.layout import import_weasyprint
from recension.pandoc import Converted
from recension.problems import BookError, Problem, Report, ToolError
from recension.progress import Progress
from recension.workroom import Here, Workroom

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from recension.model import Book
    from recension.production import Finished, Prepared

FORMATS = ("pdf", "epub")
"""The names of the formats; `production.formats` has a row for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an edition has come to by a change of its files, its *number* from 1.

    *folios* are those of all pages in order, none where no pages were laid out, and
    *changed* the places of those, from 0, that were not so before. *book* is None where
    the edition has a fault. *seconds* are told by stage.
    """

    number: int
    book: Book | None
    problems: tuple[Problem, ...]
    folios: tuple[str, ...]
    changed: tuple[int, ...]
    seconds: Mapping[str, float]


class Workshop:
    """The edition in *folder*, whose finished files go to *target*.

    *formats* are to be made; with *strict* a warning is a fault. Pages are set in
    *room*: without one, in this process, and nothing is kept. What is done is told to
    *progress*. One that *stays* remembers what it has made of what has not changed.
    """

    def __init__(  # noqa: PLR0913 - the choices of the command, by keyword
        self,
        folder: Path,
        target: Path,
        *,
        formats: tuple[str, ...] = FORMATS,
        strict: bool = False,
        room: Workroom | None = None,
        progress: Progress | None = None,
        stays: bool = False,
    ) -> None:
        """Open the workshop; nothing is read yet."""
        self._folder, self._target = folder, target
        self._formats, self._strict = formats, strict
        self._room = room or Workroom(Here)
        self._progress = progress or Progress()
        self._memory = Memory()
        self._each = self._memory.again if stays else anew
        self._number = 0
        self._report = Report()
        self._prepared: Prepared | None = None
        self._shown: Prepared | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the last revision, those of its files too, as found."""
        return tuple(self._report.problems)

    def check(self, report: Report | None = None) -> Book:
        """Prove the texts and check the book; no pages are made.

        Faults go to *report*; raises BookError when there is one.
        """
        asked = report if report is not None else Report()
        with self._at_work(asked):
            _, book = pipeline.check(self._folder, asked, self._progress, self._each)
        return book

    def revise(self) -> Revision:
        """Read the edition as it is now and lay out its pages; its files are not made.

        A fault of the edition is among the problems; the last good pages stay.
        """
        self._number += 1
        self._progress.seconds.clear()
        self._report, self._prepared = Report(), None
        with suppress(BookError), self._at_work(self._report):
            self._prepare()
        before = self._shown.pages if self._shown else []
        self._shown = self._prepared or self._shown
        pages = self._prepared.pages if self._prepared else before
        return Revision(
            number=self._number,
            book=self._prepared.book if self._prepared else None,
            problems=tuple(self._report.problems),
            folios=self._shown.folios if self._shown else (),
            changed=tuple(n for n, page in enumerate(pages) if page not in before),
            seconds=dict(self._progress.seconds),
        )

    def write_page(self, number: int) -> bytes:
        """Return the page *number*, from 0, of the last good revision as a PDF."""
        assert self._shown, "no revision has been good"  # noqa: S101 - for the type
        return self._shown.write_page(number)

    def draw_page(self, number: int, dots: int) -> bytes:
        """Return the page *number* as a PNG, with so many *dots* to the inch."""
        assert self._shown, "no revision has been good"  # noqa: S101 - for the type
        return self._shown.draw_page(number, dots)

    def finish(self) -> Finished:
        """Make the files of the last revision and put them in the target.

        Raises BookError, with all problems, when it has a fault: the files there are
        then left as they were.
        """
        from recension.production import make, write_report  # noqa: PLC0415 - slow

        if self._prepared is None:
            self._report.stop()
        with make_folder(self._target) as folder, self._at_work(self._report):
            made = make(self._prepared, folder)
            if self._strict and self._report.problems:
                self._report.stop()
            self._report.stop_if_faulty()
            problems, seconds = self._report.sorted, self._progress.seconds
            write_report(made.facts, problems, seconds, folder / "report.json")
            move_set(folder, self._target)
        return made

    # -- how it works ---------------------------------------------------------------

    def _prepare(self) -> None:
        warm_up = Thread(target=_import_engine)
        warm_up.start()
        try:
            given = pipeline.check(
                self._folder, self._report, self._progress, self._each
            )
        finally:
            warm_up.join()
        from recension.production import prepare  # noqa: PLC0415 - slow

        prepared = prepare(
            *given,
            formats=self._formats,
            report=self._report,
            progress=self._progress,
            last=self._target,
            room=self._room,
            each=self._each,
        )
        self._report.stop_if_faulty()
        self._prepared = prepared
        self._memory.turn()
        self._room.turn()

    @contextmanager
    def _at_work(self, report: Report) -> Iterator[None]:
        """Let faults be told in *report*, pandoc's answers be kept, garbage wait."""
        keep = partial(self._room.remember, "pandoc", Converted)
        with report.gather(), pandoc.kept(keep), _rare_collections():
            yield


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

    Its problems go to *report*. Raises BookError when the book has a fault (with
    *strict*, a warning too): *target* is then left as it was. The others are choices of
    a `Workshop`.
    """
    shop = Workshop(
        folder, target, formats=formats, strict=strict, progress=progress, room=room
    )
    told = shop.revise()
    report.add(told.problems)
    made = shop.finish()
    report.add(shop.problems[len(told.problems) :])
    return made


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


def _import_engine() -> None:
    """Import the layout engine, which takes long, while pandoc runs beside us.

    What it lacks is told when it is needed.
    """
    with suppress(ToolError, OSError, MemoryError):
        import_weasyprint()
