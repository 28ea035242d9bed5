-- holds: whether a consumer holds a message. A missing stream or group means no.
--
-- Arguments: the stream, its group, the consumer, the id of the message.
-- Returns:   true or false.
-- Roles:     none; called by `settle` and `renew`.
local function holds(stream, group, consumer, id)
  return #redis.pcall('XPENDING', stream, group, id, id, 1, consumer) == 1
end
