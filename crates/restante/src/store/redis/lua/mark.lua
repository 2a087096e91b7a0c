-- Changes items of one user by the rules of `state.rs`, which has them for stores that can run them
-- inside their transaction. ARGV: 4 now, 5 user, 6 what to do, 7 day, 8 the version of the
-- broadcasts that the caller knows, then the items: a position, or a broadcast as
-- position|until|expires|sent|newcomers.
local now, user, change = tonumber(ARGV[4]), ARGV[5], ARGV[6]
local shared = call('HMGET', C, 'v', 'x')
if tonumber(shared[1] or '0') > tonumber(ARGV[8]) then return { 'stale', shared[1] } end
local state = call('HMGET', T .. 's:' .. user, 'w', 'wb', 'j')
local through, broadcasts_through = tonumber(state[1] or '0'), tonumber(state[2] or '0')
local changed, since = 0, '0'

-- When a mark read it: the first at or above it, if that came before it left the inbox.
local function marked(marks, position, leaves)
  local mark = call('ZRANGE', T .. marks .. user, position, '+inf', 'BYSCORE', 'LIMIT', 0, 1)[1]
  local at = mark and string.match(mark, ':(.*)$')
  return at and tonumber(at) < tonumber(leaves) and at or ''
end

-- The new state and its time; nothing when the item does not change.
local function changes(kind, at, is_above, leaves, mark)
  if kind == '3' then return nil end
  local read_at = ''
  if kind == '0' then read_at = at
  elseif kind == '1' and not is_above then read_at = mark() end
  if change == 'read' then
    if kind == '0' or read_at ~= '' then return nil end
    return '0', ARGV[4]
  elseif change == 'unread' then
    local is_unread = kind == '2' or (kind == '1' and is_above and tonumber(leaves) > now)
    if is_unread then return nil end
    -- A fresh position: a mark-all with an older `as_of` does not undo it.
    since = take()
    return '2', since
  end
  return '3', read_at
end

local letters = { read = 'r', unread = 'u', dismiss = 'd' }
local zsets = { ['0'] = 'r:', ['1'] = 'n:', ['2'] = 'k:', ['3'] = 'd:' }

local function personal(position)
  local kind
  for _, candidate in ipairs({ '1', '0', '2' }) do
    if call('ZSCORE', T .. zsets[candidate] .. user, position) then kind = candidate break end
  end
  if not kind then return end
  if shared[2] and shared[2] ~= '0' and call('ZCOUNT', T .. 'x', position, position) > 0 then return end
  local leaves, expires = string.match(call('GET', T .. 'm:' .. position) or '', '^(%-?%d+)\31(%-?%d+)')
  if not leaves or tonumber(expires) <= now then return end
  local at = kind == '0' and call('HGET', T .. 'a:' .. user, position) or ''
  local is_above = tonumber(position) > through
  local to, time = changes(kind, at, is_above, leaves, function()
    return marked('pm:', position, leaves)
  end)
  if not to then return end
  call('ZREM', T .. zsets[kind] .. user, position)
  call('ZADD', T .. zsets[to] .. user, position, position)
  call('HSET', T .. 'a:' .. user, position, time)
  tell(letters[change] .. ' ' .. position .. ' ' .. user)
  changed = changed + 1
end

local function broadcast(position, leaves, expires, sent, newcomers)
  local joined = state[3]
  if newcomers == '0' and joined and tonumber(sent) < tonumber(joined) then return end
  local own = call('HGET', T .. 'b:' .. user, position)
  local kind, at = '1', ''
  if own then kind, at = string.match(own, '^(%d)|(%-?%d*)|') end
  local is_above = tonumber(position) > broadcasts_through
  local to, time = changes(kind, at, is_above, leaves, function()
    return marked('bm:', position, leaves)
  end)
  if not to then return end
  call('HSET', T .. 'b:' .. user, position, to .. '|' .. time .. '|' .. expires)
  call('SADD', T .. 'B:' .. position, user)
  call('SADD', T .. 'Bs', position)
  call('HSET', T .. 's:' .. user, 'x', '1')
  tell(letters[change] .. ' ' .. position .. ' ' .. user)
  changed = changed + 1
end

for i = 9, #ARGV - 2 do
  local position, leaves, expires, sent, newcomers =
    string.match(ARGV[i], '^(%d+)|(%-?%d+)|(%-?%d+)|(%-?%d+)|(%d)$')
  if position then broadcast(position, leaves, expires, sent, newcomers) else personal(ARGV[i]) end
end
if since ~= '0' then call('HSET', T .. 's:' .. user, 'ks', since) end
if change == 'read' and changed > 0 then call('HINCRBY', T .. 'd', ARGV[7] .. 'r', changed) end
return { 'done', changed, since }
