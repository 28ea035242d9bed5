-- renew: renews leases without counting a delivery.
--
-- KEYS:    1 the stream.
-- ARGV:    1 the group
--          2 the consumer
--          then the ids of the messages.
-- Returns: the ids that another consumer holds or that are gone.
-- Roles:   scheduler, fetcher, processor, result-worker.
local function renew(KEYS, ARGV)
  local lost = {}
  for at = 3, #ARGV do
    if holds(KEYS[1], ARGV[1], ARGV[2], ARGV[at]) then
      redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[at], 'JUSTID')
    else
      lost[#lost + 1] = ARGV[at]
    end
  end
  return lost
end
