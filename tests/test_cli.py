"""The command line: what it takes, what it tells, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from conftest import MINIMAL

from recension import pipeline
from recension.cli import BOOK, MACHINE, OK, USAGE, main
from recension.problems import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Edition

    Run = Callable[..., subprocess.CompletedProcess[str]]


def end(*arguments: object) -> int:
    """Return the exit status of the command line, however it ends."""
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as ended:
        return int(ended.code or 0)


def test_help_shows_examples_and_exit_statuses(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert end("--help") == OK
    told = capsys.readouterr().out
    for wanted in (
        "recension check",
        "--only {pdf,epub}",
        "--strict",
        "--out DIR",
        "examples:",
        "exit status:",
    ):
        assert wanted in told


@pytest.mark.parametrize(
    "arguments",
    [
        ["--only", "docx"],
        ["--unknown"],
        ["check", "no-such-folder"],
        ["no-such-folder"],
        ["check", ".", "and-more"],
        ["--out"],
    ],
)
def test_wrong_usage_ends_with_two_and_says_what_is_wrong(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert end(*arguments) == USAGE
    told = capsys.readouterr()
    assert "error:" in told.err
    assert "Traceback" not in told.err


def test_a_folder_that_is_no_edition_is_a_fault_of_the_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert end("check", tmp_path) == BOOK
    assert "L-001" in capsys.readouterr().err


def test_check_shows_the_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    assert end("check", MINIMAL) == OK
    told = capsys.readouterr()
    assert told.err == ""
    columns = ("characters", "kept", "normalised", "emended", "omitted")
    for wanted in ("Ledger", *columns, "1,548"):
        assert wanted in told.out


def test_check_writes_no_file(edition: Edition, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert end("check", edition.folder) == OK
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.usefixtures("pandoc_itself")
def test_a_lack_of_the_machine_ends_with_three_and_its_cure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import pypandoc

    def fail(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(pypandoc, "get_pandoc_path", fail)
    assert end("check", MINIMAL, "--no-cache") == MACHINE
    told = capsys.readouterr().err
    assert "pandoc cannot be run" in told
    assert "hint: pip install pypandoc_binary" in told


@pytest.mark.slow
def test_a_missing_pango_is_a_lack_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
    edition: Edition,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from recension.layout import runs
    from recension.layout.weasy import documents

    def fail() -> None:
        message = "WeasyPrint needs Pango, which this machine lacks"
        raise ToolError(message, "apt-get install libpango-1.0-0")

    monkeypatch.setattr(documents, "import_weasyprint", fail)
    monkeypatch.setattr(runs, "_compositors", {})
    assert end(edition.folder, "--only", "pdf") == MACHINE
    assert "hint: apt-get install" in capsys.readouterr().err


@pytest.mark.slow
def test_where_nothing_can_be_written_the_last_files_stay(
    edition: Edition, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder has the name of a file: none is moved, not even those before it."""
    out = edition.folder / "build"
    (out / "report.json").mkdir(parents=True)
    (out / "imprimerie.epub").write_text("the last good one")
    assert end(edition.folder, "--only", "epub") == MACHINE
    told = capsys.readouterr().err
    assert "nothing can be written to" in told
    assert "hint: name another folder with --out" in told
    assert (out / "imprimerie.epub").read_text() == "the last good one"


def test_a_place_is_told_as_it_is(
    edition: Edition, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a line number nor a word of the text is taken for a code of ours."""
    old = "On a gardé la presse."
    edition.edit(
        edition.TEXT,
        old,
        "\n" * 65 + "[bold] :smile: <b> [/bold] On a gardé la presse.",
    )
    assert end("check", edition.folder) == BOOK
    told = capsys.readouterr().err
    assert f"{edition.TEXT}:100:16: error[P-002]" in told
    assert "[bold] :smile: <b> [/bold]" in told


def test_warnings_end_well_unless_strict(
    edition: Edition, capsys: pytest.CaptureFixture[str]
) -> None:
    edition.edit(edition.TEXT, "par @vidal1931 [44-45]", "par [@vidal1931, 44-45]")
    assert end("check", edition.folder) == OK
    assert "warning[C-007]" in capsys.readouterr().err
    assert end("check", "--strict", edition.folder) == BOOK


@pytest.mark.slow
@pytest.mark.parametrize(
    ("only", "files"),
    [
        ("pdf", ["imprimerie.pdf", "imprimerie-print.pdf", "imprimerie-cover.pdf"]),
        ("epub", ["imprimerie.epub"]),
    ],
)
def test_only_makes_what_is_named(
    only: str, files: list[str], edition: Edition, tmp_path: Path
) -> None:
    """The printer's PDF and the cover come with the PDF that is read."""
    out = tmp_path / "deep" / "out"
    assert end(edition.folder, "--only", only, "--out", out) == OK
    names = sorted(path.name for path in out.iterdir())
    beside = ["report.json", "imprimerie-pages.json"]
    assert names == sorted([*files, *beside])
    facts = json.loads((out / "report.json").read_text("utf-8"))
    assert ("print" in facts) is (only == "pdf")


@pytest.mark.slow
def test_strict_makes_no_file_of_a_book_with_warnings(
    edition: Edition, tmp_path: Path
) -> None:
    edition.edit(edition.TEXT, "par @vidal1931 [44-45]", "par [@vidal1931, 44-45]")
    out = tmp_path / "out"
    assert end(edition.folder, "--only", "epub", "--strict", "--out", out) == BOOK
    assert not out.exists() or list(out.iterdir()) == []
    assert end(edition.folder, "--only", "epub", "--out", out) == OK
    facts = json.loads((out / "report.json").read_text("utf-8"))
    (problem,) = facts["problems"]
    assert (problem["code"], problem["severity"]) == ("C-007", "warning")
    assert (problem["line"], problem["column"]) == (37, 59)


@pytest.mark.slow
@pytest.mark.parametrize("out", ["a-file", "a-file/below"])
def test_a_place_that_cannot_be_written_to_is_told(
    out: str, edition: Edition, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a-file").write_text("x")
    assert end(edition.folder, "--only", "epub", "--out", tmp_path / out) in (
        USAGE,
        MACHINE,
    )
    assert "a-file" in capsys.readouterr().err


@pytest.mark.slow
def test_a_build_without_a_terminal_is_silent(
    run: Run, edition: Edition, tmp_path: Path
) -> None:
    """In a process of its own: no line on either stream, not from any library."""
    done = run(edition.folder, "--out", tmp_path / "out")
    assert (done.returncode, done.stdout, done.stderr) == (OK, "", "")


@pytest.mark.slow
def test_without_out_the_files_go_into_the_edition(edition: Edition) -> None:
    assert end("build", edition.folder, "--only", "epub") == OK
    assert (edition.folder / "build" / "imprimerie.epub").is_file()


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        pytest.param("C-002-brace", marks=pytest.mark.slow),
        pytest.param("C-003", marks=pytest.mark.slow),
        "many",
    ],
)
def test_a_process_of_its_own_tells_no_more_than_the_report(
    case: str, run: Run, edition: Edition
) -> None:
    """No library adds a line of its own to what is told of a fault."""
    from test_problems import FOLDER, lay_over

    arguments = lay_over(edition, FOLDER / case)
    done = run(*arguments, edition.folder)
    assert done.returncode == BOOK
    assert done.stderr == (FOLDER / case / "report.txt").read_text("utf-8")


FAULTS = [
    ("book/texts/imprimerie.md", "On a gardé la presse.", "On a gardé la prose."),
    (
        "bibliography/works.bib",
        "title = {Carnets d’un atelier}",
        'title = "Carnets {d’un atelier"',
    ),
]
"""A fault that `collate` finds, and one that citeproc finds beside it."""


def make_faulty(edition: Edition) -> None:
    for path, old, new in FAULTS:
        edition.edit(path, old, new)


def tell(edition: Edition) -> str:
    return "\n".join(map(str, edition.problems()))


@pytest.mark.parametrize("late", ["cite", "collate", "index"])
def test_what_is_told_does_not_depend_on_which_stage_ends_first(
    late: str, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_faulty(edition)
    told = tell(edition)
    assert [told.count(code) for code in ("K-001", "C-002")] == [1, 1]
    stage = getattr(pipeline, late)

    def wait(*arguments: Any) -> Any:
        time.sleep(0.3)
        return stage(*arguments)

    monkeypatch.setattr(pipeline, late, wait)
    assert tell(edition) == told


@pytest.mark.slow
def test_thirty_checks_on_a_busy_machine_tell_one_text(edition: Edition) -> None:
    make_faulty(edition)
    idle = "while True: pass"
    busy = [subprocess.Popen([sys.executable, "-c", idle]) for _ in range(3)]
    try:
        told = {tell(edition) for _ in range(30)}
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert len(told) == 1
