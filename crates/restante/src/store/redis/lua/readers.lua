-- How many of some users have read an item. ARGV: 1 position, 2 until, then the users.
local leaves, read = tonumber(ARGV[2]), 0
for i = 3, #ARGV do
  if has_read(ARGV[i], ARGV[1], leaves) then read = read + 1 end
end
return read
