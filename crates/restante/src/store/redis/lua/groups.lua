-- The shards that a part of a divided list goes to. Its hash has `g` + part (these shards), `p` + part
-- (its position), part:shard (who waits), and `c` + part:shard (the position that they have it at).
local function groups(list, part)
  return string.gmatch(call('HGET', list, 'g' .. part) or '', '%d+')
end
