"""An EPUB opened: its package, its pages in reading order, where its links lead."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from recension.access import XHTML, has_type

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
_ITEMREF = f"{OPF}itemref"
_CONTAINER = "META-INF/container.xml"
_FIND_PACKAGE = etree.XPath(
    "string(//c:rootfile/@full-path)",
    namespaces={"c": "urn:oasis:names:tc:opendocument:xmlns:container"},
)
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


class Fault(NamedTuple):
    """What is wrong with the file *name* of an EPUB, perhaps with the note *note*."""

    name: str
    message: str
    note: str = ""


class Target(NamedTuple):
    """Where a link leads: a file of the EPUB and an id in it, or none."""

    name: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Epub:
    """An EPUB as read.

    *names* are its files, *package_name* that of the *package*; *pages* are those in
    XHTML, in the order of the spine, then what is not in it; *nav_name* is the one that
    has the contents, *ncx* has the files that have them for old readers, *styles* the
    style sheets. *labels* are the page labels of the reading PDF, if there is one,
    *ibid* the word that print has for the note before.
    """

    names: tuple[str, ...]
    package_name: str
    package: etree._Element
    pages: dict[str, etree._Element]
    spine: tuple[str, ...]
    nav_name: str
    ncx: dict[str, etree._Element]
    styles: dict[str, str]
    labels: tuple[str, ...] = ()
    ibid: str = ""

    @property
    def style(self) -> str:
        """All style sheets in one."""
        return "\n".join(self.styles.values())

    @property
    def nav(self) -> etree._Element | None:
        """The page with the contents, the landmarks and the page-list."""
        return self.pages.get(self.nav_name)

    def follow(self, name: str, href: str) -> Target:
        """Return where *href* leads that stands in the file *name*."""
        return _resolve(name, href)

    def links(self, kind: str) -> Iterator[etree._Element]:
        """Yield the links of the list of that *kind* in the navigation, in order."""
        if self.nav is None:
            return
        for nav in self.nav.iter(f"{XHTML}nav"):
            if has_type(nav, kind):
                yield from nav.iter(f"{XHTML}a")

    def metas(self, name: str) -> list[str]:
        """Return what the `meta` elements of the property *name* say."""
        found = self.package.iterfind(f".//{OPF}meta[@property='{name}']")
        return [" ".join((meta.text or "").split()) for meta in found]


def open_epub(
    path: Path, labels: tuple[str, ...] = (), ibid: str = ""
) -> tuple[Epub | None, list[Fault]]:
    """Read the EPUB at *path*; return it with what cannot be read of it.

    There is no EPUB without a package, since all else hangs on that.
    """
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    trees, faults = _parse_files(files)
    package_name = _find_package(trees)
    if package_name not in trees:
        return None, [*faults, Fault(_CONTAINER, "it names no package to be read")]
    package = trees[package_name]
    named = {
        item.get("id", ""): _resolve(package_name, item.get("href", "")).name
        for item in package.iter(f"{OPF}item")
    }
    spine = [named.get(ref.get("idref", ""), "") for ref in package.iter(_ITEMREF)]
    nav_name = next((named[item.get("id", "")] for item in _find_navs(package)), "")
    if nav_name not in trees and not faults:
        message = 'no page is the navigation (`properties="nav"`)'
        faults.append(Fault(package_name, message))
    if not any(map(_read, package.iter(f"{DC}identifier"))):
        faults.append(Fault(package_name, "it has no `dc:identifier`"))
    names = [name for name in files if name.endswith(".xhtml")]
    styles = {n: text.decode() for n, text in files.items() if n.endswith(".css")}
    epub = Epub(
        names=tuple(files),
        package_name=package_name,
        package=package,
        pages={name: trees[name] for name in (*spine, *names) if name in trees},
        spine=tuple(name for name in spine if name in trees),
        nav_name=nav_name,
        ncx={name: tree for name, tree in trees.items() if name.endswith(".ncx")},
        styles=styles,
        labels=labels,
        ibid=ibid,
    )
    return epub, faults


def _find_navs(package: etree._Element) -> list[etree._Element]:
    items = package.iter(f"{OPF}item")
    return [one for one in items if "nav" in one.get("properties", "").split()]


def _read(element: etree._Element) -> str:
    return (element.text or "").strip()


def _parse_files(
    files: dict[str, bytes],
) -> tuple[dict[str, etree._Element], list[Fault]]:
    trees, faults = {}, []
    for name, content in files.items():
        if name.endswith((".xhtml", ".opf", ".xml", ".ncx")):
            try:
                trees[name] = etree.fromstring(content, _PARSER)
            except etree.XMLSyntaxError as fault:
                faults.append(Fault(name, f"it is not XML: {fault.msg}"))
    return trees, faults


def _find_package(trees: dict[str, etree._Element]) -> str:
    """Return the name of the package that the container names (EPUB 3.3, OCF)."""
    container = trees.get(_CONTAINER)
    return "" if container is None else str(_FIND_PACKAGE(container))


def _resolve(name: str, href: str) -> Target:
    file, _, id_ = href.partition("#")
    folder = posixpath.dirname(name)
    found = posixpath.normpath(posixpath.join(folder, file)) if file else name
    return Target(found, id_)
