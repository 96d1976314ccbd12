// A reader on epub.js, as small as it can be: what the tests ask of it.
'use strict'

const EPUB = 'http://www.idpf.org/2007/ops'
let book, rendition

/** Open the EPUB at *url*; the files of its reading order. */
const open = async url => {
    book = ePub(url)
    rendition = book.renderTo('area', { width: '100%', height: '100%', spread: 'none' })
    await rendition.display()
    await book.loaded.pageList
    return book.spine.spineItems.map(section => section.href)
}

/** Turn page after page; the number of pages shown of each file. */
const turnPages = async () => {
    const shown = []
    await rendition.display()
    for (;;) {
        const place = await rendition.currentLocation()
        shown.push(place.start.href)
        if (place.atEnd) return shown
        await rendition.next()
    }
}

/** The element that *href*, a link of the file *from*, leads to, in its file. */
const find = async (href, from) => {
    const { pathname, hash } = new URL(href, new URL(from, 'http://book/'))
    const section = book.spine.get(pathname.slice(1))
    if (!section) return null
    const root = await section.load(book.load.bind(book))
    const target = root.ownerDocument.getElementById(hash.slice(1))
    if (!target) return null
    return { title: target.getAttribute('title'), text: target.textContent }
}

/** Find the target of every reference to a note. */
const findNotes = async () => {
    const notes = []
    for (const section of book.spine.spineItems) {
        const root = await section.load(book.load.bind(book))
        for (const a of root.querySelectorAll('a')) {
            if (a.getAttributeNS(EPUB, 'type') !== 'noteref') continue
            const href = a.getAttribute('href')
            notes.push({ href, text: (await find(href, section.href))?.text ?? null })
        }
    }
    return notes
}

/** Show every page of the page-list; where the reader then stands. */
const followPages = async () => {
    const pages = []
    for (const { href, page } of book.pageList.pageList ?? []) {
        await rendition.display(href)
        const { title } = (await find(href, book.packaging.navPath)) ?? {}
        const { href: shown } = rendition.currentLocation().start
        pages.push({ page: page || null, href, title: title ?? null, shown })
    }
    return pages
}

/** Show every line of the contents; the label and the file then shown. */
const followContents = async () => {
    const flat = lines => lines.flatMap(line => [line, ...flat(line.subitems ?? [])])
    const lines = []
    for (const { label, href } of flat(book.navigation.toc)) {
        await rendition.display(href)
        const { href: shown } = rendition.currentLocation().start
        lines.push({ label: label.trim(), href, shown })
    }
    return lines
}

globalThis.reader = { open, turnPages, findNotes, followPages, followContents }
