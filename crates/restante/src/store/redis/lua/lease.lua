-- ARGV: 1 now, 2 follower, 3 holder, 4 until, 5 whether to begin with what is sent from now on.
-- Each follower is position|until|holder.
local lease = call('HGET', T .. 'f', ARGV[2])
local position, ends, holder
if lease then position, ends, holder = string.match(lease, '^(%d+)|(%-?%d+)|(.*)$')
else
  position, ends, holder = ARGV[5] == '1' and call('HGET', C, 'last') or '0', '0', ''
end
if holder ~= '' and holder ~= ARGV[3] and tonumber(ends) > tonumber(ARGV[1]) then return false end
call('HSET', T .. 'f', ARGV[2], position .. '|' .. ARGV[4] .. '|' .. ARGV[3])
return position
