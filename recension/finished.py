"""The finished set of files: made beside the target, moved when all of it is good."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from recension.problems import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def make_folder(target: Path) -> Iterator[Path]:
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


def move_set(finished: Path, target: Path) -> None:
    """Move the files of *finished* to *target*; raise ToolError when they cannot be."""
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
