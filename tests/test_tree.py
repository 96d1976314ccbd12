"""The one room for pandoc's trees: what is made, asked, walked and replaced."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from recension.tree import (
    Attributes,
    SpanClass,
    attributes_of,
    children,
    has_class,
    make,
    make_div,
    make_span,
    make_word,
    plain_text,
    replace,
    walk,
    with_attributes,
    with_children,
)

if TYPE_CHECKING:
    from recension.model import Node

WORDS = st.text("abcé", min_size=1, max_size=5).map(make_word)
SPACE = st.just({"t": "Space"})
NAMES = st.text("ab-", min_size=1, max_size=3)
OWN = st.builds(
    Attributes,
    id=NAMES,
    classes=st.lists(NAMES, max_size=2).map(tuple),
    pairs=st.lists(st.tuples(NAMES, NAMES), max_size=2, unique_by=lambda p: p[0]).map(
        tuple
    ),
)


def _around(inlines: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    lists = st.lists(inlines, max_size=4)
    return st.one_of(
        lists.map(lambda nodes: make("Emph", nodes)),
        st.tuples(OWN, lists).map(lambda own: make("Span", [own[0].written(), own[1]])),
        lists.map(lambda nodes: make("Quoted", [{"t": "DoubleQuote"}, nodes])),
    )


INLINES = st.recursive(WORDS | SPACE, _around, max_leaves=8)
PARAGRAPHS = st.lists(INLINES, max_size=5).map(lambda nodes: make("Para", nodes))
TREES = st.lists(PARAGRAPHS | PARAGRAPHS.map(lambda p: make("BulletList", [[p]])))


@given(TREES)
def test_replacing_nothing_gives_the_same_tree(tree: list[Node]) -> None:
    assert replace(tree, lambda _: None) == tree


@given(TREES)
def test_a_tree_that_is_given_is_never_changed(tree: list[Node]) -> None:
    before = copy.deepcopy(tree)
    replace(tree, lambda node: [] if node["t"] == "Str" else None, lambda nodes: nodes)
    list(walk(tree))
    assert tree == before


@given(TREES)
def test_walking_meets_every_word_in_the_order_of_the_text(tree: list[Node]) -> None:
    met = [node["c"] for node in walk(tree) if node["t"] == "Str"]
    printed = plain_text(tree).translate(str.maketrans("", "", " “”"))
    assert "".join(met) == printed


@given(TREES)
def test_a_node_can_give_way_to_several_or_to_none(tree: list[Node]) -> None:
    doubled = replace(tree, lambda node: [node, node] if node["t"] == "Str" else None)
    counts = [sum(n["t"] == "Str" for n in walk(t)) for t in (tree, doubled)]
    assert counts[1] == 2 * counts[0]


def test_what_is_put_in_place_of_a_node_is_not_replaced_again() -> None:
    tree = [make("Para", [make_word("a")])]
    wrapped = replace(tree, lambda n: [make_span([n])] if n["t"] == "Str" else None)
    assert wrapped == [make("Para", [make_span([make_word("a")])])]


def test_siblings_are_seen_together_before_each_alone() -> None:
    def join(nodes: list[Any]) -> list[Any]:
        plain = all(node.get("t") == "Str" for node in nodes)
        return [make_word("".join(n["c"] for n in nodes))] if plain else nodes

    tree = [make("Para", [make_word("a"), make_word("b")])]
    assert replace(tree, lambda _: None, join) == [make("Para", [make_word("ab")])]


@given(OWN, INLINES)
def test_attributes_are_read_as_they_are_written(own: Attributes, node: Node) -> None:
    span = make("Span", [own.written(), [node]])
    assert attributes_of(span) == own
    assert attributes_of(with_attributes(make_span([node]), own)) == own
    assert own.without(*(name for name, _ in own.pairs)).pairs == ()


def test_a_mark_is_told_by_its_class() -> None:
    node = make_span([], SpanClass.MENTION, id_="m-1", who="x")
    assert has_class(node, SpanClass.MENTION)
    assert not has_class(make_div([], SpanClass.MENTION), SpanClass.MENTION)
    assert attributes_of(node).get("who") == "x"
    assert not attributes_of(node).has("lang")


@given(INLINES)
def test_children_can_be_exchanged(node: Node) -> None:
    held = children(node)
    if held is not None:
        assert children(with_children(node, [])) == []
        assert with_children(node, held) == node


def test_notes_are_no_part_of_the_words() -> None:
    note = make("Note", [make("Para", [make_word("n")])])
    assert plain_text([make("Para", [make_word("a"), note])]) == "a"


def test_equal_leaves_of_what_pandoc_writes_are_one() -> None:
    """And nothing else: a tree with shared leaves is the tree that was written."""
    import json

    from recension.pandoc import _decode

    words = [{"t": "Str", "c": "a"}, {"t": "Space"}, {"t": "Str", "c": ""}]
    marks = [{"t": "Emph", "c": words}, {"t": "Str", "c": "a"}, {"t": "Space"}]
    blocks = [{"t": "Para", "c": [*words, *marks]}, {"t": "HorizontalRule"}]
    read = _decode(json.dumps({"meta": {}, "blocks": blocks}))
    assert read == blocks
    inlines = read[0]["c"]
    assert inlines[0] is inlines[4]
    assert inlines[1] is inlines[5]
    assert inlines[0] is inlines[3]["c"][0]
    assert inlines[2] is not inlines[0]
