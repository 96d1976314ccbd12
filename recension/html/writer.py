"""Pandoc's trees as XHTML, written as pandoc's writer of HTML 5 writes them.

What the notation has is written here, byte for byte as pandoc does (a test compares
them), in a twentieth of the time. What is rare, such as a formula in a title, or has
attributes that pandoc treats each in its way, it writes itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recension.pandoc import write_html
from recension.tree import QUOTES, Attributes, attributes_of, make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from recension.config import LimitsSettings
    from recension.model import Blocks, Node

_IN_TEXT = {
    **str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"}),
    **{ord(sign): f"{sign}\ufe0e" for sign in "\u21a9\u2194"},
}
"""How characters are written; two signs have a form that is no picture."""
_IN_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
)
_AROUND = {
    "Emph": "em",
    "Strong": "strong",
    "Strikeout": "del",
    "Superscript": "sup",
    "Subscript": "sub",
    "Underline": "u",
}
_NUMBERING = {
    "Decimal": ' type="1"',
    "LowerAlpha": ' type="a"',
    "UpperAlpha": ' type="A"',
    "LowerRoman": ' type="i"',
    "UpperRoman": ' type="I"',
    "DefaultStyle": "",
}
_APART = frozenset({"underline", "ul", "mark", "kbd", "section", "level1", "task-list"})
"""Classes of which pandoc makes other elements, as it does of those of citeproc."""
_QUOTED, _UNQUOTED = "<blockquote>\n", "\n</blockquote>"
_LOWEST = 6
"""The level of the least heading of HTML."""


def write_tree(blocks: Blocks, limits: LimitsSettings) -> str:
    """Return *blocks* as XHTML; raise PandocError where pandoc is asked and cannot."""
    return _Writer(limits).write(blocks)


@dataclass(slots=True)
class _Writer:
    """Writes nodes; pandoc, which writes the others, has *limits*."""

    limits: LimitsSettings
    in_link: bool = field(default=False, init=False)
    inside: int = field(default=0, init=False)

    def write(self, blocks: Blocks) -> str:
        """Return *blocks*, each on lines of its own, paragraphs of nothing left out."""
        return "\n".join(
            [self._node(block) for block in blocks if not _is_empty(block)]
        )

    def _write_inside(self, blocks: Blocks) -> str:
        self.inside += 1
        written = self.write(blocks)
        self.inside -= 1
        return written

    def _inlines(self, inlines: list[Node]) -> str:
        return "".join([self._node(inline) for inline in inlines])

    def _node(self, node: Node) -> str:
        write = _WRITERS.get(node["t"])
        written = write(self, node) if write else None
        return self._ask_pandoc(node) if written is None else written

    def _ask_pandoc(self, node: Node) -> str:
        """Return *node* as pandoc writes it where it stands."""
        if node["t"] in _INLINES:
            node = make("Plain", [node])
        elif self.inside:
            written = write_html([make("BlockQuote", [node])], self.limits).strip()
            return written.removeprefix(_QUOTED).removesuffix(_UNQUOTED)
        return write_html([node], self.limits).removesuffix("\n")

    # -- inlines ----------------------------------------------------------------------

    def word(self, node: Node) -> str:
        return str(node["c"].translate(_IN_TEXT))

    def space(self, _: Node) -> str:
        return " "

    def break_line(self, _: Node) -> str:
        return "<br />\n"

    def around(self, node: Node) -> str:
        name = _AROUND[node["t"]]
        return f"<{name}>{self._inlines(node['c'])}</{name}>"

    def small_capitals(self, node: Node) -> str:
        return f'<span class="smallcaps">{self._inlines(node["c"])}</span>'

    def quoted(self, node: Node) -> str:
        opening, closing = QUOTES[node["c"][0]["t"]]
        return f"{opening}{self._inlines(node['c'][1])}{closing}"

    def raw(self, node: Node) -> str | None:
        kind, written = node["c"]
        return str(written) if kind == "html" else None

    def span(self, node: Node) -> str | None:
        own = attributes_of(node)
        if not _is_plain(own):
            return None
        return f"<span{_attributes(own)}>{self._inlines(node['c'][1])}</span>"

    def link(self, node: Node) -> str | None:
        own, (_, inlines, (target, title)) = attributes_of(node), node["c"]
        if self.in_link:  # no link stands in another
            return self._node(make("Span", node["c"][:2]))
        if title or not _is_plain(own):
            return None
        self.in_link = True
        inner = self._inlines(inlines)
        self.in_link = False
        address = target.translate(_IN_VALUE)
        return f'<a href="{address}"{_attributes(own)}>{inner}</a>'

    def code(self, node: Node) -> str | None:
        if attributes_of(node) != Attributes():
            return None
        return f"<code>{node['c'][1].translate(_IN_TEXT)}</code>"

    # -- blocks -----------------------------------------------------------------------

    def plain(self, node: Node) -> str:
        return self._inlines(node["c"])

    def paragraph(self, node: Node) -> str:
        return f"<p>{self._inlines(node['c'])}</p>"

    def heading(self, node: Node) -> str | None:
        level, _, inlines = node["c"]
        own = attributes_of(node)
        if level > _LOWEST or not _has_plain_pairs(own):
            return None
        marks = _attributes(own)
        if not self.inside:  # pandoc has made a section of it, and gives its id back
            marks = _attributes(own._replace(id="")) + _attributes(Attributes(own.id))
        return f"<h{level}{marks}>{self._inlines(inlines)}</h{level}>"

    def quotation(self, node: Node) -> str:
        return f"{_QUOTED}{self._write_inside(node['c'])}{_UNQUOTED}"

    def div(self, node: Node) -> str | None:
        own, blocks = attributes_of(node), node["c"][1]
        is_section = blocks and blocks[0]["t"] == "Header" and not self.inside
        if is_section or not _is_plain(own):
            return None
        return f"<div{_attributes(own)}>\n{self.write(blocks)}\n</div>"

    def bullets(self, node: Node) -> str:
        return f"<ul>\n{self._items(node['c'])}\n</ul>"

    def numbers(self, node: Node) -> str | None:
        (start, style, _), items = node["c"]
        if style["t"] not in _NUMBERING:
            return None
        begins = f' start="{start}"' if start != 1 else ""
        marks = f"{begins}{_NUMBERING[style['t']]}"
        return f"<ol{marks}>\n{self._items(items)}\n</ol>"

    def _items(self, items: list[Blocks]) -> str:
        written = map(self._write_inside, items)
        return "\n".join([f"<li>{item}</li>" for item in written])

    def lines(self, node: Node) -> str:
        lines = "<br />\n".join([self._inlines(line) for line in node["c"]])
        return f'<div class="line-block">{lines}</div>'

    def rule(self, _: Node) -> str:
        return "<hr />"


_WRITERS: Mapping[str, Callable[[_Writer, Node], str | None]] = {
    "Str": _Writer.word,
    **dict.fromkeys(("Space", "SoftBreak"), _Writer.space),
    "LineBreak": _Writer.break_line,
    **dict.fromkeys(_AROUND, _Writer.around),
    "SmallCaps": _Writer.small_capitals,
    "Quoted": _Writer.quoted,
    **dict.fromkeys(("RawInline", "RawBlock"), _Writer.raw),
    "Span": _Writer.span,
    "Link": _Writer.link,
    "Code": _Writer.code,
    "Plain": _Writer.plain,
    "Para": _Writer.paragraph,
    "Header": _Writer.heading,
    "BlockQuote": _Writer.quotation,
    "Div": _Writer.div,
    "BulletList": _Writer.bullets,
    "OrderedList": _Writer.numbers,
    "LineBlock": _Writer.lines,
    "HorizontalRule": _Writer.rule,
}
"""What writes each kind of node; None of it leaves the node to pandoc."""
_INLINES = ("Cite", "Code", "Image", "Link", "Math", "Note", "RawInline", "Span")


def _is_empty(block: Node) -> bool:
    return block["t"] in ("Para", "Plain") and not block["c"]


def _is_plain(own: Attributes) -> bool:
    """Tell whether pandoc writes attributes as they are, and makes nothing else."""
    if own.id == "refs" or not _has_plain_pairs(own):
        return False
    return not any(c in _APART or c.startswith("csl-") for c in own.classes)


def _has_plain_pairs(own: Attributes) -> bool:
    return all(key == "lang" for key, _ in own.pairs)


def _attributes(own: Attributes) -> str:
    return "".join(_write_attributes(own))


def _write_attributes(own: Attributes) -> Iterator[str]:
    named = (("id", own.id), ("class", " ".join(own.classes)))
    for name, value in (*(pair for pair in named if pair[1]), *own.pairs):
        yield f' {name}="{value.translate(_IN_VALUE)}"'
