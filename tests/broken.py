"""Make a broken EPUB of a sound one."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Edit(NamedTuple):
    """Where *old* stands first in the file *entry*, *new* is to stand.

    With no *old* the file may be one that is not there yet.
    """

    entry: str
    old: str
    new: str


def break_epub(epub: Path, edits: Iterable[Edit], target: Path) -> Path:
    """Write a copy of *epub* with *edits* to *target*; each must find its place."""
    files = _read(epub)
    for entry, old, new in edits:
        text = files[entry].decode() if old else ""
        assert old in text, f"{entry} has no {old}"
        files[entry] = text.replace(old, new, 1).encode()
    return _write(files, target)


def _read(epub: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(epub) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _write(files: dict[str, bytes], target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return target
