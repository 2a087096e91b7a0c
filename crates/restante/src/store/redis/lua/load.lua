local waiting = 0
for _, id in ipairs(call('ZRANGE', T .. 'w', 0, -1)) do
  waiting = waiting + record(id).parts - tonumber(call('HGET', T .. 'L:' .. id, 'next'))
end
waiting = waiting + call('ZCARD', T .. 'ws')
return { call('LLEN', KEYS[2]), call('HLEN', T .. 'of'), waiting }
