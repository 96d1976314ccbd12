"""Set a text: lines, then pages, then the elements of which pages are made.

Pure: it knows the styles that it is told, and no layout engine. A part goes through it
as a `Galley`, broken into lines; as a `Division` of these lines into pages; and as
`BuiltPages`, the tree that the engine lays out.
"""
