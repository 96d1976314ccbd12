-- What a rival needs to print the edited text: passages marked `.omit` stay out.
-- Emendations are spans around the corrected words and print as they are.

function Div(div)
  if div.classes:includes("omit") then
    return {}
  end
end

-- A reference by page and line, which the rivals cannot make, becomes plain words.
function Link(link)
  if link.target:sub(1, 1) == "#" then
    if #link.content > 0 then
      return link.content
    end
    return { pandoc.Str("p.\u{a0}00,"), pandoc.Space(), pandoc.Str("l.\u{a0}00") }
  end
end
