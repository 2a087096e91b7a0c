-- ARGV: 1 user, 2 when. It only moves on.
call('ZADD', T .. 't', 'GT', ARGV[2], ARGV[1])
return 1
