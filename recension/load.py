"""Stage 1, load: read an edition folder. Alone knows the book's files on disk."""

from __future__ import annotations

import errno
import hashlib
import re
from typing import TYPE_CHECKING

from recension.config import (
    OWN_TEMPLATES,
    SETTINGS_PATH,
    BibliographySettings,
    TextSettings,
    read_settings,
)
from recension.files import IMPOSSIBLE, File
from recension.model import Sources, TextFiles
from recension.problems import Report, Span
from recension.tables import read_tables

if TYPE_CHECKING:
    from pathlib import Path

    from recension.config import MatterSettings, Settings

_ENTITY = re.compile(r"&#(?:[xX][0-9A-Fa-f]+|[0-9]+);")
TABLES = ("parallels", "chronology", "register")
"""The tables that an edition may have: `book/parallels.toml` and so on."""


def load(folder: Path, report: Report) -> Sources:
    """Read the edition in *folder*; add every fault of its files to *report*.

    A text that cannot be read is left out, so that the others are checked all the
    same. Raises BookError when the settings cannot be read.
    """
    folder = folder.resolve()
    written = _read_settings_file(folder, report)
    settings = read_settings(written.raw, report) if written else None
    if written is None or settings is None:
        report.stop()
    _check_templates(folder, report)
    front = [_load_matter(folder, part, report) for part in settings.front]
    texts = [_load_text(folder, text, report) for text in settings.texts]
    paths = {name: f"book/{name}.toml" for name in TABLES}
    tables = {
        name: _read(folder, path, report)
        for name, path in paths.items()
        if (folder / path).exists()
    }
    for file in tables.values():
        if file:
            _is_possible(file, _ENTITY, report)
    own_style = settings.bibliography.own_style
    return Sources(
        folder=folder,
        settings=settings,
        written=written,
        front=tuple(part for part in front if part),
        texts=tuple(text for text in texts if text),
        tables=read_tables(tables, settings, report),
        whole=all((*front, *texts)),
        bibliography=_read_works(folder, settings, report),
        style=_read(folder, own_style, report) if own_style else None,
    )


def _read_settings_file(folder: Path, report: Report) -> File | None:
    if not (folder / SETTINGS_PATH).is_file():
        span = Span(path=SETTINGS_PATH)
        message = f"there is no edition in `{folder.name}`"
        hint = "an edition is a folder with book/edition.toml; name one"
        report.error("L-001", message, span, hint)
        return None
    return _read(folder, SETTINGS_PATH, report)


def _read_works(folder: Path, settings: Settings, report: Report) -> File | None:
    """Read the bibliography: an edition that cites nothing needs none."""
    path = settings.bibliography.file
    if settings.bibliography == BibliographySettings() and not (folder / path).exists():
        return File(path=path, raw="")
    return _read(folder, path, report)


def _check_templates(folder: Path, report: Report) -> None:
    """Report each link among the edition's templates and fonts that leaves *folder*."""
    own = folder / OWN_TEMPLATES
    for place in (own, *sorted(own.rglob("*"))):
        _is_inside(folder, place.relative_to(folder).as_posix(), report)


def _is_possible(file: File, written_as: re.Pattern[str], report: Report) -> bool:
    """Report a *file* with characters that no text can have; tell whether it has none.

    They are *written_as* themselves or, in Markdown, as entities.
    """
    found = [
        (written.start(), code)
        for written in written_as.finditer(file.raw)
        if IMPOSSIBLE.fullmatch(chr(code := _read_code(written[0])))
    ]
    if found:
        offset, code = found[0]
        count = f", in {len(found)} places" if found[1:] else ""
        message = f"the character U+{code:04X} stands for nothing{count}"
        hint = "it is a private one, or none: write the character that is meant"
        report.error("L-012", message, file.span(offset, offset + 1), hint)
    return not found


def _read_code(written: str) -> int:
    """Return the number of a character that is *written* so or as an entity."""
    if len(written) == 1:
        return ord(written)
    figures = written.strip("&#;").lower()
    code = int(figures[1:], 16) if figures[0] == "x" else int(figures)
    return min(code, 0x10FFFF)


def _load_matter(
    folder: Path, part: MatterSettings, report: Report
) -> TextFiles | None:
    written = _read(folder, part.file, report)
    if written and not _is_possible(written, _ENTITY, report):
        return None
    if written and _has_words(written, part.id, report):
        return TextFiles(settings=part, edited=written, source=None)
    return None


def _load_text(folder: Path, text: TextSettings, report: Report) -> TextFiles | None:
    edited = _read(folder, text.file, report)
    if edited and not _is_possible(edited, _ENTITY, report):
        edited = None
    source = _read(folder, text.source, report)
    if source:
        _check_digest(folder, text, report)
    found = [file for file in (edited, source) if file]
    whole = [_has_words(file, text.id, report) for file in found]
    if edited and source and all(whole):
        return TextFiles(settings=text, edited=edited, source=source)
    return None


def _has_words(file: File, id_: str, report: Report) -> bool:
    """Report a *file* of the text *id_* that is empty; tell whether it is not."""
    if not file.raw.strip():
        message = f"the text `{id_}` is empty"
        hint = "write the text, or take its table out of edition.toml"
        report.error("L-008", message, Span(path=file.path), hint)
    return bool(file.raw.strip())


def _read(folder: Path, path: str, report: Report) -> File | None:
    place = folder / path
    if not _is_inside(folder, path, report):
        return None
    if not _is_file(place):
        hint = "put the file there, or change its path in book/edition.toml"
        report.error("L-001", f"the file `{path}` is missing", Span(path=path), hint)
        return None
    file = _decode(place.read_bytes(), path, report)
    return file if file and _is_possible(file, IMPOSSIBLE, report) else None


def _is_file(place: Path) -> bool:
    """Tell whether there is a file at *place*; none has too long a name."""
    try:
        return place.is_file()
    except OSError as fault:
        if fault.errno != errno.ENAMETOOLONG:
            raise
        return False


def _is_inside(folder: Path, path: str, report: Report) -> bool:
    """Report the file at *path* if it is a link out of *folder*; tell whether not."""
    try:
        inside = (folder / path).resolve().is_relative_to(folder)
    except (OSError, RuntimeError):
        message = f"the file `{path}` is a link that leads round to itself"
        report.error("L-006", message, Span(path=path), "take the link out")
        return False
    if not inside:
        message = f"the file `{path}` is a link that leaves the edition folder"
        hint = "put the file itself into the edition folder"
        report.error("L-006", message, Span(path=path), hint)
    return inside


def _decode(content: bytes, path: str, report: Report) -> File | None:
    try:
        raw = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = content[: fault.start]
        line = before.count(b"\n") + 1
        start = before.rpartition(b"\n")[2]
        column = len(start.decode("utf-8", "replace")) + 1
        end = content.find(b"\n", fault.start)
        whole = start + content[fault.start : end if end >= 0 else len(content)]
        span = Span(
            path=path,
            line=line,
            column=column,
            excerpt=whole.decode("utf-8", "replace"),
        )
        message = f"the byte 0x{content[fault.start]:02x} is not UTF-8"
        report.error("L-002", message, span, "save the file as UTF-8")
        return None
    raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in raw:
        line = raw.count("\n", 0, raw.index("\0")) + 1
        message = "the file has a NUL, which is no character of a text"
        report.error("L-002", message, Span(path=path, line=line), "take it out")
        return None
    return File(path=path, raw=raw)


def _check_digest(folder: Path, text: TextSettings, report: Report) -> None:
    found = hashlib.sha256((folder / text.source).read_bytes()).hexdigest()
    if found != text.sha256:
        report.error(
            "L-007",
            f"the source of `{text.id}` is not the one that was collated",
            Span(path=text.source),
            f'restore it, or if the change is meant set sha256 = "{found}"',
        )
