-- The users of a part. ARGV: 1 id, 2 part.
local r = record(ARGV[1])
if not r then return '' end
if r.kind == 's' then return call('HGET', T .. 'p', ARGV[1]) or '' end
return call('HGET', T .. 'L:' .. ARGV[1], ARGV[2]) or ''
