"""The finished set of files: made beside the target, and put there all at once.

The folder of the new set takes the place of the old one in a single step, with what
else stands in the old one. Where that cannot be, as when the target is a disk of its
own, the files are moved one by one; if that is cut short the next build completes it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from recension.machine import find_hint
from recension.problems import ToolError
from recension.scratch import claim_stray, find_scratch, make_scratch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SET, _READY, _OLD = "set", "ready", "old"
"""In the scratch folder: the files while they are made, while moved, those before."""
_TARGET = "target"
"""Beside `ready`: the path of the folder that the files are moved to."""
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
"""Of renameat2 (Linux 3.15): paths as they are given, and both change places."""
_NOT_HERE = {
    errno.EACCES,
    errno.EBUSY,
    errno.EINVAL,
    errno.EMLINK,
    errno.ENOSYS,
    errno.ENOTSUP,
    errno.EPERM,
    errno.EXDEV,
}
"""What says that folders cannot change places here, or a file not have two names."""


@contextmanager
def make_folder(target: Path) -> Iterator[Path]:
    """Give a folder for the files of a build, from where they can go to *target*.

    What killed builds have left there is cleared up. Raises ToolError when nothing can
    be written.
    """
    place = _resolve(target)
    with ExitStack() as stack:
        with _tell_where(target):
            _clear_up(place)
            scratch = stack.enter_context(make_scratch(_choose_room(place)))
            folder = scratch / _SET
            folder.mkdir()
        yield folder


def move_set(finished: Path, target: Path) -> None:
    """Put the files of *finished* into *target*: all of them, or none.

    Raises ToolError when they cannot be put there.
    """
    place = _resolve(target)
    with _tell_where(target):
        names = sorted(path.name for path in finished.iterdir())
        if any((place / name).is_dir() for name in names):
            raise IsADirectoryError(0, "a folder is in the way")
        _save(finished)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            finished.rename(place)
        elif not _change_places(finished, place, names):
            _move_each(finished, place, names)


def _resolve(target: Path) -> Path:
    """Return the folder itself, where *target* is a link to it."""
    return Path(os.path.realpath(target))


@contextmanager
def _tell_where(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        reason = (fault.strerror or "no reason is known").lower()
        message = f"nothing can be written to {target}: {reason}"
        hint = find_hint(fault) or "name another folder with --out"
        raise ToolError(message, hint) from fault


def _choose_room(place: Path) -> Path:
    """Return where to make files that can be moved to *place*: above it, or in it.

    It may be a disk of its own, or the only folder where its user may write.
    """
    above = _find_above(place)
    if not place.exists():
        return above
    try:
        with make_scratch(above) as folder:
            moved = (folder / _SET, place / folder.name)
            moved[0].mkdir()
            moved[0].rename(moved[1])
            moved[1].rmdir()
    except OSError:
        return place
    return above


def _find_above(place: Path) -> Path:
    """Return the lowest folder above *place* that is there."""
    return next(folder for folder in place.parents if folder.exists())


# --- at once -----------------------------------------------------------------------


def _save(folder: Path) -> None:
    """Have the files of *folder* on the disk: what does not fit there is told now."""
    for path in (*folder.iterdir(), folder):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _change_places(new: Path, old: Path, names: Sequence[str]) -> bool:
    """Exchange two folders, and tell whether that could be done.

    What stands in the *old* one besides *names* gets a second name in the *new* one.
    """
    try:
        for path in old.iterdir():
            if path.name not in names:
                os.link(path, new / path.name, follow_symlinks=False)
        _take_over_rights(old, new)
        _exchange(new, old)
    except OSError as fault:
        if fault.errno in _NOT_HERE:
            return False
        raise
    return True


def _take_over_rights(old: Path, new: Path) -> None:
    was, is_ = old.stat(), new.stat()
    if (was.st_uid, was.st_gid) != (is_.st_uid, is_.st_gid):
        os.chown(new, was.st_uid, was.st_gid)
    shutil.copystat(old, new)


def _exchange(one: Path, other: Path) -> None:
    """Let two folders change places in a single step; raises OSError."""
    sys.audit("os.rename", str(one), str(other), -1, -1)
    exchange = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if exchange is None:  # a C library that does not have it
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    paths = [os.fsencode(path) for path in (one, other)]
    if exchange(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


# --- one by one --------------------------------------------------------------------


def _move_each(new: Path, place: Path, names: Sequence[str]) -> None:
    """Move the files *names* one by one, and back if one cannot be moved."""
    scratch = new.parent
    old = scratch / _OLD
    old.mkdir()
    before = [name for name in names if os.path.lexists(place / name)]
    for name in before:
        _keep(place / name, old / name)
    (scratch / _TARGET).write_bytes(os.fsencode(place))
    ready = new.rename(scratch / _READY)
    for number, name in enumerate(names):
        try:
            (ready / name).replace(place / name)
        except OSError:
            for moved in names[:number]:
                with suppress(OSError):
                    _move_back(moved, old, place)
            ready.rename(new)  # what is given up is not for the next build to complete
            raise


def _keep(path: Path, kept: Path) -> None:
    try:
        os.link(path, kept, follow_symlinks=False)
    except OSError:  # the disk has no second names
        shutil.copy2(path, kept, follow_symlinks=False)


def _move_back(name: str, old: Path, place: Path) -> None:
    if os.path.lexists(old / name):
        (old / name).replace(place / name)
    else:
        (place / name).unlink()


def _clear_up(place: Path) -> None:
    """Complete what was cut short on its way to *place*, and remove other strays."""
    for folder in (_find_above(place), place):
        for stray in find_scratch(folder):
            with claim_stray(stray) as is_stray:
                if is_stray and _complete(stray, place):
                    shutil.rmtree(stray, ignore_errors=True)


def _complete(stray: Path, place: Path) -> bool:
    """Move the files that are ready in *stray*; tell whether it holds none any more.

    Those for another place than *place* are left to a build of it.
    """
    ready, target = stray / _READY, stray / _TARGET
    if not (ready.is_dir() and target.is_file()):
        return True
    if target.read_bytes() != os.fsencode(place):
        return False
    for path in sorted(ready.iterdir()):
        path.replace(place / path.name)
    return True
