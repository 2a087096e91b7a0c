-- ARGV: 1 follower, 2 holder.
local lease = call('HGET', T .. 'f', ARGV[1])
local position, ends, holder = string.match(lease or '', '^(%d+)|(%-?%d+)|(.*)$')
if holder == ARGV[2] then call('HSET', T .. 'f', ARGV[1], position .. '|' .. ends .. '|') end
return 1
