# ruff: noqa: D101, D102, D401 - names and docstrings are claims
"""What the EPUB says of its words: languages, titles, dates, kinds of parts."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import CRITICAL, XHTML, Edition, build_whole
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from written import write_epub

from recension.construe.dated import Dates, mark_dates
from recension.titles import (
    find_language,
    find_marked,
    is_quotation,
    is_title,
    mark_titles,
    title_span,
    words_of,
)
from recension.tree import (
    SpanClass,
    attributes_of,
    children,
    make,
    make_span,
    make_word,
    plain_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from written import Written

    from recension.model import Node

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TYPE = "{http://www.idpf.org/2007/ops}type"
ENGLISH, FRENCH = Dates("en-GB"), Dates("fr")


def find_dates(text: str, dates: Dates = ENGLISH) -> dict[str, str]:
    return {text[start:end]: machine for start, end, machine in dates.find(text)}


def show(inlines: list[Node]) -> str:
    """Return *inlines* in characters, dates in angles and other marks in brackets."""
    shown = ""
    for node in inlines:
        own, inner = attributes_of(node), children(node)
        if inner is None:
            shown += plain_text([node])
        elif SpanClass.DATE in own.classes:
            shown += f"<{own.get('machine')}:{show(inner)}>"
        else:
            shown += f"[{show(inner)}]"
    return shown


def mark(*inlines: Node | str) -> str:
    nodes = [node for part in inlines for node in to_nodes(part)]
    (block,) = mark_dates([make("Para", nodes)], ENGLISH)
    return show(block["c"])


def to_nodes(part: Node | str) -> list[Node]:
    if not isinstance(part, str):
        return [part]
    spaced = [[make_word(word), {"t": "Space"}] for word in part.split(" ")]
    return [node for pair in spaced for node in pair if node.get("c") != ""][:-1]


class TestDates:
    @pytest.mark.parametrize(
        ("wording", "machine"),
        [
            ("24 May 1940", "1940-05-24"),
            ("24\u00a0May\u00a01940", "1940-05-24"),
            ("20th August, 1940", "1940-08-20"),
            ("May 24, 1940", "1940-05-24"),
            ("January 1928", "1928-01"),
        ],
    )
    def test_a_complete_date_is_found(self, wording: str, machine: str) -> None:
        assert find_dates(f"On {wording}, at four") == {wording: machine}

    @pytest.mark.parametrize(
        "text",
        [
            "24 May and 1940",
            "1940",
            "26–27 May 1940",
            "24th/25th May 1940",
            "23 to 24 May 1940",
            "26 or 27 May 1940",
            "May–June 1940",
            "May 1940–41",
            "31 June 1940",
            "The Mays 1940",
            "24 May 19400",
        ],
    )
    def test_what_is_not_complete_is_left_alone(self, text: str) -> None:
        assert find_dates(text) == {}

    def test_a_number_that_is_no_day_does_not_share_the_month(self) -> None:
        assert list(find_dates("at 62 on 21st August 1940").values()) == ["1940-08-21"]

    def test_a_range_of_two_complete_dates_has_both(self) -> None:
        text = "from 1 May 1940–13 June 1941 on"
        assert list(find_dates(text).values()) == ["1940-05-01", "1941-06-13"]

    def test_months_are_those_of_the_language(self) -> None:
        assert find_dates("le 1er mai 1940", FRENCH) == {"1er mai 1940": "1940-05-01"}
        assert find_dates("on 24 May 1940", FRENCH) == {}

    @pytest.mark.parametrize(
        ("language", "text", "machine"),
        [
            ("de", "am 24. Mai 1940 starb", "1940-05-24"),
            ("de", "im Mai 1940", "1940-05"),
            ("es", "el 24 de mayo de 1940", "1940-05-24"),
            ("es", "en mayo de 1940", "1940-05"),
            ("cs", "dne 24. května 1940", "1940-05-24"),
            ("it", "il 24 maggio 1940", "1940-05-24"),
        ],
    )
    def test_the_order_is_that_of_the_language(
        self, language: str, text: str, machine: str
    ) -> None:
        assert list(find_dates(text, Dates(language)).values()) == [machine]

    @pytest.mark.parametrize("dash", ["–", ".–", ". und "])
    def test_a_day_with_a_point_shares_month_and_year(self, dash: str) -> None:
        assert find_dates(f"vom 10{dash}13. Mai 1940", Dates("de")) == {}

    def test_a_date_may_run_over_marks(self) -> None:
        month = make_span(to_nodes("January"), SpanClass.EMENDATION, id_="e1")
        assert mark("In ", month, " 1928,") == "In <1928-01:[January] 1928>,"

    def test_nodes_that_a_date_takes_in_are_whole(self) -> None:
        day, year = make("Emph", to_nodes("24")), make("Strong", to_nodes("1940"))
        assert mark("On ", day, " May ", year) == "On <1940-05-24:[24] May [1940]>"

    def test_a_date_within_a_node_is_marked_there(self) -> None:
        stress = make("Emph", to_nodes("on 24 May 1940, at four"))
        assert mark("He ", stress) == "He [on <1940-05-24:24 May 1940>, at four]"

    def test_what_fills_a_node_is_marked_within_it(self) -> None:
        assert mark(make("Emph", to_nodes("May 1940"))) == "[<1940-05:May 1940>]"

    def test_a_date_that_leaves_a_node_is_left_alone(self) -> None:
        rest = make("Emph", to_nodes("May 1940 and"))
        assert mark("On 24 ", rest, " later") == "On 24 [May 1940 and] later"

    def test_a_mark_that_is_empty_stays_outside(self) -> None:
        empty = make_span([], SpanClass.PARAGRAPH, id_="p")
        assert mark(empty, "May 1940", empty) == "[]<1940-05:May 1940>[]"

    def test_a_range_is_known_across_marks(self) -> None:
        rest = make("Emph", to_nodes("27 May 1940"))
        assert mark("26–", rest) == "26–[27 May 1940]"

    @pytest.mark.parametrize(
        "between",
        [
            make_span([], SpanClass.NOTE_CALL, note="n"),
            make_span([], SpanClass.REFERENCE, to="a"),
            {"t": "LineBreak"},
        ],
        ids=["call", "reference", "line end"],
    )
    def test_no_date_runs_over_what_is_no_word(self, between: Node) -> None:
        assert "<" not in mark("May ", between, " 1940")

    @given(st.lists(st.sampled_from(["24", " ", "May", "1940", "–", ","]), max_size=9))
    def test_marking_changes_no_letter(self, words: list[str]) -> None:
        blocks = [make("Para", [make_word("".join(words))])]
        assert plain_text(mark_dates(blocks, ENGLISH)) == plain_text(blocks)

    def test_dates_of_headings_and_terms_are_marked(self) -> None:
        words = to_nodes("May 1940")
        blocks = [
            make("Header", [1, ["", [], []], words]),
            make("DefinitionList", [[words, [[make("Plain", words)]]]]),
            make("LineBlock", [words]),
        ]
        assert str(mark_dates(blocks, ENGLISH)).count("1940-05") == 4


class TestLanguages:
    @pytest.mark.parametrize(
        ("name", "wording", "tag"),
        [
            ("spanish", "Mi testimonio", "es"),
            ("russian", "Novyi kurs", "ru-Latn"),
            ("russian", "Новый курс", "ru"),
            ("ru-Latn", "Novyi kurs", "ru-Latn"),
            ("klingonish", "Qapla’", ""),
        ],
    )
    def test_the_name_of_a_language_gives_its_tag(
        self, name: str, wording: str, tag: str
    ) -> None:
        assert find_language(name, wording) == tag

    def test_a_translation_in_brackets_is_not_in_the_language_of_the_title(
        self,
    ) -> None:
        words = [{"t": "Str", "c": word} for word in ("Novyi", "[The", "Course]")]
        span = title_span(words, "ru-Latn", "italic")
        inner = span["c"][1]
        assert span["c"][0] == ["", ["title", "italic"], []]
        assert inner[0]["c"] == [["", [], [["lang", "ru-Latn"]]], words[:1]]
        assert inner[1:] == words[1:]

    def test_lang_and_xml_lang_are_one(self, written: Written) -> None:
        for page in written.pages.values():
            assert page.get("lang")
            for element in page.iter(etree.Element):
                assert element.get("lang") == element.get(XML_LANG)


@pytest.fixture(scope="module")
def edition_with_marks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edition with every part, with words of every kind in it."""
    folder = tmp_path_factory.mktemp("marked") / "edition"
    shutil.copytree(CRITICAL, folder)
    edition = Edition(folder)
    front = "book/front/introduction.md"
    edition.edit(
        front,
        "Two people have left",
        "*Two* people of the *[monde]{lang=fr}*, [*beau*]{lang=fr}, [sic]{lang=la}, "
        "as the *Courier* and the Courier of 24 May 1840 call them in "
        "the [[[Lowmere]{lang=la} Courier]{#paper}, The]{who=courier}, "
        "the [[Lowmere]{lang=la} paper]{who=courier}, the [Lowmere]{who=courier}, "
        "*[The Gazette]{.title}* and “[Nuit]{.title lang=fr}”, have left",
    )
    works = "bibliography/works.bib"
    edition.edit(
        works,
        "title = {Fires of the County},",
        "title = {Les Feux du comté [Fires of the County]},\n"
        "  shorttitle = {Les Feux du comté},\n  langid = {french},",
    )
    edition.edit(
        works,
        "title = {Plan of Lowmere Mill},",
        "title = {{[Plan of the mill]}},\n  langid = {french},",
    )
    edition.edit(
        "book/register.toml",
        'name = "*Lowmere Courier, The*"',
        'lang = "cy"\nname = "*Lowmere Courier, The*"',
    )
    return folder


@pytest.fixture(scope="module")
def marked(edition_with_marks: Path) -> Written:
    return write_epub(edition_with_marks)


def wording(element: etree._Element) -> str:
    """Return the words of *element*, white space run together."""
    return " ".join("".join(element.itertext()).split())


def find(page: etree._Element, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield the words, the language and the class of each element of a *name*."""
    for element in page.iter(f"{XHTML}{name}"):
        words = "".join(element.itertext())
        yield words, element.get("lang", ""), element.get("class", "")


def tree(text: str) -> list[Node]:
    """Return the words of *text* as pandoc reads them, `{…}` as an emendation."""
    nodes: list[Node] = []
    for word in re.split(r"( |\{[^}]*\})", text):
        if word.startswith("{"):
            emended = ["", ["emendation"], []]
            nodes.append({"t": "Span", "c": [emended, tree(word.strip("{}"))]})
        elif word:
            nodes.append({"t": "Space"} if word == " " else {"t": "Str", "c": word})
    return nodes


def find_titles(nodes: list[Node]) -> list[str]:
    """Return the words of the titles that are marked in *nodes*."""
    known = {("Father", "and", "Son"), ("Trotsky", "s", "Diary")}
    marked = mark_titles(nodes, lambda text: "" if words_of(text) in known else None)
    assert plain_text(marked) == plain_text(nodes)
    return [plain_text(node) for node in marked if is_title(node)]


@pytest.mark.parametrize(
    ("opening", "closing"), ["“”", "‘’", "„“", "‚‘", "«»", "‹›", '""', "''", "“'"]
)
def test_a_span_that_begins_and_ends_with_marks_is_a_quotation(
    opening: str, closing: str
) -> None:
    """As citeproc writes it: each mark stands alone, and so does each word."""
    words = [make_word("Father"), make("Space", None), make_word("and")]
    first, last = make_word(opening), make_word(closing)
    assert is_quotation(make_span([first, *words, last]))
    assert is_quotation(make_span([first, words[0], last]))
    assert list(find_marked(make_span([first, *words, last]))) == ["Father and"]
    others = [
        [first, last], [first, *words], [*words, last],
        [*words, *words], [make_word(f"{opening}a"), *words, last],
        [first, *words, make_word(f"a{closing}")],
        [make("Emph", [first]), *words, last], [first, *words, make("Emph", [last])],
    ]  # fmt: skip
    assert [one for one in others if is_quotation(make_span(one))] == []
    assert not is_quotation(make_span([first, *words, last], lang="fr"))
    assert not is_quotation(make_span([make_word("”"), *words, last]))
    assert not is_quotation(make_span([first, *words, make_word("„")]))
    assert not is_quotation(make("Emph", [first, *words, last]))


def test_a_quotation_that_is_a_title_has_it_between_its_marks() -> None:
    words = [make_word("Father"), make("Space", None), make_word("Son")]
    quoted = make_span([make_word("“"), *words, make_word("”")])
    ((span,),) = (
        mark_titles([quoted], lambda text: "fr" if text == "Father Son" else None),
    )
    opening, title, closing = span["c"][1]
    assert (opening, closing) == (make_word("“"), make_word("”"))
    assert is_title(title)
    assert title == title_span(words, "fr")


class TestTypographicMarks:
    """Pandoc leaves marks that are typed as they print in the words beside them."""

    @pytest.mark.parametrize(
        ("text", "titles"),
        [
            ("her “Father and Son”; and", ["Father and Son"]),
            ("in “Father and Son,” she", ["Father and Son"]),
            ("(‘Trotsky’s Diary’, p.38)", ["Trotsky’s Diary"]),
            (
                "“Father and Son” and ‘Trotsky’s Diary’.",
                ["Father and Son", "Trotsky’s Diary"],
            ),
            ("the “father” and Father and Son’s", []),
            ("“Father and Son and Daughter”", []),
        ],
    )
    def test_words_between_them_that_are_a_title_are_one(
        self, text: str, titles: list[str]
    ) -> None:
        assert find_titles(tree(text)) == titles

    @pytest.mark.parametrize(
        ("text", "titles"),
        [
            ("({‘Trotsky’s} Diary’, p.38)", ["‘Trotsky’s Diary"]),
            ("(‘Trotsky’s {Diary’,} p.38)", ["Trotsky’s Diary’,"]),
            ("{by ‘Trotsky’s} Diary’, p.38)", []),
            ("(‘Trotsky’s {Diary’, page} 38)", []),
        ],
    )
    def test_an_emendation_goes_whole_with_a_title(
        self, text: str, titles: list[str]
    ) -> None:
        assert find_titles(tree(text)) == titles

    def test_those_of_the_register_are_titles_but_for_phrases(self) -> None:
        names = tree("“Father and Son” (Sedova), “planet without a visa” (Trotsky)")
        assert list(find_marked(names)) == ["Father and Son"]


class TestTitles:
    def test_italics_without_a_reason_are_stress(self, marked: Written) -> None:
        page = marked.pages["introduction"]
        assert list(find(page, "em")) == [("Two", "", "")]

    def test_italics_in_another_language_are_no_stress(self, marked: Written) -> None:
        """It is one, whether the mark stands in the italics or round them."""
        page = marked.pages["introduction"]
        assert list(find(page, "i")) == [("monde", "fr", ""), ("beau", "fr", "")]

    def test_other_words_of_a_language_keep_their_look(self, marked: Written) -> None:
        page = marked.pages["introduction"]
        assert ("sic", "la", "") in find(page, "span")

    def test_italics_with_a_title_of_the_register_are_a_title(
        self, marked: Written
    ) -> None:
        page = marked.pages["introduction"]
        assert ("Courier", "cy", "") in find(page, "cite")

    def test_a_title_that_is_mentioned_without_italics_stays_upright(
        self, marked: Written
    ) -> None:
        page = marked.pages["introduction"]
        assert ("Courier", "cy", "upright") in find(page, "cite")

    def test_a_mention_with_words_of_another_language_is_no_title(
        self, marked: Written
    ) -> None:
        """Nor in the language of its entry: it is as the editor wrote it."""
        page = marked.pages["introduction"]
        lowmere = [lang for words, lang, _ in find(page, "span") if words == "Lowmere"]
        assert lowmere == ["la", "la", "cy"]
        assert "Lowmere Courier, The" not in {words for words, *_ in find(page, "cite")}

    def test_the_editor_can_say_what_is_a_title(self, marked: Written) -> None:
        page = marked.pages["introduction"]
        assert ("The Gazette", "", "") in find(page, "cite")
        assert ("Nuit", "fr", "upright") in find(page, "cite")

    def test_the_bibliography_gives_the_language_of_its_titles(
        self, marked: Written
    ) -> None:
        page = marked.pages["bibliography"]
        titles = {words: lang for words, lang, _ in find(page, "cite")}
        assert titles["Les Feux du comté [Fires of the County]"] == ""
        assert ("Les Feux du comté", "fr", "") in find(page, "span")
        assert titles["Letters from a Parsonage"] == ""

    def test_citations_have_the_titles_of_their_works(self, marked: Written) -> None:
        page = marked.pages["reed"]
        found = {words.partition(" [")[0] for words, *_ in find(page, "cite")}
        assert "Les Feux du comté" in found

    def test_a_description_in_brackets_is_no_title(self, marked: Written) -> None:
        page = marked.pages["bibliography"]
        described = [words for words, *_ in find(page, "cite") if words[0] == "["]
        assert described == []
        assert ("[Plan of the mill]", "", "") in find(page, "i")

    def test_stress_in_an_annotation_stays_stress(self, marked: Written) -> None:
        page = marked.pages["bibliography"]
        assert list(find(page, "em")) == [("not", "", "")]

    def test_the_heading_of_the_index_has_the_language_of_the_entry(
        self, marked: Written
    ) -> None:
        page = marked.pages["index"]
        assert ("Lowmere Courier, The", "cy", "") in find(page, "cite")

    def test_no_title_stands_in_a_title(self, written: Written) -> None:
        for page in written.pages.values():
            for title in page.iter(f"{XHTML}cite"):
                assert list(title.iter(f"{XHTML}cite")) == [title]

    def test_the_words_of_both_media_are_one(self, marked: Written) -> None:
        """Marks add no letter: the introduction of the EPUB is that of print."""
        print_, epub = (marked.part("introduction", m) for m in ("print", "epub"))
        for note in print_.findall(".//span[@class='note']"):
            note.clear(keep_tail=True)
        assert wording(print_) == wording(epub)

    def test_a_date_of_a_front_part_is_marked(self, marked: Written) -> None:
        page = marked.pages["introduction"]
        dates = [t.get("datetime") for t in page.iter(f"{XHTML}time")]
        assert dates == ["1840-05-24"]


class TestLanguagesInPrint:
    @pytest.mark.slow
    def test_the_tags_of_the_pdf_tell_the_language(
        self, edition_with_marks: Path, tmp_path: Path
    ) -> None:
        import pikepdf

        built = build_whole(edition_with_marks, tmp_path / "build")
        with pikepdf.open(built.pdf) as pdf:
            told = {
                str(item.Lang)
                for item in pdf.objects
                if isinstance(item, pikepdf.Dictionary) and "/Lang" in item
            }
        assert {"fr", "la", "cy"} <= told

    def test_an_emendation_may_have_a_language(self, edition: Edition) -> None:
        emended = 'vieux [Lampertus]{sic="Lambert" lang=la}'
        edition.edit(edition.TEXT, "vieux Lambert", emended)
        page = write_epub(edition.folder).pages["imprimerie"]
        assert ("Lampertus", "la", "") in find(page, "span")


class TestParts:
    @pytest.mark.parametrize(
        ("part", "kind"),
        [
            ("abbreviations", "glossary"),
            ("introduction", "introduction"),
            ("note-on-the-text", "preface"),
            ("harrow", "chapter"),
        ],
    )
    def test_a_part_is_of_the_kind_that_the_settings_say(
        self, part: str, kind: str, written_critical: Written
    ) -> None:
        section = next(written_critical.pages[part].iter(f"{XHTML}section"))
        assert section.get(TYPE) == kind
        assert section.get("role") == f"doc-{kind}"

    def test_an_unknown_kind_is_told(self, critical: Edition) -> None:
        critical.edit(critical.SETTINGS, '"glossary"', '"glosary"')
        assert [problem.code for problem in critical.problems()] == ["L-005"]

    def test_a_glossary_has_terms_and_definitions(
        self, written_critical: Written
    ) -> None:
        page = written_critical.pages["abbreviations"]
        assert {dt.get(TYPE) for dt in page.iter(f"{XHTML}dt")} == {"glossterm"}
        assert {dd.get(TYPE) for dd in page.iter(f"{XHTML}dd")} == {"glossdef"}

    def test_only_a_glossary_has_them(self, critical: Edition) -> None:
        critical.edit(critical.SETTINGS, 'kind = "glossary"\n', "")
        page = write_epub(critical.folder).pages["abbreviations"]
        assert {dt.get(TYPE) for dt in page.iter(f"{XHTML}dt")} == {None}

    def test_the_landmarks_lead_to_every_front_part(
        self, written_critical: Written
    ) -> None:
        nav = written_critical.pages["nav"]
        marks = next(n for n in nav.iter(f"{XHTML}nav") if n.get(TYPE) == "landmarks")
        told = [(a.get(TYPE), a.get("href")) for a in marks.iter(f"{XHTML}a")]
        assert written_critical.book.front
        for part in written_critical.book.front:
            href = f"{part.settings.id}.xhtml"
            assert (part.settings.kind, href) in told

    def test_the_index_says_what_its_entries_are(
        self, written_critical: Written
    ) -> None:
        index = written_critical.pages["index"]
        kinds = {e.get(TYPE) for e in index.iter(etree.Element)} - {None}
        parts = {"group", "entry-list", "entry", "term", "locator"}
        parts |= {"xref-preferred", "xref-related"}
        assert kinds == {"backmatter", "index", *(f"index-{part}" for part in parts)}


def test_words_of_the_apparatus_are_told_in_their_language(critical: Edition) -> None:
    """In a foreign phrase, or marked for itself; where part of it is, it is English."""
    text, doubt = "book/texts/harrow.md", 'why="the letters are faint"'
    critical.edit(text, '{sic="nineten"}', '{sic="nineten" lang=de}')
    critical.edit(text, "nobody [else]", "[nobody [else]")
    critical.edit(text, f"{doubt}}}.", f"{doubt}}}]{{lang=fr}}.")
    critical.edit(
        "book/texts/reed.md",
        '[usual]{sic="usuel"}, by a partner',
        '[usual, [by]{lang=la} a]{sic="usuel, by a"} partner',
    )
    page = write_epub(critical.folder).pages["apparatus"]
    told = [
        (one.get("lang"), one.text) for one in page.iterfind(f".//{XHTML}span[@lang]")
    ]
    assert told == [
        ("de", "nineteen"),
        ("de", "nineten"),
        ("fr", "else"),
        ("fr", "esle"),
    ]


def test_what_is_no_tag_of_a_language_is_told(critical: Edition) -> None:
    """In a text, in a note and in a table."""
    places = {
        "book/front/introduction.md": "The name is from",
        "book/texts/reed.md": "The sluice of the weir",
        "book/register.toml": "*Lowmere Courier, The*",
    }
    for path, words in places.items():
        critical.edit(path, words, f"[{words}]{{lang=in_French}}")
    told = [(problem.code, problem.span.path) for problem in critical.problems()]
    assert sorted(told) == sorted(("A-008", path) for path in places)


def test_the_language_of_an_entry_is_a_tag(critical: Edition) -> None:
    critical.edit(
        "book/register.toml", 'id = "courier"', 'id = "courier"\nlang = "in French"'
    )
    assert [problem.code for problem in critical.problems()] == ["L-005"]
