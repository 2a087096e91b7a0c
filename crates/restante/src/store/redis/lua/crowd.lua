-- How many have read a broadcast, of some of those who may have. ARGV: 1 id, 2 until, 3 sent,
-- 4 newcomers, 5 from which place in the list of who marked all, 6 to which, 7 where the scan of
-- those with a state of their own goes on, or empty.
local id, leaves, read = ARGV[1], tonumber(ARGV[2]), 0
local function is_eligible(user)
  if ARGV[4] == '1' then return true end
  local joined = call('HGET', T .. 's:' .. user, 'j')
  return not joined or tonumber(ARGV[3]) >= tonumber(joined)
end
local marked = call('ZRANGE', T .. 'Mb', ARGV[5], ARGV[6])
for _, user in ipairs(marked) do
  if call('HEXISTS', T .. 'b:' .. user, id) == 0 and is_eligible(user) then
    local mark = call('ZRANGE', T .. 'bm:' .. user, id, '+inf', 'BYSCORE', 'LIMIT', 0, 1)[1]
    if mark and tonumber(string.match(mark, ':(.*)$')) < leaves then read = read + 1 end
  end
end
local next = ''
if ARGV[7] ~= '' then
  local scan = call('SSCAN', T .. 'B:' .. id, ARGV[7], 'COUNT', 500)
  if scan[1] ~= '0' then next = scan[1] end
  for _, user in ipairs(scan[2]) do
    local kind, at = string.match(call('HGET', T .. 'b:' .. user, id) or '', '^(%d)|(%-?%d*)|')
    if (kind == '0' or kind == '3') and at ~= '' and is_eligible(user) then read = read + 1 end
  end
end
return { #marked, read, next, tonumber(call('HGET', T .. 'g', id .. ':r') or '0') }
