"""A store of results for the next run, which finds them by what they were made from.

It lies in the user's cache folder, never in an edition's. An entry is plain data with a
digest of itself: one that is cut short, changed or in the place of another is none. Two
runs may use it at once, and it may be deleted at any moment. What cannot be read or
written is as if it were not there.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec
from platformdirs import user_cache_path

from recension.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = TypeVar("Value")

MOST_BYTES = 512 * 2**20
"""How large the store may grow; then what has not been used for longest goes."""
_LEFT = 0.8
"""The share of it that is left then."""
_DIGEST = 32
_WRITING = ".writing-"
_HOUR = 3600


def find_folder() -> Path:
    """Return the folder of the user's store."""
    return user_cache_path("recension", appauthor=False) / "store"


def find_key(*told: object) -> str:
    """Return the key of what depends on all that is *told*, plain data, alone."""
    return hashlib.sha256(msgspec.msgpack.encode(told)).hexdigest()


@dataclass(slots=True)
class Store:
    """Results by keys, in *folder*; those asked for stay in memory if it is *warm*."""

    folder: Path
    warm: bool = False
    _known: Recent[str, object] = field(default_factory=Recent)
    _written: int = 0

    def find(self, key: str, kind: type[Value]) -> Value | None:
        """Return the value of *kind* that was kept as *key*, None if there is none."""
        known = self._known.find(key)
        value = self._read(key, kind) if known is None else cast("Value", known)
        if value is not None and self.warm:
            self._known.keep(key, value)
        return value

    def keep(self, key: str, value: object) -> None:
        """Keep *value* as *key*; it is plain data or made of it."""
        if self.warm:
            self._known.keep(key, value)
        packed = zlib.compress(msgspec.msgpack.encode(value), 1)
        with suppress(OSError):
            self._write(self._path(key), _sign(key, packed) + packed)

    def turn(self) -> None:
        """Let go of what has not been asked for since this was called last."""
        self._known.turn()

    def prune(self, most: int = MOST_BYTES) -> None:
        """Delete what has not been used for longest, if all is more than *most* bytes.

        So is what a run has left that was killed when it wrote.
        """
        if not self._written:
            return
        entries = sorted(self._list(), key=lambda entry: entry[1].st_mtime)
        newest = max((status.st_mtime for _, status in entries), default=0.0)
        size = sum(status.st_size for _, status in entries)
        too_much = size - int(most * _LEFT) if size > most else 0
        for path, status in entries:
            left = path.name.startswith(_WRITING)
            if too_much > 0 or (left and status.st_mtime < newest - _HOUR):
                with suppress(OSError):
                    path.unlink()
                    too_much -= status.st_size

    # -- the files ----------------------------------------------------------------

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key[2:]

    def _read(self, key: str, kind: type[Value]) -> Value | None:
        path = self._path(key)
        try:
            written = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        packed = written[_DIGEST:]
        if written[:_DIGEST] != _sign(key, packed):
            _drop(path)
            return None
        try:
            return msgspec.msgpack.decode(zlib.decompress(packed), type=kind)
        except (msgspec.DecodeError, zlib.error, RecursionError):
            _drop(path)
            return None

    def _write(self, path: Path, contents: bytes) -> None:
        """Write the whole file *path*, or nothing that can be taken for it."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=_WRITING, dir=path.parent)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(contents)
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
        self._written += len(contents)

    def _list(self) -> Iterator[tuple[Path, os.stat_result]]:
        for folder in _scan(self.folder):
            for entry in _scan(folder):
                with suppress(OSError):
                    yield Path(entry), Path(entry).stat()


def _drop(path: Path) -> None:
    """Delete what is no entry."""
    with suppress(OSError):
        path.unlink()


def _scan(folder: str | Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.path for entry in entries]
    except OSError:
        return []


def _sign(key: str, packed: bytes) -> bytes:
    return hashlib.sha256(key.encode() + packed).digest()
