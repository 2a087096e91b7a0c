-- Marks all read. ARGV: 1 user, 2 now, 3 and 4 the two parts of `as_of`, 5 the version of the
-- broadcasts that the caller knows and 6 the newest of them, 7 day. Writes as much for one item as
-- for many, and one more for each that was marked unread by hand.
local user, now = ARGV[1], tonumber(ARGV[2])
local version = call('HGET', C, 'v') or '0'
if version ~= ARGV[5] then return { 'stale', version } end
local key = T .. 's:' .. user
local state = call('HMGET', key, 'w', 'wb', 'ks', 'x')
local through, broadcasts_through = tonumber(state[1] or '0'), tonumber(state[2] or '0')
local newest = tonumber(call('ZRANGE', T .. 'n:' .. user, -1, -1)[1] or '0')
-- One from the future counts as now.
local as_of = math.min(tonumber(ARGV[3]), math.max(through, newest, tonumber(state[3] or '0')))
local broadcasts_as_of = math.min(tonumber(ARGV[4]), math.max(broadcasts_through, tonumber(ARGV[6])))
local changed = false

-- Moves a watermark and leaves a mark, from which read times are derived. `oldest` is where
-- sweeping looks for marks that date nothing any more.
local function move(field, marks, oldest, to)
  local position = whole(to)
  call('HSET', key, field, position)
  call('ZADD', T .. marks .. user, position, position .. ':' .. ARGV[2])
  call('ZADD', T .. oldest, 'NX', position, user)
  changed = true
end
if as_of > through then move('w', 'pm:', 'Mk', as_of) end
if broadcasts_as_of > broadcasts_through then move('wb', 'bm:', 'Mb', broadcasts_as_of) end
-- Nothing new is above the watermark until the next delivery says so.
if as_of >= newest then call('HDEL', key, 'lu') end

if state[3] then
  for _, position in ipairs(call('ZRANGE', T .. 'k:' .. user, 0, -1)) do
    local since = tonumber(call('HGET', T .. 'a:' .. user, position))
    local expires = string.match(call('GET', T .. 'm:' .. position) or '', '^%-?%d+\31(%-?%d+)')
    if since <= as_of and expires and tonumber(expires) > now then
      call('ZREM', T .. 'k:' .. user, position)
      call('ZADD', T .. 'r:' .. user, position, position)
      call('HSET', T .. 'a:' .. user, position, ARGV[2])
      changed = true
    end
  end
  if state[4] then
    local own = call('HGETALL', T .. 'b:' .. user)
    for i = 1, #own, 2 do
      local kind, since, expires = string.match(own[i + 1], '^(%d)|(%-?%d*)|(.*)$')
      if kind == '2' and tonumber(since) <= as_of and tonumber(expires) > now then
        call('HSET', T .. 'b:' .. user, own[i], '0|' .. ARGV[2] .. '|' .. expires)
        changed = true
      end
    end
  end
end
if changed then
  call('HINCRBY', T .. 'd', ARGV[7] .. 'a', 1)
  tell('a 0 ' .. user)
end
return { 'done', changed and 1 or 0 }
