-- One bounded step of what is left of a forgotten user: each item is added to its message's own
-- figures and the name leaves the list. ARGV: 1 how many items. Gives how many there were, or nothing.
local jobs = call('HSCAN', T .. 'Z', 0, 'COUNT', 1)[2]
if #jobs == 0 then return false end
local job, through, user = jobs[1], string.match(jobs[2], '^(%d+)|(.*)$')
local names, done, want = T .. 'z:' .. job .. ':', 0, tonumber(ARGV[1])

local function read_at(kind, position, leaves)
  if kind == 'k' then return '' end
  if kind ~= 'n' then return call('HGET', names .. 'a', position) or '' end
  if tonumber(position) > tonumber(through) then return '' end
  local mark = call('ZRANGE', names .. 'pm', position, '+inf', 'BYSCORE', 'LIMIT', 0, 1)[1]
  local at = mark and string.match(mark, ':(.*)$')
  return at and tonumber(at) < tonumber(leaves) and at or ''
end

local function leave(kind, position)
  local leaves, id, part = string.match(call('GET', T .. 'm:' .. position) or '',
    '^(%-?%d+)\31%-?%d+\31%-?%d+\31(%d+)\31(%d+)\31')
  local r = id and record(id)
  if not r then return end
  local list, field = T .. 'p', id
  if r.kind == 'l' then list, field = T .. 'L:' .. id, part end
  local others = without(call('HGET', list, field) or '', user)
  if not others then return end
  call('HSET', list, field, others)
  call('HINCRBY', T .. 'g', id .. ':d', 1)
  if read_at(kind, position, leaves) ~= '' then call('HINCRBY', T .. 'g', id .. ':r', 1) end
end

for _, kind in ipairs({ 'n', 'r', 'k', 'd' }) do
  if done < want then
    for _, position in ipairs(call('ZRANGE', names .. kind, 0, want - done - 1)) do
      leave(kind, position)
      call('ZREM', names .. kind, position)
      done = done + 1
    end
  end
end
if call('EXISTS', names .. 'n', names .. 'r', names .. 'k', names .. 'd') == 0 then
  call('DEL', names .. 'a', names .. 'pm')
  call('HDEL', T .. 'Z', job)
end
return done
