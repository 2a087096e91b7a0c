-- One item of a user's. ARGV: 1 user, 2 position, 3 whether it is a broadcast.
local user, position = ARGV[1], ARGV[2]
local shared = call('HMGET', C, 'v', 'x')
local state = call('HMGET', T .. 's:' .. user, 'w', 'wb', 'j')
local marks = ARGV[3] == '1' and 'bm:' or 'pm:'
local mark = call('ZRANGE', T .. marks .. user, position, '+inf', 'BYSCORE', 'LIMIT', 0, 1)[1]
local at = mark and string.match(mark, ':(.*)$') or ''
if ARGV[3] == '1' then
  local own = call('HGET', T .. 'b:' .. user, position) or ''
  return { shared[1] or '0', state[2] or '0', state[3] or '', own, at }
end
if shared[2] and shared[2] ~= '0' and call('ZCOUNT', T .. 'x', position, position) > 0 then
  return false
end
local kind
if call('ZSCORE', T .. 'n:' .. user, position) then kind = '1'
elseif call('ZSCORE', T .. 'r:' .. user, position) then
  kind, at = '0', call('HGET', T .. 'a:' .. user, position) or ''
elseif call('ZSCORE', T .. 'k:' .. user, position) then kind = '2'
else return false end
return { kind, state[1] or '0', at, call('GET', T .. 'm:' .. position) or '' }
