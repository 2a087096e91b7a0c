-- Parts of a divided list that are to be taken back from their shards. ARGV: 1 which list, or empty,
-- 2 how many parts.
local id = ARGV[1] ~= '' and ARGV[1] or call('ZRANGE', T .. 'wr', 0, 0)[1]
local r = id and call('ZSCORE', T .. 'wr', id) and record(id)
if not r then return false end
local list, parts = T .. 'L:' .. id, {}
local from = tonumber(call('HGET', list, 'rest'))
-- Of those behind the next one nobody has anything.
local to = math.min(r.parts, tonumber(call('HGET', list, 'next')) + 1)
for part = from, math.min(from + tonumber(ARGV[2]), to) - 1 do
  local shards = {}
  for shard in groups(list, part) do shards[#shards + 1] = shard end
  parts[#parts + 1] = shards
end
return { id, from, r.expires, parts, call('HGET', list, 'name') }
