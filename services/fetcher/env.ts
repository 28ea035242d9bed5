import { z } from "zod";
import { MIB } from "../core/protocol/byte-units.ts";
import { addressRanges, leaseSeconds, listenHost, listenPort, redisUrl, wholeNumber } from "../core/runtime/env.ts";
import { type FetcherSettings, fetcherDefaults } from "./settings.ts";

const RENDERER_URL = "write the renderer's origin, such as http://127.0.0.1:25555";

/** Environment of a fetcher process. */
export const fetcherEnv = z
  .object({
    ORB_REDIS_URL: redisUrl(),
    ORB_HOST: listenHost(),
    ORB_PORT: listenPort(24_444),
    ORB_LEASE_SECONDS: leaseSeconds(),
    ORB_CONCURRENCY: wholeNumber({ min: 1, max: 10_000, fallback: fetcherDefaults.concurrency }),
    ORB_MAX_BODY_MIB: wholeNumber({ min: 1, max: 1_024, fallback: fetcherDefaults.maxBodyBytes / MIB }),
    ORB_BODY_BUDGET_MIB: wholeNumber({ min: 1, max: 65_536, fallback: fetcherDefaults.bodyBudgetBytes / MIB }),
    ORB_USER_AGENT: z
      .string()
      .regex(/^[ -~]+$/, "write printable ASCII characters")
      .default(fetcherDefaults.userAgent),
    ORB_ALLOW_ADDRESSES: addressRanges(),
    ORB_RENDERER_URL: z.url({ protocol: /^https?$/, error: RENDERER_URL }).optional(),
  })
  .transform((env) => ({
    redisUrl: env.ORB_REDIS_URL,
    host: env.ORB_HOST,
    port: env.ORB_PORT,
    leaseMs: env.ORB_LEASE_SECONDS * 1_000,
    fetcher: {
      concurrency: env.ORB_CONCURRENCY,
      maxBodyBytes: env.ORB_MAX_BODY_MIB * MIB,
      bodyBudgetBytes: env.ORB_BODY_BUDGET_MIB * MIB,
      userAgent: env.ORB_USER_AGENT,
      allowAddresses: env.ORB_ALLOW_ADDRESSES,
      rendererUrl: env.ORB_RENDERER_URL,
    } satisfies FetcherSettings,
  }));
