-- Pandoc's HTML gathers notes at the end; a span that floats goes to the foot of the page.

function Note(note)
  local inlines = pandoc.utils.blocks_to_inlines(note.content, { pandoc.LineBreak() })
  return pandoc.Span(inlines, { class = "footnote" })
end
