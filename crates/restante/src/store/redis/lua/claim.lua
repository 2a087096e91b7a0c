-- Which shard a key's message is sent in. ARGV: 1 sender and key, 2 hash, 3 the shard, 4 now, 5 when the
-- key counts as used. What became of it that shard knows.
local used = call('HGET', T .. 'jc', ARGV[1])
if used then
  local shard, at = string.match(used, '^(%d+)|(%-?%d+)$', 33)
  if tonumber(at) > tonumber(ARGV[4]) - 86400000 then
    if string.sub(used, 1, 32) ~= ARGV[2] then return false end
    return shard
  end
end
call('HSET', T .. 'jc', ARGV[1], ARGV[2] .. ARGV[3] .. '|' .. ARGV[5])
call('ZADD', T .. 'jct', ARGV[5], ARGV[1])
return ARGV[3]
