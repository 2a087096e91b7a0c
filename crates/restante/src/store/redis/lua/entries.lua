-- What is in the log of some parts, each as id:part; nothing of what is retracted or expired.
-- ARGV: 1 now, then the parts.
local answer = {}
for i = 2, #ARGV do
  local id, part = string.match(ARGV[i], '^(%d+):(%d+)$')
  local r = record(id)
  if not r or r.retracted ~= '' or tonumber(r.expires) <= tonumber(ARGV[1]) then
    answer[i - 1] = false
  else
    local users = false
    if r.kind == 's' then users = call('HGET', T .. 'p', id)
    elseif r.kind == 'l' then users = call('HGET', T .. 'L:' .. id, part) end
    answer[i - 1] = { id, r.sender, call('GET', T .. 'm:' .. id), users }
  end
end
return answer
