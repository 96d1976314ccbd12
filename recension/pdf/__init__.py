"""Stage 10, pdf: pages to PDF files. Alone knows what makes a variant of PDF.

`reading` writes the accessible PDF, `press` makes the printer's of it, `cover` the
sheet that goes round the book.
"""

from __future__ import annotations

from recension.pdf.cover import plan_cover, plan_front, render_front, write_cover
from recension.pdf.picture import draw_page
from recension.pdf.press import find_profile, write_print
from recension.pdf.reading import write_reading

__all__ = [
    "draw_page",
    "find_profile",
    "plan_cover",
    "plan_front",
    "render_front",
    "write_cover",
    "write_print",
    "write_reading",
]
