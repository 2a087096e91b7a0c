-- All live broadcasts and the version that they are of.
local found = {}
for _, id in ipairs(call('ZRANGE', T .. 'B', 0, -1)) do
  found[#found + 1] = { id, call('HGET', T .. 'V', id), record(id).kind, call('GET', T .. 'm:' .. id) }
end
return { call('HGET', C, 'v') or '0', found }
