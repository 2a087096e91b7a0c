-- A list of users without one of them; nil when it does not hold that one. No id has a newline.
local function without(users, user)
  local padded = '\n' .. users .. '\n'
  local from, to = string.find(padded, '\n' .. user .. '\n', 1, true)
  if not from then return nil end
  local before, after = string.sub(padded, 2, from - 1), string.sub(padded, to + 1, -2)
  if before == '' or after == '' then return before .. after end
  return before .. '\n' .. after
end
