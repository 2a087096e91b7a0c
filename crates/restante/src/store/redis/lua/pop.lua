-- A row was sent, in another shard. ARGV: 1 id and 2 text of the row.
if not is_head(ARGV[1], ARGV[2]) then return 0 end
pop()
return 1
