-- ARGV: 1 id, 2 when.
local key = call('HGET', T .. 'K', ARGV[1])
if not key or call('HSETNX', T .. 'Kr', ARGV[1], ARGV[2]) == 0 then return 0 end
return 1
