"""What BibLaTeX knows: types of entries, names of fields, and what becomes of each.

After the manual of biblatex 3.20, ch. 2, and the reader of pandoc, which hands to
citeproc what a style can print. docs/EDITING.md lists the same for editors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def _names(written: str) -> tuple[str, ...]:
    return tuple(written.split())


TYPES = _names(
    "article artwork audio book bookinbook booklet collection commentary customa "
    "customb customc customd custome customf data dataset image inbook incollection "
    "inproceedings inreference jurisdiction legal legislation letter manual misc movie "
    "music mvbook mvcollection mvproceedings mvreference newsarticle online patent "
    "performance periodical proceedings reference report review set software standard "
    "suppbook suppcollection suppperiodical thesis unpublished video xdata"
)
"""The types of entries (biblatex manual, 2.1), in small letters."""

TYPE_ALIASES: Mapping[str, tuple[str, str]] = {
    "conference": ("inproceedings", ""),
    "electronic": ("online", ""),
    "mastersthesis": ("thesis", "mathesis"),
    "phdthesis": ("thesis", "phdthesis"),
    "techreport": ("report", "techreport"),
    "www": ("online", ""),
}
"""The types of BibTeX (2.1.2), each with BibLaTeX's and the `type` that it sets."""

FIELD_ALIASES: Mapping[str, str] = {
    "address": "location",
    "annote": "annotation",
    "archiveprefix": "eprinttype",
    "hyphenation": "langid",
    "journal": "journaltitle",
    "key": "sortkey",
    "origyear": "origdate",
    "pdf": "file",
    "primaryclass": "eprintclass",
    "school": "institution",
}
"""The fields of BibTeX (2.2.5) and of older BibLaTeX, with the names of today."""

NAMES = ("author", "bookauthor", "director", "editor", "translator")
TITLES = _names(
    "title subtitle titleaddon shorttitle maintitle mainsubtitle maintitleaddon "
    "booktitle booksubtitle booktitleaddon journaltitle journalsubtitle shortjournal "
    "issuetitle issuesubtitle eventtitle origtitle series"
)
DATES = ("date", "eventdate", "origdate", "urldate")
VERBATIM = ("url", "doi", "eprint", "isbn", "issn", "pmid", "pmcid")
"""What is no LaTeX: addresses and numbers."""
_WORDED = _names(
    "addendum chapter edition howpublished institution library location note number "
    "organization origlocation origpublisher pages pagetotal part publisher pubstate "
    "type venue version volume volumes"
)
_SWITCHES = ("editortype", "entrysubtype", "eprinttype", "langid", "langidopts")
LATEX = (*NAMES, *TITLES, *_WORDED)
"""The fields that hold words, as LaTeX."""
FORMATTED = (*LATEX, *DATES, "year", *VERBATIM, *_SWITCHES, "options")
"""The fields that go to citeproc, in the order in which they are written."""
ANNOTATION = "annotation"
REMARKS = ("addendum", "howpublished", "note")
"""The fields in which an editor says what has no field, in words of the editor's."""
OURS = (
    ANNOTATION, "keywords", "language", "crossref", "xdata", "entryset",
    "month", "day", "issue", "eid",
)  # fmt: skip
"""The fields that the builder itself reads, or turns into others."""

UNUSED = _names(
    "abstract acknowledgement acmid added-at affiliation articleno author-dates "
    "bibdate bibsource biburl bookpagination chaptertitle citation-number cited "
    "classcodes classification coden comment comments copyright creationdate "
    "creator crossrefs date-added date-modified entrykey eprintclass execute file "
    "fjournal folder gender groups howcited ibidtracker ids indexsorttitle "
    "indextitle interhash internal-note intrahash issn-l issue_date journal-url "
    "keywordsplus label lccn local-url mendeley-tags modificationdate mrclass "
    "mrnumber mrreviewer nationality numpages owner pagecount pagination presort "
    "price printed priority pubmed qualityassured ranking rating read readstatus "
    "related relatedoptions relatedstring relatedtype relevance review shortauthor "
    "shorteditor shorthand shorthandintro shortseries sortkey sortname "
    "sortshorthand sorttitle sortyear source sourceid subject subject-dates "
    "tableofcontents thesaurus times-cited timestamp treatment unique-id username "
    "xref zbl zblnumber zmnumber"
)
"""What is never printed: what programs keep for themselves, sorting, abstracts."""
UNUSED_BEGINNINGS = ("bdsk-", "citeulike-", "mendeley-", "opt", "x-", "zotero", "__")
"""How the fields of programs begin (BibDesk, CiteULike, Mendeley, Emacs, Zotero)."""

UNPRINTED = _names(
    "afterword annotator authortype commentator editora editoratype editorb "
    "editorbtype editorc editorctype eventtitleaddon foreword holder introduction isan "
    "ismn isrn issuetitleaddon iswc journaltitleaddon nameaddon namea nameb namec "
    "origlanguage reprinttitle translatortype usera userb userc userd "
    "usere userf verba verbb verbc lista listb listc listd liste listf"
)
"""What BibLaTeX could print and no style of CSL does."""

PUBLICATION_STATES = {
    "forthcoming": "forthcoming",
    "in press": "inpress",
    "inpress": "inpress",
    "in preparation": "inpreparation",
    "inpreparation": "inpreparation",
    "submitted": "submitted",
    "to appear": "forthcoming",
}
"""What stands for a date and is none, with the `pubstate` that says it (4.9.2.11)."""
