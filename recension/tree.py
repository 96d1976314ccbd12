"""Pandoc's trees: the one room that knows the shape of their nodes.

A node is as pandoc's JSON has it, `{"t": kind, "c": contents}`; contents are a string,
nodes in lists of any depth, or attributes and nodes. Nothing here changes a tree that
is given. Of the marks of the notation it knows the spans that stand for them, by class.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from recension.model import Blocks, Node

    Change = Callable[[Node], Sequence[Node] | None]
    Siblings = Callable[[list[Any]], list[Any]]

QUOTES = {"DoubleQuote": ("“", "”"), "SingleQuote": ("‘", "’")}
"""The marks that a quotation in the tree stands for."""
SPACES = ("Space", "SoftBreak", "LineBreak")
SPACE: dict[str, Any] = {"t": "Space"}
BARRIER = "\ufffc"
"""Stands, in characters, for what nothing that is looked for runs over."""
THIN_SPACE = "\u2009"
"""What keeps apart the numbers of two notes called at one place."""
_PLAIN = frozenset(
    (
        *("Emph", "Strong", "Underline", "SmallCaps"),
        *("Superscript", "Subscript", "Strikeout"),
    )
)
"""The inlines that hold nothing but inlines."""
_ATTRIBUTES_AT = {"Span": 0, "Link": 0, "Div": 0, "Code": 0, "Image": 0, "Header": 1}


class SpanClass(StrEnum):
    """What a span of the builder stands for: its class."""

    NOTE_CALL = "note-call"
    """A call: `note` is the id of the note."""
    EMENDATION = "emendation"
    NUMBER = "number"
    """The number of an item of a list, with the space behind it."""
    REFERENCE = "reference"
    """A reference by page and line, or a link within the book: `to` is an anchor."""
    CITATION = "citation"
    """A citation as formatted: `works` are its citekeys."""
    PARAGRAPH = "paragraph"
    """Where a paragraph begins that something refers to; it is empty."""
    MENTION = "mention"
    """Words that stand for an entry of the register; `who` where it is first met."""
    TITLE = "title"
    """The title of a work, perhaps with ITALIC; the editor may write it too."""
    ITALIC = "italic"
    DATE = "date"
    """A complete date; `machine` is the same for machines."""
    ITALICS = "italics"
    """Italics that are no stress: of the style, or of another language."""


class Attributes(NamedTuple):
    """The attributes of a node: its id, its classes, its other attributes by name."""

    id: str = ""
    classes: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """Return the attribute *name*, *default* where there is none."""
        return next((value for key, value in self.pairs if key == name), default)

    def has(self, name: str) -> bool:
        """Tell whether there is an attribute *name*."""
        return any(key == name for key, _ in self.pairs)

    def without(self, *names: str) -> Attributes:
        """Return these attributes but for *names*."""
        kept = tuple(pair for pair in self.pairs if pair[0] not in names)
        return self._replace(pairs=kept)

    def written(self) -> list[Any]:
        """Return the attributes as pandoc has them."""
        return [self.id, list(self.classes), [list(pair) for pair in self.pairs]]


# --- making ------------------------------------------------------------------------


def make(kind: str, contents: Any) -> Node:
    """Return a node of *kind* with *contents* as pandoc has them."""
    return {"t": kind, "c": contents}


def make_word(text: str) -> Node:
    """Return the node of a word, or of any characters."""
    return make("Str", text)


def make_span(inlines: list[Node], *classes: str, id_: str = "", **pairs: str) -> Node:
    """Return a span round *inlines*."""
    return make(
        "Span", [Attributes(id_, classes, tuple(pairs.items())).written(), inlines]
    )


def make_div(blocks: Blocks, *classes: str, id_: str = "") -> Node:
    """Return a div round *blocks*."""
    return make("Div", [Attributes(id_, classes).written(), blocks])


def make_markup(written: str) -> Node:
    """Return XHTML that stands among inlines as it is."""
    return make("RawInline", ["html", written])


def make_markup_block(written: str) -> Node:
    """Return XHTML that stands among blocks as it is."""
    return make("RawBlock", ["html", written])


def lead_to(link: Node) -> Node:
    """Return *link* with an address that readers can follow: that of a DOI is a page's.

    A DOI is found at doi.org (DOI Handbook, 3.8).
    """
    own, inlines, (target, title) = link["c"]
    name = target.removeprefix("doi:")
    if name != target:
        target = f"https://doi.org/{name.strip()}"
    return make("Link", [own, inlines, [target, title]])


# --- asking ------------------------------------------------------------------------


def is_node(item: Any) -> bool:
    """Tell whether *item*, found in a tree, is a node."""
    return isinstance(item, dict) and "t" in item


def attributes_of(node: Node) -> Attributes:
    """Return the attributes of *node*, none where its kind has none."""
    if (at := _ATTRIBUTES_AT.get(node["t"])) is None:
        return Attributes()
    id_, classes, pairs = node["c"][at]
    return Attributes(id_, tuple(classes), tuple((key, value) for key, value in pairs))


def has_class(node: Node, name: str) -> bool:
    """Tell whether *node* is a span of the class *name*."""
    return node["t"] == "Span" and name in node["c"][0][1]


def children(node: Node) -> list[Node] | None:
    """Return the inlines in the inline *node*, None if it has none of the text."""
    if node["t"] in _PLAIN:
        inlines: list[Node] = node["c"]
        return inlines
    return node["c"][1] if node["t"] in ("Span", "Link", "Quoted") else None


def with_attributes(node: Node, own: Attributes) -> Node:
    """Return *node*, whose kind has attributes, with those of *own*."""
    contents = list(node["c"])
    contents[_ATTRIBUTES_AT[node["t"]]] = own.written()
    return make(node["t"], contents)


def with_children(node: Node, inlines: list[Node]) -> Node:
    """Return the inline *node* with *inlines* in it."""
    contents = node["c"]
    plain = node["t"] in _PLAIN
    return make(node["t"], inlines if plain else [contents[0], inlines, *contents[2:]])


def plain_text(  # noqa: PLR0911 - a kind, a case
    node: Node | list[Any],
) -> str:
    """Return the characters of a tree without its notes; breaks become spaces."""
    if isinstance(node, list):
        return "".join(plain_text(item) for item in node)
    if not isinstance(node, dict):
        return ""
    kind, contents = node["t"], node.get("c", [])
    match kind:
        case "Str" | "Code" | "CodeBlock":
            return str(contents if kind == "Str" else contents[1])
        case "Space" | "SoftBreak" | "LineBreak":
            return " "
        case "Note":
            return ""
        case "Quoted":
            opening, closing = QUOTES[contents[0]["t"]]
            return opening + plain_text(contents[1]) + closing
        case "Span" | "Link" | "Div" | "Cite":
            return plain_text(contents[1])
        case "Header":
            return plain_text(contents[2])
        case _:
            return plain_text(contents) if isinstance(contents, list) else ""


def find_characters(tree: Any) -> frozenset[str]:
    """Return the characters of words and attributes in *tree*, not those of targets."""
    found: set[str] = set()
    for node in walk(tree):
        if node["t"] in ("Str", "Code", "CodeBlock"):
            found.update(node["c"] if node["t"] == "Str" else node["c"][1])
        found.update(*(value for _, value in attributes_of(node).pairs))
    return frozenset(found)


def quoted(node: Node) -> list[Node]:
    """Return the inlines of a quotation, its marks before and behind them."""
    kind, inlines = node["c"]
    opening, closing = QUOTES[kind["t"]]
    return [make_word(opening), *inlines, make_word(closing)]


# --- walking -----------------------------------------------------------------------


def walk(tree: Any) -> Iterator[Node]:
    """Yield every node of *tree* in order, each before what it holds.

    What a citation holds besides its words is no part of the tree.
    """
    if isinstance(tree, list):
        for item in tree:
            yield from walk(item)
    elif is_node(tree):
        yield tree
        yield from walk(tree.get("c"))


def replace(tree: Any, change: Change, siblings: Siblings = list) -> Any:
    """Return *tree* with each node replaced by what *change* gives for it, in order.

    Where *change* gives None the node stays, and what it holds is replaced in turn.
    *siblings* is given each list that has nodes before these are, and returns another.
    """

    def put(node: Node) -> Sequence[Any]:
        changed = change(node)
        if changed is not None:
            return changed
        contents = node.get("c")
        if isinstance(contents, list):
            return [{**node, "c": within(contents)}]
        return [node]

    def within(items: list[Any]) -> list[Any]:
        new: list[Any] = []
        for item in siblings(items) if any(map(is_node, items)) else items:
            if is_node(item):
                new += put(item)
            else:
                new.append(within(item) if isinstance(item, list) else item)
        return new

    if isinstance(tree, list):
        return within(tree)
    (replaced,) = put(tree)
    return replaced


def replace_lines(blocks: Blocks, change: Callable[[list[Node]], list[Node]]) -> Blocks:
    """Return *blocks* with the inlines of each paragraph, heading and line changed."""

    def put(node: Node) -> list[Node] | None:
        changed: Any
        contents: Any = node.get("c")
        match node["t"], contents:
            case (("Para" | "Plain"), inlines):
                changed = change(inlines)
            case "Header", (level, own, inlines):
                changed = [level, own, change(inlines)]
            case "LineBlock", lines:
                changed = [change(line) for line in lines]
            case "DefinitionList", pairs:
                changed = [
                    [change(term), [replace_lines(body, change) for body in bodies]]
                    for term, bodies in pairs
                ]
            case _:
                return None
        return [make(node["t"], changed)]

    replaced: Blocks = replace(blocks, put)
    return replaced
