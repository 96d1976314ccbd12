"""Check the bibliography: its works, the citekeys of the book, what citeproc says."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from recension.cite.biblatex import REMARKS
from recension.cite.choice import FURTHER, find_sources_of
from recension.config import SETTINGS_PATH
from recension.pandoc import PandocLimitError
from recension.popups import HINTS, find_ibid, find_wrong_length
from recension.problems import Report, Span, find_nearest, suggest
from recension.tree import make_word, plain_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from recension.cite.library import Library, RawWork
    from recension.config import Settings
    from recension.files import File
    from recension.model import CitedNote, Manuscript, Mark
    from recension.pandoc import PandocError
    from recension.problems import Problem

_CREATORS = ("author", "editor")
_PERIODICALS = ("journaltitle",)
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "book": (("title",), _CREATORS),
    "collection": (("title",),),
    "mvbook": (("title",), _CREATORS),
    "article": (("title", "entrysubtype"), _PERIODICALS),
    "incollection": (("title",), ("booktitle",)),
    "inbook": (("title",), ("booktitle",)),
    "online": (("title",), ("date", "year", "url")),
    "report": (("title",),),
    "thesis": (("title",), ("author",), ("institution",)),
}
"""Fields that a work needs, by entry type (biblatex manual 3.20, §2.1): one of each
group. A year is not among them: data that could not be verified stay out."""

_SAME = ("author", "editor", "title", "subtitle", "date", "year", "volume", "pages")
"""The fields by which two works are one, if no other speaks against it."""
_APART = (
    "journaltitle", "booktitle", "maintitle", "titleaddon", "number", "issue",
    "edition", "translator", "part", "chapter", "type", "eventtitle", "howpublished",
    "library", "url", "doi", "eprint", "isbn", "note", "origdate",
)  # fmt: skip
"""Those that make two works of what is the same in these, if they differ."""
_DOUBTFUL = ("publisher", "location", "institution", "organization", "series")
"""Those that are often written in two ways, but may make two works too."""
_ONE_BY_ONE = 9
"""How many works that are never cited are told one by one; more are a library's."""
_REMEDIES = {
    "unpublished": "add `library` or `howpublished`: where it is kept",
    "letter": "make it `@unpublished`, with `library` for where it is kept",
    "inreference": "make it `@incollection`: the style names books of reference in "
    "notes alone",
}
"""What may lead a style to print a work, by its type."""


def report_citeproc(
    fault: PandocError, works: Mapping[str, RawWork], report: Report
) -> None:
    """Tell what citeproc found wrong with *works*, written a line each."""
    message = str(fault)
    if isinstance(fault, PandocLimitError):
        reason = f"citeproc cannot format notes and works: {message}"
        hint = "look for an odd style or entry; `[limits]` sets what pandoc may take"
        report.error("P-006", reason, Span(path=SETTINGS_PATH), hint)
        return
    if not message.startswith("Error reading bibliography"):
        reason = f"the citation style cannot be read: {' '.join(message.split())}"
        hint = "mend the .csl file, or name a style of the CSL collection"
        report.error("C-008", reason, Span(path=SETTINGS_PATH), hint)
        return
    found = re.search(r"\(line (\d+), column (\d+)\):?\s*(.*)", message, re.DOTALL)
    line, reason = (int(found[1]), found[3]) if found else (1, message)
    work = [*works.values()][min(line, len(works)) - 1]
    reason = f"citeproc cannot read `{work.citekey}`: {' '.join(reason.split())}"
    report.error("C-002", reason, work.span, "look for an odd sign in the entry")


# --- works -------------------------------------------------------------------------


def report_works(
    library: Library, printed: Collection[str], *, whole: bool, report: Report
) -> None:
    """Tell what is wrong with each work that is *printed*, or of the *whole* library.

    The works from which a printed one takes its fields are told with it. A name that
    is unknown in many is told once.
    """
    told = {*printed, *find_sources_of(library.works, printed)}
    works = (w for key, w in library.works.items() if whole or key in told)
    alike: dict[tuple[str, ...], list[Problem]] = {}
    for problem in (problem for work in works for problem in work.problems):
        place = "" if problem.code == "C-009" else str(problem.span)
        key = (problem.code, problem.message, problem.hint, place)
        alike.setdefault(key, []).append(problem)
    for first, *others in alike.values():
        count = f", in {len(others) + 1:,} places" if others else ""
        report.add([replace(first, message=f"{first.message}{count}")])


def check_works(
    works: Mapping[str, RawWork], settings: Settings, report: Report
) -> None:
    """Report each work that lacks a field or a section, or stands twice."""
    sections = [keyword for keyword, _ in settings.bibliography.sections]
    for key, work in works.items():
        for group in REQUIRED.get(work.kind, (("title",),)):
            if not any(map(work.has, group)):
                wanted = " or ".join(f"`{name}`" for name in group)
                message = f"the {work.kind} `{key}` has no {wanted}"
                report.error("C-004", message, work.span, f"add `{group[0]} = {{…}}`")
        if sections and work.section not in sections:
            message = f"the work `{key}` has no keyword that files it"
            hint = f"add `keywords = {{…}}` with one of {', '.join(sections)}"
            report.error("C-004", message, work.span, hint)
    _check_twice(works, report)


def _check_twice(works: Mapping[str, RawWork], report: Report) -> None:
    """Report works that are one; where publisher or place differ, as a doubt."""
    seen: dict[tuple[str, ...], list[RawWork]] = {}
    for work in (work for work in works.values() if work.sound):
        alike = seen.setdefault(tuple(_words(work, name) for name in _SAME), [])
        for other in alike:
            if _differ(work, other, _APART):
                continue
            key, first = work.citekey, other.citekey
            hint = f"keep one citekey and cite it everywhere: `{first}`"
            if _differ(work, other, _DOUBTFUL):
                message = f"`{key}` and `{first}` may stand for one work"
                hint = f"if they do, {hint}; if not, say in what they differ"
                report.warning("C-006", message, work.span, hint)
            else:
                message = f"`{key}` and `{first}` stand for one work"
                report.error("C-006", message, work.span, hint)
            break
        alike.append(work)


def _differ(work: RawWork, other: RawWork, names: tuple[str, ...]) -> bool:
    """Tell whether one of the fields *names* says different things of two works."""
    pairs = ((_words(work, name), _words(other, name)) for name in names)
    return any(one and two and one != two for one, two in pairs)


def _words(work: RawWork, name: str) -> str:
    return re.sub(r"\W+", " ", work.fields.get(name, "")).strip().casefold()


def report_empty(work: RawWork, report: Report) -> None:
    """Report a *work* of which the style prints nothing in the bibliography."""
    message = f"the style prints nothing of the {work.kind} `{work.citekey}`"
    hint = _REMEDIES.get(work.kind, "take another type, such as `@misc` or `@book`")
    report.error("C-004", message, work.span, hint)


def report_unprinted(
    work: RawWork, read: Mapping[str, str], printed: str, report: Report
) -> None:
    """Report each remark of *work* that is not in what is *printed* of it.

    *read* has the words of its fields; of other fields a style leaves out what its
    rules want, such as the place of a publisher.
    """
    letters = _letters(printed)
    for name in REMARKS:
        if name in read and _letters(read[name]) not in letters:
            message = (
                f"the bibliography has nothing of the `{name}` of `{work.citekey}`"
            )
            hint = "say it in `annotation`, or take the field out"
            report.warning("C-009", message, work.place(name), hint)


def _letters(words: str) -> str:
    return re.sub(r"\W", "", words).casefold()


# --- citekeys ----------------------------------------------------------------------


def check_citekeys(
    manuscript: Manuscript, library: Library, file: File, report: Report
) -> None:
    """Report each citekey of the book that the bibliography does not have."""
    if not file.raw.strip():
        _report_no_works(list(_find_citekeys(manuscript)), file, report)
        return
    known = library.works.keys()
    named = [entry.citekey for entry in manuscript.tables.register if entry.citekey]
    for mark in (*_find_citekeys(manuscript), *named):
        if mark.name not in known and mark.name not in library.fault:
            otherwise = f"add the work to {file.path}"
            hint = suggest(mark.name, known, "citekey", otherwise)
            if longer := _find_longer(mark, known):
                hint = f"write `@{{{longer}}}`: braces hold a citekey with such signs"
            message = f"the citekey `{mark.name}` is not in the bibliography"
            report.error("C-001", message, mark.span, hint)


def _find_longer(mark: Mark, known: Collection[str]) -> str:
    """Return the citekey that begins where *mark* does and goes on behind it."""
    written = mark.span.excerpt[mark.span.column - 1 :].lstrip("@")
    longer = [k for k in known if written.startswith(k) and len(k) > len(mark.name)]
    return max(longer, key=len, default="")


def _report_no_works(marks: Sequence[Mark], file: File, report: Report) -> None:
    """Report that works are cited and there is no bibliography."""
    if marks:
        count = f", in {len(marks)} places" if marks[1:] else ""
        message = f"a work is cited{count}, and the edition has no bibliography"
        report.error("C-001", message, marks[0].span, f"write {file.path}")


def _find_citekeys(manuscript: Manuscript) -> Iterator[Mark]:
    """Yield every citekey of the texts and the tables, with its place."""
    for text in (*manuscript.front, *manuscript.texts):
        yield from text.citekeys
    for passage in manuscript.passages:
        yield from passage.citekeys


def find_cited(manuscript: Manuscript, works: Collection[str]) -> set[str]:
    """Return the citekeys that are cited; one misspelt stands for the nearest too."""
    cited = {mark.name for mark in _find_citekeys(manuscript)}
    return cited | {find_nearest(key, works) for key in cited - set(works)}


def check_cited(
    works: Mapping[str, RawWork], cited: Collection[str], report: Report
) -> None:
    """Report each work that is not *cited*, further reading apart."""
    uncited = [
        work
        for key, work in works.items()
        if key not in cited and work.section != FURTHER
    ]
    if len(uncited) > _ONE_BY_ONE:
        message = f"{len(uncited):,} of {len(works):,} works are never cited"
        hint = 'cite them, or leave them out: `uncited = "leave"` in `[bibliography]`'
        report.error("C-005", message, uncited[0].span, hint)
        return
    for work in uncited:
        message = f"the work `{work.citekey}` is never cited"
        hint = f"cite it, or mark it `keywords = {{{FURTHER}}}`"
        report.error("C-005", message, work.span, hint)


def check_popup(cited: CitedNote, report: Report) -> None:
    """Warn of a note that does not pop up in readers, or cannot be read alone there."""
    name = cited.note.label
    wording = " ".join(plain_text([block, make_word(" ")]) for block in cited.blocks)
    shown = f"1 {' '.join(wording.split())} ↑"
    if not wording.strip():
        return  # `annotate` tells it
    for code, message in (*find_wrong_length(name, shown), *find_ibid(name, wording)):
        report.warning(code, message, cited.note.span, HINTS[code])
