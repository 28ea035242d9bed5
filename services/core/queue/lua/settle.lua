-- settle: ends leases and adds the resulting messages, all in one step. It is registered as `settle`, which fails with OOM on a full server, and as
-- `settleFull` with `isFull`: then it adds only what frees memory later, or fails with OOM without any change.
--
-- KEYS:    the streams, as many streams for their large messages, the stream for unreadable messages, the queue version (SETTLE_KEYS).
-- ARGV:    1 the group
--          2 the consumer
--          3 the expected queue version; '' for any
--          4 the queue version to write; '' for none
--          then for each step: the index of its stream, its message id ('' if there is no lease to end), the number of puts,
--          and for each put: the index of its stream, deliveries so far, text, bytes ('' for none).
-- Returns: how many leases were no longer held, for which nothing was added; WRONG_VERSION if nothing was done at all.
-- Roles:   scheduler, fetcher, processor, result-worker, webui.
local function settle(KEYS, ARGV, isFull)
  local group, consumer, expected, queueVersion = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
  local unreadableKey, versionKey = KEYS[#KEYS - 1], KEYS[#KEYS]

  if queueVersion ~= '' then
    local stored = redis.call('GET', versionKey)
    -- It is there already if this call is a repetition after its answer was lost.
    if expected ~= '' and stored ~= expected and stored ~= queueVersion then return WRONG_VERSION end
    -- A full server accepts no new orders. But a starting scheduler must get through, because it frees memory.
    if isFull and tonumber(ARGV[7]) > 0 then error({err = FULL}) end
    redis.call('SET', versionKey, queueVersion)
  end

  local queues = (#KEYS - 2) / 2
  local hasWritten = false

  local function add(at)
    if isFull and not hasWritten then error({err = FULL}) end
    local place, deliveries, text, bytes = tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    local key, isLarge = KEYS[place], place <= queues and #text + #bytes > LARGE_BYTES
    local content = {'m', text}
    if bytes ~= '' then content[3] = 'b' content[4] = bytes end
    local command = {'XADD', key, '*'}
    if key == unreadableKey then command = {'XADD', key, 'MAXLEN', UNREADABLE_KEPT, '*'} end
    if deliveries ~= '0' then command[#command + 1] = 'd' command[#command + 1] = deliveries end
    for _, word in ipairs(isLarge and {'l', #text + #bytes} or content) do command[#command + 1] = word end
    local id = redis.call(unpack(command))
    if isLarge then redis.call('XADD', KEYS[queues + place], id, unpack(content)) end
  end

  local hasLarge = {}
  local function remove(place, id)
    if hasLarge[place] == nil then hasLarge[place] = redis.call('XLEN', KEYS[queues + place]) > 0 end
    redis.call('XDEL', KEYS[place], id)
    if hasLarge[place] then redis.call('XDEL', KEYS[queues + place], id) end
  end

  -- If a full server refused everything, no role could finish the work that fills it. The message that results from an order or a page may be
  -- larger, so it waits until all messages of later stages have left.
  local function beginWriting(place)
    if hasWritten then return end
    for further = place + 1, place < SHRINKING_FROM and queues or 0 do
      if redis.call('XLEN', KEYS[further]) > 0 then return end
    end
    hasWritten = true
  end

  local at, last, lost = 5, #ARGV, 0
  while at <= last do
    local place, id, puts = tonumber(ARGV[at]), ARGV[at + 1], tonumber(ARGV[at + 2])
    local stream = KEYS[place]
    at = at + 3
    local held = id == '' or holds(stream, group, consumer, id)
    if isFull and held and id ~= '' then beginWriting(place) end
    for _ = 1, puts do
      if held then add(at) end
      at = at + 4
    end
    if not held then
      lost = lost + 1
      survived(stream, group, id)
    elseif id ~= '' then
      redis.call('XACK', stream, group, id)
      remove(place, id)
      hasWritten = true
    end
  end
  return lost
end
