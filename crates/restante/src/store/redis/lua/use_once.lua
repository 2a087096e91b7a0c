-- ARGV: 1 now, 2 id, 3 until.
local ends = call('ZSCORE', T .. 'y', ARGV[2])
if ends and tonumber(ends) > tonumber(ARGV[1]) then return 0 end
call('ZADD', T .. 'y', ARGV[3], ARGV[2])
return 1
