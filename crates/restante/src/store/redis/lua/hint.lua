-- Tells other processes. The last two arguments of every script that does are how, and who tells.
local function tell(hint) call(ARGV[#ARGV - 1], T .. 'hints', ARGV[#ARGV] .. '\n' .. hint) end
