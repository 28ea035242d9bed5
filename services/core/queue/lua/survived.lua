-- survived: takes back one delivery of a message, because the process that lost its lease still runs and has not crashed. Does nothing if the
-- message is gone or not held.
--
-- Arguments: the stream, its group, the id of the message.
-- Returns:   nothing.
-- Roles:     none; called by `settle`.
local function survived(stream, group, id)
  local pending = redis.pcall('XPENDING', stream, group, id, id, 1)
  if #pending == 0 or pending[1][4] < 2 then return end
  local _, holder, idle, deliveries = unpack(pending[1])
  redis.call('XCLAIM', stream, group, holder, 0, id, 'IDLE', idle, 'RETRYCOUNT', deliveries - 1, 'JUSTID')
end
