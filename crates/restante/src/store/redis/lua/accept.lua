-- What one shard has of a part of a divided list. ARGV: 4 its name, 5 the position, 6 sender, 7 when it
-- leaves, 8 expires, 9 was sent, 10 the rest of the body, 11 how long to know that it was here, in
-- seconds, 12 users. Asked again it says the same.
local name, wanted, users = T .. 'c:' .. ARGV[4], ARGV[5], ARGV[12]
local leaves, expires = ARGV[7], ARGV[8]
local known = call('GET', name)
if known == 'x' then return false end
if known then
  -- Since then somebody may have been forgotten who was still among those who wait.
  local kept = call('HGET', T .. 'p', known)
  if kept and kept ~= users then
    local still, others = {}, {}
    for user in string.gmatch(users, '[^\n]+') do still[user] = true end
    for user in string.gmatch(kept, '[^\n]+') do
      if still[user] then others[#others + 1] = user else remove(user, known) end
    end
    call('HSET', T .. 'p', known, table.concat(others, '\n'))
  end
  return known
end

-- A watermark may cover what a user has: an item must come above it.
local function is_below(user)
  for _, kind in ipairs({ 'n:', 'r:', 'k:', 'd:' }) do
    local newest = call('ZRANGE', T .. kind .. user, -1, -1)[1]
    if newest and tonumber(newest) >= tonumber(wanted) then return true end
  end
  for _, at in ipairs({ 'w', 'ks', 'hi' }) do
    local position = call('HGET', T .. 's:' .. user, at)
    if position and tonumber(position) >= tonumber(wanted) then return true end
  end
  return false
end
local position, count = wanted, 0
for user in string.gmatch(users, '[^\n]+') do
  count = count + 1
  -- Something newer was faster.
  if position == wanted and is_below(user) then position = take() end
end
if position == wanted and tonumber(call('HGET', C, 'last') or '0') < tonumber(wanted) then
  call('HSET', C, 'last', wanted)
end
call('SET', T .. 'm:' .. position,
  leaves .. '\31' .. expires .. '\31' .. ARGV[9] .. '\31' .. position .. '\0310\31' .. ARGV[10])
put_record(position, {
  expires = expires, retracted = '', total = count, kind = 'c', parts = '1', sender = ARGV[6],
})
call('ZADD', T .. 'e', expires, position)
call('ZADD', T .. 'u', leaves, position)
call('ZADD', T .. 'lc', position, position)
call('HSET', T .. 'p', position, users)
for user in string.gmatch(users, '[^\n]+') do put(user, position, leaves) end
call('SET', name, position, 'EX', ARGV[11])
return position
