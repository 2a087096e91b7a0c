-- How many of some users have read an item. ARGV: 1 position, 2 until, then the users.
local position, leaves, read = ARGV[1], tonumber(ARGV[2]), 0
for i = 3, #ARGV do
  local user = ARGV[i]
  if call('ZSCORE', T .. 'n:' .. user, position) then
    local through = call('HGET', T .. 's:' .. user, 'w')
    if through and tonumber(position) <= tonumber(through) then
      local mark = call('ZRANGE', T .. 'pm:' .. user, position, '+inf', 'BYSCORE', 'LIMIT', 0, 1)[1]
      if mark and tonumber(string.match(mark, ':(.*)$')) < leaves then read = read + 1 end
    end
  elseif not call('ZSCORE', T .. 'k:' .. user, position) then
    local at = call('HGET', T .. 'a:' .. user, position)
    if at and at ~= '' then read = read + 1 end
  end
end
return read
