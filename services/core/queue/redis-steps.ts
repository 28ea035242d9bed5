/** What the script `settle` takes: leases to end and what came of them, in batches that do not hold up the server. */
import type { Put, QueueName } from "../queue.ts";
import type { RedisArgument } from "./redis-connection.ts";
import { encodeMessage } from "./redis-encoding.ts";
import { settleIndex } from "./redis-keys.ts";

export interface EncodedPut {
  target: QueueName | "unreadable";
  /** How often the message was delivered before. */
  deliveries: number;
  text: string;
  bytes?: Buffer;
}

/** The lease of message `id` in `queue` ends; without a queue, `id` is "" and the puts are added in any case. */
export interface Step {
  queue?: QueueName;
  id: string;
  puts: EncodedPut[];
}

/** A batch of small messages takes Redis about a millisecond. */
const BATCH_STEPS = 100;
/** Redis holds the batch twice while it runs. */
const BATCH_BYTES = 4 * 2 ** 20;

export const encodePut = (put: Put): EncodedPut => ({ target: put.queue, deliveries: 0, ...encodeMessage(put) });

/** The script's arguments, a batch each; a step is never divided. */
export function batchSteps(steps: Step[]): RedisArgument[][] {
  const batches: RedisArgument[][] = [];
  let batchSteps = 0;
  let batchBytes = 0;
  for (const step of steps) {
    const bytes = step.puts.reduce((sum, put) => sum + put.text.length + (put.bytes?.length ?? 0), 0);
    if (batches.length === 0 || batchSteps >= BATCH_STEPS || batchBytes + bytes > BATCH_BYTES) {
      batches.push([]);
      batchSteps = 0;
      batchBytes = 0;
    }
    // Not spread: a step may have more puts than a call may have arguments.
    for (const argument of stepArguments(step)) batches.at(-1)?.push(argument);
    batchSteps += 1;
    batchBytes += bytes;
  }
  return batches;
}

function stepArguments({ queue, id, puts }: Step): RedisArgument[] {
  const putArguments = puts.flatMap(({ target, deliveries, text, bytes }) => [settleIndex(target), deliveries, text, bytes ?? ""]);
  return [queue ? settleIndex(queue) : 0, id, puts.length, ...putArguments];
}
