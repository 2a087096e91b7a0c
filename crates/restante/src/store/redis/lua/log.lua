-- Entries of the log. ARGV: 1 after which position, 2 how many.
return call('ZRANGE', T .. 'l', '(' .. ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[2], 'WITHSCORES')
