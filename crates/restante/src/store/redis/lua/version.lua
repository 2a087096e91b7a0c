-- A new version of the broadcasts, which rises with the clock: one that was lost with a master's last
-- moment is not given again. Positions rise in the same way; see `state.rs`.
local function next_version(now)
  local at = math.min(math.max(tonumber(now) - 1735689600000, 0), 1099511627776) * 4096
  local version = whole(math.max(tonumber(call('HGET', C, 'v') or '0') + 1, at))
  call('HSET', C, 'v', version)
  return version
end
