"""The command line: what to build, how it is told, and the exit status."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from recension import FORMATS, build, check
from recension.machine import LimitError, OutOfTimeError, explain, limited
from recension.problems import BookError, Report, Severity, ToolError, find_nearest
from recension.production.facts import read_printed
from recension.progress import Progress
from recension.scratch import own_temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from recension.model import Book
    from recension.problems import Problem

COMMANDS = ("build", "check")
OK, BOOK, USAGE, MACHINE, STOPPED = 0, 1, 2, 3, 130
"""Exit statuses: done; a fault of the book; wrong usage; a lack of the machine; ^C."""

DESCRIPTION = """\
Build a critical edition from plain text: a PDF and an EPUB, proved against its sources.

An edition is a folder with book/edition.toml; without EDITION_DIR it is this folder.
"""
EXAMPLES = """\
examples:
  {prog}                      build this edition into build/
  {prog} check                prove the texts and check the book, no files
  {prog} --only epub          build the EPUB alone
  {prog} ../mine --out /tmp/out --strict

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
    report = Report()
    progress = Progress(tell=_teller(out))
    try:
        with limited(), own_temporary_folder():
            if options.command == "check":
                _, book = check(options.edition, report, progress)
                _show_ledger(out, book, options.target)
            else:
                _build(options, report, progress, out)
    except BookError as fault:
        _show_problems(err, fault.problems)
        return BOOK
    except LimitError as fault:
        err.print(escape(f"error: {fault}"), soft_wrap=True)
        return USAGE
    _show_problems(err, report.sorted)
    return BOOK if options.strict and report.problems else OK


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
    parser.add_argument("words", nargs="*", metavar="[build|check] [EDITION_DIR]")
    options = parser.parse_intermixed_args(arguments)
    words = options.words
    options.command = words.pop(0) if words and words[0] in COMMANDS else "build"
    if len(words) > 1:
        parser.error(f"too many arguments: {' '.join(words)}")
    options.edition = Path(words[0]) if words else Path()
    options.target = target = options.out or options.edition / "build"
    if not _can_be_folder(target):
        parser.error(f"{target} cannot be a folder: a file is in the way")
    if not options.edition.is_dir():
        nearest = find_nearest(str(options.edition), COMMANDS)
        meant = f"; did you mean `{nearest}`?" if nearest else ""
        parser.error(f"there is no folder {options.edition}{meant}")
    return options


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


def _build(
    options: argparse.Namespace, report: Report, progress: Progress, out: Console
) -> None:
    formats = (options.only,) if options.only else FORMATS
    made = build(
        options.edition,
        options.target,
        report,
        formats=formats,
        strict=options.strict,
        progress=progress,
    )
    if out.is_terminal:
        setting, title = made.facts.setting, made.book.settings.edition.title
        pages = f"{setting.pages} pages, " if setting else ""
        out.print(f"[bold]{escape(title)}[/]: {pages}in {options.target}/")


def _teller(out: Console) -> Callable[[str, float, str], None]:
    def tell(name: str, seconds: float, remark: str) -> None:
        if out.is_terminal:
            out.print(f"{name:<9} [dim]{seconds:6.2f} s[/]  {escape(remark)}")

    return tell


def _show_problems(err: Console, problems: Sequence[Problem]) -> None:
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
