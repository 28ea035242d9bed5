import { z } from "zod";
import { addressRanges, databaseUrl, leaseSeconds, listenHost, listenPort, redisUrl, secret } from "../core/runtime/env.ts";

/** The settings of the web UI itself. */
export interface WebuiSettings {
  host: string;
  /** 0 selects a free port. */
  port: number;
  /** Grants full access: `Authorization: Bearer …`, and the login page. */
  adminToken: string;
  /** The maximum rate of a project in tasks per second. */
  maxRate: number;
  /** The maximum burst of a project in tasks. */
  maxBurst: number;
  /** Address ranges of balancers, whose headers about the client are trusted. */
  trustedProxies?: string[];
  /** The setting for another port, for the message when this one is taken. */
  portSetting?: string;
}

/** Far above what any host can crawl, and far below the limits of a bucket's arithmetic. */
export const DEFAULT_MAX_RATE = 100_000;
export const DEFAULT_MAX_BURST = 100_000;

const positiveNumber = (fallback: number) => {
  const remedy = "write a number above 0, such as 0.2 or 3";
  return z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/, remedy)
    .transform(Number)
    .refine((value) => value > 0, remedy)
    .default(fallback);
};

/** It is sent in a header, and through the login's form. */
const TOKEN_REMEDY = "write a secret of at least 16 characters: letters, digits and signs, without spaces";

/** The web UI's environment. */
export const webuiEnv = z
  .object({
    ORB_HOST: listenHost(),
    ORB_PORT: listenPort(5000),
    ORB_REDIS_URL: redisUrl(),
    ORB_DATABASE_URL: databaseUrl(),
    ORB_LEASE_SECONDS: leaseSeconds(),
    ORB_ADMIN_TOKEN: secret(z.string(TOKEN_REMEDY).regex(/^[\x21-\x7e]{16,1000}$/, TOKEN_REMEDY)),
    ORB_MAX_RATE: positiveNumber(DEFAULT_MAX_RATE),
    ORB_MAX_BURST: positiveNumber(DEFAULT_MAX_BURST),
    ORB_TRUSTED_PROXIES: addressRanges(),
  })
  .transform((env) => ({
    host: env.ORB_HOST,
    port: env.ORB_PORT,
    redisUrl: env.ORB_REDIS_URL,
    databaseUrl: env.ORB_DATABASE_URL,
    leaseMs: env.ORB_LEASE_SECONDS * 1_000,
    adminToken: env.ORB_ADMIN_TOKEN,
    maxRate: env.ORB_MAX_RATE,
    maxBurst: env.ORB_MAX_BURST,
    trustedProxies: env.ORB_TRUSTED_PROXIES,
  }));
