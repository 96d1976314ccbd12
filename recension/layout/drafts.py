"""Read the parts that are set line by line, and break them into lines: drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recension.layout.setting.galleys import set_galley
from recension.layout.setting.paragraphs import Breaker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from recension.layout.setting.galleys import Galley
    from recension.layout.weasy.documents import Source, WeasyPrint


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A part read and broken into lines; of its pages nothing is known.

    *name* is the file it comes from, for problems; *breaker* is what has set its
    *galley*, *continued* marks the rest of a note that is cut; *roman* tells that its
    folios are roman, *numbered* that its lines have numbers.
    """

    name: str
    source: Source
    breaker: Breaker
    galley: Galley
    continued: str
    roman: bool
    numbered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftReader:
    """Reads parts with the styles of *weasy*.

    *faces* are font files by (italic, bold), *width* is that of the type area in px,
    *fit* as for `Breaker`.
    """

    weasy: WeasyPrint
    faces: Mapping[tuple[bool, bool], Path]
    width: float
    fit: str

    def read(
        self, name: str, xhtml: str, continued: str, *, roman: bool, numbered: bool
    ) -> Draft:
        """Read a part and break it into lines; the others are as for `Draft`."""
        source = self.weasy.read(xhtml)
        styles = self.weasy.compute_styles(source, self.faces)
        breaker = Breaker(styles=styles, width=self.width, fit=self.fit)
        self.weasy.take_log()  # told when it is laid out to be printed
        return Draft(
            name=name,
            source=source,
            breaker=breaker,
            galley=set_galley(source.body, breaker),
            continued=continued,
            roman=roman,
            numbered=numbered,
        )


def read_text(reader: DraftReader, name: str, xhtml: str, continued: str) -> Draft:
    """Read a text of the edition."""
    return reader.read(name, xhtml, continued, roman=False, numbered=True)


def read_front(reader: DraftReader, name: str, xhtml: str, continued: str) -> Draft:
    """Read a part of the front matter."""
    return reader.read(name, xhtml, continued, roman=True, numbered=False)


def read_back(reader: DraftReader, name: str, xhtml: str, continued: str) -> Draft:
    """Read a part of the back matter."""
    return reader.read(name, xhtml, continued, roman=False, numbered=False)
