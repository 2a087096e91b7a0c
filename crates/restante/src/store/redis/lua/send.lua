-- ARGV: 4 now, 5 kind, 6 sender, 7 key, 8 hash, 9 until, 10 expires, 11 total, 12 parts, 13 day,
-- 14 body, 15 id and 16 text of a row of the outbox, 17 the users, or where they are staged,
-- 18 a name of this request, or nothing where it is not repeated, 19 when the key counts as used,
-- 20 how many fields are staged.
local now, kind, sender, expires = ARGV[4], ARGV[5], ARGV[6], ARGV[10]
-- A cluster's driver asks again when a connection breaks, and cannot know what was done.
local request = T .. 'o:' .. ARGV[18]
local done = ARGV[18] ~= '' and call('GET', request)
if done then return { 'sent', done } end

local relays = ARGV[15] ~= ''
if relays and not is_head(ARGV[15], ARGV[16]) then return { 'taken' } end

local key = sender .. '\31' .. ARGV[7]
if ARGV[7] ~= '' then
  local used = call('HGET', T .. 'j', key)
  if used then
    local id, total, at = string.match(used, '^(%d+)|(%d+)|(%-?%d+)$', 33)
    if tonumber(at) > tonumber(now) - 86400000 then
      if string.sub(used, 1, 32) ~= ARGV[8] then return { 'conflict' } end
      if relays then pop() end
      return { 'repeated', id, total, call('HGET', T .. 'L:' .. id, 'left') or '0' }
    end
  end
end

if kind == 'l' or kind == 'D' then
  -- Whoever stood still for long, or a replica that took over, may have lost some.
  if call('HLEN', ARGV[17]) ~= tonumber(ARGV[20]) then return { 'unstaged' } end
end

local id = take()
if kind == 'e' or kind == 'E' then id = whole(tonumber(id) + 1) end
local body = ARGV[9] .. '\31' .. expires .. '\31' .. now .. '\31' .. id .. '\0310\31' .. ARGV[14]
call('SET', T .. 'm:' .. id, body)
put_record(id, {
  expires = expires, retracted = '', total = ARGV[11], kind = kind, parts = ARGV[12],
  sender = sender,
})
call('ZADD', T .. 'e', expires, id)
call('SADD', T .. 'S', sender)
call('ZADD', T .. 'S:' .. sender, id, id)
call('HINCRBY', T .. 'd', ARGV[13] .. 's', 1)
if ARGV[7] ~= '' then
  call('HSET', T .. 'j', key, ARGV[8] .. id .. '|' .. ARGV[11] .. '|' .. ARGV[19])
  call('ZADD', T .. 'jt', ARGV[19], key)
end
if kind == 's' then
  call('ZADD', T .. 'u', ARGV[9], id)
  call('HSET', T .. 'p', id, ARGV[17])
  call('ZADD', T .. 'l', id, id .. ':0')
  for user in string.gmatch(ARGV[17], '[^\n]+') do put(user, id, ARGV[9]) end
elseif kind == 'l' then
  -- Staged under a name of its own with an end; from here on it stays.
  local list = T .. 'L:' .. id
  call('RENAME', ARGV[17], list)
  call('PERSIST', list)
  call('HSET', list, 'left', ARGV[11], 'next', '0')
  call('ZADD', T .. 'w', id, id)
elseif kind == 'd' or kind == 'D' then
  -- Recorded whole here; what becomes of it is in `next_part.lua`.
  local list = T .. 'L:' .. id
  if kind == 'D' then
    call('RENAME', ARGV[17], list)
    call('PERSIST', list)
    call('ZADD', T .. 'w', id, id)
  else
    local shards = {}
    for shard, users in string.gmatch(ARGV[17], '(%d+)\30([^\30]+)') do
      shards[#shards + 1] = shard
      call('HSET', list, '0:' .. shard, users)
    end
    call('HSET', list, 'g0', table.concat(shards, ','), 'p0', id)
    call('ZADD', T .. 'l', id, id .. ':0')
    call('ZADD', T .. 'ws', id, id)
  end
  -- With its name, no share of another message is taken for one of this.
  call('HSET', list, 'left', ARGV[11], 'next', '0', 'name', ARGV[18])
else
  call('ZADD', T .. 'B', id, id)
  call('HSET', T .. 'V', id, next_version(now))
  call('ZADD', T .. 'l', id, id .. ':0')
end
if relays then pop() end
if ARGV[18] ~= '' then call('SET', request, id, 'EX', 300) end
-- Of what goes to several shards it is told when they have it.
if kind == 'l' or kind == 'D' then tell('w')
elseif kind == 's' or (kind ~= 'd' and ARGV[3] == '2') then tell('s ' .. id .. ' ' .. id) end
return { 'sent', id }
