-- Takes back what one shard has of a part of a divided list, or will be told of it late. ARGV:
-- 1 its name, 2 how long to know that, in seconds.
local name, removed = T .. 'c:' .. ARGV[1], 0
local position = call('GET', name)
if position and position ~= 'x' then
  removed = remove_all(call('HGET', T .. 'p', position), position)
  call('DEL', T .. 'm:' .. position)
  call('HDEL', T .. 'M', position)
  call('HDEL', T .. 'p', position)
  call('HDEL', T .. 'g', position .. ':d', position .. ':r')
  for _, zset in ipairs({ 'e', 'u', 'lc' }) do call('ZREM', T .. zset, position) end
end
call('SET', name, 'x', 'EX', ARGV[2])
return removed
