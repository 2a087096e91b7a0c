-- ARGV: 1 follower, 2 holder, 3 until, 4 position.
local lease = call('HGET', T .. 'f', ARGV[1])
if not lease then return 0 end
local position, holder = string.match(lease, '^(%d+)|%-?%d+|(.*)$')
if holder ~= ARGV[2] then return 0 end
if tonumber(ARGV[4]) > tonumber(position) then position = ARGV[4] end
call('HSET', T .. 'f', ARGV[1], position .. '|' .. ARGV[3] .. '|' .. holder)
return 1
