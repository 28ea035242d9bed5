-- reclaim: claims messages whose consumer has not renewed them. A message that the same consumer renewed too late counts as no new delivery.
--
-- KEYS:    1 the stream.
-- ARGV:    1 the group
--          2 the consumer
--          3 milliseconds without a renewal
--          4 where to continue
--          5 how many messages at most
--          6 the rule for redelivered messages: 'alone', 'none' or 'any'.
-- Returns: where to continue ('0-0': from the start), 1 if a redelivered message was taken, 1 if there may be more of them, and
--          [id, fields, deliveries] of each message.
-- Roles:   scheduler, fetcher, processor, result-worker.
local function reclaim(KEYS, ARGV)
  local stream, group, consumer, idle, from, most, rule = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
  local idlers = redis.call('XPENDING', stream, group, 'IDLE', idle, from, '+', most)
  local messages = {}

  local function take(id, holder, deliveries)
    if holder ~= consumer then deliveries = deliveries + 1 end
    -- Redis returns nothing for a message that is gone from the stream.
    local entry = redis.call('XCLAIM', stream, group, consumer, idle, id, 'RETRYCOUNT', deliveries)[1]
    if entry then messages[#messages + 1] = {entry[1], entry[2], deliveries} end
  end

  local redelivered
  for _, idler in ipairs(idlers) do
    if not redelivered and idler[4] >= MIN_REDELIVERIES and rule ~= 'any' then redelivered = idler end
  end
  if redelivered and rule == 'alone' then
    take(redelivered[1], redelivered[2], redelivered[4])
    return {'0-0', 1, 1, messages}
  end
  for _, idler in ipairs(idlers) do
    if idler[4] < MIN_REDELIVERIES or rule == 'any' then take(idler[1], idler[2], idler[4]) end
  end
  if redelivered then return {'0-0', 0, 1, messages} end
  return {#idlers == most and '(' .. idlers[most][1] or '0-0', 0, 0, messages}
end
