-- forgetConsumers: removes consumers that hold nothing and were idle for a while. It is one step, because deleting a consumer that has just read a
-- message would lose the message.
--
-- KEYS:    1 the stream.
-- ARGV:    1 the group
--          2 idle milliseconds.
-- Returns: how many consumers were removed.
-- Roles:   scheduler, fetcher, processor, result-worker.
local function forgetConsumers(KEYS, ARGV)
  local forgotten = 0
  for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
    local consumer = {}
    for at = 1, #fields, 2 do consumer[fields[at]] = fields[at + 1] end
    if consumer.pending == 0 and consumer.idle > tonumber(ARGV[2]) then
      redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
      forgotten = forgotten + 1
    end
  end
  return forgotten
end
