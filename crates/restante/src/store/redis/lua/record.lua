-- What senders and sweeping need of a message: expires|retracted|total|kind|parts|sender. The kinds
-- are s(hort list), l(ong list), e(veryone), E (everyone, newcomers too); over several shards d (a
-- short list), D (a long one) and c, what one of them has of it.
local function record(id)
  local text = call('HGET', T .. 'M', id)
  if not text then return nil end
  local expires, retracted, total, kind, parts, sender =
    string.match(text, '^(%-?%d+)|(%-?%d*)|(%d+)|(%a)|(%d+)|(.*)$')
  return {
    expires = expires, retracted = retracted, total = total, kind = kind,
    parts = tonumber(parts), sender = sender,
  }
end

local function put_record(id, r)
  call('HSET', T .. 'M', id, r.expires .. '|' .. r.retracted .. '|' .. r.total .. '|' .. r.kind
    .. '|' .. r.parts .. '|' .. r.sender)
end
