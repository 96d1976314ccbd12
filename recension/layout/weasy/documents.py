"""Read XHTML, ask for its styles and lay it out, with the files of one edition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlparse
from xml.etree.ElementTree import Element, fromstring

from recension.contract import Given, classes_of
from recension.layout.weasy.boxes import adjust_lines
from recension.layout.weasy.cascade import SharedStyles, find_own_styles
from recension.layout.weasy.computed import ComputedStyles
from recension.layout.weasy.continuing import binds_pages, continued
from recension.layout.weasy.process import Log, import_weasyprint, no_fonts
from recension.layout.weasy.shelf import Shelf
from recension.layout.weasy.writing import RecordedPage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

    from recension.layout.weasy.protocols import HtmlSource, StyleFor, WeasyDocument
    from recension.layout.weasy.records import PageRecord

_XHTML = "{http://www.w3.org/1999/xhtml}"
_BASE_URL = "file:///edition/"
_ONE_LANGUAGE = ':root { font-language-override: "ENG" }'
"""No font sets another letter for a language (OpenType `locl`): EB Garamond has *v* for
the Latin *u*, while the text that is searched and copied would have *u*."""


@dataclass(frozen=True, slots=True)
class Source:
    """XHTML as WeasyPrint has read it, and how its elements share *styles*."""

    html: HtmlSource
    styles: SharedStyles

    @property
    def body(self) -> Element:
        """What holds the part."""
        return next(self.html.etree_element.iter("body"))

    @property
    def elements(self) -> Iterable[Element]:
        """All elements, in order."""
        return self.html.etree_element.iter()

    @property
    def is_text(self) -> bool:
        """Tell whether the part is to be set line by line."""
        return Given.TEXT in classes_of(self.body)


def parse(xhtml: str) -> Element:
    """Return the tree of *xhtml*, whose names are without a namespace.

    Raises ParseError of ElementTree if it is not well-formed.
    """
    root = fromstring(xhtml)  # noqa: S314 - expat opens nothing and has a limit
    for element in root.iter():
        element.tag = element.tag.removeprefix(_XHTML)
    return root


class _StyleSheet(NamedTuple):
    """A style sheet as WeasyPrint has read it, and the fonts that it names."""

    css: object
    fonts: object


class WeasyPrint:
    """WeasyPrint with the style sheet and the fonts of one edition.

    *folders* are searched in order for fonts, styles and pictures; nothing outside them
    is read and no connection is opened.
    """

    def __init__(self, style: str, folders: Sequence[Path]) -> None:
        """Read *style*; raises ToolError when Pango is missing."""
        self._module = import_weasyprint()
        self._shelf = Shelf(folders)
        self._fetcher = _make_fetcher(self._module, self._shelf)
        self._log = Log()
        self._written, self._style = style, self._read_style(style)
        self.files, self.complaints = self.take_files(), self.take_log()
        self._make_html = _make_html_class(self._module)

    def read(self, xhtml: str) -> Source:
        """Read *xhtml*; raises ParseError of ElementTree if it is not well-formed."""
        return self._read(xhtml, self._written)

    def _read(self, xhtml: str, style: str) -> Source:
        root = parse(xhtml)
        styles = SharedStyles(self._module, style, *find_own_styles(root))
        html = self._make_html(root, self._fetcher, styles.make_sheets())
        return Source(html, styles)

    def compute_styles(
        self, source: Source, faces: Mapping[tuple[bool, bool], Path]
    ) -> ComputedStyles:
        """Return the styles of *source*; *faces* are font files by (italic, bold)."""
        with self._log.listen(), source.styles.shared():
            style_for: StyleFor = self._module.css.get_all_computed_styles(
                source.html,
                [self._style.css],
                font_config=self._style.fonts,
                page_rules=[],
                layers=[],
            )
        return ComputedStyles(style_for, faces)

    def lay_out(
        self,
        source: Source,
        first_folio: int,
        before: int = 0,
        strings: Mapping[str, str] | None = None,
    ) -> WeasyDocument:
        """Lay *source* out, its first page with the folio *first_folio*.

        It goes on behind as many pages as are *before*, where *strings* are in force.
        """
        side = ":root { break-before: verso }" if before % 2 else ""
        first = "" if before else ":first"
        folio = f"{side} @page {first} {{ counter-set: page {first_folio} }}"
        sheets = [self._style.css, self._module.CSS(string=folio)]
        with (
            self._log.listen(),
            source.styles.shared(),
            continued(self._module, before, strings or {}),
        ):
            return source.html.render(font_config=self._style.fonts, stylesheets=sheets)

    def binds_pages(self, source: Source) -> bool:
        """Tell whether a page of *source* depends on others of it."""
        return binds_pages(self._written, *find_own_styles(source.html.etree_element))

    def adjust(
        self,
        source: Source,
        document: WeasyDocument,
        widths: Sequence[Sequence[tuple[float | None, float]]],
    ) -> bool:
        """Put the lines of *document*, which *source* became, where they were planned.

        See `adjust_lines`.
        """
        with source.styles.shared():
            return adjust_lines(document, widths)

    def bind(
        self, records: Sequence[PageRecord], facts: Mapping[str, object]
    ) -> WeasyDocument:
        """Return a document of recorded pages; *facts* is what it says of itself."""
        pages = [RecordedPage(record, self._style.fonts) for record in records]
        metadata = self._module.document.DocumentMetadata(**facts)
        document: WeasyDocument = self._module.document.Document(
            pages, metadata, self._fetcher, self._style.fonts, {}, None
        )
        return document

    def lay_out_sheet(self, xhtml: str, style: str) -> WeasyDocument:
        """Lay out *xhtml* with a *style* and fonts of its own."""
        own, source = self._read_style(style), self._read(xhtml, style)
        with self._log.listen(), source.styles.shared():
            return source.html.render(font_config=own.fonts, stylesheets=[own.css])

    def take_files(self) -> Mapping[str, str]:
        """Return the digests of the files read since it was asked last, by name."""
        return self._shelf.take()

    def are_current(self, files: Mapping[str, str]) -> bool:
        """Tell whether *files*, by name, still have these digests."""
        return all(self._shelf.digest(n) == known for n, known in files.items())

    def take_log(self) -> tuple[str, ...]:
        """Return what WeasyPrint has complained of, each once, and forget it."""
        return self._log.take()

    def _read_style(self, style: str) -> _StyleSheet:
        with no_fonts():
            fonts = self._module.text.fonts.FontConfiguration()
        with self._log.listen():
            css = self._module.CSS(
                string=f"{style}\n{_ONE_LANGUAGE}",
                base_url=_BASE_URL,
                url_fetcher=self._fetcher,
                font_config=fonts,
            )
        return _StyleSheet(css, fonts)


def _make_html_class(module: ModuleType) -> Callable[..., HtmlSource]:
    class _Html(module.HTML):  # type: ignore[name-defined,misc]  # an untyped base
        """A tree that is read already, and WeasyPrint's own *sheets* for it."""

        def __init__(
            self, root: Element, fetcher: object, sheets: list[object]
        ) -> None:
            self.base_url, self.url_fetcher = _BASE_URL, fetcher
            self.media_type = "print"
            wrapper = module.cssselect2.ElementWrapper
            self.wrapper_element = wrapper.from_html_root(root, content_language=None)
            self.etree_element, self._sheets = root, sheets

        def _ua_stylesheets(self, forms: object = False) -> list[object]:  # noqa: ARG002, FBT002 - WeasyPrint calls it
            return self._sheets

    return _Html


def _make_fetcher(module: ModuleType, shelf: Shelf) -> object:
    class _Fetcher(module.urls.URLFetcher):  # type: ignore[name-defined,misc]  # an untyped base
        """Fetch files of the edition and of the builder's templates, nothing else."""

        def fetch(self, url: str, headers: object = None) -> object:  # noqa: ARG002 - WeasyPrint calls it
            if url.startswith(_BASE_URL):
                name = unquote(urlparse(url).path).removeprefix("/edition/")
                if (content := shelf.read(name)) is not None:
                    return module.urls.URLFetcherResponse(url, content)
            reason = f"`{url}` is not a file of the edition"
            raise ValueError(reason)

    return _Fetcher()
