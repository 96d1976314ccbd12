"""What is written of pandoc's trees is what pandoc writes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from recension.config import LimitsSettings
from recension.html.writer import write_tree
from recension.pandoc import read_markdown, write_html
from recension.tree import make, replace

if TYPE_CHECKING:
    from recension.model import Blocks

pytestmark = pytest.mark.slow

LIMITS = LimitsSettings()
words = st.text(st.sampled_from("ab é\"'&<>↩↔\u00a0\u00ad"), max_size=4)
names = st.sampled_from(["", "a", "b-1"])
pairs = st.lists(st.sampled_from([["lang", "fr"], ["lang", "x\"'<&"]]), max_size=1)
some = st.sampled_from([[], ["one"], ["x-two", "three"]])
rare = st.sampled_from([["mark"], ["csl-indent"], ["section"], ["kbd", "x"]])
other = st.sampled_from([[["dir", "rtl"]], [["foo", "1"]], [["data-q", "2"]]])
plain = st.tuples(names, st.one_of(some, rare), pairs).map(list)
attributes = st.one_of(plain, st.tuples(names, some, other).map(list))


def hold(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    many = st.lists(inner, max_size=3)
    around = ["Emph", "Strong", "Strikeout", "Superscript", "Subscript", "Underline"]
    quotes = st.sampled_from([{"t": "SingleQuote"}, {"t": "DoubleQuote"}])
    target = st.sampled_from(["#a", "http://a.b/?c&d='e'", "doi:1"])
    link = st.tuples(attributes, many, st.tuples(target, names).map(list))
    return st.one_of(
        st.builds(make, st.sampled_from([*around, "SmallCaps"]), many),
        st.builds(make, st.just("Span"), st.tuples(attributes, many).map(list)),
        st.builds(make, st.just("Quoted"), st.tuples(quotes, many).map(list)),
        st.builds(make, st.just("Link"), link.map(list)),
    )


BREAKS = [{"t": "Space"}, {"t": "SoftBreak"}, {"t": "LineBreak"}]
math = st.just([{"t": "InlineMath"}, "x^2"])
inlines = st.recursive(
    st.one_of(
        st.builds(make, st.just("Str"), words.filter(bool)),
        st.sampled_from(BREAKS),
        st.builds(make, st.just("RawInline"), st.just(["html", "<b>&amp;</b>"])),
        st.builds(make, st.just("Code"), st.tuples(attributes, words).map(list)),
        st.builds(make, st.just("Math"), math),
    ),
    hold,
    max_leaves=8,
)
lines = st.lists(inlines, max_size=4)


def enclose(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    many = st.lists(inner, max_size=3)
    items = st.lists(many, min_size=1, max_size=3)
    styles = ["Decimal", "LowerAlpha", "UpperRoman", "DefaultStyle", "Example"]
    style = st.sampled_from([{"t": name} for name in styles])
    numbering = st.tuples(st.integers(0, 9), style, st.just({"t": "Period"})).map(list)
    return st.one_of(
        st.builds(make, st.just("BlockQuote"), many),
        st.builds(make, st.just("BulletList"), items),
        st.builds(make, st.just("OrderedList"), st.tuples(numbering, items).map(list)),
        st.builds(make, st.just("Div"), st.tuples(attributes, many).map(list)),
    )


level = st.integers(1, 6)
blocks = st.recursive(
    st.one_of(
        st.builds(make, st.sampled_from(["Para", "Plain"]), lines),
        st.builds(make, st.just("Header"), st.tuples(level, plain, lines).map(list)),
        st.builds(make, st.just("LineBlock"), st.lists(lines, max_size=3)),
        st.just({"t": "HorizontalRule"}),
        st.builds(make, st.just("RawBlock"), st.just(["html", "<hr class='a'/>"])),
    ),
    enclose,
    max_leaves=5,
)


@given(st.lists(blocks, max_size=4))
def test_a_tree_is_written_as_pandoc_writes_it(tree: Blocks) -> None:
    assert write_tree(tree, LIMITS).strip() == write_html(tree, LIMITS).strip()


@pytest.mark.parametrize("name", ["walsh", "blake", "introduction", "note-on-the-text"])
def test_a_text_is_written_as_pandoc_writes_it(name: str) -> None:
    (path,) = (ROOT / "book").rglob(f"{name}.md")
    read, _ = read_markdown(path.read_text("utf-8"), LIMITS)
    tree = replace(read, lambda node: [] if node["t"] == "Note" else None)
    assert write_tree(tree, LIMITS).strip() == write_html(tree, LIMITS).strip()
