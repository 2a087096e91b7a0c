-- Parts up to one were taken back. ARGV: 1 id, 2 the part after them.
local id = ARGV[1]
local r, list = record(id), T .. 'L:' .. id
if not r or not call('ZSCORE', T .. 'wr', id) then return 0 end
if tonumber(ARGV[2]) > tonumber(call('HGET', list, 'rest')) then call('HSET', list, 'rest', ARGV[2]) end
if tonumber(ARGV[2]) < math.min(r.parts, tonumber(call('HGET', list, 'next')) + 1) then return 1 end
call('UNLINK', list)
call('ZREM', T .. 'wr', id)
tell('x ' .. id)
return 0
