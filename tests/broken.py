"""Make a broken EPUB of a sound one, and a sound one with the pages of the print."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_BLOCK = re.compile(r"<(p|li|dt)(?: [^>]*)?>")
_NOTES = '<section class="notes"'
_PAGE_LIST = (
    '<nav epub:type="page-list" role="doc-pagelist" id="page-list" hidden="hidden" '
    'aria-labelledby="page-list-title"><h2 id="page-list-title">Pages</h2>'
    "<ol>{}</ol></nav>"
)
_FEATURES = "".join(
    f'<meta property="schema:accessibilityFeature">{name}</meta>'
    for name in ("pageBreakMarkers", "pageNavigation")
)


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


def mark_pages(epub: Path, labels: Sequence[str], target: Path) -> Path:
    """Write a copy of *epub* to *target* that has all printed pages, if it has none.

    The markers of roman *labels* stand before the texts, the others from the first text
    on, some way from each other.
    """
    files = _read(epub)
    if b'epub:type="page-list"' in files["EPUB/nav.xhtml"]:
        return _write(files, target)
    names = re.findall(r'<itemref idref="([\w-]+)"', files["EPUB/package.opf"].decode())
    names = [f"EPUB/{name}.xhtml" for name in names if name not in ("cover", "nav")]
    texts = [name for name in names if b'epub:type="bodymatter"' in files[name]]
    start = names.index(texts[0])
    roman = [label for label in labels if not label.isdecimal()]
    entries = _mark(files, names[:start], roman)
    entries += _mark(files, names[start:], labels[len(roman) :])
    nav = files["EPUB/nav.xhtml"].decode()
    listed = _PAGE_LIST.format("\n".join(entries))
    files["EPUB/nav.xhtml"] = nav.replace("</body>", f"{listed}</body>").encode()
    package = files["EPUB/package.opf"].decode()
    package = package.replace("</metadata>", f"{_FEATURES}</metadata>")
    files["EPUB/package.opf"] = package.encode()
    return _write(files, target)


def _mark(
    files: dict[str, bytes], names: Sequence[str], labels: Sequence[str]
) -> list[str]:
    """Put a marker for each of *labels* into blocks of *names*; return the entries."""
    places = [
        (name, found.end())
        for name in names
        for found in _BLOCK.finditer(files[name].decode().partition(_NOTES)[0])
    ]
    chosen = [
        places[n * len(places) // len(labels)] if n else places[0]
        for n in range(len(labels))
    ]
    for (name, end), label in reversed(list(zip(chosen, labels, strict=True))):
        marker = (
            f'<span epub:type="pagebreak" role="doc-pagebreak" id="page-{label}" '
            f'title="{label}"/>'
        )
        text = files[name].decode()
        files[name] = (text[:end] + marker + text[end:]).encode()
    return [
        f'<li><a href="{name.removeprefix("EPUB/")}#page-{label}">{label}</a></li>'
        for (name, _), label in zip(chosen, labels, strict=True)
    ]


def _read(epub: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(epub) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _write(files: dict[str, bytes], target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return target
