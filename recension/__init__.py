"""Recension builds print-ready critical editions from plain text.

The pipeline, in order; nothing else knows it:

 1. load      edition folder          → Sources
 2. parse     Markdown                → Manuscript (pandoc's tree, with positions)
 3. annotate  marks in the tree       → notes, emendations, anchors, references
 4. collate   edited text ↔ source    → Ledger: every character accounted for
 5. cite      citekeys and locators   → formatted notes and works
 6. index     register ↔ texts        → mentions; with the pages, the index
 7. assemble                          → Book, in order and numbered
 8. construe  Book                    → what its words are: titles, languages, dates
 9. html      Book                    → XHTML through the templates
10. layout    XHTML                   → pages: folios, lines, where each note fell
11. pdf       pages                   → reading PDF, printer's PDF, cover
12. epub      Book                    → EPUB 3
13. verify    finished files          → Report
"""

from __future__ import annotations

from recension.pipeline import check
from recension.workshop import FORMATS, Revision, Workshop, build

__all__ = ["FORMATS", "Revision", "Workshop", "build", "check"]
