-- Rows leave the outbox at its head only, by the script that sends or refuses them, and only if the
-- head still is what the caller looked at: so each is relayed once and in order, whoever relays.
local function is_head(id, row)
  return whole(tonumber(call('HGET', C, 'oh') or '0') + 1) == id
    and call('LINDEX', KEYS[2], 0) == row
end

local function pop()
  call('LPOP', KEYS[2])
  call('HINCRBY', C, 'oh', 1)
end

-- Another program's row may be anything.
local function recipient(row)
  local is_json, value = pcall(cjson.decode, row)
  if not is_json or type(value) ~= 'table' then return nil end
  if type(value.recipient) == 'number' then return whole(value.recipient) end
  return value.recipient
end
