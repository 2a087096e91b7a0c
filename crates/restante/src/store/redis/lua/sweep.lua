-- One bounded step of removing what nobody can see. ARGV: 1 now, 2 how many rows at most, within one
-- part; where broadcasts are in another shard 3 their version and 4 the oldest of them, or inf. Gives
-- messages, items, others, and whether there may be more.
local now, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local messages, items, handed_over = 0, 0, 0

-- States of broadcasts that are gone.
local function states(id)
  for _, user in ipairs(call('SPOP', T .. 'B:' .. id, limit)) do
    items = items + call('HDEL', T .. 'b:' .. user, id)
  end
  if call('EXISTS', T .. 'B:' .. id) == 0 then
    call('SREM', T .. 'X', id)
    call('SREM', T .. 'Bs', id)
  end
end

-- The rows of one part of a long list, and what belongs to it.
local function rows(id, part)
  local list = T .. 'L:' .. id
  local position = call('HGET', list, 'p' .. part)
  items = items + remove_all(call('HGET', list, part), position)
  call('HDEL', list, part, 'p' .. part)
  call('DEL', T .. 'm:' .. position)
  call('ZREM', T .. 'u', position)
  call('ZREM', T .. 'l', id .. ':' .. part)
  if call('ZREM', T .. 'x', id .. ':' .. part) == 1 then
    call('HSET', C, 'x', call('ZCARD', T .. 'x'))
  end
  local rest = call('HINCRBY', list, 'rest', -1)
  if rest == 0 then call('DEL', list) end
  return rest
end

local function forget(id, r)
  call('DEL', T .. 'm:' .. id)
  call('HDEL', T .. 'M', id)
  call('HDEL', T .. 'p', id)
  call('HDEL', T .. 'g', id .. ':d', id .. ':r')
  call('ZREM', T .. 'e', id)
  call('ZREM', T .. 'u', id)
  call('ZREM', T .. 'l', id .. ':0')
  if r.kind == 'c' then
    call('ZREM', T .. 'lc', id)
    handed_over = handed_over + 1
    return
  end
  call('ZREM', T .. 'S:' .. r.sender, id)
  if call('EXISTS', T .. 'S:' .. r.sender) == 0 then call('SREM', T .. 'S', r.sender) end
  messages = messages + 1
end

-- Of a long list the parts leave one by one, the message with the last.
local function expired(id)
  local r = record(id)
  if r.kind == 'l' and r.retracted == '' then
    local list = T .. 'L:' .. id
    local done = call('HGET', list, 'rest')
    if not done then
      done = call('HGET', list, 'next')
      for part = tonumber(done), r.parts - 1 do call('HDEL', list, part) end
      call('HSET', list, 'left', '0', 'rest', done)
      call('ZREM', T .. 'w', id)
    end
    if tonumber(done) > 0 and rows(id, tonumber(done) - 1) > 0 then return end
    call('DEL', list)
  elseif r.kind == 'd' or r.kind == 'D' then
    -- What the shards have of it leaves in each by itself.
    call('UNLINK', T .. 'L:' .. id)
    for part = 0, r.parts - 1 do call('ZREM', T .. 'l', id .. ':' .. part) end
    for _, zset in ipairs({ 'w', 'ws', 'wr' }) do call('ZREM', T .. zset, id) end
  elseif r.kind == 's' or r.kind == 'c' then
    items = items + remove_all(call('HGET', T .. 'p', id), id)
  elseif r.kind ~= 'l' and r.retracted == '' then
    call('ZREM', T .. 'B', id)
    call('HDEL', T .. 'V', id)
    next_version(now)
    call(call('EXISTS', T .. 'B:' .. id) == 1 and 'SADD' or 'SREM', T .. 'X', id)
    if call('SISMEMBER', T .. 'X', id) == 0 then call('SREM', T .. 'Bs', id) end
  end
  forget(id, r)
end

for _ = 1, 500 do
  if items >= limit then break end
  local id = call('SRANDMEMBER', T .. 'X')
  local part = not id and call('ZRANGE', T .. 'x', 0, 0)[1]
  local message = not id and not part
    and call('ZRANGE', T .. 'e', '-inf', whole(now), 'BYSCORE', 'LIMIT', 0, 1)[1]
  if id then states(id)
  elseif part then rows(string.match(part, '^(%d+):(%d+)$'))
  elseif message then expired(message)
  else break end
end
if messages + items + handed_over > 0 then return { messages, items, 0, 1 } end

local others, more = 0, 0
local function ended(zset, until_when, remove_one)
  local found = call('ZRANGE', T .. zset, '-inf', whole(until_when), 'BYSCORE', 'LIMIT', 0, limit)
  for _, member in ipairs(found) do
    if remove_one then remove_one(member) end
    call('ZREM', T .. zset, member)
  end
  others = others + #found
  if #found == limit then more = 1 end
end
ended('jt', now - 86400000, function(key) call('HDEL', T .. 'j', key) end)
ended('jct', now - 86400000, function(key) call('HDEL', T .. 'jc', key) end)
ended('t', now - 30 * 86400000)
ended('y', now)
ended('oz', now - 30 * 86400000, function(id) call('HDEL', T .. 'of', id) end)

-- Marks below the oldest item date nothing any more.
local function old_marks(marks, users, oldest)
  local found = call('ZRANGE', T .. users, '-inf', '(' .. oldest, 'BYSCORE', 'LIMIT', 0, 500)
  for _, user in ipairs(found) do
    others = others + call('ZREMRANGEBYSCORE', T .. marks .. user, '-inf', '(' .. oldest)
    local first = call('ZRANGE', T .. marks .. user, 0, 0, 'WITHSCORES')
    if first[2] then call('ZADD', T .. users, first[2], user) else call('ZREM', T .. users, user) end
  end
  if #found == 500 then more = 1 end
end
local function oldest(zset) return call('ZRANGE', T .. zset, 0, 0, 'WITHSCORES')[2] or 'inf' end
local first, first_handed_over = oldest('l'), oldest('lc')
if tonumber(first_handed_over) < tonumber(first) then first = first_handed_over end
old_marks('pm:', 'Mk', first)
-- A replica that took over may not have been told.
if ARGV[3] and tonumber(ARGV[3]) > tonumber(call('HGET', C, 'v') or '0') then
  call('HSET', C, 'v', ARGV[3])
end
if not ARGV[3] then old_marks('bm:', 'Mb', oldest('B'))
elseif (call('HGET', C, 'v') or '0') == ARGV[3] then old_marks('bm:', 'Mb', ARGV[4]) end
return { 0, 0, others, more }
