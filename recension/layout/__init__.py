"""Stage 9, layout: XHTML to pages. Alone knows WeasyPrint.

A page of a text is laid out, drawn and measured by itself, any other part as a whole:
what is kept are records (`runs`), and the PDF is put together from them. Texts are
broken into lines and divided into pages by us (`setting`), and WeasyPrint sets what it
is given: `weasy` is the one door to it, `tagging` makes the tags of the PDF, `gate`
judges the pages, `engine` is how the other stages see it all.
"""

from __future__ import annotations

from recension.layout.drafts import Draft, read_front, read_text
from recension.layout.engine import Engine
from recension.layout.fonts import (
    check_glyphs,
    check_words,
    find_faces,
    find_fonts,
    find_known,
)
from recension.layout.plans import SettledPlans
from recension.layout.runs import RecordedRun, describe_shop, set_runs, watch_files
from recension.layout.weasy.process import import_weasyprint
from recension.layout.weasy.writing import read_profile

__all__ = [
    "Draft",
    "Engine",
    "RecordedRun",
    "SettledPlans",
    "check_glyphs",
    "check_words",
    "describe_shop",
    "find_faces",
    "find_fonts",
    "find_known",
    "import_weasyprint",
    "read_front",
    "read_profile",
    "read_text",
    "set_runs",
    "watch_files",
]
