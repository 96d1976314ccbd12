"""The command line: what to build, how it is told, and the exit status."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from recension import FORMATS, Workshop, build
from recension.machine import LimitError, OutOfTimeError, explain, limited
from recension.problems import BookError, Report, Severity, ToolError, find_nearest
from recension.production.facts import read_printed
from recension.progress import Progress
from recension.scratch import own_temporary_folder
from recension.store import Store, find_folder
from recension.workroom import open_workroom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from recension.model import Book
    from recension.problems import Problem
    from recension.workroom import Workroom

COMMANDS = ("build", "check")
OK, BOOK, USAGE, MACHINE, STOPPED = 0, 1, 2, 3, 130
"""Exit statuses: done; a fault of the book; wrong usage; a lack of the machine; ^C."""

DESCRIPTION = """\
Build a critical edition from plain text: a PDF and an EPUB, proved against its sources.

An edition is a folder with book/edition.toml; without EDITION_DIR it is this folder.
Of several each is built by itself, and the work shared out between all processes.
"""
EXAMPLES = """\
examples:
  {prog}                      build this edition into build/
  {prog} check                prove the texts and check the book, no files
  {prog} --only epub          build the EPUB alone
  {prog} ../mine --out /tmp/out --strict
  {prog} first second third   build three editions, each into its build/

exit status: 0 done · 1 the book has a fault · 2 wrong usage · 3 the machine lacks
something. A failed build leaves the last good files as they were.

environment: RECENSION_SECONDS and RECENSION_MEGABYTES limit what a run may take.
"""


def run() -> NoReturn:
    """Run the command line and end the process with its status, at once.

    To take the trees and boxes of a book apart takes Python a twentieth of a build.
    """
    status = main()
    _abandon_broken_streams()
    os._exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* name; return the exit status.

    All that the machine lacks goes out here: it is told with its cure.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name of a file may be no text
            stream.reconfigure(errors="backslashreplace")
    lack: ToolError | None
    try:
        try:
            return _run(sys.argv[1:] if arguments is None else list(arguments))
        finally:
            _flush()
    except KeyboardInterrupt:
        return STOPPED
    except (ToolError, OSError, MemoryError, OutOfTimeError) as fault:
        lack = explain(fault)
        if lack is None:
            raise
    with suppress(OSError):  # where it cannot be told, the status tells it
        err = _Output(stderr=True, highlight=False, emoji=False)
        lines = f"error: {lack}\n    hint: {lack.hint}"
        err.print(escape(lines), soft_wrap=True)
    _abandon_broken_streams()
    return MACHINE


def _run(arguments: list[str]) -> int:
    options = _parse(arguments)
    out = _Output(highlight=False, emoji=False)
    err = _Output(stderr=True, highlight=False, emoji=False)
    try:
        with limited(), own_temporary_folder(), _open_room(options) as room:
            done = [
                _do(options, edition, room, out, err) for edition in options.editions
            ]
    except LimitError as fault:
        err.print(escape(f"error: {fault}"), soft_wrap=True)
        return USAGE
    if len(done) > 1:
        _summarise(out, done)
    return max(outcome.status for outcome in done)


def _open_room(options: argparse.Namespace) -> AbstractContextManager[Workroom]:
    store = None if options.no_cache else Store(find_folder())
    return open_workroom(options.jobs, options.cluster, store)


class _Answer(NamedTuple):
    """What came of an edition: its folder, the exit status, what is to be said."""

    edition: Path
    status: int
    told: str


def _do(
    options: argparse.Namespace,
    edition: Path,
    room: Workroom,
    out: Console,
    err: Console,
) -> _Answer:
    """Do with *edition* what the command line asks; tell its problems."""
    report = Report()
    progress = Progress(tell=_teller(out))
    target = _find_target(options, edition)
    told = "checked"
    try:
        if options.command == "check":
            shop = Workshop(edition, target, room=room, progress=progress)
            _show_ledger(out, shop.check(report), target)
        else:
            told = _build(options, edition, target, report, progress, room)
    except BookError as fault:
        _show_problems(err, fault.problems, _head(options, edition))
        return _Answer(edition, BOOK, "has faults, its last files are as they were")
    _show_problems(err, report.sorted, _head(options, edition))
    if options.command == "build" and out.is_terminal and len(options.editions) == 1:
        out.print(told)
    status = BOOK if options.strict and report.problems else OK
    return _Answer(edition, status, told)


def _head(options: argparse.Namespace, edition: Path) -> str:
    """Return what the problems of *edition* stand under: nothing if it is the only."""
    return f"{edition}:" if len(options.editions) > 1 else ""


def _summarise(out: Console, done: Sequence[_Answer]) -> None:
    for outcome in done:
        out.print(f"{escape(str(outcome.edition))}: {outcome.told}", soft_wrap=True)


class _Output(Console):
    """A stream that tells when it cannot be written to."""

    def on_broken_pipe(self) -> NoReturn:
        """Raise what rich has caught, which else would end the process."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def _flush() -> None:
    """Write what is to be written, so that it is told now if it cannot be."""
    if sys.stdout:  # there is none if it was closed
        sys.stdout.flush()


def _abandon_broken_streams() -> None:
    """Keep Python from a last attempt to write what cannot be written.

    See the note on SIGPIPE in the documentation of `signal`.
    """
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _parse(arguments: list[str]) -> argparse.Namespace:
    prog = _name_command()
    parser = argparse.ArgumentParser(
        prog=prog,
        description=DESCRIPTION,
        epilog=EXAMPLES.format(prog=prog),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", choices=FORMATS, help="make one format alone")
    parser.add_argument(
        "--strict", action="store_true", help="treat warnings as errors"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to put the files (build/)"
    )
    parser.add_argument(
        "--jobs", type=int, default=0, metavar="N", help="processes (one a core)"
    )
    parser.add_argument(
        "--cluster", default="", metavar="ADDRESS", help="a cluster of Dask's: tcp://…"
    )
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="take nothing from earlier builds, and keep nothing for later ones",
    )
    parser.add_argument("words", nargs="*", metavar="[build|check] [EDITION_DIR …]")
    options = parser.parse_intermixed_args(arguments)
    words = options.words
    options.command = words.pop(0) if words and words[0] in COMMANDS else "build"
    if options.jobs < 0:
        parser.error("--jobs is a number of processes, 0 for one a core")
    options.editions = [Path(word) for word in words] or [Path()]
    targets = [_find_target(options, edition) for edition in options.editions]
    for edition, target in zip(options.editions, targets, strict=True):
        _check_folders(parser, edition, target)
    if len(set(targets)) < len(targets):
        parser.error("two editions would have their files in one folder")
    return options


def _find_target(options: argparse.Namespace, edition: Path) -> Path:
    """Return where the files of *edition* go; of several each has its own folder."""
    if not options.out:
        return edition / "build"
    several = len(options.editions) > 1
    out: Path = options.out
    return out / edition.resolve().name if several else out


def _check_folders(
    parser: argparse.ArgumentParser, edition: Path, target: Path
) -> None:
    if not _can_be_folder(target):
        parser.error(f"{target} cannot be a folder: a file is in the way")
    if not edition.is_dir():
        nearest = find_nearest(str(edition), COMMANDS)
        meant = f"; did you mean `{nearest}`?" if nearest else ""
        parser.error(f"there is no folder {edition}{meant}")


def _name_command() -> str:
    """Return the command as it was given: `recension`, or `python build.py`."""
    by_file = Path(sys.argv[0]).name == "build.py"
    return "python build.py" if by_file else "recension"


def _can_be_folder(path: Path) -> bool:
    """Tell whether *path* is a folder, or could be made one."""
    existing = next(
        place for place in (path, *path.absolute().parents) if place.exists()
    )
    return existing.is_dir()


def _build(  # noqa: PLR0913 - what a build needs
    options: argparse.Namespace,
    edition: Path,
    target: Path,
    report: Report,
    progress: Progress,
    room: Workroom,
) -> str:
    """Build *edition* into *target*; return what to say of it."""
    made = build(
        edition,
        target,
        report,
        formats=(options.only,) if options.only else FORMATS,
        strict=options.strict,
        progress=progress,
        room=room,
    )
    setting, title = made.facts.setting, made.book.settings.edition.title
    pages = f"{setting.pages} pages, " if setting else ""
    return f"[bold]{escape(title)}[/]: {pages}in {escape(str(target))}/"


def _teller(out: Console) -> Callable[[str, float, str], None]:
    def tell(name: str, seconds: float, remark: str) -> None:
        if out.is_terminal:
            out.print(f"{name:<9} [dim]{seconds:6.2f} s[/]  {escape(remark)}")

    return tell


def _show_problems(err: Console, problems: Sequence[Problem], head: str) -> None:
    if head and problems:
        err.print(head, markup=False, soft_wrap=True)
    for problem in problems:
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        first, _, rest = str(problem).partition("\n")
        err.print(first, style=colour, markup=False, soft_wrap=True)
        if rest:
            err.print(rest, markup=False, soft_wrap=True)


def _show_ledger(out: Console, book: Book, target: Path) -> None:
    """Print the ledger, and what the last files in *target* print of each text."""
    columns = ("characters", "kept", "normalised", "emended", "omitted")
    places = [f"in {name.upper()}" for name in FORMATS]
    heads = ("text", *columns, *places)
    table = Table(*heads, title="Ledger", title_justify="left", box=SIMPLE_HEAD)
    table.pad_edge, table.collapse_padding = False, True
    printed = [read_printed(part, target) for part in book.texts]
    for text, counts in zip(book.ledger.texts, printed, strict=True):
        figures = [f"{getattr(text, column):,}" for column in columns]
        told = [f"{counts[name]:,}" if name in counts else "–" for name in FORMATS]
        table.add_row(f"{text.text_id} ({text.siglum})", *figures, *told)
    totals = [
        f"{sum(getattr(text, column) for text in book.ledger.texts):,}"
        for column in columns
    ]
    for name in FORMATS:
        whole = all(name in counts for counts in printed)
        totals.append(f"{sum(c[name] for c in printed):,}" if whole else "–")
    table.add_section()
    table.add_row("all", *totals)
    out.print(table)
