-- ARGV: 1 id and 2 text of the row, 3 now, 4 why.
if not is_head(ARGV[1], ARGV[2]) then return 0 end
pop()
call('HSET', T .. 'of', ARGV[1], ARGV[4] .. '\31' .. ARGV[2])
call('ZADD', T .. 'oz', ARGV[3], ARGV[1])
return 1
