"""What is written of pandoc's trees is what pandoc writes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from recension.config import LimitsSettings
from recension.html.writer import write_tree
from recension.pandoc import read_markdown, write_html
from recension.tree import make, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from recension.model import Blocks, Node

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


# to make a case small takes minutes of pandoc's
@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(blocks, max_size=4))
def test_a_tree_is_written_as_pandoc_writes_it(tree: Blocks) -> None:
    assert write_tree(tree, LIMITS).strip() == write_html(tree, LIMITS).strip()


@pytest.mark.parametrize("name", ["walsh", "blake", "introduction", "note-on-the-text"])
def test_a_text_is_written_as_pandoc_writes_it(name: str) -> None:
    (path,) = (ROOT / "book").rglob(f"{name}.md")
    read, _ = read_markdown(path.read_text("utf-8"), LIMITS)
    tree = replace(read, lambda node: [] if node["t"] == "Note" else None)
    assert write_tree(tree, LIMITS).strip() == write_html(tree, LIMITS).strip()


@pytest.mark.parametrize("held", [lambda link: link, lambda link: make("Emph", [link])])
def test_no_link_stands_in_another(held: Callable[[Node], Node]) -> None:
    inner = make("Link", [["a", ["b"], []], [make("Str", "in")], ["#in", ""]])
    outer = make("Link", [["", [], []], [held(inner)], ["#out", ""]])
    tree = [make("Para", [outer])]
    assert write_tree(tree, LIMITS).strip() == write_html(tree, LIMITS).strip()
    assert write_tree(tree, LIMITS).count("<a ") == 1


def test_a_heading_in_a_div_in_a_list_is_written_as_pandoc_writes_it() -> None:
    """There it is no section; a div that begins with one elsewhere is."""
    heading = make("Header", [2, ["h", [], []], [make("Str", "H")]])
    for own in (["d", ["x"], []], ["d", ["x"], [["dir", "rtl"]]]):
        div = make("Div", [own, [heading, make("Para", [make("Str", "p")])]])
        for tree in ([div], [make("BulletList", [[div]])], [make("BlockQuote", [div])]):
            written = write_html(tree, LIMITS).strip()
            assert write_tree(tree, LIMITS).strip() == written
