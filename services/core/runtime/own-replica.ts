import { hostname } from "node:os";
import type { ReplicaFacts } from "../protocol/replica.ts";
import { memoryUse } from "./memory-use.ts";
import { ownVersion } from "./own-version.ts";

const version = ownVersion();

/** This process as it is now. A container does not know its machine's name, so the fleet gives it as `ORB_NODE`. */
export const ownReplica = (held: number): ReplicaFacts => ({
  host: process.env.ORB_NODE || hostname(),
  version,
  startedAt: Math.round(Date.now() / 1_000 - process.uptime()),
  ...memoryUse(),
  held,
});
