/** One process of a role, as it describes itself every few seconds. */
import { z } from "zod";

/** The roles that are connected to the queues. */
export const QUEUE_ROLES = ["scheduler", "fetcher", "processor", "result-worker", "webui"] as const;
export type QueueRole = (typeof QUEUE_ROLES)[number];

/** A process that was silent for this long is not listed. */
export const REPLICA_GONE_MS = 20_000;
/** Three tries fit in that time. */
export const REPLICA_ANNOUNCE_MS = 5_000;
/** Of the facts as JSON; larger ones are not listed. */
export const MAX_REPLICA_BYTES = 512;
/** Of one role; if there are more, the role is not listed. */
export const MAX_REPLICAS = 1_000;

const count = z.int().nonnegative();
export const replicaFacts = z.object({
  host: z.string().max(255).describe("the machine that it runs on"),
  version: z
    .string()
    .max(64)
    .describe("id of the files of its image, or of the checkout; missing: a version that did not report it")
    .optional(),
  startedAt: z.number().nonnegative().describe("unix seconds"),
  memoryBytes: count.describe("of its container, without what the kernel can drop; otherwise of the process"),
  memoryLimitBytes: count.describe("of its container").optional(),
  held: count.describe("messages of queues that it works on"),
});
export type ReplicaFacts = z.infer<typeof replicaFacts>;

export interface Replica extends ReplicaFacts {
  /** `all`: the one process of `./orb start`. */
  role: QueueRole | "all";
  /** Of this process; another one gets another. */
  id: string;
}
