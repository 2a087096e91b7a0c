-- What is kept of a message for its sender. ARGV: 1 id.
local id = ARGV[1]
local r = record(id)
if not r or r.kind == 'c' then return false end
local list, parts = T .. 'L:' .. id, {}
if r.kind == 's' then
  parts[1] = id
elseif r.kind == 'l' and r.retracted == '' then
  for part = 0, tonumber(call('HGET', list, 'next') or '0') - 1 do
    parts[part + 1] = call('HGET', list, 'p' .. part)
  end
elseif (r.kind == 'd' or r.kind == 'D') and r.retracted == '' then
  for part = 0, tonumber(call('HGET', list, 'next') or '0') - 1 do
    for shard in groups(list, part) do
      parts[#parts + 1] = { shard, call('HGET', list, 'c' .. part .. ':' .. shard) or '' }
    end
  end
end
local gone = call('HMGET', T .. 'g', id .. ':d', id .. ':r')
return {
  call('HGET', T .. 'M', id), call('GET', T .. 'm:' .. id), gone[1] or '0', gone[2] or '0', parts,
}
