"""Stage 9, layout: XHTML to pages. Alone knows WeasyPrint.

Each part is laid out once, by itself; the pages of all parts are combined when they are
written. Texts are broken into lines and divided into pages by us (`setting`), and
WeasyPrint sets what it is given: `weasy` is the one door to it, `tagging` makes the
tags of the PDF, `gate` measures the pages, `engine` is how the other stages see it all.
"""

from __future__ import annotations

from recension.layout.engine import Engine
from recension.layout.fonts import (
    check_glyphs,
    check_words,
    find_faces,
    find_fonts,
    find_known,
)
from recension.layout.plans import Draft, SettledPlans
from recension.layout.weasy.process import import_weasyprint
from recension.layout.weasy.writing import read_profile

__all__ = [
    "Draft",
    "Engine",
    "SettledPlans",
    "check_glyphs",
    "check_words",
    "find_faces",
    "find_fonts",
    "find_known",
    "import_weasyprint",
    "read_profile",
]
