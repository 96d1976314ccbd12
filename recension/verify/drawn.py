"""What the pages of a finished PDF draw: the characters that can be seen, by mark.

Only the operators that bear on it are followed (ISO 32000-1, 8 and 9): transformations,
clips, colours, marked contents, what is filled. A character is seen if it has a size,
stands on its page and in its clip, differs from what lies beneath, and if nothing is
painted over it. Lengths are in pt; a matrix is that of the operator `cm`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pikepdf

from recension.verify.fontfile import DrawnFont, read_font
from recension.verify.units import FAINTEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

SMALLEST = 2.0
"""The size in pt below which nobody reads anything."""
_OPAQUE = 0.9
"""How opaque must be what hides what lies beneath."""
_HEIGHT = 0.25
"""How high above its line a character is looked for, as a share of its size."""
_INVISIBLE = (3, 7)
"""The modes of text that paint nothing (9.3.6)."""
_TOKEN = re.compile(
    rb"<<(?:[^<>]|<[^<>]*>)*>>|\[[^\]]*\]|\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\s]*>"
    rb"|/[^\s/<>\[\]()]*|[^\s/<>\[\]()]+",
    re.DOTALL,
)
_SHOWN = re.compile(r"<([0-9A-Fa-f]*)>\s*([-+.\d]*)")
"""Glyphs, and how far the next is moved back."""
_MCID = re.compile(rb"/MCID\s+(\d+)")
_ACTUAL = re.compile(rb"/ActualText\s*<([0-9A-Fa-f]*)>")

Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1, 0, 0, 1, 0, 0)


class Rectangle(NamedTuple):
    """Left, low, right, high."""

    left: float
    low: float
    right: float
    high: float

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a point is in it."""
        return self.left <= x <= self.right and self.low <= y <= self.high

    def meets(self, other: Rectangle) -> bool:
        """Tell whether it has a point in common with *other*."""
        across = self.left <= other.right and other.left <= self.right
        return across and self.low <= other.high and other.low <= self.high

    def covers(self, other: Rectangle) -> bool:
        """Tell whether all of *other* is in it."""
        return self.holds(*other[:2]) and self.holds(*other[2:])

    def cut(self, other: Rectangle) -> Rectangle:
        """Return what it has in common with *other*; it may be turned inside out."""
        return Rectangle(
            max(self.left, other.left),
            max(self.low, other.low),
            min(self.right, other.right),
            min(self.high, other.high),
        )


_EVERYWHERE = Rectangle(-1e9, -1e9, 1e9, 1e9)


class _GraphicsState(NamedTuple):
    """What the operators `q` and `Q` save and restore."""

    matrix: Matrix = _SAME
    clip: Rectangle = _EVERYWHERE
    light: float | None = 0.0
    opacity: float = 1.0
    font: DrawnFont | None = None
    size: float = 0.0
    mode: int = 0


class _ShownRun(NamedTuple):
    """Characters shown at once, in the marked content *mcid* (-1: none) of a page.

    *codes* are their glyphs in *font*, *shown* is how they are written; *paper* is what
    they can be seen on, *box* holds them all; *light* is their lightness; *turn* counts
    what has been drawn on the page before.
    """

    mcid: int
    codes: Sequence[int]
    shown: str
    font: DrawnFont
    size: float
    matrix: Matrix
    paper: Rectangle
    box: Rectangle
    light: float | None
    turn: int

    @property
    def characters(self) -> Iterator[str]:
        """What each glyph stands for."""
        return map(self.font.characters.__getitem__, self.codes)

    @property
    def placed(self) -> Iterator[tuple[str, tuple[float, float]]]:
        """The characters with their middles on the page."""
        high = _HEIGHT * self.size
        middles = _find_middles(self.shown, self.font, self.size)
        for character, middle in zip(self.characters, middles, strict=True):
            yield character, _apply(self.matrix, middle, high)


class _Fill(NamedTuple):
    """What hides what lies beneath: its box, its lightness, its *turn* as a run's."""

    box: Rectangle
    light: float | None
    turn: int


class Drawn(NamedTuple):
    """What a page draws, by marked content (MCID): what is *seen*, what is *told*.

    Told is the wording that readers of the text take for what the glyphs show
    (ISO 32000-1, 14.9.4). *glyphs* are those that have been used, by font.
    """

    seen: Mapping[int, str]
    told: Mapping[int, str]
    glyphs: Mapping[DrawnFont, set[int]]


def read_pages(pdf: pikepdf.Pdf) -> Iterator[Drawn]:
    """Yield what each page of *pdf* draws."""
    fonts: dict[tuple[int, int], DrawnFont] = {}
    for page in pdf.pages:
        reader = _Interpreter(box=Rectangle(*map(float, page.trimbox)), fonts=fonts)
        reader.read(page.obj, _GraphicsState())
        yield reader.finish()


def _read_contents(holder: Any) -> bytes:
    """Return the operators of a page or of a form."""
    if isinstance(holder, pikepdf.Stream):
        return holder.read_bytes()
    contents = holder.get("/Contents", [])
    streams = contents if isinstance(contents, pikepdf.Array) else [contents]
    return b"\n".join(stream.read_bytes() for stream in streams)


@dataclass(slots=True, kw_only=True)
class _Interpreter:
    """Reads a page, whose paper is *box*; *fonts* are known by their object."""

    box: Rectangle
    fonts: dict[tuple[int, int], DrawnFont]
    runs: list[_ShownRun] = field(default_factory=list)
    fills: list[_Fill] = field(default_factory=list)
    told: dict[int, str] = field(default_factory=dict)
    glyphs: defaultdict[DrawnFont, set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )
    marks: list[int] = field(default_factory=list)
    state: _GraphicsState = field(default_factory=_GraphicsState)
    saved: list[_GraphicsState] = field(default_factory=list)
    resources: Any = None
    known: dict[bytes, DrawnFont] = field(default_factory=dict)
    line: Matrix = _SAME
    path: list[tuple[float, float]] = field(default_factory=list)
    straight: bool = True
    clipping: bool = False

    def read(self, holder: Any, state: _GraphicsState) -> None:
        """Follow the operators of *holder*, a page or a form, from *state*."""
        before = self.state, self.saved, self.resources
        self.state, self.saved = state, []
        self.resources, self.known = holder.get("/Resources", self.resources), {}
        operands: list[bytes] = []
        for token in _TOKEN.findall(_read_contents(holder)):
            if operate := _OPERATORS.get(token):
                operate(self, operands)
                operands.clear()
            else:
                operands.append(token)
        self.state, self.saved, self.resources = before
        self.known = {}

    def finish(self) -> Drawn:
        """Return what can be seen, when all has been drawn."""
        seen: defaultdict[int, str] = defaultdict(str)
        for run in self.runs:
            seen[run.mcid] += self._see(run)
        return Drawn(seen, self.told, self.glyphs)

    def _see(self, run: _ShownRun) -> str:
        """Return the characters of *run* that can be seen: all or some."""
        near = [fill for fill in self.fills if fill.box.meets(run.box)]
        whole = run.paper.covers(run.box)
        if whole and not near and _is_plain(run, []):
            return "".join(run.characters)
        return "".join(
            character
            for character, at in run.placed
            if run.paper.holds(*at)
            and _is_plain(run, [fill for fill in near if fill.box.holds(*at)])
        )

    # -- state ----------------------------------------------------------------------

    def save(self, _: list[bytes]) -> None:
        self.saved.append(self.state)

    def restore(self, _: list[bytes]) -> None:
        if self.saved:
            self.state = self.saved.pop()

    def transform(self, operands: list[bytes]) -> None:
        matrix = _multiply(_read_matrix(operands), self.state.matrix)
        self.state = self.state._replace(matrix=matrix)

    def set_state(self, operands: list[bytes]) -> None:
        opacity = self._find("/ExtGState", operands[-1]).get("/ca")
        if opacity is not None:
            self.state = self.state._replace(opacity=float(opacity))

    def colour(self, operands: list[bytes]) -> None:
        self.state = self.state._replace(light=_find_light(operands))

    def _find(self, kind: str, name: bytes) -> Any:
        return self.resources[kind][name.decode("latin-1")]

    # -- text -----------------------------------------------------------------------

    def begin_text(self, _: list[bytes]) -> None:
        self.line = _SAME

    def place(self, operands: list[bytes]) -> None:
        self.line = _read_matrix(operands)

    def move(self, operands: list[bytes]) -> None:
        x, y = map(float, operands[-2:])
        self.line = _multiply((1, 0, 0, 1, x, y), self.line)

    def set_font(self, operands: list[bytes]) -> None:
        name, size = operands[-2], float(operands[-1])
        if name not in self.known:
            found = self._find("/Font", name)
            if found.objgen not in self.fonts:
                self.fonts[found.objgen] = read_font(found)
            self.known[name] = self.fonts[found.objgen]
        self.state = self.state._replace(font=self.known[name], size=size)

    def set_mode(self, operands: list[bytes]) -> None:
        self.state = self.state._replace(mode=int(operands[-1]))

    def show(self, operands: list[bytes]) -> None:
        """Show what stands in an array or a string in hexadecimal (9.4.3)."""
        font, state = self.state.font, self.state
        if not font:
            return
        # a move may come first
        shown = operands[-1].decode("latin-1").replace("[", "[<>")
        codes, width = _measure(shown, font, state.size)
        self.glyphs[font].update(codes)
        matrix = _multiply(self.line, state.matrix)
        scale = abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5
        hidden = state.mode in _INVISIBLE or state.opacity < FAINTEST
        if codes and not hidden and state.size * scale >= SMALLEST:
            high = _HEIGHT * state.size
            ends = _apply(matrix, 0, high), _apply(matrix, width, high)
            run = _ShownRun(
                mcid=next((mark for mark in reversed(self.marks) if mark >= 0), -1),
                codes=codes,
                shown=shown,
                font=font,
                size=state.size,
                matrix=matrix,
                paper=self.box.cut(state.clip),
                box=_bound(ends),
                light=state.light,
                turn=len(self.runs) + len(self.fills),
            )
            self.runs.append(run)
        self.line = _multiply((1, 0, 0, 1, width, 0), self.line)

    # -- marks ----------------------------------------------------------------------

    def mark(self, operands: list[bytes]) -> None:
        """Begin a marked content, which may have a number and a wording (14.6)."""
        number = _MCID.search(operands[-1])
        mcid = int(number[1]) if number else -1
        self.marks.append(mcid)
        if told := _ACTUAL.search(operands[-1]):
            wording = bytes.fromhex(told[1].decode()).decode("utf-16")
            self.told[mcid] = self.told.get(mcid, "") + wording

    def unmark(self, _: list[bytes]) -> None:
        if self.marks:
            self.marks.pop()

    # -- what is painted ------------------------------------------------------------

    def add_box(self, operands: list[bytes]) -> None:
        x, y, width, height = map(float, operands[-4:])
        corners = (x, y), (x + width, y), (x, y + height), (x + width, y + height)
        self.path += [_apply(self.state.matrix, *corner) for corner in corners]

    def add_point(self, operands: list[bytes]) -> None:
        self.path.append(_apply(self.state.matrix, *map(float, operands[-2:])))

    def add_curve(self, operands: list[bytes]) -> None:
        self.straight = False
        self.add_point(operands)

    def clip(self, _: list[bytes]) -> None:
        self.clipping = True

    def end_path(self, _: list[bytes]) -> None:
        if self.clipping and self.path:
            clip = self.state.clip.cut(_bound(self.path))
            self.state = self.state._replace(clip=clip)
        self.path, self.clipping, self.straight = [], False, True

    def fill(self, operands: list[bytes]) -> None:
        if self.path and self.straight:
            self._hide(_bound(self.path), self.state.light)
        self.end_path(operands)

    def paint(self, operands: list[bytes]) -> None:
        """Paint a picture or what a form has (8.8, 8.10)."""
        form = self._find("/XObject", operands[-1])
        if form.get("/Subtype") != "/Form":
            self._hide(_turn(Rectangle(0, 0, 1, 1), self.state.matrix), None)
            return
        own = tuple(map(float, form.get("/Matrix", _SAME)))
        matrix = _multiply(own, self.state.matrix)  # type: ignore[arg-type]
        own_box = Rectangle(*map(float, form["/BBox"]))
        clip = self.state.clip.cut(_turn(own_box, matrix))
        self.read(form, self.state._replace(matrix=matrix, clip=clip))

    def _hide(self, box: Rectangle, light: float | None) -> None:
        if self.state.opacity >= _OPAQUE:
            turn = len(self.runs) + len(self.fills)
            self.fills.append(_Fill(box.cut(self.state.clip), light, turn))


_OPERATORS: dict[bytes, Callable[[_Interpreter, list[bytes]], None]] = {
    b"q": _Interpreter.save,
    b"Q": _Interpreter.restore,
    b"cm": _Interpreter.transform,
    b"gs": _Interpreter.set_state,
    **dict.fromkeys((b"g", b"rg", b"k", b"sc", b"scn"), _Interpreter.colour),
    b"BT": _Interpreter.begin_text,
    b"Tm": _Interpreter.place,
    b"Td": _Interpreter.move,
    b"Tf": _Interpreter.set_font,
    b"Tr": _Interpreter.set_mode,
    **dict.fromkeys((b"TJ", b"Tj"), _Interpreter.show),
    **dict.fromkeys((b"BDC", b"BMC"), _Interpreter.mark),
    b"EMC": _Interpreter.unmark,
    b"re": _Interpreter.add_box,
    **dict.fromkeys((b"m", b"l"), _Interpreter.add_point),
    **dict.fromkeys((b"c", b"v", b"y"), _Interpreter.add_curve),
    **dict.fromkeys((b"W", b"W*"), _Interpreter.clip),
    **dict.fromkeys((b"n", b"S", b"s"), _Interpreter.end_path),
    **dict.fromkeys((b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"), _Interpreter.fill),
    b"Do": _Interpreter.paint,
}


def _measure(shown: str, font: DrawnFont, size: float) -> tuple[Sequence[int], float]:
    """Return the codes of what is *shown*, and how wide it is."""
    written, moves = zip(*_SHOWN.findall(shown), strict=True)
    codes = font.split("".join(written))
    width = sum(map(font.widths.__getitem__, codes))
    width -= sum(map(float, filter(None, moves)))
    return codes, width * size / 1000


def _find_middles(shown: str, font: DrawnFont, size: float) -> Iterator[float]:
    """Yield the middle of each glyph of what is *shown*, from its beginning."""
    at = 0.0
    for written, move in _SHOWN.findall(shown):
        for code in font.split(written):
            width = font.widths[code]
            yield (at + width / 2) * size / 1000
            at += width
        if move:
            at -= float(move)


def _is_plain(run: _ShownRun, fills: Iterable[_Fill]) -> bool:
    """Tell whether a character of *run* is seen among the *fills* at its place."""
    ground: float | None = 1.0  # paper
    for fill in fills:
        if fill.turn > run.turn:
            return False
        ground = fill.light
    if run.light is None or ground is None:
        return True
    return abs(run.light - ground) >= FAINTEST


def _find_light(operands: Sequence[bytes]) -> float | None:
    """Return the lightness of a colour, 0 to 1; None of a pattern."""
    try:
        parts = [float(operand) for operand in operands]
    except ValueError:
        return None
    match parts:
        case [grey]:
            return grey
        case [red, green, blue]:
            return 0.3 * red + 0.59 * green + 0.11 * blue
        case [cyan, magenta, yellow, black]:
            return (1 - black) * (1 - 0.3 * cyan - 0.59 * magenta - 0.11 * yellow)
    return None


def _read_matrix(operands: Sequence[bytes]) -> Matrix:
    a, b, c, d, e, f = map(float, operands[-6:])
    return a, b, c, d, e, f


def _multiply(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (
        a * g + b * i, a * h + b * j,
        c * g + d * i, c * h + d * j,
        e * g + f * i + k, e * h + f * j + m,
    )  # fmt: skip


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _turn(box: Rectangle, matrix: Matrix) -> Rectangle:
    """Return what holds *box* when *matrix* has turned it."""
    return _bound([_apply(matrix, x, y) for x in box[::2] for y in box[1::2]])


def _bound(points: Sequence[tuple[float, float]]) -> Rectangle:
    xs, ys = zip(*points, strict=True)
    return Rectangle(min(xs), min(ys), max(xs), max(ys))
