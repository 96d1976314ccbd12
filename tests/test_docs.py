"""The documents are true: codes, commands, settings and links are those of the code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from test_problems import UNPROVOKED

from recension.annotate.notation import NOTATION, OWN
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
        if code not in UNPROVOKED:
            assert re.search(rf"(error|warning)\[{code}\]", examples[0]), code
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
    own = {name for name in names if OWN.startswith(name)}
    assert own == {OWN[:2]}
    assert names - own == {form.name for form in NOTATION}


def test_every_figure_and_list_of_the_ledger_is_described() -> None:
    from recension.annotate.text_reader import FIGURES, LISTS

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
    assert architecture.count("\n") <= 130


CODE = re.compile(r"(?ms)^ {4}.*?$|^```.*?^```$|`[^`\n]*`")


def find_links(document: Path) -> list[str]:
    """Return where *document* links to, other sites apart."""
    text = CODE.sub("", document.read_text("utf-8"))
    targets = re.findall(r"(?:\]\(|^\[[^]]+\]:\s*)([^)\s]+)", text, re.MULTILINE)
    return [target for target in targets if "://" not in target]


def find_anchors(document: Path) -> set[str]:
    """Return the anchors of the headings of *document* as GitHub makes them.

    Letters in lower case, spaces as hyphens, marks left out; the second of two that are
    the same ends in `-1`.
    """
    text = re.sub(r"(?ms)^ {4}.*?$|^```.*?^```$", "", document.read_text("utf-8"))
    found: dict[str, int] = {}
    anchors = set()
    for heading in re.findall(r"(?m)^#{1,6} +(.+?)(?: +#+)?$", text):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = found[slug] = found.get(slug, -1) + 1
        anchors.add(f"{slug}-{number}" if number else slug)
    return anchors


def lead_nowhere(document: Path) -> list[str]:
    """Return the links of *document* whose file or heading is not there."""
    nowhere = []
    for link in find_links(document):
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        known = find_anchors(target) if anchor and target.is_file() else {anchor}
        if not target.exists() or anchor not in known:
            nowhere.append(link)
    return nowhere


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_land(document: Path) -> None:
    """On a file that is there, and on a heading that it has."""
    assert lead_nowhere(document) == []


def test_links_are_found_and_followed() -> None:
    found = {document.name: len(find_links(document)) for document in DOCUMENTS}
    assert sum(found.values()) > 20
    assert min(found["README.md"], found["problems.md"], found["ARCHITECTURE.md"]) > 0


def test_a_link_that_leads_nowhere_is_seen(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# B\n\n## What’s `new`: a, b\n\n## B\n", "utf-8")
    good = ["b.md", "b.md#b", "b.md#b-1", "b.md#whats-new-a-b", "#a"]
    bad = ["c.md", "b.md#c", "b.md#b-2", "b.md#What’s", "#b"]
    links = "".join(f"[x]({link}) " for link in (*good, *bad))
    (tmp_path / "a.md").write_text(f"# A\n\n{links}\n\n[y]: d.md\n", "utf-8")
    assert lead_nowhere(tmp_path / "a.md") == [*bad, "d.md"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_nothing_is_left_to_do(document: Path) -> None:
    assert not re.search(r"\b(TODO|FIXME|TBD|XXX)\b", document.read_text("utf-8"))


def test_the_stages_are_told_in_one_order() -> None:
    import recension

    stages = re.findall(r"^ ?(\d+)\. (\w+) ", recension.__doc__ or "", re.MULTILINE)
    told = [name for _, name in stages]
    architecture = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    table = re.findall(r"^\| \S \| `(\w+)` \|", architecture, re.MULTILINE)
    assert len(told) == 13
    assert table == told
