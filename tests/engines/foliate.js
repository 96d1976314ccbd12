// A reader on foliate-js, as small as it can be: what the tests ask of it.
import '/tools/foliate-js/view.js'
import { FootnoteHandler } from '/tools/foliate-js/footnotes.js'

const PATIENCE = 10000 // ms
const NOTEREF = 'a[*|type~="noteref"], a[role~="doc-noteref"]'
const NO_COLUMNS = { 'max-inline-size': '700px', 'max-block-size': '10000px' }

const view = document.createElement('foliate-view')

/** The next event *name* of *target*; an error if it does not come. */
const once = (target, name) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name}`)), PATIENCE)
    const listener = event => (clearTimeout(timer), resolve(event.detail))
    target.addEventListener(name, listener, { once: true })
})

const shownDocument = () => view.renderer.getContents()[0].doc

/** Open the EPUB at *url*; the files of its reading order. */
const open = async url => {
    document.body.append(view)
    await view.open(url)
    for (const [name, value] of Object.entries(NO_COLUMNS))
        view.renderer.setAttribute(name, value)
    return view.book.sections.map(section => section.id)
}

/** Give the book a page of *width* × *height* CSS px. */
const resize = (width, height) => Object.assign(view.style,
    { width: `${width}px`, height: `${height}px` })

/** The text of a *range*; in WebKit it may hold what is hidden. */
const readShown = range => {
    const copy = range.cloneContents()
    for (const hidden of copy.querySelectorAll('[hidden]')) hidden.remove()
    return copy.textContent
}

/** Turn page after page; the text shown on each, with the number of its file. */
const turnPages = async () => {
    const pages = []
    for (await view.goTo(0);; await view.next()) {
        const { index } = view.renderer.getContents()[0]
        pages.push([index, readShown(view.lastLocation.range)])
        if (view.renderer.atEnd) return pages
    }
}

/** Click a reference to a note; what its pop-up shows. */
const openNote = async reference => {
    const dialog = document.body.appendChild(document.createElement('dialog'))
    const handler = new FootnoteHandler()
    let popup, note, shown
    handler.addEventListener('before-render', ({ detail }) => {
        popup = detail.view
        dialog.replaceChildren(popup)
        dialog.showModal()
        shown = once(popup, 'relocate')
    })
    handler.addEventListener('render', ({ detail }) => note = detail)
    const opened = new Promise(resolve => view.addEventListener('link', event =>
        resolve(handler.handle(view.book, event)), { once: true }))
    reference.click()
    await opened
    if (!note) return { href: reference.getAttribute('href'), type: null, text: '' }
    await shown
    const { doc } = popup.renderer.getContents()[0]
    const { innerText: text } = doc.body
    await doc.fonts.ready // closed earlier, the pop-up takes its fonts away from itself
    await new Promise(requestAnimationFrame) // the engine paints once more
    popup.close()
    dialog.remove()
    return { href: note.href, type: note.type, text }
}

/** Open every note of the book from its reference, file after file. */
const openNotes = async () => {
    const notes = []
    for (const index of view.book.sections.keys()) {
        await view.goTo(index)
        for (const reference of shownDocument().querySelectorAll(NOTEREF))
            notes.push(await openNote(reference))
    }
    return notes
}

/** Follow every entry of the page-list; the label, what it leads to, is that shown. */
const followPages = async () => {
    const pages = []
    for (const { label, href } of view.book.pageList ?? []) {
        const resolved = await view.goTo(href)
        const target = resolved?.anchor(shownDocument())
        const seen = Boolean(target) && view.lastLocation.range.intersectsNode(target)
        pages.push({ label, href, title: target?.getAttribute('title'), seen })
    }
    return pages
}

/** Follow every line of the contents; where the reader then is, and if it is seen. */
const followContents = async () => {
    const flat = lines => (lines ?? []).flatMap(line => [line, ...flat(line.subitems)])
    const lines = []
    for (const { label, href } of flat(view.book.toc)) {
        const resolved = await view.goTo(href)
        const target = resolved?.anchor(shownDocument()) // 0 where a file begins
        const seen = target === 0
            || Boolean(target) && view.lastLocation.range.intersectsNode(target)
        lines.push({ label, href, index: view.renderer.getContents()[0].index, seen })
    }
    return lines
}

/** What must not end a page: headings, dates, events, the rule over the notes. */
const KEPT = 'h1, h2, h3, dt, .event, .notes'

const boxesOf = range => [...range.getClientRects()].filter(box => box.width && box.height)

/** The box of the first letter from *element* on, *within* it or only behind it. */
const findLetter = (element, within) => {
    const walker = shownDocument().createTreeWalker(
        shownDocument().body, NodeFilter.SHOW_TEXT)
    walker.currentNode = element
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
        const at = text.data.search(/\S/)
        if (at < 0 || !within && element.contains(text)) continue
        const range = shownDocument().createRange()
        range.setStart(text, at)
        range.setEnd(text, at + 1)
        const [box] = boxesOf(range)
        if (box) return box
    }
}

/** How many things the file shown has that must not end a page, and those that do. */
const lookAtFeet = () => {
    const { columnWidth, columnGap } = getComputedStyle(shownDocument().documentElement)
    const width = parseFloat(columnWidth) + parseFloat(columnGap)
    const pageOf = box => Math.floor((box.left + 1) / width)
    const found = []
    for (const element of shownDocument().querySelectorAll(KEPT)) {
        const over = element.matches('.notes') // its rule is no text, and stands first
        const range = shownDocument().createRange()
        range.selectNodeContents(element)
        const pages = boxesOf(over ? element : range).map(pageOf)
        const next = findLetter(element, over)
        if (!pages.length || !next) continue
        const page = over ? Math.min(...pages) : Math.max(...pages)
        found.push({ words: element.textContent.slice(0, 30), kept: page === pageOf(next) })
    }
    return found
}

/** How many things must not end a page in the whole book, and the file of those that do. */
const findStranded = async () => {
    let count = 0
    const stranded = []
    for (const [index, { id }] of view.book.sections.entries()) {
        await view.goTo(index)
        await shownDocument().fonts.ready
        for (const _ of [1, 2]) await new Promise(requestAnimationFrame)
        const found = lookAtFeet()
        count += found.length
        stranded.push(...found.filter(one => !one.kept).map(one => `${id}: ${one.words}`))
    }
    return { count, stranded }
}

globalThis.reader = {
    open, resize, turnPages, openNotes, followPages, followContents, findStranded,
}
