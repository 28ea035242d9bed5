import type { Role } from "../roles.ts";
import type { BACKING_SERVICES, IMAGES } from "./schema.ts";

export type Container = Role | (typeof BACKING_SERVICES)[number];

/**
 * The most that a container may take, in MiB. The groups have what pyspider's public demo gave them on hosts of 2 GiB
 * (binux/pyspider docs/Deployment-demo.pyspider.org.md); test/integration/memory-limits.test.ts holds them to it.
 */
export const DEFAULT_LIMITS_MIB: Record<Container, number> = {
  renderer: 512,
  fetcher: 128,
  processor: 256,
  "result-worker": 256,
  webui: 256,
  scheduler: 384,
  postgres: 768,
  redis: 640,
  registry: 128,
  balancer: 64,
  edge: 64,
};

/**
 * Kept free for a replica when it is placed, in MiB. A role at rest holds 77 of its own and of what it shares; that and a quarter. A renderer
 * seldom is without Chromium, a processor seldom without one script.
 */
export const RESERVATIONS_MIB: Record<Role, number> = {
  renderer: 160,
  fetcher: 96,
  processor: 160,
  "result-worker": 96,
  webui: 96,
  scheduler: 96,
};

export const DEFAULT_IMAGES: Record<(typeof IMAGES)[number], string> = {
  debian: "debian:trixie-slim",
  postgres: "postgres:17",
  redis: "redis:7.4",
  registry: "registry:2.8.3",
  haproxy: "haproxy:2.6",
  nginx: "nginx:1.28",
};
