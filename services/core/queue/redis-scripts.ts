/** The steps that Redis takes as one. Each knows which messages its caller still holds, so a process that slept through its leases changes nothing. */

import { QUEUE_NAMES } from "../queue.ts";

/** The consumer group of every queue. */
export const GROUP = "orb";

/** At most so many unreadable messages are kept to look at. */
const UNREADABLE_KEPT = 100;

/** From this place on, what comes of a message is smaller: its results are stored, and then it has ended. */
const SHRINKING_FROM = QUEUE_NAMES.indexOf("processor2result") + 1;

/**
 * A larger message lies beside its queue, and is fetched when there is room for it: whoever reads many messages at once must not get hundreds of MiB
 * with them. All that one read brings is 16 MiB at most, for nobody reads more than 512.
 */
export const LARGE_BYTES = 32 * 1024;

/** What SETTLE returns if the marker is not the expected one. */
export const WRONG_MARKER = -1;

/** Lua: whether `consumer` holds message `id` of `stream`. A stream or group that is gone means no. */
const HOLDS = `
local function holds(stream, group, consumer, id)
  return #redis.pcall('XPENDING', stream, group, id, id, 1, consumer) == 1
end`;

/** Lua: whoever held message `id` and lost it lives, so that delivery was no death. Does nothing if the message is gone, or nobody holds it. */
const SURVIVED = `
local function survived(stream, group, id)
  local pending = redis.pcall('XPENDING', stream, group, id, id, 1)
  if #pending == 0 or pending[1][4] < 2 then return end
  local _, holder, idle, deliveries = unpack(pending[1])
  redis.call('XCLAIM', stream, group, holder, 0, id, 'IDLE', idle, 'RETRYCOUNT', deliveries - 1, 'JUSTID')
end`;

/**
 * Ends leases and adds what came of them.
 *
 * KEYS: the streams, as many streams for what is large in them, then the stream for unreadable messages, then the marker.
 * ARGV: group, consumer, marker expected or '' for any, marker to write or '', then for each step: index of the stream, message id or '' if there is no lease to end,
 * number of puts, and for each put: index of the stream, deliveries so far, text, bytes or ''.
 * Returns how many leases were no longer held; nothing was added for those. WRONG_MARKER if nothing was done at all.
 */
export const SETTLE = `${HOLDS}${SURVIVED}
local group, consumer, expected, marker = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local unreadableKey, markerKey = KEYS[#KEYS - 1], KEYS[#KEYS]

if marker ~= '' then
  local stored = redis.call('GET', markerKey)
  -- It is there already if this is the same call again, after its answer was lost.
  if expected ~= '' and stored ~= expected and stored ~= marker then return ${WRONG_MARKER} end
  -- A full server takes no new orders; but a scheduler that only begins must come through, for it is who makes room. Deleting is never refused, and what
  -- a script writes after it neither; there is no such message.
  if tonumber(ARGV[7]) == 0 then redis.call('XDEL', KEYS[1], '0-1') end
  redis.call('SET', markerKey, marker)
end

local queues = (#KEYS - 2) / 2

local function add(at)
  local place, deliveries, text, bytes = tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local key, isLarge = KEYS[place], place <= queues and #text + #bytes > ${LARGE_BYTES}
  local content = {'m', text}
  if bytes ~= '' then content[3] = 'b' content[4] = bytes end
  local command = {'XADD', key, '*'}
  if key == unreadableKey then command = {'XADD', key, 'MAXLEN', '${UNREADABLE_KEPT}', '*'} end
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

-- A full server refuses to add before a script has written anything, and then nobody could hand on, or end, what fills it. Renewing a lease writes
-- and needs no room. What comes of an order or a page may be larger, so that has to wait until all that is further on its way has left.
local hasWritten = false
local function beginWriting(place, id)
  if hasWritten then return end
  for further = place + 1, place < ${SHRINKING_FROM} and ${QUEUE_NAMES.length} or 0 do
    if redis.call('XLEN', KEYS[further]) > 0 then return end
  end
  redis.call('XCLAIM', KEYS[place], group, consumer, 0, id, 'JUSTID')
  hasWritten = true
end

local at, last, lost = 5, #ARGV, 0
while at <= last do
  local place, id, puts = tonumber(ARGV[at]), ARGV[at + 1], tonumber(ARGV[at + 2])
  local stream = KEYS[place]
  at = at + 3
  local held = id == '' or holds(stream, group, consumer, id)
  if held and id ~= '' then beginWriting(place, id) end
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
  end
end
return lost`;

/** A message whose workers died so often is a suspect. */
const SUSPECT_DELIVERIES = 2;

/**
 * How suspects are handed out: one `alone`, so that what it kills held nothing else; `none` of them, while anything else is held; or like all others.
 */
export type SuspectRule = "alone" | "none" | "any";

/**
 * Takes over messages whose consumer has not renewed them. What this very consumer renewed too late counts as no new delivery.
 *
 * KEYS: the stream. ARGV: group, consumer, idle milliseconds, where to go on, how many, SuspectRule.
 * Returns where to go on ('0-0': from the start), 1 if a suspect was taken, 1 if there may be more of them, and [id, fields, deliveries] of each message.
 */
export const RECLAIM = `
local stream, group, consumer, idle, from, most, rule = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
local idlers = redis.call('XPENDING', stream, group, 'IDLE', idle, from, '+', most)
local messages = {}

local function take(id, holder, deliveries)
  if holder ~= consumer then deliveries = deliveries + 1 end
  -- Nothing comes back for a message that is gone from the stream.
  local entry = redis.call('XCLAIM', stream, group, consumer, idle, id, 'RETRYCOUNT', deliveries)[1]
  if entry then messages[#messages + 1] = {entry[1], entry[2], deliveries} end
end

local suspect
for _, idler in ipairs(idlers) do
  if not suspect and idler[4] >= ${SUSPECT_DELIVERIES} and rule ~= 'any' then suspect = idler end
end
if suspect and rule == 'alone' then
  take(suspect[1], suspect[2], suspect[4])
  return {'0-0', 1, 1, messages}
end
for _, idler in ipairs(idlers) do
  if idler[4] < ${SUSPECT_DELIVERIES} or rule == 'any' then take(idler[1], idler[2], idler[4]) end
end
if suspect then return {'0-0', 0, 1, messages} end
return {#idlers == most and '(' .. idlers[most][1] or '0-0', 0, 0, messages}`;

/**
 * Renews leases without counting a delivery.
 *
 * KEYS: the stream. ARGV: group, consumer, message ids. Returns the ids that another consumer holds or that are gone.
 */
export const RENEW = `${HOLDS}
local lost = {}
for at = 3, #ARGV do
  if holds(KEYS[1], ARGV[1], ARGV[2], ARGV[at]) then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[at], 'JUSTID')
  else
    lost[#lost + 1] = ARGV[at]
  end
end
return lost`;

/**
 * Forgets consumers that hold nothing and were not heard of for a while. One step, because deleting a consumer that took a
 * message in between would lose the message.
 *
 * KEYS: the stream. ARGV: group, idle milliseconds. Returns how many there were.
 */
export const FORGET_CONSUMERS = `
local forgotten = 0
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for at = 1, #fields, 2 do consumer[fields[at]] = fields[at + 1] end
  if consumer.pending == 0 and consumer.idle > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
    forgotten = forgotten + 1
  end
end
return forgotten`;
