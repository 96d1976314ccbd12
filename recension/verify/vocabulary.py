"""The words that `epub:type` may have in a page.

EPUB 3 Structural Semantics Vocabulary 1.1, EPUB Indexes 1.0 and EPUB Dictionaries and
Glossaries 1.0, without what they call deprecated and what is for media overlays alone.
"""

from __future__ import annotations

_PARTITIONS = "backmatter bodymatter cover frontmatter"
_DIVISIONS = "chapter division part volume"
_SECTIONS = (
    "abstract afterword conclusion epigraph epilogue foreword introduction preamble "
    "preface prologue acknowledgments appendix colophon contributors copyright-page "
    "credit credits dedication errata halftitlepage imprimatur imprint other-credits "
    "revision-history titlepage notice pullquote tip"
)
_NAVIGATION = "landmarks loa loi lot lov page-list toc toc-brief"
_REFERENCES = (
    "backlink bibliography biblioref footnote footnotes glossary glossdef glossref "
    "glossterm index noteref pagebreak"
)
_TITLES = "covertitle fulltitle halftitle subtitle title"
_SENTENCES = "concluding-sentence keyword topic-sentence"
_LEARNING = "assessment learning-objective learning-resource qna"
_INDEXES = (
    "index-editor-note index-entry index-entry-list index-group index-headnotes "
    "index-legend index-locator index-locator-list index-locator-range index-term "
    "index-term-categories index-term-category index-xref-preferred "
    "index-xref-related"
)
_DICTIONARIES = (
    "antonym-group condensed-entry def dictentry dictionary etymology example "
    "gram-info idiom part-of-speech part-of-speech-group part-of-speech-list "
    "phonetic-transcription phrase-group phrase-list sense-group sense-list "
    "synonym-group tran tran-info"
)
VOCABULARY = frozenset(
    " ".join(
        [
            *(_PARTITIONS, _DIVISIONS, _SECTIONS, _NAVIGATION, _REFERENCES, _TITLES),
            *(_SENTENCES, _LEARNING, _INDEXES, _DICTIONARIES),
        ]
    ).split()
)
ENDNOTES = frozenset({"endnote", "endnotes", "rearnote", "rearnotes"})
"""What readers take for notes at the end of the book and do not pop up, or not well."""
