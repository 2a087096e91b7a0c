-- ARGV: 1 now, 2 follower, 3 holder, 4 until, 5 where a new one begins: 1 with what is sent from now
-- on, 0 with the oldest, or a position.
-- Each follower is position|until|holder.
local lease = call('HGET', T .. 'f', ARGV[2])
local position, ends, holder
if lease then position, ends, holder = string.match(lease, '^(%d+)|(%-?%d+)|(.*)$')
else
  position, ends, holder = ARGV[5], '0', ''
  -- The odd one after the last may be a broadcast's.
  if position == '1' then position = whole(tonumber(call('HGET', C, 'last') or '0') + 1) end
end
if holder ~= '' and holder ~= ARGV[3] and tonumber(ends) > tonumber(ARGV[1]) then return false end
call('HSET', T .. 'f', ARGV[2], position .. '|' .. ARGV[4] .. '|' .. ARGV[3])
return position
