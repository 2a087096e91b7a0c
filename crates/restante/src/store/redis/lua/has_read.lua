-- Whether a user has read an item that leaves the inbox at a time.
local function has_read(user, position, leaves)
  if call('ZSCORE', T .. 'n:' .. user, position) then
    local through = call('HGET', T .. 's:' .. user, 'w')
    if not through or tonumber(position) > tonumber(through) then return false end
    local mark = call('ZRANGE', T .. 'pm:' .. user, position, '+inf', 'BYSCORE', 'LIMIT', 0, 1)[1]
    return mark and tonumber(string.match(mark, ':(.*)$')) < leaves
  end
  if call('ZSCORE', T .. 'k:' .. user, position) then return false end
  local at = call('HGET', T .. 'a:' .. user, position)
  return at and at ~= ''
end
