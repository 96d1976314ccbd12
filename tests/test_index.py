"""Stage index: where the entries of the register are meant, and the index of it."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recension.config import LimitsSettings, MatterSettings
from recension.files import File
from recension.index import index, locate
from recension.model import (
    AnnotatedManuscript,
    AnnotatedText,
    Entry,
    IndexedText,
    Mark,
    Mention,
    Note,
    ParsedText,
    SubHeading,
    Tables,
    TextFiles,
    Wording,
)
from recension.pandoc import read_markdown
from recension.problems import Report, Span
from recension.tree import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recension.model import Blocks, IndexHeading, Node

REGISTER = "book/register.toml"


# --- what is indexed -------------------------------------------------------------


def words(text: str) -> list[Node]:
    """Return the inlines of a stretch of plain words."""
    spaced = [
        node
        for word in text.split(" ")
        for node in ({"t": "Str", "c": word}, {"t": "Space"})
    ]
    return [node for node in spaced[:-1] if node.get("c") != ""]


def span(
    identifier: str = "", *inlines: Node, kind: str = "", **attributes: str
) -> Node:
    pairs = [[key, value] for key, value in attributes.items()]
    classes = [kind] if kind else []
    return {"t": "Span", "c": [[identifier, classes, pairs], list(inlines)]}


def call(label: str) -> Node:
    return span(kind="note-call", note=f"w-{label}")


def emph(text: str) -> Node:
    return {"t": "Emph", "c": words(text)}


def paragraph(*inlines: Node | str) -> Node:
    parts: list[Node] = []
    for inline in inlines:
        parts += words(inline) if isinstance(inline, str) else [inline]
    return {"t": "Para", "c": parts}


def note(label: str, *inlines: Node | str, text_id: str = "w") -> Note:
    return Note(
        id=f"{text_id}-{label}",
        text_id=text_id,
        label=label,
        kind="note",
        blocks=[paragraph(*inlines)],
        span=Span(path="w.md"),
    )


def entry(  # noqa: PLR0913 - an entry has many fields
    id_: str,
    *forms: str,
    kind: str = "person",
    citekey: str = "",
    see: tuple[str, ...] = (),
    see_also: tuple[str, ...] = (),
    subs: Mapping[str, tuple[str, ...]] | None = None,
) -> Entry:
    return Entry(
        id=id_,
        kind=kind,
        name=Wording(id=f"register-{id_}-name", markdown=id_, span=Span(path=REGISTER)),
        forms=tuple(
            Mark(name=form, span=Span(path=REGISTER, line=number))
            for number, form in enumerate(forms, start=1)
        ),
        see=tuple(
            Wording(id=f"{name}{n}", markdown=name, span=Span(path=REGISTER))
            for n, name in enumerate(see)
        ),
        see_also=tuple(Mark(name=id_, span=Span(path=REGISTER)) for id_ in see_also),
        citekey=Mark(name=citekey, span=Span(path=REGISTER)) if citekey else None,
        lang="",
        dates="",
        who=None,
        subs=tuple(
            SubHeading(
                name=name,
                at=tuple(Mark(name=anchor, span=Span(path=REGISTER)) for anchor in at),
            )
            for name, at in (subs or {}).items()
        ),
        span=Span(path=REGISTER),
    )


def text(
    blocks: Blocks, *notes: Note, raw: str = "", text_id: str = "w"
) -> AnnotatedText:
    settings = MatterSettings(id=text_id, short_title=text_id, file=f"{text_id}.md")
    edited = File(path=f"{text_id}.md", raw=raw)
    files = TextFiles(settings=settings, edited=edited, source=None)
    parsed = ParsedText(
        files=files,
        blocks=[],
        calls=(),
        definitions=(),
        citekeys=(),
        words=(),
        sound=True,
    )
    return AnnotatedText(
        parsed=parsed,
        blocks=blocks,
        headings=(),
        notes=notes,
        emendations=(),
        anchors=(),
        references=(),
        decisions=(),
        pieces=(),
        sound=True,
    )


def index_all(
    register: Sequence[Entry],
    *texts: AnnotatedText,
    front: tuple[AnnotatedText, ...] = (),
) -> tuple[tuple[IndexedText, ...], Report]:
    report = Report()
    tables = Tables(register=tuple(register))
    manuscript = AnnotatedManuscript(
        front=front, texts=texts, tables=tables, passages=(), whole=True
    )
    return index(manuscript, report), report


def index_one(
    register: Sequence[Entry], *inlines: Node | str, notes: tuple[Note, ...] = ()
) -> IndexedText:
    (indexed,), _ = index_all(register, text([paragraph(*inlines)], *notes))
    return indexed


def spans(node: Any, kind: str) -> Iterator[tuple[str, str, str]]:
    """Yield id, words and `who` of each span of class *kind* in a tree."""
    if isinstance(node, list):
        for part in node:
            yield from spans(part, kind)
    elif isinstance(node, dict):
        if node["t"] == "Span" and kind in node["c"][0][1]:
            identifier, _, pairs = node["c"][0]
            yield identifier, plain_text(node["c"][1]), dict(pairs).get("who", "")
        yield from spans(node.get("c"), kind)


def marked(indexed: IndexedText) -> list[tuple[str, str]]:
    """Return the entry and the words of each mark in the running text."""
    entries = {mention.id: mention.entry for mention in indexed.mentions}
    return [
        (entries[id_], wording) for id_, wording, _ in spans(indexed.blocks, "mention")
    ]


def codes(report: Report) -> list[str]:
    return [problem.code for problem in report.sorted]


TROTSKY = entry("trotsky", "Leon Trotsky", "Trotsky", "Old Man")
STALIN = entry("stalin", "Stalin")


# --- forms -----------------------------------------------------------------------


def test_the_longest_form_is_marked_and_not_the_one_inside_it() -> None:
    indexed = index_one([TROTSKY], "here Leon Trotsky spoke")
    assert marked(indexed) == [("trotsky", "Leon Trotsky")]


def test_the_longer_of_two_forms_that_begin_together_is_marked() -> None:
    register = [entry("a", "Leon"), TROTSKY]
    assert marked(index_one(register, "Leon Trotsky")) == [("trotsky", "Leon Trotsky")]


def test_a_longer_form_that_begins_later_wins_over_a_shorter_one() -> None:
    register = [
        entry("a", "Fourth International"),
        entry("b", "International of Youth"),
    ]
    indexed = index_one(register, "the Fourth International of Youth met")
    assert marked(indexed) == [("b", "International of Youth")]


@pytest.mark.parametrize("wording", ["Trotskyist", "preTrotsky", "trotsky", "Trotsky2"])
def test_a_form_is_a_whole_word_in_its_own_case(wording: str) -> None:
    assert index_one([TROTSKY], f"a {wording} here").mentions == ()


@pytest.mark.parametrize(
    "wording", ["Trotsky’s", "Trotsky's", "“Trotsky”,", "Trotsky—"]
)
def test_a_possessive_or_a_mark_beside_a_form_does_not_hide_it(wording: str) -> None:
    assert marked(index_one([TROTSKY], f"a {wording} b")) == [("trotsky", "Trotsky")]


@pytest.mark.parametrize("form", ["L'Humanité", "L’Humanité"])
def test_straight_and_typographic_apostrophes_match_each_other(form: str) -> None:
    for printed in ("L'Humanité", "L’Humanité"):
        assert marked(index_one([entry("h", form)], f"in {printed} of"))


def test_a_space_of_a_form_matches_a_line_end_and_a_no_break_space() -> None:
    broken = {"t": "SoftBreak"}
    indexed = index_one([TROTSKY], "Leon", broken, "Trotsky and Leon\u00a0Trotsky")
    assert [mention.entry for mention in indexed.mentions] == ["trotsky", "trotsky"]


def test_a_form_runs_over_emphasis() -> None:
    indexed = index_one([TROTSKY], "Leon", {"t": "Space"}, emph("Trotsky"), " spoke")
    assert marked(indexed) == [("trotsky", "Leon Trotsky")]


@pytest.mark.parametrize(
    "kind",
    [
        "Emph",
        "Strong",
        "Underline",
        "SmallCaps",
        "Superscript",
        "Subscript",
        "Strikeout",
    ],
)
def test_a_form_runs_over_every_kind_of_type(kind: str) -> None:
    name = {"t": kind, "c": words("Trotsky")}
    indexed = index_one([TROTSKY], "Leon", {"t": "Space"}, name, " spoke")
    assert marked(indexed) == [("trotsky", "Leon Trotsky")]


def test_a_form_that_cannot_be_wrapped_has_an_empty_mark_where_it_begins() -> None:
    inlines = emph("said Leon"), {"t": "Space"}, "Trotsky there"
    indexed = index_one([TROTSKY], *inlines)
    assert marked(indexed) == [("trotsky", "")]
    (block,) = indexed.blocks
    before, _, after = repr(block).partition("m-w-1")
    assert "said" in before
    assert "Leon" in after


def test_a_form_that_ends_inside_emphasis_has_an_empty_mark() -> None:
    indexed = index_one([TROTSKY], "Leon", {"t": "Space"}, emph("Trotsky spoke"))
    assert marked(indexed) == [("trotsky", "")]


def test_a_note_call_does_not_break_a_form() -> None:
    notes = note("a", "one"), note("b", "two")
    thin = {"t": "Str", "c": "\u2009"}
    space = {"t": "Space"}
    inlines = "Leon", call("a"), thin, call("b"), space, "Trotsky"
    indexed = index_one([TROTSKY], *inlines, notes=notes)
    assert [mention.entry for mention in indexed.mentions] == ["trotsky"]


def test_a_heading_is_not_indexed() -> None:
    heading = {"t": "Header", "c": [1, ["h", [], []], words("On Trotsky")]}
    (indexed,), _ = index_all([TROTSKY], text([heading, paragraph("Nobody")]))
    assert indexed.mentions == ()


@pytest.mark.parametrize(
    "markdown", ["> Trotsky", "1. Trotsky", "- Trotsky", "| Trotsky"]
)
def test_every_kind_of_block_is_read(markdown: str) -> None:
    blocks, _ = read_markdown(markdown, LimitsSettings())
    (indexed,), _ = index_all([TROTSKY], text(blocks))
    assert marked(indexed) == [("trotsky", "Trotsky")]


# --- decisions -------------------------------------------------------------------


def test_a_decided_span_belongs_to_the_entry_it_names() -> None:
    old_man = span("", *words("the old leader"), who="trotsky")
    indexed = index_one([TROTSKY], "there", {"t": "Space"}, old_man)
    assert marked(indexed) == [("trotsky", "the old leader")]


@pytest.mark.parametrize("who", ["none", "nobody-known", "stalin"])
def test_nothing_else_is_sought_in_a_decided_span(who: str) -> None:
    indexed = index_one([TROTSKY, STALIN], span("", *words("Trotsky"), who=who))
    assert "trotsky" not in [mention.entry for mention in indexed.mentions]


def test_a_decision_holds_for_what_is_decided_inside_it() -> None:
    inner = span("", *words("Leon"), who="stalin")
    indexed = index_one([TROTSKY, STALIN], span("", inner, who="trotsky"))
    assert marked(indexed) == [("trotsky", "Leon")]


def test_a_form_does_not_run_into_a_decided_span() -> None:
    leon = span("", *words("Leon"), who="none")
    indexed = index_one([TROTSKY], leon, {"t": "Space"}, "Trotsky")
    assert marked(indexed) == [("trotsky", "Trotsky")]


def test_the_decision_is_taken_away_and_an_anchor_beside_it_stays() -> None:
    decided = (
        span("", *words("he"), who="none"),
        span("here", *words("him"), who="none"),
    )
    indexed = index_one([TROTSKY], *decided)
    inlines = indexed.blocks[0]["c"]
    assert inlines[1:] == [*words("he"), span("here", *words("him"))]


def test_a_decision_in_a_heading_is_taken_away() -> None:
    decided = span("", *words("he"), who="trotsky")
    heading = {"t": "Header", "c": [1, ["h", [], []], [decided]]}
    (indexed,), _ = index_all([TROTSKY], text([heading]))
    assert indexed.blocks[0]["c"][2] == words("he")


# --- forms in doubt --------------------------------------------------------------


PARTIES = [entry("pcm", "Party", "Mexican Party"), entry("pcf", "Party")]


def index_markdown(register: Sequence[Entry], raw: str, *notes: Note) -> Report:
    blocks, _ = read_markdown(raw, LimitsSettings())
    return index_all(register, text(blocks, *notes, raw=raw))[1]


def test_a_form_of_two_entries_is_an_error_that_names_both() -> None:
    (problem,) = index_markdown(PARTIES, "The Mexican Party, the Party.").errors
    assert problem.code == "I-001"
    assert problem.message == "the form `Party` could stand for `pcm` or `pcf`"
    assert "`[Party]{who=pcm}` or `[Party]{who=pcf}`, or `who=none`" in problem.hint


def test_each_doubt_is_told_where_it_stands_in_the_file() -> None:
    raw = "# Party\n\n[Party]{who=pcf} is a Party.\n\nThe *Mexican* Party and Party."
    errors = index_markdown(PARTIES, raw).errors
    places = [(error.span.line, error.span.column) for error in errors]
    assert places == [(3, 23), (5, 25)]
    assert [error.span.excerpt for error in errors] == [
        raw.split("\n")[2],
        raw.split("\n")[4],
    ]


def test_a_doubt_in_a_note_is_told_in_the_note() -> None:
    raw = "One\n\n[^b]: The Party [@key, Party].\n\nThe Party."
    blocks = [paragraph("One", call("b")), paragraph("The Party")]
    report = index_all(PARTIES, text(blocks, note("b", "The Party"), raw=raw))[1]
    assert [error.span.line for error in report.errors] == [3, 5]


def test_a_form_in_an_attribute_or_an_omission_is_not_taken_for_a_doubt() -> None:
    raw = '::: {.omit why="x"}\nParty\n:::\n\n[a]{sic="Party"} Party'
    (error,) = index_all(PARTIES, text([paragraph("a Party")], raw=raw))[1].errors
    assert (error.span.line, error.span.column) == (5, 18)


# --- the register ----------------------------------------------------------------


def test_a_form_that_is_never_found_is_a_warning_at_its_place() -> None:
    report = index_all([entry("x", "Found", "Lost")], text([paragraph("Found")]))[1]
    (problem,) = report.sorted
    assert (problem.code, problem.severity) == ("I-002", "warning")
    assert problem.message == "the form `Lost` of `x` is never found"
    assert problem.span.line == 2


def test_a_form_found_only_inside_longer_ones_is_told_so() -> None:
    report = index_all([entry("x", "A B", "B")], text([paragraph("A B")]))[1]
    (problem,) = report.sorted
    assert "only inside longer forms" in problem.hint


def test_a_form_is_found_in_a_note_and_in_a_decision_for_its_entry() -> None:
    decided = span("", *words("Second"), who="x")
    blocks = [paragraph("Nobody", call("a"), decided)]
    register = [entry("x", "First", "Second")]
    report = index_all(register, text(blocks, note("a", "First")))[1]
    assert codes(report) == []


def test_forms_are_not_missed_where_a_text_could_not_be_read() -> None:
    report = Report()
    tables = Tables(register=(entry("x", "Lost"),))
    manuscript = AnnotatedManuscript(
        front=(), texts=(), tables=tables, passages=(), whole=False
    )
    index(manuscript, report)
    assert codes(report) == []


def test_a_cross_reference_to_no_entry_is_an_error_with_the_nearest() -> None:
    register = [TROTSKY, entry("x", see_also=("trotski",))]
    (problem,) = index_all(register, text([]))[1].errors
    assert problem.code == "I-003"
    assert problem.hint == "the nearest entry is `trotsky`"


# --- notes -----------------------------------------------------------------------


def test_a_note_mentions_an_entry_once() -> None:
    notes = (note("a", "Trotsky and Trotsky and Stalin"),)
    indexed = index_one([TROTSKY, STALIN], "One", call("a"), notes=notes)
    assert indexed.mentions == (
        Mention(id="w-a", entry="trotsky", text_id="w", paragraph="w-p1", note=True),
        Mention(id="w-a", entry="stalin", text_id="w", paragraph="w-p1", note=True),
    )


def test_a_citation_in_a_note_mentions_its_work_and_its_words_do_not() -> None:
    cite = {"t": "Cite", "c": [[{"citationId": "stalin1932"}], words("see Trotsky")]}
    works = [TROTSKY, entry("work", kind="work", citekey="stalin1932")]
    indexed = index_one(works, "One", call("a"), notes=(note("a", cite),))
    assert [mention.entry for mention in indexed.mentions] == ["work"]


def test_mentions_stand_in_the_order_of_reading() -> None:
    notes = (note("a", "Stalin"),)
    inlines = "Trotsky", call("a"), {"t": "Space"}, "Trotsky"
    indexed = index_one([TROTSKY, STALIN], *inlines, notes=notes)
    assert [mention.id for mention in indexed.mentions] == ["m-w-1", "w-a", "m-w-2"]


# --- paragraphs and anchors ------------------------------------------------------


def paragraphs(indexed: IndexedText) -> list[str]:
    return [identifier for identifier, _, _ in spans(indexed.blocks, "paragraph")]


def test_a_paragraph_is_marked_where_something_refers_to_it() -> None:
    emended = span("w-e1", *words("x"), kind="emendation")
    blocks = [
        paragraph("nothing"),
        paragraph("Trotsky"),
        paragraph("an anchor", span("here")),
        paragraph(emended),
        paragraph("a call", call("a")),
        paragraph("an idle call", call("b")),
    ]
    notes = note("a", "Trotsky"), note("b", "nobody")
    (indexed,), _ = index_all([TROTSKY], text(blocks, *notes))
    assert paragraphs(indexed) == ["w-p1", "w-p2", "w-p3", "w-p4"]
    assert indexed.blocks[0] == blocks[0]
    assert indexed.blocks[5] == blocks[5]
    assert indexed.anchors == {"here": "w-p2", "w-e1": "w-p3"}


def test_what_stands_in_a_heading_or_at_a_div_belongs_to_the_next_paragraph() -> None:
    heading = {"t": "Header", "c": [2, ["h", [], []], [*words("On"), call("a")]]}
    div = {"t": "Div", "c": [["d", [], []], [paragraph("one")]]}
    (indexed,), _ = index_all([TROTSKY], text([heading, div], note("a", "Trotsky")))
    assert indexed.anchors == {"h": "w-p1", "d": "w-p1"}
    assert [mention.paragraph for mention in indexed.mentions] == ["w-p1"]
    assert paragraphs(indexed) == ["w-p1"]


def test_an_anchor_after_the_last_paragraph_belongs_to_it() -> None:
    heading = {"t": "Header", "c": [2, ["end", [], []], words("End")]}
    (indexed,), _ = index_all([TROTSKY], text([paragraph("Trotsky"), heading]))
    assert indexed.anchors == {"end": "w-p1"}


# --- first mentions --------------------------------------------------------------


def firsts(indexed: IndexedText) -> list[tuple[str, str]]:
    found = spans(indexed.blocks, "mention")
    return [(identifier, who) for identifier, _, who in found if who]


def test_only_the_first_mention_in_a_text_says_who_it_is() -> None:
    indexed = index_one([TROTSKY, STALIN], "Trotsky and Stalin and Trotsky")
    assert firsts(indexed) == [("m-w-1", "trotsky"), ("m-w-2", "stalin")]


def test_an_empty_mark_does_not_say_who() -> None:
    cut = emph("said Leon"), {"t": "Space"}, "Trotsky and Stalin"
    assert firsts(index_one([TROTSKY, STALIN], *cut)) == [("m-w-2", "stalin")]


def test_a_work_or_a_place_is_no_first_mention() -> None:
    register = [entry("a", "Mexico", kind="place"), entry("b", "Diary", kind="work")]
    assert firsts(index_one(register, "Diary in Mexico")) == []


def test_the_front_matter_has_no_first_mentions() -> None:
    front = text([paragraph("Trotsky")], text_id="f")
    body = text([paragraph("Trotsky")])
    (before, after), _ = index_all([TROTSKY], body, front=(front,))
    assert (firsts(before), firsts(after)) == ([], [("m-w-1", "trotsky")])


@pytest.mark.parametrize(
    "inlines",
    [
        [{"t": "Link", "c": [["", [], []], words("Trotsky"), ["#x", ""]]}],
        [span("", *words("Trotsky"), kind="reference", to="x")],
        [*words("Leon"), call("a"), {"t": "Space"}, *words("Trotsky")],
    ],
)
def test_a_mention_that_would_put_a_link_into_a_link_does_not_say_who(
    inlines: list[Node],
) -> None:
    later = {"t": "Space"}, "Trotsky"
    indexed = index_one([TROTSKY], *inlines, *later, notes=(note("a", "x"),))
    assert firsts(indexed) == [("m-w-2", "trotsky")]


# --- the tree --------------------------------------------------------------------

NAMES = st.sampled_from(["Leon", "Trotsky", "Trotsky’s", "Stalin", "Old", "Man", "so"])


def trees() -> st.SearchStrategy[list[Node]]:
    strings = st.builds(lambda name: {"t": "Str", "c": name}, NAMES)
    spaces = st.sampled_from([{"t": "Space"}, {"t": "SoftBreak"}])
    empty = st.sampled_from([span("here"), call("a"), {"t": "Str", "c": "\u2009"}])
    leaves = st.one_of(strings, spaces, empty)

    def extend(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        lists = st.lists(inner, max_size=4)
        decisions = st.sampled_from(["trotsky", "none"])
        return st.one_of(
            st.builds(lambda parts: {"t": "Emph", "c": parts}, lists),
            st.builds(lambda parts: span("", *parts, kind="emendation"), lists),
            st.builds(lambda parts, who: span("", *parts, who=who), lists, decisions),
        )

    return st.lists(st.recursive(leaves, extend, max_leaves=8), max_size=10)


@given(trees())
def test_marks_leave_the_words_and_the_given_tree_as_they_are(
    inlines: list[Node],
) -> None:
    given_blocks = [{"t": "Para", "c": inlines}]
    before = copy.deepcopy(given_blocks)
    (indexed,), _ = index_all(
        [TROTSKY, STALIN], text(given_blocks, note("a", "Stalin"))
    )
    assert plain_text(indexed.blocks) == plain_text(before)
    assert given_blocks == before


@given(trees())
def test_every_mention_has_one_mark_and_every_mark_has_its_words(
    inlines: list[Node],
) -> None:
    blocks = [{"t": "Para", "c": inlines}]
    (indexed,), _ = index_all([entry("trotsky", "Leon Trotsky")], text(blocks))
    found = list(spans(indexed.blocks, "mention"))
    marks = [identifier for identifier, _, _ in found]
    assert sorted(marks) == sorted(mention.id for mention in indexed.mentions)
    assert len(set(marks)) == len(marks)
    assert "'who', 'none'" not in repr(indexed.blocks)


# --- locators --------------------------------------------------------------------


def located(  # noqa: PLR0913 - what a heading depends on
    found: Sequence[tuple[str, str]],
    *,
    subs: Mapping[str, tuple[str, ...]] | None = None,
    anchors: Mapping[str, str] | None = None,
    texts: Sequence[str] = ("w",),
    entries: Sequence[Entry] = (),
    names: Mapping[str, str] | None = None,
) -> tuple[IndexHeading, ...]:
    """Return the index of mentions of `x`, given as folio, or folio `n` number.

    The paragraph of the mention with index n is `p<n>`; the texts take turns.
    """
    places, numbers = {}, {}
    mentions: dict[str, list[Mention]] = {text_id: [] for text_id in texts}
    for position, (folio, number) in enumerate(found):
        id_, text_id = f"m{position}", texts[position % len(texts)]
        places[f"call-{id_}" if number else id_] = (folio, 1)
        if number:
            numbers[id_] = int(number)
        mentions[text_id].append(
            Mention(
                id=id_,
                entry="x",
                text_id=text_id,
                paragraph=f"p{position}",
                note=bool(number),
            )
        )
    indexed = [
        IndexedText(
            text_id=text_id,
            blocks=[],
            mentions=tuple(mentions[text_id]),
            anchors=anchors or {},
        )
        for text_id in texts
    ]
    register = (entry("x", "X", subs=subs), *entries)
    return locate(
        indexed,
        Tables(register=register),
        names={"x": "X", **(names or {})},
        places=places,
        numbers=numbers,
        titles={text_id: f"in {text_id.upper()}" for text_id in texts},
    )


def places(*written: str) -> list[tuple[str, str]]:
    """Return `27` and `27n14` as folio and number."""
    return [(place.partition("n")[0], place.partition("n")[2]) for place in written]


def labels(*written: str) -> list[str]:
    (heading,) = located(places(*written))
    (group,) = heading.groups
    assert group.name == ""
    return [locator.label for locator in group.locators]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        (["34", "35", "36"], ["34–36"]),
        (["34", "34"], ["34"]),
        (["34", "35", "37"], ["34–35", "37"]),
        (["9", "10"], ["9–10"]),
        (["vi", "iv", "v"], ["iv–vi"]),
        (["xiv", "1", "2"], ["xiv", "1–2"]),
        (["i", "2"], ["i", "2"]),
        (["ci", "xcix", "c"], ["xcix–ci"]),
        (["d", "cccxcix", "cd"], ["cccxcix–cd", "d"]),
        (["1", "cm", "dcccxcix", "m"], ["dcccxcix–cm", "m", "1"]),
        (["27n14"], ["27n14"]),
        (["27n14", "27n15"], ["27nn14–15"]),
        (["27n14", "27n16"], ["27n14", "27n16"]),
        (["27n14", "28n15"], ["27n14", "28n15"]),
        (["27n14", "27"], ["27"]),
        (["33", "34", "33n1", "35n2"], ["33–34", "35n2"]),
        (["33", "34n1", "35"], ["33", "34n1", "35"]),
        (["ivn3", "4"], ["ivn3", "4"]),
    ],
)
def test_locators_are_printed_as_a_good_index_has_them(
    written: list[str], printed: list[str]
) -> None:
    assert labels(*written) == printed


def test_a_locator_leads_to_the_first_mention_it_stands_for() -> None:
    (heading,) = located(places("7", "7", "8", "9n1", "9n2"))
    assert [it.first.id for it in heading.groups[0].locators] == ["m0", "m3"]


def unfold(label: str) -> list[int]:
    first, _, last = label.partition("–")
    return list(range(int(first), int(last or first) + 1))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=80))
def test_ranges_cover_exactly_the_folios_and_never_touch(folios: list[int]) -> None:
    (heading,) = located([(str(folio), "") for folio in folios])
    (group,) = heading.groups
    runs = [unfold(locator.label) for locator in group.locators]
    assert [folio for run in runs for folio in run] == sorted(set(folios))
    assert all(run[-1] + 1 < after[0] for run, after in pairwise(runs))


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9)), min_size=1))
def test_a_page_has_its_notes_or_its_text_and_none_is_lost(
    found: list[tuple[int, int]],
) -> None:
    (heading,) = located([(str(folio), str(note or "")) for folio, note in found])
    printed = [locator.label for group in heading.groups for locator in group.locators]
    in_text = {folio for folio, number in found if not number}
    for folio in {folio for folio, _ in found}:
        noted = any(label.startswith(f"{folio}n") for label in printed)
        texts = [label for label in printed if "n" not in label]
        assert noted == (folio not in in_text)
        assert any(folio in unfold(label) for label in texts) == (folio in in_text)


# --- sub-headings ----------------------------------------------------------------

SEVEN = places("1", "3", "5", "7", "9", "11", "13")


def groups(heading: IndexHeading) -> list[tuple[str, list[str]]]:
    return [
        (group.name, [it.label for it in group.locators]) for group in heading.groups
    ]


def test_six_locators_stand_together() -> None:
    (heading,) = located(SEVEN[:6], subs={"raid": ("r",)}, anchors={"r": "p0"})
    assert groups(heading) == [("", ["1", "3", "5", "7", "9", "11"])]


def test_more_than_six_are_divided_and_a_few_others_follow_the_heading() -> None:
    (heading,) = located(
        SEVEN,
        texts=("w", "b"),
        subs={"murder": ("m",), "raid": ("r", "lost"), "nothing": ("n",)},
        anchors={"m": "p5", "r": "p2", "n": "p99"},
    )
    assert groups(heading) == [
        ("", ["1", "3", "7", "9", "13"]),
        ("raid", ["5"]),
        ("murder", ["11"]),
    ]


def test_many_that_no_sub_heading_takes_are_told_apart_by_text() -> None:
    (heading,) = located(
        places(*map(str, range(1, 20, 2))),
        texts=("w", "b"),
        subs={"raid": ("r",)},
        anchors={"r": "p0"},
    )
    assert groups(heading) == [
        ("raid", ["1"]),
        ("in W", ["5", "9", "13", "17"]),
        ("in B", ["3", "7", "11", "15", "19"]),
    ]


def test_a_range_of_more_than_six_folios_is_divided() -> None:
    (heading,) = located([(str(folio), "") for folio in range(1, 8)])
    assert groups(heading) == [("in W", ["1–7"])]


def test_a_paragraph_may_belong_to_two_sub_headings() -> None:
    (heading,) = located(
        SEVEN, subs={"a": ("r",), "b": ("s",)}, anchors={"r": "p0", "s": "p0"}
    )
    assert groups(heading)[1:] == [("a", ["1"]), ("b", ["1"])]


# --- headings --------------------------------------------------------------------


def sorted_names(*names: str, kind: str = "work") -> list[str]:
    """Return *names* in the order of the index, each mentioned once."""
    entries = [entry(f"e{n}", kind=kind) for n in range(len(names))]
    mentions = tuple(
        Mention(id=f"m{n}", entry=f"e{n}", text_id="w", paragraph="", note=False)
        for n in range(len(names))
    )
    indexed = IndexedText(text_id="w", blocks=[], mentions=mentions, anchors={})
    headings = locate(
        [indexed],
        Tables(register=tuple(entries)),
        names={f"e{n}": name for n, name in enumerate(names)},
        places={f"m{n}": ("1", 1) for n in range(len(names))},
        numbers={},
        titles={"w": "in W"},
    )
    return [heading.name for heading in headings]


@pytest.mark.parametrize(
    "names",
    [
        ["Cárdenas, Lázaro", "Carlos, General"],
        ["“Father and Son”", "FBI"],
        ["L’Humanité", "I Was"],
        ["The Militant", "Mind"],
        ["La Batalla", "Bulletin"],
        ["Writings, 9", "Writings, 10"],
        ["New York", "Newspaper"],
        ["Sedov, Leon", "Sedova, Natalia"],
        ["GPU (Soviet secret police)", "GPU, archives of"],
        ["Łódź", "Lyon"],
    ],
)
def test_headings_are_in_alphabetical_order(names: list[str]) -> None:
    assert sorted_names(*reversed(names)) == sorted(names, key=names.index)


def test_a_foreign_article_is_part_of_the_name_of_a_person() -> None:
    assert sorted_names("Le Pen", "Oz", kind="person") == ["Le Pen", "Oz"]
    assert sorted_names("Le Pen", "Oz", kind="work") == ["Oz", "Le Pen"]


@pytest.mark.parametrize(
    ("name", "key"),
    [("Élan", "E"), ("1905", "0–9"), ("The Militant", "M"), ("“agent”", "A")],
)
def test_a_heading_stands_under_its_letter(name: str, key: str) -> None:
    (heading,) = located(places("1"), names={"x": name}, entries=())
    assert heading.key == key


def test_another_name_is_a_heading_that_refers() -> None:
    register = (entry("x", "X", see=("Alias",)), entry("y", see=("Nowhere",)))
    mention = Mention(id="m", entry="x", text_id="w", paragraph="p", note=False)
    indexed = IndexedText(text_id="w", blocks=[], mentions=(mention,), anchors={})
    headings = locate(
        [indexed],
        Tables(register=register),
        names={"x": "X", "y": "Y", "Y0": "Y", "Y1": "Y", "Alias0": "Alias"},
        places={"m": ("1", 1)},
        numbers={},
        titles={"w": "in W"},
    )
    assert [(it.name, it.see, it.groups == ()) for it in headings] == [
        ("Alias", "x", True),
        ("X", "", False),
    ]


def test_see_also_leads_only_to_what_is_printed_in_order() -> None:
    register = (
        entry("x", see_also=("z", "absent", "y")),
        *(entry(id_) for id_ in ("y", "z", "absent")),
    )
    mentions = tuple(
        Mention(id=id_, entry=id_, text_id="w", paragraph="p", note=False)
        for id_ in "xyz"
    )
    indexed = IndexedText(text_id="w", blocks=[], mentions=mentions, anchors={})
    headings = locate(
        [indexed],
        Tables(register=register),
        names={"x": "X", "y": "Y", "z": "Z", "absent": "A"},
        places=dict.fromkeys("xyz", ("1", 1)),
        numbers={},
        titles={"w": "in W"},
    )
    assert [heading.name for heading in headings] == ["X", "Y", "Z"]
    assert headings[0].see_also == ("y", "z")


def test_headings_have_ids_of_their_own_also_where_names_are_equal() -> None:
    register = (entry("x", see=("Y", "Y")), entry("y"))
    mentions = tuple(
        Mention(id=id_, entry=id_, text_id="w", paragraph="p", note=False)
        for id_ in "xy"
    )
    indexed = IndexedText(text_id="w", blocks=[], mentions=mentions, anchors={})
    headings = locate(
        [indexed],
        Tables(register=register),
        names={"x": "X", "y": "Y", "Y0": "Y", "Y1": "Y", "Alias0": "Alias"},
        places=dict.fromkeys("xy", ("1", 1)),
        numbers={},
        titles={"w": "in W"},
    )
    assert len({heading.id for heading in headings}) == len(headings) == 4


def test_what_has_no_place_is_left_out() -> None:
    assert located([("", ""), ("A7", ""), ("ci-x", "")]) == ()
