"""The bibliography as biber reads it: the syntax, fields, dates, inheritance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from test_cite import add_work, works_of
from test_docs import EDITING

from recension import check
from recension.cite.biblatex import (
    FIELD_ALIASES,
    FORMATTED,
    OURS,
    PUBLICATION_STATES,
    UNPRINTED,
    UNUSED,
    UNUSED_BEGINNINGS,
)
from recension.cite.edtf import read_date, read_old_date
from recension.cite.library import Library, read_library
from recension.cite.normal import write_bibliography
from recension.contract import name_work
from recension.files import File
from recension.problems import Report
from recension.tree import plain_text, walk

if TYPE_CHECKING:
    from conftest import Edition
    from written import Written

    from recension.model import Blocks
    from recension.problems import Problem


def read(bibtex: str) -> tuple[Library, tuple[Problem, ...]]:
    """Return the library that *bibtex* is, and all that is told of it."""
    report = Report()
    library = read_library(File(path="works.bib", raw=bibtex), "annotation", report)
    for work in library.works.values():
        report.add(work.problems)
    return library, report.sorted


def fields(bibtex: str, citekey: str = "a") -> dict[str, str]:
    """Return the fields of the work *citekey* in *bibtex*, of which nothing is told."""
    library, told = read(bibtex)
    assert told == ()
    return dict(library.works[citekey].fields)


def told(bibtex: str) -> list[tuple[str, int]]:
    """Return the code and the line of each problem of *bibtex*."""
    return [(problem.code, problem.span.line) for problem in read(bibtex)[1]]


# --- the syntax ----------------------------------------------------------------------


def test_names_of_types_and_fields_have_no_case() -> None:
    library, _ = read("@Book{a, Title = {One}, AUTHOR = {Two}, Year = 1950}")
    work = library.works["a"]
    assert work.kind == "book"
    assert work.fields == {"title": "One", "author": "Two", "date": "1950"}


def test_strings_are_joined_and_known_without_case() -> None:
    strings = '@string{mill = {Mill }}\n@STRING(press = mill # "Press")\n'
    written = fields(strings + "@book{a, publisher = Press # { and Sons}}")
    assert written["publisher"] == "Mill Press and Sons"


def test_a_string_is_known_from_its_place_on() -> None:
    entry = "@book{a, publisher = press}\n"
    assert told(entry + "@string{press = {Press}}") == [("C-002", 1)]


def test_a_value_in_quotation_marks_may_hold_braces_and_these_marks() -> None:
    assert fields('@misc{a, title = "The {"}Mill{"}, {a} Tale"}')["title"] == (
        'The {"}Mill{"}, {a} Tale'
    )


COMMENTS = [
    "%@book{old, title = {Old}}\n@misc{a, title = {New}}",
    '@misc{a, % a remark with }, {, = and "\n  title = {New}}',
    "@comment{jabref-meta: 50 % }\n@misc{a, title = {New}}",
    '@preamble{"\\newcommand{\\x}{y}"}\n@misc{a, title = {New}}',
    "Encoding: UTF-8, by me@example.org\n@misc{a, title = {New}}",
    "@misc(a, title = {New})  % and (so) on",
    "@comment jabref\n@misc{a, title = {New}}",
]


@pytest.mark.parametrize("bibtex", COMMENTS)
def test_comments_are_left_out(bibtex: str) -> None:
    library, problems = read(bibtex)
    assert problems == ()
    assert {k: w.fields["title"] for k, w in library.works.items()} == {"a": "New"}


def test_a_per_cent_sign_in_a_value_is_none_of_a_comment() -> None:
    bibtex = '@misc{a, title = {Half:\n50 % of {it\n%}}, note = "% all"}'
    assert fields(bibtex) == {"title": "Half:\n50 \\% of {it\n\\%}", "note": "\\% all"}


KEYS = ["o'brien2002", "wang*_a", "journals/tocs/Lamport98", "acl:2020.main-1", "été"]


@pytest.mark.parametrize("citekey", KEYS)
def test_a_citekey_may_have_signs(citekey: str) -> None:
    library, problems = read(f"@misc{{{citekey}, title = {{One}}}}")
    assert problems == ()
    assert list(library.works) == [citekey]


BROKEN = [
    ("@misc{one two, title = {A}}", 1),
    ("\n@misc{a#b, title = {A}}", 2),
    ("\n\n@misc{title = {A}}", 3),
    ("\nmisc{a, title = {A}}", 2),
    ("@misc{b, title = {B}}\n@misc{a, title = {A}}, note = {lost}}", 2),
    ("@misc{a,\n  title = {A},\n  note = {B,\n}\n\n@misc{b, title = {B}}", 1),
    ("@misc{a,\n  title = {A}\n  note = {B}}", 2),
    ("@misc{a,\n  title = press}", 2),
    ("@misc{a,\n  title = }", 2),
    ("@misc{a,\n  title {A}}", 1),
    ("@misc{a,\n  title = {A} B}", 2),
    ('@misc{a,\n  title = "A {B"}', 2),
    ("@misc{a,\n  title = {A},\n  Title = {B}}", 1),
    ("@string{p = q}", 1),
]
"""What is no BibTeX, and the line at which it is told."""


@pytest.mark.parametrize(("bibtex", "line"), BROKEN)
def test_what_cannot_be_read_is_told_at_its_line(bibtex: str, line: int) -> None:
    assert told(bibtex) == [("C-002", line)]


def test_a_line_that_ends_in_a_backslash_is_counted() -> None:
    bibtex = "@misc{a,\n  note = {One \\\\\n two \\\n three},\n  title = press}"
    assert told(bibtex) == [("C-002", 5)]


# --- fields --------------------------------------------------------------------------


def test_every_name_of_a_field_means_one_thing() -> None:
    lists = (FORMATTED, OURS, UNUSED, UNPRINTED, tuple(FIELD_ALIASES))
    names = [name for listed in lists for name in listed]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("kind", "kept", "genre"),
    [
        ("conference", "inproceedings", None),
        ("electronic", "online", None),
        ("mastersthesis", "thesis", "mathesis"),
        ("phdthesis", "thesis", "phdthesis"),
        ("techreport", "report", "techreport"),
        ("www", "online", None),
    ],
)
def test_the_types_of_bibtex_are_those_of_biblatex(
    kind: str, kept: str, genre: str | None
) -> None:
    library, _ = read(f"@{kind}{{a, title = {{A}}}}")
    work = library.works["a"]
    assert (work.kind, work.fields.get("type")) == (kept, genre)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("address", "location"),
        ("annote", "annotation"),
        ("journal", "journaltitle"),
        ("school", "institution"),
        ("hyphenation", "langid"),
        ("archiveprefix", "eprinttype"),
    ],
)
def test_the_fields_of_bibtex_are_those_of_biblatex(name: str, kept: str) -> None:
    assert fields(f"@misc{{a, {name} = {{french}}}}")[kept] == "french"


@pytest.mark.parametrize(
    "name", ["abstract", "file", "timestamp", "bdsk-url-1", "mendeley-tags", "__marked"]
)
def test_what_programs_keep_for_themselves_is_left_out(name: str) -> None:
    assert fields(f"@misc{{a, title = {{A}}, {name} = {{x}}}}") == {"title": "A"}


@pytest.mark.parametrize("empty", ["{}", "{ }", '""', "{{}}"])
def test_an_empty_field_is_none(empty: str) -> None:
    assert fields(f"@misc{{a, title = {empty}, note = {{x}}}}") == {"note": "x"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("A #1 Paper", r"A \#1 Paper"),
        ("Cost $5", r"Cost \$5"),
        ("From $5 to $6", r"From \$5 to \$6"),
        ("About 50% of Paper", r"About 50\% of Paper"),
        (r"About 50\% of \#1 for \$2", r"About 50\% of \#1 for \$2"),
        (r"The $\alpha$ and $^{14}$C and $x$", r"The $\alpha$ and $^{14}$C and $x$"),
        (r"Line \\% and", r"Line \\\% and"),
    ],
)
def test_signs_of_tex_are_the_characters_where_no_tex_is_meant(
    written: str, kept: str
) -> None:
    assert fields(f"@misc{{a, title = {{{written}}}}}")["title"] == kept


@pytest.mark.parametrize(
    ("name", "written", "kept"),
    [
        ("url", r"https://a.org/b\%20c\_d\#e\&f", "https://a.org/b%20c_d#e&f"),
        ("url", r"https://a.org/\~{}b", "https://a.org/~b"),
        ("url", r"https://a.org/{\textasciitilde}b", "https://a.org/~b"),
        ("url", "https://a.org/b\n  c", "https://a.org/bc"),
        ("url", "mailto:a@b.org", "mailto:a@b.org"),
        ("doi", "https://doi.org/10.1/a_b", "10.1/a_b"),
        ("doi", r"10.1/a\_b", "10.1/a_b"),
    ],
)
def test_addresses_lose_the_escapes_of_tex(name: str, written: str, kept: str) -> None:
    assert fields(f"@misc{{a, {name} = {{{written}}}}}")[name] == kept


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "javascript:x", "ftp://a.org", "www.a.org", "a"]
)
def test_an_address_is_of_the_web(address: str) -> None:
    assert told(f"@misc{{a,\n url = {{{address}}}}}") == [("C-011", 2)]


def test_the_issue_of_an_article_is_its_number_if_it_has_no_other() -> None:
    assert fields("@article{a, issue = {Spring}}")["number"] == "Spring"
    assert fields("@article{a, issue = {Spring}, number = 3}")["number"] == "3, Spring"


def test_a_work_is_in_the_language_of_its_texts_if_no_other_is_told() -> None:
    assert fields("@misc{a, language = {French}}")["langid"] == "French"
    assert fields("@misc{a, langid = {german}, language = {French}}")["langid"] == (
        "german"
    )


# --- dates ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1905", "1905"),
        ("1905-03", "1905-03"),
        ("1905-03-24", "1905-03-24"),
        ("1905-21", "1905-21"),
        ("1905-03-24T10:15:00Z", "1905-03-24"),
        ("1905/1907", "1905/1907"),
        ("1905/", "1905/"),
        ("1905/..", "1905/"),
        ("190X", "1900/1909"),
        ("19XX", "1900/1999"),
        ("19xx", "1900/1999"),
        ("199u", "1990/1999"),
        ("1905-XX", "1905"),
        ("1905-03-XX", "1905-03"),
        ("1905~", "1905~"),
        ("1905?", "1905~"),
        ("~1905", "1905~"),
        ("1905%", "1905~"),
        ("1905~/1907~", "1905~/1907~"),
        ("-0043", "-0043"),
    ],
)
def test_a_date_of_edtf_is_read(written: str, kept: str) -> None:
    assert read_date(written) == {"date": kept}


@pytest.mark.parametrize("written", ["../2004", "/2004"])
def test_a_date_without_a_beginning_keeps_its_dash(written: str) -> None:
    assert read_date(written) == {"year": "–2004"}


@pytest.mark.parametrize(
    "written",
    [
        "March 1905", "19O7", "1907-02-31", "1907-13", "1907/1905", "1905/06/07", "/",
        "1905--1907", "190", "../2004-05",
    ],
)  # fmt: skip
def test_a_date_that_is_none_is_told(written: str) -> None:
    with pytest.raises(ValueError, match=r"date `.*`|beginning"):
        read_date(written)


@pytest.mark.parametrize(
    ("year", "month", "kept"),
    [
        ("1905", "", {"date": "1905"}),
        ("1905", "3", {"date": "1905-03"}),
        ("1905", "March", {"date": "1905-03"}),
        ("1905", "Sept.", {"date": "1905-09"}),
        ("1905", "4~March", {"date": "1905-03-04"}),
        ("1905", "March~24", {"date": "1905-03-24"}),
        ("1905", "July--August", {"date": "1905-07/1905-08"}),
        ("1905", "July/August", {"date": "1905-07/1905-08"}),
        ("1905", "Spring", {"date": "1905-21"}),
        ("1905", "Fall", {"date": "1905-23"}),
        ("1905--07", "", {"date": "1905/1907"}),
        ("1905--date", "", {"date": "1905/"}),
        ("1905", "????", {"date": "1905"}),
        ("1905", "June\\slash July", {"date": "1905-06/1905-07"}),
        ("1905/1907", "", {"date": "1905/1907"}),
        ("c. 1905", "", {"date": "1905~"}),
        ("n.d.", "", {}),
        ("forthcoming", "", {"pubstate": "forthcoming"}),
        ("In press", "", {"pubstate": "inpress"}),
    ],
)
def test_year_and_month_are_read(year: str, month: str, kept: dict[str, str]) -> None:
    assert read_old_date(year, month) == kept


@pytest.mark.parametrize(
    ("year", "month"),
    [("1905", "Brumaire"), ("190X", "3"), ("1905--07", "3"), ("", "3"), ("1905a", "")],
)
def test_a_year_or_a_month_that_is_none_is_told(year: str, month: str) -> None:
    with pytest.raises(ValueError, match=r"date|month"):
        read_old_date(year, month)


def test_a_month_may_be_joined_of_parts() -> None:
    assert fields('@misc{a, year = 1905, month = "4~" # mar}')["date"] == "1905-03-04"


def test_a_day_may_stand_by_itself() -> None:
    assert fields("@misc{a, year = 1905, month = 3, day = 4}")["date"] == "1905-03-04"


def test_what_a_year_is_sorted_by_is_not_printed() -> None:
    assert fields(r"@misc{a, year = {{\noopsort{1905b}}1905}}")["date"] == "1905"


def test_a_month_says_more_than_a_date() -> None:
    assert fields("@misc{a, date = 1905, year = 1905, month = mar}")["date"] == (
        "1905-03"
    )


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("date = {March 1905}", "date = {1905-03}"),
        ("date = {24 March 1905}", "date = {1905-03-24}"),
        ("year = {[1905]}", "date = {1905}"),
        ("date = {19O7}", "190X"),
    ],
)
def test_the_hint_has_the_form_of_the_date(written: str, form: str) -> None:
    (problem,) = read(f"@misc{{a, {written}}}")[1]
    assert problem.code == "C-010"
    assert form in problem.hint


# --- what is inherited ---------------------------------------------------------------

COLLECTION = """
@collection{c, title = {Whole}, subtitle = {All}, editor = {Ed}, date = 1990,
  annotation = {Of the whole}, shorttitle = {W}}
"""


def test_a_chapter_takes_from_its_collection() -> None:
    written = fields("@incollection{a, title = {Part}, crossref = {c}}" + COLLECTION)
    assert written == {
        "title": "Part",
        "crossref": "c",
        "booktitle": "Whole",
        "booksubtitle": "All",
        "editor": "Ed",
        "date": "1990",
    }


def test_what_a_work_says_itself_is_not_taken() -> None:
    bibtex = "@incollection{a, year = 1991, editor = {Me}, crossref = {c}}"
    written = fields(bibtex + COLLECTION)
    assert (written["date"], written["editor"]) == ("1991", "Me")


def test_an_author_of_a_book_is_that_of_what_is_in_it() -> None:
    book = "@book{c, author = {She}, title = {Whole}}"
    written = fields("@inbook{a, title = {Part}, crossref = {c}}" + book)
    assert (written["author"], written["bookauthor"]) == ("She", "She")


def test_a_volume_has_the_main_title_of_the_whole() -> None:
    whole = "@mvbook{c, author = {She}, title = {Whole}}"
    written = fields("@book{a, title = {One}, crossref = {c}}" + whole)
    assert (written["title"], written["maintitle"]) == ("One", "Whole")


def test_an_article_has_the_title_of_its_periodical() -> None:
    whole = "@periodical{c, title = {Journal}, date = 1990}"
    written = fields("@article{a, title = {One}, crossref = {c}}" + whole)
    assert written["journaltitle"] == "Journal"


def test_stocks_of_fields_may_take_from_others() -> None:
    stocks = "@xdata{p, publisher = {P}, xdata = {q}}\n@xdata{q, location = {Rome}}"
    written = fields("@book{a, title = {A}, xdata = {p, q}}\n" + stocks)
    assert (written["publisher"], written["location"]) == ("P", "Rome")


def test_works_that_take_from_each_other_do_no_harm() -> None:
    bibtex = (
        "@book{a, title = {A}, crossref = {b}}\n@book{b, note = {B}, crossref = {a}}"
    )
    assert fields(bibtex)["note"] == "B"


def further(edition: Edition, bibtex: str) -> None:
    """Add *bibtex* to the works of *edition*."""
    with (edition.folder / edition.WORKS).open("a", encoding="utf-8") as file:
        file.write(f"\n{bibtex}\n")


def test_what_holds_a_cited_work_need_not_be_cited_and_is_not_printed(
    edition: Edition,
) -> None:
    """Nor is a stock of fields; with two works, it is printed for itself (biber)."""
    chapter = "@incollection{{{}, title = {{T {}}}, author = {{A}}, crossref = {{c}}, "
    chapter += "keywords = {{further}}, xdata = {{x}}}}\n"
    further(edition, chapter.format("one", 1) + "@xdata{x, location = {Rome}}")
    further(edition, COLLECTION)
    assert edition.problems() == ()
    assert set(works_of(edition)) == {"morel1907", "vidal1931", "one"}
    further(edition, chapter.format("two", 2))
    assert set(works_of(edition)) == {"morel1907", "vidal1931", "one", "two", "c"}


def test_works_that_are_not_cited_may_be_left_out(edition: Edition) -> None:
    """And what is wrong with them is then not told."""
    further(edition, "@bok{x, titel = {X}}")
    assert edition.problems() != ()
    setting = '[bibliography]\nuncited = "leave"\n\n[print]'
    edition.edit(edition.SETTINGS, "[print]", setting)
    assert edition.problems() == ()
    assert set(works_of(edition)) == {"morel1907", "vidal1931"}


# --- what is printed -----------------------------------------------------------------


def entry(edition: Edition, citekey: str) -> str:
    return plain_text(works_of(edition)[citekey].entry)


def test_what_else_stands_in_an_annotation_is_a_paragraph_of_its_words(
    edition: Edition,
) -> None:
    other = r"One.\begin{verbatim}two words\end{verbatim}\section{Three} Four."
    add_work(edition, "a", author="A", title="T", annotation=other)
    blocks = works_of(edition)["a"].annotation
    assert [plain_text(block) for block in blocks] == [
        "One.", "two words", "Three", "Four.",
    ]  # fmt: skip
    assert {block["t"] for block in blocks} == {"Para"}


def test_every_paragraph_of_an_annotation_is_printed(edition: Edition) -> None:
    """Items of lists are paragraphs with a dash or a number."""
    lists = r"\begin{itemize}\item a\item b\end{itemize}"
    lists += r"\begin{enumerate}\item c\end{enumerate}\begin{quote}d\end{quote}"
    annotation = f"One 5% #1.\\par [Two]\n\n\\emph{{Three}}{lists}"
    add_work(edition, "a", author="A", title="T", annotation=annotation)
    blocks = works_of(edition)["a"].annotation
    assert [plain_text(block) for block in blocks] == [
        "One 5% #1.", "[Two]", "Three", "– a", "– b", "1. c", "d",
    ]  # fmt: skip


def test_the_remark_may_be_another_field(edition: Edition) -> None:
    setting = '[bibliography]\nannotation = "remark"\n\n[print]'
    edition.edit(edition.SETTINGS, "[print]", setting)
    add_work(edition, "a", author="A", title="T", annotation="Extra", remark="Ours")
    assert edition.problems() == ()
    assert plain_text(works_of(edition)["a"].annotation) == "Ours"


def test_signs_are_printed_as_written(edition: Edition) -> None:
    add_work(edition, "a", author="A", title="A #1 Paper at 50% for $5 & more_x")
    assert "A #1 Paper at 50% for $5 & more_x" in entry(edition, "a")


@pytest.mark.parametrize("kind", ["unpublished", "misc"])
def test_where_a_manuscript_is_kept_is_printed(kind: str, edition: Edition) -> None:
    add_work(edition, "a", kind, author="A", title="T", library="Kent Archives, MS 13")
    assert "Kent Archives, MS 13" in entry(edition, "a")


def test_a_citekey_with_signs_can_be_cited(edition: Edition) -> None:
    further(edition, "@book{o'brien2002, author = {O’Brien}, title = {T}}")
    edition.edit(edition.TEXT, "[@morel1907, 31]", "[@{o'brien2002}, 31]")
    book = edition.check()
    (text,) = book.texts
    assert plain_text(text.notes[1].blocks).endswith(", 31.")
    assert text.notes[1].citekeys == ("o'brien2002",)


@pytest.mark.usefixtures("pandoc_itself")
def test_one_run_of_pandoc_reads_all_fields(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many works have several paragraphs."""
    from recension import pandoc

    for number in range(20):
        words = "One. \\par Two: 5% [of] it."
        add_work(
            edition, f"a{number}", author="A", title=f"T{number}", annotation=words
        )
    formats: list[str] = []
    convert = pandoc._convert

    def count(*arguments: object, **options: object) -> object:
        formats.append(arguments[1][0])  # type: ignore[index] - two formats
        return convert(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pandoc, "_convert", count)
    assert edition.problems() == ()
    assert formats.count("latex") == 1


def test_citeproc_gets_one_entry_a_line() -> None:
    bibtex = "@book{b,\n title = {A\n B},\n year = 1905\n}\n@misc{c, title = {C}}"
    library, _ = read(bibtex)
    assert write_bibliography(library.works) == (
        "@book{b,title={A B},date={1905}}\n@misc{c,title={C}}\n"
    )


def test_two_of_what_may_be_alike_are_two(edition: Edition) -> None:
    """Two papers of a day, two numbers, two translations, two letters."""
    alike = {"title": "Fire", "date": "1905-03-04"}
    add_work(edition, "a1", "article", **alike, journaltitle="The Times")
    add_work(edition, "a2", "article", **alike, journaltitle="The News")
    add_work(edition, "a3", "article", **alike, journaltitle="The News", number="2")
    add_work(edition, "a4", "article", **alike, journaltitle="The News", number="3")
    add_work(edition, "b1", author="A", title="T", translator="B")
    add_work(edition, "b2", author="A", title="T", translator="C")
    add_work(edition, "m1", "misc", author="A", title="Letter", library="L 1")
    add_work(edition, "m2", "misc", author="A", title="Letter", library="L 2")
    told = [problem.message for problem in edition.problems()]
    assert told == [
        "`a3` and `a2` stand for one work",
        "`a4` and `a2` stand for one work",
    ]


def test_every_field_is_documented() -> None:
    """The list is the builder's: each name stands in docs/EDITING.md with its use."""
    part = EDITING.split("Every field is one of these")[1].split("\n## ")[0]
    used, others, unused, unprinted = part.split("\n\n")[1:5]
    used = used.split("a warning:")[1]
    beginnings = unused.split("begin with")[1]

    def named(text: str) -> list[str]:
        return re.findall(r"`([^`]+)`", text)

    assert named(used) == sorted((*FORMATTED, *OURS))
    pairs = zip(named(others)[::2], named(others)[1::2], strict=True)
    assert dict(pairs) == FIELD_ALIASES
    assert named(unused.split("So are")[0]) == sorted(UNUSED)
    assert named(beginnings) == list(UNUSED_BEGINNINGS)
    assert named(unprinted) == sorted(UNPRINTED)


def test_only_what_is_printed_is_looked_up_in_the_fonts(edition: Edition) -> None:
    """And a word is told once, with all that is missing, at its place."""
    add_work(
        edition, "a", author="A", title="Le 漢字 et 漢字", abstract="語",
        annotation="Encore 漢字.", file="語",
    )  # fmt: skip
    (problem,) = edition.problems()
    assert problem.code == "Y-001"
    assert problem.message == "the font has no `漢` (U+6F22), `字` (U+5B57)"
    line = (edition.folder / edition.WORKS).read_text("utf-8").split("\n")
    assert line[problem.span.line - 1] == "  title = {Le 漢字 et 漢字},"
    assert problem.span.column == 15


def targets(tree: Blocks) -> list[str]:
    """Return where the links in *tree* lead."""
    return [node["c"][2][0] for node in walk(tree) if node["t"] == "Link"]


def test_a_doi_is_found_on_a_page_of_the_web(edition: Edition) -> None:
    """In annotations and in notes; in an entry the style makes the link."""
    note = r"\href{doi:10.1/x}{Vu} et \url{https://a.org/b\%20c}."
    add_work(edition, "a", author="A", title="T", annotation=note, doi="doi:10.1/y")
    edition.edit(edition.TEXT, "[@morel1907, 31].", "Voir [là](doi:10.1/z).")
    book = edition.check()
    work = next(w for s in book.bibliography for w in s.works if w.citekey == "a")
    assert targets(work.annotation) == ["https://doi.org/10.1/x", "https://a.org/b%20c"]
    assert "https://doi.org/10.1/y" in targets(work.entry)
    assert targets(book.texts[0].notes[1].blocks) == ["https://doi.org/10.1/z"]


def test_an_id_is_made_of_any_citekey() -> None:
    """Of letters, figures and `-_.` alone, and of two keys never the same."""
    assert name_work("morel1907-a_b.c") == "morel1907-a_b.c"
    made = [name_work(key) for key in KEYS]
    assert len(set(made)) == len(KEYS)
    assert all(re.fullmatch(r"[\w.-]+", name) for name in made)


def test_a_field_may_begin_with_a_bracket(edition: Edition) -> None:
    """It is no option of the environment in which fields are read."""
    add_work(edition, "a", author="A", title="[T]", annotation="[Seen] and read.")
    blocks = works_of(edition)["a"].annotation
    assert [plain_text(block) for block in blocks] == ["[Seen] and read."]


def test_an_unknown_name_is_told_once_with_a_count(edition: Edition) -> None:
    for citekey in "abc":
        add_work(edition, citekey, author="A", title=f"T {citekey}", zzqq="x")
    report = Report()
    check(edition.folder, report)
    (problem,) = report.problems
    assert problem.message == "the field `zzqq` is unknown, in 3 places"


def test_a_work_names_the_notes_and_the_tables_that_cite_it(
    written_critical: Written,
) -> None:
    page = written_critical.pages["bibliography"]
    told = {
        work.get("id"): " ".join("".join(cited.itertext()).split())
        for work in page.iterfind(".//{*}div[@class='work']")
        for cited in work.iterfind(".//{*}span[@class='cited']")
    }
    assert told == {
        "work-surveyor1848": "Cited: note 4; Chronology.",
        "work-anstey1850": (
            "Cited: notes 1, 3, 8; Chronology, Persons and Organisations."
        ),
        "work-inquest1849": "Cited: notes 2, 5, 9, 13; Parallel Accounts, Chronology.",
        "work-reed1851": "Cited: notes 11, 12.",
    }


@pytest.mark.parametrize("written", PUBLICATION_STATES)
def test_a_state_of_publication_stands_for_a_date(written: str) -> None:
    work = fields(f"@book{{a, title = {{One}}, year = {{{written.title()}}}}}")
    assert work["pubstate"] == PUBLICATION_STATES[written]
    assert set(PUBLICATION_STATES.values()) == {
        "forthcoming",
        "inpreparation",
        "inpress",
        "submitted",
    }


def test_a_language_of_babel_is_that_of_the_work() -> None:
    work = fields("@book{a, title = {Un}, language = {langfrench}}")
    assert work["langid"] == "french"
