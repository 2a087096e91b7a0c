-- Every script has the key of its shard's clock as its first: all other keys begin as it does, so
-- that they are in one slot. Positions have 53 bits: `tostring` would round them to 14 digits.
local C = KEYS[1]
local T = string.sub(C, 1, -2)
local call = redis.call
local function whole(number) return string.format('%.0f', number) end
