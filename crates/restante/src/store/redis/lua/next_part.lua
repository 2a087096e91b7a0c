-- The next part of a divided list, to be handed over to its shards. ARGV: 4 which list, or empty for
-- the oldest, 5 whether of the short ones. Its position is taken and it is in the log from here on; it
-- is done when `part_done.lua` says so, and whoever asks before that gets the same.
local id = ARGV[4]
if id == '' then
  id = call('ZRANGE', T .. (ARGV[5] == '1' and 'ws' or 'w'), 0, 0)[1]
  if not id then return false end
end
local r, list = record(id), T .. 'L:' .. id
if not r or r.retracted ~= '' then return false end
local part = tonumber(call('HGET', list, 'next'))
if part >= r.parts then return false end
local position = call('HGET', list, 'p' .. part)
if not position then
  position = take()
  call('HSET', list, 'p' .. part, position)
  call('ZADD', T .. 'l', position, id .. ':' .. part)
end
local waiting = {}
for shard in groups(list, part) do
  waiting[#waiting + 1] = { shard, call('HGET', list, part .. ':' .. shard) or '' }
end
return {
  id, part, position, call('HGET', list, 'changed') or '0', r.sender, call('GET', T .. 'm:' .. id), waiting,
  call('HGET', list, 'name'),
}
