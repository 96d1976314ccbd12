"""The documents are true: codes, commands, settings and links are those of the code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT

from recension.annotate.notation import NOTATION
from recension.config import Settings
from recension.normalisation import RULES
from recension.problems import CODES

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
EDITING = (ROOT / "docs" / "EDITING.md").read_text("utf-8")
PROBLEMS = (ROOT / "docs" / "problems.md").read_text("utf-8")
CASES = ROOT / "tests" / "problems"


def test_every_code_is_described_once_in_order() -> None:
    described = re.findall(r"^## ([A-Z]-\d{3}) · (.+)$", PROBLEMS, re.MULTILINE)
    assert described == list(CODES.items())


def test_every_code_has_an_example_that_the_builder_tells() -> None:
    """Every example is in a report of tests/problems, word for word."""
    told = "\n".join(path.read_text("utf-8") for path in CASES.glob("*/report.txt"))
    for section in PROBLEMS.split("\n## ")[1:]:
        code = section[:5]
        examples = re.findall(r"^    (.+?)$", section, re.MULTILINE)
        assert examples, code
        assert re.search(rf"(error|warning)\[{code}\]", examples[0]), code
        if code != "Y-003":
            assert [example for example in examples if example not in told] == []
        assert len(section.split("\n\n")) >= 3, f"{code} has no cure"


def test_every_code_is_told_somewhere() -> None:
    source = "\n".join(
        path.read_text("utf-8")
        for path in (ROOT / "recension").rglob("*.py")
        if path.name != "problems.py"
    )
    assert [code for code in CODES if f'"{code}"' not in source] == []


def test_every_setting_is_described() -> None:
    for name, field in Settings.model_fields.items():
        heading = f"[[{name}]]" if name in ("front", "texts") else f"[{name}]"
        assert heading in EDITING
        table = (
            EDITING.split(f"### `{heading}`")[1].split("\n### ")[0].split("\n## ")[0]
        )
        described = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
        model = field.annotation
        while not hasattr(model, "model_fields"):
            model = model.__args__[0]
        assert described == set(model.model_fields), name


def test_every_normalisation_is_described() -> None:
    for rule in RULES:
        assert f"| `{rule}` |" in EDITING


def test_the_table_of_the_notation_is_that_of_the_builder() -> None:
    """What stands in braces in the table of marks is all that the builder knows."""
    table = EDITING.split("## The notation")[1].split("\nRules that go")[0]
    written = set(re.findall(r"::: (\w+)", table))
    names = {f".{name}" for name in written}
    for braces in re.findall(r"\{([^{}]*)\}", table):
        bare = re.sub(r'"[^"]*"', "", braces)
        names |= {"#"} if "#" in bare else set()
        names |= set(re.findall(r"\.[a-z]+", bare))
        names |= set(re.findall(r"(\w+)=", bare))
    assert names == {form.name for form in NOTATION}


def test_every_figure_and_list_of_the_ledger_is_described() -> None:
    from recension.annotate.texts import FIGURES, LISTS

    for name in (*FIGURES, *LISTS):
        assert re.search(rf"`{name}`|\"{name}\"", EDITING), name


def test_the_commands_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"\bmake ([a-z]+)\b", readme))
    assert {"book", "test"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    from recension.cli import _parse

    for command in re.findall(r"python build\.py((?: [a-z-]+)*)", readme):
        words = [word for word in command.split() if word != "--help"]
        assert _parse([*words, str(ROOT)] if words[-1:] == ["check"] else words)


def test_the_readme_is_short() -> None:
    assert (ROOT / "README.md").read_text("utf-8").count("\n") <= 100
    architecture = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    assert architecture.count("\n") <= 120


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_land(document: Path) -> None:
    text = re.sub(r"(?ms)^    .*?$|`[^`]*`", "", document.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_nothing_is_left_to_do(document: Path) -> None:
    assert not re.search(r"\b(TODO|FIXME|TBD|XXX)\b", document.read_text("utf-8"))


def test_the_stages_are_told_in_one_order() -> None:
    import recension

    stages = re.findall(r"^ ?(\d+)\. (\w+) ", recension.__doc__ or "", re.MULTILINE)
    told = [name for _, name in stages]
    architecture = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    table = re.findall(r"^\| \S \| `(\w+)` \|", architecture, re.MULTILINE)
    assert len(told) == 12
    assert table == told
