-- All other shards know a version of the broadcasts. ARGV: 1 the version, 2 what to tell, or nothing.
if tonumber(call('HGET', C, 'vt') or '0') < tonumber(ARGV[1]) then call('HSET', C, 'vt', ARGV[1]) end
if ARGV[2] ~= '' then tell(ARGV[2]) end
return 1
