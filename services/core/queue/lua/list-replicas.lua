-- listReplicas: the processes of all roles that are alive. What is too large or too many to be true is omitted: a role writes its own part.
--
-- KEYS:    the hashes of the roles' processes, as `announce` writes them.
-- ARGV:    none.
-- Returns: per process the number of its key, its id and its facts as JSON.
-- Roles:   webui.
local function listReplicas(KEYS, ARGV)
  local now = tonumber(redis.call('TIME')[1])
  local found = {}
  for number, key in ipairs(KEYS) do
    local noted = redis.call('HLEN', key) <= MAX_REPLICAS and redis.call('HGETALL', key) or {}
    for at = 1, #noted, 2 do
      local time, facts = string.match(noted[at + 1], '^(%d+) (.+)$')
      local isSmall = #noted[at] <= MAX_REPLICA_BYTES and #noted[at + 1] <= MAX_REPLICA_BYTES
      if isSmall and time and now - tonumber(time) <= REPLICA_GONE_SECONDS then
        found[#found + 1] = number
        found[#found + 1] = noted[at]
        found[#found + 1] = facts
      end
    end
  end
  return found
end
