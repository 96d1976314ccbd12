"""Titles of works and words of other languages, from the register and the works.

A title becomes a span of class `title` (see `titles`), italics that are no stress one
of class `italics`; a span with `lang` is as the editor wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recension.titles import (
    find_marked,
    holds_title,
    is_described,
    is_title,
    mark_titles,
    title_span,
    words_of,
)
from recension.tree import (
    Attributes,
    SpanClass,
    attributes_of,
    has_class,
    make,
    make_span,
    plain_text,
    replace,
    walk,
    with_children,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recension.model import Blocks, Book, Entry, Node

_WORK = "work"
"""The kind of the register whose entries have titles."""

TitleWords = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What the register says of names: which are titles, in which language.

    *titles* has the language of each title by its words, *of_entry* the same entry by
    entry; *languages* has for an entry with `lang` that and the words of its name;
    *entries* gives the entry of each mention of the texts.
    """

    titles: Mapping[TitleWords, str]
    of_entry: Mapping[str, Mapping[TitleWords, str]]
    languages: Mapping[str, tuple[str, TitleWords]]
    entries: Mapping[str, str]

    def mark(self, blocks: Blocks, *, cited: bool = False) -> Blocks:
        """Return *blocks* with the titles and the italics in them marked.

        In what the style has set (*cited*) italics are never stress.
        """
        known = mark_titles(blocks, self._know)
        marked: Blocks = self._mark(known, inside=False, cited=cited)
        return marked

    def _know(self, text: str) -> str | None:
        return None if is_described(text) else self.titles.get(words_of(text))

    def _mark(self, tree: Any, *, inside: bool, cited: bool) -> Any:
        """Return a tree marked; *inside* a title there is no other."""

        def mark(node: Node) -> list[Node] | None:
            if node["t"] not in ("Emph", "Span"):
                return None
            within = inside or is_title(node)
            of_style = cited or has_class(node, SpanClass.CITATION)
            inner = self._mark(node["c"], inside=within, cited=of_style)
            marked = make(node["t"], inner)
            if node["t"] == "Emph":
                return [_mark_italics(marked, cited=of_style)]
            if has_class(node, SpanClass.MENTION):
                return [self._mark_mention(marked, inside=within)]
            return [_mark_foreign(marked)]

        return replace(tree, mark)

    def _mark_mention(self, node: Node, *, inside: bool) -> Node:
        """Return a mention, its words marked if they are a title or a foreign name."""
        inlines = node["c"][1]
        entry = self.entries[attributes_of(node).id]
        words = words_of(plain_text(inlines))
        language = self._language(entry, words)
        title = self.of_entry.get(entry, {}).get(words)
        if not inlines or inside or _holds_language(inlines) or holds_title(inlines):
            return node
        if title is not None:
            inlines = [title_span(inlines, title or language)]
        elif language:
            inlines = [make_span(inlines, lang=language)]
        return with_children(node, inlines)

    def _language(self, entry: str, words: TitleWords) -> str:
        language, name = self.languages.get(entry, ("", ()))
        return language if set(words) <= set(name) else ""

    def mark_name(self, entry: Entry, blocks: Blocks) -> Blocks:
        """Return the name of *entry*, all of it in its language if it has no title."""
        if not entry.lang or any(find_marked(blocks)):
            return blocks
        return [{**b, "c": [make_span(b["c"], lang=entry.lang)]} for b in blocks]


def read_names(book: Book) -> Names:
    """Read what the register and the bibliography of *book* say of names."""
    register = book.tables.register
    works = {w.citekey: w for section in book.bibliography for w in section.works}
    names = {entry.id: words_of(_wording(book, entry)) for entry in register}
    of_entry: dict[str, dict[TitleWords, str]] = {}
    for entry in (entry for entry in register if entry.kind == _WORK):
        work = works.get(entry.citekey.name) if entry.citekey else None
        found = {words_of(t.wording): t.language for t in work.titles} if work else {}
        for wording in _find_titles(book, entry, list(found)):
            words = words_of(wording)
            own = set(words) <= set(names[entry.id])
            found[words] = found.get(words) or (entry.lang if own else "")
        of_entry[entry.id] = found
    return Names(
        titles={words: lang for of in of_entry.values() for words, lang in of.items()},
        of_entry=of_entry,
        languages={e.id: (e.lang, names[e.id]) for e in register if e.lang},
        entries={m.id: m.entry for text in book.indexed for m in text.mentions},
    )


def _wording(book: Book, entry: Entry) -> str:
    return plain_text(book.passages[entry.name.id])


def _find_titles(book: Book, entry: Entry, known: list[TitleWords]) -> Iterator[str]:
    """Yield the titles that *entry* gives: in its name, its references, its forms.

    A form is one if it begins with a capital and all its words are those of a title,
    in capitals or not; `biography of Stalin` is a description.
    """
    for wording in (entry.name, *entry.see):
        for marked in find_marked(book.passages[wording.id]):
            if not is_described(marked):
                known.append(words_of(marked))
                yield marked
    for form in entry.forms:
        words = _fold(words_of(form.name))
        whole = any(words and words <= _fold(title) for title in known)
        if whole and not form.name[:1].islower():
            yield form.name


def _fold(words: TitleWords) -> set[str]:
    return {word.casefold() for word in words}


def _mark_italics(node: Node, *, cited: bool) -> Node:
    """Return italics as what they are: another language, the style's, or stress."""
    inlines = node["c"]
    if len(inlines) == 1 and (language := _language_of(inlines[0])):
        return make_span(inlines[0]["c"][1], SpanClass.ITALICS, lang=language)
    return make_span(inlines, SpanClass.ITALICS) if cited else node


def _mark_foreign(node: Node) -> Node:
    """Return a span in another language; if all of it is in italics, these as well."""
    inlines, language = node["c"][1], _language_of(node)
    if language and len(inlines) == 1 and inlines[0]["t"] == "Emph":
        return make_span(inlines[0]["c"], SpanClass.ITALICS, lang=language)
    return node


def _language_of(node: Node) -> str:
    """Return the language of a span that has no other attribute, else nothing."""
    own = attributes_of(node) if node["t"] == "Span" else Attributes()
    language = own.get("lang")
    return language if own == Attributes(pairs=(("lang", language),)) else ""


def _holds_language(inlines: list[Node]) -> bool:
    return any(attributes_of(node).has("lang") for node in walk(inlines))
