-- What a rival needs to print the edited text: passages marked `.omit` stay out.
-- Emendations are spans around the corrected words and print as they are.

function Div(div)
  if div.classes:includes("omit") then
    return {}
  end
end
