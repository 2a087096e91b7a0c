-- ARGV: 1 now, 2 id, 3 whether only if its sender is 4, 5 until when it is remembered at most.
local id, r = ARGV[2], record(ARGV[2])
if not r or r.retracted ~= '' or tonumber(r.expires) <= tonumber(ARGV[1]) then return 0 end
if ARGV[3] == '1' and r.sender ~= ARGV[4] then return 0 end
r.retracted = ARGV[1]
if tonumber(ARGV[5]) < tonumber(r.expires) then r.expires = ARGV[5] end
put_record(id, r)
call('ZADD', T .. 'e', r.expires, id)
if r.kind == 's' then
  remove_all(call('HGET', T .. 'p', id), id)
  call('HDEL', T .. 'p', id)
  call('ZREM', T .. 'u', id)
  call('ZREM', T .. 'l', id .. ':0')
elseif r.kind == 'l' then
  local list = T .. 'L:' .. id
  local done = tonumber(call('HGET', list, 'next'))
  for part = done, r.parts - 1 do call('HDEL', list, part) end
  call('ZREM', T .. 'w', id)
  for part = 0, done - 1 do
    -- Readers leave these out until sweeping has removed the rows.
    call('ZADD', T .. 'x', call('HGET', list, 'p' .. part), id .. ':' .. part)
    call('ZREM', T .. 'l', id .. ':' .. part)
  end
  call('HSET', C, 'x', call('ZCARD', T .. 'x'))
  if done == 0 then call('DEL', list) else call('HSET', list, 'left', '0', 'rest', done) end
else
  call('ZREM', T .. 'B', id)
  call('HDEL', T .. 'V', id)
  call('HINCRBY', C, 'v', 1)
  call('ZREM', T .. 'l', id .. ':0')
  if call('EXISTS', T .. 'B:' .. id) == 1 then call('SADD', T .. 'X', id) end
end
tell('x ' .. id)
return 1
