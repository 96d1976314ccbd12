"""Read the LaTeX of the works; mark their titles in what is formatted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from recension.cite.biblatex import ANNOTATION, LATEX
from recension.cite.fields import hint_at_scheme, is_of_the_web
from recension.model import Title
from recension.pandoc import PandocError, read_latex
from recension.titles import find_language, is_described, mark_titles, words_of
from recension.tree import lead_to, make, make_word, plain_text, replace, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recension.cite.library import RawWork
    from recension.config import LimitsSettings
    from recension.files import File
    from recension.model import Blocks, Node, Work
    from recension.pandoc import LogEntry
    from recension.problems import Report, Span

_TITLES = ("title", "shorttitle", "maintitle", "booktitle", "journaltitle")
_SUBTITLES = {
    "subtitle": "title",
    "mainsubtitle": "maintitle",
    "booksubtitle": "booktitle",
    "journalsubtitle": "journaltitle",
}
"""The fields that hold titles, of the work or of what it appeared in."""
_FIELD = "bibfield"
"""The environment in which each field is read: pandoc makes a div of it."""
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*|\\par(?![A-Za-z])\s*")
"""Where a paragraph ends, behind `\\par` without what pandoc takes for its option."""
_WORDS = re.compile(r"\w+|[^\w\s]")
Titles = dict[str, tuple[Title, ...]]


_Place = tuple[str, str]
_Fields = dict[_Place, str]
Read = dict[_Place, "Blocks"]
"""What stands in the fields of the works, by citekey and field."""


def read_fields(
    works: Mapping[str, RawWork], limits: LimitsSettings, report: Report
) -> Read:
    """Read the words in the fields of *works*, all with one run of pandoc.

    What cannot be read goes to *report*, and so do commands of TeX that pandoc does not
    know and links that lead out of the web.
    """
    latex = {
        (key, name): _PARAGRAPHS.sub("\n\n", written.strip())
        for key, work in works.items()
        for name in (*LATEX, ANNOTATION)
        if (written := work.fields.get(name, ""))
    }
    reader = _LatexReader(works, limits, report)
    read = reader.read(latex)
    return {place: reader.follow(place, blocks) for place, blocks in read.items()}


def find_annotation(key: str, read: Read) -> Blocks:
    """Return the annotation of the work *key* in paragraphs, none if it has none."""
    return list(_flatten(read.get((key, ANNOTATION), []), ""))


def _flatten(blocks: Blocks, mark: str) -> Iterator[Node]:
    """Yield the paragraphs in *blocks*, a *mark* before the first; so are lists."""
    for block in blocks:
        contents: Any = block.get("c")
        match block["t"], contents:
            case (("Para" | "Plain"), inlines):
                before = [make_word(mark), make("Space", None)] if mark else []
                yield make("Para", [*before, *inlines])
            case "BulletList", items:
                yield from (p for item in items for p in _flatten(item, "–"))
            case "OrderedList", [[first, *_], items]:
                for number, item in enumerate(items, start=first):
                    yield from _flatten(item, f"{number}.")
            case ("BlockQuote", inner) | ("Div", [_, inner]):
                yield from _flatten(inner, mark)
            case _:
                words = plain_text(block)
                yield make("Para", [make_word(words)])
        mark = ""


def find_titles(work: RawWork, read: Read, language: str) -> tuple[Title, ...]:
    """Return the titles of a work; *language* is that of the edition.

    A description in brackets is no title.
    """
    fields = ((name, (work.citekey, name)) for name in (*_TITLES, *_SUBTITLES))
    told = {name: plain_text(read[at]) for name, at in fields if at in read}
    wordings = [told[name] for name in _TITLES if name in told]
    wordings += [
        f"{told.get(main, '')}: {told[sub]}"
        for sub, main in _SUBTITLES.items()
        if sub in told
    ]
    name = work.field("langid") or work.field("language")
    return tuple(
        _title(wording, name, language)
        for wording in wordings
        if not is_described(wording)
    )


def mark_works(tree: Any, keys: Sequence[str], titles: Titles) -> Any:
    """Mark the titles of the works *keys*; the style may have changed capitals."""
    known = {
        words_of(title.wording.casefold()): title.language
        for key in keys
        for title in titles[key]
    }
    return mark_titles(tree, lambda text: known.get(words_of(text.casefold())))


def _title(wording: str, name: str, language: str) -> Title:
    tag = find_language(name, wording)
    same = tag.partition("-")[0] == language
    return Title(wording=wording, language="" if same else tag)


def list_words(works: Sequence[Work], file: File | None) -> Iterator[tuple[str, Span]]:
    """Yield each word and sign printed of *works*, once, with its place in *file*.

    A word that LaTeX makes has the place of its entry.
    """
    if file is None:
        return
    seen: set[str] = set()
    for work in works:
        told = [plain_text(block) for block in (*work.entry, *work.annotation)]
        told += [title.wording for title in work.titles]
        start = file.starts[work.span.line - 1]
        for word in _WORDS.findall(" ".join(told)):
            if word not in seen:
                seen.add(word)
                at = file.raw.find(word, start)
                yield word, file.span(at, at + len(word)) if at >= 0 else work.span


class _LatexReader:
    """Reads fields of *works*, and tells what is lost of them."""

    def __init__(
        self, works: Mapping[str, RawWork], limits: LimitsSettings, report: Report
    ) -> None:
        self.works = works
        self.limits = limits
        self.report = report

    def read(self, latex: _Fields) -> Read:
        """Read *latex* with one run of pandoc if that will do.

        Where pandoc cannot read them, or they have run together, halves are read.
        """
        if not latex:
            return {}
        told = "it opens what it does not close, or the other way round"
        try:
            written = "".join(map(_enclose, latex.values()))
            blocks, log = read_latex(written, self.limits)
        except PandocError as fault:
            blocks, log, told = [], (), str(fault)
        if len(blocks) == len(latex) and all(b["t"] == "Div" for b in blocks):
            self._report_skipped(latex, log)
            contents: list[Blocks] = [block["c"][1] for block in blocks]
            return dict(zip(latex, contents, strict=True))
        if len(latex) == 1:
            self._report_fault(next(iter(latex)), told)
            return {}
        fields, half = list(latex.items()), len(latex) // 2
        return self.read(dict(fields[:half])) | self.read(dict(fields[half:]))

    def follow(self, place: _Place, blocks: Blocks) -> Blocks:
        """Return *blocks* with their links as readers follow them; report others."""

        def follow(node: Node) -> list[Node] | None:
            return [lead_to(node)] if node["t"] == "Link" else None

        for node in walk(blocks):
            if node["t"] == "Link" and not is_of_the_web(target := node["c"][2][0]):
                key, name = place
                message = f"the link to `{target}` in `{name}` is none of the web"
                span = self.works[key].place(name)
                self.report.error("C-011", message, span, hint_at_scheme(target))
        followed: Blocks = replace(blocks, follow)
        return followed

    def _report_fault(self, place: _Place, told: str) -> None:
        key, name = place
        message = f"pandoc cannot read the `{name}` of `{key}`: {told}"
        hint = "look for braces within one another, or never closed"
        self.report.error("C-002", message, self.works[key].place(name), hint)

    def _report_skipped(self, latex: _Fields, log: Sequence[LogEntry]) -> None:
        """Report the commands that pandoc does not know: their words would be lost."""
        places = [
            place
            for place, written in latex.items()
            for _ in range(_enclose(written).count("\n"))
        ]
        for entry in log:
            ours = entry.message.endswith(f"{{{_FIELD}}}")
            if entry.kind == "SkippedContent" and not ours:
                key, name = places[entry.line - 1]
                message = (
                    f"pandoc knows no `{entry.message}`, in the `{name}` of `{key}`"
                )
                hint = "write its words without the command"
                self.report.error("C-002", message, self.works[key].place(name), hint)


def _enclose(latex: str) -> str:
    """Return *latex* as pandoc reads it as a div.

    Behind an empty line no bracket can be taken for an option of the environment.
    """
    return f"\\begin{{{_FIELD}}}\n\n{latex}\n\n\\end{{{_FIELD}}}\n"
