-- Entries of one shard's log, and up to which position these are all there will ever be. ARGV: 1 after
-- which position, 2 how many, 3 a position: none up to it will be given out from here on; 0 to leave
-- that as it is.
local given = tonumber(call('HGET', C, 'last') or '0')
local last = math.max(given, tonumber(ARGV[3]))
-- The odd one after the last may be a broadcast's.
if last % 2 == 0 then last = last + 1 end
if ARGV[3] ~= '0' and last > given then call('HSET', C, 'last', whole(last)) end
local found =
  call('ZRANGE', T .. 'l', '(' .. ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[2], 'WITHSCORES')
if #found == 2 * tonumber(ARGV[2]) then last = tonumber(found[#found]) end
return { whole(last), found }
