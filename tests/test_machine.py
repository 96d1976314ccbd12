"""What the machine lacks ends with three and its cure; what a run takes has limits."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from conftest import MINIMAL, ROOT

from recension import pandoc, pipeline
from recension.cli import BOOK, MACHINE, OK, STOPPED, USAGE, main
from recension.machine import find_hint, limited

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Edition

    Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow

ROOM = "make room on the disk"
CODES = {
    errno.ENOSPC: ROOM,
    errno.EDQUOT: ROOM,
    errno.EFBIG: "ulimit -f",
    errno.EACCES: "give yourself the right to it",
    errno.EROFS: "--out",
    errno.EIO: "look at the disk",
    errno.EMFILE: "ulimit -n",
    errno.ENOMEM: "RECENSION_MEGABYTES",
    errno.ENAMETOOLONG: "shorter name",
}


def failing(fault: BaseException) -> Callable[..., NoReturn]:
    def fail(*_: object, **__: object) -> NoReturn:
        raise fault

    return fail


def shell(line: str, *arguments: object) -> tuple[int, str]:
    """Run a *line* of the shell, `$@` being the command; return its status and stderr.

    Nothing that it tells may be a traceback.
    """
    command = [sys.executable, ROOT / "build.py", *arguments]
    done = subprocess.run(
        ["bash", "-c", line, "bash", *command],
        check=False,
        capture_output=True,
        env=os.environ | {"PYTHONUNBUFFERED": ""},
    )
    told = done.stderr.decode()
    assert "Traceback" not in told
    assert "ignored" not in told
    return done.returncode, told


# --- one door ----------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_a_fault_of_the_machine_has_its_cure(
    code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = OSError(code, os.strerror(code), "some/file")
    monkeypatch.setattr(pipeline, "check", failing(fault))
    assert main(["check", str(MINIMAL)]) == MACHINE
    told = capsys.readouterr().err
    assert told.startswith(f"error: {os.strerror(code).lower()}: some/file\n    hint: ")
    assert CODES[code] in told


@pytest.mark.parametrize("fault", [OSError(errno.ENOTDIR, "x"), ValueError("x")])
def test_a_fault_of_the_builder_is_no_fault_of_the_machine(
    fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "check", failing(fault))
    with pytest.raises(type(fault)):
        main(["check", str(MINIMAL)])


def test_memory_that_is_used_up_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "check", failing(MemoryError()))
    assert main(["check", str(MINIMAL)]) == MACHINE
    assert "no more memory\n    hint: take a machine" in capsys.readouterr().err


def test_a_run_that_is_stopped_by_hand_has_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "check", failing(KeyboardInterrupt()))
    assert main(["check", str(MINIMAL)]) == STOPPED
    assert capsys.readouterr().err == ""


# --- disks, rights, streams --------------------------------------------------------


@pytest.mark.parametrize("blocks", [0, 1, 8])
def test_files_that_may_not_be_long_enough_are_told(
    blocks: int, edition: Edition
) -> None:
    """Those of pandoc and, in a build, our own."""
    status, told = shell(f'ulimit -f {blocks}; "$@"', edition.folder)
    assert status == MACHINE
    assert "ulimit -f" in told


@pytest.mark.parametrize("kilobytes", [60, 150, 300])
def test_a_full_disk_leaves_the_last_files_and_nothing_else(
    kilobytes: int, edition: Edition, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    size = f"size={kilobytes}k"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can make a small disk")
    try:
        (disk / "out").mkdir()
        (disk / "out" / "imprimerie.pdf").write_text("the last good one")
        status, told = shell('"$@"', edition.folder, "--out", disk / "out")
        assert status == MACHINE
        assert "no space left on device" in told
        assert ROOM in told
        files = [path for path in disk.rglob("*") if path.is_file()]
        assert files == [disk / "out" / "imprimerie.pdf"]
        assert files[0].read_text() == "the last good one"
        assert [path.name for path in disk.iterdir()] == ["out"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("stream", ["/dev/full", "&-"])
def test_an_output_that_takes_nothing_is_told(stream: str) -> None:
    status, told = shell(f'"$@" >{stream}', "check", MINIMAL)
    if stream == "&-":
        assert (status, told) == (OK, "")
    else:
        assert status == MACHINE
        assert "error: no space left on device" in told


def test_help_that_cannot_be_written_is_told() -> None:
    status, told = shell('"$@" >/dev/full', "--help")
    assert status == MACHINE
    assert "no space left on device" in told


def test_a_reader_of_the_output_that_has_ended_is_told() -> None:
    status, told = shell('"$@" | true; exit ${PIPESTATUS[0]}', "check", MINIMAL)
    assert status == MACHINE
    assert "error: broken pipe" in told


@pytest.mark.parametrize(
    ("stream", "expected"),
    [("2>/dev/full", MACHINE), ("2>&1 >/dev/null | true", MACHINE), ("2>&-", BOOK)],
)
def test_problems_that_cannot_be_told_have_their_status(
    stream: str, expected: int, edition: Edition
) -> None:
    edition.edit(edition.TEXT, "On a gardé", "On aura gardé")
    line = f'"$@" {stream}; exit ${{PIPESTATUS[0]}}'
    assert shell(line, "check", edition.folder) == (expected, "")


def test_a_file_that_nobody_may_read_is_told(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For root too, who may read all."""
    denied = PermissionError(errno.EACCES, "Permission denied", "a/text.md")
    monkeypatch.setattr(Path, "read_bytes", failing(denied))
    assert main(["check", str(edition.folder)]) == MACHINE


def test_want_of_a_temporary_folder_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lack = FileNotFoundError(errno.ENOENT, "No usable temporary directory found")
    monkeypatch.setattr(tempfile, "gettempdir", failing(lack))
    assert main(["check", str(MINIMAL)]) == MACHINE
    assert "hint: set TMPDIR to" in capsys.readouterr().err


def test_a_run_leaves_nothing_in_the_temporary_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert main(["check", str(MINIMAL)]) == OK
    assert list(tmp_path.iterdir()) == []
    assert tempfile.gettempdir() == str(tmp_path)


def test_a_name_that_is_too_long_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "x" * 300]) == MACHINE
    assert "file name too long" in capsys.readouterr().err


# --- names that are no text --------------------------------------------------------

NO_TEXT = os.fsdecode(b"caf\xe9")


def test_an_edition_may_stand_in_a_folder_whose_name_is_no_text(
    edition: Edition, run: Run, tmp_path: Path
) -> None:
    folder = edition.folder.rename(tmp_path / NO_TEXT)
    done = run(folder, "--out", tmp_path / f"out-{NO_TEXT}")
    assert (done.returncode, done.stdout, done.stderr) == (OK, "", "")
    assert (tmp_path / f"out-{NO_TEXT}" / "imprimerie.pdf").is_file()


def test_a_temporary_folder_whose_name_is_no_text_is_told(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / NO_TEXT).mkdir()
    done = run("check", MINIMAL, TMPDIR=str(tmp_path / NO_TEXT))
    assert done.returncode == MACHINE
    assert "hint: set TMPDIR to another one" in done.stderr


def test_a_folder_whose_name_is_no_text_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / NO_TEXT).mkdir()
    done = run("check", tmp_path / NO_TEXT)
    assert done.returncode == BOOK
    assert "there is no edition in `caf\\udce9`" in done.stderr


# --- pandoc ------------------------------------------------------------------------

SAID = {
    "pandoc: log.json: withBinaryFile: resource exhausted (No space left on device)": (
        1,
        errno.ENOSPC,
    ),
    "pandoc: Unable to commit 1048576 bytes of memory": (251, errno.ENOMEM),
    "": (-signal.SIGXFSZ, errno.EFBIG),
    "\n": (-signal.SIGKILL, errno.ENOMEM),
}


@pytest.mark.parametrize("said", SAID)
def test_what_pandoc_lacks_is_no_fault_of_the_book(said: str) -> None:
    status, code = SAID[said]
    fault = pandoc._find_error(status, said, 1024)
    assert isinstance(fault, OSError)
    assert fault.errno == code
    assert find_hint(fault)


@pytest.mark.usefixtures("pandoc_itself")
def test_want_of_open_files_is_not_told_as_a_want_of_pandoc(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lack = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    monkeypatch.setattr(subprocess, "run", failing(lack))
    assert main(["check", str(MINIMAL), "--no-cache"]) == MACHINE
    assert "ulimit -n" in capsys.readouterr().err


# --- limits ------------------------------------------------------------------------


def read_limits() -> list[tuple[int, int]]:
    kinds = resource.RLIMIT_DATA, resource.RLIMIT_CPU
    return [resource.getrlimit(kind) for kind in kinds]


def test_a_run_may_take_the_memory_of_the_machine_and_an_hour() -> None:
    before = read_limits()
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with limited():
        (data, _), (seconds, _) = read_limits()
        assert whole - 2**20 < data <= whole
        used = resource.getrusage(resource.RUSAGE_SELF)
        assert abs(seconds - 3600 - used.ru_utime - used.ru_stime) < 5
    assert read_limits() == before


def test_a_lower_limit_of_the_shell_is_kept() -> None:
    line = 'ulimit -Sd 4000000; "$@"'
    code = (
        "import resource; from recension.machine import limited\n"
        "with limited(): print(resource.getrlimit(resource.RLIMIT_DATA)[0])"
    )
    done = subprocess.run(
        ["bash", "-c", line, "bash", sys.executable, "-c", code],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    assert int(done.stdout) == 4_000_000 * 1024


@pytest.mark.parametrize("name", ["RECENSION_SECONDS", "RECENSION_MEGABYTES"])
@pytest.mark.parametrize("value", ["0", "-1", "much", "1.5", "1" * 5000])
def test_a_limit_that_cannot_be_is_wrong_usage(
    name: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["check", str(MINIMAL)]) == USAGE
    assert f"error: {name} is `{value[:9]}" in capsys.readouterr().err


def test_a_run_that_takes_too_long_is_ended(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever it is at, and however broadly it catches what goes wrong."""

    def work(*_: object) -> NoReturn:
        while True:
            with suppress(Exception):
                sum(range(1000))

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("RECENSION_SECONDS", "1")
    monkeypatch.setattr(pipeline, "check", work)
    assert main(["check", str(MINIMAL)]) == MACHINE
    assert "no more time\n    hint: look for what" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("swallowed", [True, False])
def test_a_run_that_takes_too_much_memory_is_ended(
    swallowed: bool,  # noqa: FBT001 - a case
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where a library goes on without it, what then fails is told as what it is."""

    def work(*_: object) -> NoReturn:
        taken = []
        try:
            while True:
                taken.append(bytearray(2**20))
        except MemoryError:
            if swallowed:
                message = str(len(taken))
                raise ValueError(message) from None
            raise

    data = Path("/proc/self/status").read_text().split("VmData:")[1].split()[0]
    monkeypatch.setenv("RECENSION_MEGABYTES", str(int(data) // 1024 + 100))
    monkeypatch.setattr(pipeline, "check", work)
    assert main(["check", str(MINIMAL)]) == MACHINE
    assert "no more memory" in capsys.readouterr().err


def test_a_build_that_takes_too_much_memory_is_ended(
    edition: Edition, run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = run(edition.folder, "--out", out, RECENSION_MEGABYTES="50")
    assert done.returncode == MACHINE
    assert "Traceback" not in done.stderr
    assert "RECENSION_MEGABYTES" in done.stderr
    assert not out.exists()


# --- the process beside ------------------------------------------------------------

ASLEEP = """
import os, sys, time
from dataclasses import replace
from recension import cli
from recension.production.formats import FORMATS

def sleep(job):
    print(os.getpid(), flush=True)
    time.sleep(60)

sys.modules["__main__"].sleep = sleep
FORMATS["epub"] = replace(FORMATS["epub"], make=sleep)
cli.main(sys.argv[1:])
"""
"""A build whose EPUB takes a minute, in a process whose number it tells."""


def is_there(process: int) -> bool:
    """Tell whether a *process* is there, and not only waits to be looked after."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def start_asleep(tmp_path: Path) -> tuple[subprocess.Popen[str], int]:
    command = [sys.executable, "-c", ASLEEP, str(MINIMAL), "--out", str(tmp_path)]
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert started.stdout
    lines = iter(started.stdout.readline, "")
    return started, next(int(line) for line in lines if line.strip().isdigit())


def test_no_process_stays_when_the_run_is_killed(tmp_path: Path) -> None:
    started, other = start_asleep(tmp_path)
    with started:
        assert is_there(other)
        started.kill()
    until = time.monotonic() + 20
    while is_there(other) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_there(other)


def test_a_process_that_the_system_ends_is_told(tmp_path: Path) -> None:
    started, other = start_asleep(tmp_path / "out")
    os.kill(other, signal.SIGKILL)
    _, said = started.communicate(timeout=60)
    assert "a run may take no more memory" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()
