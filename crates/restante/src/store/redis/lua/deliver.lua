-- ARGV: 4 whether to name the users. The next waiting part of the oldest list, with its position and
-- its progress.
local waiting = call('ZRANGE', T .. 'w', 0, 0)
if #waiting == 0 then return false end
local id = waiting[1]
local list = T .. 'L:' .. id
local part = tonumber(call('HGET', list, 'next'))
local users = call('HGET', list, part)
local position = take()
local leaves, expires, sent, rest =
  string.match(call('GET', T .. 'm:' .. id), '^(%-?%d+)\31(%-?%d+)\31(%-?%d+)\31%d+\31%d+\31(.*)$')
local body = leaves .. '\31' .. expires .. '\31' .. sent .. '\31' .. id .. '\31' .. part .. '\31' .. rest
call('SET', T .. 'm:' .. position, body)
call('ZADD', T .. 'u', leaves, position)
call('ZADD', T .. 'l', position, id .. ':' .. part)
local count = 0
for user in string.gmatch(users, '[^\n]+') do
  put(user, position, leaves)
  count = count + 1
end
call('HSET', list, 'p' .. part, position, 'next', part + 1)
-- Not `-count`: none would be -0.
call('HINCRBY', list, 'left', 0 - count)
if part + 1 == record(id).parts then call('ZREM', T .. 'w', id) end
tell('s ' .. position .. ' ' .. position)
return { id, position, body, count, ARGV[4] == '1' and users or '' }
