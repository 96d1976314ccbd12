"""What works on an edition takes no more time and memory than it may."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from recension.config import TEMPLATES
from recension.html import open_templates
from recension.problems import BookError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Edition

pytestmark = pytest.mark.slow

DOUBLED = 45
"""How often a thing is doubled: nobody has room for 2⁴⁵ of it."""
BOMBS = {
    "loops": "{% for a in range(99999) %}{% for b in range(99999) %}"
    "{% endfor %}{% endfor %}",
    "macros": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}"
    "{% endmacro %}{{ f(60) }}",
    "includes": "{% include 'own.jinja' %}{% include 'own.jinja' %}",
    "a loop within itself": "{% for a in [[]] recursive %}{{ loop([[], []]) }}"
    "{% endfor %}",
    "a text times a number": "{{ 'x' * 999999999999 }}",
    "a list times a number": "{{ ([1] * 999999999999)|length }}",
    "powers": "{{ 9 ** 9 ** 9 ** 9 }}",
    "numbers doubled": "{% set x = 9 %}" + "{% set x = x * x %}" * DOUBLED + "{{ x }}",
    "texts linked": "{% set x = 'ab' %}" + "{% set x = x ~ x %}" * DOUBLED,
    "texts added": "{% set x = 'ab' %}" + "{% set x = x + x %}" * DOUBLED,
    "texts enclosed": "{% set x = 'ab' %}"
    + "{% set x %}{{ x }}{{ x }}{% endset %}" * DOUBLED,
    "texts replaced": "{% set x = 'a' %}"
    + "{% set x = x|replace('a', 'aa') %}" * DOUBLED,
    "texts joined": "{% set x = 'a' %}" + "{% set x = [x, x]|join %}" * DOUBLED,
    "lists in lists": "{% set x = [1] %}" + "{% set x = [x, x] %}" * DOUBLED,
    "mappings": "{% set x = 1 %}" + "{% set x = {'a': x, 'b': x} %}" * DOUBLED,
    "lists added": "{% set x = [1] %}" + "{% set x = x + x %}" * DOUBLED,
    "a width": "{{ '%999999999d'|format(1) }}",
    "a width by an operator": "{{ '%999999999d' % 1 }}",
    "a width that is given": "{{ '%*d'|format(999999999, 1) }}",
    "a width of a method": "{{ '{:>999999999}'.format('x') }}",
    "a filter that pads": "{{ 'x'|center(999999999) }}",
    "a filter that indents": "{{ 'x\n'|indent(999999999) }}",
    "a method that pads": "{{ 'x'.ljust(999999999) }}",
    "a method that replaces": "{{ 'x'.replace('x', 'xx') }}",
    "a list printed": "{% set x = [1] %}{{ x }}",
    "lists opened without end": "{% set x = [] %}" + "{% set x = [x] %}" * 2000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_template_cannot_work_without_end(bomb: str, tmp_path: Path) -> None:
    """It is told, soon and before much memory is taken."""
    macro = f"{BOMBS[bomb]}\n{{% macro work() %}}{{% endmacro %}}"
    (tmp_path / "own.jinja").write_text(macro, "utf-8")
    templates = open_templates([tmp_path, TEMPLATES], "en", steps=100_000)
    with pytest.raises(BookError) as raised:
        templates.call("own.jinja", "work")
    (problem,) = raised.value.problems
    assert problem.code == "H-001"


def test_steps_are_counted_over_all_templates(tmp_path: Path) -> None:
    macro = "{% macro work() %}{% for a in range(400) %}{% endfor %}{% endmacro %}"
    (tmp_path / "own.jinja").write_text(macro, "utf-8")
    templates = open_templates([tmp_path, TEMPLATES], "en", steps=1000)
    assert templates.call("own.jinja", "work") == ""
    assert templates.call("own.jinja", "work") == ""
    with pytest.raises(BookError, match="more than 1,000 steps"):
        templates.call("own.jinja", "work")


def find_told(edition: Edition) -> list[tuple[str, str, int]]:
    return [(p.code, p.span.path, p.span.line) for p in edition.problems()]


def set_limits(edition: Edition, limits: str) -> None:
    edition.edit(edition.SETTINGS, "[print]", f"[limits]\n{limits}\n\n[print]")


@pytest.mark.parametrize(
    "slow",
    ["[" * 12 + "mot" + "]" * 12, "\"a 'b " * 40, "![" * 12 + "x" + "]" * 12],
    ids=["brackets", "quotation marks", "pictures"],
)
def test_a_paragraph_that_takes_pandoc_too_long_is_told(
    slow: str, edition: Edition
) -> None:
    set_limits(edition, "seconds = 1")
    edition.edit(edition.TEXT, "On a gardé", f"{slow}\n\nOn a gardé")
    line = (edition.folder / edition.TEXT).read_text("utf-8").split(slow)[0].count("\n")
    assert ("P-006", edition.TEXT, line + 1) in find_told(edition)


def test_a_wording_that_takes_pandoc_too_long_is_told(critical: Edition) -> None:
    set_limits(critical, "seconds = 1")
    path = "book/chronology.toml"
    critical.edit(path, "The fire at *Lowmere Mill*.", "[" * 12 + "x" + "]" * 12)
    assert [told[:2] for told in find_told(critical)] == [("P-006", path)]


def test_an_annotation_that_takes_pandoc_too_much_is_told(edition: Edition) -> None:
    """Macros that stand for ten of another, nine times over."""
    names = "abcdefghij"
    bomb = r"\def\a{xxxxxxxxxx}" + "".join(
        rf"\def\{name}{{{(chr(92) + before) * 10}}}" for before, name in pairwise(names)
    )
    set_limits(edition, "seconds = 1\nmegabytes = 64")
    edition.edit(
        edition.WORKS,
        "  date = {1907},\n",
        f"  date = {{1907}},\n  annotation = {{{bomb}\\j}},\n",
    )
    assert find_told(edition) == [("C-002", edition.WORKS, 9)]


@pytest.mark.parametrize("limit", ["seconds = 0", "megabytes = 1", "steps = 1e9"])
def test_a_limit_has_limits(limit: str, edition: Edition) -> None:
    set_limits(edition, limit)
    assert [told[0] for told in find_told(edition)] == ["L-005"]
