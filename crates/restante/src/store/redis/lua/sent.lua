-- ARGV: 1 now, 2 below which id, or +inf, 3 how many, 4 whether of one sender, 5 whose.
local now, want = tonumber(ARGV[1]), tonumber(ARGV[3])
local senders = ARGV[4] == '1' and { ARGV[5] } or call('SMEMBERS', T .. 'S')
local found = {}
for _, sender in ipairs(senders) do
  local high, taken = ARGV[2], 0
  repeat
    local ids = call('ZRANGE', T .. 'S:' .. sender, high, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, want)
    for _, id in ipairs(ids) do
      high = '(' .. id
      -- Expired ones are still there until they are swept.
      if taken < want and tonumber(record(id).expires) > now then
        taken = taken + 1
        found[#found + 1] = id
      end
    end
  until #ids < want or taken >= want
end
table.sort(found, function(a, b) return tonumber(a) > tonumber(b) end)
local answer = {}
for i = 1, math.min(want, #found) do
  answer[i] = { found[i], call('HGET', T .. 'M', found[i]), call('GET', T .. 'm:' .. found[i]) }
end
return answer
