"""The machine: what it lacks, told with its cure, and how much of it a run may take."""

from __future__ import annotations

import errno
import math
import os
import re
import resource
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from recension.problems import EditionError, ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS, MEGABYTES = "RECENSION_SECONDS", "RECENSION_MEGABYTES"
"""The variables of the environment that set what a run may take."""
_HOUR = 3600
_MEGABYTE = 2**20
_ROOM_LEFT = 16 * _MEGABYTE
"""How much a run can have that is not short of memory."""

_ROOM = "make room on the disk, or name folders on another with --out and TMPDIR"
_RIGHTS = "give yourself the right to it, or name another folder with --out"
_DISK = "look at the disk, or at what connects it: `dmesg` may tell more"
_FILES = "allow more open files: ulimit -n 1024"
_HINTS = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: "allow longer files: ulimit -f unlimited",
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: _RIGHTS,
    errno.EIO: _DISK,
    errno.ENODEV: _DISK,
    errno.ENXIO: _DISK,
    errno.ENOTCONN: _DISK,
    errno.ESTALE: _DISK,
    errno.ETIMEDOUT: _DISK,
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.EAGAIN: "allow more processes: ulimit -u unlimited",
    errno.ENAMETOOLONG: "take a shorter name",
    errno.ELOOP: "mend the link that leads to itself",
    errno.EPIPE: "let what reads the output read all of it",
}
_MEMORY = f"take a machine with more, or set {MEGABYTES} to what a run may take"
_TIME = f"look for what makes the edition so long, or set {SECONDS} to more"


class OutOfTimeError(BaseException):
    """The run has taken the time that it may: no code that guards others stops this."""


class LimitError(ValueError):
    """A variable of the environment sets no limit that there can be."""


def find_hint(fault: OSError) -> str:
    """Return what cures *fault*, nothing if it is none of the machine's."""
    if fault.errno == errno.ENOMEM:
        return _MEMORY
    return _HINTS.get(fault.errno or 0, "")


def explain(fault: BaseException) -> ToolError | None:
    """Return *fault* as one of the machine with its cure, or None if it is a bug."""
    match fault:
        case ToolError():
            return fault
        case MemoryError():
            return ToolError("a run may take no more memory", _MEMORY)
        case OutOfTimeError():
            return ToolError("a run may take no more time", _TIME)
        case OSError() if hint := find_hint(fault):
            place = f": {os.fsdecode(fault.filename)}" if fault.filename else ""
            return ToolError(f"{(fault.strerror or '').lower()}{place}", hint)
    return None


@contextmanager
def limited() -> Iterator[None]:
    """Keep the process within the time and the memory that a run may take.

    It may take an hour of the processor and what memory the machine has, if the
    environment does not set other limits. Raises LimitError; OutOfTimeError and
    MemoryError within.
    """
    memory = _read(MEGABYTES, _find_memory()) * _MEGABYTE
    seconds = _read(SECONDS, _HOUR) + math.ceil(_find_time())
    handler = signal.signal(signal.SIGXCPU, _stop)
    try:
        with (
            _soft(resource.RLIMIT_DATA, memory),
            _soft(resource.RLIMIT_CPU, seconds),
            _blame_memory(),
        ):
            yield
    finally:
        signal.signal(signal.SIGXCPU, handler)


@contextmanager
def _blame_memory() -> Iterator[None]:
    """Raise MemoryError for what fails while no memory is to be had.

    A library that goes on without what it did not get fails later, with any exception.
    """
    try:
        yield
    except EditionError:
        raise
    except Exception as fault:
        try:
            bytearray(_ROOM_LEFT)
        except MemoryError:
            raise MemoryError from fault
        raise


def _read(name: str, usual: int) -> int:
    """Return the limit that the variable *name* sets, or the *usual* one."""
    value = os.environ.get(name, "")
    if not value:
        return usual
    if not re.fullmatch("[1-9][0-9]{0,9}", value):
        message = f"{name} is `{value}`, not a whole number from 1"
        raise LimitError(message)
    return int(value)


def _find_memory() -> int:
    """Return the megabytes of memory that the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEGABYTE


def _find_time() -> float:
    """Return the seconds that the process has taken of the processor."""
    taken = resource.getrusage(resource.RUSAGE_SELF)
    return taken.ru_utime + taken.ru_stime


@contextmanager
def _soft(kind: int, limit: int) -> Iterator[None]:
    """Set the soft limit of a *kind*, where there is no lower one."""
    soft, hard = resource.getrlimit(kind)
    known = [one for one in (soft, hard) if one != resource.RLIM_INFINITY]
    resource.setrlimit(kind, (min([limit, *known]), hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


def _stop(_signal: int, _frame: object) -> NoReturn:
    """End the run; the signal comes every second, and must not stop the clearing up."""
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    raise OutOfTimeError
