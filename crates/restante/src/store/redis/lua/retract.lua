-- ARGV: 1 now, 2 id, 3 whether only if its sender is 4, 5 until when it is remembered at most,
-- 6 whether there are other shards. Gives the kind, or nothing.
local id, r = ARGV[2], record(ARGV[2])
if not r or r.kind == 'c' or r.retracted ~= '' then return false end
if tonumber(r.expires) <= tonumber(ARGV[1]) then return false end
if ARGV[3] == '1' and r.sender ~= ARGV[4] then return false end
r.retracted = ARGV[1]
if tonumber(ARGV[5]) < tonumber(r.expires) then r.expires = ARGV[5] end
put_record(id, r)
call('ZADD', T .. 'e', r.expires, id)
if r.kind == 's' then
  remove_all(call('HGET', T .. 'p', id), id)
  call('HDEL', T .. 'p', id)
  call('ZREM', T .. 'u', id)
  call('ZREM', T .. 'l', id .. ':0')
elseif r.kind == 'd' or r.kind == 'D' then
  -- The shards are told by whoever goes through `retracting.lua`.
  call('ZREM', T .. 'w', id)
  call('ZREM', T .. 'ws', id)
  for part = 0, r.parts - 1 do call('ZREM', T .. 'l', id .. ':' .. part) end
  call('HSET', T .. 'L:' .. id, 'left', '0', 'rest', '0')
  call('ZADD', T .. 'wr', id, id)
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
  next_version(ARGV[1])
  call('ZREM', T .. 'l', id .. ':0')
  call(call('EXISTS', T .. 'B:' .. id) == 1 and 'SADD' or 'SREM', T .. 'X', id)
  if call('SISMEMBER', T .. 'X', id) == 0 then call('SREM', T .. 'Bs', id) end
end
-- Other shards are told first.
if r.kind == 's' or ARGV[6] == '0' then tell('x ' .. id) end
return r.kind
