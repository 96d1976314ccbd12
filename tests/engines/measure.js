// What the tests measure on a page of the EPUB.
'use strict'

/** The elements whose right edge is beyond the window, and the page if it can be
 * moved sideways. 0.5 CSS px are forgiven: widths are not whole numbers. */
const measureOverflow = () => {
    const root = document.documentElement
    const width = root.clientWidth
    const wide = [...document.querySelectorAll('body, body *')]
        .map(element => [element, element.getBoundingClientRect()])
        .filter(([, box]) => box.width && box.height && box.right > width + 0.5)
        .map(([element, box]) => `${element.localName}: ${box.right - width} px`)
    return root.scrollWidth > width ? [`page: ${root.scrollWidth} px`, ...wide] : wide
}

/** Rules of axe that a file of an EPUB cannot meet: it is no page of the web, but a
 * piece of the reader's; its landmarks are those of DPUB-ARIA, and a cover has no
 * heading. Ace leaves out `page-has-heading-one` and `region` for the same reason. */
const NOT_FOR_BOOKS = Object.fromEntries(
    ['landmark-one-main', 'page-has-heading-one', 'region']
        .map(rule => [rule, { enabled: false }]))

/** What axe finds by *tags* or *rules*: the rule, the place and what is wrong. */
const runAxe = async ({ tags, rules }) => {
    const { violations } = await axe.run(document, {
        resultTypes: ['violations'],
        runOnly: rules ?? { type: 'tag', values: tags },
        rules: rules ? {} : NOT_FOR_BOOKS,
    })
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
        `${id}: ${target.join(' ')}: ${failureSummary}`))
}
