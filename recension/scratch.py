"""Folders for the time of a run: each is claimed, and swept where its run was killed.

The claim is a lock on the folder itself, which the system gives back when the process
ends, however it ends. Whoever holds it may remove the folder.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import contextmanager, suppress
from enum import Enum, auto
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import TYPE_CHECKING

from recension.problems import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = ".recension-"
_held: set[int] = set()
"""The claims of this process."""
_NAME = re.compile(re.escape(_PREFIX) + "[a-z0-9_]{8}")
"""The prefix and what `mkdtemp` writes behind it."""


@contextmanager
def own_temporary_folder() -> Iterator[None]:
    """Have all temporary files of the process in one folder, and remove it in the end.

    What killed runs have left is removed too. Raises ToolError where there is no place.
    """
    before = tempfile.tempdir
    place = _find_temporary()
    sweep(place)
    with make_scratch(place) as folder:
        tempfile.tempdir = str(folder)
        try:
            yield
        finally:
            tempfile.tempdir = before


def _find_temporary() -> Path:
    """Return the folder for temporary files; its name must be text, for Fontconfig."""
    try:
        name = tempfile.gettempdir()
    except FileNotFoundError as fault:
        message = "there is no folder where temporary files can be written"
        hint = "set TMPDIR to one with some room, where `ulimit -f` allows files"
        raise ToolError(message, hint) from fault
    try:
        name.encode()
    except UnicodeEncodeError as fault:
        message = f"the name of the temporary folder is not UTF-8: {name}"
        raise ToolError(message, "set TMPDIR to another one") from fault
    return Path(name)


@contextmanager
def make_scratch(place: Path) -> Iterator[Path]:
    """Give a folder in *place* that is removed in the end; raises OSError."""
    folder, claim = _make_claimed(place)
    _held.add(claim)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _held.discard(claim)
        os.close(claim)


def leave_claims() -> None:
    """Leave the claims to the process that this one is forked from."""
    for claim in _held:
        os.close(claim)
    _held.clear()


def sweep(place: Path) -> None:
    """Remove the folders in *place* whose run was killed."""
    for folder in find_scratch(place):
        with claim_stray(folder) as is_stray:
            if is_stray:
                shutil.rmtree(folder, ignore_errors=True)


def find_scratch(place: Path) -> list[Path]:
    """Return what in *place* has the name of a folder for the time of a run."""
    try:
        return sorted(path for path in place.iterdir() if _NAME.fullmatch(path.name))
    except OSError:
        return []  # there is no such place, or it is not ours to look into


@contextmanager
def claim_stray(folder: Path) -> Iterator[bool]:
    """Claim *folder*; tell whether it is the user's own and no other run has it."""
    try:
        claim = _open(folder)
    except OSError:
        yield False  # it is gone, or it is a link or a file
        return
    try:
        yield os.fstat(claim).st_uid == os.geteuid() and _lock(claim) is _Lock.HELD
    finally:
        os.close(claim)


def _make_claimed(place: Path) -> tuple[Path, int]:
    """Make a folder in *place*; return it and what holds the claim.

    Where another run has claimed it first, to sweep it, one more is made. A file system
    without locks has no claims, and there nothing is swept.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        with suppress(FileNotFoundError):
            claim = _open(folder)
            if _lock(claim) is not _Lock.TAKEN and folder.exists():
                return folder, claim
            os.close(claim)


class _Lock(Enum):
    """What became of a lock: it is held, another has it, or there can be none."""

    HELD = auto()
    TAKEN = auto()
    NONE = auto()


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _lock(claim: int) -> _Lock:
    try:
        flock(claim, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return _Lock.TAKEN
    except OSError:
        return _Lock.NONE
    return _Lock.HELD
