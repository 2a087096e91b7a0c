-- A part was handed over. ARGV: 1 id, 2 part, 3 how often a name had left the list by then, then
-- pairs of a shard and the position there.
local id, part = ARGV[1], tonumber(ARGV[2])
local r, list = record(id), T .. 'L:' .. id
if not r or r.retracted ~= '' then return { 'gone' } end
if tonumber(call('HGET', list, 'next')) ~= part then return { 'known' } end
-- Who was forgotten meanwhile has to leave it there too.
if (call('HGET', list, 'changed') or '0') ~= ARGV[3] then return { 'changed' } end
local count = 0
for i = 4, #ARGV - 2, 2 do
  local group = part .. ':' .. ARGV[i]
  for _ in string.gmatch(call('HGET', list, group) or '', '[^\n]+') do count = count + 1 end
  call('HDEL', list, group)
  call('HSET', list, 'c' .. group, ARGV[i + 1])
end
call('HSET', list, 'next', part + 1)
-- Not `-count`: none would be -0.
call('HINCRBY', list, 'left', 0 - count)
if part + 1 == r.parts then
  call('ZREM', T .. 'w', id)
  call('ZREM', T .. 'ws', id)
end
local position = call('HGET', list, 'p' .. part)
tell('s ' .. position .. ' ' .. position)
return { 'done', count }
