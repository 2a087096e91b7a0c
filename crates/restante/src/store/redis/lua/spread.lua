-- Tells a shard of a version of the broadcasts, which are in another. ARGV: 1 the version. Gives the
-- one that it has now: a newer one where the other has lost that.
local version = call('HGET', C, 'v') or '0'
if tonumber(version) >= tonumber(ARGV[1]) then return version end
call('HSET', C, 'v', ARGV[1])
return ARGV[1]
