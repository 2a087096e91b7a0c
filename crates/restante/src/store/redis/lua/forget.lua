-- Takes a user's id away from all that is kept, in one step. ARGV: 1 user, 2 the name of the job that
-- what is left becomes, 3 the version of the broadcasts that the caller knows, 4 the user's shard where
-- there are several, or empty, then the broadcasts as position|until|sent|newcomers. Of several shards
-- the first has what waits, and the user's the rest: the script runs in both.
local user, job = ARGV[1], ARGV[2]
local version = call('HGET', C, 'v') or '0'
if version ~= ARGV[3] then return { 'stale', version } end
local known = 0

-- Parts that wait.
local function leave_list(id)
  local list, r = T .. 'L:' .. id, record(id)
  for part = tonumber(call('HGET', list, 'next')), r.parts - 1 do
    local group = ARGV[4] ~= '' and part .. ':' .. ARGV[4] or part
    local others = without(call('HGET', list, group) or '', user)
    if others then
      call('HSET', list, group, others)
      call('HINCRBY', list, 'left', -1)
      call('HINCRBY', list, 'changed', 1)
      r.total = whole(tonumber(r.total) - 1)
      put_record(id, r)
      known = 1
      return
    end
  end
end
for _, id in ipairs(call('ZRANGE', T .. 'ws', 0, -1)) do leave_list(id) end
for _, id in ipairs(call('ZRANGE', T .. 'w', 0, -1)) do leave_list(id) end

-- The outbox, refused rows included.
for _, row in ipairs(call('LRANGE', KEYS[2], 0, -1)) do
  if recipient(row) == user then
    call('LREM', KEYS[2], 1, row)
    known = 1
  end
end
local refused = call('HGETALL', T .. 'of')
for i = 1, #refused, 2 do
  if recipient(string.match(refused[i + 1], '\31(.*)$')) == user then
    call('HDEL', T .. 'of', refused[i])
    call('ZREM', T .. 'oz', refused[i])
    known = 1
  end
end

-- Broadcasts keep count of their readers.
local key = T .. 's:' .. user
local state = call('HMGET', key, 'w', 'wb', 'j')
for i = 5, #ARGV do
  local id, leaves, sent, newcomers =
    string.match(ARGV[i], '^(%d+)|(%-?%d+)|(%-?%d+)|(%d)$')
  local kind, at = string.match(call('HGET', T .. 'b:' .. user, id) or '', '^(%d)|(%-?%d*)|')
  if not kind then
    local mark = call('ZRANGE', T .. 'bm:' .. user, id, '+inf', 'BYSCORE', 'LIMIT', 0, 1)[1]
    at = mark and string.match(mark, ':(.*)$') or ''
    if at ~= '' and tonumber(at) >= tonumber(leaves) then at = '' end
  end
  local is_eligible = newcomers == '1' or not state[3] or tonumber(sent) >= tonumber(state[3])
  if is_eligible and kind ~= '2' and at ~= '' then call('HINCRBY', T .. 'g', id .. ':r', 1) end
end
for _, id in ipairs(call('HKEYS', T .. 'b:' .. user)) do call('SREM', T .. 'B:' .. id, user) end

-- Items go to a job under names that no user has; the id is free from here on.
local items = 0
for _, kind in ipairs({ 'n', 'r', 'k', 'd', 'a', 'pm' }) do
  local old = T .. kind .. ':' .. user
  if call('EXISTS', old) == 1 then
    if kind ~= 'a' and kind ~= 'pm' then items = 1 end
    call('RENAME', old, T .. 'z:' .. job .. ':' .. kind)
    known = 1
  end
end
if items == 1 then
  call('HSET', T .. 'Z', job, (state[1] or '0') .. '|' .. user)
else
  call('DEL', T .. 'z:' .. job .. ':a', T .. 'z:' .. job .. ':pm')
end
known = math.min(1, known + call('DEL', key, T .. 'b:' .. user, T .. 'bm:' .. user))
call('ZREM', T .. 'Mk', user)
call('ZREM', T .. 'Mb', user)
return { 'done', known }
