-- announce: notes that a process of a role is alive, or that it ends, and forgets those that were silent for too long.
--
-- KEYS:    1 the hash of the role's processes: by id the time of the note in unix seconds, a space, and the facts.
-- ARGV:    1 the process' id
--          2 its facts as JSON; empty if it ends.
-- Returns: nothing.
-- Roles:   scheduler, fetcher, processor, result-worker, webui.
local function announce(KEYS, ARGV)
  local now = tonumber(redis.call('TIME')[1])
  local noted = redis.call('HGETALL', KEYS[1])
  for at = 1, #noted, 2 do
    local time = tonumber(string.match(noted[at + 1], '^%d+'))
    if time == nil or now - time > REPLICA_GONE_SECONDS then redis.call('HDEL', KEYS[1], noted[at]) end
  end
  if ARGV[2] == '' then
    redis.call('HDEL', KEYS[1], ARGV[1])
  else
    redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. ARGV[2])
  end
end
