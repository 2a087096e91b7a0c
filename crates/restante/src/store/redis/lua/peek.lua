-- ARGV: 1 how many rows of the outbox.
return { call('HGET', C, 'oh') or '0', call('LRANGE', KEYS[2], 0, tonumber(ARGV[1]) - 1) }
