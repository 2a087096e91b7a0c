-- A user's page with its count: one round trip, one snapshot. ARGV: 1 user, 2 now, 3 view (c: the
-- count alone, u: unread, a: archive, x: export, with dismissed items), 4 below which position, or
-- empty, 5 how many items, 6 the oldest broadcast, or empty.
local user, now, view, below, want = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5])
local shared = call('HMGET', C, 'v', 'x')
local state = call('HMGET', T .. 's:' .. user, 'w', 'wb', 'j', 'ks', 'lu', 'x')
local through = state[1] or '0'
local new = T .. 'n:' .. user
local high = below == '' and '+inf' or '(' .. below

-- What is being retracted: hardly ever anything.
local gone
if shared[2] and shared[2] ~= '0' then
  gone = {}
  local parts = call('ZRANGE', T .. 'x', 0, -1, 'WITHSCORES')
  for i = 2, #parts, 2 do gone[parts[i]] = true end
end

-- The bodies of many positions; `unpack` has its limit.
local function find(positions)
  local found = {}
  for from = 1, #positions, 1000 do
    local keys = {}
    for i = from, math.min(from + 999, #positions) do keys[#keys + 1] = T .. 'm:' .. positions[i] end
    local some = call('MGET', unpack(keys))
    if #positions <= 1000 then return some end
    for i = 1, #some do found[from + i - 1] = some[i] end
  end
  return found
end

local function is_live(position, body)
  return body and not (gone and gone[position])
    and tonumber(string.match(body, '^%-?%d+\31(%-?%d+)')) > now
end

local kept, kept_bodies = {}, {}
if state[4] then
  local all = call('ZRANGE', T .. 'k:' .. user, 0, -1, 'REV')
  local found = find(all)
  for i = 1, #all do
    if is_live(all[i], found[i]) then
      kept[#kept + 1] = all[i]
      kept_bodies[all[i]] = found[i]
    end
  end
end

-- New items above the watermark. Without `lu` there are none.
local count, list, top = 0, {}, nil
if state[5] then
  local low = '(' .. through
  local limit = view == 'u' and want or 0
  if not gone and tonumber(state[5]) > now then
    -- None has left the inbox: what is in the range is unread.
    if limit > 0 then list = call('ZRANGE', new, high, low, 'BYSCORE', 'REV', 'LIMIT', 0, limit) end
    if limit > 0 and below == '' then top = list[1] else top = call('ZRANGE', new, -1, -1)[1] end
    if limit > #list and below == '' then count = #list else count = call('ZCOUNT', new, low, '+inf') end
  else
    local all = call('ZRANGE', new, '+inf', low, 'BYSCORE', 'REV')
    local cursor = tonumber(below) or math.huge
    top = all[1]
    for from = 1, #all, 1000 do
      local to = math.min(from + 999, #all)
      local leaves = call('ZMSCORE', T .. 'u', unpack(all, from, to))
      for i = from, to do
        local at = leaves[i - from + 1]
        if at and tonumber(at) > now and not (gone and gone[all[i]]) then
          count = count + 1
          if #list < limit and tonumber(all[i]) < cursor then list[#list + 1] = all[i] end
        end
      end
    end
  end
end

local positions, texts, states, times = list, nil, '', {}
if view == 'u' then
  if #kept == 0 then
    texts = find(list)
  else
    local from_new, from_kept, kinds = 1, 1, {}
    positions = {}
    while from_kept <= #kept and not (tonumber(kept[from_kept]) < (tonumber(below) or math.huge)) do
      from_kept = from_kept + 1
    end
    while #positions < want and (list[from_new] or kept[from_kept]) do
      if not kept[from_kept]
        or (list[from_new] and tonumber(list[from_new]) > tonumber(kept[from_kept])) then
        positions[#positions + 1], kinds[#kinds + 1] = list[from_new], '1'
        from_new = from_new + 1
      else
        positions[#positions + 1], kinds[#kinds + 1] = kept[from_kept], '2'
        from_kept = from_kept + 1
      end
    end
    texts, states = find(positions), table.concat(kinds)
  end
elseif view ~= 'c' then
  local sources = { { '0', 'r:' }, { '1', 'n:' }, { '2', 'k:' } }
  if view == 'x' then sources[4] = { '3', 'd:' } end
  local kinds = {}
  positions, texts = {}, {}
  repeat
    local found, kind_of = {}, {}
    for _, source in ipairs(sources) do
      local some = call('ZRANGE', T .. source[2] .. user, high, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, want)
      for _, position in ipairs(some) do
        found[#found + 1] = position
        kind_of[position] = source[1]
      end
    end
    table.sort(found, function(a, b) return tonumber(a) > tonumber(b) end)
    local is_last = #found < want
    while #found > want do found[#found] = nil end
    local some = find(found)
    for i, position in ipairs(found) do
      high = '(' .. position
      if #positions < want and is_live(position, some[i]) then
        positions[#positions + 1], texts[#texts + 1] = position, some[i]
        kinds[#kinds + 1] = kind_of[position]
      end
    end
  until is_last or #positions >= want
  states = table.concat(kinds)
  for i, position in ipairs(positions) do
    times[i] = ''
    if kinds[i] == '0' or kinds[i] == '3' then
      times[i] = call('HGET', T .. 'a:' .. user, position) or ''
    elseif kinds[i] == '1' and tonumber(position) <= tonumber(through) then
      -- The first mark at or above it.
      local mark = call('ZRANGE', T .. 'pm:' .. user, position, '+inf', 'BYSCORE', 'LIMIT', 0, 1)
      times[i] = mark[1] and string.match(mark[1], ':(.*)$') or ''
    end
  end
end

local own = state[6] and call('HGETALL', T .. 'b:' .. user) or {}
local marks = {}
if ARGV[6] ~= '' and view ~= 'c' and view ~= 'u' then
  marks = call('ZRANGE', T .. 'bm:' .. user, ARGV[6], '+inf', 'BYSCORE')
end
-- One string: the driver takes an array of fifty apart in more time than all else takes. Nothing in
-- it holds these control characters.
for i = 1, #positions do texts[i] = texts[i] or '' end
return table.concat({
  shared[1] or '0', through, state[2] or '0', state[3] or '', state[4] or '0', top or '0',
  count + #kept, table.concat(own, '\30'), table.concat(marks, '\30'), table.concat(positions, ','),
  states, table.concat(times, ','), table.concat(texts or {}, '\30'),
}, '\29')
