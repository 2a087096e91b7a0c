-- What is in the log of some parts, each as id:part; nothing of what is retracted or expired.
-- ARGV: 1 now, then the parts. The users of a divided list are told by shard: the position at which
-- they have it there, or who still waits.
local answer = {}
for i = 2, #ARGV do
  local id, part = string.match(ARGV[i], '^(%d+):(%d+)$')
  local r = record(id)
  if not r or r.retracted ~= '' or tonumber(r.expires) <= tonumber(ARGV[1]) then
    answer[i - 1] = false
  else
    local users, list = false, T .. 'L:' .. id
    if r.kind == 's' then users = call('HGET', T .. 'p', id)
    elseif r.kind == 'l' then users = call('HGET', list, part)
    elseif r.kind == 'd' or r.kind == 'D' then
      users = {}
      for shard in groups(list, part) do
        local group = part .. ':' .. shard
        users[#users + 1] =
          { shard, call('HGET', list, 'c' .. group) or '', call('HGET', list, group) or '' }
      end
    end
    answer[i - 1] = { id, r.sender, call('GET', T .. 'm:' .. id), users }
  end
end
return answer
