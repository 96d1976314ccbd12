"""*Ibid.*: which notes it stands for, and the locator behind it as the style has it.

A style writes a locator within a citation alone. So each is cited twice more behind the
notes, with its locator and without: what the one has more than the other is it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

from recension.tree import children, make, make_word, plain_text, walk, with_children

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recension.model import Blocks, Node, Note

_JOINT = re.compile(r"[\s,.;:”’»“‘«)\]]*")
"""What may stand between a title and a locator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A note that is one citation of the one work that the note before cites.

    *suffix* is what stands behind the citekey, empty where it is the same as before.
    """

    citekey: str
    suffix: list[Node]


def find_repeats(notes: Sequence[Note]) -> dict[str, Repeat]:
    """Return the repeats among *notes*, which run through a text, by their ids.

    After the Chicago Manual: *ibid.* stands for the one work that the note before
    cites; a note without a locator does not follow one that has it.
    """
    repeats: dict[str, Repeat] = {}
    for before, note in pairwise(notes):
        citations = list(find_citations(note.blocks))
        others = list(find_citations(before.blocks))
        if len(citations) != 1 or not others or before.text_id != note.text_id:
            continue
        (citation,) = citations
        citekey, locator = citation["citationId"], _locator(citation)
        one_work = {other["citationId"] for other in others} == {citekey}
        same = locator == _locator(others[-1])
        if one_work and (same or locator) and _is_bare(note.blocks):
            suffix = [] if same else citation["citationSuffix"]
            repeats[note.id] = Repeat(citekey=citekey, suffix=suffix)
    return repeats


def find_citations(blocks: Blocks) -> Iterator[dict[str, Any]]:
    """Yield every citation in a tree, in order, as pandoc has it."""
    cites = (node for node in walk(blocks) if node["t"] == "Cite")
    return chain.from_iterable(node["c"][0] for node in cites)


def write_probes(repeats: Mapping[str, Repeat], cited: Sequence[str]) -> list[Node]:
    """Return the footnotes, four for each of *repeats*, that show their locators.

    Another work of the *cited* ones stands between, or the style itself may say ibid.
    """
    probes = []
    for repeat in repeats.values():
        other = next((key for key in cited if key != repeat.citekey), repeat.citekey)
        for citekey, suffix in (
            (other, []),
            (repeat.citekey, []),
            (other, []),
            (repeat.citekey, repeat.suffix),
        ):
            probes.append(_footnote(citekey, suffix))
    return probes


def read_locators(
    repeats: Mapping[str, Repeat], probes: Sequence[Node]
) -> dict[str, list[Node]]:
    """Return the locators of *repeats* by their ids from the formatted *probes*.

    Where a style hides the locator, it stands as written.
    """
    locators: dict[str, list[Node]] = {}
    bare, whole = probes[1::4], probes[3::4]
    for (id_, repeat), one, other in zip(repeats.items(), whole, bare, strict=True):
        told = _subtract(_inlines(one), _inlines(other)) if repeat.suffix else []
        locators[id_] = told or _strip_end(_strip_start(repeat.suffix))
    return locators


def _locator(citation: Mapping[str, Any]) -> str:
    return plain_text(citation["citationSuffix"]).lstrip(", ").strip()


def _is_bare(blocks: Blocks) -> bool:
    if len(blocks) != 1 or blocks[0]["t"] not in ("Para", "Plain"):
        return False
    inlines = blocks[0]["c"]
    if not inlines or inlines[0]["t"] != "Cite":
        return False
    citation = inlines[0]["c"][0][0]
    plain = citation["citationMode"]["t"] == "NormalCitation"
    rest = plain_text(inlines[1:]).strip()
    return plain and not citation["citationPrefix"] and rest in ("", ".")


def _footnote(citekey: str, suffix: list[Node]) -> Node:
    citation = {
        "citationId": citekey,
        "citationPrefix": [],
        "citationSuffix": suffix,
        "citationMode": make("NormalCitation", None),
        "citationNoteNum": 0,
        "citationHash": 0,
    }
    cite = make("Cite", [[citation], [make_word(f"@{citekey}")]])
    return make("Para", [make("Note", [make("Para", [cite])])])


def _inlines(probe: Node) -> list[Node]:
    """Return what the style made of the citation in a footnote, all in one span."""
    inlines: list[Node] = probe["c"][0]["c"][0]["c"][0]["c"][1]
    if len(inlines) == 1 and inlines[0]["t"] == "Span":
        return children(inlines[0]) or []
    return inlines


def _subtract(whole: list[Node], bare: list[Node]) -> list[Node]:
    """Return what *whole* has behind the words of *bare*, without the joint."""
    shared = sum(letter.isalnum() for letter in plain_text(bare))
    rest, _ = _drop(whole, shared)
    return _strip_end(_strip_start(rest))


def _drop(inlines: list[Node], count: int) -> tuple[list[Node], int]:
    """Return *inlines* without the first *count* letters and figures.

    What is left to be dropped is given too.
    """
    kept: list[Node] = []
    for node in inlines:
        inner = children(node)
        if not count:
            kept.append(node)
        elif inner is not None:
            rest, count = _drop(inner, count)
            kept += [with_children(node, rest)] if rest else []
        elif node["t"] == "Str":
            word, end = plain_text(node), 0
            while end < len(word) and count:
                count -= word[end].isalnum()
                end += 1
            kept += [make_word(word[end:])] if word[end:] else []
    return kept, count


def _strip_start(inlines: list[Node]) -> list[Node]:
    """Return *inlines* from where the locator begins."""
    while inlines and not (rest := _JOINT.sub("", plain_text(inlines[0]), count=1)):
        inlines = inlines[1:]
    if inlines and inlines[0]["t"] == "Str":
        return [make_word(rest), *inlines[1:]]
    return inlines


def _strip_end(inlines: list[Node]) -> list[Node]:
    """Return *inlines* without the full stop at their end, which the page adds."""
    if not inlines or inlines[-1]["t"] != "Str":
        return inlines
    word = plain_text(inlines[-1]).removesuffix(".")
    return [*inlines[:-1], *([make_word(word)] if word else [])]
