-- Rows of the outbox for a user, refused ones last. ARGV: 1 user.
local rows = {}
for _, row in ipairs(call('LRANGE', KEYS[2], 0, -1)) do
  if recipient(row) == ARGV[1] then rows[#rows + 1] = row end
end
local refused = call('HGETALL', T .. 'of')
for i = 1, #refused, 2 do
  local row = string.match(refused[i + 1], '\31(.*)$')
  if recipient(row) == ARGV[1] then rows[#rows + 1] = row end
end
return rows
