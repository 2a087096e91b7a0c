-- One user's item at a position. `lu` is a lower bound of when new items leave the inbox: before it
-- a page need not look at any of their times.
local function put(user, position, leaves)
  call('ZADD', T .. 'n:' .. user, position, position)
  local state = T .. 's:' .. user
  local first = call('HGET', state, 'lu')
  if not first or tonumber(leaves) < tonumber(first) then call('HSET', state, 'lu', leaves) end
end

-- Where users are divided, what comes late has to know what a user has seen, also when that is gone.
local is_of_users = string.find(C, ':%d+}c$')

local function remove(user, position)
  if is_of_users then
    local state = T .. 's:' .. user
    if tonumber(position) > tonumber(call('HGET', state, 'hi') or '0') then
      call('HSET', state, 'hi', position)
    end
  end
  if call('ZREM', T .. 'n:' .. user, position) == 1 then return 1 end
  local removed = call('ZREM', T .. 'r:' .. user, position)
    + call('ZREM', T .. 'k:' .. user, position)
    + call('ZREM', T .. 'd:' .. user, position)
  if removed > 0 then call('HDEL', T .. 'a:' .. user, position) end
  return removed
end

local function remove_all(users, position)
  local removed = 0
  for user in string.gmatch(users or '', '[^\n]+') do removed = removed + remove(user, position) end
  return removed
end
