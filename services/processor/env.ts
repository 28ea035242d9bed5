import { availableParallelism } from "node:os";
import { z } from "zod";
import { MIB } from "../core/protocol/byte-units.ts";
import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import { leaseSeconds, listenHost, listenPort, redisUrl, wholeNumber } from "../core/runtime/env.ts";

/** How scripts are run. */
export interface ProcessorSettings {
  /** Maximum number of sandbox processes. */
  scriptProcesses: number;
  /** Resident memory of one of them. */
  scriptMemoryBytes: number;
  /** For one callback, unless the task sets another limit. */
  processLimitMs: number;
}

/**
 * One process per core, and at least two: with one, a script that hangs would block all others.
 * 256 MiB: a child takes 70 by itself, and a page of 16 MiB with its text and nodes about 150.
 */
export const processorDefaults: ProcessorSettings = {
  scriptProcesses: Math.max(2, availableParallelism()),
  scriptMemoryBytes: 256 * MIB,
  processLimitMs: TIME_LIMITS.processMs,
};

/** Environment of a processor process. */
export const processorEnv = z
  .object({
    ORB_REDIS_URL: redisUrl(),
    ORB_HOST: listenHost(),
    ORB_PORT: listenPort(24_445),
    ORB_LEASE_SECONDS: leaseSeconds(),
    ORB_SCRIPT_PROCESSES: wholeNumber({ min: 1, max: 256, fallback: processorDefaults.scriptProcesses }),
    ORB_SCRIPT_MEMORY_MIB: wholeNumber({ min: 160, max: 65_536, fallback: processorDefaults.scriptMemoryBytes / MIB }),
    ORB_SCRIPT_SECONDS: wholeNumber({ min: 1, max: 600, fallback: processorDefaults.processLimitMs / 1_000 }),
  })
  .transform((env) => ({
    redisUrl: env.ORB_REDIS_URL,
    host: env.ORB_HOST,
    port: env.ORB_PORT,
    leaseMs: env.ORB_LEASE_SECONDS * 1_000,
    processor: {
      scriptProcesses: env.ORB_SCRIPT_PROCESSES,
      scriptMemoryBytes: env.ORB_SCRIPT_MEMORY_MIB * MIB,
      processLimitMs: env.ORB_SCRIPT_SECONDS * 1_000,
    } satisfies ProcessorSettings,
  }));
