"""Stage 1, load: the files of an edition, and no others."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import MINIMAL, Edition
from fontTools.ttLib import TTFont

from recension.config import (
    TEMPLATES,
    BibliographySettings,
    PrintSettings,
    Settings,
    TextSettings,
    fields_at,
    leaves_folder,
    read_settings,
)
from recension.load import load
from recension.problems import BookError, Report

if TYPE_CHECKING:
    from pathlib import Path

    from recension.config import Table


def codes(edition: Edition) -> list[str]:
    return [problem.code for problem in edition.problems()]


def test_texts_and_sources_are_read_as_they_stand(edition: Edition) -> None:
    sources = load(edition.folder, Report())
    (text,) = sources.texts
    assert text.edited.raw == (edition.folder / edition.TEXT).read_text("utf-8")
    assert text.source.raw == (edition.folder / edition.SOURCE).read_text("utf-8")
    assert text.source.path == edition.SOURCE


def test_line_ends_and_a_byte_order_mark_are_gone_after_reading(
    edition: Edition,
) -> None:
    file = edition.folder / edition.TEXT
    before = load(edition.folder, Report()).texts[0].edited.raw
    for newline in (b"\r\n", b"\r"):
        content = before.encode().replace(b"\n", newline)
        file.write_bytes(b"\xef\xbb\xbf" + content)
        assert load(edition.folder, Report()).texts[0].edited.raw == before


@pytest.mark.parametrize(
    ("path", "leaves"),
    [
        ("book/texts/a.md", False),
        ("a.md", False),
        ("book/../a.md", True),
        ("../a.md", True),
        ("/etc/passwd", True),
        ("C:/a.md", True),
        ("book\\..\\..\\a.md", True),
        ("https://example.org/a.md", True),
        ("file:///etc/passwd", True),
    ],
)
def test_a_path_that_climbs_or_is_absolute_leaves_the_folder(
    path: str,
    leaves: bool,  # noqa: FBT001 - the claim
) -> None:
    assert leaves_folder(path) is leaves


@pytest.mark.parametrize("name", ["TEXT", "SOURCE", "WORKS"])
def test_a_link_out_of_the_folder_is_not_followed(
    name: str, edition: Edition, tmp_path: Path
) -> None:
    file = edition.folder / getattr(edition, name)
    outside = tmp_path / "outside"
    file.rename(outside)
    file.symlink_to(outside)
    assert "L-006" in codes(edition)


def test_a_link_inside_the_folder_is_a_file_like_others(edition: Edition) -> None:
    file = edition.folder / edition.TEXT
    file.rename(edition.folder / "text.md")
    file.symlink_to(edition.folder / "text.md")
    assert codes(edition) == []


def test_a_linked_folder_that_leads_out_is_not_followed(
    edition: Edition, tmp_path: Path
) -> None:
    texts = edition.folder / "book" / "texts"
    texts.rename(tmp_path / "texts")
    texts.symlink_to(tmp_path / "texts", target_is_directory=True)
    assert "L-006" in codes(edition)


@pytest.mark.parametrize("name", ["epub/imprint.xhtml.jinja", "fonts", ""])
def test_a_template_or_font_is_no_link_out_of_the_folder(
    name: str, edition: Edition, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = edition.folder / "templates" / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    assert "L-006" in codes(edition)


def own_fonts(edition: Edition) -> Path:
    folder = edition.folder / "templates" / "fonts"
    shutil.copytree(TEMPLATES / "fonts", folder)
    return folder


def test_a_font_that_is_not_sound_is_told(edition: Edition) -> None:
    """Cut short behind what is read first; none; no file; one that may not go along."""
    folder = own_fonts(edition)
    cut, locked = folder / "EBGaramond-Italic.ttf", folder / "EBGaramond-Regular.ttf"
    cut.write_bytes(cut.read_bytes()[:300_000])
    with TTFont(locked) as font:
        font["OS/2"].fsType = 2
        font.save(locked)
    (folder / "folder.ttf").mkdir()
    (folder / "nowhere.ttf").symlink_to(folder / "none.ttf")
    told = [(p.span.path.rpartition("/")[2], p.code) for p in edition.problems()]
    names = ("EBGaramond-Italic.ttf", "EBGaramond-Regular.ttf")
    assert told == [(name, "Y-001") for name in (*names, "folder.ttf", "nowhere.ttf")]


@pytest.mark.slow
def test_fonts_without_the_style_that_is_needed_are_told(edition: Edition) -> None:
    for path in own_fonts(edition).glob("*-Regular.ttf"):
        path.unlink()
    with pytest.raises(BookError) as raised:
        edition.build("epub")
    assert "have no upright one" in str(raised.value.problems[0])


def test_the_digest_is_that_of_the_bytes(edition: Edition) -> None:
    """A source with other line ends reads the same and is another file."""
    file = edition.folder / edition.SOURCE
    changed = file.read_bytes().replace(b"\n", b"\r\n")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.write_bytes(changed)
    assert codes(edition) == ["L-007"]
    edition.edit(edition.SETTINGS, digest, hashlib.sha256(changed).hexdigest())
    assert codes(edition) == []


def test_settings_that_are_left_out_have_their_defaults(edition: Edition) -> None:
    settings = load(edition.folder, Report()).settings
    assert settings.notes.numbering == "book"
    assert settings.notes.ibid is True
    assert settings.bibliography.style == "chicago-notes-bibliography"
    assert settings.language_code == "fr"


@pytest.mark.parametrize(
    ("place", "table"),
    [
        ((), Settings),
        (("print",), PrintSettings),
        (("texts", 0), TextSettings),
        (("bibliography", "sections"), BibliographySettings),
    ],
)
def test_the_keys_of_a_place_are_those_of_its_table_or_the_one_above(
    place: tuple[str | int, ...], table: type[Table]
) -> None:
    assert fields_at(Settings, place) == tuple(table.model_fields)


def test_every_fault_of_the_settings_is_told_at_once(edition: Edition) -> None:
    raw = (edition.folder / edition.SETTINGS).read_text("utf-8")
    raw = raw.replace('slug = "imprimerie"', "slug = 3\nprice = 9")
    raw = raw.replace('siglum = "I"\n', "")
    report = Report()
    assert read_settings(raw, report) is None
    found = {(problem.code, problem.span.line) for problem in report.problems}
    assert found == {("L-005", 3), ("L-004", 4), ("L-009", 10)}


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("[[texts]]", "file"),
        ("[[texts]]", "source"),
        ("[[texts]]", "siglum"),
        ("[bibliography]", "file"),
        ("[bibliography]", "style"),
        ("[bibliography.sections]", "known"),
    ],
)
def test_no_setting_has_a_character_that_no_path_and_no_page_can_have(
    edition: Edition, table: str, key: str
) -> None:
    path = edition.folder / "book/edition.toml"
    written = path.read_text("utf-8")
    before, found, after = written.partition(f"{table}\n")
    lines = [line for line in after.split("\n") if not line.startswith(f"{key} =")]
    changed = f'{before}{table}\n{key} = "a\\u0000b"\n' + "\n".join(lines)
    path.write_text(changed if found else f'{written}\n{table}\n{key} = "a\\u0000b"\n')
    with pytest.raises(BookError) as told:
        load(edition.folder, Report())
    told_of = [
        (problem.code, "control" in problem.hint) for problem in told.value.problems
    ]
    assert told_of == [("L-005", True)]


def test_a_file_whose_name_is_too_long_is_missing(edition: Edition) -> None:
    path = edition.folder / "book/edition.toml"
    written = path.read_text("utf-8")
    path.write_text(written.replace("imprimerie.txt", f"{'e' * 300}.txt"), "utf-8")
    load(edition.folder, report := Report())
    assert [problem.code for problem in report.problems] == ["L-001"]


def hints_for(table: str, setting: str) -> list[tuple[str, str]]:
    """Return codes and hints of what is wrong with *setting*, put into *table*."""
    raw = (MINIMAL / Edition.SETTINGS).read_text("utf-8")
    key = setting.partition(" = ")[0]
    before, found, after = raw.partition(f"{table}\n")
    own, mark, others = after.partition("\n[")
    own = "\n".join(line for line in own.split("\n") if not line.startswith(f"{key} ="))
    changed = f"{before}{table}\n{setting}\n{own}{mark}{others}"
    report = Report()
    read_settings(changed if found else f"{raw}\n{table}\n{setting}\n", report)
    return [(problem.code, problem.hint) for problem in report.problems]


NAMES = "a name is like `my-slug`, a language like `en-GB`, a digest 64 figures and a-f"
WORDS = "it must have a word, and no control characters"
ISBNS = (
    "an ISBN has 13 figures, begins with 978 or 979, and its last figure is right: "
    "look for a slip"
)
HINTED = [
    ("[notes]", 'ibid = "true"', "write `true` or `false`, without quotation marks"),
    ("[edition]", "title = 3", 'write it in quotation marks: `"…"`'),
    ("[edition]", 'date = "2026-11-22"',
     "write a date without quotation marks: `2026-11-22`"),
    ("[edition]", 'editors = "One"', "write a list: `[…, …]`"),
    ("[edition]", f'slug = "{"s" * 101}"', "write 100 characters or fewer"),
    ("[print]", "trim = [nan, 190]", "write a number of mm, such as `15`"),
    ("[edition]", 'slug = "My Slug"', NAMES),
    ("[edition]", 'language = "French"', NAMES),
    ("[[texts]]", 'sha256 = "abc"', NAMES),
    ("[edition]", 'isbn = "978"', ISBNS),
    ("[edition]", 'title = " "', WORDS),
    ("[edition]", 'subtitle = "a\\u0001"', WORDS),
    ("[edition]", 'editors = [""]', WORDS),
    ("[edition]", 'editors = ["One", "Two"]\nfile_as = ["One"]',
     "name each editor once, in order: 2, not 1"),
    ("[print]", 'preset = "lulu"', "known are `kdp`, `ingramspark`"),
    ("[print]", "trim = [79, 190]",
     "each side of the trim must be between 80 and 450 mm"),
    ("[print]", "trim = [120, 451]",
     "each side of the trim must be between 80 and 450 mm"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "setting", "hint"), HINTED)
def test_a_setting_is_told_how_to_be_written(
    table: str, setting: str, hint: str
) -> None:
    assert hints_for(table, setting) == [("L-005", hint)]


def test_a_table_written_as_a_value_is_told_to_be_a_table() -> None:
    raw = "notes = 3\n" + (MINIMAL / Edition.SETTINGS).read_text("utf-8")
    report = Report()
    read_settings(raw, report)
    assert [problem.hint for problem in report.problems] == [
        "write it as a table: a line `[…]`, and its settings below"
    ]


BOUNDS = [
    ("[print]", "bleed", ("0", "20"), ("-1", "20.1")),
    ("[print]", "cover_bleed", ("0", "20"), ("-1", "20.1")),
    ("[print]", "caliper", ("0.01", "1"), ("0", "1.01")),
    ("[print]", "line_numbers", ("0", "1"), ("-1", "0.5")),
    ("[print]", "signature", ("2", "32"), ("1", "3")),
    ("[limits]", "seconds", ("0.1", "600"), ("0", "600.1")),
    ("[limits]", "megabytes", ("64", "16384"), ("63", "16385")),
    ("[limits]", "steps", ("1000", "1_000_000_000"), ("999", "1_000_000_001")),
    ("[[texts]]", "siglum", ('"A"', '"ABCDEFGH"'), ('" "', '"ABCDEFGHI"')),
    ("[edition]", "slug", ('"s"', f'"{"s" * 100}"'), ('""', '"1"')),
    ("[edition]", "language", ('"fr"', '"grc-GR"'), ('"f"', '"fr-fr"')),
    ("[edition]", "subtitle", ('""', '"a"'), ('" "', "1")),
    ("[edition]", "isbn", ('""', '"9780306406157"'), ('"9780306406158"', "1")),
]


@pytest.mark.parametrize(("table", "key", "right", "wrong"), BOUNDS)
def test_a_setting_may_be_the_least_and_the_most_and_no_more(
    table: str, key: str, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    assert [hints_for(table, f"{key} = {value}") for value in right] == [[], []]
    for value in wrong:
        ((code, _),) = hints_for(table, f"{key} = {value}")
        assert code == "L-005"
