/** The arguments of the script `settle`: leases to end with the resulting messages, in batches that do not block the server for long. */
import type { Put, QueueName } from "./queue.ts";
import type { RedisArgument } from "./redis-connection.ts";
import { encodeMessage } from "./redis-encoding.ts";
import { settleIndex } from "./redis-keys.ts";

export interface EncodedPut {
  target: QueueName | "unreadable";
  /** Number of earlier deliveries. */
  deliveries: number;
  text: string;
  bytes?: Buffer;
}

/** Ends the lease of message `id` in `queue`; without a queue, `id` is "" and the puts are added in any case. */
export interface Step {
  queue?: QueueName;
  id: string;
  puts: EncodedPut[];
}

/** Redis needs about a millisecond for a batch of small messages. */
const BATCH_STEPS = 100;
/** Redis holds the batch twice while it runs. */
const BATCH_BYTES = 4 * 2 ** 20;

export const encodePut = (put: Put): EncodedPut => ({ target: put.queue, deliveries: 0, ...encodeMessage(put) });

/** The script's arguments, one batch each; a step is never divided. */
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
