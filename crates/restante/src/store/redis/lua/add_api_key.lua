-- ARGV: 1 id, 2 hash, 3 the key as JSON.
if call('HEXISTS', T .. 'K', ARGV[1]) == 1 or call('HEXISTS', T .. 'Kh', ARGV[2]) == 1 then
  return 0
end
call('HSET', T .. 'K', ARGV[1], ARGV[3])
call('HSET', T .. 'Kh', ARGV[2], ARGV[1])
return 1
