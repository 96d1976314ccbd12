"""The files that styles and pages may name: those of the folders of one edition."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_MISSING = ""
"""Stands for the digest of a file that is not there."""


@dataclass(slots=True)
class Shelf:
    """Reads files of *folders*, the first that has one, and tells which it has read."""

    folders: Sequence[Path]
    _read: dict[str, str] = field(default_factory=dict)
    _digests: dict[tuple[Path, int, int, int], str] = field(default_factory=dict)

    def read(self, name: str) -> bytes | None:
        """Return what the file *name* holds, None if no folder has it."""
        path = self._find(name)
        self._read[name] = self.digest(name)
        return path.read_bytes() if path else None

    def take(self) -> Mapping[str, str]:
        """Return the digests of the files read, by name, and forget them."""
        read, self._read = self._read, {}
        return read

    def digest(self, name: str) -> str:
        """Return the digest of the file *name*, empty if no folder has it.

        A file is read for it once, and again when its time or its size has changed.
        """
        path = self._find(name)
        if path is None:
            return _MISSING
        status = path.stat()
        key = path, status.st_mtime_ns, status.st_ctime_ns, status.st_size
        if key not in self._digests:
            self._digests[key] = hashlib.sha256(path.read_bytes()).hexdigest()
        return self._digests[key]

    def _find(self, name: str) -> Path | None:
        """Return the file *name* of the first folder that has it, links included."""
        for folder in self.folders:
            root = folder.resolve()
            path = (root / name).resolve()
            if path.is_relative_to(root) and path.is_file():
                return path
        return None
