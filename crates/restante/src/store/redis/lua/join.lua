-- ARGV: 1 user, 2 when.
return call('HSETNX', T .. 's:' .. ARGV[1], 'j', ARGV[2])
