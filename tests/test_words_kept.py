"""What an editor may write is printed, in both media: a book with all of it, built."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
import zipfile
from typing import TYPE_CHECKING

import pikepdf
import pytest
from conftest import MINIMAL, ROOT, Edition
from fontTools.ttLib import TTFont

from recension.layout.setting.lines import find_breaks

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built

pytestmark = pytest.mark.slow

FONTS = ROOT / "templates" / "fonts"
PLACE = "Il y avait dans l’atelier trois choses"
WRITTEN = """[quidam virumque]{lang=la} cano, avant[ lui]{sic=""} et of[ ]{sic=""}the.

- alpha[^dans-la-liste]
    - beta
- gamma

3. Trois
4. Quatre

* * *

Un [grand [mot]{sic="mos"}]{sic="petit mos"} de [petites]{.smallcaps} lettres{MANY}.

[^dans-la-liste]: Une note dans une liste.
"""
MANY = " et M^r^ Smith" * 60
PRINTED = """quidam virumque cano, avant et ofthe.

- alpha
- beta
- gamma

3. Trois

4. Quatre

Un petit mos de petites lettres{MANY}.
"""
WORDS = (
    *("quidam virumque cano, avant lui et of the", "alpha", "beta", "gamma"),
    *("3. Trois", "4. Quatre", "Un grand mot de petites lettres et Mr Smith"),
)


def insert(edition: Edition, written: str, source: str) -> None:
    """Put *written* into the text, and *source* into what it is proved against."""
    edition.edit(edition.TEXT, PLACE, f"{written}\n{PLACE}")
    path = edition.folder / edition.SOURCE
    before, place = path.read_bytes(), PLACE.replace("’", "'")
    edition.edit(edition.SOURCE, place, f"{source}\n{place}")
    digests = [hashlib.sha256(raw).hexdigest() for raw in (before, path.read_bytes())]
    edition.edit(edition.SETTINGS, *digests)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("kept") / "edition"
    shutil.copytree(MINIMAL, folder)
    edition = Edition(folder)
    plain = MANY.replace("^", "")
    insert(edition, WRITTEN.replace("{MANY}", MANY), PRINTED.replace("{MANY}", plain))
    return edition.build()


@pytest.mark.parametrize("words", WORDS)
def test_words_are_printed_in_both_media(words: str, built: Built) -> None:
    page = built.entries()["EPUB/imprimerie.xhtml"].decode()
    read = re.sub(r"<[^>]*>", "", page)
    for shown in (built.pdf_text(), read):
        assert words in " ".join(shown.split())


def test_a_note_in_a_list_is_at_the_foot(built: Built) -> None:
    assert "Une note dans une liste." in built.pdf_text()


def test_a_break_of_thought_is_a_rule_in_both_media(built: Built) -> None:
    """In print a line is left to it, between the list and the paragraph."""
    assert b"<hr/>" in built.entries()["EPUB/imprimerie.xhtml"]
    assert b"\nhr {" in built.entries()["EPUB/style.css"]


def test_each_of_two_emendations_within_one_another_has_an_entry(built: Built) -> None:
    pdf = " ".join(built.pdf_text().split())
    assert re.search(r"grand mot\s?] petit mos", pdf)
    assert re.search(r"\bmot\s?] mos", pdf)


def test_no_glyph_is_that_of_another_letter(built: Built) -> None:
    """EB Garamond has a `u` for Latin, `u.LAT`, which is drawn as `v`."""
    with pikepdf.open(built.pdf) as pdf:
        maps = [
            item.ToUnicode.read_bytes().decode()
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and "/ToUnicode" in item
        ]
    with TTFont(FONTS / "EBGaramond-Regular.ttf") as font:
        names = font.getGlyphOrder()
    drawn = {
        names[int(glyph, 16)]
        for text in maps
        for glyph in re.findall(r"<(\w+)> <0075>", text)
    }
    assert "u" in drawn
    assert "u.LAT" not in drawn
    for name in ("regular", "italic"):
        path = built.folder / f"{name}.ttf"
        path.write_bytes(built.entries()[f"EPUB/fonts/{name}.ttf"])
        with TTFont(path) as font:
            features = font["GSUB"].table.FeatureList.FeatureRecord
            assert "locl" not in {record.FeatureTag for record in features}


def test_a_soft_hyphen_is_where_a_word_may_be_divided_and_nothing_else() -> None:
    """No pattern divides such a word, and ragged lines are divided there too."""
    text = "Donau\u00addampf\u00adschiff fahrt"
    for hyphenate in (True, False):
        breaks = find_breaks(text, "de", frozenset(), hyphenate=hyphenate)
        divided = [(b.end, b.start) for b in breaks if b.hyphen]
        assert divided == [(5, 6), (11, 12)]


@pytest.mark.parametrize("date", ["0226-11-22", "1979-12-31", "2150-01-01"])
def test_any_date_of_an_edition_will_do(date: str, edition: Edition) -> None:
    """A zip can tell days from 1980 to 2107 alone."""
    edition.edit(edition.SETTINGS, "2026-01-31", date)
    with zipfile.ZipFile(edition.build("epub").epub) as packed:
        year = packed.infolist()[0].date_time[0]
    assert year == min(max(dt.date.fromisoformat(date).year, 1980), 2107)


def add_texts(folder: Path, count: int, author: str) -> None:
    """Let the edition in *folder* have *count* texts, by *author* all of them."""
    settings = folder / "book" / "edition.toml"
    head, rest = settings.read_text("utf-8").split("[[texts]]")
    table, tail = rest.split("[collation]")
    table = table.replace("Jeanne Morel", author)
    tables = [table.replace('siglum = "I"', 'siglum = "T0"')]
    source = b"Texte\n\nDes mots.\n"
    (folder / "book" / "sources" / "mots.txt").write_bytes(source)
    for number in range(1, count):
        name = f"texte-{number}"
        (folder / "book" / "texts" / f"{name}.md").write_text(
            f"# Texte {{#{name}}}\n\nDes mots.\n", "utf-8"
        )
        another = table.replace('siglum = "I"', f'siglum = "T{number}"')
        another = another.replace('id = "imprimerie"', f'id = "{name}"')
        another = another.replace("sources/imprimerie", "sources/mots")
        another = another.replace("texts/imprimerie", f"texts/{name}")
        digest = hashlib.sha256(source).hexdigest()
        another = re.sub(r'sha256 = "\w+"', f'sha256 = "{digest}"', another)
        tables.append(another)
    written = "[[texts]]".join(["", *tables])
    settings.write_text(f"{head}{written}[collation]{tail}", "utf-8")


@pytest.mark.parametrize("author", ["Jeanne Morel", ""])
@pytest.mark.parametrize("count", [1, 2, 3, 7, 12])
def test_a_book_may_have_one_text_or_twelve(
    count: int, author: str, edition: Edition
) -> None:
    """Cover, contents, imprint and EPUB have them all, anonymous ones too."""
    add_texts(edition.folder, count, author)
    built = edition.build()
    assert built.facts["problems"] == []
    nav = re.sub(r"<[^>]*>", "", built.entries()["EPUB/nav.xhtml"].decode())
    assert nav.count("Jeanne Morel: ") == (count if author else 0)
    package = built.entries()["EPUB/package.opf"].decode()
    assert package.count("<dc:creator") == (1 if author else 0)
    assert all(f"texte-{number}.xhtml" in package for number in range(1, count))


def test_an_edition_that_cites_nothing_needs_no_bibliography(edition: Edition) -> None:
    file = edition.folder / edition.TEXT
    text = re.sub(r"\[\^[^\]]*\](:.*)?", "", file.read_text("utf-8"))
    file.write_text(text, "utf-8")
    (edition.folder / edition.WORKS).unlink()
    built = edition.build()
    assert "EPUB/bibliography.xhtml" not in built.entries()
