"""What templates and layout agree on stands in one module, and both keep to it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from syntax import walk

from recension import contract
from recension.contract import LEVEL, TIERS, Data, Given, Made

if TYPE_CHECKING:
    from enum import StrEnum
    from pathlib import Path

TEMPLATES = ROOT / "templates"
LAYOUT = ROOT / "recension" / "layout"
BY_PYTHON = {Given.DEFINITION}
"""The classes that `html` gives, since no macro could enclose whole paragraphs."""


def read_templates(*folders: str) -> dict[Path, str]:
    return {
        path: path.read_text("utf-8")
        for folder in folders
        for path in (TEMPLATES / folder).glob("*.jinja")
    }


MARKUP = {
    path: text
    for path, text in read_templates("print", "cover").items()
    if not path.name.endswith(".css.jinja")
}
STYLE = (TEMPLATES / "print" / "style.css.jinja").read_text("utf-8")


EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


def classes_in(markup: str) -> set[str]:
    """Return the classes of *markup*, those that an expression may give too."""
    found: set[str] = set()
    for value in re.findall(rf'class="((?:[^"{{]|{EXPRESSION.pattern})*)"', markup):
        strings = " ".join(re.findall(r'"([^"]*)"', value))
        found |= {*EXPRESSION.sub(" ", value).split(), *strings.split()}
    return found


GIVEN = {name for text in MARKUP.values() for name in classes_in(text)}


MODULES = (*LAYOUT.rglob("*.py"), ROOT / "recension" / "contract.py")


def used(kind: str) -> dict[str, set[str]]:
    """Return by module of layout the members of an enumeration that it names."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in MODULES:
        for node in walk(path):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=member):
                    if name == kind:
                        found[path.name].add(member)
    return found


@pytest.mark.parametrize("name", sorted(set(Given) - BY_PYTHON))
def test_a_class_that_layout_looks_for_is_given_by_a_template(name: Given) -> None:
    assert name in GIVEN


@pytest.mark.parametrize("name", sorted(BY_PYTHON))
def test_what_no_template_gives_is_given_by_html(name: Given) -> None:
    written = [
        path.read_text("utf-8") for path in (ROOT / "recension" / "html").glob("*.py")
    ]
    assert any(f"Given.{name.name}" in text for text in written)


@pytest.mark.parametrize("name", Made)
def test_a_class_that_layout_makes_is_styled_and_given_by_no_template(
    name: Made,
) -> None:
    assert re.search(rf"\.{name}\b(?!-)", STYLE)
    assert name not in GIVEN


@pytest.mark.parametrize("kind", [Given, Made, Data], ids=lambda kind: kind.__name__)
def test_every_name_of_the_contract_is_used_by_layout_or_style(
    kind: type[StrEnum],
) -> None:
    named = {
        member for of_module in used(kind.__name__).values() for member in of_module
    }
    unused = {member for member in kind if member.name not in named}
    assert {name for name in unused if name not in STYLE} == set()


@pytest.mark.parametrize("name", sorted(set(Data) - {Data.SHORT, Data.CONTINUES}))
def test_an_attribute_is_given_by_a_template(name: Data) -> None:
    """`data-short` comes from the notation, `data-continues` is made by layout."""
    assert any(f' {name}="' in text for text in MARKUP.values())


def test_the_ids_of_calls_and_asides_begin_as_the_templates_write_them() -> None:
    """An id, and each link to one, in the macros of the marks."""
    marks = MARKUP[TEMPLATES / "print" / "marks.xhtml.jinja"]
    prefixes = set(re.findall(r'(?:id="|href="#)([a-z]+-)\{\{ id \}\}', marks))
    assert prefixes == {contract.CALL_PREFIX, *(tier.prefix for tier in TIERS)}


def test_the_level_of_a_line_of_the_contents_is_a_class() -> None:
    front = MARKUP[TEMPLATES / "print" / "front.xhtml.jinja"]
    assert f'class="{LEVEL}{{{{ entry.level }}}}' in front


@pytest.mark.parametrize("tier", TIERS, ids=lambda tier: tier.aside)
def test_a_tier_has_a_place_of_its_own(tier: contract.Tier) -> None:
    """No two tiers share a class or a prefix, and none begins with another's."""
    for other in TIERS:
        if other is not tier:
            assert other.aside != tier.aside
            assert other.holder != tier.holder
            assert not other.prefix.startswith(tier.prefix)


def test_layout_writes_no_name_of_the_contract_itself() -> None:
    """Neither a class nor an attribute nor the beginning of an id."""
    names = {*Given, *Made, *Data, LEVEL, contract.CALL_PREFIX}
    names |= {tier.prefix for tier in TIERS}
    for path in LAYOUT.rglob("*.py"):
        for node in walk(path):
            if isinstance(node, ast.Constant) and node.value in names:
                assert (path.name, node.value) in OTHERWISE, node.lineno


OTHERWISE = {("records.py", "text"), ("records.py", "line")}
"""Words that mean something else where they stand: kinds of boxes."""


def test_layout_asks_for_classes_by_the_contract_alone() -> None:
    """`classes_of` is the one that reads the attribute `class`."""
    for path in MODULES:
        for node in walk(path):
            match node:
                case ast.Call(func=ast.Attribute(attr="get"), args=[first, *_]):
                    if isinstance(first, ast.Constant) and first.value == "class":
                        assert path.name in ("contract.py", "copies.py"), node.lineno
                case ast.Compare(left=left, comparators=[ast.Name(id="classes")]):
                    assert not isinstance(left, ast.Constant), (path.name, node.lineno)
