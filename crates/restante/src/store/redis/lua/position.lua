-- The next position of this shard, not below ARGV[1]. Shards take turns (ARGV[2] of every ARGV[3]),
-- so that no two give out the same. Taken in the script that uses it: scripts run one at a time, so
-- positions rise in the order in which items become visible.
local function take()
  local last = tonumber(call('HGET', C, 'last') or '0')
  local position = math.max(last + 1, tonumber(ARGV[1]))
  position = whole(position + (tonumber(ARGV[2]) - position) % tonumber(ARGV[3]))
  call('HSET', C, 'last', position)
  return position
end
