"""Put finished sets in place, and cut that short: killed, or failing, at each step.

A process of its own, since it has a hook that no process can take away again, and forks
where no thread runs. It prints what it finds as JSON, a line for each run cut short.

    python tests/cut_short.py kill|fail FOLDER      at each step of putting a set there
    python tests/cut_short.py build EDITION FOLDER  builds, killed at any moment
"""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from recension.cli import main
from recension.finished import make_folder, move_set
from recension.layout import import_weasyprint
from recension.problems import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable

NEW = ("book.pdf", "pages.json", "report.json")
"""The files of the new set; of the old one `pages.json` was none."""
DONE, NOT_DONE, WHOLE = 0, 1, 2
"""How a run ends: the set is put there, or it is not, or nothing was cut short."""


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> NoReturn:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def cut_at(number: int, cut: Callable[[], object]) -> list[str]:
    """Call *cut* when the process is about to do its step *number* with files.

    Return the list that the steps go into.
    """
    steps: list[str] = []

    def count(event: str, _arguments: object) -> None:
        if event == "open" or event.startswith("os."):
            steps.append(event)
            if len(steps) == number:
                cut()

    sys.addaudithook(count)
    return steps


def put_set(target: Path) -> bool:
    """Put a new set into *target*; return whether it could be put there."""
    try:
        with make_folder(target) as folder:
            for name in NEW:
                (folder / name).write_text("new")
            move_set(folder, target)
    except ToolError:
        return False
    return True


def in_child(work: Callable[[], int], seconds: float = 0) -> int:
    """Do *work* in a process of its own; return its status, below 0 if it is killed.

    After *seconds*, if there are any, it is killed here.
    """
    child = os.fork()
    if not child:
        status = 70
        try:
            status = work()
        finally:
            os._exit(status)
    if seconds:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)  # it waits for us, if it has ended
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def read(target: Path) -> dict[str, str]:
    """Return what the files of *target* hold, by name."""
    files = (path for path in sorted(target.rglob("*")) if path.is_file())
    return {path.relative_to(target).as_posix(): path.read_text() for path in files}


def tell(found: dict[str, object]) -> None:
    print(json.dumps(found), flush=True)  # noqa: T201 - it is what is asked for


def restore(target: Path, before: dict[str, str]) -> None:
    for path in target.iterdir():
        if path.is_file():
            path.unlink()
    for name, text in before.items():
        (target / name).write_text(text)


def cut_each(cut: Callable[[], object], target: Path) -> None:
    before = read(target)

    def work(number: int) -> int:
        steps = cut_at(number, cut)
        done = put_set(target)
        if len(steps) < number:
            return WHOLE
        return DONE if done else NOT_DONE

    number, status = 1, DONE
    while status != WHOLE:
        status = in_child(lambda: work(number))  # noqa: B023 - it is called now
        found = read(target)
        in_child(lambda: clear_up(target))
        strays = [path.name for path in target.parent.rglob(".recension-*")]
        told = {"status": status, "found": found, "later": read(target)}
        tell(told | {"strays": strays})
        restore(target, before)
        number += 1


def clear_up(target: Path) -> int:
    with make_folder(target):
        return 0


def build(edition: Path, target: Path, times: int = 12) -> None:
    """Kill builds of *edition* that would put another set into *target*."""

    def work() -> int:
        return main([str(edition), "--out", str(target)])

    before = {path: path.read_bytes() for path in target.iterdir()}
    start = time.monotonic()
    assert in_child(work) == DONE
    whole = time.monotonic() - start
    after = {path: path.read_bytes() for path in target.iterdir()}
    moments = random.Random(1940)  # noqa: S311 - for moments
    for _ in range(times):
        for path, content in before.items():
            path.write_bytes(content)
        status = in_child(work, seconds=moments.uniform(0, 1.1 * whole))
        found = {path: path.read_bytes() for path in target.iterdir()}
        tell({"status": status, "found": compare(found, before, after)})
    assert in_child(work) == DONE


def compare(*sets: dict[Path, bytes]) -> str:
    """Return which of the other two sets the first one is, `mixed` if it is neither.

    The seconds in the report are those of each run.
    """
    found, before, after = (
        {p.name: c for p, c in one.items() if p.name != "report.json"} for one in sets
    )
    reports = [one[p] for one in sets for p in one if p.name == "report.json"]
    if found == before and reports[0] == reports[1]:
        return "old"
    if found == after and reports[0] != reports[1]:
        return "new"
    return "mixed"


if __name__ == "__main__":
    way, *folders = sys.argv[1], *map(Path, sys.argv[2:])
    if way == "build":
        import_weasyprint()
        build(*folders)
    else:
        cut_each({"kill": kill, "fail": fail}[way], *folders)
