"""What stands in the files of an EPUB, read without the builder; EPUBs made faulty."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

XHTML = "{http://www.w3.org/1999/xhtml}"
TYPE = "{http://www.idpf.org/2007/ops}type"


@dataclass(frozen=True)
class Note:
    """The text of the note that a reference in *file* leads to by *href*."""

    file: str
    href: str
    text: str


def squeeze(text: str) -> str:
    """Return *text* without white space: engines break lines where they like."""
    return "".join(text.split())


def read_pages(epub: Path) -> dict[str, etree._Element]:
    """Return the root of each page of *epub* by its name."""
    with zipfile.ZipFile(epub) as packed:
        names = [name for name in packed.namelist() if name.endswith(".xhtml")]
        return {name: etree.fromstring(packed.read(name)) for name in names}


def read_shown(page: etree._Element) -> str:
    """Return what a reader sees of *page*: the text of its body that is not hidden."""
    texts = page.xpath(
        "//*[local-name()='body']//text()[not(ancestor::*[@hidden])]",
    )
    return squeeze("".join(texts))


def read_notes(epub: Path) -> list[Note]:
    """Return the note of each reference of *epub*, file by file.

    Raises KeyError where a reference leads nowhere.
    """
    notes = []
    for name, page in read_pages(epub).items():
        bodies = {f"#{aside.get('id')}": aside for aside in page.iter(f"{XHTML}aside")}
        for call in page.iter(f"{XHTML}a"):
            if call.get(TYPE) == "noteref":
                href = call.get("href", "")
                text = squeeze("".join(map(str, bodies[href].itertext())))
                notes.append(Note(name, href, text))
    return notes


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
