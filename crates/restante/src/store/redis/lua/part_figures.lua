-- To how many a part of a divided list was delivered in this shard, and how many have read it. ARGV:
-- 1 position, 2 until.
local delivered, read = 0, 0
for user in string.gmatch(call('HGET', T .. 'p', ARGV[1]) or '', '[^\n]+') do
  delivered = delivered + 1
  if has_read(user, ARGV[1], tonumber(ARGV[2])) then read = read + 1 end
end
local gone = call('HMGET', T .. 'g', ARGV[1] .. ':d', ARGV[1] .. ':r')
return { delivered + tonumber(gone[1] or '0'), read + tonumber(gone[2] or '0') }
